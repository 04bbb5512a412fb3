using System.Text.Json;
using System.Text.Json.Serialization;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>What two environments do differently.</summary>
/// <param name="FromProject">Key of the project of the environment that is compared with.</param>
/// <param name="From">Key of the environment that is compared with.</param>
/// <param name="To">Key of the environment that is looked at.</param>
/// <param name="FromRevision">The revision of the first; a promotion may ask for it.</param>
/// <param name="ToRevision">The revision of the other.</param>
/// <param name="Same">How many flags do the same in both.</param>
/// <param name="Flags">Those that do not, by key. Archived flags are left out.</param>
public sealed record EnvironmentComparisonView(
    string FromProject, string From, string To, long FromRevision, long ToRevision, int Same, IReadOnlyList<FlagDifferenceView> Flags);

/// <summary>A flag that does different things in two environments.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Type">The type of its values.</param>
/// <param name="Differences">What differs.</param>
/// <param name="Touched">Whether somebody has set it up in the environment that is looked at; a promotion would overwrite that.</param>
/// <param name="From">Its state in the environment that is compared with.</param>
/// <param name="OfAnotherType">Whether the two projects' flags have the same key but values of different types: a promotion cannot replace the one by the other.</param>
/// <param name="To">Its state in the environment that is looked at; null where that project has no such flag.</param>
public sealed record FlagDifferenceView(
    string Flag, string Name, FlagType Type, IReadOnlyList<FlagAspect> Differences, bool Touched, bool OfAnotherType, FlagSideView From, FlagSideView? To);

/// <summary>A flag's state in one of two environments.</summary>
/// <param name="Enabled">Whether targeting is on.</param>
/// <param name="Killed">Whether the kill switch is pulled. A promotion neither copies nor releases it.</param>
/// <param name="Version">The version of the state.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
/// <param name="Prerequisites">Flags that must serve one of the listed variants.</param>
/// <param name="Targets">Targeting keys that get a variant before any rule.</param>
/// <param name="Rules">The first whose condition holds decides.</param>
/// <param name="Default">What is served when no rule decides.</param>
/// <param name="OffVariant">Replaces the flag's own off variant; null: the flag's own.</param>
/// <param name="Variants">The values that the flag can serve.</param>
public sealed record FlagSideView(
    bool Enabled,
    bool Killed,
    int Version,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy,
    IReadOnlyList<PrerequisiteBody> Prerequisites,
    IReadOnlyList<TargetBody> Targets,
    IReadOnlyList<RuleView> Rules,
    [property: ApiSchema("Serve")] JsonElement Default,
    string? OffVariant,
    IReadOnlyList<VariantView> Variants);

/// <summary>A part of a flag's state in an environment.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<FlagAspect>))]
public enum FlagAspect
{
    /// <summary>Whether targeting is on.</summary>
    [JsonStringEnumMemberName("enabled")]
    Enabled,

    /// <summary>Flags that it needs.</summary>
    [JsonStringEnumMemberName("prerequisites")]
    Prerequisites,

    /// <summary>Individual targets.</summary>
    [JsonStringEnumMemberName("targets")]
    Targets,

    /// <summary>Targeting rules, whatever their ids are.</summary>
    [JsonStringEnumMemberName("rules")]
    Rules,

    /// <summary>What is served when no rule decides.</summary>
    [JsonStringEnumMemberName("default")]
    Default,

    /// <summary>What is served while disabled.</summary>
    [JsonStringEnumMemberName("offVariant")]
    OffVariant,

    /// <summary>The values that the flag can serve, and which of them is the default and the off variant; differs between projects only.</summary>
    [JsonStringEnumMemberName("variants")]
    Variants,
}

/// <summary>What to do with flags that somebody has set up in the target already.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ConflictPolicy>))]
public enum ConflictPolicy
{
    /// <summary>Copy nothing at all and name them.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>Leave them as they are and copy the others.</summary>
    [JsonStringEnumMemberName("skip")]
    Skip,

    /// <summary>Replace them too.</summary>
    [JsonStringEnumMemberName("overwrite")]
    Overwrite,
}

/// <summary>Copies the state of flags from one environment to another.</summary>
public sealed record PromoteRequest
{
    /// <summary>Key of the project to copy from, in the same organization; the target's own if absent.</summary>
    public string? FromProject { get; init; }

    /// <summary>Key of the environment to copy from.</summary>
    public required string From { get; init; }

    /// <summary>Keys of flags, at most 5,000; all that are not archived if absent.</summary>
    public IReadOnlyList<string>? Flags { get; init; }

    /// <summary>Whether segments that the flags need and the target's project lacks are created there, with their conditions and lists, of at most 100,000 keys together; false if absent: they are named.</summary>
    public bool? CreateSegments { get; init; }

    /// <summary>What to do with flags that somebody has set up in the target already; <c>fail</c> if absent.</summary>
    public ConflictPolicy? ConflictPolicy { get; init; }

    /// <summary>Whether to tell only what would happen.</summary>
    public bool? DryRun { get; init; }

    /// <summary>The revision of the source that was looked at: another one is answered with 412.</summary>
    public long? FromRevision { get; init; }

    /// <summary>The revision of the target that was looked at: another one is answered with 412.</summary>
    public long? ToRevision { get; init; }

    /// <summary>Why, for the audit log; needed where the target is critical.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a promotion did, or would do.</summary>
/// <param name="FromProject">Key of the project that was copied from.</param>
/// <param name="From">Key of the environment that was copied from.</param>
/// <param name="To">Key of the target.</param>
/// <param name="Applied">Whether anything was changed: not in a dry run, and not when everything was so already.</param>
/// <param name="FromRevision">The revision of the source.</param>
/// <param name="ToRevision">The revision of the target, afterwards.</param>
/// <param name="Flags">What becomes of each flag, by key.</param>
/// <param name="CreatedSegments">Keys of segments that come along.</param>
public sealed record PromotionView(string FromProject, string From, string To, bool Applied, long FromRevision, long ToRevision, IReadOnlyList<PromotedFlagView> Flags, IReadOnlyList<string> CreatedSegments);

/// <summary>What a promotion does to one flag.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Outcome">What becomes of it.</param>
/// <param name="Differences">What differed.</param>
/// <param name="Version">The version of its state in the target, afterwards; undoing the promotion asks for it. Null where there is none yet.</param>
/// <param name="FlagVersion">The version of the flag itself, afterwards, where the flag was created or its variants replaced; then undoing asks for that as well.</param>
public sealed record PromotedFlagView(string Flag, string Name, PromotionOutcome Outcome, IReadOnlyList<FlagAspect> Differences, int? Version, int? FlagVersion);

/// <summary>What becomes of a flag in a promotion.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PromotionOutcome>))]
public enum PromotionOutcome
{
    /// <summary>It did the same in both already.</summary>
    [JsonStringEnumMemberName("unchanged")]
    Unchanged,

    /// <summary>The target's project had no such flag: it was created, switched off in all other environments.</summary>
    [JsonStringEnumMemberName("created")]
    Created,

    /// <summary>Copied; nobody had set it up in the target.</summary>
    [JsonStringEnumMemberName("copied")]
    Copied,

    /// <summary>Copied over what somebody had set up in the target.</summary>
    [JsonStringEnumMemberName("overwritten")]
    Overwritten,

    /// <summary>Left alone, because somebody has set it up in the target.</summary>
    [JsonStringEnumMemberName("skipped")]
    Skipped,

    /// <summary>In the way of the whole promotion, because somebody has set it up in the target.</summary>
    [JsonStringEnumMemberName("conflict")]
    Conflict,
}
