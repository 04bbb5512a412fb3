using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>
/// Sleeps until something is due, at most a second, and does it. Every control plane has one; that two wake for the same is settled by the commit.
/// </summary>
internal sealed partial class ScheduleWorker(
    IServiceProvider services, ScheduleRunner runner, ChangeSignal signal, TimeProvider time, ILogger<ScheduleWorker> logger) : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestSleep = TimeSpan.FromMilliseconds(1);

    /// <inheritdoc />
    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(15);

    /// <inheritdoc />
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        // Schedules that were just changed may be due at once.
        RingFor(signal, static notice => notice.Entity is "schedule" || notice.Action is "flag.restored", cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var work = await new DueSchedules(Database).ReadAsync(cancellationToken);
        if (work.Places.Count == 0)
            return work.Next is not { } next || next > LongestSleep ? LongestSleep : next > ShortestSleep ? next : ShortestSleep;
        if (!await runner.RunAsync(work, cancellationToken))
            // Somebody else is at it; not both at the same pace.
            await Task.Delay(RandomNumberGenerator.GetInt32(5, 50), cancellationToken);
        return TimeSpan.Zero;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) =>
        // What is due stays due.
        LogFailed((int)pause.TotalSeconds, failure.Message);

    [LoggerMessage(3071, LogLevel.Warning, "What is due could not be done and is tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(int seconds, string reason);
}
