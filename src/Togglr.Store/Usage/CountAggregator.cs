using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>
/// Sums evaluation counts of <c>event_log</c> up into <c>evaluation_counts</c>. One transaction takes rows out of the log and adds them to the sums, so each
/// counts exactly once whenever the process dies; nothing is read by position, so no row that becomes visible late is missed. Processes take turns.
/// </summary>
public sealed partial class CountAggregator(TogglrDatabase database, ChangeSignal signal, TimeProvider time, ILogger<CountAggregator> log)
{
    /// <summary>The most rows of one transaction.</summary>
    public const int BatchSize = 10_000;

    // One process at a time: two that add to the same sums would only wait for each other, or deadlock.
    private const long TurnLock = 128022223939426;

    private const string FirstEvaluation = "environment.evaluated";

    // Open pages ask again when they hear of new figures: not for every batch.
    private static readonly TimeSpan TellInterval = TimeSpan.FromSeconds(3);

    private readonly Dictionary<Guid, DateTimeOffset> _toldAt = [];

    /// <summary>Takes one batch.</summary>
    /// <returns>How many rows of the log were consumed; 0 also when another process has its turn.</returns>
    public async Task<int> ConsumeAsync(CancellationToken cancellationToken = default)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var (batch, taken) = await TakeAsync(connection, cancellationToken).ConfigureAwait(false);
        if (taken == 0)
            return 0;
        var flags = await FindFlagsAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        await AddCountsAsync(connection, batch, flags, cancellationToken).ConfigureAwait(false);
        await AddFlagsAsync(connection, batch, flags, cancellationToken).ConfigureAwait(false);
        await EvaluationUsers.AddAsync(connection, batch, flags, cancellationToken).ConfigureAwait(false);
        await UnknownFlags.AddAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        var notices = await AddEnvironmentsAsync(connection, batch, cancellationToken).ConfigureAwait(false);
        foreach (var notice in notices)
            await TellAsync(connection, notice, cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        foreach (var notice in notices)
        {
            if (notice.Action == FirstEvaluation)
                LogFirst(notice.Project ?? "", notice.Environment ?? "");
            signal.Raise(notice);
        }
        return taken;
    }

