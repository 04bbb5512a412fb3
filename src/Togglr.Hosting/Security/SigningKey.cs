using System.Security.Cryptography;
using System.Text;
using Togglr.Hosting.Configuration;

namespace Togglr.Hosting.Security;

/// <summary>Where the key for access tokens comes from.</summary>
public static class SigningKey
{
    /// <summary>
    /// The bytes of <paramref name="secret"/> where one is configured (every node then has the same), else a random key kept in
    /// <paramref name="directory"/>, created at the first call and readable by its owner only.
    /// </summary>
    /// <exception cref="ConfigurationException">The secret is shorter than <see cref="AccessTokens.MinimumKeyBytes"/> bytes, or the file is damaged.</exception>
    public static byte[] Load(string? secret, string directory)
    {
        if (!string.IsNullOrEmpty(secret))
        {
            var configured = Encoding.UTF8.GetBytes(secret);
            return configured.Length >= AccessTokens.MinimumKeyBytes
                ? configured
                : throw new ConfigurationException($"TOGGLR_JWT_SECRET needs at least {AccessTokens.MinimumKeyBytes} bytes.");
        }
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "jwt.key");
        if (!File.Exists(path))
            PrivateFile.Create(path, RandomNumberGenerator.GetBytes(AccessTokens.MinimumKeyBytes));
        var key = File.ReadAllBytes(path);
        return key.Length >= AccessTokens.MinimumKeyBytes
            ? key
            : throw new ConfigurationException($"{path} is damaged. Delete it; everybody then signs in again.");
    }
}
