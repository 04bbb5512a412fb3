using Microsoft.AspNetCore.Identity;
using Microsoft.Extensions.Options;

namespace Togglr.Hosting.Security;

/// <summary>Password hashes by ASP.NET Core Identity: PBKDF2 with HMAC-SHA512, salted, with the parameters inside the hash.</summary>
public sealed class Passwords
{
    /// <summary>Fewest characters of a password that somebody chooses.</summary>
    public const int MinimumLength = 10;

    /// <summary>Most characters of a password: more would only be work for the hash.</summary>
    public const int MaximumLength = 200;

    private static readonly object Nobody = new();
    private readonly PasswordHasher<object> _hasher;
    private readonly string _decoy;

    /// <summary>Hashes with <paramref name="iterations"/> rounds; tests take few.</summary>
    public Passwords(int iterations = 100_000)
    {
        _hasher = new PasswordHasher<object>(Options.Create(new PasswordHasherOptions { IterationCount = iterations }));
        _decoy = _hasher.HashPassword(Nobody, Secrets.NewRefreshToken());
    }

    /// <summary>Hashes a password.</summary>
    public string Hash(string password) => _hasher.HashPassword(Nobody, password);

    /// <summary>
    /// Whether <paramref name="password"/> is the one behind <paramref name="hash"/>. A null hash (nobody with this name, or somebody without a
    /// password) takes as long as a wrong password and is false, so that answers do not tell who has an account.
    /// </summary>
    public bool Verify(string? hash, string password)
    {
        var result = _hasher.VerifyHashedPassword(Nobody, hash ?? _decoy, password);
        return hash is not null && result != PasswordVerificationResult.Failed;
    }
}
