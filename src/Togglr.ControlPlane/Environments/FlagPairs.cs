using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Where the other side of a comparison or promotion is.</summary>
/// <param name="Project">Its project: the route's own, or another one of the organization.</param>
/// <param name="Environment">Its environment.</param>
internal sealed record PromotionSource(Project Project, ProjectEnvironment Environment);

/// <summary>A flag's states in two environments, and what differs.</summary>
/// <param name="Source">The flag where it is compared with or copied from.</param>
/// <param name="From">Its state there.</param>
/// <param name="Flag">The flag with the same key in the target: the same one within a project, null where another project has none.</param>
/// <param name="To">Its state in the target.</param>
/// <param name="Differences">What differs; everything where the target has no such flag.</param>
internal sealed record FlagPair(Flag Source, FlagEnvironment From, Flag? Flag, FlagEnvironment? To, IReadOnlyList<FlagAspect> Differences)
{
    /// <summary>Whether somebody has set the flag up in the target: it is not as a new flag is.</summary>
    public bool IsTouched { get; } = Flag is not null && To is not null &&
        (To.Enabled || To.OffVariant is not null || To.Prerequisites.GetArrayLength() + To.Targets.GetArrayLength() + To.Rules.GetArrayLength() > 0
        || !JsonElement.DeepEquals(To.Default, FlagConfiguration.Serving(Flag.DefaultVariant).Default) || Differences.Contains(FlagAspect.Variants));

    /// <summary>Whether the flags of the two projects have nothing in common but the key: values of different types.</summary>
    public bool IsOfAnotherType => Flag is { } flag && flag.Type != Source.Type;
}

/// <summary>Reads flags in two environments at once.</summary>
internal static class FlagPairs
{
    /// <summary>The other environment of a comparison, of the same project or of another one in the organization, in which the caller may see flags.</summary>
    public static async Task<(PromotionSource? Source, Problem? Problem)> OtherAsync(
        string key, string path, string? project, string projectPath, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var home = current.Project;
        if (project is not null && project != home.Key)
        {
            var other = await db.Projects.AsNoTracking().SingleOrDefaultAsync(row => row.OrganizationId == current.OrganizationId && row.Key == project, cancel);
            if (other is null || !current.May(Permissions.ProjectView, other.Id))
                return (null, Problem.Invalid(new ProblemItem("unknown_project", projectPath, $"There is no project {project}.")));
            home = other;
        }
        else if (key == current.Environment.Key)
        {
            return (null, Problem.Invalid(new ProblemItem("same_environment", path, "Name two different environments.")));
        }

        var environment = await db.Environments.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == home.Id && row.Key == key, cancel);
        return environment is not null && current.May(Permissions.FlagView, home.Id, environment.Id)
            ? (new PromotionSource(home, environment), null)
            : (null, Problem.Invalid(new ProblemItem("unknown_environment", path, $"There is no environment {key}.")));
    }

    /// <summary>All flags of the source that are not archived, or the named ones, by key; those of the target tracked.</summary>
    public static async Task<List<FlagPair>> ReadAsync(
        TogglrDbContext db, ProjectEnvironment from, ProjectEnvironment to, IReadOnlyCollection<string>? keys, CancellationToken cancel)
    {
        if (from.ProjectId == to.ProjectId)
        {
            var flags = await Flags(db.Flags, to.ProjectId, keys).Where(flag => flag.ArchivedAt == null)
                .Include(flag => flag.Environments.Where(state => state.EnvironmentId == from.Id || state.EnvironmentId == to.Id)).OrderBy(flag => flag.Key).ToListAsync(cancel);
            return [.. flags.Select(flag => Pair(flag, flag.StateIn(from), flag, flag.StateIn(to)))];
        }

        var sources = await Flags(db.Flags.AsNoTracking(), from.ProjectId, keys).Where(flag => flag.ArchivedAt == null)
            .Include(flag => flag.Environments.Where(state => state.EnvironmentId == from.Id)).OrderBy(flag => flag.Key).ToListAsync(cancel);
        var wanted = sources.ConvertAll(flag => flag.Key);
        // All states: variants that go are looked for everywhere.
        var targets = await Flags(db.Flags, to.ProjectId, wanted).Include(flag => flag.Environments).ToDictionaryAsync(flag => flag.Key, StringComparer.Ordinal, cancel);
        return [.. sources.Select(source => targets.GetValueOrDefault(source.Key) is { } target
            ? Pair(source, source.StateIn(from), target, target.StateIn(to))
            : new FlagPair(source, source.StateIn(from), null, null, Enum.GetValues<FlagAspect>()))];
    }

    private static IQueryable<Flag> Flags(IQueryable<Flag> flags, Guid project, IReadOnlyCollection<string>? keys)
    {
        var query = flags.Where(flag => flag.ProjectId == project);
        if (keys is null)
            return query;
        var wanted = keys.ToArray();
        return query.Where(flag => wanted.Contains(flag.Key));
    }

    private static FlagPair Pair(Flag source, FlagEnvironment from, Flag flag, FlagEnvironment to)
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
        Note(FlagAspect.Variants, !ReferenceEquals(source, flag) && !SameVariants(source, flag));
        return new FlagPair(source, from, flag, to, differences);
    }

    /// <summary>Names and descriptions are each project's own.</summary>
    private static bool SameVariants(Flag left, Flag right) =>
        left.Type == right.Type && left.OffVariant == right.OffVariant && left.DefaultVariant == right.DefaultVariant && left.Variants.Count == right.Variants.Count
        && left.Variants.Zip(right.Variants).All(pair => pair.First.Key == pair.Second.Key && JsonElement.DeepEquals(pair.First.Value, pair.Second.Value))
        && (left.JsonSchema, right.JsonSchema) switch
        {
            ({ } one, { } other) => JsonElement.DeepEquals(one, other),
            (null, null) => true,
            _ => false,
        };

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
