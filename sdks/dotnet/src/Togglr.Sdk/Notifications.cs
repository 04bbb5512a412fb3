using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Togglr.Sdk.Snapshots;

namespace Togglr.Sdk;

/// <summary>Calls the application's handlers one after the other, in order, away from the connection: a slow or throwing handler harms nobody else.</summary>
internal sealed partial class Notifications
{
    /// <summary>Changes that may wait for a slow handler; each keeps its snapshot alive. Further ones are told as one.</summary>
    internal const int MostWaiting = 4096;

    private readonly Channel<Action> _channel = Channel.CreateUnbounded<Action>(new UnboundedChannelOptions { SingleReader = true });
    private readonly Lock _lock = new();
    private readonly ILogger _logger;
    private readonly Action<SnapshotChange> _publish;
    private readonly Task _loop;
    private int _waiting;
    private SnapshotChange? _overflow;

    public Notifications(ILogger logger, Action<SnapshotChange> publish)
    {
        _logger = logger;
        _publish = publish;
        _loop = Task.Run(RunAsync);
    }

    public void Post(Action notify) => _channel.Writer.TryWrite(notify);

    public void Post(SnapshotChange change)
    {
        lock (_lock)
        {
            if (_overflow is not null)
            {
                _overflow = _overflow.Then(change);
            }
            else if (_waiting < MostWaiting)
            {
                _waiting++;
                Post(() =>
                {
                    lock (_lock)
                        _waiting--;
                    _publish(change);
                });
            }
            else
            {
                _overflow = change;
                Post(PublishOverflow);
            }
        }
    }

    /// <summary>Calls a handler; what it throws is logged and goes no further.</summary>
    public void Guard(Action handler)
    {
        try
        {
            handler();
        }
        catch (Exception exception)
        {
            LogHandlerFailed(_logger, exception);
        }
    }

    /// <summary>Accepts no more and waits for the handlers that are due, until <paramref name="deadline"/>.</summary>
    public async Task DrainAsync(CancellationToken deadline)
    {
        _channel.Writer.TryComplete();
        await _loop.WaitAsync(deadline).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void PublishOverflow()
    {
        SnapshotChange merged;
        lock (_lock)
        {
            merged = _overflow!;
            _overflow = null;
        }

        _publish(merged);
    }

    private async Task RunAsync()
    {
        await foreach (var notify in _channel.Reader.ReadAllAsync().ConfigureAwait(false))
            Guard(notify);
    }

    [LoggerMessage(301, LogLevel.Error, "A handler of the application threw")]
    private static partial void LogHandlerFailed(ILogger logger, Exception exception);
}
