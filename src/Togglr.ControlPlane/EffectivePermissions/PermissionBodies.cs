using System.Text.Json.Serialization;
using Togglr.ControlPlane.Grants;

namespace Togglr.ControlPlane.EffectivePermissions;

/// <summary>A part of an organization, by keys.</summary>
/// <param name="Project">The project; null for the whole organization.</param>
/// <param name="Environment">The environment; null for the whole project.</param>
public sealed record ScopeView(string? Project, string? Environment);

/// <summary>What somebody may do somewhere, and why.</summary>
/// <param name="Principal">Who.</param>
/// <param name="Scope">Where.</param>
/// <param name="Permissions">All permissions there are.</param>
/// <param name="Restrictions">What stands in the way although permissions say otherwise.</param>
public sealed record EffectivePermissionsView(
    PrincipalView Principal, ScopeView Scope, IReadOnlyList<EffectivePermissionView> Permissions, IReadOnlyList<AccessRestrictionView> Restrictions);

/// <summary>Whether somebody has a permission.</summary>
/// <param name="Key">The permission.</param>
/// <param name="Allowed">Whether they have it.</param>
/// <param name="Because">The grants that give it, each of which would do.</param>
public sealed record EffectivePermissionView(string Key, bool Allowed, IReadOnlyList<PermissionReasonView> Because);

/// <summary>A grant that gives a permission.</summary>
/// <param name="Role">Key of the role.</param>
/// <param name="RoleName">Name of the role.</param>
/// <param name="Via">Whether it is granted to them or to a group of theirs.</param>
/// <param name="Group">Key of that group.</param>
/// <param name="Scope">Where it is granted.</param>
/// <param name="GrantId">The grant.</param>
public sealed record PermissionReasonView(string Role, string RoleName, GrantedVia Via, string? Group, ScopeView Scope, Guid GrantId);

/// <summary>How a grant reaches somebody.</summary>
public enum GrantedVia
{
    /// <summary>It is theirs.</summary>
    Direct,

    /// <summary>It is a group's.</summary>
    Group,
}

/// <summary>Something that stands in the way.</summary>
/// <param name="Kind">What.</param>
/// <param name="Detail">One sentence.</param>
public sealed record AccessRestrictionView(AccessRestrictionKind Kind, string Detail);

/// <summary>What stands in somebody's way.</summary>
public enum AccessRestrictionKind
{
    /// <summary>They are kept out of the organization.</summary>
    Deactivated,

    /// <summary>The organization asks for a second factor that they do not have.</summary>
    [JsonStringEnumMemberName("two_factor_required")]
    TwoFactorRequired,

    /// <summary>The organization lets them in through its identity provider only.</summary>
    [JsonStringEnumMemberName("sso_required")]
    SsoRequired,
}
