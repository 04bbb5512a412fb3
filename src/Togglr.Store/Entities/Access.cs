using System.Text.Json.Serialization;

namespace Togglr.Store;

/// <summary>A set of permissions that an organization made itself. The built-in roles are code, not rows.</summary>
public sealed class Role : Entity, ITenantOwned
{
    private Role()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Unique in the organization; never changes; never the name of a built-in role.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Permission keys, sorted.</summary>
    public IReadOnlyList<string> Permissions { get; private set; } = [];

    internal override string AuditPath => $"roles/{Key}";

    /// <summary>A new role. Which permissions there are is the caller's knowledge.</summary>
    public static Result<Role> Create(Guid organizationId, string key, string name, string description, IEnumerable<string> permissions)
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        if (Enum.TryParse<BuiltInRole>(key, ignoreCase: true, out _))
            return Result.Invalid("key", "This is the name of a built-in role.");
        var role = new Role { Id = Guid.CreateVersion7(), OrganizationId = organizationId, Key = key };
        var described = role.Define(name, description, permissions);
        return described.IsOk ? role : described.Error;
    }

    /// <summary>Changes what people see and what the role allows.</summary>
    public Result Define(string name, string description, IEnumerable<string> permissions)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        string[] sorted = [.. permissions.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        (Name, Description) = (name, description);
        if (!sorted.SequenceEqual(Permissions))
            Permissions = sorted;
        return Result.Ok;
    }
}

/// <summary>The roles that every organization has; each includes those after it.</summary>
public enum BuiltInRole
{
    /// <summary>Everything, the organization itself included.</summary>
    Owner,

    /// <summary>Projects, environments, their keys, and people.</summary>
    Manager,

    /// <summary>Flags and segments.</summary>
    Member,

    /// <summary>Reading.</summary>
    Viewer,
}

/// <summary>People who are granted roles together.</summary>
public sealed class Group : Entity, ITenantOwned
{
    private Group()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Unique in the organization; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>The identity provider that decides who is in it; null where people do.</summary>
    public Guid? ProviderId { get; private set; }

    /// <summary>The provider's name for it.</summary>
    public string? ExternalId { get; private set; }

    internal override string AuditPath => $"groups/{Key}";

    /// <summary>A new group without members.</summary>
    public static Result<Group> Create(Guid organizationId, string key, string name, string description = "", Guid? providerId = null, string? externalId = null)
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var group = new Group { Id = Guid.CreateVersion7(), OrganizationId = organizationId, Key = key, ProviderId = providerId, ExternalId = externalId };
        var described = group.Describe(name, description);
        return described.IsOk ? group : described.Error;
    }

    /// <summary>Changes what people see.</summary>
    public Result Describe(string name, string description)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Description) = (name, description);
        return Result.Ok;
    }

    /// <summary>Changes the provider's name for it.</summary>
    public void Identify(string? externalId) => ExternalId = externalId;
}

/// <summary>A person in a group.</summary>
public sealed class GroupMember : Versioned, ITenantOwned
{
    private GroupMember()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The group.</summary>
    public Guid GroupId { get; private set; }

    /// <summary>The person, a member of the organization.</summary>
    public Guid UserId { get; private set; }

    /// <summary>The group; loaded on request.</summary>
    public Group? Group { get; private set; }

    /// <summary>The person; loaded on request.</summary>
    public User? User { get; private set; }

    internal override string AuditPath => $"groups/{GroupId}/members/{UserId}";

    /// <summary>Puts a member of the organization into a group.</summary>
    public static GroupMember Create(Group group, Guid userId) => new() { OrganizationId = group.OrganizationId, GroupId = group.Id, UserId = userId };
}

/// <summary>An account that programs use, by <see cref="ApiToken"/>s only.</summary>
public sealed class ServiceAccount : Entity, ITenantOwned
{
    private ServiceAccount()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Unique in the organization; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>Since when its tokens are refused.</summary>
    public DateTimeOffset? DisabledAt { get; private set; }

    internal override string AuditPath => $"serviceAccounts/{Key}";

    /// <summary>A new service account that may do nothing until something is granted.</summary>
    public static Result<ServiceAccount> Create(Guid organizationId, string key, string name, string description = "")
    {
        if (KeyFormat.Slug(key, "key") is { } error)
            return error;
        var account = new ServiceAccount { Id = Guid.CreateVersion7(), OrganizationId = organizationId, Key = key };
        var described = account.Describe(name, description);
        return described.IsOk ? account : described.Error;
    }

