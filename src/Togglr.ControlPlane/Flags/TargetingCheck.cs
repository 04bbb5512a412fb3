using System.Text.Json;
using Togglr.ControlPlane.Analysis;
using Togglr.Evaluation.Validation;
using Togglr.Hosting.Problems;
using Togglr.Store;
using Found = Togglr.Evaluation.Validation.Problem;
using FoundSeverity = Togglr.Evaluation.Validation.ProblemSeverity;
using Problem = Togglr.Hosting.Problems.Problem;

namespace Togglr.ControlPlane.Flags;

/// <summary>Runs the analysis of Togglr.Evaluation over a configuration and everything that it refers to.</summary>
internal static class TargetingCheck
{
    /// <summary>Errors and warnings about a configuration of a flag in an environment. Paths lead into the body of the request. An experiment that is about to be started counts as running.</summary>
    public static async Task<IReadOnlyList<TargetingProblem>> RunAsync(
        TogglrDbContext db, Flag flag, FlagEnvironment state, FlagConfiguration draft, CancellationToken cancel, Experiment? starting = null)
    {
        var references = await TargetingReferences.ReadAsync(db, flag.ProjectId, state.EnvironmentId, [draft], cancel);
        return Run(flag, draft, starting is null ? references : references.With(starting));
    }

    /// <summary>The same with what the configuration refers to at hand.</summary>
    public static IReadOnlyList<TargetingProblem> Run(Flag flag, FlagConfiguration draft, ReferenceSet references) =>
        [.. Configuration.CheckFlag(flag.Key, DraftDocument.Write(flag, draft, enabled: true), references).Select(View)];

    /// <summary>What there is to say about the saved configuration; said before of these versions, it is not found out again.</summary>
    public static async Task<IReadOnlyList<TargetingProblem>> WarningsAsync(TogglrDbContext db, AnalysisCache cache, Flag flag, FlagEnvironment state, CancellationToken cancel)
    {
        var stamp = (await AnalysisStamps.ReadAsync(db, flag.ProjectId, state.EnvironmentId, flag.Key, cancel)).Of(flag.Key);
        if (stamp is not null && cache.Find(flag.Id, state.EnvironmentId, stamp) is { } known)
            return known;
        var problems = await RunAsync(db, flag, state, state.Configuration, cancel);
        if (stamp is not null)
            cache.Keep(flag.Id, state.EnvironmentId, stamp, problems);
        return problems;
    }

    /// <summary>The answer to a configuration with errors; null when it has none.</summary>
    public static Problem? Refusal(IReadOnlyList<TargetingProblem> problems)
    {
        ProblemItem[] errors =
            [.. problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => new ProblemItem(problem.Code, problem.Path, problem.Message))];
        return errors.Length == 0 ? null : Problem.Invalid(errors);
    }

    internal static TargetingProblem View(Found problem) => new(
        problem.Severity switch
        {
            FoundSeverity.Error => ProblemSeverity.Error,
            FoundSeverity.Warning => ProblemSeverity.Warning,
            _ => ProblemSeverity.Info,
        },
        problem.Code, problem.Path, problem.Message, problem.Values,
        [.. problem.Fixes.Select(fix => new TargetingFix(fix.Kind, fix.Label, [.. fix.Operations.Select(View)]))]);

    private static TargetingFixOperation View(FixOperation operation) => new(
        operation.Kind switch
        {
            FixOperationKind.Remove => TargetingFixOp.Remove,
            FixOperationKind.Replace => TargetingFixOp.Replace,
            _ => TargetingFixOp.Move,
        },
        operation.Path, operation.From, operation.Value is { } json ? JsonSerializer.Deserialize<JsonElement>(json) : null);
}
