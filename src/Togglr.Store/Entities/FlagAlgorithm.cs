using System.Text.Json;

namespace Togglr.Store;

/// <summary>How an algorithm shares traffic out.</summary>
public enum AlgorithmKind
{
    /// <summary>Most for the best arm so far, a fixed share for all.</summary>
    EpsilonGreedy,

    /// <summary>To each arm the probability that it is the best.</summary>
    Thompson,

    /// <summary>All for the arm that may be the best, given how little is known of it.</summary>
    Ucb1,

    /// <summary>The same with a linear model of the context.</summary>
    LinUcb,

    /// <summary>Thompson sampling with a linear model of the context.</summary>
    LinearThompson,
}

/// <summary>What an algorithm learns from.</summary>
public enum RewardSource
{
    /// <summary>Feedback that says success or failure.</summary>
    Outcome,

    /// <summary>The number in feedback.</summary>
    Value,

    /// <summary>A metric of those who were exposed.</summary>
    Metric,
}

/// <summary>What an algorithm learns from.</summary>
/// <param name="Source">Which.</param>
/// <param name="Metric">Key of the metric, for <see cref="RewardSource.Metric"/>.</param>
/// <param name="WindowMinutes">For so long after the exposure the metric counts; whoever did nothing by then is a failure, and before then nothing yet.</param>
public sealed record AlgorithmReward(RewardSource Source, string? Metric = null, int WindowMinutes = 0);

/// <summary>An attribute by which a contextual algorithm tells units apart.</summary>
/// <param name="Attribute">Its name.</param>
/// <param name="Values">The values that are told apart; everything else is one more.</param>
public sealed record AlgorithmContext(string Attribute, IReadOnlyList<string> Values);

/// <summary>Everything about an algorithm that somebody decides.</summary>
public sealed record AlgorithmDesign
{
    /// <summary>The least time between two versions of the weights where nobody says: what changes the best arm is to be with every SDK within five seconds.</summary>
    public const int DefaultInterval = 3;

    /// <summary>Which algorithm.</summary>
    public required AlgorithmKind Kind { get; init; }

    /// <summary>The rule whose serve it replaces; null for the default.</summary>
    public string? RuleId { get; init; }

    /// <summary>The variants that it chooses from; empty: all of the flag.</summary>
    public IReadOnlyList<string> Arms { get; init; } = [];

    /// <summary>Numbers by name, see <see cref="AlgorithmSettings"/>.</summary>
    public IReadOnlyDictionary<string, double> Settings { get; init; } = new Dictionary<string, double>();

    /// <summary>What it learns from.</summary>
    public AlgorithmReward Reward { get; init; } = new(RewardSource.Outcome);

    /// <summary>By what it tells units apart; empty: not at all.</summary>
    public IReadOnlyList<AlgorithmContext> Context { get; init; } = [];

    /// <summary>How many of 10,000 get the arms in equal shares for good, to compare with.</summary>
    public int Holdout { get; init; }

    /// <summary>The least time between two versions of the weights.</summary>
    public int IntervalSeconds { get; init; } = DefaultInterval;

    /// <summary>The attribute whose values are assigned; null for the targeting key.</summary>
    public string? BucketBy { get; init; }

    /// <summary>Whether the weights stay as they are.</summary>
    public bool Paused { get; init; }
}

/// <summary>An algorithm that shares out the traffic of one place of a flag in one environment by what the variants earn.</summary>
public sealed class FlagAlgorithm : Entity, IProjectOwned, IGuardedState
{
    /// <summary>Most variants that it chooses from.</summary>
    public const int MaximumArms = 20;

    /// <summary>Most contexts that it tells apart: each has weights of its own in the snapshot.</summary>
    public const int MaximumCells = 64;

    private FlagAlgorithm()
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

