using System.Text.Json;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Moments;

namespace Togglr.Conformance.Statistics;

/// <summary>Distributions, moments and corrections.</summary>
internal static class BasicMethods
{
    internal static Dictionary<string, Func<JsonElement, object>> All { get; } = new(StringComparer.Ordinal)
    {
        ["normal_sf"] = Of(a => Normal.UpperTail(a[0])),
        ["normal_isf"] = Of(a => Normal.UpperQuantile(a[0])),
        ["student_sf"] = Of(a => StudentT.UpperTail(a[0], a[1])),
        ["student_isf"] = Of(a => StudentT.UpperQuantile(a[0], a[1])),
        ["chi2_sf"] = Of(a => ChiSquare.UpperTail(a[0], a[1])),
        ["beta_ppf"] = Of(a => Beta.Quantile(a[0], a[1], a[2])),
        ["beta_cdf"] = Of(a => Beta.Cdf(a[0], a[1], a[2])),
        ["variance_stable"] = VarianceStable,
        ["covariance_stable"] = CovarianceStable,
        ["adjust_p_values"] = AdjustPValues,
    };

    private static Func<JsonElement, object> Of(Func<double[], double> function) => inputs => new { value = function(inputs.Numbers("args")) };

    private static object VarianceStable(JsonElement inputs)
    {
        var moments = Partitions(inputs, inputs.Numbers("values")).Select(SampleMoments.Of).Aggregate((left, right) => left.Merge(right));
        return new { n = moments.Count, mean = moments.Mean, variance = moments.Variance, m2 = moments.M2 };
    }

    private static object CovarianceStable(JsonElement inputs)
    {
        var rows = inputs.Numbers("values").Zip(inputs.Numbers("values_y"), (x, y) => (IReadOnlyList<double>)[x, y]).ToArray();
        var moments = Partitions(inputs, rows).Select(JointMoments.Of).Aggregate((left, right) => left.Merge(right));
        return new
        {
            n = moments.Count,
            mean = moments.Mean(0),
            variance = moments.Variance(0),
            m2 = moments.Product(0, 0),
            covariance = moments.Covariance(0, 1),
            mean_y = moments.Mean(1),
            variance_y = moments.Variance(1),
        };
    }

    private static IEnumerable<T[]> Partitions<T>(JsonElement inputs, T[] values)
    {
        var start = 0;
        foreach (var size in inputs.GetProperty("partition_sizes").Longs())
        {
            yield return values[start..(start + (int)size)];
            start += (int)size;
        }
    }

    private static object AdjustPValues(JsonElement inputs)
    {
        double?[] values = [.. inputs.GetProperty("p_values").EnumerateArray().Select(item => item.ValueKind == JsonValueKind.Null ? (double?)null : item.GetDouble())];
        return new
        {
            bonferroni = MultipleTesting.Bonferroni(values),
            holm = MultipleTesting.Holm(values),
            hochberg = MultipleTesting.Hochberg(values),
            bh = MultipleTesting.BenjaminiHochberg(values),
            by = MultipleTesting.BenjaminiYekutieli(values),
            sidak = MultipleTesting.Sidak(values),
            holm_sidak = MultipleTesting.HolmSidak(values),
        };
    }
}
