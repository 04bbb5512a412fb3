using Togglr.Evaluation;

namespace Togglr.Sdk;

public sealed partial class TogglrClient
{
    private Snapshot? Snapshot => _snapshots.Current;

    /// <summary>Evaluates, counts, and turns everything that can go wrong into an answer. Allocates nothing.</summary>
    private Answer Ask(string key, EvaluationContext context, FlagType type)
    {
        var answer = Ask(Snapshot, key, context, type);
        if (_counts is not null && answer.Outcome is { } outcome)
            _counts.Count(new EvaluationResult(outcome, answer.Revision));
        return answer;
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
            // The clock costs as much as the evaluation of a flag that does not look at it.
            var now = snapshot.TryGetFlag(key, out var flag) && flag.Fixed is null ? _time.GetUtcNow().ToUnixTimeMilliseconds() : 0;
            return new Answer(snapshot.Evaluate(key, type, context, now).Outcome, snapshot.Revision);
        }
        catch (Exception exception)
        {
            // Evaluation is total and this is never reached; the application must not pay if that is wrong.
            LogEvaluationFailed(_logger, exception, key);
            return Answer.Error(EvaluationErrorCode.General, exception.Message, snapshot.Revision);
        }
    }
}
