using Togglr.Evaluation;

namespace Togglr.Sdk;

/// <summary>A value and how it came about.</summary>
/// <typeparam name="T">Type of the value.</typeparam>
public readonly record struct EvaluationDetail<T>
{
    /// <summary>The flag that was asked for, as it was asked for.</summary>
    public required string FlagKey { get; init; }

    /// <summary>The variant's value, or the caller's default where there is none.</summary>
    public required T Value { get; init; }

    /// <summary>Key of the variant; null where the default was used.</summary>
    public string? Variant { get; init; }

    /// <summary>Why; <see cref="EvaluationReason.Error"/> with an <see cref="ErrorCode"/>.</summary>
    public required EvaluationReason Reason { get; init; }

    /// <summary>
    /// What went wrong; <see cref="EvaluationErrorCode.None"/> when nothing did. <see cref="EvaluationErrorCode.ProviderNotReady"/>: there is no snapshot, or the
    /// client is disposed.
    /// </summary>
    public EvaluationErrorCode ErrorCode { get; init; }

    /// <summary>The error in words, for logs; null without one.</summary>
    public string? ErrorMessage { get; init; }

    /// <summary>Id of the rule that decided; null when none did.</summary>
    public string? RuleId { get; init; }

    /// <summary>Key of the experiment that assigned the variant; null when none did.</summary>
    public string? Experiment { get; init; }

    /// <summary>Revision of the snapshot that was asked; 0 without one.</summary>
    public long Revision { get; init; }

    /// <summary>True when the caller's default was used because of an error.</summary>
    public bool IsError => ErrorCode != EvaluationErrorCode.None;
}
