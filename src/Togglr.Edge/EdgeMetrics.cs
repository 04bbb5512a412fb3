using System.Diagnostics.Metrics;
using Togglr.Evaluation;

namespace Togglr.Edge;

/// <summary>The meter <c>Togglr.Edge</c>.</summary>
internal sealed class EdgeMetrics : IDisposable
{
    private static readonly double[] DelayBounds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
    private static readonly double[] DurationBounds = [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1];
    private static readonly EvaluationReason[] Reasons = Enum.GetValues<EvaluationReason>();

    private readonly Meter _meter = new("Togglr.Edge");
    private readonly TimeProvider _time;
    private readonly long[] _evaluations = new long[Reasons.Length];
    private readonly Histogram<double> _sent;
    private readonly Histogram<double> _applied;
    private readonly Histogram<double> _duration;
    private readonly Counter<long> _dropped;

    public EdgeMetrics(TimeProvider time)
    {
        _time = time;
        _meter.CreateObservableCounter("togglr.edge.evaluations", MeasureEvaluations, description: "Flags evaluated remotely, by reason.");
        _sent = _meter.CreateHistogram("togglr.edge.propagation", "s", "From the commit of a change until it was written to a stream.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DelayBounds });
        _applied = _meter.CreateHistogram("togglr.edge.configuration.delay", "s", "From the commit of a change until this process evaluates with it.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DelayBounds });
        _duration = _meter.CreateHistogram("togglr.edge.request.duration", "s", "Duration of requests to the SDK API, streams excepted.",
            advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBounds });
        _dropped = _meter.CreateCounter<long>("togglr.edge.streams.dropped", description: "Streams that were cut because the client accepted nothing.");
    }

    /// <summary>How many flags of each reason one request evaluated, by the number of the reason.</summary>
    public static int ReasonCount => Reasons.Length;

    /// <summary>Shows the number of open streams.</summary>
    public void ObserveStreams(Func<int> count) => _meter.CreateObservableGauge("togglr.edge.streams", count, description: "Open streams.");

    /// <summary>Adds evaluations of one reason.</summary>
    public void Evaluated(EvaluationReason reason, int count) => Interlocked.Add(ref _evaluations[(int)reason], count);

    /// <summary>A change was written to a stream.</summary>
    public void Sent(DateTimeOffset? committedAt)
    {
        if (committedAt is { } at)
            _sent.Record(Since(at));
    }

    /// <summary>A change took effect.</summary>
    public void Applied(DateTimeOffset? committedAt)
    {
        if (committedAt is { } at)
            _applied.Record(Since(at));
    }

    /// <summary>A request was answered.</summary>
    public void Answered(object endpoint, object status, TimeSpan duration) =>
        _duration.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("endpoint", endpoint), new KeyValuePair<string, object?>("status", status));

    /// <summary>A stalled stream was cut.</summary>
    public void Dropped() => _dropped.Add(1);

    /// <inheritdoc />
    public void Dispose() => _meter.Dispose();

    // The clocks of two machines differ a little; nothing arrives before it was sent.
    private double Since(DateTimeOffset at) => Math.Max(0, (_time.GetUtcNow() - at).TotalSeconds);

    private IEnumerable<Measurement<long>> MeasureEvaluations()
    {
        foreach (var reason in Reasons)
            yield return new Measurement<long>(Volatile.Read(ref _evaluations[(int)reason]), new KeyValuePair<string, object?>("reason", reason.WireName()));
    }
}
