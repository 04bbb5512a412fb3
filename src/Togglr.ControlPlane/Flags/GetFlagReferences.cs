using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Segments;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>What uses a flag.</summary>
/// <param name="Flags">Flags that have it as a prerequisite, with the environments in which they do.</param>
public sealed record FlagReferencesView(IReadOnlyList<FlagUseView> Flags);

internal static class GetFlagReferences
{
    public static async Task<Results<Ok<FlagReferencesView>, Problem>> HandleAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (!await db.Flags.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel))
            return FlagStore.NotThere(flag);
        var uses = await db.FlagEnvironments.AsNoTracking()
            .Where(state => state.ProjectId == current.Project.Id && state.FlagRefs.Contains(flag) && state.Flag!.ArchivedAt == null)
            .Select(state => new { state.Flag!.Key, state.EnvironmentKey }).ToListAsync(cancel);
        return TypedResults.Ok(new FlagReferencesView(FlagUses.Of(uses.Select(use => (use.Key, use.EnvironmentKey)))));
    }
}

/// <summary>Uses gathered by flag.</summary>
internal static class FlagUses
{
    public static IReadOnlyList<FlagUseView> Of(IEnumerable<(string Flag, string Environment)> uses) =>
    [
        .. uses.GroupBy(use => use.Flag, use => use.Environment, StringComparer.Ordinal).OrderBy(use => use.Key, StringComparer.Ordinal)
            .Select(use => new FlagUseView(use.Key, [.. use.Order(StringComparer.Ordinal)])),
    ];
}
