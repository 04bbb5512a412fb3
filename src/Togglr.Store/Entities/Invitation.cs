using System.Text.Json;

namespace Togglr.Store;

/// <summary>An invitation of a person to an organization. Its secret is sent by mail, works once, and is stored as its SHA-256 only.</summary>
public sealed class Invitation : Entity, ITenantOwned
{
    private Invitation()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Whom, as it was written.</summary>
    public string Email { get; private set; } = "";

    /// <summary>The address folded for comparison. One open invitation for each address and organization.</summary>
    public string NormalizedEmail { get; private set; } = "";

    /// <summary>What the inviting person called them.</summary>
    public string? Name { get; private set; }

    /// <summary>What accepting gives: an array of <c>{role, project, environment}</c> by keys.</summary>
    public JsonElement Grants { get; private set; }

    /// <summary>The keys of the groups that accepting leads into.</summary>
    public IReadOnlyList<string> Groups { get; private set; } = [];

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The person who invites: what accepting gives is what they may still confer then.</summary>
    public Guid? InvitedBy { get; private set; }

    /// <summary>From when on it is refused.</summary>
    public DateTimeOffset ExpiresAt { get; private set; }

    /// <summary>When it was accepted.</summary>
    public DateTimeOffset? AcceptedAt { get; private set; }

    /// <summary>Who accepted it.</summary>
    public Guid? AcceptedBy { get; private set; }

    /// <summary>When it was taken back.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    internal override string AuditPath => $"invitations/{Id}";

    /// <summary>A new invitation with the hash of its secret.</summary>
    public static Result<Invitation> Create(
        Guid organizationId, string email, string? name, JsonElement grants, IReadOnlyList<string> groups, Guid? invitedBy, byte[] hash, DateTimeOffset expiresAt)
    {
        if (User.AddressError(email) is { } error)
            return error;
        if (name is not null && KeyFormat.Name(name, "name") is { } unnamed)
            return unnamed;
        return new Invitation
        {
            Id = Guid.CreateVersion7(), OrganizationId = organizationId, Email = email.Trim(), NormalizedEmail = User.Normalize(email), Name = name, Grants = grants,
            Groups = [.. groups], InvitedBy = invitedBy, Hash = hash, ExpiresAt = expiresAt,
        };
    }

    /// <summary>Whether it can be accepted.</summary>
    public bool IsOpen(DateTimeOffset now) => AcceptedAt is null && RevokedAt is null && ExpiresAt > now;

    /// <summary>Gives it a new secret and a new life; the old secret is worthless.</summary>
    public void Renew(byte[] hash, DateTimeOffset expiresAt) => (Hash, ExpiresAt) = (hash, expiresAt);

    /// <summary>Uses it up.</summary>
    public void Accept(Guid user, DateTimeOffset now) => (AcceptedAt, AcceptedBy) = (now, user);

    /// <summary>Takes it back.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
