using System.Collections.Frozen;
using Togglr.Messaging.Events;
using Togglr.Messaging.Sampling;

namespace Togglr.Messaging.Configuration;

/// <summary>One message of the configuration feed from the control plane to edges, see <c>spec/streaming.md</c>.</summary>
public abstract record FeedMessage;

/// <summary>An environment as a whole: sent when the receiver cannot be brought up to date by patches.</summary>
/// <param name="Environment">Who and where it is.</param>
/// <param name="Document">The snapshot document at its revision.</param>
/// <param name="CommittedAt">When the revision was committed, for measuring propagation; null when unknown.</param>
public sealed record EnvironmentMessage(EnvironmentIdentity Environment, EnvironmentDocument Document, DateTimeOffset? CommittedAt) : FeedMessage;

/// <summary>What changed in one environment between two revisions.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Patch">The change, whole new documents by key.</param>
/// <param name="CommittedAt">When the newest revision in it was committed; null when unknown.</param>
public sealed record PatchMessage(Guid EnvironmentId, EnvironmentPatch Patch, DateTimeOffset? CommittedAt) : FeedMessage;

/// <summary>An environment was deleted.</summary>
/// <param name="EnvironmentId">The environment.</param>
public sealed record RemovedMessage(Guid EnvironmentId) : FeedMessage;

/// <summary>The complete list of SDK keys, sent again whenever any of them changes.</summary>
/// <param name="Environments">The keys of every environment that has any.</param>
public sealed record KeysMessage(FrozenDictionary<Guid, SdkKey[]> Environments) : FeedMessage;

/// <summary>The complete list of what may be kept of contexts, sent again whenever any of it changes. Environments that are not in it keep nothing.</summary>
/// <param name="Environments">The terms of every environment that keeps a sample.</param>
public sealed record SamplingMessage(FrozenDictionary<Guid, SamplingTerms> Environments) : FeedMessage;

/// <summary>The complete list of keys under which units of events are hashed, sent again whenever any of it changes.</summary>
/// <param name="Environments">The key of every environment: that of its organization.</param>
public sealed record UnitKeysMessage(FrozenDictionary<Guid, UnitKey> Environments) : FeedMessage;

/// <summary>Everything that the sender knew when the receiver connected has been sent.</summary>
public sealed record SyncedMessage : FeedMessage
{
    /// <summary>The one instance.</summary>
    public static SyncedMessage Instance { get; } = new();
}

/// <summary>Nothing happened, and the connection is alive.</summary>
public sealed record HeartbeatMessage : FeedMessage
{
    /// <summary>The one instance.</summary>
    public static HeartbeatMessage Instance { get; } = new();
}

/// <summary>The names of an environment and of what it belongs to.</summary>
/// <param name="Id">The environment's id.</param>
/// <param name="Organization">Key of the organization.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="ProjectId">The project's id.</param>
/// <param name="Key">Key of the environment.</param>
public sealed record EnvironmentIdentity(Guid Id, string Organization, string Project, Guid ProjectId, string Key);

/// <summary>What a key may see: a server key everything, a client key only flags that are visible to clients, and never rules.</summary>
public enum SdkKeyKind
{
    /// <summary>For servers: local evaluation, all flags.</summary>
    Server,

    /// <summary>For browsers and apps: remote evaluation of client-visible flags.</summary>
    Client,
}

/// <summary>An SDK key as the server knows it; the key itself is never stored.</summary>
/// <param name="Hash">SHA-256 of the key.</param>
/// <param name="Kind">What it may see.</param>
/// <param name="ExpiresAt">The end of its life, exclusive; null for none.</param>
public readonly record struct SdkKey(SdkKeyHash Hash, SdkKeyKind Kind, DateTimeOffset? ExpiresAt)
{
    /// <summary>Requests per second that this key may send; 0 for any number, null for what the installation says (<c>TOGGLR_KEY_RATE_LIMIT</c>).</summary>
    public int? RateLimit { get; init; }

    /// <summary>
    /// The origins whose pages may use the key, separated by spaces: <c>*</c> for any, empty for none, null for what the installation says
    /// (<c>TOGGLR_CORS_ORIGINS</c>). One text, so that keys can be compared as values.
    /// </summary>
    public string? Origins { get; init; }
}
