using Togglr.Evaluation;
using Togglr.Sdk.Reporting;

namespace Togglr.Sdk;

public sealed partial class TogglrClient
{
    private Snapshot? Snapshot => _snapshots.Current;

    /// <summary>Evaluates, counts, and turns everything that can go wrong into an answer. Allocates nothing.</summary>
    private Answer Ask(string key, EvaluationContext context, FlagType type)
    {
        var answer = Ask(Snapshot, key, context, type);
        if (_counts is not null)
            Count(_counts, answer, key, context);
        if (answer.Outcome is { Variant: not null } assigned && (assigned.Experiment is not null || assigned.Algorithm is not null))
            Expose(assigned, context);
        return answer;
    }

    private static void Count(CountsReporter counts, in Answer answer, string key, EvaluationContext context)
    {
        if (answer.Outcome is { } outcome)
            counts.Count(new EvaluationResult(outcome, answer.Revision), context.User);
        else if (answer.IsUnknownFlag)
            counts.CountUnknown(key);
    }

    private void Expose(Outcome assigned, EvaluationContext context)
    {
        if (_experiments is null || !_options.ExposuresEnabled)
            return;
        try
        {
            _experiments.Expose(assigned, context);
        }
        catch (Exception exception)
        {
            // The application has its answer, whatever becomes of the report.
            LogEventFailed(_logger, exception, assigned.Experiment ?? assigned.Flag!.Key);
        }
    }

    private Answer Ask(Snapshot? snapshot, string? key, EvaluationContext? context, FlagType type)
    {
        if (snapshot is null)
        {
            return Answer.Error(
                EvaluationErrorCode.ProviderNotReady, _disposed is null ? "There is no snapshot yet." : "The client is disposed.");
        }

        if (key is null)
            return Answer.Error(EvaluationErrorCode.General, "The flag key is null.", snapshot.Revision);
        if (context is null)
            return Answer.Error(EvaluationErrorCode.InvalidContext, "The context is null.", snapshot.Revision);
        try
        {
            if (!snapshot.TryGetFlag(key, out var flag))
                return Answer.Error(EvaluationErrorCode.FlagNotFound, "There is no flag of this key in the environment.", snapshot.Revision);
            // Reading the clock costs as much as everything else for a flag that does not look at it.
            var outcome = flag.Fixed ?? snapshot.Evaluate(flag, context, _time.GetUtcNow().ToUnixTimeMilliseconds()).Outcome;
            return new Answer(outcome.Variant is { } variant && variant.Type != type ? flag.TypeMismatch : outcome, snapshot.Revision);
        }
        catch (Exception exception)
        {
            // Evaluation is total and this is never reached; the application must not pay if that is wrong.
            LogEvaluationFailed(_logger, exception, key);
            return Answer.Error(EvaluationErrorCode.General, exception.Message, snapshot.Revision);
        }
    }
}
