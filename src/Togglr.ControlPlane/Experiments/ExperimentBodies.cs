using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>How an experiment is judged. What is absent is as usual.</summary>
public sealed record ExperimentPlanBody
{
    /// <summary>What is measured; at most 50.</summary>
    public IReadOnlyList<PlannedMetric>? Metrics { get; init; }

    /// <summary>The probability of finding an effect where there is none, 0.0001 to 0.5; 0.05 if absent.</summary>
    public double? Alpha { get; init; }

    /// <summary>The probability of finding the smallest effect that matters, 0.5 to 0.999; 0.8 if absent.</summary>
    public double? Power { get; init; }

    /// <summary>How evidence is judged while it comes in; <c>fixed</c> if absent.</summary>
    public AnalysisMethod? Method { get; init; }

    /// <summary>The days after the start on which is looked, growing, the last is the end; one for <c>fixed</c>, none for <c>alwaysValid</c> and <c>bayesian</c>.</summary>
    public IReadOnlyList<int>? LookDays { get; init; }

    /// <summary>What is believed of the relative effect before, with <c>bayesian</c>.</summary>
    public EffectPrior? Prior { get; init; }

    /// <summary>Nothing is shipped before so many days, 0 to 365; 7 if absent.</summary>
    public int? MinimumDays { get; init; }

    /// <summary>Whether what units did before is used to reduce variance; true if absent.</summary>
    public bool? Cuped { get; init; }

    /// <summary>How many days before are looked at for that, 1 to 90; 14 if absent.</summary>
    public int? CupedDays { get; init; }

    /// <summary>Attributes of exposures by whose values results are broken down; at most 5, none if absent.</summary>
    public IReadOnlyList<string>? Dimensions { get; init; }

    /// <summary>One of them: effects are estimated within its values, weighted by how many units have them.</summary>
    public string? StratifyBy { get; init; }

    /// <summary>The plan, with what is usual for what was not said.</summary>
    internal ExperimentPlan ToPlan()
    {
        var usual = new ExperimentPlan();
        var method = Method ?? usual.Method;
        return new ExperimentPlan
        {
            Metrics = Metrics ?? [], Alpha = Alpha ?? usual.Alpha, Power = Power ?? usual.Power, Method = method, Prior = Prior, MinimumDays = MinimumDays ?? usual.MinimumDays,
            Cuped = Cuped ?? usual.Cuped, CupedDays = CupedDays ?? usual.CupedDays, Dimensions = Dimensions ?? usual.Dimensions, StratifyBy = StratifyBy,
            LookDays = LookDays ?? method switch { AnalysisMethod.Fixed => usual.LookDays, AnalysisMethod.AlwaysValid or AnalysisMethod.Bayesian => [], _ => [7, 14, 21, 28] },
        };
    }
}

/// <summary>A part of a layer: from and to, or a share of which the place is found.</summary>
public sealed record ExperimentLayerBody
{
    /// <summary>Key of the layer.</summary>
    public required string Key { get; init; }

    /// <summary>Where the part begins, in percent.</summary>
    public double? From { get; init; }

    /// <summary>Where it ends, in percent.</summary>
    public double? To { get; init; }

    /// <summary>Instead of both: how much of the layer; the first part that is free is taken.</summary>
    public double? Percentage { get; init; }
}

/// <summary>An experiment.</summary>
public sealed record ExperimentView
{
    /// <summary>Its id.</summary>
    public required Guid Id { get; init; }

    /// <summary>Unique in the project; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>For people.</summary>
    public required string Description { get; init; }

    /// <summary>What is believed, and why.</summary>
    public required string Hypothesis { get; init; }

    /// <summary>Who answers for it.</summary>
    public required PersonRef? Owner { get; init; }

    /// <summary>Where it is.</summary>
    public required ExperimentState State { get; init; }

    /// <summary>Key of the flag.</summary>
    public required string Flag { get; init; }

    /// <summary>The flag's name.</summary>
    public required string FlagName { get; init; }

    /// <summary>Key of the environment.</summary>
    public required string Environment { get; init; }

    /// <summary>Who takes part; null for everybody.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public required JsonElement? Audience { get; init; }

    /// <summary>The attribute whose values are assigned; null for the targeting key.</summary>
    public required string? BucketBy { get; init; }

    /// <summary>How many percent take part.</summary>
    public required double Traffic { get; init; }

    /// <summary>The variants that are compared.</summary>
    public required IReadOnlyList<ExperimentVariationView> Variations { get; init; }

    /// <summary>The variation that the others are compared with.</summary>
    public required string Control { get; init; }

    /// <summary>The part of a layer that it has.</summary>
    public required ExperimentLayerView? Layer { get; init; }

    /// <summary>The holdout that it leaves out.</summary>
    public required ExperimentHoldoutView? Holdout { get; init; }

    /// <summary>Who always gets a variant and is not counted.</summary>
    public required IReadOnlyList<ExperimentOverride> Overrides { get; init; }

