using System.Text.Json;
using System.Text.Json.Serialization;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Evaluation;

namespace Togglr.ControlPlane.Evaluations;

/// <summary>Asks what flags give for a context.</summary>
public sealed record EvaluateRequest
{
    /// <summary>The context: <c>targetingKey</c> and any attributes.</summary>
    [ApiSchema("EvaluationContext")]
    public required JsonElement Context { get; init; }

    /// <summary>Keys of flags; all if absent.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Whether to say how each result came about.</summary>
    public bool? Trace { get; init; }

    /// <summary>As of this time, for the flags and for the conditions; now if absent.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>As of this revision; the newest at the time if absent.</summary>
    public long? Revision { get; init; }

    /// <summary>A configuration to assume for one flag instead of the saved one; nothing is saved.</summary>
    public EvaluateDraftBody? Draft { get; init; }
}

/// <summary>What a flag would give if it were configured like this.</summary>
public sealed record EvaluateDraftBody
{
    /// <summary>The flag's key.</summary>
    public required string Flag { get; init; }

    /// <summary>How it would decide. The flag is taken as switched on unless <c>enabled</c> is false, and as not killed.</summary>
    public required FlagConfigurationRequest Configuration { get; init; }
}

/// <summary>What flags give.</summary>
/// <param name="Revision">Of the snapshot that was asked.</param>
/// <param name="At">The time that was assumed.</param>
/// <param name="Results">In the order of the request, else of the keys.</param>
public sealed record EvaluationView(long Revision, DateTimeOffset At, IReadOnlyList<FlagResultView> Results);

/// <summary>What one flag gives.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="Type">Type of the values; null for a flag that does not exist.</param>
/// <param name="Value">The value; null when there is none, and for JSON null.</param>
/// <param name="Variant">The variant; null when there is no value and the application's default holds.</param>
/// <param name="Reason">Why: <c>STATIC</c>, <c>DEFAULT</c>, <c>TARGETING_MATCH</c>, <c>SPLIT</c>, <c>PREREQUISITE_FAILED</c>, <c>DISABLED</c>, <c>ERROR</c>.</param>
/// <param name="RuleId">The rule that decided.</param>
/// <param name="Experiment">The experiment that assigned the variant.</param>
/// <param name="ErrorCode">With the reason <c>ERROR</c>: which.</param>
/// <param name="Trace">How it came about, when asked for.</param>
public sealed record FlagResultView(
    string Flag,
    string? Type,
    JsonElement? Value,
    string? Variant,
    string Reason,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RuleId,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Experiment,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? ErrorCode,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] EvaluationTrace? Trace);

/// <summary>A revision of an environment.</summary>
/// <param name="Revision">Its number.</param>
/// <param name="At">When it came about.</param>
/// <param name="Actor">By whom.</param>
/// <param name="Summary">By what: <c>flag.configured checkout</c>.</param>
/// <param name="Changes">What is different from the one before.</param>
public sealed record RevisionView(long Revision, DateTimeOffset At, string Actor, string Summary, IReadOnlyList<RevisionChangeView> Changes);

/// <summary>Something that a revision changed.</summary>
/// <param name="Kind"><c>flag</c>, <c>segment</c> or <c>experiment</c>.</param>
/// <param name="Key">Its key.</param>
public sealed record RevisionChangeView(string Kind, string Key);
