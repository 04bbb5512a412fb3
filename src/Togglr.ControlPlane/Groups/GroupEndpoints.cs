using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Groups;

internal static class GroupEndpoints
{
    private static readonly SortKey<Group>[] Sorts =
    [
        SortKey<Group>.Text("name", row => row.Name, row => row.Id),
        SortKey<Group>.Text("key", row => row.Key, row => row.Id),
        SortKey<Group>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void MapGroups(this IEndpointRouteBuilder organization)
    {
        var groups = organization.MapGroup("/groups").WithTags("Access");
        groups.MapGet("", ListAsync).WithName("listGroups").WithSummary("The groups of an organization, as far as the caller may see").RequirePermissionWithin(Permissions.MembershipView);
        groups.MapPost("", CreateAsync).WithName("createGroup").WithSummary("Create a group").RequirePermission(Permissions.GroupManage);
        groups.MapGet("/{group}", GetAsync).WithName("getGroup").WithSummary("A group").RequirePermissionWithin(Permissions.MembershipView);
        groups.MapPatch("/{group}", UpdateAsync).WithName("updateGroup").WithSummary("Change a group").RequirePermission(Permissions.GroupManage);
        groups.MapDelete("/{group}", DeleteAsync).WithName("deleteGroup").WithSummary("Delete a group with everything granted to it").RequirePermission(Permissions.GroupManage);
        groups.MapGroupMembers();
    }

    private static async Task<Results<Ok<Page<GroupView>>, Problem>> ListAsync([AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var sight = new PeopleInSight(current, db);
        var query = sight.Groups().AsNoTracking();
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, sight, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<GroupView>, Problem>> CreateAsync(CreateGroupRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var created = Group.Create(current.OrganizationId, request.Key, request.Name ?? request.Key, request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        db.Groups.Add(created.Value);
        if (await current.SaveAsync("group.created", request.Key, created.Value.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<GroupView>(await ViewAsync(db, current, created.Value, cancel), created.Value.Version, request.Key);
    }

    private static async Task<Results<Versioned<GroupView>, Problem>> GetAsync(string group, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await new PeopleInSight(current, db).Groups().AsNoTracking().SingleOrDefaultAsync(row => row.Key == group, cancel) is { } row
            ? new Versioned<GroupView>(await ViewAsync(db, current, row, cancel), row.Version)
            : NotThere(group);

    private static async Task<Results<Versioned<GroupView>, Problem>> UpdateAsync(
        string group, UpdateGroupRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.Groups.SingleOrDefaultAsync(row => row.Key == group, cancel) is not { } row)
            return NotThere(group);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (row.ProviderId is not null)
            return DeleteGrant.ManagedByProvider();
        var described = row.Describe(request.Name.Or(row.Name), request.Description.Or(row.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("group.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<GroupView>(await ViewAsync(db, current, row, cancel), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string group, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.Groups.SingleOrDefaultAsync(row => row.Key == group, cancel) is not { } row)
            return NotThere(group);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (row.ProviderId is not null)
            return DeleteGrant.ManagedByProvider();
        var grants = await db.RoleGrants.Include(grant => grant.Role).Where(grant => grant.GroupId == row.Id).ToListAsync(cancel);
        if (current.CheckConfer(grants.Select(Conferring.Of)) is { } refusal)
            return refusal;
        // The database would take all of this along; named here, the audit log tells of it.
        db.RoleGrants.RemoveRange(grants);
        db.GroupMembers.RemoveRange(await db.GroupMembers.Where(member => member.GroupId == row.Id).ToListAsync(cancel));
        db.Groups.Remove(row);
        if (await current.SaveAsync("group.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    internal static Problem NotThere(string key) => Problem.NotFound($"There is no group {key}.");

    private static async Task<GroupView> ViewAsync(TogglrDbContext db, Current current, Group row, CancellationToken cancel) =>
        (await ViewsAsync(db, new PeopleInSight(current, db), [row], cancel))[0];

    private static async Task<IReadOnlyList<GroupView>> ViewsAsync(TogglrDbContext db, PeopleInSight sight, IReadOnlyCollection<Group> rows, CancellationToken cancel)
    {
        var ids = rows.Select(row => row.Id).ToArray();
        var counts = await db.GroupMembers.Where(row => ids.Contains(row.GroupId)).GroupBy(row => row.GroupId).Select(group => new { group.Key, Count = group.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count, cancel);
        var grantRows = await sight.Grants().AsNoTracking().Where(row => row.GroupId != null && ids.Contains(row.GroupId.Value)).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancel);
        var grants = (await GrantViews.ReadAsync(db, grantRows, cancel)).ToLookup(grant => grant.Principal.Id);
        var providers = await GrantViews.ProvidersAsync(db, rows.Select(row => row.ProviderId), cancel);
        return
        [
            .. rows.Select(row => new GroupView(
                row.Id, row.Key, row.Name, row.Description, counts.GetValueOrDefault(row.Id), [.. grants[row.Id]],
                row.ProviderId is { } provider ? providers.GetValueOrDefault(provider) : null, row.Version, row.CreatedAt, row.UpdatedAt)),
        ];
    }
}
