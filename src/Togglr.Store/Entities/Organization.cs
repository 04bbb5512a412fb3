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
}

/// <summary>What a member may do; each role includes those after it.</summary>
public enum MembershipRole
{
    /// <summary>Everything, members and the organization itself included.</summary>
    Owner,

    /// <summary>Projects, environments and their keys.</summary>
    Manager,

    /// <summary>Flags and segments.</summary>
    Member,

    /// <summary>Reading.</summary>
    Viewer,
}

/// <summary>A user's place in an organization.</summary>
public sealed class Membership : Versioned, ITenantOwned
{
    private Membership()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The member.</summary>
    public Guid UserId { get; private set; }

    /// <summary>What the member may do.</summary>
    public MembershipRole Role { get; private set; }

    /// <summary>The organization; loaded on request.</summary>
    public Organization? Organization { get; private set; }

    /// <summary>The member; loaded on request.</summary>
    public User? User { get; private set; }

    internal override string AuditPath => $"members/{UserId}";

    /// <summary>Makes <paramref name="user"/> a member.</summary>
    public static Membership Create(Organization organization, User user, MembershipRole role) =>
        new() { OrganizationId = organization.Id, UserId = user.Id, Role = role };

    /// <summary>Changes what the member may do.</summary>
    public void ChangeRole(MembershipRole role) => Role = role;
}
