namespace Togglr.Messaging.Events;

/// <summary>What kind of event a log entry is.</summary>
public enum EventKind : short
{
    /// <summary>Evaluations of one flag with one result over a span of time, summed up.</summary>
    Counts = 1,

    /// <summary>Feedback on a served variant: success, failure, error, reward.</summary>
    Feedback = 2,

    /// <summary>An error that the application met while a flag was in use.</summary>
    ErrorReport = 3,

    /// <summary>An attribute of contexts that was seen, with some of its values; the flag is empty.</summary>
    Attributes = 4,
}

/// <summary>One event as it is kept until it has been aggregated.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="EnvironmentId">Where.</param>
/// <param name="Flag">Key of the flag.</param>
/// <param name="At">When, as told by the sender and limited by the receiver.</param>
/// <param name="DeduplicationKey">The sender's name for the event, so that a repeated one counts once; null for none. At most 200 characters.</param>
/// <param name="Payload">The rest, a UTF-8 JSON object.</param>
public sealed record LogEvent(EventKind Kind, Guid EnvironmentId, string Flag, DateTimeOffset At, string? DeduplicationKey, ReadOnlyMemory<byte> Payload)
{
    /// <summary>The number that feedback came with; null for none.</summary>
    public double? Reward { get; init; }

    /// <summary>The version of an algorithm's weights with which the variant was served; null where that was not told.</summary>
    public long? WeightsVersion { get; init; }
}

/// <summary>What became of events given to the log.</summary>
public enum AppendResult
{
    /// <summary>They survive a crash of any process.</summary>
    Durable,

    /// <summary>Too much is waiting to be written: try again shortly.</summary>
    Full,

    /// <summary>The log cannot be written to now: try again later.</summary>
    Unavailable,
}

/// <summary>The durable event log. What it answers <see cref="AppendResult.Durable"/> for is never lost.</summary>
public interface IEventLog
{
    /// <summary>Appends events, all or none, and completes when their fate is known.</summary>
    ValueTask<AppendResult> AppendAsync(IReadOnlyList<LogEvent> events, CancellationToken cancellationToken = default);
}
