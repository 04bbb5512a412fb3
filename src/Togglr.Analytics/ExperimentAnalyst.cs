using System.Diagnostics;
using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Brings the results of one experiment up to date: takes in new exposures, lets the database aggregate, analyses, keeps the result. One transaction.</summary>
internal sealed class ExperimentAnalyst(TogglrDatabase database, SlowSamples slow, DistributionSamples distributions, TimeProvider time)
{
    /// <summary>Analyses that take longer rest for a multiple of what is above it: one of ten seconds is not repeated for three minutes.</summary>
    private const int Quick = 1000;

    private const double RestFactor = 20;

    /// <summary>Much that came at once says little of what comes next.</summary>
    private const double LongestRest = 300_000;

    /// <summary>What is computed from all events now is added to the next time, so it does not make anybody wait for long.</summary>
    private const int MostOfMaking = 4000;

    /// <summary>Analyses the experiment where there is something new to say.</summary>
    /// <returns>Whether a result was kept.</returns>
    public async Task<bool> RefreshAsync(AnalysedExperiment experiment, CancellationToken cancel)
    {
        var watch = Stopwatch.StartNew();
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        // One moment for all metrics: what comes in meanwhile is in none of them.
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, cancel);
        if (!await UnitTable.TryLockAsync(connection, experiment.Id, cancel))
            return false;
        var now = time.GetUtcNow();
        var before = await UnitTable.ProgressAsync(connection, experiment, cancel);
        var isOver = experiment.EndedAt <= now;
        // The closing analysis waits for nothing.
        var isClosing = isOver && !before.IsClosed;
        if (!isClosing && before.AnalysedAt is { } last && now - last < Rest.After(before.Milliseconds, Quick, RestFactor, LongestRest))
            return false;
        var (exposures, metrics) = await UnitTable.LastBatchesAsync(connection, experiment, cancel);
        var looks = await ResultStore.LooksAsync(connection, experiment, cancel);
        var end = experiment.EndedAt is { } ended && ended < now ? ended : now;
        if (!isClosing && before.AnalysedAt is not null && exposures <= before.ExposureBatch && metrics <= before.MetricBatch && !IsLookDue(experiment, end, looks)
            && !slow.IsDue(experiment, now, exposures, metrics))
            return false;
        var isLook = IsLookDue(experiment, end, looks);
        var (data, wasMade) = await DataAsync(connection, experiment, before, (exposures, metrics), now, end, isOver, isLook, cancel);
        var result = ExperimentAnalysis.Analyse(experiment.ToAnalysisPlan(), data, looks);
        await ResultStore.AddAsync(connection, experiment, result, now, cancel);
        await UnitTable.RecordAsync(connection, experiment, new Progress(exposures, metrics, now, (int)Math.Min(wasMade ? MostOfMaking : int.MaxValue, watch.ElapsedMilliseconds), isOver), cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    private static bool IsLookDue(AnalysedExperiment experiment, DateTimeOffset end, IReadOnlyList<LookRecord> looks)
    {
        var days = experiment.DaysUntil(end);
        return experiment.Plan.HasLooks && experiment.Plan.LookDays.Count(day => days >= day) > (looks.Count == 0 ? 0 : looks[^1].Number);
    }

    private async Task<(ExperimentData Data, bool WasMade)> DataAsync(
        NpgsqlConnection connection, AnalysedExperiment experiment, Progress before, (long Exposures, long Metrics) last, DateTimeOffset now, DateTimeOffset end, bool isOver, bool isLook, CancellationToken cancel)
    {
        // The tables of units are in memory or on a disk without a head that moves. Every statement is planned for its own parameters, lists of units among them.
        await UnitTable.RunAsync(connection, "SET LOCAL jit = off; SET LOCAL work_mem = '64MB'; SET LOCAL random_page_cost = 1.1; SET LOCAL plan_cache_mode = force_custom_plan", cancel);
        var columns = new ValueColumns(experiment);
        var values = new ValueTable(connection, experiment, columns);
        var state = await values.ReadAsync(before.ExposureBatch, cancel) is { } known
            ? await values.AddAsync(known.State, before with { MetricBatch = known.MetricBatch }, last, cancel) : null;
        var wasMade = state is null;
        state ??= await values.MakeAsync(last.Exposures, cancel);
        // Nothing that was rounded on the way reaches a look.
        if (isLook && !wasMade)
            state = await values.SumAsync(cancel: cancel);
        await values.KeepAsync(state, last.Exposures, last.Metrics, cancel);
        var spread = await distributions.ReadAsync(connection, experiment, columns, state, now, end, isOver, cancel);
        var variants = state.Variants(experiment, columns, 0, "").ToDictionary(variant => variant.Key, variant => new Dictionary<string, MetricSample>(variant.Metrics, StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (planned, definition) in experiment.Measured.Where(pair => !ValueColumns.IsAdditive(pair.Definition)))
        {
            foreach (var (variant, sample) in await slow.ReadAsync(connection, experiment, planned.Metric, definition, now, end, isOver || isLook, last.Exposures, last.Metrics, cancel))
                variants[variant][planned.Metric] = sample;
        }
        if (isOver)
            slow.Forget(experiment);
        var data = new ExperimentData
        {
            Days = experiment.DaysUntil(end),
            Variants = [.. state.Variants(experiment, columns, 0, "").Select(variant => variant with { Metrics = variants[variant.Key] })],
            MixedUnits = state.Mixed,
            Distributions = spread,
            Dimensions = [.. Dimensions(experiment, columns, state)],
        };
        return (data, wasMade);
    }

    // The largest first: the order does not depend on when a value was first seen.
    private static IEnumerable<DimensionData> Dimensions(AnalysedExperiment experiment, ValueColumns columns, MomentState state)
    {
        for (var i = 0; i < state.Kept.Count; i++)
        {
            var values = state.Groups.Where(group => group.Dimension == i + 1).GroupBy(group => group.Value, StringComparer.Ordinal)
                .OrderBy(value => value.Key == MomentState.Others).ThenByDescending(value => value.Sum(group => group.Units)).ThenBy(value => value.Key, StringComparer.Ordinal);
            foreach (var value in values.Select(value => value.Key))
                yield return new DimensionData(experiment.Plan.Dimensions[i], value == MomentState.Others ? DimensionData.Others : value, state.Variants(experiment, columns, i + 1, value));
        }
    }
}
