using System.Globalization;
using System.Text;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;
using Togglr.Messaging.Events;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>
/// Sorts accepted events into the tables. One transaction takes groups out of the log, drops what was sorted in before and writes the rest, the counts and the dead letters, so every event counts exactly
/// once whenever the process dies and however often its sender repeats it. Nothing is read by position, so no group that becomes visible late is missed. Processes take turns.
/// </summary>
internal sealed partial class EventDrain(TogglrDatabase database, IEventStore store, TimeProvider time, ILogger<EventDrain> logger)
{
    /// <summary>How many events one transaction takes, as long as they are not one group.</summary>
    public const int BatchSize = 25_000;

    private const int GroupLimit = 128;
    private const long TurnLock = 128022223939429;

    // Of PostgreSQL's dates.
    private static readonly DateOnly s_epoch = new(2000, 1, 1);

    private readonly HashSet<DateOnly> _days = [];
    private readonly KnownNames _names = new();
    private readonly KnownExperiments _experiments = new();
    private readonly KnownAlgorithms _algorithms = new(time);
    private DateOnly _today;

    /// <summary>Takes one batch.</summary>
    /// <returns>How many events it had; 0 also when another process has its turn.</returns>
    public async Task<int> ConsumeAsync(CancellationToken cancel = default)
    {
        try
        {
            return await ConsumeAsync(GroupLimit, cancel);
        }
        catch (Exception failure) when (IsUnusable(failure))
        {
            // One group cannot be sorted in: it must not keep the others. Those before it go first, one by one.
            LogTrouble(failure.Message);
            return await ConsumeOneByOneAsync(cancel);
        }
        catch (PostgresException failure) when (failure.SqlState == PostgresErrorCodes.CheckViolation)
        {
            // A partition was removed meanwhile.
            _days.Clear();
            throw;
        }
    }

    private static bool IsUnusable(Exception failure) => failure is InvalidDataException or PostgresException { SqlState: ['2', '2', ..] };

    private async Task<int> ConsumeOneByOneAsync(CancellationToken cancel)
    {
        var consumed = 0;
        for (var i = 0; i < GroupLimit; i++)
        {
            try
            {
                var count = await ConsumeAsync(1, cancel);
                if (count == 0)
                    break;
                consumed += count;
            }
            catch (Exception failure) when (IsUnusable(failure))
            {
                await SetAsideAsync(failure.Message, cancel);
                consumed++;
            }
        }
        return consumed;
    }

    private async Task<int> ConsumeAsync(int groups, CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var transaction = await connection.BeginTransactionAsync(cancel);
        var payloads = await TakeAsync(connection, groups, cancel);
        if (payloads is [])
            return 0;
        var (batch, today) = await BeginAsync(connection, cancel);
        if (today != _today)
        {
            _names.Clear();
            _days.Clear();
            _today = today;
        }
        var contents = BatchContents.Read(payloads);
        foreach (var day in contents.Days.Append(today).Where(day => !_days.Contains(day)).ToList())
        {
            await store.PrepareAsync(day, day, cancel);
            _days.Add(day);
        }
        var environments = await FindEnvironmentsAsync(connection, contents.Environments, cancel);
        await _experiments.LoadAsync(connection, contents.Experiments, cancel);
        var repeated = await AddIdsAsync(connection, contents.Ids, today, cancel);
        if (contents.ConcernsAlgorithms)
            await _algorithms.LoadAsync(connection, environments, cancel);
        var sorting = new EventSorting(batch, environments, _experiments, _algorithms, contents.Repeated, repeated, store.Open(batch), new EventRollup(_names), time.GetUtcNow());
        foreach (var payload in payloads)
            sorting.Add(payload);
        await sorting.WriteAsync(connection, cancel);
        await transaction.CommitAsync(cancel);
        return contents.Count;
    }

