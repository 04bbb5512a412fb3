using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>Removes sampled contexts as soon as they are too old: twice a minute, so that none lives much longer than people were told.</summary>
internal sealed partial class ContextSampleCleanup(ContextSampleStore store, TogglrDatabase database, TimeProvider time, ILogger<ContextSampleCleanup> log) : DatabaseWorker(database, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override TimeSpan Pause => Interval;

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        await store.CleanAsync(cancellationToken).ConfigureAwait(false);
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    [LoggerMessage(3070, LogLevel.Warning, "Sampled contexts that are too old could not be removed and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
