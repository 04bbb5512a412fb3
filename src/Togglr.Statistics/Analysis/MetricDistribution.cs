namespace Togglr.Statistics.Analysis;

/// <summary>
/// How the numbers of a metric are spread in each variant, to be drawn: of a sample of units, in bins that all variants share. Nothing is concluded from it. Zeros, of which many metrics have the
/// most, are counted by themselves; where few values are far away, the outermost bins hold them.
/// </summary>
/// <param name="Edges">The bins' edges, growing, one more than there are bins; empty where every value is zero. The first and the last bin have everything beyond them as well.</param>
/// <param name="Variants">The variants that have values.</param>
public sealed record MetricDistribution(IReadOnlyList<double> Edges, IReadOnlyList<VariantDistribution> Variants)
{
    private const int MostBins = 24;

    // What lies beyond these shares of the values is put into the outermost bins.
    private const double Tail = 0.005;

    /// <summary>Whether the values are whole numbers, a bin for each.</summary>
    public bool IsWhole { get; init; }

    /// <summary>The distribution of values by variant; what is not a finite number is left out. Null without a value.</summary>
    public static MetricDistribution? Of(IReadOnlyDictionary<string, IReadOnlyList<double>> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        double[] all = [.. values.Values.SelectMany(own => own).Where(value => double.IsFinite(value) && value != 0)];
        if (!values.Values.Any(own => own.Any(double.IsFinite)))
            return null;
        Array.Sort(all);
        var (edges, isWhole) = EdgesOf(all);
        return new MetricDistribution(edges, [.. values.Where(pair => pair.Value.Any(double.IsFinite)).OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => Binned(pair.Key, pair.Value, edges))])
        {
            IsWhole = isWhole,
        };
    }

    private static (double[] Edges, bool IsWhole) EdgesOf(double[] sorted)
    {
        if (sorted.Length == 0)
            return ([], false);
        var cut = (int)(Tail * sorted.Length);
        var (low, high) = (sorted[cut], sorted[^(cut + 1)]);
        // One of a few values that is far away is no share that could be cut off, so there are fences around the middle half too (as Tukey 1977, but far out).
        var (first, third) = (sorted[sorted.Length / 4], sorted[sorted.Length * 3 / 4]);
        var fence = 20 * Math.Max(third - first, Math.Max(Math.Abs(first), Math.Abs(third)));
        (low, high) = (Math.Max(low, first - fence), Math.Min(high, third + fence));
        if (high - low < MostBins && sorted.All(value => value == Math.Floor(value)))
            return ([.. Enumerable.Range(0, (int)(Math.Floor(high) - Math.Ceiling(low)) + 2).Select(i => Math.Ceiling(low) + i)], true);
        if (!(high > low))
            return ([low, low + Math.Max(Math.Abs(low), 1) * 1e-9], false);
        var width = (high - low) / MostBins;
        return ([.. Enumerable.Range(0, MostBins).Select(i => low + i * width), high], false);
    }

    private static VariantDistribution Binned(string variant, IReadOnlyList<double> values, double[] edges)
    {
        var counts = new long[Math.Max(0, edges.Length - 1)];
        var (units, zeros) = (0L, 0L);
        foreach (var value in values.Where(double.IsFinite))
        {
            units++;
            if (value == 0)
            {
                zeros++;
                continue;
            }
            // The last edge that is not above the value.
            var found = Array.BinarySearch(edges, value);
            counts[Math.Clamp(found >= 0 ? found : ~found - 1, 0, counts.Length - 1)]++;
        }
        return new VariantDistribution(variant, units, zeros, counts);
    }
}

/// <summary>How the numbers of a metric are spread in one variant.</summary>
/// <param name="Variant">The variant.</param>
/// <param name="Units">Units of the sample; values, for a quantile of values.</param>
/// <param name="Zeros">Those of them that are zero.</param>
/// <param name="Counts">The others, by bin.</param>
public sealed record VariantDistribution(string Variant, long Units, long Zeros, IReadOnlyList<long> Counts);
