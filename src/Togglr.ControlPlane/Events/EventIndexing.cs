using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>Prepares days that are over, one after the other, for being asked what some units did. Apart from sorting events in, which waits for nothing.</summary>
internal sealed partial class EventIndexing(IEventStore store, TogglrDatabase database, TimeProvider time, ILogger<EventIndexing> logger) : DatabaseWorker(database, time)
{
    private static readonly TimeSpan Idle = TimeSpan.FromMinutes(10);

    /// <summary>Others want the disk, too.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => Idle;

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken) =>
        await store.IndexAsync(DateOnly.FromDateTime(Time.GetUtcNow().UtcDateTime).AddDays(-1), cancellationToken) ? Breath : Idle;

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(pause.TotalSeconds, failure.Message);

    [LoggerMessage(EventId = 2315, Level = LogLevel.Warning, Message = "A day of events could not be indexed, so results take longer; tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(double seconds, string reason);
}
