namespace Togglr.Store;

/// <summary>A person who signs in. Users belong to the installation; memberships tie them to organizations.</summary>
public sealed class User : Entity
{
    private static readonly System.Buffers.SearchValues<char> NeverInAddresses = System.Buffers.SearchValues.Create(" \t\r\n<>,;\"");

    private User()
    {
    }

    /// <summary>As the person wrote it.</summary>
    public string Email { get; private set; } = "";

    /// <summary>The e-mail address folded for comparison; unique.</summary>
    public string NormalizedEmail { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>As the password hasher wrote it; null when the person cannot sign in with a password.</summary>
    public string? PasswordHash { get; private set; }

    /// <summary>The password was given by somebody else and must be replaced first.</summary>
    public bool MustChangePassword { get; private set; }

    /// <summary>Changes with the credentials; access tokens made before carry the old one.</summary>
    public Guid SecurityStamp { get; private set; }

    /// <summary>Wrong passwords in a row. Written without an audit entry, see <see cref="TogglrDbContext"/>.</summary>
    public int FailedSignIns { get; private set; }

    /// <summary>No sign-in before this moment.</summary>
    public DateTimeOffset? LockedUntil { get; private set; }

    /// <summary>The last successful sign-in.</summary>
    public DateTimeOffset? LastSignInAt { get; private set; }

    /// <summary>Since when the person cannot sign in any more.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    internal override string AuditPath => $"users/{Id}";

    /// <summary>The form in which two addresses are compared.</summary>
    public static string Normalize(string email) => email.Trim().ToLowerInvariant();

    /// <summary>A new user without a password.</summary>
    public static Result<User> Create(string email, string name)
    {
        email = email.Trim();
        var at = email.IndexOf('@', StringComparison.Ordinal);
        if (email.Length > 254 || at < 1 || at == email.Length - 1 || email.AsSpan().ContainsAny(NeverInAddresses) || email.LastIndexOf('@') != at)
            return Result.Invalid("email", "This is not an e-mail address.");
        if ((KeyFormat.Text(email, "email") ?? KeyFormat.Name(name, "name")) is { } error)
            return error;
        return new User
        {
            Id = Guid.CreateVersion7(), Email = email, NormalizedEmail = Normalize(email), Name = name, SecurityStamp = Guid.CreateVersion7(),
        };
    }

    /// <summary>Changes the shown name.</summary>
    public Result Rename(string name)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        Name = name;
        return Result.Ok;
    }

    /// <summary>Sets a password that is already hashed.</summary>
    /// <param name="hash">What the password hasher made.</param>
    /// <param name="mustChange">True for a temporary password.</param>
    public void SetPassword(string hash, bool mustChange)
    {
        ArgumentException.ThrowIfNullOrEmpty(hash);
        PasswordHash = hash;
        MustChangePassword = mustChange;
        SecurityStamp = Guid.CreateVersion7();
        FailedSignIns = 0;
        LockedUntil = null;
    }

    /// <summary>Ends the person's access; <see cref="Enable"/> gives it back.</summary>
    public void Disable(DateTimeOffset now)
    {
        DisabledAt ??= now;
        SecurityStamp = Guid.CreateVersion7();
    }

    /// <summary>Gives access back.</summary>
    public void Enable() => DisabledAt = null;
}

/// <summary>One refresh token. Every use makes a successor of the same family; using one twice is theft and ends the family.</summary>
public sealed class RefreshToken
{
    private RefreshToken()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whom it signs in.</summary>
    public Guid UserId { get; private set; }

    /// <summary>One sign-in and everything that came of it.</summary>
    public Guid FamilyId { get; private set; }

    /// <summary>SHA-256 of the token.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>When it was handed out.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From when on it is worthless.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was exchanged for its successor.</summary>
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>When it was signed out or its family ended.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>The address it was handed to.</summary>
    public string? Address { get; private set; }

    /// <summary>The program it was handed to.</summary>
    public string? UserAgent { get; private set; }

    /// <summary>Whom it signs in; loaded on request.</summary>
    public User? User { get; private set; }

    /// <summary>The first token of a sign-in.</summary>
    public static RefreshToken Create(Guid userId, byte[] hash, DateTimeOffset now, TimeSpan lifetime, string? address, string? userAgent) =>
        new()
        {
            Id = Guid.CreateVersion7(), UserId = userId, FamilyId = Guid.CreateVersion7(), Hash = hash, CreatedAt = now, ExpiresAt = now + lifetime,
            Address = address, UserAgent = userAgent is { Length: > 400 } ? userAgent[..(char.IsHighSurrogate(userAgent[399]) ? 399 : 400)] : userAgent,
        };

    /// <summary>Uses this token up and makes its successor. Save both together; <see cref="UsedAt"/> guards against two uses at once.</summary>
    public RefreshToken Rotate(byte[] hash, DateTimeOffset now, TimeSpan lifetime, string? address, string? userAgent)
    {
        UsedAt = now;
        var successor = Create(UserId, hash, now, lifetime, address, userAgent);
        successor.FamilyId = FamilyId;
        return successor;
    }

    /// <summary>Ends this token.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}

/// <summary>The answer that a request with an idempotency key was given, so that repeating the request repeats the answer.</summary>
public sealed class IdempotencyRecord
{
    /// <summary>Who asked: a user's or token's identifier.</summary>
    public Guid PrincipalId { get; init; }

    /// <summary>As the client sent it, 1 to 100 visible characters.</summary>
    public required string Key { get; init; }

    /// <summary>Keyed hash of method, path and body: another request with the same key is a conflict.</summary>
    public required byte[] RequestHash { get; init; }

    /// <summary>When the request arrived; the record is kept for 24 hours.</summary>
    public DateTimeOffset CreatedAt { get; init; }

    /// <summary>Null while the first request is still at work.</summary>
    public int? Status { get; set; }

    /// <summary>The answer's entity tag.</summary>
    public string? EntityTag { get; set; }

    /// <summary>The answer's place.</summary>
    public string? Location { get; set; }

    /// <summary>The answer's media type.</summary>
    public string? ContentType { get; set; }

    /// <summary>The answer's body, encrypted: it may hold a secret.</summary>
    public byte[]? Body { get; set; }
}
