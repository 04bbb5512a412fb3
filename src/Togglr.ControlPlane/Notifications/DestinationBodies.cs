using System.Text.Json.Serialization;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>A place that is told what happens.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Project">Key of the project that it belongs to; null for the whole organization.</param>
/// <param name="Name">Shown to people.</param>
/// <param name="Kind">How messages get there; never changes.</param>
/// <param name="Language">The language of messages: <c>en</c> or <c>ru</c>.</param>
/// <param name="Enabled">Whether anything is sent.</param>
/// <param name="Target">Where messages go, as far as it is no secret: a host, a chat, addresses.</param>
/// <param name="ChatId">Telegram: the chat.</param>
/// <param name="ApiUrl">Telegram: where bots are spoken for.</param>
/// <param name="Recipients">E-mail: the addresses.</param>
/// <param name="Secrets">Its secrets by name: whether they are set.</param>
/// <param name="Subscriptions">What it is told.</param>
/// <param name="Health">How it answers.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record DestinationView(
    Guid Id, string? Project, string Name, DestinationKind Kind, string Language, bool Enabled, string Target, string? ChatId, string? ApiUrl, IReadOnlyList<string>? Recipients,
    IReadOnlyDictionary<string, IdentityProviders.SecretStateView> Secrets, IReadOnlyList<SubscriptionView> Subscriptions, DestinationHealthView Health, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt)
{
    /// <summary>The secret of a new webhook's signatures, where the server chose it: shown this once.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? SigningSecret { get; init; }

    /// <summary>Webhook: until when messages carry a signature of the former secret as well; null where it signs no more.</summary>
    public DateTimeOffset? FormerSecretUntil { get; init; }
}

/// <summary>Some of what happens.</summary>
/// <param name="Project">Key of a project; null for all that the destination belongs to.</param>
/// <param name="Environment">Key of an environment of that project; what is about no environment in particular is told too. Null for all.</param>
/// <param name="Events">Events and groups of events, see <c>listNotificationEvents</c>.</param>
public sealed record SubscriptionView(string? Project, string? Environment, IReadOnlyList<string> Events);

/// <summary>How a destination answers.</summary>
/// <param name="State"><c>idle</c> (nothing was sent yet), <c>ok</c>, <c>failing</c>, or <c>paused</c>: it failed so often that it is left alone for a while.</param>
/// <param name="Failures">Attempts since the last that went well.</param>
/// <param name="PausedUntil">Until when it is left alone.</param>
/// <param name="LastSuccessAt">When an attempt last went well.</param>
/// <param name="LastFailureAt">When an attempt last went wrong.</param>
/// <param name="LastError">What was wrong then.</param>
/// <param name="Waiting">Messages that wait to be sent; 1,000 at most are counted.</param>
/// <param name="Dead">Messages that were given up; 1,000 at most are counted.</param>
public sealed record DestinationHealthView(
    string State, int Failures, DateTimeOffset? PausedUntil, DateTimeOffset? LastSuccessAt, DateTimeOffset? LastFailureAt, string? LastError, int Waiting, int Dead);

/// <summary>A new destination.</summary>
public sealed record CreateDestinationRequest
{
    /// <summary>Shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>How messages get there; never changes.</summary>
    public required DestinationKind Kind { get; init; }

    /// <summary>The language of messages: <c>en</c> or <c>ru</c>; <c>en</c> if absent.</summary>
    public string? Language { get; init; }

    /// <summary>Whether anything is sent; true if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Webhook, Slack, Mattermost: the address. Never shown again.</summary>
    public string? Url { get; init; }

    /// <summary>Webhook: what messages are signed with, 16 to 200 visible characters. If absent the server makes one and shows it once.</summary>
    public string? SigningSecret { get; init; }

    /// <summary>Telegram: the bot's token. Never shown again.</summary>
    public string? Token { get; init; }

    /// <summary>Telegram: the chat, a number or <c>@name</c>.</summary>
    public string? ChatId { get; init; }

    /// <summary>Telegram: where bots are spoken for; the public address if absent.</summary>
    public string? ApiUrl { get; init; }

    /// <summary>E-mail: 1 to 20 addresses.</summary>
    public IReadOnlyList<string>? Recipients { get; init; }

