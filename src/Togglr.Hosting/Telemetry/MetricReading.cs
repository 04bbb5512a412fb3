namespace Togglr.Hosting.Telemetry;

/// <summary>One series of a metric.</summary>
/// <param name="Labels">Its labels as Prometheus writes them, <c>verdict="accepted"</c>.</param>
/// <param name="Value">The number; of a histogram the sum of what was measured.</param>
/// <param name="Buckets">Of a histogram: how many measurements were in each bucket, the last of which has no end.</param>
public sealed record MetricSeries(string Labels, double Value, IReadOnlyList<long>? Buckets);

/// <summary>What a metric of the process says at a moment.</summary>
/// <param name="Bounds">Of a histogram: the upper ends of its buckets, all but the last.</param>
/// <param name="Series">Its series.</param>
public sealed record MetricReading(IReadOnlyList<double>? Bounds, IReadOnlyList<MetricSeries> Series)
{
    /// <summary>A metric that nobody has.</summary>
    public static readonly MetricReading None = new(null, []);

    /// <summary>The sum of its series with a label, or of all.</summary>
    public double Total(string label = "") => Series.Where(series => series.Labels.Contains(label, StringComparison.Ordinal)).Sum(static series => series.Value);

    /// <summary>How many measurements were in each bucket, over all series.</summary>
    public long[] Buckets()
    {
        var sums = new long[(Bounds?.Count ?? -1) + 1];
        foreach (var series in Series)
        {
            for (var i = 0; i < sums.Length; i++)
                sums[i] += series.Buckets![i];
        }
        return sums;
    }
}
