using System.Security.Cryptography;

namespace Togglr.Store;

/// <summary>The keys under which entries and heads of the audit log are signed. They are kept outside the database, so whoever rewrites the database cannot sign what they wrote.</summary>
public sealed class AuditKeys
{
    private const int NameBytes = 4;
    private const int SignatureBytes = NameBytes + 32;

    private readonly Dictionary<int, byte[]> _keys = [];
    private readonly byte[] _newest;

    /// <summary>Keys of at least 32 random bytes; the first one signs, all verify.</summary>
    public AuditKeys(params IReadOnlyList<byte[]> keys)
    {
        if (keys.Count == 0 || keys.Any(key => key.Length < 32))
            throw new ArgumentException("At least one key, and each of at least 32 bytes.", nameof(keys));
        foreach (var key in keys)
            _keys.TryAdd(NameOf(key), key);

        _newest = keys[0];
    }

    /// <summary>Four bytes that name the key, and the HMAC-SHA256 of <paramref name="message"/>.</summary>
    internal byte[] Sign(ReadOnlySpan<byte> message)
    {
        var signature = new byte[SignatureBytes];
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(signature, NameOf(_newest));
        HMACSHA256.HashData(_newest, message, signature.AsSpan(NameBytes));
        return signature;
    }

    internal AuditSignature Check(ReadOnlySpan<byte> signature, ReadOnlySpan<byte> message)
    {
        if (signature.Length != SignatureBytes)
            return AuditSignature.Wrong;
        if (!_keys.TryGetValue(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(signature), out var key))
            return AuditSignature.UnknownKey;
        Span<byte> expected = stackalloc byte[32];
        HMACSHA256.HashData(key, message, expected);
        return CryptographicOperations.FixedTimeEquals(expected, signature[NameBytes..]) ? AuditSignature.Good : AuditSignature.Wrong;
    }

    private static int NameOf(byte[] key)
    {
        Span<byte> hash = stackalloc byte[32];
        HMACSHA256.HashData(key, "togglr audit key name"u8, hash);
        return System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(hash);
    }
}

/// <summary>What a signature is worth.</summary>
internal enum AuditSignature
{
    /// <summary>Made by us over this.</summary>
    Good,

    /// <summary>Not made over this.</summary>
    Wrong,

    /// <summary>Made with a key that we do not have.</summary>
    UnknownKey,
}
