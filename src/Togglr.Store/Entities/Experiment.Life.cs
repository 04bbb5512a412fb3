using System.Text.Json;

namespace Togglr.Store;

public sealed partial class Experiment
{
    /// <summary>What happened here cannot be done there.</summary>
    private static StoreError Wrong(string message) => new(ErrorCodes.Conflict, message);

    /// <summary>Starts it: its rule is put into the configuration of the flag. The state must be loaded with its flag.</summary>
    /// <param name="state">The state of the flag in the experiment's environment.</param>
    /// <param name="metrics">The metrics of the plan as they are now.</param>
    /// <param name="holdout">The holdout that it names.</param>
    /// <param name="before">The rule before which its own is put; null: after all.</param>
    /// <param name="by">The user.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present.</param>
    public Result<ExperimentPhase> Start(FlagEnvironment state, IReadOnlyList<Metric> metrics, Holdout? holdout, string? before, Guid? by, string? reason, DateTimeOffset now)
    {
        if (State != ExperimentState.Draft)
            return Wrong("Only a draft can be started.");
        if (ExperimentRules.Insert(state.Configuration, this, before) is not { } configuration)
            return Result.Invalid("beforeRule", $"There is no rule {before}.");
        if (configuration.Rules.EnumerateArray().Count(rule => rule.TryGetProperty("id", out var id) && id.GetString() == RuleId) > 1)
            return Wrong($"The flag has a rule {RuleId} already.");
        var configured = state.Configure(configuration);
        if (!configured.IsOk)
            return configured.Error;
        var time = TogglrDbContext.Truncate(now);
        var order = Analysis.Metrics.Select(planned => metrics.Single(metric => metric.Key == planned.Metric));
        Metrics = JsonSerializer.SerializeToElement(order.Select(metric => new FrozenMetric(metric.Key, metric.Name, metric.Details)), ExperimentJson.Options);
        (State, Phase, HoldoutShare, StartedAt, StartedBy) = (ExperimentState.Running, 1, holdout?.Share, time, by);
        return ExperimentPhase.Begin(this, by, reason, time);
    }

    /// <summary>Assigns nobody for now. The rule stays where it is and lets everybody pass.</summary>
    public Result Pause(DateTimeOffset now)
    {
        if (State != ExperimentState.Running)
            return Wrong("Only a running experiment can be paused.");
        (State, PausedAt) = (ExperimentState.Paused, TogglrDbContext.Truncate(now));
        return Result.Ok;
    }

    /// <summary>Assigns everybody to what they had.</summary>
    public Result Resume()
    {
        if (State != ExperimentState.Paused)
            return Wrong("Only a paused experiment can be resumed.");
        (State, PausedAt) = (ExperimentState.Running, null);
        return Result.Ok;
    }

    /// <summary>Begins a phase with other traffic or weights. Who takes part stays where they are as far as the new numbers let them, unless everybody is dealt anew.</summary>
    /// <param name="flag">The flag.</param>
    /// <param name="traffic">How many of 10,000 take part.</param>
    /// <param name="variations">The variants with their weights.</param>
    /// <param name="reshuffles">Whether everybody is dealt anew.</param>
    /// <param name="by">The user.</param>
    /// <param name="reason">Why.</param>
    /// <param name="now">The present.</param>
    public Result<ExperimentPhase> BeginPhase(Flag flag, int traffic, IReadOnlyList<ExperimentVariation> variations, bool reshuffles, Guid? by, string? reason, DateTimeOffset now)
    {
        if (!IsLive)
            return Wrong("Only an experiment that runs has phases.");
        if ((ExperimentRulesOfDesign.TrafficFault(traffic) ?? ExperimentRulesOfDesign.VariationsFault(flag, variations, Control)) is { } fault)
            return fault;
        if (traffic == 0)
            return Result.Invalid("traffic", "Nobody would take part. Pause the experiment instead.");
        if (variations.Count(variation => variation.Weight > 0) < 2)
            return Result.Invalid("variations", "Two variants with a weight are needed to compare them.");
        var written = JsonSerializer.SerializeToElement(variations, ExperimentJson.Options);
        if (traffic == Traffic && JsonElement.DeepEquals(written, Variations) && !reshuffles)
            return Wrong("Nothing would change.");
        (Traffic, Variations, Phase, Seed) = (traffic, written, Phase + 1, Seed + (reshuffles ? 1 : 0));
        return ExperimentPhase.Begin(this, by, reason, TogglrDbContext.Truncate(now));
    }

