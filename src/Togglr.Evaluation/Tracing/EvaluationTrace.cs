using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Evaluation;

/// <summary>
/// Every step of one evaluation, in the order of evaluation, for people: what was asked, what was found, and why the answer is what it is. Steps after the one that decided are absent. Serialisable with
/// System.Text.Json (web defaults).
/// </summary>
public sealed record EvaluationTrace
{
    /// <summary>The flag's key.</summary>
    public required string Flag { get; init; }

    /// <summary>The snapshot's revision.</summary>
    public required long Revision { get; init; }

    /// <summary>The time of the evaluation, Unix milliseconds.</summary>
    public required long Now { get; init; }

    /// <summary>The targeting key, or null.</summary>
    public string? TargetingKey { get; init; }

    /// <summary>The answer: the same that evaluating gives.</summary>
    public required ResultTrace Result { get; init; }

    /// <summary>The step that decided: <c>not_found</c>, <c>disabled</c>, <c>malformed</c>, <c>prerequisite</c>, <c>target</c>, <c>rule</c> or <c>default</c>.</summary>
    public required string DecidedBy { get; init; }

    /// <summary>Why the flag is malformed.</summary>
    public string? Problem { get; init; }

    /// <summary>The prerequisites that were looked at.</summary>
    public IReadOnlyList<PrerequisiteTrace> Prerequisites { get; init; } = [];

    /// <summary>The target lists, or null when they were not reached.</summary>
    public TargetTrace? Targets { get; init; }

    /// <summary>The rules that were looked at.</summary>
    public IReadOnlyList<RuleTrace> Rules { get; init; } = [];

    /// <summary>The default, or null when it was not reached.</summary>
    public ServeTrace? Default { get; init; }
}

/// <summary>An answer.</summary>
public sealed record ResultTrace
{
    /// <summary>The variant, or null when there is none.</summary>
    public string? Variant { get; init; }

    /// <summary>The value; absent when the caller's default is to be used.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Value { get; init; }

    /// <summary>The wire name of the reason.</summary>
    public required string Reason { get; init; }

    /// <summary>The wire name of the error code, or null.</summary>
    public string? ErrorCode { get; init; }

    /// <summary>The rule that decided, or null.</summary>
    public string? RuleId { get; init; }

    /// <summary>The experiment, or null.</summary>
    public string? Experiment { get; init; }
}

/// <summary>One prerequisite.</summary>
/// <param name="Flag">The other flag.</param>
/// <param name="Variants">The variants that will do.</param>
/// <param name="Actual">The variant that it has, or null.</param>
/// <param name="Satisfied">Whether it is among them.</param>
/// <param name="Trace">How the other flag got there.</param>
public sealed record PrerequisiteTrace(string Flag, IReadOnlyList<string> Variants, string? Actual, bool Satisfied, EvaluationTrace Trace);

/// <summary>The target lists.</summary>
/// <param name="Matched">Whether the targeting key is in one of them.</param>
/// <param name="Variant">The variant of the first such list, or null.</param>
/// <param name="KeyCount">How many keys the lists have.</param>
public sealed record TargetTrace(bool Matched, string? Variant, int KeyCount);

/// <summary>One rule.</summary>
/// <param name="Index">Its position, from 0.</param>
/// <param name="Id">Its id, or null.</param>
/// <param name="Matched">Whether it decided: its condition holds and what it serves applies.</param>
/// <param name="Condition">Its condition.</param>
/// <param name="Serve">What it serves, or null when the condition does not hold.</param>
public sealed record RuleTrace(int Index, string? Id, bool Matched, ConditionTrace Condition, ServeTrace? Serve);

/// <summary>What was served.</summary>
public sealed record ServeTrace
{
    /// <summary><c>variant</c>, <c>off</c>, <c>rollout</c> or <c>experiment</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>False where there was no unit or the context is outside of the experiment.</summary>
    public required bool Applies { get; init; }

    /// <summary>The variant, or null.</summary>
    public string? Variant { get; init; }

    /// <summary>The experiment's key.</summary>
    public string? Experiment { get; init; }

    /// <summary>The attribute whose value is hashed; null for the targeting key.</summary>
    public string? BucketBy { get; init; }

    /// <summary>What was hashed before the unit, behind the salt.</summary>
    public string? Seed { get; init; }

    /// <summary>The bucket of the unit, 0 to 9999.</summary>
    public int? Bucket { get; init; }

    /// <summary>The variations with the first bucket of each and the first beyond.</summary>
    public IReadOnlyList<VariationTrace>? Variations { get; init; }

    /// <summary>The stages of an experiment that were reached.</summary>
    public IReadOnlyList<StageTrace>? Stages { get; init; }
}

/// <summary>One variation of a rollout or an experiment.</summary>
public sealed record VariationTrace(string Key, int Weight, int From, int To);

/// <summary>One stage of an experiment: <c>unit</c>, <c>layer</c>, <c>holdout</c> or <c>traffic</c>.</summary>
/// <param name="Stage">Which one.</param>
/// <param name="Key">The layer's or holdout's key, or null.</param>
/// <param name="Bucket">The bucket; null where there is no unit.</param>
/// <param name="From">The first bucket that passes.</param>
/// <param name="To">The first bucket that does not pass any more.</param>
/// <param name="Passed">Whether the context stays inside.</param>
public sealed record StageTrace(string Stage, string? Key, int? Bucket, int From, int To, bool Passed);

/// <summary>One condition.</summary>
public sealed record ConditionTrace
{
    /// <summary><c>and</c>, <c>or</c>, <c>not</c>, <c>segment</c>, <c>percentage</c> or <c>clause</c>.</summary>
    public required string Kind { get; init; }

    /// <summary>Whether it holds.</summary>
    public required bool Holds { get; init; }

    /// <summary>The parts of <c>and</c>, <c>or</c> and <c>not</c>, all of them; the condition of a segment that was looked at.</summary>
    public IReadOnlyList<ConditionTrace>? Parts { get; init; }

    /// <summary>The segment's key.</summary>
    public string? Segment { get; init; }

    /// <summary>Which part of the segment decided: <c>excluded</c>, <c>included</c>, <c>condition</c> or <c>none</c>.</summary>
    public string? SegmentDecidedBy { get; init; }

    /// <summary>The attribute of a clause, or the attribute whose value is hashed.</summary>
    public string? Attribute { get; init; }

    /// <summary>The operator of a clause.</summary>
    public string? Operator { get; init; }

    /// <summary>The value that the rule has.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Expected { get; init; }

    /// <summary>The value that the context has; absent when it is missing.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public JsonElement? Actual { get; init; }

    /// <summary>Whether ASCII case was ignored.</summary>
    public bool? IgnoreCase { get; init; }

    /// <summary>What was hashed before the unit, behind the salt.</summary>
    public string? Seed { get; init; }

    /// <summary>The bucket of a percentage; null where there is no unit.</summary>
    public int? Bucket { get; init; }

    /// <summary>The first bucket beyond a percentage.</summary>
    public int? Limit { get; init; }
}
