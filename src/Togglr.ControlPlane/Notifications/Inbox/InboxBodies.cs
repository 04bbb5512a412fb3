using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>Something that the caller should know.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Event">What happened.</param>
/// <param name="Group">The group of events that it belongs to.</param>
/// <param name="Concern">Why it concerns them: it waits for their approval, is about a request of theirs, a flag of theirs, or something that they watch.</param>
/// <param name="Summary">One sentence: who did what, where.</param>
/// <param name="Reason">Why it was done.</param>
/// <param name="Organization">Key of the organization.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Key of the environment, if it is about one.</param>
/// <param name="Path">The page that shows it, within the admin UI.</param>
/// <param name="At">When it happened.</param>
/// <param name="ReadAt">When they have read it.</param>
public sealed record InboxItemView(
    Guid Id, string Event, string? Group, InboxConcern Concern, string Summary, string? Reason, string Organization, string? Project, string? Environment, string? Path, DateTimeOffset At, DateTimeOffset? ReadAt);

/// <summary>A page of the inbox.</summary>
/// <param name="Items">The newest first.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null at the end.</param>
/// <param name="Unread">How many are unread; 1,000 at most are counted.</param>
public sealed record InboxPage(IReadOnlyList<InboxItemView> Items, string? NextCursor, int Unread);

/// <summary>How many things are unread.</summary>
/// <param name="Unread">1,000 at most are counted.</param>
public sealed record UnreadView(int Unread);

/// <summary>How somebody is told.</summary>
/// <param name="Mail">By mail: not at all, each thing at once, or what is unread once a day or week.</param>
/// <param name="Hour">The hour of digests, 0 to 23, in the time zone of their account (UTC without one).</param>
/// <param name="Weekday">The day of weekly digests, 1 for Monday to 7.</param>
/// <param name="MutedGroups">Groups of events that do not come to the inbox.</param>
/// <param name="MailIsOn">Whether this server sends mail.</param>
/// <param name="NextDigestAt">When the next digest is due.</param>
public sealed record NotificationPreferenceView(InboxMail Mail, int Hour, int Weekday, IReadOnlyList<string> MutedGroups, bool MailIsOn, DateTimeOffset? NextDigestAt);

/// <summary>How somebody wants to be told.</summary>
public sealed record PutNotificationPreferenceRequest
{
    /// <summary>By mail.</summary>
    public required InboxMail Mail { get; init; }

    /// <summary>The hour of digests, 0 to 23; 9 if absent.</summary>
    public int? Hour { get; init; }

    /// <summary>The day of weekly digests, 1 to 7; 1 (Monday) if absent.</summary>
    public int? Weekday { get; init; }

    /// <summary>Groups of events that do not come to the inbox; none if absent.</summary>
    public IReadOnlyList<string>? MutedGroups { get; init; }
}

/// <summary>What the caller watches in a project.</summary>
/// <param name="Project">Whether all of it.</param>
/// <param name="Flags">Keys of flags besides.</param>
public sealed record WatchView(bool Project, IReadOnlyList<string> Flags);

/// <summary>Begins or ends watching.</summary>
public sealed record PutWatchRequest
{
    /// <summary>Key of a flag; absent for the whole project.</summary>
    public string? Flag { get; init; }

    /// <summary>Whether to watch it.</summary>
    public required bool Watching { get; init; }
}
