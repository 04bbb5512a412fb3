using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>Sums counts up every second, keeps attributes that were seen, and forgets, once an hour, those older than the retention.</summary>
public sealed partial class CountAggregation(
    CountAggregator aggregator, AttributeAggregator attributes, TogglrDatabase database, TimeSpan retention, TimeProvider time, ILogger<CountAggregation> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(30);

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var pause = Interval;
        DateTimeOffset? cleanedAt = null;
        try
        {
            await database.Started.WaitAsync(stoppingToken).ConfigureAwait(false);
            while (true)
            {
                try
                {
                    while (await aggregator.ConsumeAsync(stoppingToken).ConfigureAwait(false) == CountAggregator.BatchSize)
                        stoppingToken.ThrowIfCancellationRequested();
                    while (await attributes.ConsumeAsync(stoppingToken).ConfigureAwait(false) == AttributeAggregator.BatchSize)
                        stoppingToken.ThrowIfCancellationRequested();
                    if (cleanedAt is null || time.GetUtcNow() - cleanedAt >= CleanInterval)
                    {
                        await CleanAsync(stoppingToken).ConfigureAwait(false);
                        cleanedAt = time.GetUtcNow();
                    }
                    pause = Interval;
                }
                catch (Exception failed) when (failed is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    // Nothing is lost: the log keeps what was not summed up.
                    LogFailed((int)pause.TotalSeconds, failed.Message);
                    pause = pause * 2 > LongestPause ? LongestPause : pause * 2;
                }
                await Task.Delay(pause, time, stoppingToken).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException)
        {
            // The host stops.
        }
    }

    /// <summary>Removes counts that are older than the retention.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand(
            "DELETE FROM evaluation_counts c USING environments e WHERE c.environment_id = e.id AND c.hour < $1");
        command.Parameters.Add(new NpgsqlParameter { Value = time.GetUtcNow() - retention });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    [LoggerMessage(3061, LogLevel.Warning, "Evaluation counts could not be summed up and are tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(int seconds, string reason);
}
