using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Togglr.Messaging.Configuration;

/// <summary>A valid SDK key and where it leads. The object stays the same while the key does.</summary>
public sealed class SdkKeyIdentity
{
    internal SdkKeyIdentity(EnvironmentReplica environment, SdkKey key)
    {
        Environment = environment;
        Key = key;
        StreamToken = TokenOf(key.Hash);
    }

    /// <summary>The environment that the key belongs to.</summary>
    public EnvironmentReplica Environment { get; }

    /// <summary>The key's hash, kind and expiry.</summary>
    public SdkKey Key { get; }

    /// <summary>
    /// Opens the stream of refetch notices and nothing else, so it may stand in an address: derived from the key's hash, the same on every node,
    /// and worth nothing once the key is revoked.
    /// </summary>
    public string StreamToken { get; }

    /// <summary>Whether the key's life has ended.</summary>
    public bool IsExpired(TimeProvider time) => Key.ExpiresAt is { } end && end <= time.GetUtcNow();

    private static string TokenOf(SdkKeyHash hash)
    {
        Span<byte> secret = stackalloc byte[32];
        hash.CopyTo(secret);
        return Convert.ToHexStringLower(HMACSHA256.HashData(secret, "togglr-stream-token"u8).AsSpan(0, 20));
    }
}

/// <summary>All valid SDK keys. Immutable but for what it remembers of headers that were seen.</summary>
public sealed class KeyTable
{
    // Each valid key is remembered as it was written: with and without "Bearer", and for odd clients with other spacing.
    private const int RememberedLimit = 100_000;

    private readonly FrozenDictionary<SdkKeyHash, SdkKeyIdentity> _keys;
    private readonly FrozenDictionary<string, SdkKeyIdentity> _streamTokens;
    private readonly ConcurrentDictionary<string, SdkKeyIdentity> _remembered = new(StringComparer.Ordinal);

    private KeyTable(Dictionary<SdkKeyHash, SdkKeyIdentity> keys)
    {
        _keys = keys.ToFrozenDictionary();
        _streamTokens = keys.Values.ToFrozenDictionary(static identity => identity.StreamToken, StringComparer.Ordinal);
    }

    /// <summary>No keys.</summary>
    public static KeyTable Empty { get; } = new([]);

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>Finds the key of an <c>Authorization</c> header: raw, or after <c>Bearer</c>.</summary>
    /// <returns>Whether it is a valid key that has not expired.</returns>
    public bool TryFind(string? authorization, TimeProvider time, [NotNullWhen(true)] out SdkKeyIdentity? identity)
    {
        identity = null;
        if (authorization is null)
            return false;
        if (!_remembered.TryGetValue(authorization, out identity))
        {
            var key = authorization.AsSpan().Trim();
            if (key.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase))
                key = key[7..].TrimStart();
            if (key.Length is 0 or > SdkKeyHash.MaxKeyLength || !_keys.TryGetValue(SdkKeyHash.Of(key), out identity))
                return false;
            if (_remembered.Count < RememberedLimit)
                _remembered.TryAdd(authorization, identity);
        }
        return !identity.IsExpired(time);
    }

    /// <summary>Finds the key that a stream token was made for.</summary>
    public bool TryFindStreamToken(string token, TimeProvider time, [NotNullWhen(true)] out SdkKeyIdentity? identity) =>
        _streamTokens.TryGetValue(token, out identity) && !identity.IsExpired(time);

    /// <summary>Whether the key is still in the list, and still leads to the same place.</summary>
    public bool Contains(SdkKeyIdentity identity) => _keys.TryGetValue(identity.Key.Hash, out var found) && ReferenceEquals(found, identity);

    /// <summary>The table of a new list. Keys that stay keep their identity.</summary>
    internal static KeyTable Create(KeysMessage message, KeyTable before, Func<Guid, EnvironmentReplica> environmentOf)
    {
        var keys = new Dictionary<SdkKeyHash, SdkKeyIdentity>();
        foreach (var (id, list) in message.Environments)
        {
            var environment = environmentOf(id);
            foreach (var key in list)
            {
                keys[key.Hash] = before._keys.TryGetValue(key.Hash, out var known) && known.Key == key && ReferenceEquals(known.Environment, environment)
                    ? known
                    : new SdkKeyIdentity(environment, key);
            }
        }
        return new KeyTable(keys);
    }
}