    private static async Task<(CountBatch Batch, int Taken)> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        var batch = new CountBatch();
        using var command = new NpgsqlCommand(
            """
            WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1) AS mine),
                next AS MATERIALIZED (SELECT id FROM event_log WHERE kind = 1 AND (SELECT mine FROM turn) ORDER BY id LIMIT $2)
            DELETE FROM event_log l USING next WHERE l.id = next.id RETURNING l.environment_id, l.flag, l.at, l.payload
            """, connection);
        Add(command, NpgsqlDbType.Bigint, TurnLock);
        Add(command, NpgsqlDbType.Integer, BatchSize);
        var taken = 0;
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            taken++;
            batch.Add(reader.GetGuid(0), reader.GetString(1), reader.GetFieldValue<DateTimeOffset>(2), reader.GetFieldValue<byte[]>(3));
        }
        return (batch, taken);
    }

    /// <summary>The flags that are still there, with the names of their variants.</summary>
    private static async Task<Dictionary<(Guid Environment, string Flag), (Guid Id, HashSet<string> Variants)>> FindFlagsAsync(
        NpgsqlConnection connection, CountBatch batch, CancellationToken cancellationToken)
    {
        var found = new Dictionary<(Guid, string), (Guid, HashSet<string>)>();
        using var command = new NpgsqlCommand(
            """
            SELECT e.id, f.key, f.id, ARRAY(SELECT v ->> 'key' FROM json_array_elements(f.variants) v)
            FROM unnest($1, $2) c(environment_id, flag) JOIN environments e ON e.id = c.environment_id JOIN flags f ON f.project_id = e.project_id AND f.key = c.flag
            FOR KEY SHARE OF e, f
            """, connection);
        var asked = batch.Flags.Keys.Union(batch.Users.Keys.Select(static key => (key.Environment, key.Flag))).ToList();
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, asked.ConvertAll(static flag => flag.Environment).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, asked.ConvertAll(static flag => flag.Flag).ToArray());
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            found.Add((reader.GetGuid(0), reader.GetString(1)), (reader.GetGuid(2), new HashSet<string>(reader.GetFieldValue<string[]>(3), StringComparer.Ordinal)));
        return found;
    }

    private static async Task AddCountsAsync(
        NpgsqlConnection connection, CountBatch batch, Dictionary<(Guid Environment, string Flag), (Guid Id, HashSet<string> Variants)> flags, CancellationToken cancellationToken)
    {
        var (minutes, hours) = (new Dictionary<CountRow, long>(), new Dictionary<CountRow, long>());
        foreach (var (key, counts) in batch.Flags)
        {
            if (!flags.TryGetValue(key, out var flag))
                continue;
            foreach (var ((minute, variant, reason), count) in counts.Rows)
            {
                var name = variant is null ? "" : flag.Variants.Contains(variant) ? variant : CountBatch.UnknownVariant;
                AddTo(minutes, new CountRow(flag.Id, key.Environment, minute, name, reason), count);
                AddTo(hours, new CountRow(flag.Id, key.Environment, minute.Floor(TimeSpan.TicksPerHour), name, reason), count);
            }
        }
        await AddCountsAsync(connection, "evaluation_counts", "hour", hours, cancellationToken).ConfigureAwait(false);
        await AddCountsAsync(connection, "evaluation_minutes", "minute", minutes, cancellationToken).ConfigureAwait(false);
    }

    private static void AddTo(Dictionary<CountRow, long> sums, CountRow row, long count) => sums[row] = Math.Min(CountBatch.Most, sums.GetValueOrDefault(row) + count);

    private static async Task AddCountsAsync(NpgsqlConnection connection, string table, string step, Dictionary<CountRow, long> sums, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {table} AS c (flag_id, environment_id, {step}, variant, reason, count) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)
            ON CONFLICT (flag_id, environment_id, {step}, variant, reason) DO UPDATE SET count = least(9007199254740991, c.count + excluded.count)
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, sums.Keys.Select(static row => row.Flag).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, sums.Keys.Select(static row => row.Environment).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, sums.Keys.Select(static row => row.At.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, sums.Keys.Select(static row => row.Variant).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, sums.Keys.Select(static row => row.Reason).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, sums.Values.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async Task AddFlagsAsync(
        NpgsqlConnection connection, CountBatch batch, Dictionary<(Guid Environment, string Flag), (Guid Id, HashSet<string> Variants)> flags, CancellationToken cancellationToken)
    {
        var rows = batch.Flags.Where(pair => flags.ContainsKey(pair.Key)).Select(pair => (flags[pair.Key].Id, pair.Key.Environment, Counts: pair.Value)).ToList();
        using var command = new NpgsqlCommand(
            """
            INSERT INTO flag_usage AS u (organization_id, project_id, flag_id, environment_id, first_at, last_at, variant, variant_since)
            SELECT f.organization_id, f.project_id, f.id, c.environment_id, c.first_at, c.last_at, c.variant, c.served_at
            FROM unnest($1, $2, $3, $4, $5, $6) c(flag_id, environment_id, first_at, last_at, variant, served_at) JOIN flags f ON f.id = c.flag_id
            ON CONFLICT (flag_id, environment_id) DO UPDATE SET
                first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at),
                variant = CASE WHEN excluded.variant_since IS NULL THEN u.variant ELSE excluded.variant END,
                variant_since = CASE WHEN excluded.variant_since IS NULL OR u.variant = excluded.variant THEN u.variant_since ELSE greatest(u.variant_since, excluded.variant_since) END
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Id).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Environment).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Counts.First.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Counts.Last.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Counts.Variant).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Counts.ServedAt?.UtcDateTime).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Keeps when environments were evaluated in; what is told of those that never were before, and now and then of the others.</summary>
    private async Task<List<ChangeNotice>> AddEnvironmentsAsync(NpgsqlConnection connection, CountBatch batch, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            """
            WITH added AS (
                INSERT INTO environment_usage AS u (environment_id, first_at, last_at, sdk)
                SELECT e.id, c.first_at, c.last_at, c.sdk FROM unnest($1, $2, $3, $4) c(id, first_at, last_at, sdk) JOIN environments e ON e.id = c.id
                ON CONFLICT (environment_id) DO UPDATE SET first_at = least(u.first_at, excluded.first_at), last_at = greatest(u.last_at, excluded.last_at), sdk = coalesce(excluded.sdk, u.sdk)
                RETURNING environment_id, xmax = 0 AS is_first)
            SELECT e.organization_id, e.project_id, p.key, e.id, e.key, a.is_first FROM added a JOIN environments e ON e.id = a.environment_id JOIN projects p ON p.id = e.project_id
            """, connection);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, batch.Environments.Keys.ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, batch.Environments.Values.Select(static row => row.First.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, batch.Environments.Values.Select(static row => row.Last.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, batch.Environments.Values.Select(static row => row.Sdk).ToArray());
        var notices = new List<ChangeNotice>();
        var now = time.GetUtcNow();
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var notice = new ChangeNotice
            {
                At = now, OrganizationId = reader.GetGuid(0), ProjectId = reader.GetGuid(1), Project = reader.GetString(2), Environment = reader.GetString(4),
                Action = FirstEvaluation, Entity = "environment", EntityKey = reader.GetString(4), EntityId = reader.GetGuid(3),
            };
            if (reader.GetBoolean(5))
                notices.Add(notice);
            if (_toldAt.TryGetValue(reader.GetGuid(3), out var told) && now - told < TellInterval)
                continue;
            _toldAt[reader.GetGuid(3)] = now;
            notices.Add(notice with { Action = "analytics.counted", Entity = "analytics" });
        }
        return notices;
    }

    /// <summary>Tells the other nodes; they hear of it with the commit.</summary>
    private async Task TellAsync(NpgsqlConnection connection, ChangeNotice notice, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand("SELECT pg_notify('togglr_changes', $1)", connection);
        Add(command, NpgsqlDbType.Text, JsonSerializer.Serialize(new ChangeMessage(signal.NodeId, 0, notice), JsonSerializerOptions.Web));
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });

    [LoggerMessage(3060, LogLevel.Information, "The first evaluation of {Project}/{Environment} was reported")]
    private partial void LogFirst(string project, string environment);

    /// <summary>What counts are kept by; the time is the start of a minute or an hour.</summary>
    private readonly record struct CountRow(Guid Flag, Guid Environment, DateTimeOffset At, string Variant, string Reason);
}
