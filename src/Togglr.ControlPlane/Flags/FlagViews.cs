using System.Text.Json;
using Togglr.ControlPlane.Algorithms;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Usage;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>A flag: what is the same in every environment, and a summary of each.</summary>
/// <param name="Id">The flag's id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Type">The type of the values.</param>
/// <param name="Kind">What the flag is for.</param>
/// <param name="Variants">In the order of display.</param>
/// <param name="DefaultVariant">What new environments serve when enabled.</param>
/// <param name="OffVariant">What is served while disabled; null: nothing, the application's default holds.</param>
/// <param name="JsonSchema">What the values of a JSON flag must be.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Maintainers">Who looks after it.</param>
/// <param name="Category">Key of its category.</param>
/// <param name="Tags">Keys of its tags.</param>
/// <param name="ClientVisible">Whether client keys see it.</param>
/// <param name="ExpectedLifetimeDays">How long it should live; null: no expectation.</param>
/// <param name="ArchivedAt">Since when it is archived.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
/// <param name="Environments">By the key of the environment.</param>
/// <param name="Lifecycle">Where it is in its life.</param>
public sealed record FlagView(
    Guid Id,
    string Key,
    string Name,
    string Description,
    FlagType Type,
    FlagKind Kind,
    IReadOnlyList<VariantView> Variants,
    string DefaultVariant,
    string? OffVariant,
    JsonElement? JsonSchema,
    PersonRef? Owner,
    IReadOnlyList<PersonRef> Maintainers,
    string? Category,
    IReadOnlyList<string> Tags,
    bool ClientVisible,
    int? ExpectedLifetimeDays,
    DateTimeOffset? ArchivedAt,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy,
    IReadOnlyDictionary<string, FlagEnvironmentSummary> Environments,
    LifecycleView Lifecycle);

/// <summary>One of the values that a flag can serve.</summary>
/// <param name="Key">Unique in the flag.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Value">Of the flag's type.</param>
public sealed record VariantView(string Key, string Name, string Description, JsonElement Value);

/// <summary>A flag in one environment, in short.</summary>
/// <param name="Enabled">Whether targeting is on.</param>
/// <param name="Killed">Whether the kill switch is pulled.</param>
/// <param name="KillReason">Why.</param>
/// <param name="Version">The version of the state in this environment.</param>
/// <param name="RuleCount">How many rules there are.</param>
/// <param name="UpdatedAt">When the state was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
/// <param name="Serves">What the default serves, for people: <c>on</c>, <c>50% control, 50% treatment</c>; where an algorithm decides, what it serves now.</param>
/// <param name="Algorithm">The algorithm that shares out traffic; null: none.</param>
public sealed record FlagEnvironmentSummary(
    bool Enabled, bool Killed, string? KillReason, int Version, int RuleCount, DateTimeOffset UpdatedAt, PersonRef? UpdatedBy, string Serves, FlagAlgorithmSummary? Algorithm);

/// <summary>An algorithm that shares out traffic, in short.</summary>
/// <param name="Kind">Which.</param>
/// <param name="Rule">Id of the rule whose serve it replaces; null for the default.</param>
/// <param name="Paused">Whether the weights stay as they are.</param>
/// <param name="Shares">The shares of the variants, the largest first; null where contexts are told apart, each with shares of its own.</param>
public sealed record FlagAlgorithmSummary(AlgorithmKind Kind, string? Rule, bool Paused, IReadOnlyList<AlgorithmShareView>? Shares);

