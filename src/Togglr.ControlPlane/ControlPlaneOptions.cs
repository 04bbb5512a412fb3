using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Notifications;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane;

/// <summary>What the management API can be told.</summary>
public sealed record ControlPlaneOptions
{
    /// <summary>The key of access tokens, at least 32 bytes.</summary>
    public required ReadOnlyMemory<byte> SigningKey { get; init; }

    /// <summary>The key of access tokens before it was changed; empty where it was not.</summary>
    public ReadOnlyMemory<byte> PreviousSigningKey { get; init; }

    /// <summary>The keys of encryption at rest.</summary>
    public required EncryptionKeys EncryptionKeys { get; init; }

    /// <summary>Life of an access token.</summary>
    public TimeSpan AccessTokenLifetime { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Life of a refresh token.</summary>
    public TimeSpan RefreshTokenLifetime { get; init; } = TimeSpan.FromDays(30);

    /// <summary>The address under which people reach the server, if it is known. With <c>https</c> cookies do not travel otherwise.</summary>
    public Uri? PublicUrl { get; init; }

    /// <summary>Whether identity providers may be at addresses that are not reachable from everywhere: private networks and this machine.</summary>
    public bool AllowPrivateProviders { get; init; } = true;

    /// <summary>The mail server; null for none.</summary>
    public MailOptions? Mail { get; init; }

    /// <summary>How notifications are sent.</summary>
    public NotificationTerms Notifications { get; init; } = new();

    /// <summary>A file of passwords that nobody may choose; null for none.</summary>
    public string? BreachedPasswordsFile { get; init; }

    /// <summary>Whether this is the demo with its well-known sign-in.</summary>
    public bool Demo { get; init; }

    /// <summary>Largest body of a request in bytes.</summary>
    public long MaxBodyBytes { get; init; } = 1 << 20;

    /// <summary>Largest upload of segment keys in bytes.</summary>
    public long MaxUploadBytes { get; init; } = 128 << 20;

    /// <summary>How many accepted events may wait to be sorted in before no more are accepted.</summary>
    public long EventBacklog { get; init; } = 5_000_000;

    /// <summary>Rounds of the password hash; tests take few.</summary>
    public int PasswordIterations { get; init; } = 100_000;
}
