using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Messaging.Events;

/// <summary>
/// The event log in the table <c>event_log</c>. Whatever arrives while one commit is under way goes into the next one (group commit), so the
/// number of commits depends on the disk and not on the number of senders.
/// </summary>
/// <param name="database">The database, once it is there; throwing means that it is not.</param>
/// <param name="time">The clock.</param>
/// <param name="logger">The log.</param>
public sealed partial class PostgresEventLog(Func<NpgsqlDataSource> database, TimeProvider time, ILogger<PostgresEventLog> logger) : BackgroundService, IEventLog
{
    private const int GroupSize = 5_000;

    // After a failure, senders are refused at once for this long instead of waiting for the next attempt to fail.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private long _waitingEvents;
    private long _unavailableUntil;

    /// <summary>How many events may wait to be written before senders are told to come back later.</summary>
    public int Capacity { get; init; } = 50_000;

    /// <inheritdoc />
    public ValueTask<AppendResult> AppendAsync(IReadOnlyList<LogEvent> events, CancellationToken cancellationToken = default)
    {
        if (events.Count == 0)
            return new ValueTask<AppendResult>(AppendResult.Durable);
        if (time.GetTimestamp() < Volatile.Read(ref _unavailableUntil))
            return new ValueTask<AppendResult>(AppendResult.Unavailable);
        if (Interlocked.Add(ref _waitingEvents, events.Count) > Capacity)
        {
            Interlocked.Add(ref _waitingEvents, -events.Count);
            return new ValueTask<AppendResult>(AppendResult.Full);
        }
        var waiting = new Waiting(events);
        if (!_queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref _waitingEvents, -events.Count);
            return new ValueTask<AppendResult>(AppendResult.Unavailable);
        }
        return new ValueTask<AppendResult>(waiting.Fate.Task.WaitAsync(cancellationToken));
    }

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
            await Task.WhenAny(running, Task.Delay(Timeout.Infinite, cancellationToken));
        await base.StopAsync(cancellationToken);
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<Waiting>();
        while (await WaitAsync(stoppingToken))
        {
            group.Clear();
            var count = 0;
            while (count < GroupSize && _queue.Reader.TryRead(out var waiting))
            {
                group.Add(waiting);
                count += waiting.Events.Count;
            }
            await WriteGroupAsync(group, stoppingToken);
            Interlocked.Add(ref _waitingEvents, -count);
        }
        while (_queue.Reader.TryRead(out var late))
            late.Fate.TrySetResult(AppendResult.Unavailable);
    }

    private async ValueTask<bool> WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _queue.Reader.WaitToReadAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task WriteGroupAsync(List<Waiting> group, CancellationToken cancellationToken)
    {
        try
        {
            await WriteAsync(group, cancellationToken);
            Finish(group, AppendResult.Durable);
        }
        catch (PostgresException exception) when (exception.SqlState.StartsWith("22", StringComparison.Ordinal) && group.Count > 1)
        {
            // One sender's events cannot be stored: that must not cost the others theirs.
            foreach (var waiting in group)
                await WriteGroupAsync([waiting], cancellationToken);
        }
        catch (Exception exception)
        {
            if (exception is not PostgresException { SqlState: ['2', '2', ..] })
                Volatile.Write(ref _unavailableUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
            LogFailed(exception.Message);
            Finish(group, AppendResult.Unavailable);
        }
    }

    private async Task WriteAsync(List<Waiting> group, CancellationToken cancellationToken)
    {
        await using var connection = await database().OpenConnectionAsync(cancellationToken);
        await using var import = await connection.BeginBinaryImportAsync(
            "COPY event_log (kind, environment_id, flag, at, deduplication_key, payload) FROM STDIN (FORMAT BINARY)", cancellationToken);
        foreach (var waiting in group)
        {
            foreach (var entry in waiting.Events)
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
        }
        await import.CompleteAsync(cancellationToken);
    }

    private static void Finish(List<Waiting> group, AppendResult result)
    {
        foreach (var waiting in group)
            waiting.Fate.TrySetResult(result);
    }

    [LoggerMessage(LogLevel.Error, "Events could not be written to the log: {Error}")]
    private partial void LogFailed(string error);

    private sealed record Waiting(IReadOnlyList<LogEvent> Events)
    {
        public TaskCompletionSource<AppendResult> Fate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