    /// <inheritdoc cref="AlgorithmDesign.Kind"/>
    public AlgorithmKind Kind { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.RuleId"/>
    public string? RuleId { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.Arms"/>
    public IReadOnlyList<string> Arms { get; private set; } = [];

    /// <summary>The settings, as stored.</summary>
    public JsonElement Settings { get; private set; }

    /// <summary>The reward, as stored.</summary>
    public JsonElement Reward { get; private set; }

    /// <summary>What the metric of the reward said when the algorithm began to learn from it, as stored: see <see cref="RewardMetric"/>.</summary>
    public JsonElement? Metric { get; private set; }

    /// <summary>The context, as stored.</summary>
    public JsonElement Context { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.Holdout"/>
    public int Holdout { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.IntervalSeconds"/>
    public int IntervalSeconds { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.BucketBy"/>
    public string? BucketBy { get; private set; }

    /// <inheritdoc cref="AlgorithmDesign.Paused"/>
    public bool Paused { get; private set; }

    /// <summary>Grows when what was counted before means nothing any more: another reward, context or period.</summary>
    public int Generation { get; private set; }

    /// <summary>Everything that somebody decides.</summary>
    public AlgorithmDesign Design => new()
    {
        Kind = Kind, RuleId = RuleId, Arms = Arms, Settings = Settings.Deserialize<Dictionary<string, double>>(ExperimentJson.Options)!,
        Reward = Reward.Deserialize<AlgorithmReward>(ExperimentJson.Options)!, Context = Context.Deserialize<List<AlgorithmContext>>(ExperimentJson.Options)!, Holdout = Holdout,
        IntervalSeconds = IntervalSeconds, BucketBy = BucketBy, Paused = Paused,
    };

    /// <summary>What the metric of the reward said when the algorithm began to learn from it; null without one.</summary>
    public MetricDefinition? RewardMetric => Metric?.Deserialize<MetricDefinition>(ExperimentJson.Options);

    internal override string AuditPath => $"flags/{FlagKey}/environments/{EnvironmentKey}/algorithm";

    /// <summary>A new one.</summary>
    /// <param name="flag">Its flag.</param>
    /// <param name="state">The flag in its environment.</param>
    /// <param name="design">What somebody decided.</param>
    /// <param name="metric">What the metric of the reward says, where there is one.</param>
    public static Result<FlagAlgorithm> Create(Flag flag, FlagEnvironment state, AlgorithmDesign design, MetricDefinition? metric)
    {
        var algorithm = new FlagAlgorithm
        {
            Id = Guid.CreateVersion7(), OrganizationId = flag.OrganizationId, ProjectId = flag.ProjectId, FlagId = flag.Id, EnvironmentId = state.EnvironmentId, FlagKey = flag.Key,
            EnvironmentKey = state.EnvironmentKey, Generation = 1,
        };
        var set = algorithm.Set(flag, state, design);
        if (!set.IsOk)
            return set.Error!;
        algorithm.Freeze(metric);
        return algorithm;
    }

    /// <summary>Changes it. What was learned stays, as far as it still means something; so does what the metric said, unless it learns from something else now.</summary>
    /// <param name="flag">Its flag.</param>
    /// <param name="state">The flag in its environment.</param>
    /// <param name="design">What somebody decided.</param>
    /// <param name="metric">What the metric of the reward says, where there is one.</param>
    public Result Change(Flag flag, FlagEnvironment state, AlgorithmDesign design, MetricDefinition? metric)
    {
        var before = Design;
        var set = Set(flag, state, design);
        if (!set.IsOk)
            return set;
        var after = Design;
        if (before.Reward != after.Reward)
            Freeze(metric);
        if (before.Reward != after.Reward || before.Settings[AlgorithmSettings.DiscountMinutes] != after.Settings[AlgorithmSettings.DiscountMinutes] || !AlgorithmCells.Same(before.Context, after.Context))
            Generation++;
        return set;
    }

    private void Freeze(MetricDefinition? metric) => Metric = metric is null ? null : JsonSerializer.SerializeToElement(metric, ExperimentJson.Options);

    private Result Set(Flag flag, FlagEnvironment state, AlgorithmDesign design)
    {
        if (flag.ArchivedAt is not null)
            return Flag.ArchivedError;
        design = design.Arms.Count == 0 ? design with { Arms = [.. flag.Variants.Select(variant => variant.Key)] } : design;
        if (AlgorithmRules.Fault(flag, state, design) is { } fault)
            return fault;
        var settings = AlgorithmSettings.Complete(design.Kind, design.Settings, design.Arms.Count);
        if (!settings.IsOk)
            return settings.Error;
        (Kind, RuleId, Holdout, IntervalSeconds, BucketBy, Paused) = (design.Kind, design.RuleId, design.Holdout, design.IntervalSeconds, design.BucketBy, design.Paused);
        // Set only where they differ: what looks the same is no change.
        if (!Arms.SequenceEqual(design.Arms, StringComparer.Ordinal))
            Arms = [.. design.Arms];
        Settings = JsonSerializer.SerializeToElement(settings.Value, ExperimentJson.Options);
        Reward = JsonSerializer.SerializeToElement(design.Reward, ExperimentJson.Options);
        Context = JsonSerializer.SerializeToElement(design.Context, ExperimentJson.Options);
        return Result.Ok;
    }
}
