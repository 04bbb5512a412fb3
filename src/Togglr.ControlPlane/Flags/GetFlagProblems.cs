using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Evaluation.Validation;
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

/// <summary>Analyses every configuration of a project as the flag's page does: with everything that it refers to as it is now.</summary>
internal static class GetFlagProblems
{
    private const int MaximumItems = 100;

    /// <summary>What flags say that are not set up yet, or in the middle of a rollout: worth a hint where they are edited, not a look.</summary>
    private static readonly string[] Usual = ["unused_variant", "no_off_variant", "zero_weight"];

    public static async Task<Ok<FlagProblemsView>> HandleAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var project = current.Project.Id;
        var states = db.FlagEnvironments.AsNoTracking().Where(state => state.ProjectId == project && state.Flag!.ArchivedAt == null);
        var environments = await ReadReferencesAsync(db, project, states, cancel);
        var nothing = new ReferenceSet();
        var items = new List<FlagProblemsItemView>();
        (Flag Flag, List<(string Environment, TargetingProblem Problem)> Found)? open = null;
        // One flag after the other, so that only one is in memory however many there are.
        await foreach (var state in states.Include(state => state.Flag).OrderBy(state => state.Flag!.Key).ThenBy(state => state.EnvironmentKey).AsAsyncEnumerable().WithCancellation(cancel))
        {
            if (open?.Flag.Id != state.FlagId)
            {
                Close(items, open);
                if (items.Count > MaximumItems)
                    break;
                open = (state.Flag!, []);
            }
            var document = DraftDocument.Write(state.Flag!, state.Configuration, enabled: true);
            foreach (var problem in Configuration.CheckFlag(state.Flag!.Key, document, environments.GetValueOrDefault(state.EnvironmentId, nothing)))
            {
                if (!Usual.Contains(problem.Code, StringComparer.Ordinal))
                    open!.Value.Found.Add((state.EnvironmentKey, TargetingCheck.View(problem)));
            }
        }
        if (items.Count <= MaximumItems)
            Close(items, open);
        return TypedResults.Ok(new FlagProblemsView([.. items.Take(MaximumItems)], items.Count <= MaximumItems));
    }

    private static void Close(List<FlagProblemsItemView> items, (Flag Flag, List<(string Environment, TargetingProblem Problem)> Found)? open)
    {
        if (open is not ({ } flag, { Count: > 0 } found))
            return;
        items.Add(new FlagProblemsItemView(
            flag.Key, flag.Name, [.. found.Select(item => item.Environment).Distinct(StringComparer.Ordinal)], found.Count, found.MinBy(item => item.Problem.Severity).Problem));
    }

    private static async Task<Dictionary<Guid, ReferenceSet>> ReadReferencesAsync(TogglrDbContext db, Guid project, IQueryable<FlagEnvironment> states, CancellationToken cancel)
    {
        var shared = await TargetingReferences.ReadAsync(db, project, cancel);
        var variants = await db.Flags.AsNoTracking().Where(flag => flag.ProjectId == project && flag.ArchivedAt == null).Select(flag => new { flag.Id, flag.Key, flag.Variants })
            .ToDictionaryAsync(flag => flag.Id, flag => (flag.Key, Variants: (IReadOnlyCollection<string>)[.. flag.Variants.Select(variant => variant.Key)]), cancel);
        var rows = await states.Select(state => new { state.EnvironmentId, state.FlagId, state.FlagRefs }).ToListAsync(cancel);
        return rows.GroupBy(row => row.EnvironmentId).ToDictionary(rows => rows.Key, rows => shared with
        {
            // A flag may have been created between the two questions.
            Flags = rows.Where(row => variants.ContainsKey(row.FlagId)).ToDictionary(
                row => variants[row.FlagId].Key, row => new KnownFlag(variants[row.FlagId].Variants, row.FlagRefs), StringComparer.Ordinal),
        });
    }
}
