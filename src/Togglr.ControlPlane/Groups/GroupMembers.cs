using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.ControlPlane.Members;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Groups;

/// <summary>Who is in a group. Putting somebody in confers everything that is granted to the group, so only who could confer that may.</summary>
internal static class GroupMembers
{
    private static readonly SortKey<GroupMember>[] Sorts =
    [
        SortKey<GroupMember>.Text("name", row => row.User!.Name, row => row.UserId),
        SortKey<GroupMember>.Text("email", row => row.User!.Email, row => row.UserId),
        SortKey<GroupMember>.Time("since", row => row.CreatedAt, row => row.UserId),
    ];

    public static void MapGroupMembers(this IEndpointRouteBuilder groups)
    {
        groups.MapGet("/{group}/members", ListAsync).WithName("listGroupMembers").WithSummary("Who is in a group").RequirePermissionWithin(Permissions.MembershipView);
        groups.MapPut("/{group}/members/{user:guid}", AddAsync).WithName("addGroupMember").WithSummary("Put a member of the organization into a group").RequirePermission(Permissions.GroupManage);
        groups.MapDelete("/{group}/members/{user:guid}", RemoveAsync).WithName("removeGroupMember").WithSummary("Take somebody out of a group").RequirePermission(Permissions.GroupManage);
    }

    private static async Task<Results<Ok<Page<GroupMemberView>>, Problem>> ListAsync(
        string group, [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await new PeopleInSight(current, db).Groups().AsNoTracking().SingleOrDefaultAsync(row => row.Key == group, cancel) is not { } row)
            return GroupEndpoints.NotThere(group);
        var query = db.GroupMembers.AsNoTracking().Include(member => member.User).Where(member => member.GroupId == row.Id);
        query = query.Search(list.Search, member => member.User!.Name, member => member.User!.Email);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<NoContent, Problem>> AddAsync(string group, Guid user, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, problem) = await FindAsync(group, current, db, cancel);
        if (row is null)
            return problem!;
        if (await db.Memberships.Include(it => it.User).SingleOrDefaultAsync(it => it.UserId == user, cancel) is not { User: { } person })
            return MemberEndpoints.NotThere();
        if (await db.GroupMembers.AnyAsync(it => it.GroupId == row.Id && it.UserId == user, cancel))
            return TypedResults.NoContent();
        db.GroupMembers.Add(GroupMember.Create(row, user));
        var saved = await current.SaveAsync("group.member_added", $"{row.Key}: {person.Email}", row.Id, reason: null, cancel);
        // Somebody else put the same person in at the same moment.
        if (saved is not null && saved.Code != ErrorCodes.AlreadyExists)
            return saved;
        return TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> RemoveAsync(string group, Guid user, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, problem) = await FindAsync(group, current, db, cancel);
        if (row is null)
            return problem!;
        if (await db.GroupMembers.Include(it => it.User).SingleOrDefaultAsync(it => it.GroupId == row.Id && it.UserId == user, cancel) is not { User: { } person } member)
            return Problem.NotFound("They are not in this group.");
        db.GroupMembers.Remove(member);
        if (await current.SaveAsync("group.member_removed", $"{row.Key}: {person.Email}", row.Id, reason: null, cancel) is { } failed)
            return failed;
        return TypedResults.NoContent();
    }

    private static async Task<(Group? Group, Problem? Problem)> FindAsync(string key, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.Groups.SingleOrDefaultAsync(row => row.Key == key, cancel) is not { } group)
            return (null, GroupEndpoints.NotThere(key));
        if (group.ProviderId is not null)
            return (null, DeleteGrant.ManagedByProvider());
        return await current.CheckCoversAsync(db, new PrincipalId(PrincipalKind.Group, group.Id), cancel) is { } refusal ? (null, refusal) : (group, null);
    }

    private static async Task<IReadOnlyList<GroupMemberView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<GroupMember> rows, CancellationToken cancel)
    {
        var ids = rows.Select(row => row.UserId).ToArray();
        var deactivated = (await db.Memberships.Where(row => ids.Contains(row.UserId) && (row.DisabledAt != null || row.User!.DisabledAt != null)).Select(row => row.UserId).ToListAsync(cancel)).ToHashSet();
        return
        [
            .. rows.Select(row => new GroupMemberView(
                row.UserId, row.User!.Name, row.User.Email, deactivated.Contains(row.UserId) ? MemberStatus.Deactivated : MemberStatus.Active, row.CreatedAt)),
        ];
    }
}
