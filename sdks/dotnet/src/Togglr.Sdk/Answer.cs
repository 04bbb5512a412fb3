using Togglr.Evaluation;

namespace Togglr.Sdk;

/// <summary>What the core answered, or why it was not asked.</summary>
internal readonly struct Answer
{
    private readonly Outcome? _outcome;
    private readonly EvaluationErrorCode _error;
    private readonly string? _message;

    public Answer(Outcome outcome, long revision)
    {
        _outcome = outcome;
        Revision = revision;
    }

    private Answer(EvaluationErrorCode error, string message, long revision)
    {
        _error = error;
        _message = message;
        Revision = revision;
    }

    /// <summary>The answer of the core; null where it was not asked.</summary>
    public Outcome? Outcome => _outcome;

    /// <summary>The variant to serve; null when the default is to be used.</summary>
    public Variant? Variant => _outcome?.Variant;

    public long Revision { get; }

    /// <summary>Whether there is no flag of the name.</summary>
    public bool IsUnknownFlag => _outcome is null && _error == EvaluationErrorCode.FlagNotFound;

    public static Answer Error(EvaluationErrorCode code, string message, long revision = 0) => new(code, message, revision);

    public EvaluationDetail<T> Detail<T>(string key, T value) => _outcome is { } outcome
        ? new()
        {
            FlagKey = key,
            Value = value,
            Variant = outcome.Variant?.Key,
            Reason = outcome.Reason,
            ErrorCode = outcome.ErrorCode,
            ErrorMessage = outcome.ErrorCode == EvaluationErrorCode.None ? null : Describe(outcome),
            RuleId = outcome.RuleId,
            Experiment = outcome.Experiment,
            Revision = Revision,
        }
        : new() { FlagKey = key, Value = value, Reason = EvaluationReason.Error, ErrorCode = _error, ErrorMessage = _message, Revision = Revision };

    // Constant texts: a detail must not allocate.
    private static string Describe(Outcome outcome) => outcome.ErrorCode switch
    {
        EvaluationErrorCode.ParseError => outcome.Flag?.Problem ?? "The flag cannot be evaluated by this version of the SDK.",
        EvaluationErrorCode.TargetingKeyMissing => "The flag is rolled out by an attribute that the context does not have.",
        EvaluationErrorCode.TypeMismatch => "The flag is of another type than was asked for.",
        EvaluationErrorCode.InvalidContext => "The context was read for another snapshot.",
        _ => "The flag could not be evaluated.",
    };
}
