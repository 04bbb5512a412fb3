using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Messaging.Events;

/// <summary>Takes batches of events; what it answers <see cref="AppendResult.Durable"/> for is never lost and counts once.</summary>
public interface IEventBatchLog
{
    /// <summary>Appends a batch, all of it or nothing, and completes when its fate is known.</summary>
    ValueTask<AppendResult> AppendAsync(EventBatch batch, CancellationToken cancellationToken = default);
}

/// <summary>The durable log of batches of events in the table <c>event_groups</c>: a row for each group of batches that were committed together.</summary>
/// <param name="database">The database, once it is there; throwing means that it is not.</param>
/// <param name="backlogLimit">How many events may wait in the table before senders are told to come back later: nothing fills the disk because nobody sorts events in.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class EventGroupLog(Func<NpgsqlDataSource> database, long backlogLimit, TimeProvider time, ILogger<EventGroupLog> logger)
    : GroupCommit<EventBatch>(capacity: 64 * 1024 * 1024, groupSize: GroupBytes, time), IEventBatchLog
{
    private const int GroupBytes = 1024 * 1024;
    private static readonly TimeSpan BacklogInterval = TimeSpan.FromSeconds(1);

    private readonly TimeProvider _time = time;
    private byte[] _buffer = [];
    private bool _isBehind;
    private long _looked;
    private int _looking;

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(EventBatch batch, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(batch);
        if (_looked == 0 || _time.GetElapsedTime(Volatile.Read(ref _looked)) > BacklogInterval)
            _ = LookAsync();
        return Volatile.Read(ref _isBehind) ? new ValueTask<AppendResult>(AppendResult.Full) : EnqueueAsync(batch, batch.Length, cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task WriteAsync(IReadOnlyList<EventBatch> group, CancellationToken cancellationToken)
    {
        var length = group.Sum(static batch => batch.Length);
        if (_buffer.Length < length)
            _buffer = new byte[Math.Max(length, GroupBytes + GroupBytes / 4)];
        var position = 0;
        foreach (var batch in group)
        {
            batch.Complete().CopyTo(_buffer.AsSpan(position));
            position += batch.Length;
        }
        await using var connection = await database().OpenConnectionAsync(cancellationToken);
        await using var import = await connection.BeginBinaryImportAsync("COPY event_groups (events, payload) FROM STDIN (FORMAT BINARY)", cancellationToken);
        await import.StartRowAsync(cancellationToken);
        await import.WriteAsync(group.Sum(static batch => batch.Count), NpgsqlDbType.Integer, cancellationToken);
        await import.WriteAsync(_buffer.AsMemory(0, length), NpgsqlDbType.Bytea, cancellationToken);
        await import.CompleteAsync(cancellationToken);
        // One sender's largest body is no reason to keep so much for ever.
        if (_buffer.Length > 8 * GroupBytes)
            _buffer = [];
    }

    /// <inheritdoc />
    protected override void OnFailed(Exception exception) => LogFailed(exception.Message);

    private async Task LookAsync()
    {
        if (Interlocked.Exchange(ref _looking, 1) == 1)
            return;
        try
        {
            await using var command = database().CreateCommand("SELECT coalesce(sum(events), 0)::bigint FROM event_groups WHERE failure IS NULL");
            var waiting = (long)(await command.ExecuteScalarAsync())!;
            if (waiting > backlogLimit && !_isBehind)
                LogBehind(waiting);
            Volatile.Write(ref _isBehind, waiting > backlogLimit);
        }
        catch (Exception exception)
        {
            // Whoever writes next will say so.
            LogNotLooked(exception.Message);
        }
        finally
        {
            Volatile.Write(ref _looked, _time.GetTimestamp());
            Volatile.Write(ref _looking, 0);
        }
    }

    [LoggerMessage(LogLevel.Error, "Events could not be written to the log: {Error}")]
    private partial void LogFailed(string error);

    [LoggerMessage(LogLevel.Warning, "{Count} events wait to be sorted in; no more are accepted until there are fewer")]
    private partial void LogBehind(long count);

    [LoggerMessage(LogLevel.Debug, "How many events wait could not be read: {Error}")]
    private partial void LogNotLooked(string error);
}
