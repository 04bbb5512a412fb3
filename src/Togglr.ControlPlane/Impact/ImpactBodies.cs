using System.Text.Json;
using System.Text.Json.Serialization;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Flags;

namespace Togglr.ControlPlane.Impact;

/// <summary>Asks whom a configuration of a flag would give something else than they get now. Nothing is saved.</summary>
public sealed record PreviewDraftRequest
{
    /// <summary>The flag's key.</summary>
    public required string Flag { get; init; }

    /// <summary>How it would decide; without <c>enabled</c> it stays as switched on or off as it is.</summary>
    public required FlagConfigurationRequest Configuration { get; init; }

    /// <summary>Whether to compare as if the flag were switched on, before and after.</summary>
    public bool? AssumeOn { get; init; }
}

/// <summary>Asks whom changes would give something else than they get now: exactly one of the members. Nothing is changed.</summary>
public sealed record PreviewImpactRequest
{
    /// <summary>Calls as a change request holds them, at most 100; they are tried with the caller's rights.</summary>
    public IReadOnlyList<RequestedChange>? Changes { get; init; }

    /// <summary>The number of an open change request; it is tried with its author's rights.</summary>
    public int? ChangeRequest { get; init; }

    /// <summary>A restoration from the audit log.</summary>
    public PreviewRestorationBody? Restore { get; init; }
}

/// <summary>A restoration to try.</summary>
public sealed record PreviewRestorationBody
{
    /// <summary>The entry's id.</summary>
    public required Guid Entry { get; init; }

    /// <summary>Which of its two states; as for the restoration itself if absent.</summary>
    public RestoreTo? To { get; init; }
}

/// <summary>Whom changes would give something else.</summary>
/// <param name="Environments">Every environment that would change and that the caller may change or approve something in.</param>
public sealed record ImpactView(IReadOnlyList<EnvironmentImpactView> Environments);

/// <summary>Where the numbers come from.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ImpactStatus>))]
public enum ImpactStatus
{
    /// <summary>The environment keeps no sample of contexts: there are no numbers.</summary>
    [JsonStringEnumMemberName("off")]
    Off,

    /// <summary>It keeps a sample, and nobody was seen yet.</summary>
    [JsonStringEnumMemberName("empty")]
    Empty,

    /// <summary>There are numbers.</summary>
    [JsonStringEnumMemberName("ready")]
    Ready,
}

/// <summary>Whom changes would give something else in one environment.</summary>
/// <param name="Environment">Its key.</param>
/// <param name="Status">Whether there are numbers.</param>
/// <param name="Contexts">How many contexts were looked at, one of each person.</param>
/// <param name="Changed">How many of them get another variant or value of any flag.</param>
/// <param name="Population">About whom the sample speaks; null without numbers.</param>
/// <param name="Flags">Flags that may answer differently, the most affected first, at most 50.</param>
/// <param name="HasMoreFlags">Whether some are left out.</param>
/// <param name="Examples">Some of the contexts that change, at most 12.</param>
/// <param name="MissingAttributes">Attributes that these flags look at and that are not kept: here they count as missing.</param>
/// <param name="LooksAtKeys">Whether conditions look into targeting keys (other than by equality), which a sample does not hold: they count as not met.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record EnvironmentImpactView(
    string Environment, ImpactStatus Status, int Contexts, int Changed, ImpactPopulationView? Population, IReadOnlyList<FlagImpactView> Flags, bool HasMoreFlags,
    IReadOnlyList<ImpactExampleView> Examples, IReadOnlyList<string> MissingAttributes, bool LooksAtKeys, int Milliseconds);

/// <summary>About whom a sample speaks.</summary>
/// <param name="People">About how many people were seen in the time that the sample covers.</param>
/// <param name="IsComplete">Whether the sample is all of them.</param>
/// <param name="Share">The estimated share of people who get something else, 0 to 1.</param>
/// <param name="Low">Lower end of the 95 % interval of the share.</param>
/// <param name="High">Upper end.</param>
/// <param name="From">When the oldest context was seen.</param>
/// <param name="To">When the newest was.</param>
public sealed record ImpactPopulationView(long People, bool IsComplete, double Share, double Low, double High, DateTimeOffset From, DateTimeOffset To);

/// <summary>What becomes of one flag.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="IsDirect">Whether the flag itself changes; otherwise something that it depends on does.</param>
/// <param name="Changed">How many contexts get another variant or value.</param>
/// <param name="Flows">From what to what, the largest first; also those that stay.</param>
public sealed record FlagImpactView(string Flag, bool IsDirect, int Changed, IReadOnlyList<ImpactFlowView> Flows);

/// <summary>How many contexts go from one variant to another.</summary>
/// <param name="From">The variant before; null for none, when the application's default holds.</param>
/// <param name="To">The variant after; null for none.</param>
/// <param name="Contexts">How many.</param>
/// <param name="IsChange">Whether they get something else: also where a variant keeps its name and has another value.</param>
public sealed record ImpactFlowView(string? From, string? To, int Contexts, bool IsChange);

/// <summary>A context that gets something else.</summary>
/// <param name="Context">As it was kept; the targeting key is a name that stands for the real one.</param>
/// <param name="SeenAt">When it was seen.</param>
/// <param name="Changes">What it gets, at most 10 flags.</param>
public sealed record ImpactExampleView(JsonElement Context, DateTimeOffset SeenAt, IReadOnlyList<ImpactExampleChangeView> Changes);

/// <summary>What a context gets of one flag.</summary>
/// <param name="Flag">The flag's key.</param>
/// <param name="From">The variant before.</param>
/// <param name="FromReason">Why.</param>
/// <param name="To">The variant after.</param>
/// <param name="ToReason">Why.</param>
/// <param name="ToRuleId">The rule that decides after the change.</param>
public sealed record ImpactExampleChangeView(string Flag, string? From, string FromReason, string? To, string ToReason, string? ToRuleId);
