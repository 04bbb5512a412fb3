using System.Collections.Frozen;
using System.Net;
using System.Security.Cryptography;

namespace Togglr.Messaging.Configuration;

/// <summary>
/// A valid SDK key and where it leads. The object stays the same as long as the key is valid, also when its terms change, so streams live on and the
/// limiter's bucket is not filled anew.
/// </summary>
public sealed class SdkKeyIdentity
{
    private volatile SdkKeyTerms _terms;
    private volatile bool _wasUsed;
    private IPAddress? _address;

    internal SdkKeyIdentity(EnvironmentReplica environment, SdkKey key)
    {
        Environment = environment;
        Hash = key.Hash;
        Kind = key.Kind;
        StreamToken = TokenOf(key.Hash);
        _terms = new SdkKeyTerms(key);
    }

    /// <summary>The environment that the key belongs to.</summary>
    public EnvironmentReplica Environment { get; }

    /// <summary>SHA-256 of the key.</summary>
    public SdkKeyHash Hash { get; }

    /// <summary>What the key may see.</summary>
    public SdkKeyKind Kind { get; }

    /// <summary>What else holds for the key now.</summary>
    public SdkKeyTerms Terms => _terms;

    /// <summary>
    /// Opens the stream of refetch notices and nothing else, so it may stand in an address: derived from the key's hash, the same on every node,
    /// and worth nothing once the key is revoked.
    /// </summary>
    public string StreamToken { get; }

    /// <summary>Whether the key's life has ended.</summary>
    public bool IsExpired(TimeProvider time) => _terms.ExpiresAt is { } end && end <= time.GetUtcNow();

    /// <summary>Remembers that the key was used, until <see cref="TakeUse"/>. One write of a flag that nobody else writes meanwhile: no lock, no clock.</summary>
    /// <param name="address">Where the request came from.</param>
    public void NoteUse(IPAddress? address)
    {
        if (_wasUsed)
            return;
        _address = address;
        _wasUsed = true;
    }

    /// <summary>Whether the key was used since the last call, and from where.</summary>
    public bool TakeUse(out IPAddress? address)
    {
        address = _address;
        if (!_wasUsed)
            return false;
        _wasUsed = false;
        return true;
    }

    /// <summary>Takes over the terms of a newer list.</summary>
    internal void Adopt(SdkKey key)
    {
        if (_terms.Key != key)
            _terms = new SdkKeyTerms(key);
    }

    private static string TokenOf(SdkKeyHash hash)
    {
        Span<byte> secret = stackalloc byte[32];
        hash.CopyTo(secret);
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, "togglr-stream-token"u8).AsSpan(0, 20));
    }
}

/// <summary>What can change while a key stays valid. Immutable.</summary>
public sealed class SdkKeyTerms
{
    internal SdkKeyTerms(SdkKey key)
    {
        Key = key;
        if (key.Origins?.Split(' ', StringSplitOptions.RemoveEmptyEntries) is not { } origins)
            return;
        Origins = origins.ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>The end of the key's life, exclusive; null for none.</summary>
    public DateTimeOffset? ExpiresAt => Key.ExpiresAt;

    /// <summary>Requests per second; 0 for any number, null for what the installation says.</summary>
    public int? RateLimit => Key.RateLimit;

    /// <summary>The origins whose pages may use the key, perhaps <c>*</c>; null for what the installation says.</summary>
    public FrozenSet<string>? Origins { get; }

    internal SdkKey Key { get; }
}
