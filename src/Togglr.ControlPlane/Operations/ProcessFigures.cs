using Togglr.Hosting.Telemetry;

namespace Togglr.ControlPlane.Operations;

/// <summary>How a process did over some seconds.</summary>
/// <param name="Requests">Requests to the management API, per second.</param>
/// <param name="RequestP95">Within how many milliseconds 95 of 100 of them were answered; null where there were none.</param>
/// <param name="SdkRequests">Requests to the SDK API, per second.</param>
/// <param name="SdkP95">Within how many milliseconds 95 of 100 of them were answered; null where there were none.</param>
/// <param name="Evaluations">Flags evaluated for SDKs that ask remotely, per second.</param>
/// <param name="Events">Exposures, metric events, feedback and errors accepted, per second.</param>
/// <param name="Streams">Open streams of SDKs.</param>
/// <param name="Cpu">Processor cores in use.</param>
/// <param name="Memory">Physical memory in bytes.</param>
/// <param name="ManagedMemory">Memory held by managed objects, in bytes.</param>
/// <param name="Threads">Threads of the pool.</param>
public sealed record ProcessFigures(
    double Requests, double? RequestP95, double SdkRequests, double? SdkP95, double Evaluations, double Events, long Streams, double Cpu, long Memory, long ManagedMemory, long Threads)
{
    /// <summary>What happened between two readings of the meters.</summary>
    /// <param name="before">The first reading.</param>
    /// <param name="after">The second one.</param>
    /// <param name="elapsed">The time between them.</param>
    public static ProcessFigures Between(IReadOnlyDictionary<string, MetricReading> before, IReadOnlyDictionary<string, MetricReading> after, TimeSpan elapsed)
    {
        var seconds = Math.Max(elapsed.TotalSeconds, 0.001);
        var (requests, requestP95) = Timing("togglr_http_request_duration_seconds");
        var (sdkRequests, sdkP95) = Timing("togglr_edge_request_duration_seconds");
        return new ProcessFigures(
            requests, requestP95, sdkRequests, sdkP95, Rate("togglr_edge_evaluations_total"), Rate("togglr_ingest_events_total", "verdict=\"accepted\""), (long)Now("togglr_edge_streams"),
            Rate("togglr_process_cpu_seconds_total"), (long)Now("togglr_process_working_set_bytes"), (long)Now("togglr_process_managed_memory_bytes"), (long)Now("togglr_process_threads"));

        static MetricReading Of(IReadOnlyDictionary<string, MetricReading> readings, string name) => readings.GetValueOrDefault(name, MetricReading.None);

        double Now(string name) => Of(after, name).Total();

        double Rate(string name, string label = "") => Math.Round(Math.Max(0, Of(after, name).Total(label) - Of(before, name).Total(label)) / seconds, 3);

        (double PerSecond, double? P95) Timing(string name)
        {
            var (last, first) = (Of(after, name), Of(before, name).Buckets());
            var buckets = last.Buckets();
            for (var i = 0; i < first.Length && i < buckets.Length; i++)
                buckets[i] -= first[i];
            return (Math.Round(buckets.Sum() / seconds, 3), Quantile(last.Bounds, buckets, 0.95) is { } at ? Math.Round(at * 1000, 3) : null);
        }
    }

    /// <summary>The value below which a share of the measurements lies, straight within a bucket; beyond the last bound that bound is all that is known.</summary>
    internal static double? Quantile(IReadOnlyList<double>? bounds, long[] buckets, double share)
    {
        var count = buckets.Sum();
        if (bounds is not { Count: > 0 } || count == 0)
            return null;
        var (rank, below) = (share * count, 0L);
        for (var i = 0; i < bounds.Count; i++)
        {
            if (below + buckets[i] >= rank)
                return (i == 0 ? 0 : bounds[i - 1]) + ((bounds[i] - (i == 0 ? 0 : bounds[i - 1])) * (rank - below) / buckets[i]);
            below += buckets[i];
        }
        return bounds[^1];
    }
}