    private static async Task<List<byte[]>> TakeAsync(NpgsqlConnection connection, int groups, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1) AS mine),
                next AS MATERIALIZED (
                    SELECT id FROM (SELECT id, sum(events) OVER (ORDER BY id) - events AS before FROM event_groups WHERE failure IS NULL AND (SELECT mine FROM turn) ORDER BY id LIMIT $2) g
                    WHERE before < $3)
            DELETE FROM event_groups g USING next WHERE g.id = next.id RETURNING g.payload
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = TurnLock });
        command.Parameters.Add(new NpgsqlParameter { Value = groups });
        command.Parameters.Add(new NpgsqlParameter { Value = (long)BatchSize });
        var payloads = new List<byte[]>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            payloads.Add(reader.GetFieldValue<byte[]>(0));
        return payloads;
    }

    private static async Task<(long Batch, DateOnly Today)> BeginAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT nextval('event_batches'), (now() AT TIME ZONE 'UTC')::date", connection);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return (reader.GetInt64(0), reader.GetFieldValue<DateOnly>(1));
    }

    private static async Task<HashSet<Guid>> FindEnvironmentsAsync(NpgsqlConnection connection, IReadOnlyCollection<Guid> environments, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT id FROM environments WHERE id = ANY ($1) ORDER BY id FOR KEY SHARE", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = environments.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var found = new HashSet<Guid>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            found.Add(reader.GetGuid(0));
        return found;
    }

    /// <summary>Remembers the names of events. Nobody else does at the same time, so asking first and writing then is enough, and costs half of writing with a check for conflicts.</summary>
    /// <returns>Those that were there already, today or the day before.</returns>
    private static async Task<HashSet<Guid>> AddIdsAsync(NpgsqlConnection connection, Guid[] ids, DateOnly today, CancellationToken cancel)
    {
        var repeated = new HashSet<Guid>();
        await using (var command = new NpgsqlCommand("SELECT i.id FROM unnest($1) a(id) JOIN event_ids i ON i.id = a.id AND i.day = $2 UNION ALL SELECT i.id FROM unnest($1) a(id) JOIN event_ids i ON i.id = a.id AND i.day = $3", connection))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = ids, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
            command.Parameters.Add(new NpgsqlParameter { Value = today, NpgsqlDbType = NpgsqlDbType.Date });
            command.Parameters.Add(new NpgsqlParameter { Value = today.AddDays(-1), NpgsqlDbType = NpgsqlDbType.Date });
            await using var reader = await command.ExecuteReaderAsync(cancel);
            while (await reader.ReadAsync(cancel))
                repeated.Add(reader.GetGuid(0));
        }
        var rows = new CopyBuffer();
        foreach (var id in ids)
        {
            if (repeated.Contains(id))
                continue;
            rows.Row(2);
            rows.Integer(today.DayNumber - s_epoch.DayNumber);
            rows.Uuid(id);
        }
        await rows.SendAsync(connection, "COPY event_ids (day, id) FROM STDIN (FORMAT BINARY)", cancel);
        return repeated;
    }

    /// <summary>Marks the next group as one that cannot be sorted in; it stays, so that nothing is lost.</summary>
    private async Task SetAsideAsync(string reason, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            "UPDATE event_groups SET failure = $1 WHERE id = (SELECT id FROM event_groups WHERE failure IS NULL AND pg_try_advisory_xact_lock($2) ORDER BY id LIMIT 1) RETURNING id, events");
        command.Parameters.Add(new NpgsqlParameter { Value = reason });
        command.Parameters.Add(new NpgsqlParameter { Value = TurnLock });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        if (await reader.ReadAsync(cancel))
            LogSetAside(reader.GetInt64(0), reader.GetInt32(1), reason);
    }

    [LoggerMessage(EventId = 2311, Level = LogLevel.Warning, Message = "Events cannot be sorted in together ({Reason}) and are taken one group at a time")]
    private partial void LogTrouble(string reason);

    [LoggerMessage(EventId = 2312, Level = LogLevel.Error, Message = "Group {Group} with {Count} events cannot be sorted in and is set aside: {Reason}. It stays in event_groups; clear its failure to try again")]
    private partial void LogSetAside(long group, int count, string reason);
}
