using System.Security.Cryptography;
using System.Text;

namespace Togglr.Hosting.Security;

/// <summary>
/// Encrypts what must be read again (secrets of second factors and identity providers, mail that holds links) before it goes into the database. AES-256-GCM under a key that the database does not
/// hold. What is protected says which key it needs, so that keys can be changed.
/// </summary>
/// <remarks>The form: one byte 1, the number of the key (4 bytes, big-endian), 12 bytes nonce, 16 bytes tag, the encrypted bytes. The purpose is authenticated with it.</remarks>
public sealed class SecretProtector
{
    private const byte Form = 1;
    private const int HeaderBytes = 5;
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly EncryptionKeys _keys;

    /// <summary>Uses the keys of a ring; the newest encrypts.</summary>
    public SecretProtector(EncryptionKeys keys) => _keys = keys;

    /// <summary>Encrypts.</summary>
    /// <param name="secret">What.</param>
    /// <param name="purpose">What it is for, and whose it is (<c>totp:&lt;user id&gt;</c>): it can be read for this only, so that nothing can be moved from one row to another.</param>
    public byte[] Protect(ReadOnlySpan<byte> secret, string purpose)
    {
        var (number, key) = _keys.Newest;
        var result = new byte[HeaderBytes + NonceBytes + TagBytes + secret.Length];
        result[0] = Form;
        System.Buffers.Binary.BinaryPrimitives.WriteInt32BigEndian(result.AsSpan(1), number);
        var nonce = result.AsSpan(HeaderBytes, NonceBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(key, TagBytes);
        cipher.Encrypt(nonce, secret, result.AsSpan(HeaderBytes + NonceBytes + TagBytes), result.AsSpan(HeaderBytes + NonceBytes, TagBytes), Context(result, purpose));
        return result;
    }

    /// <summary>Encrypts a text.</summary>
    public byte[] Protect(string secret, string purpose) => Protect(Encoding.UTF8.GetBytes(secret), purpose);

    /// <summary>Decrypts what <see cref="Protect(ReadOnlySpan{byte}, string)"/> made for the same purpose; null when the key is gone or it was altered.</summary>
    public byte[]? Unprotect(ReadOnlySpan<byte> protectedSecret, string purpose)
    {
        if (protectedSecret.Length < HeaderBytes + NonceBytes + TagBytes || protectedSecret[0] != Form
            || _keys.Find(System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(protectedSecret[1..])) is not { } key)
            return null;
        var secret = new byte[protectedSecret.Length - HeaderBytes - NonceBytes - TagBytes];
        using var cipher = new AesGcm(key, TagBytes);
        try
        {
            cipher.Decrypt(
                protectedSecret.Slice(HeaderBytes, NonceBytes), protectedSecret[(HeaderBytes + NonceBytes + TagBytes)..],
                protectedSecret.Slice(HeaderBytes + NonceBytes, TagBytes), secret, Context(protectedSecret, purpose));
            return secret;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    /// <summary>Decrypts a text.</summary>
    public string? UnprotectText(ReadOnlySpan<byte> protectedSecret, string purpose) =>
        Unprotect(protectedSecret, purpose) is { } secret ? Encoding.UTF8.GetString(secret) : null;

    /// <summary>The number of the key that something was protected with; null when it was not made by <see cref="Protect(ReadOnlySpan{byte}, string)"/>.</summary>
    public static int? KeyOf(ReadOnlySpan<byte> protectedSecret) =>
        protectedSecret.Length >= HeaderBytes + NonceBytes + TagBytes && protectedSecret[0] == Form ? System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(protectedSecret[1..]) : null;

    private static byte[] Context(ReadOnlySpan<byte> header, string purpose) => [.. header[..HeaderBytes], .. Encoding.UTF8.GetBytes(purpose)];
}
