using Microsoft.Extensions.Hosting;

namespace Togglr.Store;

/// <summary>
/// Works on the database round after round, for as long as the process lives. A round that fails is told and made again after a pause, which grows while it goes on failing. Every process has its own
/// workers: who does a piece of work is settled by the round, in the database, by a claim, a locked row or the version of one.
/// </summary>
/// <param name="database">Null where there is none because the API is only described; then nothing is done.</param>
/// <param name="time">The clock.</param>
public abstract class DatabaseWorker(TogglrDatabase? database, TimeProvider time) : BackgroundService
{
    private readonly Alarm _alarm = new();

    /// <summary>The database, which is there in every round.</summary>
    protected TogglrDatabase Database => database ?? throw new StoreNotStartedException();

    /// <summary>The clock.</summary>
    protected TimeProvider Time => time;

    /// <summary>How long nothing is done after a round that failed.</summary>
    protected virtual TimeSpan Pause => TimeSpan.FromSeconds(5);

    /// <summary>The longest that the pause becomes, which doubles with every round that fails.</summary>
    protected virtual TimeSpan LongestPause => Pause;

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _alarm.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Does what there is to do.</summary>
    /// <returns>How long to sleep unless the alarm rings; zero when there may be more to do at once.</returns>
    protected abstract Task<TimeSpan> RoundAsync(CancellationToken cancellationToken);

    /// <summary>Tells the operator that a round failed.</summary>
    protected abstract void Tell(Exception failure, TimeSpan pause);

    /// <summary>Called once, before the first round, when the database is there.</summary>
    protected virtual Task BeginAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>Called once, after the last round.</summary>
    protected virtual Task EndAsync() => Task.CompletedTask;

    /// <summary>There is something to do now.</summary>
    protected void Ring() => _alarm.Ring();

    /// <summary>From now on, changes that concern the worker end its sleep.</summary>
    protected void RingFor(ChangeSignal signal, Func<ChangeNotice, bool> concerns, CancellationToken cancellationToken) => _ = _alarm.RingForAsync(signal, concerns, cancellationToken);

    /// <summary>Sleeps until the alarm rings, or for this long.</summary>
    protected virtual Task SleepAsync(TimeSpan longest, CancellationToken cancellationToken) => _alarm.SleepAsync(longest, cancellationToken);

    /// <inheritdoc/>
    protected sealed override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (database is null)
            return;
        try
        {
            await database.Started.WaitAsync(stoppingToken).ConfigureAwait(false);
            await BeginAsync(stoppingToken).ConfigureAwait(false);
            var pause = Pause;
            while (true)
            {
                try
                {
                    var sleep = await RoundAsync(stoppingToken).ConfigureAwait(false);
                    pause = Pause;
                    if (sleep > TimeSpan.Zero)
                        await SleepAsync(sleep, stoppingToken).ConfigureAwait(false);
                }
                catch (Exception failed) when (failed is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    Tell(failed, pause);
                    await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
                    pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The process ends.
        }
        await EndAsync().ConfigureAwait(false);
    }
}
