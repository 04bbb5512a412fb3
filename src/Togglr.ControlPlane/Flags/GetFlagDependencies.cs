using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>The prerequisites of a flag in an environment, theirs, and so on; and the flags that need it, those that need them, and so on.</summary>
/// <param name="Flags">The flag itself and all flags that are connected with it, by key.</param>
/// <param name="Edges">Which needs which.</param>
/// <param name="Truncated">Whether there are more than fit into one answer.</param>
public sealed record FlagDependenciesView(IReadOnlyList<DependentFlagView> Flags, IReadOnlyList<DependencyView> Edges, bool Truncated);

/// <summary>A flag among dependencies.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">For people.</param>
/// <param name="Enabled">Whether it is switched on in the environment and not killed.</param>
/// <param name="Archived">Whether it is archived, so that it serves nothing.</param>
public sealed record DependentFlagView(string Key, string Name, bool Enabled, bool Archived);

/// <summary>One flag needs another.</summary>
/// <param name="Flag">The one that needs.</param>
/// <param name="Needs">The one that is needed.</param>
/// <param name="Variants">What it must serve: one of these.</param>
public sealed record DependencyView(string Flag, string Needs, IReadOnlyList<string> Variants);

internal static class GetFlagDependencies
{
    /// <summary>As many as a drawing can show.</summary>
    private const int MaximumFlags = 60;

    public static async Task<Results<Ok<FlagDependenciesView>, Problem>> HandleAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (!await db.Flags.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == flag, cancel))
            return FlagStore.NotThere(flag);
        var found = new Dictionary<string, DependentFlagView>(StringComparer.Ordinal);
        var edges = new Dictionary<(string, string), DependencyView>();
        var truncated = await FollowAsync(db, current, flag, up: true, found, edges, cancel);
        truncated |= await FollowAsync(db, current, flag, up: false, found, edges, cancel);
        return TypedResults.Ok(new FlagDependenciesView(
            [.. found.Values.OrderBy(item => item.Key, StringComparer.Ordinal)],
            [.. edges.Values.Where(edge => found.ContainsKey(edge.Flag) && found.ContainsKey(edge.Needs))
                .OrderBy(edge => edge.Flag, StringComparer.Ordinal).ThenBy(edge => edge.Needs, StringComparer.Ordinal)],
            truncated));
    }

    /// <summary>One query a level; a circle, which nothing lets be saved, would end with the first flag that is known already.</summary>
    private static async Task<bool> FollowAsync(
        TogglrDbContext db, Current current, string flag, bool up, Dictionary<string, DependentFlagView> found, Dictionary<(string, string), DependencyView> edges, CancellationToken cancel)
    {
        var states = db.FlagEnvironments.AsNoTracking().Where(state => state.EnvironmentId == current.Environment.Id && state.ProjectId == current.Project.Id);
        var seen = new HashSet<string>(StringComparer.Ordinal) { flag };
        string[] wanted = [flag];
        var start = true;
        while (wanted.Length > 0)
        {
            var level = up || start ? states.Where(state => wanted.Contains(state.Flag!.Key)) : states.Where(state => state.FlagRefs.Any(key => wanted.Contains(key)) && state.Flag!.ArchivedAt == null);
            var rows = await level.OrderBy(state => state.Flag!.Key).Take(MaximumFlags + 1)
                .Select(state => new { state.Flag!.Key, state.Flag.Name, state.Enabled, state.Killed, state.Flag.ArchivedAt, state.FlagRefs, state.Prerequisites }).ToListAsync(cancel);
            foreach (var row in rows)
            {
                if (!found.ContainsKey(row.Key) && found.Count == MaximumFlags)
                    return true;
                found[row.Key] = new DependentFlagView(row.Key, row.Name, row.Enabled && !row.Killed, row.ArchivedAt is not null);
                foreach (var item in row.Prerequisites.EnumerateArray())
                {
                    var needs = item.GetProperty("flag").GetString() ?? "";
                    edges[(row.Key, needs)] = new DependencyView(row.Key, needs, [.. item.GetProperty("variants").EnumerateArray().Select(variant => variant.GetString() ?? "")]);
                }
            }
            wanted = up ? [.. rows.SelectMany(row => row.FlagRefs).Where(seen.Add)]
                : start ? [flag] : [.. rows.Select(row => row.Key).Where(seen.Add)];
            start = false;
        }
        return false;
    }
}
