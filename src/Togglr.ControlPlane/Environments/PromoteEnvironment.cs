using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>
/// Copies what flags do from another environment to this one: all in one transaction, with an audit entry for every flag that changes here, and one at the other
/// end that says where it went. From another project of the organization comes the flag itself where this one has none, and its variants. The kill switch is
/// neither copied nor released. A dry run tries everything against the database, so that it promises nothing that would fail.
/// </summary>
internal static class PromoteEnvironment
{
    public const int MaximumFlags = 5000;
    public const int NamedConflicts = 20;

    public static async Task<Results<Ok<PromotionView>, Problem>> HandleAsync(PromoteRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (policy, isDryRun, target) = (request.ConflictPolicy ?? ConflictPolicy.Fail, request.DryRun ?? false, current.Environment);
        if (request.Flags is { Count: 0 or > MaximumFlags })
            return Problem.Invalid(new ProblemItem("out_of_range", "/flags", $"Name 1 to {MaximumFlags} flags, or leave them out for all."));
        var (found, problem) = await FlagPairs.OtherAsync(request.From, "/from", request.FromProject, "/fromProject", current, db, cancel);
        if (found is not { Environment: var source })
            return problem!;
        if (!isDryRun && target.Critical && string.IsNullOrWhiteSpace(request.Reason))
            return Problem.Invalid(new ProblemItem("required", "/reason", $"{target.Name} is critical: say why."));
        if (request.FromRevision is { } seen && seen != source.Revision)
            return Problem.PreconditionFailed(source.Revision);
        if (request.ToRevision is { } known && known != target.Revision)
            return Problem.PreconditionFailed(target.Revision);

        var pairs = await FlagPairs.ReadAsync(db, source, target, request.Flags, cancel);
        if (FirstMissing(request.Flags, pairs) is { } missing)
            return missing;
        var decided = pairs.ConvertAll(pair => (Pair: pair, Outcome: Decide(pair, policy)));
        var conflicts = decided.FindAll(flag => flag.Outcome == PromotionOutcome.Conflict);
        if (conflicts.Count > 0 && !isDryRun)
            return Conflict(conflicts.ConvertAll(flag => flag.Pair.Source.Key), target);

        // What is in the way leaves nothing to try.
        var copied = conflicts.Count > 0 ? [] : decided.FindAll(flag => flag.Outcome is PromotionOutcome.Created or PromotionOutcome.Copied or PromotionOutcome.Overwritten).ConvertAll(flag => flag.Pair);
        var transfer = new FlagTransfer(current, db);
        if (copied.Count > 0)
        {
            if (await transfer.RunAsync(copied, request.CreateSegments ?? false, cancel) is { } refused)
                return refused;
            if (await current.SaveAsync("environment.promoted", target.Key, target.Id, request.Reason, cancel, target.Key, parts: transfer.Parts(found), isRehearsal: isDryRun) is { } failed)
                return failed;
        }
        return TypedResults.Ok(new PromotionView(
            found.Project.Key, source.Key, target.Key, copied.Count > 0 && !isDryRun, source.Revision, target.Revision,
            [.. decided.Select(flag => new PromotedFlagView(flag.Pair.Source.Key, flag.Pair.Source.Name, flag.Outcome, flag.Pair.Differences, transfer.StateVersionOf(flag.Pair), transfer.FlagVersionOf(flag.Pair)))], transfer.CreatedSegments));
    }

    private static PromotionOutcome Decide(FlagPair pair, ConflictPolicy policy) => (pair, policy) switch
    {
        ({ Flag: null }, _) => PromotionOutcome.Created,
        ({ Differences.Count: 0 }, _) => PromotionOutcome.Unchanged,
        (_, ConflictPolicy.Skip) when pair.IsTouched || !MayReplace(pair) => PromotionOutcome.Skipped,
        _ when !MayReplace(pair) => PromotionOutcome.Conflict,
        ({ IsTouched: false }, _) => PromotionOutcome.Copied,
        (_, ConflictPolicy.Overwrite) => PromotionOutcome.Overwritten,
        _ => PromotionOutcome.Conflict,
    };

    /// <summary>A flag's type never changes, and nobody finds an archived flag changed when they bring it back.</summary>
    private static bool MayReplace(FlagPair pair) => !pair.IsOfAnotherType && pair.Flag?.ArchivedAt is null;

    private static Problem? FirstMissing(IReadOnlyList<string>? wanted, List<FlagPair> found)
    {
        var known = found.Select(pair => pair.Source.Key).ToHashSet(StringComparer.Ordinal);
        for (var i = 0; wanted is not null && i < wanted.Count; i++)
        {
            if (wanted[i] is not { } key || !known.Contains(key))
                return Problem.Invalid(new ProblemItem("unknown_flag", $"/flags/{i}", $"There is no flag {wanted[i]}, or it is archived."));
        }
        return null;
    }

    private static Problem Conflict(List<string> keys, ProjectEnvironment target) =>
        Problem.Conflict($"In {target.Key} somebody has set up {Named(keys)}. Choose to overwrite or to skip, or name other flags. A flag of another type, or an archived one, can only be skipped.", "promotion_conflict");

    /// <summary>Keys in a sentence, not all of very many.</summary>
    public static string Named(IReadOnlyCollection<string> keys) =>
        string.Join(", ", keys.Take(NamedConflicts)) + (keys.Count > NamedConflicts ? $" and {keys.Count - NamedConflicts} more" : "");
}
