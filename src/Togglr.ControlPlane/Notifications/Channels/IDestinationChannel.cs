using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Channels;

/// <summary>A message on its way.</summary>
/// <param name="DeliveryId">The same with every attempt.</param>
/// <param name="Body">The event as JSON.</param>
/// <param name="Destination">Where to.</param>
/// <param name="Secrets">Its secrets.</param>
internal sealed record OutgoingMessage(Guid DeliveryId, string Body, NotificationDestination Destination, IReadOnlyDictionary<string, string> Secrets)
{
    /// <summary>The event.</summary>
    public EventDocument Event => EventDocument.Read(Body);
}

/// <summary>What came of an attempt.</summary>
/// <param name="IsOk">Whether the destination has taken it.</param>
/// <param name="Status">The HTTP status of the answer, where there was one.</param>
/// <param name="Error">What was wrong, for people; holds no secret.</param>
internal sealed record SendOutcome(bool IsOk, int? Status, string? Error)
{
    /// <summary>Whether trying again is of no use.</summary>
    public bool IsFinal { get; init; }

    /// <summary>How long the destination asks to be left alone.</summary>
    public TimeSpan? RetryAfter { get; init; }

    /// <summary>It has not been taken.</summary>
    public static SendOutcome Failed(string error, bool isFinal = false) => new(false, null, error) { IsFinal = isFinal };
}

/// <summary>Sends messages to destinations of a kind. Whatever happens on the way is a value.</summary>
internal interface IDestinationChannel
{
    /// <summary>Whether it sends to destinations of this kind.</summary>
    bool Serves(DestinationKind kind);

    /// <summary>Tries once.</summary>
    Task<SendOutcome> SendAsync(OutgoingMessage message, CancellationToken cancel);
}
