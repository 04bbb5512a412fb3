using Npgsql;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// Counts what units earned by an algorithm's metric, once the window after their exposure is over and never before: were successes counted as they come and failures at the end only, arms would look better than they
/// are while there are few. A unit is taken out in the transaction that counts it, so it counts once.
/// </summary>
internal sealed class UnitSettling(TogglrDatabase database)
{
    /// <summary>Events of the last moments of a window may still be under way.</summary>
    private static readonly TimeSpan Grace = TimeSpan.FromMinutes(1);

    private const int AtOnce = 50_000;

    /// <summary>Counts the units of an algorithm whose window is over.</summary>
    public async Task SettleAsync(LiveBandit bandit, MetricDefinition metric, DateTimeOffset now, CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        var over = now - Grace;
        DateTimeOffset first, last;
        await using (var look = new NpgsqlCommand("SELECT min(at), max(settles_at) FROM algorithm_units WHERE algorithm_id = $1 AND generation = $2 AND settles_at <= $3", connection))
        {
            foreach (var value in (ReadOnlySpan<object>)[bandit.Id, bandit.Generation, over])
                look.Parameters.Add(new NpgsqlParameter { Value = value });
            await using var reader = await look.ExecuteReaderAsync(cancel);
            await reader.ReadAsync(cancel);
            if (await reader.IsDBNullAsync(0, cancel))
                return;
            (first, last) = (reader.GetFieldValue<DateTimeOffset>(0), reader.GetFieldValue<DateTimeOffset>(1));
        }
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        // Rows that came a moment ago look few to the planner, and joining them in a loop takes minutes.
        await using (var settings = new NpgsqlCommand("SET LOCAL enable_nestloop = off; SET LOCAL jit = off", connection))
            await settings.ExecuteNonQueryAsync(cancel);
        var parameters = new SqlParameters();
        await using var command = parameters.Command(connection, Text(bandit, metric, over, first, last, parameters));
        await command.ExecuteNonQueryAsync(cancel);
        await transaction.CommitAsync(cancel);
    }

    private static string Text(LiveBandit bandit, MetricDefinition metric, DateTimeOffset over, DateTimeOffset first, DateTimeOffset last, SqlParameters parameters)
    {
        var value = metric.Kind switch
        {
            MetricKind.Conversion => "(count(m.unit) > 0)::int::float8",
            MetricKind.Count => "count(m.unit)::float8",
            _ => $"coalesce(sum({EventCondition.Value(metric.Value, parameters)}), 0)",
        };
        var capped = metric.Cap is { } cap ? $"least({value}, {parameters.Add(cap)}::float8)" : value;
        var reward = metric.Direction != MetricDirection.Decrease ? capped : metric.Kind == MetricKind.Conversion ? $"1 - {capped}" : $"-({capped})";
        var minutes = parameters.Add((int)bandit.Design.Settings[AlgorithmSettings.DiscountMinutes]);
        return $"""
            WITH due AS MATERIALIZED (
                SELECT * FROM algorithm_units WHERE algorithm_id = {parameters.Add(bandit.Id)} AND generation = {parameters.Add(bandit.Generation)} AND settles_at <= {parameters.Add(over)}
                ORDER BY unit LIMIT {AtOnce} FOR UPDATE SKIP LOCKED),
            earned AS (
                SELECT d.unit, least(greatest({reward}, -1e12), 1e12) AS r
                FROM due d LEFT JOIN (SELECT * FROM events_metric m WHERE m.environment_id = {parameters.Add(bandit.EnvironmentId)} AND m.event = {parameters.Add(metric.Event)}
                    AND m.at >= {parameters.Add(first)} AND m.at < {parameters.Add(last)} AND {EventCondition.All(metric.Filters, parameters)}) m ON m.unit = d.unit AND m.at >= d.at AND m.at < d.settles_at
                GROUP BY d.unit),
            gone AS (DELETE FROM algorithm_units u USING due d WHERE u.algorithm_id = d.algorithm_id AND u.generation = d.generation AND u.unit = d.unit)
            {AlgorithmCounts.Insert}
            SELECT d.algorithm_id, d.generation, date_bin(make_interval(mins => {minutes}), d.at, {AlgorithmCounts.Origin}) AS period, d.held_out, d.cell, d.variant,
                0, count(*), count(*) FILTER (WHERE e.r > 0), count(*) FILTER (WHERE e.r <= 0), 0, sum(e.r), sum(e.r * e.r),
                count(d.share), coalesce(sum(1 / d.share), 0), coalesce(sum(1 / (d.share * d.share)), 0), coalesce(sum(e.r / d.share), 0), coalesce(sum(e.r * e.r / (d.share * d.share)), 0),
                coalesce(sum(least(1 / d.share, {AlgorithmCounts.Clip}) * e.r), 0), nextval('event_batches')
            FROM due d JOIN earned e USING (unit) GROUP BY d.algorithm_id, d.generation, period, d.held_out, d.cell, d.variant
            {AlgorithmCounts.AddUp}
            """;
    }
}