    /// <summary>How it is judged.</summary>
    public required ExperimentPlan Plan { get; init; }

    /// <summary>What the metrics say: as they were when it was started; before that as they are.</summary>
    public required IReadOnlyList<FrozenMetric> Metrics { get; init; }

    /// <summary>The phase; 0 before it is started.</summary>
    public required int Phase { get; init; }

    /// <summary>All phases, the newest first. Data of different phases is never mixed.</summary>
    public required IReadOnlyList<ExperimentPhaseView> Phases { get; init; }

    /// <summary>The id of its rule in the flag.</summary>
    public required string RuleId { get; init; }

    /// <summary>Whether its flag is on in the environment.</summary>
    public required bool FlagEnabled { get; init; }

    /// <summary>When it was started.</summary>
    public required DateTimeOffset? StartedAt { get; init; }

    /// <summary>By whom.</summary>
    public required PersonRef? StartedBy { get; init; }

    /// <summary>Since when it is paused.</summary>
    public required DateTimeOffset? PausedAt { get; init; }

    /// <summary>When it was over.</summary>
    public required DateTimeOffset? StoppedAt { get; init; }

    /// <summary>What came of it.</summary>
    public required ExperimentDecisionView? Decision { get; init; }

    /// <summary>Whether the caller may start it, begin phases and ship: that changes what the flag serves.</summary>
    public required bool MayServe { get; init; }

    /// <summary>Also the entity tag.</summary>
    public required int Version { get; init; }

    /// <summary>When it was created.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it was last changed.</summary>
    public required DateTimeOffset UpdatedAt { get; init; }

    /// <summary>By whom.</summary>
    public required PersonRef? UpdatedBy { get; init; }
}

/// <summary>A variant in an experiment.</summary>
/// <param name="Key">Key of the variant.</param>
/// <param name="Name">Its name; may be empty.</param>
/// <param name="Weight">Its weight.</param>
/// <param name="Percentage">How many percent of those who take part get it.</param>
public sealed record ExperimentVariationView(string Key, string Name, int Weight, double Percentage);

/// <summary>The part of a layer that an experiment has.</summary>
/// <param name="Key">Key of the layer.</param>
/// <param name="From">Where the part begins, in percent.</param>
/// <param name="To">Where it ends, in percent.</param>
public sealed record ExperimentLayerView(string Key, double From, double To);

/// <summary>The holdout that an experiment leaves out.</summary>
/// <param name="Key">Key of the holdout.</param>
/// <param name="Percentage">How many percent of all units it holds out; as of the start where that was.</param>
public sealed record ExperimentHoldoutView(string Key, double Percentage);

/// <summary>A time of an experiment in which nothing changed about who gets what.</summary>
/// <param name="Number">From 1 on.</param>
/// <param name="Traffic">How many percent took part.</param>
/// <param name="Variations">The variants with their weights.</param>
/// <param name="Seed">Grows when everybody was dealt anew.</param>
/// <param name="StartedAt">When it began.</param>
/// <param name="StartedBy">Who began it.</param>
/// <param name="EndedAt">When it was over.</param>
/// <param name="Reason">Why it was begun.</param>
/// <param name="Pauses">When nobody was assigned; what happened then is no part of the results.</param>
public sealed record ExperimentPhaseView(
    int Number, double Traffic, IReadOnlyList<ExperimentVariation> Variations, int Seed, DateTimeOffset StartedAt, PersonRef? StartedBy, DateTimeOffset? EndedAt, string? Reason,
    IReadOnlyList<ExperimentPause> Pauses);

/// <summary>What came of an experiment.</summary>
/// <param name="Decision">What.</param>
/// <param name="Reason">Why.</param>
/// <param name="Shipped">The variant that is served to the whole audience since.</param>
/// <param name="At">When.</param>
/// <param name="By">Who decided.</param>
public sealed record ExperimentDecisionView(ExperimentDecision Decision, string Reason, string? Shipped, DateTimeOffset At, PersonRef? By);

/// <summary>How bad a finding of the check-list is.</summary>
public enum CheckSeverity
{
    /// <summary>As it should be.</summary>
    Ok,

    /// <summary>Worth a thought.</summary>
    Warning,

    /// <summary>It cannot be started like this.</summary>
    Blocking,
}

/// <summary>A finding of the check-list.</summary>
/// <param name="Code">A stable code.</param>
/// <param name="Severity">How bad.</param>
/// <param name="Message">What, for people.</param>
/// <param name="Path">Where, as a JSON pointer into the experiment; null for none.</param>
public sealed record CheckView(string Code, CheckSeverity Severity, string Message, string? Path);

/// <summary>What there is to say before an experiment is started.</summary>
/// <param name="CanStart">Whether nothing blocks it.</param>
/// <param name="Checks">All findings; the worst first.</param>
public sealed record ChecklistView(bool CanStart, IReadOnlyList<CheckView> Checks);
