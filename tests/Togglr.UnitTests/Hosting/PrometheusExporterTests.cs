using System.Buffers;
using System.Diagnostics.Metrics;
using System.Text;
using Togglr.Hosting.Telemetry;

namespace Togglr.UnitTests.Hosting;

public sealed class PrometheusExporterTests : IDisposable
{
    private readonly PrometheusExporter _exporter = new();
    private readonly Meter _meter = new("Togglr.Tests");

    public void Dispose()
    {
        _meter.Dispose();
        _exporter.Dispose();
    }

    [Fact]
    public void A_counter_adds_up_by_its_labels()
    {
        var counter = _meter.CreateCounter<long>("togglr.tests.things", description: "Things.");
        counter.Add(2, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(3, new KeyValuePair<string, object?>("kind", "a"));
        counter.Add(1, new KeyValuePair<string, object?>("kind", "quote \" and \\ and \n"));
        var text = Write();
        Assert.Contains("# TYPE togglr_tests_things_total counter\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_things_total{kind=\"a\"} 5\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_things_total{kind=\"quote \\\" and \\\\ and \\n\"} 1\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_histogram_has_cumulative_buckets_a_sum_and_a_count()
    {
        var histogram = _meter.CreateHistogram("togglr.tests.duration", "s", "Durations.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.1, 1] });
        histogram.Record(0.1);
        histogram.Record(0.5);
        histogram.Record(7);
        var text = Write();
        Assert.Contains("togglr_tests_duration_seconds_bucket{le=\"0.1\"} 1\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_duration_seconds_bucket{le=\"1\"} 2\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_duration_seconds_bucket{le=\"+Inf\"} 3\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_duration_seconds_sum 7.6\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_duration_seconds_count 3\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Observed_values_replace_and_changes_up_and_down_add()
    {
        var level = 5L;
        _meter.CreateObservableGauge("togglr.tests.level", () => level);
        var connections = _meter.CreateUpDownCounter<long>("togglr.tests.connections");
        connections.Add(3);
        connections.Add(-1);
        Assert.Contains("togglr_tests_level 5\n", Write(), StringComparison.Ordinal);
        level = 4;
        var text = Write();
        Assert.Contains("togglr_tests_level 4\n", text, StringComparison.Ordinal);
        Assert.Contains("togglr_tests_connections 2\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public void Endless_label_values_cannot_grow_memory()
    {
        var counter = _meter.CreateCounter<long>("togglr.tests.hostile");
        for (var i = 0; i < 5000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("path", i));
        var series = Write().Split('\n').Count(line => line.StartsWith("togglr_tests_hostile_total{", StringComparison.Ordinal));
        Assert.InRange(series, 2000, 2001);
    }

    [Fact]
    public void Recording_a_known_combination_allocates_nothing()
    {
        var counter = _meter.CreateCounter<long>("togglr.tests.hot");
        counter.Add(1, new KeyValuePair<string, object?>("result", "ok"));
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
            counter.Add(1, new KeyValuePair<string, object?>("result", "ok"));
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private string Write()
    {
        var output = new ArrayBufferWriter<byte>();
        _exporter.Write(output);
        return Encoding.UTF8.GetString(output.WrittenSpan);
    }
}
