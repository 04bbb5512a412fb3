using System.Security.Cryptography;

namespace Togglr.Store;

/// <summary>A secret with which a program acts for a person or a service account in one organization. Shown once, stored as its SHA-256 only.</summary>
public sealed class ApiToken : Entity, ITenantOwned
{
    /// <summary>Begins a person's token.</summary>
    public const string PersonalPrefix = "tgp_";

    /// <summary>Begins a service account's token.</summary>
    public const string ServiceAccountPrefix = "tga_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private ApiToken()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The person for whom it acts; this or <see cref="ServiceAccountId"/> is set.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>The service account for which it acts.</summary>
    public Guid? ServiceAccountId { get; private set; }

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The beginning of the secret, by which people recognise it.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>What it may do at most; null for everything that its principal may.</summary>
    public IReadOnlyList<string>? Permissions { get; private set; }

    /// <summary>The project it is confined to.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>The environment it is confined to.</summary>
    public Guid? EnvironmentId { get; private set; }

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Since when it is refused.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When it was last seen, to the minute. Written without an audit entry.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>From where it was last used. Written without an audit entry.</summary>
    public string? LastUsedAddress { get; private set; }

    internal override string AuditPath => $"tokens/{Id}";

    /// <summary>A new token: the prefix of its kind and 40 random base-62 characters (238 bits).</summary>
    /// <param name="organizationId">Where it is good.</param>
    /// <param name="principal">For whom it acts: a person or a service account.</param>
    /// <param name="name">For people.</param>
    /// <param name="permissions">What it may do at most; null for everything that the principal may.</param>
    /// <param name="projectId">The project it is confined to.</param>
    /// <param name="environmentId">The environment it is confined to.</param>
    /// <param name="expiresAt">From when on it is refused.</param>
    /// <param name="now">The time.</param>
    public static Result<(ApiToken Token, string Secret)> Create(
        Guid organizationId, PrincipalId principal, string name, IReadOnlyList<string>? permissions, Guid? projectId, Guid? environmentId, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        if (expiresAt <= now)
            return Result.Invalid("expiresAt", "The token would expire in the past.");
        var isPersonal = principal.Kind switch
        {
            PrincipalKind.User => true,
            PrincipalKind.ServiceAccount => false,
            _ => throw new ArgumentException("Groups have no tokens.", nameof(principal)),
        };
        var secret = (isPersonal ? PersonalPrefix : ServiceAccountPrefix) + RandomNumberGenerator.GetString(Alphabet, 40);
        var token = new ApiToken
        {
            Id = Guid.CreateVersion7(), OrganizationId = organizationId, UserId = isPersonal ? principal.Id : null, ServiceAccountId = isPersonal ? null : principal.Id,
            Name = name, Hash = SdkKey.HashOf(secret), Prefix = secret[..8], Permissions = permissions is null ? null : [.. permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
            ProjectId = projectId, EnvironmentId = environmentId, ExpiresAt = expiresAt,
        };
        return (token, secret);
    }

    /// <summary>Refuses it from now on.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
