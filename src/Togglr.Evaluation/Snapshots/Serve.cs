using Togglr.Evaluation.Buckets;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Variations with the first bucket beyond each.</summary>
internal sealed record Variations(string[] Keys, int[] Weights, int[] Thresholds);

/// <summary>What a rule or the default serves.</summary>
internal abstract class Serve
{
    /// <summary>Null where it does not apply: no unit, or outside of the experiment.</summary>
    public abstract Outcome? Choose(in Inquiry inquiry);
}

/// <summary>A variant, or off.</summary>
internal sealed class FixedServe(string? variantKey, Outcome outcome) : Serve
{
    /// <summary>Null for off.</summary>
    public string? VariantKey => variantKey;

    public Outcome Outcome => outcome;

    public override Outcome? Choose(in Inquiry inquiry) => outcome;
}

internal sealed class RolloutServe(Variations variations, Outcome[] outcomes, BucketSeed seed, string seedText, AttributeReference? bucketBy) : Serve
{
    private readonly int[] _thresholds = variations.Thresholds;

    public Variations Variations => variations;

    public string Seed => seedText;

    public AttributeReference? BucketBy => bucketBy;

    public override Outcome? Choose(in Inquiry inquiry) =>
        BucketOf(inquiry) is var bucket and >= 0 ? outcomes[Bucket.Pick(_thresholds, bucket)] : null;

    /// <summary>−1 where there is no unit.</summary>
    public int BucketOf(in Inquiry inquiry)
    {
        Span<byte> digits = stackalloc byte[Unit.MaxNumberLength];
        var unit = Unit.Read(inquiry, bucketBy, digits);
        return unit.IsEmpty ? -1 : seed.BucketOf(unit);
    }
}

/// <summary>An experiment, which is found when all of them have been read.</summary>
internal sealed class ExperimentServe(string key, string? ruleId) : Serve
{
    private Outcome[] _outcomes = [];

    public string Key => key;

    public Experiment? Experiment { get; private set; }

    public override Outcome? Choose(in Inquiry inquiry) => Experiment!.Choose(inquiry) is var index and >= 0 ? _outcomes[index] : null;

    /// <summary>False when the flag lacks one of the variations.</summary>
    public bool TryLink(Experiment experiment, Flag flag)
    {
        Experiment = experiment;
        var variants = experiment.Variations!.Keys.Select(flag.FindVariant).ToArray();
        if (variants.Contains(null))
            return false;
        _outcomes = [.. variants.Select(variant => new Outcome(flag, variant, EvaluationReason.Split, ruleId: ruleId, experiment: key) { ExperimentPhase = experiment.Phase, UnitAttribute = experiment.BucketBy })];
        return true;
    }
}
