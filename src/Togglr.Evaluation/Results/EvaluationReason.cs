namespace Togglr.Evaluation;

/// <summary>Why a flag has the value that it has.</summary>
public enum EvaluationReason
{
    /// <summary>A fixed default of a flag without prerequisites, targets and rules.</summary>
    Static,

    /// <summary>No target and no rule decided.</summary>
    Default,

    /// <summary>A target list or a rule decided.</summary>
    TargetingMatch,

    /// <summary>A rollout or an experiment decided by bucket.</summary>
    Split,

    /// <summary>A prerequisite flag has another variant than it must.</summary>
    PrerequisiteFailed,

    /// <summary>The flag is off or killed.</summary>
    Disabled,

    /// <summary>There is no value; see <see cref="EvaluationErrorCode"/>.</summary>
    Error,
}

/// <summary>Why there is no value.</summary>
public enum EvaluationErrorCode
{
    /// <summary>There is no error.</summary>
    None,

    /// <summary>The snapshot has no such flag.</summary>
    FlagNotFound,

    /// <summary>The flag, or something that it needs, is malformed or unknown to this reader.</summary>
    ParseError,

    /// <summary>A default rollout has no unit.</summary>
    TargetingKeyMissing,

    /// <summary>The value is of another type than was asked for.</summary>
    TypeMismatch,

    /// <summary>The context was read for another snapshot.</summary>
    InvalidContext,

    /// <summary>There is no snapshot yet; used by SDKs.</summary>
    ProviderNotReady,

    /// <summary>Anything else; used by SDKs.</summary>
    General,
}

/// <summary>The names of reasons and error codes in JSON, the ones of OpenFeature.</summary>
public static class WireNames
{
    /// <summary>For example <c>TARGETING_MATCH</c>.</summary>
    public static string WireName(this EvaluationReason reason) => reason switch
    {
        EvaluationReason.Static => "STATIC",
        EvaluationReason.Default => "DEFAULT",
        EvaluationReason.TargetingMatch => "TARGETING_MATCH",
        EvaluationReason.Split => "SPLIT",
        EvaluationReason.PrerequisiteFailed => "PREREQUISITE_FAILED",
        EvaluationReason.Disabled => "DISABLED",
        _ => "ERROR",
    };

    /// <summary>For example <c>FLAG_NOT_FOUND</c>; null for <see cref="EvaluationErrorCode.None"/>.</summary>
    public static string? WireName(this EvaluationErrorCode code) => code switch
    {
        EvaluationErrorCode.None => null,
        EvaluationErrorCode.FlagNotFound => "FLAG_NOT_FOUND",
        EvaluationErrorCode.ParseError => "PARSE_ERROR",
        EvaluationErrorCode.TargetingKeyMissing => "TARGETING_KEY_MISSING",
        EvaluationErrorCode.TypeMismatch => "TYPE_MISMATCH",
        EvaluationErrorCode.InvalidContext => "INVALID_CONTEXT",
        EvaluationErrorCode.ProviderNotReady => "PROVIDER_NOT_READY",
        _ => "GENERAL",
    };

    /// <summary>For example <c>boolean</c>; null for <see cref="FlagType.Unknown"/>.</summary>
    public static string? WireName(this FlagType type) => type switch
    {
        FlagType.Boolean => "boolean",
        FlagType.Text => "string",
        FlagType.Number => "number",
        FlagType.Json => "json",
        _ => null,
    };
}

/// <summary>The type of a flag's values.</summary>
public enum FlagType
{
    /// <summary>The snapshot names no type that this reader knows; the flag is malformed.</summary>
    Unknown,

    /// <summary>True or false.</summary>
    Boolean,

    /// <summary>A text.</summary>
    Text,

    /// <summary>An IEEE double.</summary>
    Number,

    /// <summary>Any JSON value, null included.</summary>
    Json,
}
