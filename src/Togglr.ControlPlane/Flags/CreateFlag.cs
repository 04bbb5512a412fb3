using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

internal static class CreateFlag
{
    /// <summary>How long flags that are meant to go away should live, in days.</summary>
    private const int ShortLifetime = 40;

    public static async Task<Results<CreatedVersion<FlagView>, Problem>> HandleAsync(
        CreateFlagRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var environments = await db.Environments.Where(row => row.ProjectId == current.Project.Id).OrderBy(row => row.Position).ToListAsync(cancel);
        foreach (var key in request.Environments?.Keys ?? [])
        {
            if (!environments.Exists(environment => environment.Key == key))
                return Problem.Invalid(new ProblemItem("unknown_environment", $"/environments/{key}", $"There is no environment {key}."));
        }
        var kind = request.Kind ?? FlagKind.Release;
        var details = new FlagDetails
        {
            Name = request.Name ?? "",
            Description = request.Description ?? "",
            Kind = kind,
            Variants = FlagDetailsCheck.ToVariants(request.Variants ?? []),
            DefaultVariant = request.DefaultVariant,
            OffVariant = request.OffVariant,
            JsonSchema = request.JsonSchema,
            OwnerId = request.Owner ?? current.Caller.Id,
            MaintainerIds = request.Maintainers ?? [],
            Category = request.Category,
            Tags = request.Tags ?? [],
            ClientVisible = request.ClientVisible ?? false,
            ExpectedLifetimeDays = request.ExpectedLifetimeDays ?? (kind is FlagKind.Release or FlagKind.Experiment ? ShortLifetime : null),
        };
        if (await FlagDetailsCheck.RunAsync(db, current.Project.Id, details, cancel) is { } invalid)
            return invalid;
        var created = Flag.Create(current.Project, environments, request.Key, request.Type, details);
        if (!created.IsOk)
            return created.Error.ToProblem();
        var flag = created.Value;
        foreach (var (key, state) in request.Environments ?? new Dictionary<string, CreateFlagEnvironmentBody>())
        {
            if (flag.Environments.Single(row => row.EnvironmentKey == key).Switch(state.Enabled ?? false, current) is { } notSwitched)
                return notSwitched;
        }
        db.Flags.Add(flag);
        if (await current.SaveAsync("flag.created", flag.Key, flag.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<FlagView>(await FlagStore.ViewAsync(db, flag, cancel), flag.Version, flag.Key);
    }
}
