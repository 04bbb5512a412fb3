using System.Collections.Concurrent;
using System.Diagnostics;
using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// Quantiles and retention need all events, or the time, rather than what is new. They are computed anew at looks and at the end, and between these as often as their cost allows; the other metrics
/// do not wait for them. What is remembered is only a saving, so every process has its own.
/// </summary>
internal sealed class SlowSamples
{
    private const double RestFactor = 20;
    private const int Quick = 250;

    private readonly ConcurrentDictionary<(Guid, int, string), Entry> _entries = [];

    private sealed record Entry(IReadOnlyDictionary<string, MetricSample> Samples, DateTimeOffset At, long Milliseconds, long Exposures, long Metrics);

    /// <summary>Whether something is remembered that could be newer by now.</summary>
    public bool IsDue(AnalysedExperiment experiment, DateTimeOffset now, long exposures, long metrics) => experiment.Measured.Any(pair =>
        !ValueColumns.IsAdditive(pair.Definition) && _entries.TryGetValue((experiment.Id, experiment.Phase, pair.Planned.Metric), out var entry)
        && (entry.Exposures < exposures || entry.Metrics < metrics) && IsRested(entry, now));

    /// <summary>The sample of every variant.</summary>
    public async Task<IReadOnlyDictionary<string, MetricSample>> ReadAsync(
        NpgsqlConnection connection, AnalysedExperiment experiment, string metric, MetricDefinition definition, DateTimeOffset now, DateTimeOffset end, bool mustBeNew, long exposures, long metrics,
        CancellationToken cancel)
    {
        var key = (experiment.Id, experiment.Phase, metric);
        if (!mustBeNew && _entries.TryGetValue(key, out var known) && !IsRested(known, now))
            return known.Samples;
        var watch = Stopwatch.StartNew();
        var samples = await UnitTable.WithoutLoopsAsync(
            connection,
            () => definition.Kind == MetricKind.Quantile
                ? new QuantileQuery(experiment, definition, end).ReadAsync(connection, cancel)
                : new MetricQuery(experiment, definition, end).ReadAsync(connection, cancel),
            cancel);
        _entries[key] = new Entry(samples, now, watch.ElapsedMilliseconds, exposures, metrics);
        return samples;
    }

    /// <summary>Forgets a phase that is over.</summary>
    public void Forget(AnalysedExperiment experiment)
    {
        foreach (var key in _entries.Keys.Where(key => key.Item1 == experiment.Id && key.Item2 == experiment.Phase))
            _entries.TryRemove(key, out _);
    }

    private static bool IsRested(Entry entry, DateTimeOffset now) => now - entry.At >= Rest.After(entry.Milliseconds, Quick, RestFactor);
}
