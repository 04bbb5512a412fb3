using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>Sums counts up every second, keeps attributes that were seen, and forgets, once an hour, those older than the retention.</summary>
public sealed partial class CountAggregation(
    CountAggregator aggregator, AttributeAggregator attributes, TogglrDatabase database, TimeSpan retention, TimeProvider time, ILogger<CountAggregation> log) : DatabaseWorker(database, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);

    // Charts of the last hour are drawn by the minute; senders may be late by some.
    private static readonly TimeSpan MinuteRetention = TimeSpan.FromHours(3);

    private DateTimeOffset? _cleanedAt;

    /// <inheritdoc/>
    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(30);

    /// <summary>Removes counts that are older than the retention.</summary>
    public async Task CleanAsync(CancellationToken cancellationToken = default)
    {
        using var command = Database.DataSource.CreateCommand(
            """
            WITH m AS (DELETE FROM evaluation_minutes WHERE minute < $2), u AS (DELETE FROM unknown_flags WHERE last_at < $3),
                h AS (DELETE FROM evaluation_users WHERE step = 'hour' AND at < $4), d AS (DELETE FROM evaluation_users WHERE step = 'day' AND at < $5)
            DELETE FROM evaluation_counts c USING environments e WHERE c.environment_id = e.id AND c.hour < $1
            """);
        var now = Time.GetUtcNow();
        command.Parameters.Add(new NpgsqlParameter { Value = now - retention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - MinuteRetention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - UnknownFlags.Retention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - EvaluationUsers.HourRetention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - EvaluationUsers.DayRetention });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        while (await aggregator.ConsumeAsync(cancellationToken).ConfigureAwait(false) == CountAggregator.BatchSize)
            cancellationToken.ThrowIfCancellationRequested();
        while (await attributes.ConsumeAsync(cancellationToken).ConfigureAwait(false) == AttributeAggregator.BatchSize)
            cancellationToken.ThrowIfCancellationRequested();
        if (_cleanedAt is null || Time.GetUtcNow() - _cleanedAt >= CleanInterval)
        {
            await CleanAsync(cancellationToken).ConfigureAwait(false);
            _cleanedAt = Time.GetUtcNow();
        }
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) =>
        // Nothing is lost: the log keeps what was not summed up.
        LogFailed((int)pause.TotalSeconds, failure.Message);

    [LoggerMessage(3061, LogLevel.Warning, "Evaluation counts could not be summed up and are tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(int seconds, string reason);
}
