namespace Togglr.Evaluation;

/// <summary>The answer to one evaluation.</summary>
/// <param name="outcome">Which of the flag's answers it is.</param>
/// <param name="revision">The snapshot's revision.</param>
public readonly struct EvaluationResult(Outcome outcome, long revision)
{
    /// <summary>Which of the flag's answers it is; the same object each time.</summary>
    public Outcome Outcome => outcome;

    /// <summary>The flag; null when there is none of that key.</summary>
    public Flag? Flag => outcome.Flag;

    /// <summary>The variant; null when there is no value and the caller's default is to be used.</summary>
    public Variant? Variant => outcome.Variant;

    /// <summary>Why.</summary>
    public EvaluationReason Reason => outcome.Reason;

    /// <summary>What went wrong, with <see cref="EvaluationReason.Error"/> only.</summary>
    public EvaluationErrorCode ErrorCode => outcome.ErrorCode;

    /// <summary>The rule that decided.</summary>
    public string? RuleId => outcome.RuleId;

    /// <summary>The key of the experiment that assigned the variant.</summary>
    public string? ExperimentKey => outcome.Experiment;

    /// <summary>The phase that the experiment was in, from 1; 0 where there is none or it is not told.</summary>
    public int ExperimentPhase => outcome.ExperimentPhase;

    /// <summary>The snapshot's revision.</summary>
    public long Revision => revision;
}
