using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Togglr.Messaging.Configuration;

/// <summary>The SHA-256 of an SDK key, as a value that is cheap to compare and to look up.</summary>
public readonly record struct SdkKeyHash
{
    /// <summary>The longest text that is looked at as a key, in characters; anything longer is no key.</summary>
    public const int MaxKeyLength = 200;

    private readonly ulong _a, _b, _c, _d;

    private SdkKeyHash(ReadOnlySpan<byte> hash)
    {
        _a = BinaryPrimitives.ReadUInt64BigEndian(hash);
        _b = BinaryPrimitives.ReadUInt64BigEndian(hash[8..]);
        _c = BinaryPrimitives.ReadUInt64BigEndian(hash[16..]);
        _d = BinaryPrimitives.ReadUInt64BigEndian(hash[24..]);
    }

    /// <summary>Hashes a key as it was given to the application.</summary>
    /// <param name="key">The whole key with its prefix, at most <see cref="MaxKeyLength"/> characters.</param>
    public static SdkKeyHash Of(ReadOnlySpan<char> key)
    {
        if (key.Length > MaxKeyLength)
            throw new ArgumentException($"A key has at most {MaxKeyLength} characters.", nameof(key));
        Span<byte> text = stackalloc byte[MaxKeyLength * 3];
        Span<byte> hash = stackalloc byte[32];
        SHA256.HashData(text[..Encoding.UTF8.GetBytes(key, text)], hash);
        return new SdkKeyHash(hash);
    }

    /// <summary>Takes the 32 bytes of a hash as they are stored.</summary>
    public static SdkKeyHash FromBytes(ReadOnlySpan<byte> hash)
    {
        if (hash.Length != 32)
            throw new ArgumentException("A SHA-256 has 32 bytes.", nameof(hash));
        return new SdkKeyHash(hash);
    }

    /// <summary>Reads 64 hexadecimal digits.</summary>
    /// <returns>Whether the text was such a hash.</returns>
    public static bool TryParse([NotNullWhen(true)] string? hex, out SdkKeyHash hash)
    {
        hash = default;
        Span<byte> bytes = stackalloc byte[32];
        if (hex is not { Length: 64 } || Convert.FromHexString(hex, bytes, out _, out _) != System.Buffers.OperationStatus.Done)
            return false;
        hash = new SdkKeyHash(bytes);
        return true;
    }

    /// <summary>Writes the 32 bytes.</summary>
    public void CopyTo(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, _a);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], _b);
        BinaryPrimitives.WriteUInt64BigEndian(destination[16..], _c);
        BinaryPrimitives.WriteUInt64BigEndian(destination[24..], _d);
    }

    /// <summary>64 lower-case hexadecimal digits.</summary>
    public override string ToString()
    {
        Span<byte> bytes = stackalloc byte[32];
        CopyTo(bytes);
        return Convert.ToHexStringLower(bytes);
    }

    /// <summary>The first bits of the hash: they are as good as random.</summary>
    public override int GetHashCode() => (int)_a;
}
