using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Togglr.Hosting.Telemetry;

/// <summary>What the process itself uses: processor time, memory, threads, garbage collections.</summary>
internal sealed class ProcessMetrics : IDisposable
{
    private readonly Meter _meter = new("Togglr.Process");

    public ProcessMetrics()
    {
        _meter.CreateObservableCounter("togglr.process.cpu", static () => Environment.CpuUsage.TotalTime.TotalSeconds, "s", "Processor time used by the process.");
        _meter.CreateObservableGauge("togglr.process.working_set", static () => Environment.WorkingSet, "By", "Physical memory mapped by the process.");
        _meter.CreateObservableGauge("togglr.process.managed_memory", static () => GC.GetTotalMemory(forceFullCollection: false), "By", "Memory held by managed objects.");
        _meter.CreateObservableCounter("togglr.process.gc_collections",
            static () => Enumerable.Range(0, GC.MaxGeneration + 1).Select(static generation => new Measurement<long>(GC.CollectionCount(generation), new KeyValuePair<string, object?>("generation", generation))),
            description: "Garbage collections by generation.");
        _meter.CreateObservableGauge("togglr.process.threads", static () => ThreadPool.ThreadCount, description: "Threads of the pool.");
        _meter.CreateObservableGauge("togglr.process.start_time", static () => new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0, "s", "When the process started, in Unix time.");
    }

    public void Dispose() => _meter.Dispose();
}
