using System.Text.Json;
using Togglr.Statistics.Bandits;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>An algorithm as the manager has it: what somebody decided, what it serves, and what was computed from last.</summary>
internal sealed record LiveBandit
{
    public required Guid Id { get; init; }

    public required Guid OrganizationId { get; init; }

    public required Guid ProjectId { get; init; }

    public required Guid EnvironmentId { get; init; }

    public required string Flag { get; init; }

    public required string Environment { get; init; }

    public required AlgorithmDesign Design { get; init; }

    public required int Generation { get; init; }

    public required int Version { get; init; }

    public required long Number { get; init; }

    public required bool Learned { get; init; }

    public required WeightTable Table { get; init; }

    /// <summary>What the metric said that it learns from, when it began to; null where it learns from feedback.</summary>
    public required MetricDefinition? Metric { get; init; }

    /// <summary>The last batch of events that added something.</summary>
    public required long Batch { get; init; }

    /// <summary>What the present state was computed from; null before the first.</summary>
    public (int Version, long Number, long Batch, DateTimeOffset At)? Computed { get; init; }

    /// <summary>Whether the time between two looks at it is over.</summary>
    public bool IsRested(DateTimeOffset now) => Computed is not { } last || now - last.At >= TimeSpan.FromSeconds(Design.IntervalSeconds);

    /// <summary>Whether there may be something new to say.</summary>
    public bool IsDue(DateTimeOffset now)
    {
        if (Computed is not { } last || last.Version != Version)
            return true;
        if (!IsRested(now))
            return false;
        // What was learned fades by itself.
        return last.Batch != Batch || last.Number != Number || (Design.Settings[AlgorithmSettings.Discount] < 1 && now - last.At > TimeSpan.FromMinutes(1));
    }

    /// <summary>The settings as the mathematics has them.</summary>
    public BanditNumbers Numbers => new(
        Enum.Parse<BanditRule>(Design.Kind.ToString()), Of(AlgorithmSettings.Floor), Of(AlgorithmSettings.ColdStart), Of(AlgorithmSettings.Epsilon), Of(AlgorithmSettings.Exploration),
        Of(AlgorithmSettings.PriorSuccesses), Of(AlgorithmSettings.PriorFailures), Of(AlgorithmSettings.Alpha), Of(AlgorithmSettings.Ridge), Design.Reward.Source == RewardSource.Outcome || Metric is { Kind: MetricKind.Conversion });

    private double Of(string setting) => Design.Settings.TryGetValue(setting, out var value) ? value : 1;

    /// <summary>Reads what is stored.</summary>
    public static AlgorithmDesign ReadDesign(AlgorithmKind kind, string[] arms, string settings, string reward, string context, int interval, bool paused) => new()
    {
        Kind = kind, Arms = arms, Settings = Read<Dictionary<string, double>>(settings), Reward = Read<AlgorithmReward>(reward), Context = Read<List<AlgorithmContext>>(context), IntervalSeconds = interval, Paused = paused,
    };

    /// <summary>Reads JSON that is stored.</summary>
    public static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, ExperimentJson.Options)!;
}
