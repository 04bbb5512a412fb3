using System.Text.Json.Serialization;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.SdkKeys;

/// <summary>A key with which applications read one environment.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">What it may see.</param>
/// <param name="Prefix">The beginning of the key, to recognise it by.</param>
/// <param name="Secret">The key itself; in the answer to its creation only.</param>
/// <param name="ExpiresAt">From when on it is refused; null: never.</param>
/// <param name="RevokedAt">Since when it is refused.</param>
/// <param name="LastUsedAt">When it was used last, to the minute; null: never, as far as is known.</param>
/// <param name="LastUsedAddress">Where that request came from.</param>
/// <param name="RateLimit">Its own limit of requests; null: the installation's default.</param>
/// <param name="Origins">The origins whose pages may use it; null: the installation's default. Always null for server keys.</param>
/// <param name="Replaces">The key that it takes the place of.</param>
/// <param name="ReplacedBy">The key that takes its place.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
public sealed record SdkKeyView(
    Guid Id,
    string Name,
    SdkKeyKind Kind,
    string Prefix,
    [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret,
    DateTimeOffset? ExpiresAt,
    DateTimeOffset? RevokedAt,
    DateTimeOffset? LastUsedAt,
    string? LastUsedAddress,
    SdkKeyRateLimit? RateLimit,
    IReadOnlyList<string>? Origins,
    Guid? Replaces,
    Guid? ReplacedBy,
    int Version,
    DateTimeOffset CreatedAt);

/// <summary>How much a key may ask.</summary>
/// <param name="PerSecond">Requests per second that every edge takes, with a burst of twice that; 0 for any number.</param>
public sealed record SdkKeyRateLimit(int PerSecond);

/// <summary>A new SDK key.</summary>
public sealed record CreateSdkKeyRequest
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary><c>server</c>: the whole snapshot; <c>client</c>: results of client-visible flags only.</summary>
    public required SdkKeyKind Kind { get; init; }

    /// <summary>From when on it is refused; never if absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>A limit of its own; the installation's default if absent.</summary>
    public SdkKeyRateLimit? RateLimit { get; init; }

    /// <summary>The origins whose pages may use a client key; the installation's default if absent.</summary>
    public IReadOnlyList<string>? Origins { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an SDK key.</summary>
public sealed record UpdateSdkKeyRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>A limit of its own; null for the installation's default.</summary>
    public Optional<SdkKeyRateLimit?> RateLimit { get; init; }

    /// <summary>The origins whose pages may use a client key; null for the installation's default.</summary>
    public Optional<IReadOnlyList<string>?> Origins { get; init; }

    /// <summary>From when on it is refused; null for never.</summary>
    public Optional<DateTimeOffset?> ExpiresAt { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A key is to be followed by a new one.</summary>
public sealed record RotateSdkKeyRequest
{
    /// <summary>How many hours the old key goes on, 0 to 2160; 0 ends it at once.</summary>
    public required int OverlapHours { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
