namespace Togglr.Store;

/// <summary>A sign-in by way of an identity provider that is under way; taken once. Written without an audit entry.</summary>
public sealed class SsoRequest
{
    private SsoRequest()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <summary>The provider that was asked.</summary>
    public Guid ProviderId { get; private set; }

    /// <summary>SHA-256 of the state that travels through the provider, or of the ticket after its answer.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>SHA-256 of the cookie of the browser that began; null where the provider began.</summary>
    public byte[]? BrowserHash { get; private set; }

    /// <summary>Whether <see cref="Secret"/> holds the provider's answer rather than the question.</summary>
    public bool IsAnswered { get; private set; }

    /// <summary>The local path where the browser goes in the end.</summary>
    public string ReturnTo { get; private set; } = "";

    /// <summary>What only this server may know, encrypted.</summary>
    public byte[] Secret { get; private set; } = [];

    /// <summary>When it began.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From when on it is worthless.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>A sign-in that begins, or goes on after the provider's answer.</summary>
    public static SsoRequest Create(
        Guid id, Guid providerId, byte[] hash, byte[]? browserHash, bool isAnswered, string returnTo, byte[] secret, DateTimeOffset now, TimeSpan lifetime) => new()
        {
            Id = id, ProviderId = providerId, Hash = hash, BrowserHash = browserHash, IsAnswered = isAnswered, ReturnTo = returnTo, Secret = secret, CreatedAt = now, ExpiresAt = now + lifetime,
        };
}
