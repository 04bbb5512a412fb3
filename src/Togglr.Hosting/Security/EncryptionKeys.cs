using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Togglr.Hosting.Configuration;

namespace Togglr.Hosting.Security;

/// <summary>
/// The keys of encryption at rest, kept outside the database: in the file <c>encryption.keys</c> of the data directory, or given by the operator. One line (or comma-separated item) a key:
/// its number, a colon, and 32 bytes in base64. The highest number is the newest. A file that changes is read again, so that a running server follows a rotation.
/// </summary>
/// <remarks>Of a key that was dropped the file keeps what was derived from it for the audit log, as <c>number/purpose:base64</c>: old signatures can be checked, and old backups not be decrypted.</remarks>
public sealed class EncryptionKeys
{
    private const int KeyBytes = 32;
    private const string FileName = "encryption.keys";

    /// <summary>The purpose of the keys that sign the audit log.</summary>
    public const string AuditPurpose = "togglr audit";

    private readonly string? _path;
    private volatile Ring _ring;

    private EncryptionKeys(Ring ring, string? path) => (_ring, _path) = (ring, path);

    /// <summary>The key that encrypts.</summary>
    public (int Number, byte[] Key) Newest => Current.Keys.Last() is var (number, key) ? (number, key) : default;

    /// <summary>The numbers of all keys, oldest first.</summary>
    public IReadOnlyList<int> Numbers => [.. Current.Keys.Keys];

    /// <summary>Where the keys come from, for messages: an option or a file.</summary>
    public string Origin => _path ?? "TOGGLR_ENCRYPTION_KEYS";

    private Ring Current
    {
        get
        {
            var ring = _ring;
            if (_path is null || File.GetLastWriteTimeUtc(_path) == ring.WrittenAt)
                return ring;
            // A file that is away or damaged for a moment changes nothing.
            return TryRead(_path) is { } read ? _ring = read : ring;
        }
    }

    /// <summary>The key of a number; null when it is not there.</summary>
    public byte[]? Find(int number) => Current.Keys.GetValueOrDefault(number);

    /// <summary>The configured keys, or those of <paramref name="directory"/>; a first one is made at the first call and readable by its owner only.</summary>
    /// <exception cref="ConfigurationException">The keys cannot be read.</exception>
    public static EncryptionKeys Load(string? configured, string directory)
    {
        if (!string.IsNullOrWhiteSpace(configured))
            return new EncryptionKeys(Parse(configured, "TOGGLR_ENCRYPTION_KEYS", default), null);
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, FileName);
        if (!File.Exists(path))
            PrivateFile.Create(path, Write(First()));
        return new EncryptionKeys(Read(path), path);
    }

    /// <summary>A random key that is forgotten with this object: for what describes the API and stores nothing.</summary>
    public static EncryptionKeys Passing() => new(First(), null);

    /// <summary>Keys for another purpose, made from these, the newest first; for <see cref="AuditPurpose"/> those of dropped keys as well.</summary>
    public IReadOnlyList<byte[]> Derive(string purpose)
    {
        var ring = Current;
        return [.. ring.Keys.Select(key => (Number: key.Key, Key: Derive(key.Value, purpose)))
            .Concat(ring.Dropped.Where(dropped => dropped.Purpose == purpose).Select(static dropped => (dropped.Number, dropped.Key)))
            .OrderByDescending(static key => key.Number).Select(static key => key.Key)];
    }

    /// <summary>Adds a new key to the file; it encrypts from now on, here and in a server that uses the same file.</summary>
    /// <returns>Its number; null when the keys are given by an option, which this process cannot change.</returns>
    public int? TryAdd()
    {
        if (_path is null)
            return null;
        var ring = Current;
        var keys = new SortedDictionary<int, byte[]>(ring.Keys);
        var number = checked(keys.Last().Key + 1);
        keys.Add(number, RandomNumberGenerator.GetBytes(KeyBytes));
        Replace(ring with { Keys = keys });
        return number;
    }

    /// <summary>Takes all keys but the newest out of the file. What they encrypted cannot be read any more.</summary>
    /// <returns>How many there were; null when the keys are given by an option.</returns>
    public int? TryDropOld()
    {
        if (_path is null)
            return null;
        var ring = Current;
        var newest = ring.Keys.Last();
        var old = ring.Keys.Where(key => key.Key != newest.Key).Select(static key => new DroppedKey(key.Key, AuditPurpose, Derive(key.Value, AuditPurpose))).ToList();
        if (old.Count > 0)
            Replace(new Ring(new SortedDictionary<int, byte[]> { [newest.Key] = newest.Value }, [.. ring.Dropped, .. old], default));
        return old.Count;
    }

    private void Replace(Ring ring)
    {
        PrivateFile.Replace(_path!, Write(ring));
        _ring = Read(_path!);
    }

    private static Ring First() => new(new SortedDictionary<int, byte[]> { [1] = RandomNumberGenerator.GetBytes(KeyBytes) }, [], default);

    private static byte[] Derive(byte[] key, string purpose) => HKDF.DeriveKey(HashAlgorithmName.SHA256, key, KeyBytes, info: Encoding.UTF8.GetBytes(purpose));

    private static byte[] Write(Ring ring) => Encoding.ASCII.GetBytes(string.Concat(
        ring.Dropped.Select(static key => string.Create(CultureInfo.InvariantCulture, $"{key.Number}/{key.Purpose}:{Convert.ToBase64String(key.Key)}\n"))
            .Concat(ring.Keys.Select(static key => string.Create(CultureInfo.InvariantCulture, $"{key.Key}:{Convert.ToBase64String(key.Value)}\n")))));

    private static Ring Read(string path)
    {
        try
        {
            var writtenAt = File.GetLastWriteTimeUtc(path);
            return Parse(File.ReadAllText(path), path, writtenAt);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"The encryption keys {path} cannot be read: {error.Message}");
        }
    }

    private static Ring? TryRead(string path)
    {
        try
        {
            return Read(path);
        }
        catch (ConfigurationException)
        {
            return null;
        }
    }

    private static Ring Parse(string text, string origin, DateTime writtenAt)
    {
        var keys = new SortedDictionary<int, byte[]>();
        var dropped = new List<DroppedKey>();
        foreach (var item in text.Split([',', '\n', '\r'], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var bytes = new byte[KeyBytes];
            var colon = item.IndexOf(':', StringComparison.Ordinal);
            var slash = colon < 0 ? -1 : item.IndexOf('/', 0, colon);
            if (colon < 1 || !int.TryParse(item.AsSpan(0, slash < 0 ? colon : slash), NumberStyles.None, CultureInfo.InvariantCulture, out var number)
                || !Convert.TryFromBase64String(item[(colon + 1)..], bytes, out var written) || written != KeyBytes || (slash < 0 && !keys.TryAdd(number, bytes)))
                throw new ConfigurationException($"{origin} is damaged: a key is a number, a colon and {KeyBytes} bytes in base64, and each number is there once.");
            if (slash > 0)
                dropped.Add(new DroppedKey(number, item[(slash + 1)..colon], bytes));
        }
        return keys.Count > 0 ? new Ring(keys, dropped, writtenAt) : throw new ConfigurationException($"{origin} has no key.");
    }

    private sealed record Ring(SortedDictionary<int, byte[]> Keys, IReadOnlyList<DroppedKey> Dropped, DateTime WrittenAt);

    private sealed record DroppedKey(int Number, string Purpose, byte[] Key);
}
