using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// The numbers of units and their moments, brought up to date by what is new: units in <c>touched</c> are computed from their events, events of the others are added to what there was, and the
/// moments of all these are taken out as they were and put in as they are.
/// </summary>
internal sealed class ValueTable(NpgsqlConnection connection, AnalysedExperiment experiment, ValueColumns columns)
{
    /// <summary>Values of a dimension that get a place of their own; the others share one.</summary>
    private const int MostValues = 20;

    /// <summary>A cap that is a quantile is found anew when there are so many times more units.</summary>
    private const double CapGrowth = 1.1;

    /// <summary>The state as of the last batches; null where it has to be made from all events.</summary>
    public async Task<(MomentState State, long MetricBatch)?> ReadAsync(long exposureBatch, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            "SELECT state::text, metric_batch FROM experiment_moments WHERE experiment_id = $1 AND phase = $2 AND fingerprint = $3 AND exposure_batch = $4", connection);
        Add(command, experiment.Id, experiment.Phase, columns.Fingerprint, exposureBatch);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel) ? (JsonSerializer.Deserialize<MomentState>(reader.GetString(0))!, reader.GetInt64(1)) : null;
    }

    /// <summary>Keeps the state.</summary>
    public async Task KeepAsync(MomentState state, long exposureBatch, long metricBatch, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO experiment_moments (experiment_id, phase, fingerprint, exposure_batch, metric_batch, state) VALUES ($1, $2, $3, $4, $5, $6)
            ON CONFLICT (experiment_id, phase) DO UPDATE SET fingerprint = $3, exposure_batch = $4, metric_batch = $5, state = $6
            """, connection);
        Add(command, experiment.Id, experiment.Phase, columns.Fingerprint, exposureBatch, metricBatch);
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(state), NpgsqlDbType = NpgsqlDbType.Json });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>Forgets numbers and state: no more is added.</summary>
    public async Task ForgetAsync(CancellationToken cancel)
    {
        foreach (var table in (string[])["experiment_values", "experiment_moments"])
        {
            await using var command = new NpgsqlCommand($"DELETE FROM {table} WHERE experiment_id = $1 AND phase = $2", connection) { CommandTimeout = 600 };
            Add(command, experiment.Id, experiment.Phase);
            await command.ExecuteNonQueryAsync(cancel);
        }
    }

    /// <summary>Makes the numbers of all units from all events.</summary>
    public async Task<MomentState> MakeAsync(CancellationToken cancel)
    {
        await ForgetAsync(cancel);
        // Every unit is joined with every event of it. Of rows that came a moment ago nobody knows how many they are, and who takes them for a few joins them in a loop.
        await UnitTable.RunAsync(connection, "SET LOCAL enable_nestloop = off", cancel);
        if (columns.Metrics.Count > 0)
        {
            var parameters = new SqlParameters();
            var (id, phase) = (parameters.Add(experiment.Id), parameters.Add(experiment.Phase));
            await using var command = parameters.Command(
                connection,
                $"""
                INSERT INTO experiment_values (experiment_id, phase, unit, numbers)
                SELECT {id}, {phase}, u.unit, {columns.Numbers(parameters)} FROM experiment_units u JOIN events_metric m ON m.unit = u.unit
                WHERE u.experiment_id = {id} AND u.phase = {phase} AND {columns.Relevant(parameters, experiment.StartedAt)} GROUP BY u.unit
                """);
            await command.ExecuteNonQueryAsync(cancel);
        }
        var state = await SumAsync(null, cancel);
        await UnitTable.RunAsync(connection, "SET LOCAL enable_nestloop = on", cancel);
        return state;
    }

    /// <summary>Adds what is new to the numbers, and changes the moments with them.</summary>
    public async Task<MomentState> AddAsync(MomentState state, long after, long upTo, CancellationToken cancel)
    {
        if (columns.Metrics.Count > 0)
        {
            await NumbersBeforeAsync(cancel);
            await AddEventsAsync(after, upTo, cancel);
            await AddFreshAsync(cancel);
            await KeepNumbersAsync(cancel);
        }
        await KeepValuesAsync(state, cancel);
        var removed = await MomentsAsync("SELECT variant_before AS variant, dimensions_before AS dimensions, numbers_before AS numbers FROM touched WHERE NOT mixed_before", state, cancel);
        var added = await MomentsAsync("SELECT variant, dimensions, numbers FROM touched WHERE NOT mixed", state, cancel);
        await using (var mixed = new NpgsqlCommand("SELECT count(*) FILTER (WHERE mixed) - count(*) FILTER (WHERE mixed_before) FROM touched", connection))
            state.Mixed += (long)(await mixed.ExecuteScalarAsync(cancel))!;
        var isEnough = state.TryChange(removed, added) && (!HasQuantileCaps || state.Units <= CapGrowth * state.CapUnits);
        return isEnough ? state : await SumAsync(state.Kept, cancel);
    }

    private bool HasQuantileCaps => columns.Metrics.Any(metric => metric.Definition.Winsorize is not null);

    // Only the events of the new batches are looked at.
    private async Task AddEventsAsync(long after, long upTo, CancellationToken cancel)
    {
        if (upTo <= after)
            return;
        var parameters = new SqlParameters();
        await UnitTable.RunAsync(connection, "CREATE TEMPORARY TABLE happened (event text COLLATE \"C\" NOT NULL, unit uuid NOT NULL, at timestamptz NOT NULL, value float8, properties jsonb) ON COMMIT DROP", cancel);
        await using (var happening = parameters.Command(
            connection,
            $"INSERT INTO happened SELECT m.event, m.unit, m.at, m.value, m.properties FROM events_metric m WHERE {columns.Relevant(parameters, experiment.StartedAt)} AND m.batch > {parameters.Add(after)} AND m.batch <= {parameters.Add(upTo)}"))
        {
            if (await happening.ExecuteNonQueryAsync(cancel) == 0)
                return;
        }
        await UnitTable.RunAsync(connection, "ANALYZE happened; ANALYZE touched", cancel);
        parameters = new SqlParameters();
        var (id, phase) = (parameters.Add(experiment.Id), parameters.Add(experiment.Phase));
        await using var adding = parameters.Command(
            connection,
            $"""
            INSERT INTO touched
            SELECT n.unit, n.variant, n.first_at, n.mixed, n.dimensions, false, n.variant, n.mixed, n.dimensions, v.numbers, {Sum("v.numbers", "n.numbers")}
            FROM (SELECT u.unit, u.variant, u.first_at, u.mixed, u.dimensions, {columns.Numbers(parameters)} AS numbers
                FROM happened m JOIN experiment_units u ON u.experiment_id = {id} AND u.phase = {phase} AND u.unit = m.unit
                WHERE NOT EXISTS (SELECT FROM touched t WHERE t.unit = m.unit) GROUP BY u.unit, u.variant, u.first_at, u.mixed, u.dimensions) AS n
            LEFT JOIN experiment_values v ON v.experiment_id = {id} AND v.phase = {phase} AND v.unit = n.unit
            """);
        await adding.ExecuteNonQueryAsync(cancel);
    }

    private string Sum(string before, string more) =>
        $"ARRAY[{string.Join(", ", Enumerable.Range(1, 3 * columns.Metrics.Count).Select(i => FormattableString.Invariant($"coalesce({before}[{i}], 0) + {more}[{i}]")))}]";

    private async Task NumbersBeforeAsync(CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            UPDATE touched t SET numbers_before = v.numbers FROM experiment_values v
            WHERE t.variant_before IS NOT NULL AND v.experiment_id = $1 AND v.phase = $2 AND v.unit = t.unit
            """, connection) { CommandTimeout = 600 };
        Add(command, experiment.Id, experiment.Phase);
        await command.ExecuteNonQueryAsync(cancel);
    }

    // Units that are new, or whose first exposure moved: from all events that can concern them.
    private async Task AddFreshAsync(CancellationToken cancel)
    {
        await using var asking = new NpgsqlCommand("SELECT min(first_at) FROM touched WHERE is_fresh", connection);
        if (await asking.ExecuteScalarAsync(cancel) is not DateTime first)
            return;
        await UnitTable.RunAsync(connection, "ANALYZE touched", cancel);
        var parameters = new SqlParameters();
        await using var command = parameters.Command(
            connection,
            $"""
            UPDATE touched t SET numbers = n.numbers
            FROM (SELECT u.unit, {columns.Numbers(parameters)} AS numbers FROM touched u JOIN events_metric m ON m.unit = u.unit
                WHERE u.is_fresh AND {columns.Relevant(parameters, new DateTimeOffset(first, TimeSpan.Zero))} GROUP BY u.unit) AS n
            WHERE t.unit = n.unit
            """);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task KeepNumbersAsync(CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH gone AS (DELETE FROM experiment_values v USING touched t WHERE t.numbers IS NULL AND t.numbers_before IS NOT NULL AND v.experiment_id = $1 AND v.phase = $2 AND v.unit = t.unit)
            INSERT INTO experiment_values (experiment_id, phase, unit, numbers) SELECT $1, $2, unit, numbers FROM touched WHERE numbers IS NOT NULL
            ON CONFLICT (experiment_id, phase, unit) DO UPDATE SET numbers = excluded.numbers
            """, connection) { CommandTimeout = 600 };
        Add(command, experiment.Id, experiment.Phase);
        await command.ExecuteNonQueryAsync(cancel);
    }

    // New values of dimensions get a place as long as there is one.
    private async Task KeepValuesAsync(MomentState state, CancellationToken cancel)
    {
        for (var i = 0; i < state.Kept.Count; i++)
        {
            if (state.Kept[i].Count < MostValues)
                state.Kept[i].AddRange(await ValuesAsync("touched", "true", i, MostValues - state.Kept[i].Count, state.Kept[i], cancel));
        }
    }

    private async Task<List<string>> ValuesAsync(string table, string condition, int dimension, int most, IReadOnlyList<string> known, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT coalesce(dimensions[$1], '') FROM {table} WHERE {condition} AND NOT mixed AND coalesce(dimensions[$1], '') <> ALL ($2)
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $3
            """, connection) { CommandTimeout = 600 };
        Add(command, dimension + 1, known.Append(MomentState.Others).ToArray(), most);
        if (table == "experiment_units")
            Add(command, experiment.Id, experiment.Phase);
        var values = new List<string>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            values.Add(reader.GetString(0));
        return values;
    }

    /// <summary>The moments of everything, from the numbers.</summary>
    private async Task<MomentState> SumAsync(List<List<string>>? kept, CancellationToken cancel)
    {
        if (kept is null)
        {
            kept = [];
            for (var i = 0; i < experiment.Plan.Dimensions.Count; i++)
                kept.Add(await ValuesAsync("experiment_units", "experiment_id = $4 AND phase = $5", i, MostValues, [], cancel));
        }
        var (id, phase) = ("$1", "$2");
        var rows = $"SELECT u.variant, u.dimensions, v.numbers FROM experiment_units u LEFT JOIN experiment_values v USING (experiment_id, phase, unit) WHERE u.experiment_id = {id} AND u.phase = {phase} AND NOT u.mixed";
        var state = new MomentState { Kept = kept };
        foreach (var (metric, i) in columns.Metrics.Select((metric, i) => (metric.Definition, i)))
            state.Caps.Add(metric.Winsorize is { } level ? await QuantileAsync(rows, i, level, cancel) : metric.Cap);
        state.Groups.AddRange(await MomentsAsync(rows, state, cancel));
        state.CapUnits = state.Units;
        await using var mixed = new NpgsqlCommand("SELECT count(*) FROM experiment_units WHERE experiment_id = $1 AND phase = $2 AND mixed", connection) { CommandTimeout = 600 };
        Add(mixed, experiment.Id, experiment.Phase);
        state.Mixed = (long)(await mixed.ExecuteScalarAsync(cancel))!;
        return state;
    }

    private async Task<double?> QuantileAsync(string rows, int metric, double level, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        parameters.Add(experiment.Id);
        parameters.Add(experiment.Phase);
        await using var command = parameters.Command(connection, $"SELECT percentile_cont({parameters.Add(level)}::float8) WITHIN GROUP (ORDER BY {ValueColumns.Raw(metric)}) FROM ({rows}) AS r");
        return await command.ExecuteScalarAsync(cancel) as double?;
    }

    private async Task<List<GroupMoments>> MomentsAsync(string rows, MomentState state, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        if (rows.Contains("$1", StringComparison.Ordinal))
        {
            parameters.Add(experiment.Id);
            parameters.Add(experiment.Phase);
        }
        var groups = new List<GroupMoments>();
        await using var command = parameters.Command(connection, columns.Moments(parameters, rows, state.Caps, state.Kept));
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            groups.Add(GroupMoments.Read(reader, columns.Metrics.Count));
        return groups;
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}
