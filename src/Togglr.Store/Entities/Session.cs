namespace Togglr.Store;

/// <summary>How somebody proved who they are.</summary>
public enum SignInMethod
{
    /// <summary>With a password that Togglr keeps.</summary>
    Password,

    /// <summary>At an OpenID Connect provider.</summary>
    Oidc,

    /// <summary>At a SAML identity provider.</summary>
    Saml,

    /// <summary>With a directory's password.</summary>
    Ldap,
}

/// <summary>One sign-in of one person. Access tokens name it, and every request asks whether it is still alive. Written without an audit entry of its own.</summary>
public sealed class Session
{
    private const int MaximumUserAgentLength = 400;

    private Session()
    {
    }

    /// <summary>UUID version 7; also the family of its refresh tokens.</summary>
    public Guid Id { get; private set; }

    /// <summary>Who signed in.</summary>
    public Guid UserId { get; private set; }

    /// <summary>The organization whose identity provider vouched for the person: nothing else can be seen. Null where Togglr asked for the password itself.</summary>
    public Guid? OrganizationId { get; private set; }

    /// <summary>The identity provider that vouched.</summary>
    public Guid? ProviderId { get; private set; }

    /// <summary>How the person signed in.</summary>
    public SignInMethod Method { get; private set; }

    /// <summary>Whether a second factor was shown to Togglr.</summary>
    public bool SecondFactor { get; private set; }

    /// <summary>Where it was last used from.</summary>
    public string? Address { get; private set; }

    /// <summary>The program it was last used by.</summary>
    public string? UserAgent { get; private set; }

    /// <summary>When the person signed in.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the tokens were last exchanged.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>When it ends unless it is used before.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was ended.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When the person last proved again who they are.</summary>
    public DateTimeOffset? ReauthenticatedAt { get; private set; }

    /// <summary>Who signed in; loaded on request.</summary>
    public User? User { get; private set; }

    /// <summary>A new sign-in.</summary>
    public static Session Begin(Guid userId, SignInMethod method, bool secondFactor, Guid? organizationId, Guid? providerId) => new()
    {
        Id = Guid.CreateVersion7(), UserId = userId, Method = method, SecondFactor = secondFactor, OrganizationId = organizationId, ProviderId = providerId,
    };

    /// <summary>Notes a use, which gives it another <paramref name="lifetime"/>.</summary>
    public void Seen(DateTimeOffset now, TimeSpan lifetime, string? address, string? userAgent)
    {
        if (CreatedAt == default)
            CreatedAt = now;
        (LastSeenAt, ExpiresAt, Address) = (now, now + lifetime, address);
        UserAgent = userAgent is { Length: > MaximumUserAgentLength }
            ? userAgent[..(char.IsHighSurrogate(userAgent[MaximumUserAgentLength - 1]) ? MaximumUserAgentLength - 1 : MaximumUserAgentLength)]
            : userAgent;
    }

    /// <summary>Remembers that the person has now shown a second factor.</summary>
    public void Strengthen() => SecondFactor = true;

    /// <summary>Notes that the person has just proved again who they are.</summary>
    public void Reauthenticated(DateTimeOffset now) => ReauthenticatedAt = now;

    /// <summary>Ends it.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
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

    /// <summary>The <see cref="Session"/> that it belongs to.</summary>
    public Guid FamilyId { get; private set; }

    /// <summary>SHA-256 of the token.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>When it was handed out.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>From when on it is worthless.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was exchanged for its successor.</summary>
    public DateTimeOffset? UsedAt { get; private set; }

    /// <summary>Whom it signs in; loaded on request.</summary>
    public User? User { get; private set; }

    /// <summary>The sign-in that it belongs to; loaded on request.</summary>
    public Session? Session { get; private set; }

    /// <summary>The first token of a session.</summary>
    public static RefreshToken Create(Session session, byte[] hash, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(), UserId = session.UserId, FamilyId = session.Id, Hash = hash, CreatedAt = now, ExpiresAt = session.ExpiresAt,
    };

    /// <summary>Uses this token up and makes its successor. Save both together; <see cref="UsedAt"/> guards against two uses at once.</summary>
    public RefreshToken Rotate(Session session, byte[] hash, DateTimeOffset now)
    {
        UsedAt = now;
        return Create(session, hash, now);
    }
}