/// <summary>A flag in one environment.</summary>
/// <param name="Flag">The flag's key.</param>
/// <param name="Environment">The environment's key.</param>
/// <param name="Enabled">Whether targeting is on.</param>
/// <param name="Killed">Whether the kill switch is pulled.</param>
/// <param name="KillReason">Why.</param>
/// <param name="KilledAt">When.</param>
/// <param name="KilledBy">By whom.</param>
/// <param name="Version">Also the entity tag; <c>PUT</c> asks for it.</param>
/// <param name="UpdatedAt">When the state was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
/// <param name="Prerequisites">Flags that must serve one of the listed variants.</param>
/// <param name="Targets">Targeting keys that get a variant before any rule.</param>
/// <param name="Rules">The first whose condition holds decides.</param>
/// <param name="Default">What is served when no rule decides.</param>
/// <param name="OffVariant">Replaces the flag's own off variant here; null: the flag's own.</param>
/// <param name="Problems">Warnings about the saved configuration.</param>
public sealed record FlagEnvironmentView(
    string Flag,
    string Environment,
    bool Enabled,
    bool Killed,
    string? KillReason,
    DateTimeOffset? KilledAt,
    PersonRef? KilledBy,
    int Version,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy,
    IReadOnlyList<PrerequisiteBody> Prerequisites,
    IReadOnlyList<TargetBody> Targets,
    IReadOnlyList<RuleView> Rules,
    [property: ApiSchema("Serve")] JsonElement Default,
    string? OffVariant,
    IReadOnlyList<TargetingProblem> Problems);

/// <summary>A flag that must serve one of some variants first.</summary>
/// <param name="Flag">Its key.</param>
/// <param name="Variants">Keys of its variants.</param>
public sealed record PrerequisiteBody(string Flag, IReadOnlyList<string> Variants);

/// <summary>Targeting keys that get a variant.</summary>
/// <param name="Variant">The variant's key.</param>
/// <param name="Keys">The targeting keys.</param>
public sealed record TargetBody(string Variant, IReadOnlyList<string> Keys);

/// <summary>A targeting rule.</summary>
/// <param name="Id">Unique in the configuration; evaluations name it.</param>
/// <param name="Name">For people.</param>
/// <param name="If">When it decides.</param>
/// <param name="Then">What it serves.</param>
public sealed record RuleView(string Id, string? Name, [property: ApiSchema("Condition")] JsonElement If, [property: ApiSchema("Serve")] JsonElement Then);

/// <summary>What the analysis of a configuration says.</summary>
/// <param name="Severity"><c>error</c>: it cannot be saved; <c>warning</c>: it can, but look; <c>info</c>: good to know.</param>
/// <param name="Code">A stable code.</param>
/// <param name="Path">A JSON pointer into the configuration.</param>
/// <param name="Message">For people.</param>
/// <param name="Values">What the message names, by name, for those who say it in another language.</param>
/// <param name="Fixes">What could be done about it, the likeliest first.</param>
public sealed record TargetingProblem(
    ProblemSeverity Severity, string Code, string Path, string Message, IReadOnlyDictionary<string, string> Values, IReadOnlyList<TargetingFix> Fixes);

/// <summary>A way to do away with a problem.</summary>
/// <param name="Kind">A stable name of what is done.</param>
/// <param name="Label">What is done, for people.</param>
/// <param name="Operations">Changes of the configuration, one after another.</param>
public sealed record TargetingFix(string Kind, string Label, IReadOnlyList<TargetingFixOperation> Operations);

/// <summary>A change of the configuration, as in JSON Patch (RFC 6902).</summary>
/// <param name="Op">What is done.</param>
/// <param name="Path">A JSON pointer.</param>
/// <param name="From">For <c>move</c>: where it was.</param>
/// <param name="Value">For <c>replace</c>: what is there then.</param>
public sealed record TargetingFixOperation(TargetingFixOp Op, string Path, string? From, JsonElement? Value);

/// <summary>What an operation of a fix does.</summary>
public enum TargetingFixOp
{
    /// <summary>Takes away what is at the path.</summary>
    Remove,

    /// <summary>Puts a value in the place of what is at the path.</summary>
    Replace,

    /// <summary>Takes away what is at another path and puts it in at the path.</summary>
    Move,
}

/// <summary>How bad a targeting problem is.</summary>
public enum ProblemSeverity
{
    /// <summary>Cannot be saved.</summary>
    Error,

    /// <summary>Can be saved, but is probably not meant.</summary>
    Warning,

    /// <summary>Nothing wrong; good to know, or could be shorter.</summary>
    Info,
}
