using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>A new draft of an experiment. It may be unfinished; what is missing is told before it is started.</summary>
public sealed record CreateExperimentRequest
{
    /// <summary>1 to 64 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>Key of the flag; never changes.</summary>
    public required string Flag { get; init; }

    /// <summary>Key of the environment; never changes.</summary>
    public required string Environment { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>What is believed, and why.</summary>
    public string? Hypothesis { get; init; }

    /// <summary>Id of the person who answers for it; the creator if absent.</summary>
    public Guid? Owner { get; init; }

    /// <summary>Who takes part; everybody if absent.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public JsonElement? Audience { get; init; }

    /// <summary>The attribute whose values are assigned; the targeting key if absent.</summary>
    public string? BucketBy { get; init; }

    /// <summary>How many percent take part; 100 if absent.</summary>
    public double? Traffic { get; init; }

    /// <summary>The variants that are compared; all of the flag with equal weights if absent.</summary>
    public IReadOnlyList<ExperimentVariation>? Variations { get; init; }

    /// <summary>The variation that the others are compared with; what the flag serves when it is off, else the first, if absent.</summary>
    public string? Control { get; init; }

    /// <summary>A part of a layer.</summary>
    public ExperimentLayerBody? Layer { get; init; }

    /// <summary>Key of the holdout that it leaves out.</summary>
    public string? Holdout { get; init; }

    /// <summary>Who always gets a variant and is not counted.</summary>
    public IReadOnlyList<ExperimentOverride>? Overrides { get; init; }

    /// <summary>How it is judged.</summary>
    public ExperimentPlanBody? Plan { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an experiment. Once it was started, its name, description and owner only.</summary>
public sealed record UpdateExperimentRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Id of the person who answers for it.</summary>
    public Optional<Guid?> Owner { get; init; }

    /// <summary>What is believed, and why.</summary>
    public Optional<string> Hypothesis { get; init; }

    /// <summary>Who takes part; null for everybody.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public Optional<JsonElement?> Audience { get; init; }

    /// <summary>The attribute whose values are assigned; null for the targeting key.</summary>
    public Optional<string?> BucketBy { get; init; }

    /// <summary>How many percent take part.</summary>
    public Optional<double> Traffic { get; init; }

    /// <summary>The variants that are compared.</summary>
    public Optional<IReadOnlyList<ExperimentVariation>> Variations { get; init; }

    /// <summary>The variation that the others are compared with.</summary>
    public Optional<string> Control { get; init; }

    /// <summary>A part of a layer; null for none.</summary>
    [ApiSchema("ExperimentLayerBody", isNullable: true)]
    public Optional<ExperimentLayerBody?> Layer { get; init; }

    /// <summary>Key of the holdout that it leaves out; null for none.</summary>
    public Optional<string?> Holdout { get; init; }

    /// <summary>How it is judged.</summary>
    [ApiSchema("ExperimentPlanBody")]
    public Optional<ExperimentPlanBody> Plan { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether anything is asked for that only a draft can take.</summary>
    internal bool IsDesign => Hypothesis.IsSet || Audience.IsSet || BucketBy.IsSet || Traffic.IsSet || Variations.IsSet || Control.IsSet || Layer.IsSet || Holdout.IsSet || Plan.IsSet;
}

/// <summary>Starts an experiment.</summary>
public sealed record StartExperimentRequest
{
    /// <summary>Id of the rule of the flag before which the experiment's rule is put; after all rules if absent.</summary>
    public string? BeforeRule { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Begins a new phase of an experiment.</summary>
public sealed record BeginPhaseRequest
{
    /// <summary>How many percent take part; as before if absent.</summary>
    public double? Traffic { get; init; }

    /// <summary>The variants with their weights; as before if absent.</summary>
    public IReadOnlyList<ExperimentVariation>? Variations { get; init; }

    /// <summary>Whether everybody is dealt anew; false if absent: who takes part stays where they are as far as the new numbers let them.</summary>
    public bool? Reshuffle { get; init; }

    /// <summary>Why; kept with the phase.</summary>
    public string? Reason { get; init; }
}

/// <summary>Decides an experiment.</summary>
public sealed record DecideExperimentRequest
{
    /// <summary>What came of it.</summary>
    public required ExperimentDecision Decision { get; init; }

    /// <summary>Why; 1 to 1,000 characters.</summary>
    public required string Reason { get; init; }

    /// <summary>With <c>ship</c>: the variant that the whole audience gets.</summary>
    public string? Ship { get; init; }

    /// <summary>Whether those who are held out do not get it, so that what experiments do together can be measured; true if absent.</summary>
    public bool? KeepHoldout { get; init; }
}

/// <summary>Who always gets a variant.</summary>
public sealed record OverrideExperimentRequest
{
    /// <summary>By variant; at most 500 people in all. They are not counted.</summary>
    public required IReadOnlyList<ExperimentOverride> Overrides { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
