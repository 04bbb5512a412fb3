using System.Text.Json.Serialization;

namespace Togglr.Hosting.Security;

/// <summary>Where something is: an organization, perhaps a project of it, perhaps an environment of that.</summary>
public readonly record struct Scope(Guid Organization, Guid? Project = null, Guid? Environment = null);

/// <summary>A set of permissions that somebody has in a scope and everywhere below it.</summary>
/// <param name="Scope">Where it holds.</param>
/// <param name="OrganizationKey">The key of the scope's organization, as routes name it.</param>
/// <param name="Role">The key of the role that gives it.</param>
/// <param name="Permissions">What it allows.</param>
public sealed record Grant(Scope Scope, string OrganizationKey, string Role, IReadOnlySet<string> Permissions)
{
    /// <summary>Whether nobody granted it: it comes from another grant, to find the way to where that holds.</summary>
    public bool IsSurrounding { get; init; }
}

/// <summary>What acts.</summary>
public enum CallerKind
{
    /// <summary>A person, signed in or by a personal access token.</summary>
    User,

    /// <summary>A service account.</summary>
    [JsonStringEnumMemberName("service_account")]
    ServiceAccount,
}

/// <summary>The token with which somebody acts.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For the audit log.</param>
/// <param name="IssuedBy">The person who issued it, and so can act with it; null where no person did.</param>
public sealed record CallerToken(Guid Id, string Name, Guid? IssuedBy = null);

/// <summary>The sign-in of a person.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Organization">The only organization that it opens; null for all of the person's.</param>
/// <param name="SecondFactor">Whether a second factor was shown.</param>
public sealed record CallerSession(Guid Id, Guid? Organization, bool SecondFactor);

/// <summary>Somebody or something that acts, with everything that decides what they may do.</summary>
/// <param name="Kind">Person or service account.</param>
/// <param name="Id">The person's or service account's id.</param>
/// <param name="Name">For display and the audit log.</param>
/// <param name="Email">The person's address; empty for a service account.</param>
/// <param name="Grants">Everything granted to them, narrowed to what the token or sign-in allows.</param>
public sealed record Caller(CallerKind Kind, Guid Id, string Name, string Email, IReadOnlyList<Grant> Grants)
{
    /// <summary>Whether nothing is allowed before the password is changed.</summary>
    public bool MustChangePassword { get; init; }

    /// <summary>The sign-in; null for tokens.</summary>
    public CallerSession? Session { get; init; }

    /// <summary>The token; null for sign-ins.</summary>
    public CallerToken? Token { get; init; }

    /// <summary>What an organization asks of the sign-in first (<c>two_factor_required</c>, <c>sso_required</c>), by the organization.</summary>
    public IReadOnlyDictionary<Guid, string> Requirements { get; init; } = System.Collections.Frozen.FrozenDictionary<Guid, string>.Empty;

    /// <summary>The scopes in which they have a permission, in one organization.</summary>
    public IEnumerable<Scope> ScopesOf(string permission, Guid organization) =>
        Grants.Where(grant => grant.Scope.Organization == organization && grant.Permissions.Contains(permission)).Select(grant => grant.Scope);
}

/// <summary>The answer to "may they?".</summary>
public enum Verdict
{
    /// <summary>They may.</summary>
    Allowed,

    /// <summary>They may see that it exists, but not do this.</summary>
    Forbidden,

    /// <summary>They may not even know that it exists.</summary>
    Invisible,
}

/// <summary>The one place that decides.</summary>
public static class Authorization
{
    /// <summary>
    /// Decides whether <paramref name="caller"/> may do what needs <paramref name="permission"/> in <paramref name="scope"/>. Pure: everything
    /// that counts is in its arguments. A scope is visible to whoever has the <c>view</c> permission of its level there.
    /// </summary>
    public static Verdict Authorize(Caller caller, string permission, Scope scope)
    {
        var view = scope.Project is null ? Permissions.OrganizationView : Permissions.ProjectView;
        var visible = false;
        var allowed = false;
        foreach (var grant in caller.Grants)
        {
            if (!Covers(grant.Scope, scope))
                continue;
            visible |= grant.Permissions.Contains(view);
            allowed |= grant.Permissions.Contains(permission);
        }
        if (!visible)
            return Verdict.Invisible;
        return allowed ? Verdict.Allowed : Verdict.Forbidden;
    }

    /// <summary>
    /// Whether <paramref name="caller"/> may give or take a set of permissions in a scope: who manages members there and has all of them there. Nobody grants
    /// what they do not have.
    /// </summary>
    public static bool MayConfer(Caller caller, IEnumerable<string> permissions, Scope scope)
    {
        var held = new HashSet<string>(StringComparer.Ordinal);
        foreach (var grant in caller.Grants.Where(grant => Covers(grant.Scope, scope)))
            held.UnionWith(grant.Permissions);
        return held.Contains(Permissions.MembershipManage) && held.IsSupersetOf(permissions);
    }

    /// <summary>Whether somebody owns an organization: the role in a project, or what makes the organization visible to whoever has it there, is not enough.</summary>
    public static bool IsOwner(IEnumerable<Grant> grants, Guid organization) =>
        grants.Any(grant => grant is { Role: "owner", IsSurrounding: false } && grant.Scope == new Scope(organization) && grant.Permissions.Contains(Permissions.OrganizationManage));

    /// <summary>What is left of a grant for a token that is confined to a scope and perhaps to some permissions; null when nothing is.</summary>
    public static Grant? Narrow(Grant grant, Scope scope, IReadOnlySet<string>? permissions)
    {
        // The way to one project is no way to another that the token is confined to.
        if (grant.IsSurrounding)
            return null;
        var left = Covers(grant.Scope, scope) ? scope : Covers(scope, grant.Scope) ? grant.Scope : (Scope?)null;
        if (left is not { } where)
            return null;
        return grant with { Scope = where, Permissions = permissions is null ? grant.Permissions : grant.Permissions.Intersect(permissions).ToHashSet(StringComparer.Ordinal) };
    }

    /// <summary>
    /// Adds what is needed to find one's way: whoever has something in a project or environment may see the organization and the project around it, and the
    /// project's flags if they may see flags there.
    /// </summary>
    public static IEnumerable<Grant> WithSurroundings(IEnumerable<Grant> grants)
    {
        foreach (var grant in grants)
        {
            yield return grant;
            if (grant.Scope.Project is not { } project)
                continue;
            yield return grant with { Scope = new Scope(grant.Scope.Organization), Permissions = OrganizationShell, IsSurrounding = true };
            yield return grant with
            {
                Scope = new Scope(grant.Scope.Organization, project),
                Permissions = grant.Permissions.Contains(Permissions.FlagView) ? ProjectShellWithFlags : ProjectShell,
                IsSurrounding = true,
            };
        }
    }

    private static readonly IReadOnlySet<string> OrganizationShell = new HashSet<string>(StringComparer.Ordinal) { Permissions.OrganizationView };
    private static readonly IReadOnlySet<string> ProjectShell = new HashSet<string>(StringComparer.Ordinal) { Permissions.ProjectView };
    private static readonly IReadOnlySet<string> ProjectShellWithFlags = new HashSet<string>(StringComparer.Ordinal) { Permissions.ProjectView, Permissions.FlagView };

    /// <summary>Whether what is granted in a scope holds in another one too.</summary>
    public static bool Covers(Scope granted, Scope asked) =>
        granted.Organization == asked.Organization
        && (granted.Project is null || granted.Project == asked.Project)
        && (granted.Environment is null || granted.Environment == asked.Environment);
}
