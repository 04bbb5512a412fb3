using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Messaging.Events;

/// <summary>The event log in the table <c>event_log</c>.</summary>
/// <param name="database">The database, once it is there; throwing means that it is not.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class PostgresEventLog(Func<NpgsqlDataSource> database, TimeProvider time, ILogger<PostgresEventLog> logger)
    : GroupCommit<IReadOnlyList<LogEvent>>(capacity: 50_000, groupSize: 5_000, time), IEventLog
{
    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(IReadOnlyList<LogEvent> events, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(events);
        return events.Count == 0 ? new ValueTask<AppendResult>(AppendResult.Durable) : EnqueueAsync(events, events.Count, cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task WriteAsync(IReadOnlyList<IReadOnlyList<LogEvent>> group, CancellationToken cancellationToken)
    {
        await using var connection = await database().OpenConnectionAsync(cancellationToken);
        await using var import = await connection.BeginBinaryImportAsync(
            "COPY event_log (kind, environment_id, flag, at, deduplication_key, payload) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var entry in group.SelectMany(static events => events))
        {
            await import.StartRowAsync(cancellationToken);
            await import.WriteAsync((short)entry.Kind, NpgsqlDbType.Smallint, cancellationToken);
            await import.WriteAsync(entry.EnvironmentId, NpgsqlDbType.Uuid, cancellationToken);
            await import.WriteAsync(entry.Flag, NpgsqlDbType.Text, cancellationToken);
            await import.WriteAsync(entry.At.UtcDateTime, NpgsqlDbType.TimestampTz, cancellationToken);
            if (entry.DeduplicationKey is { } key)
                await import.WriteAsync(key, NpgsqlDbType.Text, cancellationToken);
            else
                await import.WriteNullAsync(cancellationToken);
            await import.WriteAsync(entry.Payload, NpgsqlDbType.Json, cancellationToken);
        }
        await import.CompleteAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override void OnFailed(Exception exception) => LogFailed(exception.Message);

    [LoggerMessage(LogLevel.Error, "Events could not be written to the log: {Error}")]
    private partial void LogFailed(string error);
}
