namespace Togglr.Store;

/// <summary>How far a message is.</summary>
public enum DeliveryState
{
    /// <summary>It waits for its first or next attempt.</summary>
    Pending,

    /// <summary>The destination has taken it.</summary>
    Delivered,

    /// <summary>It is not tried any more, unless somebody asks for it.</summary>
    Dead,
}

/// <summary>A message to a destination. Book-keeping: written without audit entries.</summary>
public sealed class NotificationDelivery : ITenantOwned
{
    /// <summary>UUID version 7; the receiver sees it, the same with every attempt.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>Where to.</summary>
    public Guid DestinationId { get; init; }

    /// <summary>The audit entry that it tells of; null for a test.</summary>
    public long? Sequence { get; init; }

    /// <summary>What happened, such as <c>flag.killed</c>.</summary>
    public required string Event { get; init; }

    /// <summary>The event as JSON, the same with every attempt.</summary>
    public required string Body { get; init; }

    /// <summary>How far it is.</summary>
    public DeliveryState State { get; init; }

    /// <summary>How often it was tried.</summary>
    public int Attempts { get; init; }

    /// <summary>When it was put in.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When it is tried next.</summary>
    public DateTimeOffset NextAttemptAt { get; init; }

    /// <summary>After this it is not tried any more.</summary>
    public DateTimeOffset GiveUpAt { get; init; }

    /// <summary>When it was last tried.</summary>
    public DateTimeOffset? AttemptedAt { get; init; }

    /// <summary>When it was taken or given up.</summary>
    public DateTimeOffset? FinishedAt { get; init; }

    /// <summary>The HTTP status of the last answer.</summary>
    public int? Status { get; init; }

    /// <summary>What was wrong the last time, for people; holds no secret.</summary>
    public string? Error { get; init; }

    /// <summary>How long the last attempt took.</summary>
    public int? Milliseconds { get; init; }
}

/// <summary>How a destination has answered of late.</summary>
public sealed class NotificationCircuit : ITenantOwned
{
    /// <summary>The destination.</summary>
    public Guid DestinationId { get; init; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>Attempts since the last that went well.</summary>
    public int Failures { get; init; }

    /// <summary>How often in a row it was left alone.</summary>
    public int Pauses { get; init; }

    /// <summary>Until then nothing is sent.</summary>
    public DateTimeOffset? OpenUntil { get; init; }

    /// <summary>When an attempt last went well.</summary>
    public DateTimeOffset? LastSuccessAt { get; init; }

    /// <summary>When an attempt last went wrong.</summary>
    public DateTimeOffset? LastFailureAt { get; init; }

    /// <summary>What was wrong then.</summary>
    public string? LastError { get; init; }
}

/// <summary>Up to which audit entry an organization's people and destinations were told.</summary>
public sealed class NotificationCursor : ITenantOwned
{
    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>The last entry that was told.</summary>
    public long Sequence { get; init; }
}

/// <summary>Why something is in somebody's inbox.</summary>
public enum InboxConcern
{
    /// <summary>It waits for their approval.</summary>
    Review,

    /// <summary>Somebody mentioned them in a comment.</summary>
    Mention,

    /// <summary>It is about a change request of theirs, or one that they took part in.</summary>
    Request,

    /// <summary>It is about a flag that they own or maintain.</summary>
    Owner,

    /// <summary>It is about something that they watch.</summary>
    Watch,
}

/// <summary>Something that somebody should know.</summary>
public sealed class InboxItem : ITenantOwned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>Whose inbox.</summary>
    public Guid UserId { get; init; }

    /// <summary>The project, if it is about one.</summary>
    public Guid? ProjectId { get; init; }

    /// <summary>The audit entry that it tells of.</summary>
    public long Sequence { get; init; }

    /// <summary>What happened.</summary>
    public required string Event { get; init; }

    /// <summary>Why it concerns them.</summary>
    public InboxConcern Concern { get; init; }

    /// <summary>The event as JSON.</summary>
    public required string Body { get; init; }

    /// <summary>When it happened.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>When they have read it.</summary>
    public DateTimeOffset? ReadAt { get; set; }

    /// <summary>When it went to them by mail.</summary>
    public DateTimeOffset? MailedAt { get; set; }
}

/// <summary>Somebody wants to hear of a project, or of one of its flags.</summary>
public sealed class Watch : ITenantOwned
{
    /// <summary>UUID version 7.</summary>
    public Guid Id { get; init; } = Guid.CreateVersion7();

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>Who.</summary>
    public Guid UserId { get; init; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; init; }

    /// <summary>The flag; null for everything in the project.</summary>
    public Guid? FlagId { get; init; }

    /// <summary>Since when: what happened before is not told, however late it is told to others.</summary>
    public DateTimeOffset CreatedAt { get; init; }
}

/// <summary>How somebody is told by mail what is in their inbox.</summary>
public enum InboxMail
{
    /// <summary>Not at all.</summary>
    Off,

    /// <summary>Each thing at once.</summary>
    Immediately,

    /// <summary>What is unread, once a day.</summary>
    Daily,

    /// <summary>What is unread, once a week.</summary>
    Weekly,
}

/// <summary>How somebody wants to be told.</summary>
public sealed class NotificationPreference
{
    /// <summary>Who.</summary>
    public Guid UserId { get; init; }

    /// <summary>By mail.</summary>
    public InboxMail Mail { get; set; }

    /// <summary>The hour of digests in their time zone.</summary>
    public int Hour { get; set; } = 9;

    /// <summary>The day of weekly digests, from 1 for Monday.</summary>
    public int Weekday { get; set; } = 1;

    /// <summary>Groups of events that do not come to the inbox.</summary>
    public IReadOnlyList<string> MutedGroups { get; set; } = [];

    /// <summary>When the next digest is due.</summary>
    public DateTimeOffset? NextDigestAt { get; set; }
}
