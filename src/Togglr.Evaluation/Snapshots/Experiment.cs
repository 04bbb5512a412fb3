using Togglr.Evaluation.Buckets;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Where an experiment puts a context; the steps that were reached have their bucket.</summary>
internal record struct ExperimentSteps(bool HasUnit, int? Layer, int? Holdout, int? Traffic, int? Variation, int Index);

/// <summary>
/// A compiled experiment. Every stage has a hash of its own, so that changing one never reshuffles another.
/// </summary>
internal sealed class Experiment(string key, ReadOnlyMemory<byte> raw)
{
    public string Key => key;

    public ReadOnlyMemory<byte> Raw => raw;

    /// <summary>Why it is malformed, or null.</summary>
    public string? Problem { get; init; }

    public Variations? Variations { get; init; }

    public AttributeReference? BucketBy { get; init; }

    /// <summary>The layer's key, the first bucket inside and the first beyond.</summary>
    public (string Key, BucketSeed Seed, int From, int To)? Layer { get; init; }

    public (string Key, BucketSeed Seed, int Limit)? Holdout { get; init; }

    public BucketSeed? TrafficSeed { get; init; }

    public int Traffic { get; init; }

    /// <summary>Which phase it is in, from 1; 0 where that is not told.</summary>
    public int Phase { get; init; }

    public BucketSeed? VariationSeed { get; init; }

    /// <summary>The index of the variation, or −1 outside of the experiment.</summary>
    public int Choose(in Inquiry inquiry) => Walk(inquiry).Index;

    public ExperimentSteps Walk(in Inquiry inquiry)
    {
        Span<byte> digits = stackalloc byte[Unit.MaxNumberLength];
        var unit = Unit.Read(inquiry, BucketBy, digits);
        var steps = new ExperimentSteps { HasUnit = !unit.IsEmpty, Index = -1 };
        if (unit.IsEmpty)
            return steps;
        if (Layer is { } layer)
        {
            var bucket = layer.Seed.BucketOf(unit);
            steps.Layer = bucket;
            if (bucket < layer.From || bucket >= layer.To)
                return steps;
        }
        if (Holdout is { } holdout)
        {
            steps.Holdout = holdout.Seed.BucketOf(unit);
            if (steps.Holdout < holdout.Limit)
                return steps;
        }
        steps.Traffic = TrafficSeed!.BucketOf(unit);
        if (steps.Traffic >= Traffic)
            return steps;
        steps.Variation = VariationSeed!.BucketOf(unit);
        steps.Index = Bucket.Pick(Variations!.Thresholds, steps.Variation.Value);
        return steps;
    }
}
