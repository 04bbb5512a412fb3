using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Messaging.Health;

/// <summary>
/// Delivers what this process counts, twice a second. A delivery that failed is made again as it was, under the same number, so that it counts once even where only its answer was lost; what comes
/// in meanwhile waits in the counters.
/// </summary>
public sealed partial class HealthReporter(HealthCounters counters, TimeProvider time, ILogger<HealthReporter> logger, IHealthLog? log = null) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan LastTry = TimeSpan.FromSeconds(3);

    // Nobody waits for the evaluations of flags without errors.
    private const int TicksBetweenFlags = 20;

    private readonly Guid _node = Guid.CreateVersion7();
    private readonly Queue<IReadOnlyList<HealthDelta>> _pending = new();
    private long _sequence;
    private bool _failed;

    /// <summary>Called after a delivery that holds errors.</summary>
    public Action? ErrorsDelivered { get; set; }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Interval;
        var ticks = 0;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(pause, time, stoppingToken);
                var isDelivered = await DeliverAsync(everything: ++ticks % TicksBetweenFlags == 0, stoppingToken);
                pause = isDelivered ? Interval : pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                // The process ends: what is left is delivered below.
            }
        }

        using var patience = new CancellationTokenSource(LastTry, time);
        try
        {
            await DeliverAsync(everything: true, patience.Token);
        }
        catch (OperationCanceledException)
        {
            // Nobody took it in time.
        }
    }

    private async Task<bool> DeliverAsync(bool everything, CancellationToken cancellationToken)
    {
        if (_pending.Count == 0)
        {
            // Without anywhere to deliver to, nothing piles up.
            foreach (var rows in counters.Drain(everything).Chunk(IHealthLog.MaximumRows))
            {
                if (log is not null)
                    _pending.Enqueue(rows);
            }
        }

        while (_pending.TryPeek(out var rows))
        {
            try
            {
                await log!.AddAsync(_node, _sequence + 1, rows, cancellationToken);
            }
            catch (Exception failure) when (failure is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                if (!_failed)
                    LogFailed(failure.Message);
                _failed = true;
                return false;
            }

            _pending.Dequeue();
            _sequence++;
            _failed = false;
            if (rows.Any(static row => row.Errors + row.ClientErrors > 0))
                ErrorsDelivered?.Invoke();
        }

        return true;
    }

    [LoggerMessage(3090, LogLevel.Warning, "Counts of errors and evaluations cannot be delivered and are kept until they can: {Error}")]
    private partial void LogFailed(string error);
}
