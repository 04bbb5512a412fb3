namespace Togglr.Hosting.Security;

/// <summary>Where something is: an organization, perhaps a project of it, perhaps an environment of that.</summary>
public readonly record struct Scope(Guid Organization, Guid? Project = null, Guid? Environment = null);

/// <summary>A set of permissions that somebody has in a scope and everywhere below it.</summary>
/// <param name="Scope">Where it holds.</param>
/// <param name="OrganizationKey">The key of the scope's organization, as routes name it.</param>
/// <param name="Role">The name of the role that gives it.</param>
/// <param name="Permissions">What it allows.</param>
public sealed record Grant(Scope Scope, string OrganizationKey, string Role, IReadOnlySet<string> Permissions);

/// <summary>Somebody signed in, with everything that decides what they may do.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Name">For display and the audit log.</param>
/// <param name="Email">Their address.</param>
/// <param name="MustChangePassword">Whether nothing is allowed before the password is changed.</param>
/// <param name="Grants">Everything granted to them.</param>
public sealed record Caller(Guid Id, string Name, string Email, bool MustChangePassword, IReadOnlyList<Grant> Grants);

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

    private static bool Covers(Scope granted, Scope asked) =>
        granted.Organization == asked.Organization
        && (granted.Project is null || granted.Project == asked.Project)
        && (granted.Environment is null || granted.Environment == asked.Environment);
}
