using System.Text.Json;

namespace Togglr.Store;

/// <summary>How a flag decides in one environment, in the snapshot's shapes. Whether the parts mean something is checked by Togglr.Evaluation before.</summary>
/// <param name="Prerequisites">Array of <c>{flag, variants}</c>.</param>
/// <param name="Targets">Array of <c>{variant, keys}</c>.</param>
/// <param name="Rules">Array of <c>{id, name?, if, then}</c>.</param>
/// <param name="Default">A serve.</param>
/// <param name="OffVariant">Replaces the flag's own here; null: the flag's own.</param>
public sealed record FlagConfiguration(JsonElement Prerequisites, JsonElement Targets, JsonElement Rules, JsonElement Default, string? OffVariant = null)
{
    /// <summary>A configuration without prerequisites, targets and rules.</summary>
    public static FlagConfiguration Serving(string variant) =>
        new(JsonColumn.EmptyArray, JsonColumn.EmptyArray, JsonColumn.EmptyArray, JsonColumn.Parse($$"""{"variant":{{JsonSerializer.Serialize(variant)}}}"""));

    /// <summary>The same without the rules of experiments, which belong to one environment.</summary>
    public FlagConfiguration WithoutExperiments() => ExperimentRules.RemoveAll(this);
}

/// <summary>A flag's state in one environment.</summary>
public sealed class FlagEnvironment : Versioned, IProjectOwned
{
    private FlagEnvironment()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The flag.</summary>
    public Guid FlagId { get; private set; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <summary>The environment's key.</summary>
    public string EnvironmentKey { get; private set; } = "";

    /// <summary>Off means: the off variant for everybody.</summary>
    public bool Enabled { get; private set; }

    /// <summary>The kill switch; stronger than <see cref="Enabled"/>.</summary>
    public bool Killed { get; private set; }

    /// <summary>Why it was killed.</summary>
    public string? KillReason { get; private set; }

    /// <summary>When it was killed.</summary>
    public DateTimeOffset? KilledAt { get; private set; }

    /// <summary>The user who killed it; null for the system.</summary>
    public Guid? KilledBy { get; private set; }

    /// <inheritdoc cref="FlagConfiguration.Prerequisites"/>
    public JsonElement Prerequisites { get; private set; }

    /// <inheritdoc cref="FlagConfiguration.Targets"/>
    public JsonElement Targets { get; private set; }

    /// <inheritdoc cref="FlagConfiguration.Rules"/>
    public JsonElement Rules { get; private set; }

    /// <inheritdoc cref="FlagConfiguration.Default"/>
    public JsonElement Default { get; private set; }

    /// <inheritdoc cref="FlagConfiguration.OffVariant"/>
    public string? OffVariant { get; private set; }

    /// <summary>Segments that the rules name, sorted.</summary>
    public IReadOnlyList<string> SegmentRefs { get; private set; } = [];

    /// <summary>Flags that the prerequisites name, sorted.</summary>
    public IReadOnlyList<string> FlagRefs { get; private set; } = [];

    /// <summary>Experiments that the serves name, sorted.</summary>
    public IReadOnlyList<string> ExperimentRefs { get; private set; } = [];

    /// <summary>The flag; loaded on request.</summary>
    public Flag? Flag { get; private set; }

    /// <summary>The part that <see cref="Configure"/> changes.</summary>
    public FlagConfiguration Configuration => new(Prerequisites, Targets, Rules, Default, OffVariant);

    internal override string AuditPath => $"{Flag?.AuditPath ?? $"flags/{FlagId}"}/environments/{EnvironmentKey}";

    /// <summary>Changes how the flag decides. The flag must be loaded.</summary>
    public Result Configure(FlagConfiguration configuration)
    {
        var flag = LoadedFlag();
        if (flag.ArchivedAt is not null)
            return Flag.ArchivedError;
        if ((Kind(configuration.Prerequisites, JsonValueKind.Array, "prerequisites")
            ?? Kind(configuration.Targets, JsonValueKind.Array, "targets")
            ?? Kind(configuration.Rules, JsonValueKind.Array, "rules")
            ?? Kind(configuration.Default, JsonValueKind.Object, "default")) is { } error)
            return error;
        var known = flag.Variants.Select(variant => variant.Key).ToHashSet(StringComparer.Ordinal);
        var references = ConfigurationReferences.Of(configuration);
        if (references.Variants.FirstOrDefault(variant => !known.Contains(variant)) is { } unknown)
            return Result.Invalid("", $"The flag has no variant {unknown}.");
        if (references.Flags.Contains(flag.Key))
            return Result.Invalid("prerequisites", "A flag cannot be its own prerequisite.");

        (Prerequisites, Targets, Rules, Default, OffVariant) =
            (configuration.Prerequisites, configuration.Targets, configuration.Rules, configuration.Default, configuration.OffVariant);
        (SegmentRefs, FlagRefs, ExperimentRefs) = ([.. references.Segments], [.. references.Flags], [.. references.Experiments]);
        return Result.Ok;
    }

    /// <summary>Switches the flag on or off; doing it twice changes nothing. The flag must be loaded.</summary>
    public Result Toggle(bool enabled)
    {
        if (LoadedFlag().ArchivedAt is not null)
            return Flag.ArchivedError;
        Enabled = enabled;
        return Result.Ok;
    }

    /// <summary>Pulls the kill switch; a second time changes nothing, the first reason stays. The flag must be loaded.</summary>
    /// <param name="reason">1 to 1,000 characters.</param>
    /// <param name="by">The user; null for the system.</param>
    /// <param name="now">The present.</param>
    public Result Kill(string reason, Guid? by, DateTimeOffset now)
    {
        if (string.IsNullOrWhiteSpace(reason) || reason.Length > 1000)
            return Result.Invalid("reason", "A reason of 1 to 1,000 characters is needed.");
        if (KeyFormat.Text(reason, "reason") is { } error)
            return error;
        if (LoadedFlag().ArchivedAt is not null)
            return Flag.ArchivedError;
        if (!Killed)
            (Killed, KillReason, KilledAt, KilledBy) = (true, reason, now, by);
        return Result.Ok;
    }

    /// <summary>Undoes the kill switch; doing it twice changes nothing.</summary>
    public Result Revive()
    {
        (Killed, KillReason, KilledAt, KilledBy) = (false, null, null, null);
        return Result.Ok;
    }

    internal static FlagEnvironment Create(Flag flag, ProjectEnvironment environment)
    {
        var configuration = FlagConfiguration.Serving(flag.DefaultVariant);
        return new FlagEnvironment
        {
            OrganizationId = flag.OrganizationId, ProjectId = flag.ProjectId, FlagId = flag.Id, EnvironmentId = environment.Id,
            EnvironmentKey = environment.Key, Flag = flag, Prerequisites = configuration.Prerequisites, Targets = configuration.Targets,
            Rules = configuration.Rules, Default = configuration.Default,
        };
    }

    internal IEnumerable<string> UsedVariants() => ConfigurationReferences.Of(Configuration).Variants;

    private static StoreError? Kind(JsonElement element, JsonValueKind kind, string path) =>
        element.ValueKind == kind ? null : Result.Invalid(path, $"An {EnumText.Of(kind)} is needed.");

    private Flag LoadedFlag() => Flag ?? throw new InvalidOperationException("Load the flag with its environments before changing one.");
}
