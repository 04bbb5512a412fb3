using Togglr.ControlPlane.Api;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>Ready-made steps.</summary>
public enum RampPreset
{
    /// <summary>1 % for an hour, 5 % for four hours, 10, 25 and 50 % for a day each, with an approval before the half, then everybody.</summary>
    Careful,

    /// <summary>5 % for an hour, 25 % and 50 % for four hours each, then everybody.</summary>
    Normal,

    /// <summary>10 % and 50 % for ten minutes each, then everybody.</summary>
    Fast,
}

/// <summary>What a ramp does when its guard finds a fault.</summary>
public enum RampReaction
{
    /// <summary>It stands still.</summary>
    Pause,

    /// <summary>It serves what was served before.</summary>
    RollBack,
}

/// <summary>A step of a ramp.</summary>
public sealed record RampStepBody
{
    /// <summary>How many percent get the new variant: 0.01 to 100, more than in the step before.</summary>
    public required double Percentage { get; init; }

    /// <summary>How long before the next step, in minutes; 0 if absent.</summary>
    public int? HoldMinutes { get; init; }

    /// <summary>Whether somebody has to approve before the next step.</summary>
    public bool? Gate { get; init; }
}

/// <summary>When a ramp stops by itself. Errors are those that applications report as feedback with the variant; the test may be looked at at any time, and stops at most one of a hundred ramps without a fault.</summary>
public sealed record RampGuardBody
{
    /// <summary>The greatest error rate that is no fault, 0.0001 to 0.99.</summary>
    public double? MaxErrorRate { get; init; }

    /// <summary>By how much of the rest's error rate it may be greater: 0.5 for half as much again.</summary>
    public double? MaxIncrease { get; init; }

    /// <summary>Whether it also stops when an experiment on the flag in the environment shows that a guardrail metric is worse with the new variant.</summary>
    public bool? Metrics { get; init; }

    /// <summary>So often the new variant must have been served before anything is concluded from errors; 100 if absent.</summary>
    public long? MinEvaluations { get; init; }

    /// <summary>What then happens; <c>pause</c> if absent.</summary>
    public RampReaction? Action { get; init; }
}

/// <summary>A ramp to start.</summary>
public sealed record StartRampRequest
{
    /// <summary>The rule whose serve goes over; the default if absent.</summary>
    public string? Rule { get; init; }

    /// <summary>What is served now; found out if absent.</summary>
    public string? From { get; init; }

    /// <summary>What is to be served.</summary>
    public required string To { get; init; }

    /// <summary>1 to 50 steps; those of <c>preset</c> if absent.</summary>
    public IReadOnlyList<RampStepBody>? Steps { get; init; }

    /// <summary>Ready-made steps, instead of <c>steps</c>.</summary>
    public RampPreset? Preset { get; init; }

    /// <summary>When it stops by itself; never if absent.</summary>
    public RampGuardBody? Guard { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A ramp.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Rule">The rule whose serve goes over; null for the default.</param>
/// <param name="From">What was served.</param>
/// <param name="To">What is to be served.</param>
/// <param name="State">Where it is.</param>
/// <param name="Step">The step, from 0.</param>
/// <param name="Percentage">How many percent get the new variant.</param>
/// <param name="Steps">All steps.</param>
/// <param name="Guard">When it stops by itself.</param>
/// <param name="StepAt">When the step began.</param>
/// <param name="HoldUntil">When it is over.</param>
/// <param name="Detail">Why it stands, or why it ended.</param>
/// <param name="MayPass">Whether the caller may let it through the gate; only while it waits.</param>
/// <param name="StartedAt">When it was started.</param>
/// <param name="StartedBy">By whom.</param>
/// <param name="EndedAt">When it ended.</param>
/// <param name="Version">Also the entity tag.</param>
public sealed record RampView(
    Guid Id,
    string Flag,
    string Environment,
    string? Rule,
    string From,
    string To,
    RampState State,
    int Step,
    double Percentage,
    IReadOnlyList<RampStepBody> Steps,
    RampGuardBody? Guard,
    DateTimeOffset StepAt,
    DateTimeOffset? HoldUntil,
    string? Detail,
    bool MayPass,
    DateTimeOffset StartedAt,
    PersonRef? StartedBy,
    DateTimeOffset? EndedAt,
    int Version);

/// <summary>A ramp with what was seen of it.</summary>
/// <param name="Ramp">The ramp.</param>
/// <param name="Observations">What was seen, in order; none without a guard.</param>
/// <param name="Threshold">The evidence at which it stops.</param>
public sealed record RampDetailView(RampView Ramp, IReadOnlyList<RampObservationView> Observations, double Threshold);

/// <summary>What was seen of a ramp: totals since it began.</summary>
/// <param name="At">When.</param>
/// <param name="Percentage">How many percent got the new variant.</param>
/// <param name="Evaluations">How often the new variant was served.</param>
/// <param name="Errors">Errors reported for it.</param>
/// <param name="RestEvaluations">How often others were served.</param>
/// <param name="RestErrors">Errors reported for those.</param>
/// <param name="Evidence">How strong the evidence against the new variant was: the natural logarithm of a likelihood ratio.</param>
public sealed record RampObservationView(DateTimeOffset At, double Percentage, long Evaluations, long Errors, long RestEvaluations, long RestErrors, double Evidence);

/// <summary>The ramps of a flag in an environment.</summary>
/// <param name="Items">Those that go on first, then the newest; at most 50.</param>
public sealed record FlagRampsView(IReadOnlyList<RampView> Items);

/// <summary>The ramps of a project that go on.</summary>
/// <param name="Items">The one whose next step comes first first; those that stand or wait last. At most 200.</param>
/// <param name="HasMore">Whether there are more.</param>
public sealed record ActiveRampsView(IReadOnlyList<ActiveRampView> Items, bool HasMore);

/// <summary>A ramp with the name of its flag.</summary>
/// <param name="FlagName">The flag's name.</param>
/// <param name="Ramp">The ramp.</param>
public sealed record ActiveRampView(string FlagName, RampView Ramp);
