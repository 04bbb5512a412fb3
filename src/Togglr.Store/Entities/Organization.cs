namespace Togglr.Store;

/// <summary>A tenant. Nothing of one organization is visible to another.</summary>
public sealed class Organization : Entity
{
    /// <summary>The chain of audit entries that belong to no organization (users, the installation itself).</summary>
    public static readonly Guid Installation = Guid.Empty;

    private Organization()
    {
    }

    /// <summary>Unique in the installation; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Grows with every change of rights in this organization; written by <see cref="TogglrDbContext.CommitAsync"/> only.</summary>
    public long AccessVersion { get; private set; } = 1;

    /// <summary>Whether a password alone opens this organization to nobody.</summary>
    public bool RequireTwoFactor { get; private set; }

    /// <summary>Who may come in with a password.</summary>
    public PasswordSignIn PasswordSignIn { get; private set; }

    /// <summary>For how many days audit entries are kept; null for ever.</summary>
    public int? AuditRetentionDays { get; private set; }

    internal override string AuditPath => $"organizations/{Key}";

    /// <summary>A new organization.</summary>
    public static Result<Organization> Create(string key, string name)
    {
        if ((KeyFormat.Slug(key, "key") ?? KeyFormat.Name(name, "name")) is { } error)
            return error;
        return new Organization { Id = Guid.CreateVersion7(), Key = key, Name = name };
    }

    /// <summary>Changes the name.</summary>
    public Result Rename(string name)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        Name = name;
        return Result.Ok;
    }

    /// <summary>Sets how people must sign in to see this organization.</summary>
    public void SetSignInPolicy(bool requireTwoFactor, PasswordSignIn passwordSignIn) => (RequireTwoFactor, PasswordSignIn) = (requireTwoFactor, passwordSignIn);

    /// <summary>Sets for how many days audit entries are kept, 30 to 36,500; null for ever.</summary>
    public Result SetAuditRetention(int? days)
    {
        if (days is < 30 or > 36_500)
            return Result.Invalid("auditRetentionDays", "Audit entries are kept 30 to 36,500 days, or for ever (null).");
        AuditRetentionDays = days;
        return Result.Ok;
    }
}

/// <summary>Who may sign in with a password where an organization has an identity provider.</summary>
public enum PasswordSignIn
{
    /// <summary>Everybody.</summary>
    Everybody,

    /// <summary>Owners only, for the day when the identity provider fails.</summary>
    Owners,
}


/// <summary>A user's place in an organization. What the member may do is told by <see cref="RoleGrant"/>s.</summary>
public sealed class Membership : Versioned, ITenantOwned
{
    private Membership()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The member.</summary>
    public Guid UserId { get; private set; }

    /// <summary>Since when the member has no access to this organization; other organizations are not concerned.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    /// <summary>The organization; loaded on request.</summary>
    public Organization? Organization { get; private set; }

    /// <summary>The member; loaded on request.</summary>
    public User? User { get; private set; }

    internal override string AuditPath => $"members/{UserId}";

    /// <summary>Makes <paramref name="user"/> a member, who may do nothing until something is granted.</summary>
    public static Membership Create(Guid organizationId, User user) => new() { OrganizationId = organizationId, UserId = user.Id };

    /// <summary>Ends the member's access to this organization; <see cref="Activate"/> gives it back.</summary>
    public void Deactivate(DateTimeOffset now) => DisabledAt ??= now;

    /// <summary>Gives access back.</summary>
    public void Activate() => DisabledAt = null;
}
