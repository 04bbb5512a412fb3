using System.Diagnostics;
using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Brings the results of one experiment up to date: takes in new exposures, lets the database aggregate, analyses, keeps the result. One transaction.</summary>
internal sealed class ExperimentAnalyst(TogglrDatabase database, TimeProvider time)
{
    /// <summary>Analyses that take longer rest for a multiple of what is above it: one of ten seconds is not repeated for three minutes.</summary>
    private const int Quick = 1000;

    private const double RestFactor = 20;

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
        if (!isClosing && before.AnalysedAt is { } last && now - last < TimeSpan.FromMilliseconds(Math.Max(0, before.Milliseconds - Quick) * RestFactor))
            return false;
        var (exposures, metrics) = await UnitTable.LastBatchesAsync(connection, experiment, cancel);
        var looks = await ResultStore.LooksAsync(connection, experiment, cancel);
        var end = experiment.EndedAt is { } ended && ended < now ? ended : now;
        if (!isClosing && before.AnalysedAt is not null && exposures <= before.ExposureBatch && metrics <= before.MetricBatch && !IsLookDue(experiment, end, looks))
            return false;
        if (exposures > before.ExposureBatch)
            await UnitTable.TakeInAsync(connection, experiment, before.ExposureBatch, exposures, cancel);
        var result = ExperimentAnalysis.Analyse(experiment.ToAnalysisPlan(), await DataAsync(connection, experiment, end, cancel), looks);
        await ResultStore.AddAsync(connection, experiment, result, now, cancel);
        await UnitTable.RecordAsync(connection, experiment, new Progress(exposures, metrics, now, (int)Math.Min(int.MaxValue, watch.ElapsedMilliseconds), isOver), cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    private static bool IsLookDue(AnalysedExperiment experiment, DateTimeOffset end, IReadOnlyList<LookRecord> looks)
    {
        var days = experiment.DaysUntil(end);
        return experiment.Plan.HasLooks && experiment.Plan.LookDays.Count(day => days >= day) > (looks.Count == 0 ? 0 : looks[^1].Number);
    }

    private static async Task<ExperimentData> DataAsync(NpgsqlConnection connection, AnalysedExperiment experiment, DateTimeOffset end, CancellationToken cancel)
    {
        // Every unit is joined with every event of it. Of rows that came a moment ago nobody knows how many they are, and who takes them for a few joins them in a loop.
        await using (var settings = new NpgsqlCommand("SET LOCAL enable_nestloop = off; SET LOCAL jit = off; SET LOCAL work_mem = '64MB'", connection))
            await settings.ExecuteNonQueryAsync(cancel);
        var (units, mixed) = await UnitTable.CountAsync(connection, experiment, cancel);
        var samples = experiment.Variations.ToDictionary(variation => variation.Key, _ => new Dictionary<string, MetricSample>(StringComparer.Ordinal), StringComparer.Ordinal);
        foreach (var (planned, definition) in experiment.Measured)
        {
            var read = definition.Kind == MetricKind.Quantile
                ? await new QuantileQuery(experiment, definition, end).ReadAsync(connection, cancel)
                : await new MetricQuery(experiment, definition, end).ReadAsync(connection, cancel);
            foreach (var (variant, sample) in read)
                samples[variant][planned.Metric] = sample;
        }
        return new ExperimentData
        {
            Days = experiment.DaysUntil(end),
            Variants = [.. experiment.Variations.Select(variation => new VariantData(variation.Key, units.GetValueOrDefault(variation.Key), samples[variation.Key]))],
            MixedUnits = mixed,
        };
    }
}
