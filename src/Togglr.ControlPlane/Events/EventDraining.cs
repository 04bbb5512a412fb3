using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>Composition of what sorts events in.</summary>
public static class EventComposition
{
    /// <summary>Adds what sorts events in and removes those that are older than the retention, or of environments that are gone. Where several processes do, they take turns.</summary>
    public static IServiceCollection AddEventDraining(this IServiceCollection services, TimeSpan retention)
    {
        services.AddSingleton<PostgresEventStore>();
        services.AddSingleton<IEventStore>(static provider => provider.GetRequiredService<PostgresEventStore>());
        services.AddSingleton<EventDrain>();
        services.AddSingleton(provider => new EventDraining(
            provider.GetRequiredService<EventDrain>(), provider.GetRequiredService<IEventStore>(), provider.GetRequiredService<TogglrDatabase>(), retention,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EventDraining>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<EventDraining>());
        services.AddHostedService<RemovedEnvironments>();
        services.AddHostedService<EventIndexing>();
        return services;
    }
}

/// <summary>Sorts events in as they come, and once an hour removes what is older than its retention.</summary>
internal sealed partial class EventDraining(
    EventDrain drain, IEventStore store, TogglrDatabase database, TimeSpan retention, TimeProvider time, ILogger<EventDraining> logger) : DatabaseWorker(database, time)
{
    /// <summary>For how long counts by minute are kept; those by hour as long as an experiment may be looked at.</summary>
    private static readonly TimeSpan MinuteRetention = TimeSpan.FromDays(3);

    private static readonly TimeSpan HourRetention = TimeSpan.FromDays(400);
    private static readonly TimeSpan Shortest = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan CleanInterval = TimeSpan.FromHours(1);

    private TimeSpan _sleep = Shortest;
    private DateTimeOffset? _cleanedAt;

    /// <inheritdoc/>
    protected override TimeSpan Pause => TimeSpan.FromSeconds(1);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromSeconds(30);

    /// <summary>Removes what is older than its retention.</summary>
    public async Task CleanAsync(CancellationToken cancel = default)
    {
        var now = Time.GetUtcNow();
        await store.CleanAsync(DateOnly.FromDateTime((now - retention).UtcDateTime), cancel);
        await using var command = Database.DataSource.CreateCommand(
            """
            WITH a AS (DELETE FROM event_minutes WHERE at < $1), b AS (DELETE FROM event_hours WHERE at < $2)
            DELETE FROM event_dead_letters WHERE received_at < $4 OR id IN (
                SELECT id FROM (SELECT id, row_number() OVER (PARTITION BY environment_id ORDER BY received_at DESC, id DESC) AS place FROM event_dead_letters) r WHERE place > $3)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = now - MinuteRetention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - HourRetention });
        command.Parameters.Add(new NpgsqlParameter { Value = DeadLetters.MostPerEnvironment });
        command.Parameters.Add(new NpgsqlParameter { Value = now - DeadLetters.Retention });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var count = await drain.ConsumeAsync(cancellationToken);
        // A moment to let a batch grow: many small transactions cost more than one.
        _sleep = count >= EventDrain.BatchSize ? TimeSpan.Zero : count > 0 ? Shortest : _sleep < Idle && _sleep > TimeSpan.Zero ? _sleep * 2 : Idle;
        if (_cleanedAt is null || Time.GetUtcNow() - _cleanedAt >= CleanInterval)
        {
            _cleanedAt = Time.GetUtcNow();
            await CleanAsync(cancellationToken);
        }
        return _sleep;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) =>
        // Nothing is lost: the log keeps what was not sorted in.
        LogFailed(pause.TotalSeconds, failure.Message);

    [LoggerMessage(EventId = 2313, Level = LogLevel.Warning, Message = "Events could not be sorted in and are tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(double seconds, string reason);
}
