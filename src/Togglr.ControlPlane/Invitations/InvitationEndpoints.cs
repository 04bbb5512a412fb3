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

namespace Togglr.ControlPlane.Invitations;

internal static class InvitationEndpoints
{
    private static readonly SortKey<Invitation>[] Sorts =
    [
        SortKey<Invitation>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Invitation>.Text("email", row => row.Email, row => row.Id),
    ];

    public static void MapInvitations(this IEndpointRouteBuilder organization)
    {
        var invitations = organization.MapGroup("/invitations").WithTags("Invitations");
        invitations.MapGet("", ListAsync).WithName("listInvitations").WithSummary("The invitations to an organization; those of one's own for who does not manage all of it")
            .RequirePermissionWithin(Permissions.MembershipManage);
        invitations.MapPost("", Invite.CreateAsync).WithName("createInvitation").WithSummary("Invite somebody").RequirePermissionWithin(Permissions.MembershipManage);
        invitations.MapPost("/{id:guid}/resend", Invite.ResendAsync).WithName("resendInvitation").WithSummary("Send an invitation again, for another seven days; the earlier link is worthless")
            .RequirePermissionWithin(Permissions.MembershipManage);
        invitations.MapDelete("/{id:guid}", RevokeAsync).WithName("revokeInvitation").WithSummary("Take an invitation back").RequirePermissionWithin(Permissions.MembershipManage);
    }

    public static void MapOpenInvitations(this IEndpointRouteBuilder auth)
    {
        auth.MapGet("/invitations/{token}", AcceptInvitation.GetAsync).WithName("getInvitation").WithSummary("An invitation, by the secret of its link").AllowEverybody();
        auth.MapPost("/invitations/{token}/accept", AcceptInvitation.HandleAsync).WithName("acceptInvitation").WithSummary("Accept an invitation and sign in").AllowEverybody();
    }

    /// <summary>The invitations that the caller may see and take back: all for who manages the organization's members, else one's own.</summary>
    internal static IQueryable<Invitation> InSight(TogglrDbContext db, Current current) =>
        current.May(Permissions.MembershipManage) ? db.Invitations : db.Invitations.Where(row => row.InvitedBy == current.Caller.Id);

    internal static async Task<IReadOnlyList<InvitationView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Invitation> rows, DateTimeOffset now, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.Select(row => row.InvitedBy), cancel);
        return [.. rows.Select(row => new InvitationView(
            row.Id, row.Email, row.Name, InvitationContent.Read(row), row.Groups, people[row.InvitedBy], row.CreatedAt, row.ExpiresAt, StatusOf(row, now), Link: null))];
    }

    private static async Task<Results<Ok<Page<InvitationView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Choice<InvitationStatus>? status, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var query = InSight(db, current).AsNoTracking();
        query = status?.Value switch
        {
            InvitationStatus.Pending => query.Where(row => row.AcceptedAt == null && row.RevokedAt == null && row.ExpiresAt > now),
            InvitationStatus.Expired => query.Where(row => row.AcceptedAt == null && row.RevokedAt == null && row.ExpiresAt <= now),
            InvitationStatus.Accepted => query.Where(row => row.AcceptedAt != null),
            InvitationStatus.Revoked => query.Where(row => row.RevokedAt != null),
            _ => query,
        };
        query = query.Search(list.Search, row => row.Email, row => row.Name!);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, now, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (await InSight(db, current).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } invitation)
            return NotThere();
        if (invitation.AcceptedAt is not null)
            return Problem.Conflict("It was accepted already. Remove the member instead.", "invitation_accepted");
        invitation.Revoke(time.GetUtcNow());
        return await current.SaveAsync("invitation.revoked", invitation.Email, invitation.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    internal static Problem NotThere() => Problem.NotFound("There is no such invitation.");

    private static InvitationStatus StatusOf(Invitation row, DateTimeOffset now) =>
        row.AcceptedAt is not null ? InvitationStatus.Accepted : row.RevokedAt is not null ? InvitationStatus.Revoked : row.IsOpen(now) ? InvitationStatus.Pending : InvitationStatus.Expired;
}
