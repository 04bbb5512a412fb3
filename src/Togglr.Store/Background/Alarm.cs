namespace Togglr.Store;

/// <summary>Lets a worker sleep until there may be something to do. Rung while it is awake, the next sleep is over at once.</summary>
public sealed class Alarm : IDisposable
{
    private readonly SemaphoreSlim _wake = new(0, 1);

    /// <summary>Sleeps until the alarm rings, or for this long.</summary>
    public Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken) => _wake.WaitAsync(longest, cancellationToken);

    /// <summary>There is something to do now.</summary>
    public void Ring()
    {
        try
        {
            _wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // It has rung already.
        }
    }

    /// <summary>Rings for every change that concerns the worker, and when some may have been missed.</summary>
    public async Task RingForAsync(ChangeSignal signal, Func<ChangeNotice, bool> concerns, CancellationToken cancellationToken)
    {
        using var subscription = signal.Subscribe();
        try
        {
            await foreach (var notice in subscription.Notices.ReadAllAsync(cancellationToken).ConfigureAwait(false))
            {
                if (notice.Resync || concerns(notice))
                    Ring();
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
    }

    /// <inheritdoc />
    public void Dispose() => _wake.Dispose();
}