    /// <summary>Ends it without a decision: what was served without it is served again.</summary>
    public Result Stop(FlagEnvironment state, DateTimeOffset now)
    {
        if (!IsLive)
            return Wrong("Only an experiment that runs can be stopped.");
        var configured = state.Configure(ExperimentRules.Remove(state.Configuration, Key));
        if (configured.IsOk)
            (State, StoppedAt, PausedAt) = (ExperimentState.Stopped, TogglrDbContext.Truncate(now), null);
        return configured;
    }

    /// <summary>Decides, which ends it where it still runs. Shipping serves the variant to the whole audience.</summary>
    /// <param name="decision">What came of it.</param>
    /// <param name="reason">Why; 1 to 10,000 characters.</param>
    /// <param name="ship">With <see cref="ExperimentDecision.Ship"/>: the variant.</param>
    /// <param name="keepsHoldout">Whether those who are held out do not get what is shipped.</param>
    /// <param name="state">The state of the flag in the experiment's environment, with the flag.</param>
    /// <param name="by">The user.</param>
    /// <param name="now">The present.</param>
    public Result Decide(ExperimentDecision decision, string reason, string? ship, bool keepsHoldout, FlagEnvironment state, Guid? by, DateTimeOffset now)
    {
        if (State is not (ExperimentState.Running or ExperimentState.Paused or ExperimentState.Stopped))
            return Wrong(State == ExperimentState.Draft ? "It was not started. Start it first, or delete the draft." : "It was decided already.");
        if (string.IsNullOrWhiteSpace(reason))
            return Result.Invalid("reason", "Say why.");
        if (KeyFormat.Description(reason, "reason") is { } fault)
            return fault;
        if ((decision == ExperimentDecision.Ship) != (ship is not null))
            return Result.Invalid("ship", decision == ExperimentDecision.Ship ? "Say which variant is shipped." : "A variant is shipped by the decision to ship only.");
        if (ship is not null && VariationList.All(variation => variation.Key != ship))
            return Result.Invalid("ship", $"The experiment has no variation {ship}.");
        if (ship is not null || IsLive)
        {
            var configuration = state.Configuration;
            var configured = state.Configure(ship is null ? ExperimentRules.Remove(configuration, Key) : ExperimentRules.Ship(configuration, this, ship, keepsHoldout));
            if (!configured.IsOk)
                return configured;
        }

        var time = TogglrDbContext.Truncate(now);
        (State, Decision, DecisionReason, ShippedVariant, DecidedAt, DecidedBy, PausedAt) = (ExperimentState.Decided, decision, reason, ship, time, by, null);
        StoppedAt ??= time;
        return Result.Ok;
    }

    /// <summary>Puts it away; doing it twice changes nothing.</summary>
    public Result Archive()
    {
        if (State is not (ExperimentState.Stopped or ExperimentState.Decided or ExperimentState.Archived))
            return Wrong(State == ExperimentState.Draft ? "A draft is deleted rather than archived." : "Stop the experiment first.");
        State = ExperimentState.Archived;
        return Result.Ok;
    }

    /// <summary>Says who always gets a variant; where the experiment runs, the flag is changed with it.</summary>
    public Result Override(IReadOnlyList<ExperimentOverride> overrides, FlagEnvironment state)
    {
        if (State is not (ExperimentState.Draft or ExperimentState.Running or ExperimentState.Paused))
            return Wrong("It is over.");
        if (ExperimentRulesOfDesign.OverridesFault(state.Flag!, overrides) is { } fault)
            return fault;
        Overrides = Keep(Overrides, overrides);
        return IsLive ? state.Configure(ExperimentRules.WithTesters(state.Configuration, this)) : Result.Ok;
    }
}
