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

    private static byte[] Context(ReadOnlySpan<byte> header, string purpose) => [.. header[..HeaderBytes], .. Encoding.UTF8.GetBytes(purpose)];
}

/// <summary>
/// The keys of encryption at rest, kept outside the database: in the file <c>encryption.keys</c> of the data directory, or given by the operator. One line (or comma-separated item) a key:
/// its number, a colon, and 32 bytes in base64. The highest number is the newest.
/// </summary>
public sealed class EncryptionKeys
{
    private const int KeyBytes = 32;
    private readonly SortedDictionary<int, byte[]> _keys;

    private EncryptionKeys(SortedDictionary<int, byte[]> keys) => _keys = keys;

    /// <summary>The key that encrypts.</summary>
    public (int Number, byte[] Key) Newest => (_keys.Last().Key, _keys.Last().Value);

    /// <summary>The key of a number; null when it is not there.</summary>
    public byte[]? Find(int number) => _keys.GetValueOrDefault(number);

    /// <summary>The configured keys, or those of <paramref name="directory"/>; a first one is made at the first call and readable by its owner only.</summary>
    /// <exception cref="InvalidOperationException">The keys cannot be read.</exception>
    public static EncryptionKeys Load(string? configured, string directory)
    {
        if (!string.IsNullOrWhiteSpace(configured))
            return Parse(configured, "TOGGLR_ENCRYPTION_KEYS");
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "encryption.keys");
        if (!File.Exists(path))
            PrivateFile.Create(path, Encoding.ASCII.GetBytes($"1:{Convert.ToBase64String(RandomNumberGenerator.GetBytes(KeyBytes))}\n"));
        return Parse(File.ReadAllText(path), path);
    }

    /// <summary>Keys for another purpose, made from these, the newest first.</summary>
    public IReadOnlyList<byte[]> Derive(string purpose) =>
        [.. _keys.Values.Reverse().Select(key => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: Encoding.UTF8.GetBytes(purpose)))];

    /// <summary>A random key that is forgotten with this object: for what describes the API and stores nothing.</summary>
    public static EncryptionKeys Passing() => new(new SortedDictionary<int, byte[]> { [1] = RandomNumberGenerator.GetBytes(KeyBytes) });

    private static EncryptionKeys Parse(string text, string origin)
    {
        var keys = new SortedDictionary<int, byte[]>();
        foreach (var item in text.Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var bytes = new byte[KeyBytes];
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            if (colon < 1 || !int.TryParse(item.AsSpan(0, colon), System.Globalization.NumberStyles.None, System.Globalization.CultureInfo.InvariantCulture, out var number)
                || !Convert.TryFromBase64String(item[(colon + 1)..], bytes, out var written) || written != KeyBytes || !keys.TryAdd(number, bytes))
                throw new InvalidOperationException($"{origin} is damaged: a key is a number, a colon and {KeyBytes} bytes in base64, and each number is there once.");
        }
        return keys.Count > 0 ? new EncryptionKeys(keys) : throw new InvalidOperationException($"{origin} has no key.");
    }
}
