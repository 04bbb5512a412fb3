using Togglr.Evaluation.Validation;
using Togglr.Hosting.Problems;
using Togglr.Store;
using Found = Togglr.Evaluation.Validation.Problem;
using Problem = Togglr.Hosting.Problems.Problem;

namespace Togglr.ControlPlane.Flags;

/// <summary>Runs the analysis of Togglr.Evaluation over a configuration and everything that it refers to.</summary>
internal static class TargetingCheck
{
    /// <summary>Errors and warnings about a configuration of a flag in an environment. Paths lead into the body of the request.</summary>
    public static async Task<IReadOnlyList<TargetingProblem>> RunAsync(
        TogglrDbContext db, Flag flag, FlagEnvironment state, FlagConfiguration draft, CancellationToken cancel)
    {
        var prerequisites = draft.Prerequisites.EnumerateArray().Select(item => item.GetProperty("flag").GetString() ?? "");
        var references = await TargetingReferences.ReadAsync(db, flag.ProjectId, state.EnvironmentId, prerequisites, cancel);
        return [.. Configuration.CheckFlag(flag.Key, DraftDocument.Write(flag, draft, enabled: true), references).Select(View)];
    }

    /// <summary>What there is to say about the saved configuration.</summary>
    public static Task<IReadOnlyList<TargetingProblem>> WarningsAsync(TogglrDbContext db, Flag flag, FlagEnvironment state, CancellationToken cancel) =>
        RunAsync(db, flag, state, state.Configuration, cancel);

    /// <summary>The answer to a configuration with errors; null when it has none.</summary>
    public static Problem? Refusal(IReadOnlyList<TargetingProblem> problems)
    {
        ProblemItem[] errors =
            [.. problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => new ProblemItem(problem.Code, problem.Path, problem.Message))];
        return errors.Length == 0 ? null : Problem.Invalid(errors);
    }

    internal static TargetingProblem View(Found problem) => new(
        problem.Severity == Togglr.Evaluation.Validation.ProblemSeverity.Error ? ProblemSeverity.Error : ProblemSeverity.Warning, problem.Code, problem.Path, problem.Message);
}
