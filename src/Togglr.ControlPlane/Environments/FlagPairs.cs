using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>A flag's states in two environments, and what differs.</summary>
internal sealed record FlagPair(Flag Flag, FlagEnvironment From, FlagEnvironment To, IReadOnlyList<FlagAspect> Differences)
{
    /// <summary>Whether somebody has set the flag up in the target: it is not as a new flag is.</summary>
    public bool IsTouched { get; } =
        To.Enabled || To.OffVariant is not null || To.Prerequisites.GetArrayLength() + To.Targets.GetArrayLength() + To.Rules.GetArrayLength() > 0
        || !JsonElement.DeepEquals(To.Default, FlagConfiguration.Serving(Flag.DefaultVariant).Default);
}

/// <summary>Reads flags in two environments at once.</summary>
internal static class FlagPairs
{
    /// <summary>The other environment of a comparison: one of the project in which the caller may see flags.</summary>
    public static async Task<(ProjectEnvironment? Environment, Problem? Problem)> OtherAsync(
        string key, string path, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (key == current.Environment.Key)
            return (null, Problem.Invalid(new ProblemItem("same_environment", path, "Name two different environments.")));
        var other = await db.Environments.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel);
        return other is not null && current.May(Permissions.FlagView, current.Project.Id, other.Id)
            ? (other, null)
            : (null, Problem.Invalid(new ProblemItem("unknown_environment", path, $"There is no environment {key}.")));
    }

    /// <summary>All flags that are not archived, or the named ones, by key; tracked.</summary>
    public static async Task<List<FlagPair>> ReadAsync(
        TogglrDbContext db, ProjectEnvironment from, ProjectEnvironment to, IReadOnlyCollection<string>? keys, CancellationToken cancel)
    {
        var query = db.Flags.Where(flag => flag.ProjectId == to.ProjectId && flag.ArchivedAt == null);
        if (keys is not null)
        {
            var wanted = keys.ToArray();
            query = query.Where(flag => wanted.Contains(flag.Key));
        }
        var flags = await query.Include(flag => flag.Environments.Where(state => state.EnvironmentId == from.Id || state.EnvironmentId == to.Id))
            .OrderBy(flag => flag.Key).ToListAsync(cancel);
        return [.. flags.Select(flag => Pair(flag, flag.StateIn(from), flag.StateIn(to)))];
    }

    private static FlagPair Pair(Flag flag, FlagEnvironment from, FlagEnvironment to)
    {
        var differences = new List<FlagAspect>();
        void Note(FlagAspect aspect, bool differs)
        {
            if (differs)
                differences.Add(aspect);
        }
        Note(FlagAspect.Enabled, from.Enabled != to.Enabled);
        Note(FlagAspect.Prerequisites, !JsonElement.DeepEquals(from.Prerequisites, to.Prerequisites));
        Note(FlagAspect.Targets, !JsonElement.DeepEquals(from.Targets, to.Targets));
        Note(FlagAspect.Rules, !SameRules(from.Rules, to.Rules));
        Note(FlagAspect.Default, !JsonElement.DeepEquals(from.Default, to.Default));
        Note(FlagAspect.OffVariant, from.OffVariant != to.OffVariant);
        return new FlagPair(flag, from, to, differences);
    }

    /// <summary>An id says where a rule was written, not what it does.</summary>
    private static bool SameRules(JsonElement left, JsonElement right)
    {
        if (left.GetArrayLength() != right.GetArrayLength())
            return false;
        return left.EnumerateArray().Zip(right.EnumerateArray()).All(pair => SameMember(pair, "name") && SameMember(pair, "if") && SameMember(pair, "then"));
    }

    private static bool SameMember((JsonElement Left, JsonElement Right) pair, string name)
    {
        var (isLeft, isRight) = (pair.Left.TryGetProperty(name, out var left), pair.Right.TryGetProperty(name, out var right));
        return isLeft == isRight && (!isLeft || JsonElement.DeepEquals(left, right));
    }
}
