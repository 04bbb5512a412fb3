using System.Collections.Frozen;
using System.Security.Cryptography;
using System.Text;
using Togglr.Hosting.Configuration;

namespace Togglr.ControlPlane.Accounts;

/// <summary>
/// Passwords that everybody tries first: a short list of our own, and a file of the operator's. That is either sorted SHA-1 hashes in hexadecimal, one a line, perhaps with a colon and a count behind each (as
/// Pwned Passwords has them; searched in the file, however large it is), or plain words, one a line, in a file of at most 64 MiB.
/// </summary>
public sealed class BreachedPasswords
{
    private const int HashLetters = 40;
    private const long LargestWordList = 64 << 20;
    private const int LongestLine = 256;

    /// <summary>The most common ones of ten characters and more; shorter ones are refused for that.</summary>
    private static readonly FrozenSet<string> Common = FrozenSet.ToFrozenSet(
    [
        "1234567890", "12345678910", "123456789a", "0123456789", "0987654321", "9876543210", "1q2w3e4r5t", "1q2w3e4r5t6y", "qwertyuiop", "qwerty12345", "qwerty1234", "qwerty123456",
        "password12", "password123", "password1234", "password12345", "password01", "passw0rd123", "passwordpassword", "p@ssw0rd123", "iloveyou123", "letmein123", "letmein1234", "welcome123",
        "welcome1234", "admin12345", "admin123456", "administrator", "changeme123", "changemenow", "asdfghjkl1", "asdfghjkl;", "zxcvbnm123", "1qaz2wsx3edc", "qazwsxedcrfv", "abcdefghij", "abcd123456",
        "abc1234567", "a123456789", "aa12345678", "123456789q", "123123123123", "1111111111", "0000000000", "football123", "baseball123", "superman123", "sunshine123", "princess123", "trustno1trustno1",
        "correcthorsebatterystaple", "correct horse battery staple", "togglr12345", "togglrtogglr", "йцукенгшщз", "пароль12345", "password543210",
    ], StringComparer.OrdinalIgnoreCase);

    private readonly FrozenSet<string>? _words;
    private readonly string? _hashes;

    /// <summary>Uses the file at <paramref name="path"/>; null for none.</summary>
    /// <exception cref="ConfigurationException">The file cannot be used.</exception>
    public BreachedPasswords(string? path)
    {
        if (path is null)
            return;
        try
        {
            using var file = new StreamReader(path, Encoding.UTF8);
            if (file.ReadLine() is { } first && IsHashLine(first))
            {
                _hashes = path;
                return;
            }
            if (new FileInfo(path).Length > LargestWordList)
                throw new ConfigurationException($"TOGGLR_BREACHED_PASSWORDS: {path} is a list of words of more than {LargestWordList >> 20} MiB. Use sorted SHA-1 hashes.");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new ConfigurationException($"TOGGLR_BREACHED_PASSWORDS: {path} cannot be read: {error.Message}");
        }
        _words = File.ReadLines(path, Encoding.UTF8).Select(static line => line.Trim()).Where(static line => line.Length > 0).ToFrozenSet(StringComparer.OrdinalIgnoreCase);
    }

    /// <summary>Whether there is a file of the operator's.</summary>
    public bool HasFile => _words is not null || _hashes is not null;

    /// <summary>Whether a password is one that everybody tries.</summary>
    public bool Contains(string password) => Common.Contains(password) || _words?.Contains(password) == true || (_hashes is not null && IsInHashes(_hashes, password));

    private static bool IsInHashes(string path, string password)
    {
#pragma warning disable CA5350 // What the published lists are made of; nothing is protected by it.
        var wanted = Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350
        using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, FileOptions.RandomAccess);
        // Invariant: the wanted line, if there is one, begins in [low, high).
        var (low, high) = (0L, RandomAccess.GetLength(file));
        Span<byte> buffer = stackalloc byte[LongestLine * 2];
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            var start = middle == 0 ? 0 : LineAfter(file, middle - 1, buffer);
            if (start >= high)
            {
                high = middle;
                continue;
            }
            var line = buffer[..RandomAccess.Read(file, buffer, start)];
            var order = line.Length < HashLetters ? 1 : Compare(line[..HashLetters], wanted);
            if (order == 0)
                return true;
            if (order < 0)
                low = start + 1;
            else
                high = middle;
        }
        return false;
    }

    /// <summary>Where the first line begins that begins after <paramref name="position"/>; behind everything when there is none.</summary>
    private static long LineAfter(Microsoft.Win32.SafeHandles.SafeFileHandle file, long position, Span<byte> buffer)
    {
        while (true)
        {
            var read = buffer[..RandomAccess.Read(file, buffer, position)];
            if (read.IsEmpty)
                return long.MaxValue;
            if (read.IndexOf((byte)'\n') is >= 0 and var end)
                return position + end + 1;
            position += read.Length;
        }
    }

    private static int Compare(ReadOnlySpan<byte> line, string wanted)
    {
        for (var i = 0; i < HashLetters; i++)
        {
            var letter = line[i] is >= (byte)'a' and <= (byte)'f' ? line[i] - 32 : line[i];
            if (letter != wanted[i])
                return letter - wanted[i];
        }
        return 0;
    }

    private static bool IsHashLine(string line) =>
        line.Length >= HashLetters && line.Take(HashLetters).All(char.IsAsciiHexDigit)
        && (line.Length == HashLetters || line[HashLetters] is ':' or ' ' or '\r');
}
