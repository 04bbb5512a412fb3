using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Analysis;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Flags whose saved configuration has errors or warnings, by key; hints that flags in the making have are left out.</summary>
/// <param name="Items">At most 100.</param>
/// <param name="IsComplete">Whether those are all.</param>
public sealed record FlagProblemsView(IReadOnlyList<FlagProblemsItemView> Items, bool IsComplete);

/// <summary>What there is to say about a flag's saved configuration.</summary>
/// <param name="Key">The flag's key.</param>
/// <param name="Name">For people.</param>
/// <param name="Environments">Keys of the environments in which there is something to say.</param>
/// <param name="Count">How many problems there are in all of them.</param>
/// <param name="Worst">The first of the worst ones; its path leads into the configuration in the first environment that has it.</param>
public sealed record FlagProblemsItemView(string Key, string Name, IReadOnlyList<string> Environments, int Count, TargetingProblem Worst);

/// <summary>What <see cref="ProjectAnalysis"/> finds, flag by flag.</summary>
internal static class GetFlagProblems
{
    private const int MaximumItems = 100;

    /// <summary>What flags say that are not set up yet, or in the middle of a rollout: worth a hint where they are edited, not a look.</summary>
    private static readonly string[] Usual = ["no_off_variant", "zero_weight"];

    public static async Task<Ok<FlagProblemsView>> HandleAsync(Current current, ProjectAnalysis analysis, TogglrDbContext db, CancellationToken cancel)
    {
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToListAsync(cancel);
        var found = await analysis.RunAsync(current.Project.Id, environments, segments: false, cancel);
        var items = found
            .SelectMany(item => item.Problems.Where(IsWorthALook).Select(problem => (Item: item, Problem: problem)))
            .GroupBy(pair => pair.Item.Key, StringComparer.Ordinal)
            .Select(pairs => new FlagProblemsItemView(
                pairs.Key, pairs.First().Item.Name, [.. pairs.Select(pair => pair.Item.Environment!).Distinct(StringComparer.Ordinal)], pairs.Count(),
                pairs.MinBy(pair => pair.Problem.Severity).Problem))
            .ToList();
        return TypedResults.Ok(new FlagProblemsView([.. items.Take(MaximumItems)], items.Count <= MaximumItems));
    }

    private static bool IsWorthALook(TargetingProblem problem) => problem.Severity <= ProblemSeverity.Warning && !Usual.Contains(problem.Code, StringComparer.Ordinal);
}
