using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>
/// The units of a phase, their numbers and the moments of these, brought up to date by what is new, so that new events cost what they are and not what there was before: units that are new are computed from
/// their events, events of the others are added to what there was, and the moments of all these are taken out as they were and put in as they are.
/// </summary>
internal sealed class ValueTable(NpgsqlConnection connection, AnalysedExperiment experiment, ValueColumns columns)
{
    /// <summary>Values of a dimension that get a place of their own; the others share one.</summary>
    private const int MostValues = 20;

    /// <summary>A cap that is a quantile is found anew when there are so many times more units.</summary>
    private const double CapGrowth = 1.1;

    /// <summary>So many new units are not too many to be added to however few there were.</summary>
    private const int LeastToMake = 5000;

    /// <summary>So many new units are sought by a list of them while events are read; more of them are joined.</summary>
    private const int MostToSeek = 250_000;

    /// <summary>Combinations of values of dimensions that are summed apart.</summary>
    private const int MostParts = 1000;

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

    /// <summary>Makes units and their numbers from all events.</summary>
    public async Task<MomentState> MakeAsync(long upTo, CancellationToken cancel)
    {
        foreach (var table in (string[])["experiment_units", "experiment_moments"])
        {
            await using var forgetting = new NpgsqlCommand($"DELETE FROM {table} WHERE experiment_id = $1 AND phase = $2", connection) { CommandTimeout = 600 };
            Add(forgetting, experiment.Id, experiment.Phase);
            await forgetting.ExecuteNonQueryAsync(cancel);
        }
        return await UnitTable.WithoutLoopsAsync(connection, () => MakeFromEventsAsync(upTo, cancel), cancel);
    }

    private async Task<MomentState> MakeFromEventsAsync(long upTo, CancellationToken cancel)
    {
        await UnitTable.ArriveAsync(connection, experiment, 0, upTo, cancel);
        var parameters = new SqlParameters();
        var numbers = columns.Metrics.Count == 0 ? "SELECT NULL::uuid AS unit, NULL::float8[] AS numbers WHERE false"
            : $"SELECT u.unit, {columns.Numbers(parameters)} AS numbers FROM arrived u JOIN events_metric m ON m.unit = u.unit WHERE {columns.Relevant(parameters, experiment.StartedAt)} GROUP BY u.unit";
        // In the order of the index, which is then made from one end to the other.
        await using var making = parameters.Command(
            connection,
            $"""
            INSERT INTO experiment_units (experiment_id, phase, unit, variant, first_at, mixed, dimensions, numbers)
            SELECT {parameters.Add(experiment.Id)}, {parameters.Add(experiment.Phase)}, a.unit, a.variant, a.first_at, a.mixed, a.dimensions, n.numbers FROM arrived a LEFT JOIN ({numbers}) AS n USING (unit) ORDER BY a.unit
            """);
        await making.ExecuteNonQueryAsync(cancel);
        return await SumAsync(cancel: cancel);
    }

