namespace Togglr.Store;

/// <summary>A code that stands in for a person's second factor, once. Stored as its SHA-256 only: it has 80 random bits. Written without an audit entry of its own.</summary>
public sealed class RecoveryCode
{
    private RecoveryCode()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose.</summary>
    public Guid UserId { get; private set; }

    /// <summary>SHA-256 of the code.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>When it was handed out.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When it was used.</summary>
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>A new code of a person.</summary>
    public static RecoveryCode Create(Guid userId, byte[] hash, DateTimeOffset now) => new() { Id = Guid.CreateVersion7(), UserId = userId, Hash = hash, CreatedAt = now };
}

/// <summary>A permission to set a new password without the old one. Stored as its SHA-256 only, good once. Written without an audit entry of its own.</summary>
public sealed class PasswordReset
{
    private PasswordReset()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <summary>Whose password.</summary>
    public Guid UserId { get; private set; }

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From when on it is refused.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was used, or a newer one took its place.</summary>
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>Whose password; loaded on request.</summary>
    public User? User { get; private set; }

    /// <summary>A new permission.</summary>
    public static PasswordReset Create(Guid userId, byte[] hash, DateTimeOffset now, TimeSpan lifetime) => new()
    {
        Id = Guid.CreateVersion7(), UserId = userId, Hash = hash, CreatedAt = now, ExpiresAt = now + lifetime,
    };

    /// <summary>Uses it up.</summary>
    public void Use(DateTimeOffset now) => UsedAt ??= now;
}

/// <summary>A mail that waits for the mail server. What it says is encrypted. Written without an audit entry: what it tells of has one.</summary>
public sealed class OutgoingMail
{
    private OutgoingMail()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <summary>What kind of mail, for the log.</summary>
    public string Kind { get; private set; } = "";

    /// <summary>Recipient, subject and texts, encrypted for this row.</summary>
    public byte[] Content { get; private set; } = [];

    /// <summary>When it was written.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>How often it was tried to hand it over.</summary>
    public int Attempts { get; private set; }

    /// <summary>Not before this time; also what keeps a second process from sending what one is sending.</summary>
    public DateTimeOffset NextAttemptAt { get; private set; }

    /// <summary>A new mail, to be sent at once.</summary>
    public static OutgoingMail Create(Guid id, string kind, byte[] content, DateTimeOffset now) => new() { Id = id, Kind = kind, Content = content, CreatedAt = now, NextAttemptAt = now };
}
