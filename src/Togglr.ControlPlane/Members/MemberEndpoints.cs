using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Members;

/// <summary>A person in an organization.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Name">Their name.</param>
/// <param name="Email">Their address.</param>
/// <param name="Since">Since when they are a member.</param>
/// <param name="LastSignInAt">When they last signed in.</param>
public sealed record MemberView(Guid Id, string Name, string Email, DateTimeOffset Since, DateTimeOffset? LastSignInAt);

internal static class MemberEndpoints
{
    private static readonly SortKey<Membership>[] Sorts =
    [
        SortKey<Membership>.Text("name", row => row.User!.Name, row => row.UserId),
        SortKey<Membership>.Text("email", row => row.User!.Email, row => row.UserId),
        SortKey<Membership>.Time("since", row => row.CreatedAt, row => row.UserId),
    ];

    public static void MapMembers(this IEndpointRouteBuilder organization) =>
        organization.MapGet("/members", ListAsync).WithTags("Members").WithName("listMembers").WithSummary("The members of an organization")
            .RequirePermission(Permissions.MembershipView);

    private static async Task<Results<Ok<Page<MemberView>>, Problem>> ListAsync([AsParameters] ListQuery list, TogglrDbContext db, CancellationToken cancel)
    {
        IQueryable<Membership> query = db.Memberships.AsNoTracking().Include(row => row.User);
        if (Paging.Pattern(list.Search) is { } pattern)
            query = query.Where(row => EF.Functions.ILike(row.User!.Name, pattern, Paging.Escape) || EF.Functions.ILike(row.User!.Email, pattern, Paging.Escape));
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static MemberView View(Membership row) =>
        new(row.UserId, row.User!.Name, row.User.Email, row.CreatedAt, row.User.LastSignInAt);
}
