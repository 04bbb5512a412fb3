using System.Net;

namespace Togglr.ControlPlane.Notifications;

/// <summary>How messages are sent, and how long is waited for those who do not take them.</summary>
public sealed record NotificationTerms
{
    /// <summary>Private networks that destinations may be in; every other private address is refused.</summary>
    public IReadOnlyList<IPNetwork> PrivateNetworks { get; init; } = [];

    /// <summary>How long what was sent, and what people were told, is kept.</summary>
    public TimeSpan Retention { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How long a destination may take to answer.</summary>
    public TimeSpan Patience { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long is waited before each further attempt; after the last the message is dead.</summary>
    public IReadOnlyList<TimeSpan> Delays { get; init; } =
    [
        TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(20), TimeSpan.FromMinutes(1), TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(15), TimeSpan.FromHours(1), TimeSpan.FromHours(3),
    ];

    /// <summary>After this a message is dead, however often it was tried.</summary>
    public TimeSpan GiveUpAfter { get; init; } = TimeSpan.FromDays(1);

    /// <summary>After so many attempts in a row that went wrong, a destination is left alone for a while.</summary>
    public int FailuresUntilPause { get; init; } = 5;

    /// <summary>How long it is left alone the first time; twice as long each time after that, an hour at most.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The longest pause.</summary>
    public TimeSpan LongestPause { get; init; } = TimeSpan.FromHours(1);
}
