using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>Removes sampled contexts as soon as they are too old: twice a minute, so that none lives much longer than people were told.</summary>
internal sealed partial class ContextSampleCleanup(ContextSampleStore store, TogglrDatabase database, TimeProvider time, ILogger<ContextSampleCleanup> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            await database.Started.WaitAsync(stoppingToken).ConfigureAwait(false);
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
            {
                try
                {
                    await store.CleanAsync(stoppingToken).ConfigureAwait(false);
                }
                catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
                {
                    LogFailed(failed.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    [LoggerMessage(3070, LogLevel.Warning, "Sampled contexts that are too old could not be removed and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
