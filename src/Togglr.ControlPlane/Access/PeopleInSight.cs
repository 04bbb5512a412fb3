using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Which of the organization's people, groups and grants the caller may see. Who has <c>membership.view</c> in all of it sees all. Who has it in a project or
/// environment sees the grants that hold there, and those to whom they are given; who manages members there sees everybody, to have whom to grant something, but no
/// grants of other projects.
/// </summary>
internal sealed class PeopleInSight
{
    private readonly TogglrDbContext _db;
    private readonly bool _seesEveryGrant;
    private readonly Guid[] _projects;
    private readonly Guid[] _environments;
    private readonly Guid[] _projectsAround;

    public PeopleInSight(Current current, TogglrDbContext db)
    {
        _db = db;
        var scopes = current.Caller.ScopesOf(Permissions.MembershipView, current.OrganizationId).ToList();
        _seesEveryGrant = scopes.Any(static scope => scope.Project is null);
        _projects = [.. scopes.Where(static scope => scope.Environment is null).Select(static scope => scope.Project).OfType<Guid>()];
        _environments = [.. scopes.Select(static scope => scope.Environment).OfType<Guid>()];
        _projectsAround = [.. scopes.Where(static scope => scope.Environment is not null).Select(static scope => scope.Project!.Value)];
        SeesEverybody = _seesEveryGrant || current.Caller.ScopesOf(Permissions.MembershipManage, current.OrganizationId).Any();
        SeesSecurity = current.Caller.ScopesOf(Permissions.MembershipManage, current.OrganizationId).Any(static scope => scope.Project is null);
    }

    /// <summary>Whether all members and groups can be seen.</summary>
    public bool SeesEverybody { get; }

    /// <summary>Whether it can be seen who has a second factor.</summary>
    public bool SeesSecurity { get; }

    /// <summary>The grants that can be seen.</summary>
    public IQueryable<RoleGrant> Grants() => _seesEveryGrant
        ? _db.RoleGrants
        : _db.RoleGrants.Where(row => row.ProjectId == null || _projects.Contains(row.ProjectId.Value)
            || (row.EnvironmentId != null && _environments.Contains(row.EnvironmentId.Value))
            || (row.EnvironmentId == null && _projectsAround.Contains(row.ProjectId.Value)));

    /// <summary>The groups that can be seen.</summary>
    public IQueryable<Group> Groups()
    {
        if (SeesEverybody)
            return _db.Groups;
        var grants = Grants();
        return _db.Groups.Where(row => grants.Any(grant => grant.GroupId == row.Id));
    }

    /// <summary>The members that can be seen.</summary>
    public IQueryable<Membership> Members()
    {
        return SeesEverybody ? _db.Memberships : Having(_db.Memberships, Grants());
    }

    /// <summary>The members who have one of some grants, directly or by a group. Two sets that the database makes once, however many members there are.</summary>
    public IQueryable<Membership> Having(IQueryable<Membership> members, IQueryable<RoleGrant> grants)
    {
        var directly = grants.Where(grant => grant.UserId != null).Select(grant => grant.UserId!.Value);
        var groups = grants.Where(grant => grant.GroupId != null).Select(grant => grant.GroupId!.Value);
        var byGroup = _db.GroupMembers.Where(member => groups.Contains(member.GroupId)).Select(member => member.UserId);
        return members.Where(row => directly.Contains(row.UserId) || byGroup.Contains(row.UserId));
    }
}
