using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Members;

/// <summary>Which members.</summary>
internal sealed record MemberQuery(
    [property: FromQuery(Name = "role"), Description("Key of a role that they have somewhere, directly or by a group")] string? Role,
    [property: FromQuery(Name = "group"), Description("Key of a group that they are in")] string? Group,
    [property: FromQuery(Name = "status"), Description("Whether they have access")] Choice<MemberStatus>? Status);

internal static class MemberEndpoints
{
    private static readonly SortKey<Membership>[] Sorts =
    [
        SortKey<Membership>.Text("name", row => row.User!.Name, row => row.UserId),
        SortKey<Membership>.Text("email", row => row.User!.Email, row => row.UserId),
        SortKey<Membership>.Time("since", row => row.CreatedAt, row => row.UserId),
    ];

    public static void MapMembers(this IEndpointRouteBuilder organization)
    {
        var members = organization.MapGroup("/members").WithTags("Members");
        members.MapGet("", ListAsync).WithName("listMembers").WithSummary("The members of an organization, as far as the caller may see").RequirePermissionWithin(Permissions.MembershipView);
        members.MapGet("/{id:guid}", GetAsync).WithName("getMember").WithSummary("A member of an organization").RequirePermissionWithin(Permissions.MembershipView);
        members.MapPost("/{id:guid}/deactivate", ChangeMember.DeactivateAsync).WithName("deactivateMember").WithSummary("Keep a member out; what is granted to them stays")
            .RequirePermission(Permissions.MembershipManage);
        members.MapPost("/{id:guid}/activate", ChangeMember.ActivateAsync).WithName("activateMember").WithSummary("Let a deactivated member in again").RequirePermission(Permissions.MembershipManage);
        members.MapDelete("/{id:guid}", ChangeMember.RemoveAsync).WithName("removeMember").WithSummary("Remove a member with everything granted to them").RequirePermission(Permissions.MembershipManage);
    }

    private static async Task<Results<Ok<Page<MemberView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] MemberQuery filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var sight = new PeopleInSight(current, db);
        var query = sight.Members().AsNoTracking().Include(row => row.User).AsQueryable();
        if (filter.Role is { } role)
        {
            var builtIn = GrantResolver.BuiltInOf(role);
            var grants = sight.Grants().Where(grant => builtIn != null ? grant.BuiltInRole == builtIn : grant.Role!.Key == role);
            query = sight.Having(query, grants);
        }
        if (filter.Group is { } key)
        {
            var groups = sight.Groups().Where(group => group.Key == key);
            query = query.Where(row => db.GroupMembers.Any(member => member.UserId == row.UserId && groups.Any(group => group.Id == member.GroupId)));
        }
        if (filter.Status is { Value: var status })
            query = query.Where(row => (row.DisabledAt == null && row.User!.DisabledAt == null) == (status == MemberStatus.Active));
        query = query.Search(list.Search, row => row.User!.Name, row => row.User!.Email);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => MemberViews.ReadAsync(db, sight, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Ok<MemberView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var sight = new PeopleInSight(current, db);
        if (await sight.Members().AsNoTracking().Include(row => row.User).SingleOrDefaultAsync(row => row.UserId == id, cancel) is not { } member)
            return NotThere();
        return TypedResults.Ok((await MemberViews.ReadAsync(db, sight, [member], cancel))[0]);
    }

    internal static Problem NotThere() => Problem.NotFound("There is no such member.");
}
