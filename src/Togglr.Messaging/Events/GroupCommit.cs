using System.Threading.Channels;
using Microsoft.Extensions.Hosting;
using Npgsql;

namespace Togglr.Messaging.Events;

/// <summary>
/// Writes what arrives to a database in groups. Whatever comes while one commit is under way goes into the next one, so the number of commits depends on the disk and not on the number of senders.
/// What waits is bounded; more is refused.
/// </summary>
/// <typeparam name="T">What one sender gives.</typeparam>
/// <param name="capacity">How much may wait to be written, in the unit of the sizes that are given.</param>
/// <param name="groupSize">The size at which a group is full.</param>
/// <param name="time">The clock.</param>
public abstract class GroupCommit<T>(long capacity, long groupSize, TimeProvider time) : BackgroundService
{
    // After a failure, senders are refused at once for this long instead of waiting for the next attempt to fail.
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Channel<Waiting> _queue = Channel.CreateUnbounded<Waiting>(new UnboundedChannelOptions { SingleReader = true });
    private long _waiting;
    private long _unavailableUntil;

    /// <summary>How much may wait to be written before senders are told to come back later.</summary>
    public long Capacity { get; init; } = capacity;

    /// <inheritdoc />
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        _queue.Writer.TryComplete();
        if (ExecuteTask is { } running)
            await Task.WhenAny(running, Task.Delay(Timeout.Infinite, cancellationToken));
        await base.StopAsync(cancellationToken);
    }

    /// <summary>Gives something to write, and completes when its fate is known.</summary>
    protected ValueTask<AppendResult> EnqueueAsync(T item, long size, CancellationToken cancellationToken)
    {
        if (time.GetTimestamp() < Volatile.Read(ref _unavailableUntil))
            return new ValueTask<AppendResult>(AppendResult.Unavailable);
        if (Interlocked.Add(ref _waiting, size) > Capacity)
        {
            Interlocked.Add(ref _waiting, -size);
            return new ValueTask<AppendResult>(AppendResult.Full);
        }
        var waiting = new Waiting(item, size);
        if (!_queue.Writer.TryWrite(waiting))
        {
            Interlocked.Add(ref _waiting, -size);
            return new ValueTask<AppendResult>(AppendResult.Unavailable);
        }
        return new ValueTask<AppendResult>(waiting.Fate.Task.WaitAsync(cancellationToken));
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var group = new List<Waiting>();
        while (await WaitAsync(stoppingToken))
        {
            group.Clear();
            long size = 0;
            while (size < groupSize && _queue.Reader.TryRead(out var waiting))
            {
                group.Add(waiting);
                size += waiting.Size;
            }
            await WriteGroupAsync(group, stoppingToken);
            Interlocked.Add(ref _waiting, -size);
        }
        while (_queue.Reader.TryRead(out var late))
            late.Fate.TrySetResult(AppendResult.Unavailable);
    }

    /// <summary>Writes a group in one transaction, all or nothing.</summary>
    protected abstract Task WriteAsync(IReadOnlyList<T> group, CancellationToken cancellationToken);

    /// <summary>A group could not be written.</summary>
    protected abstract void OnFailed(Exception exception);

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
            await WriteAsync(group.ConvertAll(static waiting => waiting.Item), cancellationToken);
            Finish(group, AppendResult.Durable);
        }
        catch (PostgresException exception) when (exception.SqlState.StartsWith("22", StringComparison.Ordinal) && group.Count > 1)
        {
            // What one sender gave cannot be stored: that must not cost the others theirs.
            foreach (var waiting in group)
                await WriteGroupAsync([waiting], cancellationToken);
        }
        catch (Exception exception)
        {
            if (exception is not PostgresException { SqlState: ['2', '2', ..] })
                Volatile.Write(ref _unavailableUntil, time.GetTimestamp() + (long)(Pause.TotalSeconds * time.TimestampFrequency));
            OnFailed(exception);
            Finish(group, AppendResult.Unavailable);
        }
    }

    private static void Finish(List<Waiting> group, AppendResult result)
    {
        foreach (var waiting in group)
            waiting.Fate.TrySetResult(result);
    }

    private sealed record Waiting(T Item, long Size)
    {
        public TaskCompletionSource<AppendResult> Fate { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