    /// <summary>Adds what is new to the numbers, and changes the moments with them.</summary>
    /// <returns>The new state; null where so much is new that all of it is made anew sooner.</returns>
    public async Task<MomentState?> AddAsync(MomentState state, Progress before, (long Exposures, long Metrics) last, CancellationToken cancel)
    {
        if (await UnitTable.ArriveAsync(connection, experiment, before.ExposureBatch, last.Exposures, cancel) > Math.Max(LeastToMake, state.Units / 2))
            return null;
        await HappenAsync(before.MetricBatch, last.Metrics, cancel);
        await MeetAsync(cancel);
        await AddNumbersAsync(cancel);
        await WriteAsync(cancel);
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
    private async Task HappenAsync(long after, long upTo, CancellationToken cancel)
    {
        await UnitTable.RunAsync(connection, "CREATE TEMPORARY TABLE happened (event text COLLATE \"C\" NOT NULL, unit uuid NOT NULL, at timestamptz NOT NULL, value float8, properties jsonb) ON COMMIT DROP", cancel);
        if (upTo <= after || columns.Metrics.Count == 0)
            return;
        var parameters = new SqlParameters();
        await using var happening = parameters.Command(
            connection,
            $"""
            INSERT INTO happened SELECT m.event, m.unit, m.at, m.value, m.properties FROM events_metric m
            WHERE {columns.Relevant(parameters, experiment.StartedAt)} AND m.batch > {parameters.Add(after)} AND m.batch <= {parameters.Add(upTo)}
            """);
        await happening.ExecuteNonQueryAsync(cancel);
        await UnitTable.RunAsync(connection, "ANALYZE happened (unit)", cancel);
    }

    /// <summary>Whom new exposures or events are about, as they were known (with their place in the table) and as they are; what they did follows.</summary>
    private async Task MeetAsync(CancellationToken cancel)
    {
        const string Unit =
            """
            unit uuid NOT NULL, variant text COLLATE "C" NOT NULL, first_at timestamptz NOT NULL, mixed boolean NOT NULL, dimensions text[], is_fresh boolean NOT NULL, place tid, variant_before text COLLATE "C",
            mixed_before boolean, dimensions_before text[], numbers_before float8[]
            """;
        await UnitTable.RunAsync(connection, $"CREATE TEMPORARY TABLE met ({Unit}) ON COMMIT DROP; CREATE TEMPORARY TABLE touched ({Unit}, numbers float8[]) ON COMMIT DROP", cancel);
        // In the order of the index: each of its pages is read once.
        await using var meeting = new NpgsqlCommand(
            """
            INSERT INTO met
            SELECT unit, CASE WHEN is_fresh THEN variant ELSE variant_before END, least(first_at, first_before), mixed, CASE WHEN is_fresh THEN dimensions ELSE dimensions_before END,
                is_fresh, place, variant_before, mixed_before, dimensions_before, numbers_before
            FROM (
                SELECT k.unit, k.variant, k.first_at, k.dimensions, k.acts, k.variant IS NOT NULL AND (u.unit IS NULL OR k.first_at < u.first_at) AS is_fresh,
                    coalesce(k.mixed, false) OR coalesce(u.mixed, false) OR coalesce(k.variant <> u.variant, false) AS mixed,
                    u.ctid AS place, u.variant AS variant_before, u.first_at AS first_before, u.mixed AS mixed_before, u.dimensions AS dimensions_before, u.numbers AS numbers_before
                FROM (SELECT unit, a.variant, a.first_at, a.mixed, a.dimensions, h.unit IS NOT NULL AS acts FROM arrived a FULL JOIN (SELECT DISTINCT unit FROM happened) h USING (unit) ORDER BY unit) AS k
                LEFT JOIN experiment_units u ON u.experiment_id = $1 AND u.phase = $2 AND u.unit = k.unit
                WHERE k.variant IS NOT NULL OR u.unit IS NOT NULL) AS m
            WHERE acts OR is_fresh OR mixed AND NOT mixed_before
            """, connection)
        { CommandTimeout = 600 };
        Add(meeting, experiment.Id, experiment.Phase);
        await meeting.ExecuteNonQueryAsync(cancel);
        await UnitTable.RunAsync(connection, "ANALYZE met (unit, is_fresh)", cancel);
    }

    /// <summary>Adds new events to the numbers of units. Those that are new, or whose first exposure moved, are computed from all events that can concern them.</summary>
    private async Task AddNumbersAsync(CancellationToken cancel)
    {
        await UnitTable.RunAsync(connection, "CREATE TEMPORARY TABLE summed (unit uuid NOT NULL, numbers float8[] NOT NULL) ON COMMIT DROP", cancel);
        if (columns.Metrics.Count > 0)
        {
            await SumUpAsync(_ => "happened m ON m.unit = u.unit WHERE NOT u.is_fresh", cancel);
            await SumUpFreshAsync(cancel);
            await UnitTable.RunAsync(connection, "ANALYZE summed (unit)", cancel);
        }
        await using var touching = new NpgsqlCommand(
            $"""
            INSERT INTO touched SELECT m.*, CASE WHEN m.is_fresh THEN s.numbers WHEN s.unit IS NULL THEN m.numbers_before ELSE {Sum("m.numbers_before", "s.numbers")} END
            FROM met m LEFT JOIN summed s ON s.unit = m.unit
            """, connection)
        { CommandTimeout = 600 };
        await touching.ExecuteNonQueryAsync(cancel);
    }

    // Nearly all events of the days that matter are of others. Where days have an index by unit, the few are found by it; where they have not, a list that is part of the statement is asked by its hash while they
    // are read, which is much sooner than a join. Inside of CASE nobody estimates how many are found, which would take a while for each partition.
    private async Task SumUpFreshAsync(CancellationToken cancel)
    {
        DateTimeOffset first;
        long count;
        await using (var asking = new NpgsqlCommand("SELECT min(first_at), count(*) FROM met WHERE is_fresh", connection))
        await using (var reader = await asking.ExecuteReaderAsync(cancel))
        {
            await reader.ReadAsync(cancel);
            count = reader.GetInt64(1);
            if (count == 0)
                return;
            first = reader.GetFieldValue<DateTimeOffset>(0);
        }
        if (count > MostToSeek)
        {
            await SumUpAsync(parameters => $"events_metric m ON m.unit = u.unit WHERE u.is_fresh AND {columns.Relevant(parameters, first)}", cancel);
            return;
        }
        await using var listing = new NpgsqlCommand("SELECT array_agg(unit) FROM met WHERE is_fresh", connection);
        var units = (Guid[])(await listing.ExecuteScalarAsync(cancel))!;
        var indexed = await EventDays.IndexedAsync(connection, units.Length, cancel);
        await UnitTable.WithoutLoopsAsync(connection, () => SumUpAsync(Fresh, cancel), cancel);

        string Fresh(SqlParameters parameters)
        {
            string Events(string condition) => $"SELECT m.unit, m.event, m.at, m.value, m.properties FROM events_metric m WHERE {columns.Relevant(parameters, first)} AND {condition}";
            var read = Events($"{EventDays.Outside(indexed, parameters)} AND CASE WHEN m.unit = ANY ({parameters.Add(units)}) THEN true END");
            var found = indexed.Count == 0 ? "" : $" UNION ALL {Events($"{EventDays.Within(indexed, parameters)} AND m.unit = ANY (ARRAY(SELECT unit FROM met WHERE is_fresh))")}";
            return $"({read}{found}) AS m ON m.unit = u.unit WHERE u.is_fresh";
        }
    }

    private async Task<int> SumUpAsync(Func<SqlParameters, string> events, CancellationToken cancel)
    {
        var parameters = new SqlParameters();
        await using var command = parameters.Command(
            connection, $"INSERT INTO summed SELECT u.unit, {columns.Numbers(parameters)} FROM met u JOIN {events(parameters)} GROUP BY u.unit");
        return await command.ExecuteNonQueryAsync(cancel);
    }

    private string Sum(string before, string more) =>
        $"ARRAY[{string.Join(", ", Enumerable.Range(1, 3 * columns.Metrics.Count).Select(i => FormattableString.Invariant($"coalesce({before}[{i}], 0) + {more}[{i}]")))}]::float8[]";

    /// <summary>Writes down what changed. Nobody else writes here as long as this transaction has the lock, so rows are where they were a moment ago.</summary>
    private async Task WriteAsync(CancellationToken cancel)
    {
        await UnitTable.RunAsync(
            connection,
            """
            SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off;
            UPDATE experiment_units u SET variant = t.variant, first_at = t.first_at, mixed = t.mixed, dimensions = t.dimensions, numbers = t.numbers FROM touched t WHERE u.ctid = t.place;
            SET LOCAL enable_hashjoin = on; SET LOCAL enable_mergejoin = on
            """, cancel);
        await using var adding = new NpgsqlCommand(
            """
            INSERT INTO experiment_units (experiment_id, phase, unit, variant, first_at, mixed, dimensions, numbers)
            SELECT $1, $2, unit, variant, first_at, mixed, dimensions, numbers FROM touched WHERE place IS NULL ORDER BY unit
            """, connection)
        { CommandTimeout = 600 };
        Add(adding, experiment.Id, experiment.Phase);
        await adding.ExecuteNonQueryAsync(cancel);
    }

    // New values of dimensions get a place as long as there is one.
    private async Task KeepValuesAsync(MomentState state, CancellationToken cancel)
    {
        for (var i = 0; i < state.Kept.Count; i++)
        {
            if (state.Kept[i].Count < MostValues)
                state.Kept[i].AddRange(await ValuesAsync("touched", "is_fresh", i, MostValues - state.Kept[i].Count, state.Kept[i], cancel));
        }
    }

    private async Task<List<string>> ValuesAsync(string table, string condition, int dimension, int most, IReadOnlyList<string> known, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT coalesce(dimensions[$1], '') FROM {table} WHERE {condition} AND NOT mixed AND coalesce(dimensions[$1], '') <> ALL ($2)
            GROUP BY 1 ORDER BY count(*) DESC, 1 LIMIT $3
            """, connection)
        { CommandTimeout = 600 };
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
    /// <param name="kept">The values of dimensions that have a place; null: the most frequent ones get it.</param>
    /// <param name="cancel">Gives up.</param>
    public async Task<MomentState> SumAsync(List<List<string>>? kept = null, CancellationToken cancel = default)
    {
        if (kept is null)
        {
            kept = [];
            for (var i = 0; i < experiment.Plan.Dimensions.Count; i++)
                kept.Add(await ValuesAsync("experiment_units", "experiment_id = $4 AND phase = $5", i, MostValues, [], cancel));
        }
        const string Rows = "SELECT u.variant, u.dimensions, u.numbers FROM experiment_units u WHERE u.experiment_id = $1 AND u.phase = $2 AND NOT u.mixed";
        var state = new MomentState { Kept = kept };
        foreach (var (metric, i) in columns.Metrics.Select((metric, i) => (metric.Definition, i)))
            state.Caps.Add(metric.Winsorize is { } level ? await QuantileAsync(Rows, i, level, cancel) : metric.Cap);
        state.Groups.AddRange(await MomentsAsync(Rows, state, cancel));
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

    // Units are summed once, by all dimensions together, and the parts of it merged here: as long as there are not too many of these.
    private async Task<List<GroupMoments>> MomentsAsync(string rows, MomentState state, CancellationToken cancel)
    {
        var groups = new Dictionary<(int, string, string), GroupMoments>();
        var first = 0;
        do
        {
            var (end, parts) = (first, 1);
            while (end < state.Kept.Count && (end == first || parts * (state.Kept[end].Count + 1) <= MostParts))
                parts *= state.Kept[end++].Count + 1;
            var parameters = new SqlParameters();
            if (rows.Contains("$1", StringComparison.Ordinal))
            {
                parameters.Add(experiment.Id);
                parameters.Add(experiment.Phase);
            }
            var text = columns.Moments(parameters, rows, state.Caps, state.Kept, first..end);
            await using var command = parameters.Command(connection, text);
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
            {
                foreach (var group in GroupMoments.Read(reader, columns.Metrics.Count, first))
                {
                    var key = (group.Dimension, group.Value, group.Variant);
                    groups[key] = groups.TryGetValue(key, out var known) ? known.Merge(group) : group;
                }
            }
            first = end;
        }
        while (first < state.Kept.Count);
        return [.. groups.Values];
    }

    private static void Add(NpgsqlCommand command, params ReadOnlySpan<object> values)
    {
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
    }
}
