using System.Security.Cryptography;
using System.Text;

namespace Togglr.Hosting.Security;

/// <summary>Random secrets that people and programs carry, and the hashes that are kept of them.</summary>
public static class Secrets
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    /// <summary>The prefix of an SDK key that receives rules and evaluates them itself.</summary>
    public const string ServerKeyPrefix = "tgs_";

    /// <summary>The prefix of an SDK key that may be public: it receives results of client-visible flags.</summary>
    public const string ClientKeyPrefix = "tgc_";

    /// <summary>A prefix and 32 random base-62 characters (190 bits).</summary>
    public static string NewSdkKey(bool server) => (server ? ServerKeyPrefix : ClientKeyPrefix) + RandomNumberGenerator.GetString(Alphabet, 32);

    /// <summary>43 random base-62 characters (256 bits).</summary>
    public static string NewRefreshToken() => RandomNumberGenerator.GetString(Alphabet, 43);

    /// <summary>A password to type once: 16 characters without look-alikes (93 bits).</summary>
    public static string NewTemporaryPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", 16);

    /// <summary>Whether two secrets are the same, in a time that tells neither where they differ nor how long the expected one is.</summary>
    public static bool AreEqual(string given, string expected)
    {
        Span<byte> left = stackalloc byte[SHA256.HashSizeInBytes];
        Span<byte> right = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(given), left);
        SHA256.HashData(Encoding.UTF8.GetBytes(expected), right);
        return CryptographicOperations.FixedTimeEquals(left, right);
    }

    /// <summary>SHA-256 in lower-case hex. Enough for secrets with this much chance in them; passwords need <see cref="Passwords"/>.</summary>
    public static string Hash(string secret) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(secret)));
}
