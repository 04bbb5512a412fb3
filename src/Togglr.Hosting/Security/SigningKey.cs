using System.Security.Cryptography;
using System.Text;

namespace Togglr.Hosting.Security;

/// <summary>Where the key for access tokens comes from.</summary>
public static class SigningKey
{
    /// <summary>
    /// The bytes of <paramref name="secret"/> where one is configured (every node then has the same), else a random key kept in
    /// <paramref name="directory"/>, created at the first call and readable by its owner only.
    /// </summary>
    /// <exception cref="InvalidOperationException">The secret is shorter than <see cref="AccessTokens.MinimumKeyBytes"/> bytes, or the file is damaged.</exception>
    public static byte[] Load(string? secret, string directory)
    {
        if (!string.IsNullOrEmpty(secret))
        {
            var configured = Encoding.UTF8.GetBytes(secret);
            return configured.Length >= AccessTokens.MinimumKeyBytes
                ? configured
                : throw new InvalidOperationException($"TOGGLR_JWT_SECRET needs at least {AccessTokens.MinimumKeyBytes} bytes.");
        }
        Directory.CreateDirectory(directory);
        var path = Path.Combine(directory, "jwt.key");
        if (!File.Exists(path))
            Create(path);
        var key = File.ReadAllBytes(path);
        return key.Length >= AccessTokens.MinimumKeyBytes
            ? key
            : throw new InvalidOperationException($"{path} is damaged. Delete it; everybody then signs in again.");
    }

    private static void Create(string path)
    {
        var temporary = $"{path}.{Environment.ProcessId}";
        var options = new FileStreamOptions { Mode = FileMode.Create, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var stream = new FileStream(temporary, options))
        {
            stream.Write(RandomNumberGenerator.GetBytes(AccessTokens.MinimumKeyBytes));
            stream.Flush(flushToDisk: true);
        }
        try
        {
            File.Move(temporary, path, overwrite: false);
        }
        catch (IOException) when (File.Exists(path))
        {
            // Another process was first; its key counts.
            File.Delete(temporary);
        }
    }
}