    /// <summary>What it is told, at most 20.</summary>
    public IReadOnlyList<SubscriptionRequest>? Subscriptions { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Some of what happens.</summary>
public sealed record SubscriptionRequest
{
    /// <summary>Key of a project; in a project's own destinations that project or nothing.</summary>
    public string? Project { get; init; }

    /// <summary>Key of an environment of that project.</summary>
    public string? Environment { get; init; }

    /// <summary>Events and groups of events, 1 to 100.</summary>
    public required IReadOnlyList<string> Events { get; init; }
}

/// <summary>Changes of a destination. Secrets that are absent stay.</summary>
public sealed record UpdateDestinationRequest
{
    /// <summary>Shown to people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>The language of messages.</summary>
    public Optional<string> Language { get; init; }

    /// <summary>Whether anything is sent.</summary>
    public Optional<bool> Enabled { get; init; }

    /// <summary>Webhook, Slack, Mattermost: the address.</summary>
    public string? Url { get; init; }

    /// <summary>Webhook: what messages are signed with.</summary>
    public string? SigningSecret { get; init; }

    /// <summary>Webhook: for how many hours from now the secret before the present one signs messages as well, 0 to 168. With a new secret 24 if absent; without one it changes the end of what goes on.</summary>
    public int? SigningSecretOverlapHours { get; init; }

    /// <summary>Telegram: the bot's token.</summary>
    public string? Token { get; init; }

    /// <summary>Telegram: the chat.</summary>
    public Optional<string> ChatId { get; init; }

    /// <summary>Telegram: where bots are spoken for. Another address takes the token anew.</summary>
    public Optional<string> ApiUrl { get; init; }

    /// <summary>E-mail: the addresses.</summary>
    public Optional<IReadOnlyList<string>> Recipients { get; init; }

    /// <summary>What it is told; all of it.</summary>
    public Optional<IReadOnlyList<SubscriptionRequest>> Subscriptions { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>What a test message came to.</summary>
/// <param name="Ok">Whether the destination has taken it.</param>
/// <param name="Status">The HTTP status of its answer.</param>
/// <param name="Error">What was wrong.</param>
/// <param name="Milliseconds">How long it took.</param>
public sealed record DestinationTestView(bool Ok, int? Status, string? Error, int Milliseconds);

/// <summary>A message to a destination.</summary>
/// <param name="Id">Its id, which webhooks see as <c>Togglr-Delivery</c>.</param>
/// <param name="DestinationId">Where to.</param>
/// <param name="Destination">The name of that.</param>
/// <param name="Event">What happened, or <c>test</c>.</param>
/// <param name="Summary">The sentence of it.</param>
/// <param name="State">How far it is.</param>
/// <param name="Attempts">How often it was tried.</param>
/// <param name="CreatedAt">When it was put in.</param>
/// <param name="AttemptedAt">When it was last tried.</param>
/// <param name="NextAttemptAt">When it is tried next; null once it is taken or given up.</param>
/// <param name="FinishedAt">When it was taken or given up.</param>
/// <param name="Status">The HTTP status of the last answer.</param>
/// <param name="Error">What was wrong the last time.</param>
/// <param name="Milliseconds">How long the last attempt took.</param>
public sealed record DeliveryView(
    Guid Id, Guid DestinationId, string Destination, string Event, string Summary, DeliveryState State, int Attempts, DateTimeOffset CreatedAt, DateTimeOffset? AttemptedAt, DateTimeOffset? NextAttemptAt,
    DateTimeOffset? FinishedAt, int? Status, string? Error, int? Milliseconds)
{
    /// <summary>The event as it was sent; absent in lists.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Body { get; init; }
}

/// <summary>How many messages are sent again.</summary>
/// <param name="Count">How many.</param>
public sealed record ResentView(int Count);

/// <summary>What can be subscribed to.</summary>
/// <param name="Groups">The groups, in the order in which pages show them.</param>
public sealed record NotificationEventsView(IReadOnlyList<NotificationGroupView> Groups);

/// <summary>Events that belong together.</summary>
/// <param name="Key">The group's key, which subscribes to all of them, to those that come later too.</param>
/// <param name="Events">The events.</param>
public sealed record NotificationGroupView(string Key, IReadOnlyList<string> Events);
