namespace Togglr.Sdk.Sync;

/// <summary>Cancels its token when nothing has restarted it for a while, or when the client stops.</summary>
internal sealed class Watchdog : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _stop;
    private readonly ITimer _timer;

    public Watchdog(TimeProvider time, TimeSpan patience, CancellationToken stop)
    {
        _stop = stop;
        _source = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _timer = time.CreateTimer(static state => Bark((CancellationTokenSource)state!), _source, patience, Timeout.InfiniteTimeSpan);
    }

    public CancellationToken Token => _source.Token;

    /// <summary>Whether patience ran out, as opposed to the client stopping.</summary>
    public bool Barked => _source.IsCancellationRequested && !_stop.IsCancellationRequested;

    public void Restart(TimeSpan patience) => _timer.Change(patience, Timeout.InfiniteTimeSpan);

    public void Dispose()
    {
        _timer.Dispose();
        _source.Dispose();
    }

    private static void Bark(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The timer had already fired when the request ended.
        }
    }
}
