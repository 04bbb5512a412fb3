using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Background;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>
/// Sleeps until something is due, at most a second, and does it. Every control plane has one; that two wake for the same is settled by the commit.
/// </summary>
internal sealed partial class ScheduleWorker(
    IServiceProvider services, ScheduleRunner runner, ChangeSignal signal, TimeProvider time, ILogger<ScheduleWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    private readonly Alarm _alarm = new();

    /// <inheritdoc />
    public override void Dispose()
    {
        _alarm.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await services.WaitForDatabaseAsync(stoppingToken) is not { } database)
                return;
            var due = new DueSchedules(database);
            // Schedules that were just changed may be due at once.
            _ = _alarm.RingForAsync(signal, static notice => notice.Entity is "schedule" || notice.Action is "flag.restored", stoppingToken);
            var pause = LongestSleep;
            while (true)
            {
                try
                {
                    var work = await due.ReadAsync(stoppingToken);
                    if (work.Places.Count == 0)
                        await SleepAsync(work.Next is { } next && next < LongestSleep ? next : LongestSleep, stoppingToken);
                    else if (!await runner.RunAsync(work, stoppingToken))
                        // Somebody else is at it; not both at the same pace.
                        await Task.Delay(RandomNumberGenerator.GetInt32(5, 50), stoppingToken);
                    pause = LongestSleep;
                }
                catch (Exception failed) when (failed is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // What is due stays due.
                    LogFailed((int)pause.TotalSeconds, failed.Message);
                    await Task.Delay(pause, time, stoppingToken);
                    pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
                }
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or StoreStartException)
        {
            // The process ends, or the database never came.
        }
    }

    private Task SleepAsync(TimeSpan duration, CancellationToken cancel) => _alarm.SleepAsync(duration > TimeSpan.FromMilliseconds(1) ? duration : TimeSpan.FromMilliseconds(1), cancel);

    [LoggerMessage(3071, LogLevel.Warning, "What is due could not be done and is tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(int seconds, string reason);
}
