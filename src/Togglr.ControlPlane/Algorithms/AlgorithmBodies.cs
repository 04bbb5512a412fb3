using Togglr.Statistics.Bandits;
using Togglr.Store;

namespace Togglr.ControlPlane.Algorithms;

/// <summary>What an algorithm learns from.</summary>
public sealed record AlgorithmRewardBody
{
    /// <summary><c>outcome</c>: whether feedback says success; <c>value</c>: the number in feedback, 1 or 0 for success or not where there is none; <c>metric</c>: what a unit did in a while after it was exposed.</summary>
    public required RewardSource Source { get; init; }

    /// <summary>Key of the metric, a conversion, count or sum, for <c>metric</c>.</summary>
    public string? Metric { get; init; }

    /// <summary>For <c>metric</c>: for so many minutes after the exposure it counts, 1 to 43,200. Who did nothing by then has earned nothing; before then nothing is concluded.</summary>
    public int? WindowMinutes { get; init; }
}

/// <summary>An attribute by which units are told apart.</summary>
public sealed record AlgorithmContextBody
{
    /// <summary>Its name.</summary>
    public required string Attribute { get; init; }

    /// <summary>1 to 16 values that are told apart; everything else is one more.</summary>
    public required IReadOnlyList<string> Values { get; init; }
}

/// <summary>An algorithm that shares out the traffic of one place of a flag by what the variants earn.</summary>
public sealed record PutAlgorithmRequest
{
    /// <summary>Which algorithm.</summary>
    public required AlgorithmKind Kind { get; init; }

    /// <summary>Id of the rule whose serve it replaces; the default if absent.</summary>
    public string? Rule { get; init; }

    /// <summary>2 to 20 variants that it chooses from; all of the flag if absent.</summary>
    public IReadOnlyList<string>? Arms { get; init; }

    /// <summary>
    /// Numbers by name; those that are absent are as they are by default. All: <c>floor</c> (0 to 0.5; 0.01), <c>coldStart</c> (outcomes of every arm before anything is concluded; 50), <c>discount</c> (what outcomes are worth a
    /// period later, 0.01 to 1; 1), <c>discountMinutes</c> (the period, 1 to 10,080; 60). epsilonGreedy: <c>epsilon</c> (0 to 1; 0.1). ucb1: <c>exploration</c> (0 to 10; 1). thompson: <c>priorSuccesses</c> and
    /// <c>priorFailures</c> (0.01 to 1,000,000; 1). linUcb and linearThompson: <c>alpha</c> (0.01 to 100; 0.5), <c>ridge</c> (0.000001 to 1,000,000; 1).
    /// </summary>
    public IReadOnlyDictionary<string, double>? Settings { get; init; }

    /// <summary>What it learns from; whether feedback says success if absent.</summary>
    public AlgorithmRewardBody? Reward { get; init; }

    /// <summary>Up to 4 attributes by which units are told apart, at most 64 combinations; needed by linUcb and linearThompson, which learn from all combinations together, while the others learn in each by itself.</summary>
    public IReadOnlyList<AlgorithmContextBody>? Context { get; init; }

    /// <summary>How many percent get the arms in equal shares for good, to compare with: 0 to 50; 0 if absent.</summary>
    public double? Holdout { get; init; }

    /// <summary>The least time between two versions of the weights, 1 to 86,400 seconds; 3 if absent.</summary>
    public int? IntervalSeconds { get; init; }

    /// <summary>The attribute whose values are assigned; the targeting key if absent.</summary>
    public string? BucketBy { get; init; }

