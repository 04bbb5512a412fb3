using Togglr.Hosting.Http;

namespace Togglr.ControlPlane.Roles;

/// <summary>A set of permissions that can be granted.</summary>
/// <param name="Key">Unique in the organization; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="BuiltIn">Whether every organization has it; then it cannot be changed.</param>
/// <param name="Permissions">What it allows.</param>
/// <param name="UsedBy">How many grants give it.</param>
/// <param name="Version">Also the entity tag; 0 for a built-in role.</param>
public sealed record RoleView(string Key, string Name, string Description, bool BuiltIn, IReadOnlyList<string> Permissions, int UsedBy, int Version);

/// <summary>A new role.</summary>
public sealed record CreateRoleRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes; not the key of a built-in role.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>What it allows, of what the caller may do; <c>organization.view</c> and <c>project.view</c> always belong to it.</summary>
    public required IReadOnlyList<string> Permissions { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a role; they act at once on everybody who has it.</summary>
public sealed record UpdateRoleRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>What it allows from now on.</summary>
    public Optional<IReadOnlyList<string>> Permissions { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