    /// <summary>Changes what people see.</summary>
    public Result Describe(string name, string description)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description")) is { } error)
            return error;
        (Name, Description) = (name, description);
        return Result.Ok;
    }

    /// <summary>Refuses its tokens; <see cref="Activate"/> accepts them again.</summary>
    public void Deactivate(DateTimeOffset now) => DisabledAt ??= now;

    /// <summary>Accepts its tokens again.</summary>
    public void Activate() => DisabledAt = null;
}

/// <summary>A role for a person, a group or a service account, in an organization or a part of it. Never changes; it is made and removed.</summary>
public sealed class RoleGrant : Entity, ITenantOwned
{
    private RoleGrant()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The person to whom it is granted; one of the three principals is set.</summary>
    public Guid? UserId { get; private set; }

    /// <summary>The group to whose members it is granted.</summary>
    public Guid? GroupId { get; private set; }

    /// <summary>The service account to which it is granted.</summary>
    public Guid? ServiceAccountId { get; private set; }

    /// <summary>The built-in role; this or <see cref="RoleId"/> is set.</summary>
    public BuiltInRole? BuiltInRole { get; private set; }

    /// <summary>The organization's own role.</summary>
    public Guid? RoleId { get; private set; }

    /// <summary>The project where it holds; null for the whole organization.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>The environment where it holds; null for the whole project.</summary>
    public Guid? EnvironmentId { get; private set; }

    /// <summary>The identity provider whose mappings gave it, and may take it; null where a person did.</summary>
    public Guid? ProviderId { get; private set; }

    /// <summary>The organization's own role; loaded on request.</summary>
    public Role? Role { get; private set; }

    internal override string AuditPath => $"grants/{Id}";

    /// <summary>A new grant.</summary>
    /// <param name="organizationId">The organization.</param>
    /// <param name="principal">To whom.</param>
    /// <param name="role">What.</param>
    /// <param name="projectId">Where; null for the whole organization.</param>
    /// <param name="environmentId">Where in the project; null for all of it.</param>
    /// <param name="providerId">The identity provider on whose word.</param>
    public static RoleGrant Create(
        Guid organizationId, PrincipalId principal, GrantedRole role, Guid? projectId = null, Guid? environmentId = null, Guid? providerId = null)
    {
        if (environmentId is not null && projectId is null)
            throw new ArgumentException("An environment is in a project.", nameof(environmentId));
        return new RoleGrant
        {
            Id = Guid.CreateVersion7(), OrganizationId = organizationId, BuiltInRole = role.BuiltIn, RoleId = role.Custom, ProjectId = projectId,
            EnvironmentId = environmentId, ProviderId = providerId,
            UserId = principal.Kind == PrincipalKind.User ? principal.Id : null,
            GroupId = principal.Kind == PrincipalKind.Group ? principal.Id : null,
            ServiceAccountId = principal.Kind == PrincipalKind.ServiceAccount ? principal.Id : null,
        };
    }
}

/// <summary>To whom something can be granted.</summary>
public enum PrincipalKind
{
    /// <summary>A person.</summary>
    User,

    /// <summary>The members of a group.</summary>
    Group,

    /// <summary>A program.</summary>
    [JsonStringEnumMemberName("service_account")]
    ServiceAccount,
}

/// <summary>One to whom something can be granted.</summary>
/// <param name="Kind">Person, group or service account.</param>
/// <param name="Id">Its identifier.</param>
public readonly record struct PrincipalId(PrincipalKind Kind, Guid Id);

/// <summary>A built-in role or one of the organization's own.</summary>
public readonly record struct GrantedRole
{
    private GrantedRole(BuiltInRole? builtIn, Guid? custom) => (BuiltIn, Custom) = (builtIn, custom);

    /// <summary>The built-in role; null for a custom one.</summary>
    public BuiltInRole? BuiltIn { get; }

    /// <summary>The identifier of a custom role; null for a built-in one.</summary>
    public Guid? Custom { get; }

    /// <summary>A built-in role.</summary>
    public static GrantedRole Of(BuiltInRole role) => new(role, null);

    /// <summary>A custom role.</summary>
    public static GrantedRole Of(Role role) => new(null, role.Id);
}
