using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Health;

namespace Togglr.Statistics.Analysis;

/// <summary>Whether the data of an experiment can be trusted.</summary>
internal static class HealthCheck
{
    private const double MostMixed = 0.01;
    private const double Concentration = 100;

    internal static HealthResult Of(AnalysisPlan plan, ExperimentData data, IReadOnlyList<LookRecord> looks)
    {
        long[] counts = [.. plan.Variants.Select(variant => Units(data.Variants, variant.Key))];
        double[] weights = [.. plan.Variants.Select(variant => double.IsFinite(variant.Weight) ? Math.Max(0, variant.Weight) : 0)];
        var (total, sum) = (counts.Sum(), weights.Sum());
        var isTestable = counts.All(count => count >= 0) && weights.Count(weight => weight > 0) >= 2 && counts.Where((_, i) => weights[i] > 0).Sum() > 0;
        var test = isTestable ? SampleRatioMismatch.ChiSquareTest(counts, weights) : null;
        double? sequential = null;
        if (isTestable)
        {
            var before = looks.Count == 0 ? 1 : looks[^1].MismatchPValue;
            sequential = Math.Min(before, Math.Min(1, Math.Exp(-SampleRatioMismatch.LogEValue(counts, weights, Concentration))));
        }
        var mixed = Math.Max(0, data.MixedUnits);
        var share = mixed == 0 ? 0 : mixed / (double)(mixed + Math.Max(0, total));
        return new HealthResult
        {
            Shares = [.. plan.Variants.Select((variant, i) => new VariantShare(variant.Key, counts[i], weights[i] > 0 ? total * weights[i] / sum : null))],
            MismatchPValue = test?.PValue,
            SequentialMismatchPValue = sequential,
            IsMismatch = test?.Alert == true || sequential < SampleRatioMismatch.AlertLevel,
            MixedShare = share,
            IsMixed = share > MostMixed,
            Dimensions = Splits(plan, data, weights),
        };
    }

    internal static long Units(IReadOnlyList<VariantData> variants, string key) => variants.FirstOrDefault(variant => variant.Key == key)?.Units ?? 0;

    private static DimensionSplit[] Splits(AnalysisPlan plan, ExperimentData data, double[] weights)
    {
        double?[] values = [.. data.Dimensions.Select(dimension =>
        {
            long[] counts = [.. plan.Variants.Select(variant => Math.Max(0, Units(dimension.Variants, variant.Key)))];
            return weights.Count(weight => weight > 0) < 2 ? null : SampleRatioMismatch.ChiSquareTest(counts, weights)?.PValue;
        })];
        return [.. MultipleTesting.Holm(values)
            .Select((p, i) => p is { } value ? new DimensionSplit(data.Dimensions[i].Dimension, data.Dimensions[i].Value, value, value < SampleRatioMismatch.AlertLevel) : null)
            .OfType<DimensionSplit>()];
    }
}
