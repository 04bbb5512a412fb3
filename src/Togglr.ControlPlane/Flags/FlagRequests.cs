using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>A new flag. A boolean one needs a key and its type only: it gets the variants <c>on</c> and <c>off</c>.</summary>
public sealed record CreateFlagRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ : -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>The type of the values; never changes.</summary>
    public required FlagType Type { get; init; }

    /// <summary>What the flag is for; <c>release</c> if absent.</summary>
    public FlagKind? Kind { get; init; }

    /// <summary>2 to 100 values; only a boolean flag may leave them out.</summary>
    public IReadOnlyList<VariantBody>? Variants { get; init; }

    /// <summary>What environments serve when enabled; the first variant if absent.</summary>
    public string? DefaultVariant { get; init; }

    /// <summary>What is served while disabled; <c>off</c> for a boolean flag without variants of its own, else nothing if absent.</summary>
    public string? OffVariant { get; init; }

    /// <summary>What the values of a JSON flag must be.</summary>
    public JsonElement? JsonSchema { get; init; }

    /// <summary>Id of the person who answers for it; the creator if absent.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Ids of the people who look after it.</summary>
    public IReadOnlyList<Guid>? Maintainers { get; init; }

    /// <summary>Key of a category.</summary>
    public string? Category { get; init; }

    /// <summary>Keys of tags.</summary>
    public IReadOnlyList<string>? Tags { get; init; }

    /// <summary>Whether client keys see it.</summary>
    public bool? ClientVisible { get; init; }

    /// <summary>How long it should live, 1 to 36,500 days; by its kind if absent: 40 for release and experiment, none for the others.</summary>
    public int? ExpectedLifetimeDays { get; init; }

    /// <summary>The first state by environment key; disabled where absent.</summary>
    public IReadOnlyDictionary<string, CreateFlagEnvironmentBody>? Environments { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A new flag's state in an environment.</summary>
public sealed record CreateFlagEnvironmentBody
{
    /// <summary>Whether it starts enabled.</summary>
    public bool? Enabled { get; init; }
}

/// <summary>A value that a flag can serve.</summary>
public sealed record VariantBody
{
    /// <summary>Unique in the flag.</summary>
    public required string Key { get; init; }

    /// <summary>Of the flag's type.</summary>
    public required JsonElement Value { get; init; }

    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }
}

/// <summary>Changes of a flag. What is absent stays as it is; null clears what is optional.</summary>
public sealed record UpdateFlagRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>What the flag is for.</summary>
    public Optional<FlagKind> Kind { get; init; }

    /// <summary>All variants; those that are missing here are removed, unless they are in use.</summary>
    public Optional<IReadOnlyList<VariantBody>> Variants { get; init; }

    /// <summary>What new environments serve when enabled.</summary>
    public Optional<string> DefaultVariant { get; init; }

    /// <summary>What is served while disabled.</summary>
    public Optional<string?> OffVariant { get; init; }

    /// <summary>What the values of a JSON flag must be.</summary>
    public Optional<JsonElement?> JsonSchema { get; init; }

    /// <summary>Id of the person who answers for it.</summary>
    public Optional<Guid?> Owner { get; init; }

    /// <summary>Ids of the people who look after it.</summary>
    public Optional<IReadOnlyList<Guid>> Maintainers { get; init; }

    /// <summary>Key of a category.</summary>
    public Optional<string?> Category { get; init; }

    /// <summary>Keys of tags.</summary>
    public Optional<IReadOnlyList<string>> Tags { get; init; }

    /// <summary>Whether client keys see it.</summary>
    public Optional<bool> ClientVisible { get; init; }

    /// <summary>How long it should live, 1 to 36,500 days.</summary>
    public Optional<int?> ExpectedLifetimeDays { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>How a flag decides in an environment.</summary>
public sealed record FlagConfigurationRequest
{
    /// <summary>Flags that must serve one of the listed variants.</summary>
    public IReadOnlyList<PrerequisiteBody>? Prerequisites { get; init; }

    /// <summary>Targeting keys that get a variant before any rule.</summary>
    public IReadOnlyList<TargetBody>? Targets { get; init; }

    /// <summary>The first whose condition holds decides.</summary>
    public IReadOnlyList<RuleBody>? Rules { get; init; }

    /// <summary>What is served when no rule decides.</summary>
    [ApiSchema("Serve")]
    public required JsonElement Default { get; init; }

    /// <summary>Replaces the flag's own off variant here; null or absent: the flag's own.</summary>
    public string? OffVariant { get; init; }

    /// <summary>Whether targeting is on; unchanged if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A targeting rule.</summary>
public sealed record RuleBody
{
    /// <summary>Unique in the configuration; made up if absent.</summary>
    public string? Id { get; init; }

    /// <summary>For people.</summary>
    public string? Name { get; init; }

    /// <summary>When it decides.</summary>
    [ApiSchema("Condition")]
    public required JsonElement If { get; init; }

    /// <summary>What it serves.</summary>
    [ApiSchema("Serve")]
    public required JsonElement Then { get; init; }
}

/// <summary>Switches a flag on or off.</summary>
public sealed record ToggleFlagRequest
{
    /// <summary>On or off.</summary>
    public required bool Enabled { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Pulls or releases the kill switch.</summary>
public sealed record KillFlagRequest
{
    /// <summary>Why: 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>Keys of environments, at least one; all if absent.</summary>
    public IReadOnlyList<string>? Environments { get; init; }
}

/// <summary>What a draft configuration would be told.</summary>
/// <param name="Problems">Errors and warnings; empty when all is well.</param>
public sealed record AnalysisView(IReadOnlyList<TargetingProblem> Problems);

/// <summary>A reason for a change that needs no other body.</summary>
public sealed record ReasonRequest
{
    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
