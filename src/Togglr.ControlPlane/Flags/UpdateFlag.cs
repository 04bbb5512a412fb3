using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class UpdateFlag
{
    public static async Task<Results<Versioned<FlagView>, Problem>> HandleAsync(
        string flag, UpdateFlagRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var before = row.Details;
        var details = before with
        {
            Name = request.Name.Or(before.Name),
            Description = request.Description.Or(before.Description),
            Kind = request.Kind.Or(before.Kind),
            Variants = request.Variants.IsSet ? FlagDetailsCheck.ToVariants(request.Variants.Value) : before.Variants,
            DefaultVariant = request.DefaultVariant.Or(before.DefaultVariant!),
            OffVariant = request.OffVariant.Or(before.OffVariant),
            JsonSchema = request.JsonSchema.Or(before.JsonSchema) is { ValueKind: not JsonValueKind.Null } schema ? schema : null,
            OwnerId = request.Owner.Or(before.OwnerId),
            MaintainerIds = request.Maintainers.Or(before.MaintainerIds),
            Category = request.Category.Or(before.Category),
            Tags = request.Tags.Or(before.Tags),
            ClientVisible = request.ClientVisible.Or(before.ClientVisible),
            ExpectedLifetimeDays = request.ExpectedLifetimeDays.Or(before.ExpectedLifetimeDays),
        };
        if (await FlagDetailsCheck.RunAsync(db, row.ProjectId, details, cancel) is { } invalid)
            return invalid;
        if (await FindNeededVariantsAsync(db, row, details, cancel) is { } inUse)
            return inUse;
        var changed = row.Change(details);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync("flag.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<FlagView>(await FlagStore.ViewAsync(db, row, cancel), row.Version);
    }

    /// <summary>Variants that go may still be what other flags wait for.</summary>
    internal static async Task<Problem?> FindNeededVariantsAsync(TogglrDbContext db, Flag flag, FlagDetails details, CancellationToken cancel)
    {
        var gone = flag.Variants.Select(variant => variant.Key).Except(details.Variants.Select(variant => variant.Key), StringComparer.Ordinal).ToHashSet(StringComparer.Ordinal);
        if (gone.Count == 0)
            return null;
        var states = await db.FlagEnvironments.AsNoTracking().Where(state => state.ProjectId == flag.ProjectId && state.FlagRefs.Contains(flag.Key) && state.Flag!.ArchivedAt == null)
            .Select(state => new { state.Flag!.Key, state.EnvironmentKey, state.Prerequisites }).ToListAsync(cancel);
        var uses = states.Where(state => state.Prerequisites.EnumerateArray().Any(item =>
            item.GetProperty("flag").GetString() == flag.Key && item.GetProperty("variants").EnumerateArray().Any(variant => gone.Contains(variant.GetString() ?? ""))));
        ProblemUse[] users = [.. FlagUses.Of(uses.Select(use => (use.Key, use.EnvironmentKey))).Select(use => new ProblemUse("flag", use.Key, use.Environments))];
        return users.Length == 0 ? null : Problem.InUse("Other flags wait for variants that would go.", users);
    }
}
