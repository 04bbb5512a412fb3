using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
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
        var changed = row.Change(details);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync("flag.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<FlagView>(await FlagStore.ViewAsync(db, row, cancel), row.Version);
    }
}
