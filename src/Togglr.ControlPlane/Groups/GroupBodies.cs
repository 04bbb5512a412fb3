using Togglr.ControlPlane.Grants;
using Togglr.ControlPlane.Members;
using Togglr.Hosting.Http;

namespace Togglr.ControlPlane.Groups;

/// <summary>People who are granted roles together.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the organization; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="MemberCount">How many people are in it.</param>
/// <param name="Grants">What is granted to everybody in it, as far as the caller may see.</param>
/// <param name="Provider">The identity provider that decides who is in it; then it cannot be changed by hand.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record GroupView(
    Guid Id, string Key, string Name, string Description, int MemberCount, IReadOnlyList<GrantView> Grants, ProviderRef? Provider, int Version, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>Somebody in a group.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Name">Their name.</param>
/// <param name="Email">Their address.</param>
/// <param name="Status">Whether they have access to the organization.</param>
/// <param name="Since">Since when they are in the group.</param>
public sealed record GroupMemberView(Guid Id, string Name, string Email, MemberStatus Status, DateTimeOffset Since);

/// <summary>A new group.</summary>
public sealed record CreateGroupRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a group.</summary>
public sealed record UpdateGroupRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
