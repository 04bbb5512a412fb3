using System.Text.Json;

namespace Togglr.Store;

/// <summary>Where an experiment is.</summary>
public enum ExperimentState
{
    /// <summary>It is being designed.</summary>
    Draft,

    /// <summary>Units are assigned.</summary>
    Running,

    /// <summary>Nobody is assigned for now; whoever took part gets the same variant when it goes on.</summary>
    Paused,

    /// <summary>It is over and waits for a decision.</summary>
    Stopped,

    /// <summary>Somebody decided.</summary>
    Decided,

    /// <summary>It is put away.</summary>
    Archived,
}

/// <summary>What came of an experiment.</summary>
public enum ExperimentDecision
{
    /// <summary>A variant is served to the whole audience.</summary>
    Ship,

    /// <summary>What was served before is served again.</summary>
    RollBack,

    /// <summary>It told nothing; what was served before is served again.</summary>
    Inconclusive,
}

/// <summary>Everything of an experiment that is designed.</summary>
public sealed record ExperimentDetails
{
    /// <summary>Shown to people; empty means the key.</summary>
    public string Name { get; init; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; init; } = "";

    /// <summary>What is believed, and why; may be empty.</summary>
    public string Hypothesis { get; init; } = "";

    /// <summary>The user who answers for it.</summary>
    public Guid? OwnerId { get; init; }

    /// <summary>A condition; null for everybody.</summary>
    public JsonElement? Audience { get; init; }

    /// <summary>The attribute whose values are assigned; null for the targeting key.</summary>
    public string? BucketBy { get; init; }

    /// <summary>How many of 10,000 take part.</summary>
    public int Traffic { get; init; } = Experiment.Whole;

    /// <summary>The variants that are compared.</summary>
    public IReadOnlyList<ExperimentVariation> Variations { get; init; } = [];

    /// <summary>The variation that the others are compared with.</summary>
    public string Control { get; init; } = "";

    /// <summary>The layer's buckets that it has; null: it is in no layer.</summary>
    public LayerRange? Layer { get; init; }

    /// <summary>Key of the holdout that it leaves out; null for none.</summary>
    public string? HoldoutKey { get; init; }

    /// <summary>Who always gets a variant.</summary>
    public IReadOnlyList<ExperimentOverride> Overrides { get; init; } = [];

    /// <summary>How it is judged.</summary>
    public ExperimentPlan Plan { get; init; } = new();
}

/// <summary>An experiment: variants of a flag are compared in one environment.</summary>
public sealed partial class Experiment : Entity, IProjectOwned, IGuardedState
{
    /// <summary>Everybody.</summary>
    public const int Whole = 10_000;

    /// <summary>Longest key: the ids of its rules are made of it.</summary>
    public const int MaximumKeyLength = 64;

    private Experiment()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <inheritdoc/>
    public Guid ProjectId { get; private set; }

    /// <inheritdoc/>
    public Guid FlagId { get; private set; }

    /// <inheritdoc/>
    public Guid EnvironmentId { get; private set; }

    /// <summary>The flag's key.</summary>
    public string FlagKey { get; private set; } = "";

    /// <summary>The environment's key.</summary>
    public string EnvironmentKey { get; private set; } = "";

    /// <summary>Unique in the project; never changes. Units are put into buckets by it.</summary>
    public string Key { get; private set; } = "";

    /// <inheritdoc cref="ExperimentDetails.Name"/>
    public string Name { get; private set; } = "";

    /// <inheritdoc cref="ExperimentDetails.Description"/>
    public string Description { get; private set; } = "";

    /// <inheritdoc cref="ExperimentDetails.Hypothesis"/>
    public string Hypothesis { get; private set; } = "";

    /// <inheritdoc cref="ExperimentDetails.OwnerId"/>
    public Guid? OwnerId { get; private set; }

    /// <summary>Where it is.</summary>
    public ExperimentState State { get; private set; }

    /// <inheritdoc cref="ExperimentDetails.Audience"/>
    public JsonElement? Audience { get; private set; }

    /// <inheritdoc cref="ExperimentDetails.BucketBy"/>
    public string? BucketBy { get; private set; }

    /// <inheritdoc cref="ExperimentDetails.Traffic"/>
    public int Traffic { get; private set; }

    /// <summary>The variants, as stored: see <see cref="VariationList"/>.</summary>
    public JsonElement Variations { get; private set; }

    /// <inheritdoc cref="ExperimentDetails.Control"/>
    public string Control { get; private set; } = "";

    /// <inheritdoc cref="LayerRange.Key"/>
    public string? LayerKey { get; private set; }

    /// <inheritdoc cref="LayerRange.From"/>
    public int? LayerFrom { get; private set; }

    /// <inheritdoc cref="LayerRange.To"/>
    public int? LayerTo { get; private set; }

    /// <inheritdoc cref="ExperimentDetails.HoldoutKey"/>
    public string? HoldoutKey { get; private set; }

    /// <summary>The holdout's share when it was started.</summary>
    public int? HoldoutShare { get; private set; }

    /// <summary>Testers, as stored: see <see cref="OverrideList"/>.</summary>
    public JsonElement Overrides { get; private set; }

    /// <summary>The plan, as stored: see <see cref="Analysis"/>.</summary>
    public JsonElement Plan { get; private set; }

    /// <summary>Keys of the metrics of the plan.</summary>
    public IReadOnlyList<string> MetricKeys { get; private set; } = [];

    /// <summary>What the metrics said when it was started, as stored: see <see cref="MetricList"/>.</summary>
    public JsonElement? Metrics { get; private set; }

