using System.Security.Cryptography;

namespace Togglr.Messaging.Events;

/// <summary>The key of an organization under which units (people, mostly) are hashed before anything of them is written.</summary>
public sealed class UnitKey
{
    /// <summary>How many bytes a key has.</summary>
    public const int KeyBytes = 32;

    private readonly byte[] _secret;

    /// <summary>A key.</summary>
    /// <param name="secret">Known to the control plane and the processes that accept events alone.</param>
    public UnitKey(ReadOnlySpan<byte> secret)
    {
        if (secret.Length != KeyBytes)
            throw new ArgumentException("This is no key.", nameof(secret));
        _secret = secret.ToArray();
    }

    /// <summary>Known to the control plane and the processes that accept events alone.</summary>
    public ReadOnlySpan<byte> Secret => _secret;

    /// <summary>What stands for a unit: the first 16 bytes of HMAC-SHA256 over its UTF-8 text. The same unit has the same stand-in in all environments of the organization, and in no other.</summary>
    public Guid StandInOf(ReadOnlySpan<byte> utf8Unit)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        HMACSHA256.HashData(_secret, utf8Unit, hash);
        return new Guid(hash[..16], bigEndian: true);
    }

    /// <summary>Whether it is the same key.</summary>
    public bool IsSame(UnitKey other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return CryptographicOperations.FixedTimeEquals(_secret, other._secret);
    }
}