    /// <summary>Whether the weights stay as they are.</summary>
    public bool? Paused { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>The share of an arm.</summary>
/// <param name="Variant">Key of the variant.</param>
/// <param name="Weight">From 0 to 1.</param>
public sealed record AlgorithmShareView(string Variant, double Weight);

/// <summary>The shares in a context.</summary>
/// <param name="Cell">Its name to machines; empty where none are told apart.</param>
/// <param name="Name">Its name to people, such as <c>country=DE, device=*</c>.</param>
/// <param name="Arms">The shares.</param>
public sealed record AlgorithmCellView(string Cell, string Name, IReadOnlyList<AlgorithmShareView> Arms);

/// <summary>An algorithm.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Kind">Which algorithm.</param>
/// <param name="Rule">Id of the rule whose serve it replaces; null for the default.</param>
/// <param name="Arms">The variants that it chooses from.</param>
/// <param name="Settings">All its numbers by name.</param>
/// <param name="Reward">What it learns from.</param>
/// <param name="RewardMetric">What the metric of the reward said when the algorithm began to learn from it: it learns by that, whatever is changed in the metric later; null without one.</param>
/// <param name="Context">By what units are told apart.</param>
/// <param name="Holdout">How many percent get the arms in equal shares.</param>
/// <param name="IntervalSeconds">The least time between two versions of the weights.</param>
/// <param name="BucketBy">The attribute whose values are assigned; null for the targeting key.</param>
/// <param name="Paused">Whether the weights stay as they are.</param>
/// <param name="WeightsVersion">The version of the weights that are served, from 1.</param>
/// <param name="WeightsAt">Since when.</param>
/// <param name="Learned">Whether they came of what was learned; before that they are equal.</param>
/// <param name="Weights">The weights, one entry for each context.</param>
/// <param name="StartedAt">Since when there is an algorithm.</param>
/// <param name="UpdatedAt">When somebody changed it last.</param>
/// <param name="Version">Grows with what people change; the weights have a version of their own.</param>
public sealed record AlgorithmView(
    string Flag, string Environment, AlgorithmKind Kind, string? Rule, IReadOnlyList<string> Arms, IReadOnlyDictionary<string, double> Settings, AlgorithmRewardBody Reward, MetricDefinition? RewardMetric,
    IReadOnlyList<AlgorithmContextBody> Context,
    double Holdout, int IntervalSeconds, string? BucketBy, bool Paused, long WeightsVersion, DateTimeOffset WeightsAt, bool Learned, IReadOnlyList<AlgorithmCellView> Weights, DateTimeOffset StartedAt,
    DateTimeOffset UpdatedAt, int Version)
{
    internal static AlgorithmView Of(FlagAlgorithm row, AlgorithmWeights weights)
    {
        var design = row.Design;
        return new AlgorithmView(
            row.FlagKey, row.EnvironmentKey, row.Kind, row.RuleId, row.Arms, design.Settings,
            new AlgorithmRewardBody { Source = design.Reward.Source, Metric = design.Reward.Metric, WindowMinutes = design.Reward.Source == RewardSource.Metric ? design.Reward.WindowMinutes : null },
            row.RewardMetric,
            [.. design.Context.Select(part => new AlgorithmContextBody { Attribute = part.Attribute, Values = part.Values })], row.Holdout / 100.0, row.IntervalSeconds, row.BucketBy, row.Paused, weights.Number,
            weights.At, weights.Learned, Cells(design.Context, weights.Table), row.CreatedAt, row.UpdatedAt, row.Version);
    }

    internal static IReadOnlyList<AlgorithmCellView> Cells(IReadOnlyList<AlgorithmContext> context, WeightTable table) =>
        [.. AlgorithmCells.All(context).Where(table.Cells.ContainsKey).Select(cell => new AlgorithmCellView(
            cell, AlgorithmCells.Describe(context, cell), [.. table.Arms.Select(arm => new AlgorithmShareView(arm, table.ShareOf(cell, arm)))]))];
}

/// <summary>What an algorithm has come to.</summary>
/// <param name="At">When that was computed; null: nothing has been yet.</param>
/// <param name="WeightsVersion">The version of the weights that it is about.</param>
/// <param name="Evaluations">How often each variant was served in the environment since the algorithm began, to the hour, for whatever reason.</param>
/// <param name="State">What was computed.</param>
public sealed record AlgorithmStateView(DateTimeOffset? At, long? WeightsVersion, IReadOnlyDictionary<string, long> Evaluations, BanditState? State);

/// <summary>A version of the weights.</summary>
/// <param name="Version">Its number.</param>
/// <param name="At">Since when it was served.</param>
/// <param name="Learned">Whether it came of what was learned.</param>
/// <param name="Cells">The weights, one entry for each context.</param>
public sealed record AlgorithmStepView(long Version, DateTimeOffset At, bool Learned, IReadOnlyList<AlgorithmCellView> Cells);

/// <summary>An arm in a period.</summary>
/// <param name="Variant">Key of the variant.</param>
/// <param name="Exposures">Units that were served it and told so.</param>
/// <param name="Outcomes">How many came back.</param>
/// <param name="Successes">Of these, successes.</param>
/// <param name="Reward">The sum of rewards.</param>
public sealed record AlgorithmPeriodArmView(string Variant, long Exposures, long Outcomes, long Successes, double Reward);

/// <summary>A period of time.</summary>
/// <param name="At">Its beginning.</param>
/// <param name="Arms">What was counted in it.</param>
/// <param name="Regret">What had been lost to the best arm since the algorithm began, by the end of the period, by the means as they are known now.</param>
/// <param name="UniformRegret">The same for equal shares.</param>
public sealed record AlgorithmPeriodView(DateTimeOffset At, IReadOnlyList<AlgorithmPeriodArmView> Arms, double Regret, double UniformRegret);

/// <summary>How an algorithm came to where it is.</summary>
/// <param name="From">Begin of what is told.</param>
/// <param name="To">Its end.</param>
/// <param name="Steps">The versions of the weights, the oldest first, at most 500: of more, every so many. The first may be older than <c>from</c>: it was served then.</param>
/// <param name="Periods">What was counted, the oldest first, at most 500 periods.</param>
public sealed record AlgorithmHistoryView(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<AlgorithmStepView> Steps, IReadOnlyList<AlgorithmPeriodView> Periods);