    /// <summary>Grows when weights or traffic change; 0 before it is started.</summary>
    public int Phase { get; private set; }

    /// <summary>Grows when everybody is dealt anew.</summary>
    public int Seed { get; private set; } = 1;

    /// <summary>When it was started.</summary>
    public DateTimeOffset? StartedAt { get; private set; }

    /// <summary>The user who started it.</summary>
    public Guid? StartedBy { get; private set; }

    /// <summary>Since when it is paused.</summary>
    public DateTimeOffset? PausedAt { get; private set; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset? StoppedAt { get; private set; }

    /// <summary>When somebody decided.</summary>
    public DateTimeOffset? DecidedAt { get; private set; }

    /// <summary>The user who decided.</summary>
    public Guid? DecidedBy { get; private set; }

    /// <summary>What came of it.</summary>
    public ExperimentDecision? Decision { get; private set; }

    /// <summary>Why.</summary>
    public string? DecisionReason { get; private set; }

    /// <summary>The variant that was shipped.</summary>
    public string? ShippedVariant { get; private set; }

    /// <summary>The variants that are compared.</summary>
    public IReadOnlyList<ExperimentVariation> VariationList => Variations.Deserialize<List<ExperimentVariation>>(ExperimentJson.Options)!;

    /// <summary>Who always gets a variant.</summary>
    public IReadOnlyList<ExperimentOverride> OverrideList => Overrides.Deserialize<List<ExperimentOverride>>(ExperimentJson.Options)!;

    /// <summary>How it is judged.</summary>
    public ExperimentPlan Analysis => Plan.Deserialize<ExperimentPlan>(ExperimentJson.Options)!;

    /// <summary>What the metrics said when it was started; empty before.</summary>
    public IReadOnlyList<FrozenMetric> MetricList => Metrics?.Deserialize<List<FrozenMetric>>(ExperimentJson.Options) ?? [];

    /// <summary>The layer's buckets that it has.</summary>
    public LayerRange? Layer => LayerKey is { } key ? new LayerRange(key, LayerFrom!.Value, LayerTo!.Value) : null;

    /// <summary>Whether it stands in the snapshot and in a rule of its flag.</summary>
    public bool IsLive => State is ExperimentState.Running or ExperimentState.Paused;

    /// <summary>The id of the rule that serves it.</summary>
    public string RuleId => ExperimentRules.IdOf(Key);

    /// <summary>The part that is designed.</summary>
    public ExperimentDetails Details => new()
    {
        Name = Name, Description = Description, Hypothesis = Hypothesis, OwnerId = OwnerId, Audience = Audience, BucketBy = BucketBy, Traffic = Traffic, Variations = VariationList,
        Control = Control, Layer = Layer, HoldoutKey = HoldoutKey, Overrides = OverrideList, Plan = Analysis,
    };

    internal override string AuditPath => $"experiments/{Key}";

    /// <summary>A new draft.</summary>
    public static Result<Experiment> Create(Flag flag, FlagEnvironment state, string key, ExperimentDetails details)
    {
        if (!KeyFormat.IsSegmentKey(key) || key.Length > MaximumKeyLength)
            return Result.Invalid("key", $"A key is 1 to {MaximumKeyLength} letters, digits and . _ - and begins with a letter or digit.");
        var experiment = new Experiment
        {
            Id = Guid.CreateVersion7(), OrganizationId = flag.OrganizationId, ProjectId = flag.ProjectId, FlagId = flag.Id, EnvironmentId = state.EnvironmentId, FlagKey = flag.Key,
            EnvironmentKey = state.EnvironmentKey, Key = key, Overrides = JsonColumn.EmptyArray,
        };
        var designed = experiment.Design(flag, details);
        return designed.IsOk ? experiment : designed.Error;
    }

    /// <summary>Changes the design of a draft.</summary>
    public Result Design(Flag flag, ExperimentDetails details)
    {
        if (State != ExperimentState.Draft)
            return new StoreError("experiment_started", "The design of an experiment stays as it was when it was started. Begin a new phase, or another experiment.");
        if (ExperimentRulesOfDesign.Fault(flag, details) is { } fault)
            return fault;
        var described = Describe(details.Name, details.Description, details.OwnerId);
        if (!described.IsOk)
            return described;
        (Hypothesis, BucketBy, Traffic, Control) = (details.Hypothesis, details.BucketBy, details.Traffic, details.Control);
        if (!Same(Audience, details.Audience))
            Audience = details.Audience;
        (LayerKey, LayerFrom, LayerTo, HoldoutKey) = (details.Layer?.Key, details.Layer?.From, details.Layer?.To, details.HoldoutKey);
        Variations = Keep(Variations, details.Variations);
        Overrides = Keep(Overrides, details.Overrides);
        Plan = Keep(Plan, details.Plan);
        MetricKeys = [.. details.Plan.Metrics.Select(metric => metric.Metric)];
        return Result.Ok;
    }

    /// <summary>Changes what people see; at any time.</summary>
    public Result Describe(string name, string description, Guid? owner)
    {
        name = name.Length == 0 ? Key : name;
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Description, OwnerId) = (name, description, owner);
        return Result.Ok;
    }

    private static bool Same(JsonElement? left, JsonElement? right) => left is { } one && right is { } other ? JsonElement.DeepEquals(one, other) : left is null && right is null;

    private static JsonElement Keep<T>(JsonElement before, T value)
    {
        var written = JsonSerializer.SerializeToElement(value, ExperimentJson.Options);
        return before.ValueKind != JsonValueKind.Undefined && JsonElement.DeepEquals(before, written) ? before : written;
    }
}
