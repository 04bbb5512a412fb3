using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Members;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Invitations;

/// <summary>Makes invitations and sends them, by mail or as a link to hand over.</summary>
internal sealed class Invite(Current current, TogglrDbContext db, MailQueue mail, AccountLinks links, TimeProvider time)
{
    /// <summary>For how many days an invitation can be accepted.</summary>
    public const int Days = 7;

    /// <summary>Open invitations of one organization.</summary>
    private const int Limit = 2000;

    public static async Task<Results<Created<InvitationView>, Problem>> CreateAsync(CreateInvitationRequest request, Invite invite, CancellationToken cancel)
    {
        var (view, problem) = await invite.CreateAsync(request, cancel);
        return view is null ? problem! : TypedResults.Created($"{invite.Path}/{view.Id}", view);
    }

    public static async Task<Results<Ok<InvitationView>, Problem>> ResendAsync(Guid id, MemberAccessRequest? request, Invite invite, CancellationToken cancel)
    {
        var (view, problem) = await invite.ResendAsync(id, request?.Reason, cancel);
        return view is null ? problem! : TypedResults.Ok(view);
    }

    private string Path => current.Http.Request.Path;

    private async Task<(InvitationView? View, Problem? Problem)> CreateAsync(CreateInvitationRequest request, CancellationToken cancel)
    {
        if (current.Caller.Kind != CallerKind.User)
            return (null, Problem.Forbidden("An invitation is a person's: accepting gives what that person may give then.", "people_only"));
        var (grants, groups) = (request.Grants ?? [], request.Groups ?? []);
        var (content, refusal) = await InvitationContent.ResolveAsync(current, db, grants, groups, cancel);
        if (content is null)
            return (null, refusal);
        var (secret, now) = (Secrets.NewRefreshToken(), time.GetUtcNow());
        var created = Invitation.Create(
            current.OrganizationId, request.Email, request.Name, InvitationContent.Write(grants), groups, current.Caller.Id, SdkKey.HashOf(secret), now + TimeSpan.FromDays(Days));
        if (!created.IsOk)
            return (null, created.Error.ToProblem());
        var invitation = created.Value;
        if (await db.Memberships.AnyAsync(row => row.User!.NormalizedEmail == invitation.NormalizedEmail, cancel))
            return (null, Problem.Conflict("This person is a member already.", "already_member"));
        if (await db.Invitations.CountAsync(row => row.AcceptedAt == null && row.RevokedAt == null, cancel) >= Limit)
            return (null, Problem.Conflict($"There are {Limit} open invitations. Take some back first.", "limit_reached"));
        if (await ClearTheWayAsync(invitation, now, cancel) is { } taken)
            return (null, taken);
        db.Invitations.Add(invitation);
        return await SendAsync(invitation, secret, "invitation.created", request.Reason, cancel);
    }

    private async Task<(InvitationView? View, Problem? Problem)> ResendAsync(Guid id, string? reason, CancellationToken cancel)
    {
        if (await InvitationEndpoints.InSight(db, current).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } invitation)
            return (null, InvitationEndpoints.NotThere());
        if (invitation.AcceptedAt is not null || invitation.RevokedAt is not null)
            return (null, Problem.Conflict("It was accepted or taken back.", "invitation_closed"));
        // The link may come into the hands of whoever sends it again, so they must be able to give what it gives.
        var (content, refusal) = await InvitationContent.ResolveAsync(current, db, InvitationContent.Read(invitation), invitation.Groups, cancel);
        if (content is null)
            return (null, refusal);
        var secret = Secrets.NewRefreshToken();
        invitation.Renew(SdkKey.HashOf(secret), time.GetUtcNow() + TimeSpan.FromDays(Days));
        return await SendAsync(invitation, secret, "invitation.resent", reason, cancel);
    }

    /// <summary>There is one open invitation for an address; one whose time is over makes room.</summary>
    private async Task<Problem?> ClearTheWayAsync(Invitation invitation, DateTimeOffset now, CancellationToken cancel)
    {
        var earlier = await db.Invitations.SingleOrDefaultAsync(row => row.NormalizedEmail == invitation.NormalizedEmail && row.AcceptedAt == null && row.RevokedAt == null, cancel);
        if (earlier is null)
            return null;
        if (earlier.IsOpen(now))
            return Problem.AlreadyExists("This person is invited already. Send that invitation again, or take it back first.");
        earlier.Revoke(now);
        return await current.SaveAsync("invitation.revoked", earlier.Email, earlier.Id, "Its time was over.", cancel);
    }

    private async Task<(InvitationView? View, Problem? Problem)> SendAsync(Invitation invitation, string secret, string action, string? reason, CancellationToken cancel)
    {
        var link = links.Invitation(secret);
        if (mail.IsOn)
        {
            var organization = await db.Organizations.Where(row => row.Id == current.OrganizationId).Select(row => row.Name).SingleAsync(cancel);
            var locale = await db.Users.Where(row => row.NormalizedEmail == invitation.NormalizedEmail || row.Id == current.Caller.Id)
                .OrderByDescending(row => row.NormalizedEmail == invitation.NormalizedEmail).Select(row => row.Locale).FirstOrDefaultAsync(cancel);
            mail.Add("invitation", invitation.Email, AccountMails.Invitation(locale, current.Caller.Name, organization, link, Days));
        }
        if (await current.SaveAsync(action, invitation.Email, invitation.Id, reason, cancel) is { } problem)
            return (null, problem);
        current.Http.Response.Headers.CacheControl = "no-store";
        var view = (await InvitationEndpoints.ViewsAsync(db, [invitation], time.GetUtcNow(), cancel))[0];
        return (mail.IsOn ? view : view with { Link = link.AbsoluteUri }, null);
    }
}
