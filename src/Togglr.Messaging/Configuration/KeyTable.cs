using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Togglr.Messaging.Configuration;

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
        Origins = keys.Values.SelectMany(static identity => identity.Terms.Origins ?? []).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>No keys.</summary>
    public static KeyTable Empty { get; } = new([]);

    /// <summary>How many keys there are.</summary>
    public int Count => _keys.Count;

    /// <summary>All keys.</summary>
    public IEnumerable<SdkKeyIdentity> All => _keys.Values;

    /// <summary>Every origin that some key names: browsers ask about an address before they show the key.</summary>
    public FrozenSet<string> Origins { get; }

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
    public bool Contains(SdkKeyIdentity identity) => _keys.TryGetValue(identity.Hash, out var found) && ReferenceEquals(found, identity);

    /// <summary>The key with a hash, or null.</summary>
    public SdkKeyIdentity? Find(SdkKeyHash hash) => _keys.GetValueOrDefault(hash);

    /// <summary>The table of a new list. Keys that stay keep their identity.</summary>
    internal static KeyTable Create(KeysMessage message, KeyTable before, Func<Guid, EnvironmentReplica> environmentOf)
    {
        var keys = new Dictionary<SdkKeyHash, SdkKeyIdentity>();
        foreach (var (id, list) in message.Environments)
        {
            var environment = environmentOf(id);
            foreach (var key in list)
            {
                if (before._keys.TryGetValue(key.Hash, out var known) && known.Kind == key.Kind && ReferenceEquals(known.Environment, environment))
                    known.Adopt(key);
                else
                    known = new SdkKeyIdentity(environment, key);
                keys[key.Hash] = known;
            }
        }
        return new KeyTable(keys);
    }
}
