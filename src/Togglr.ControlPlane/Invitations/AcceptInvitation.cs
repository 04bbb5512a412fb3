using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Invitations;

/// <summary>
/// Lets the invited person in, with a new account or their own. They get what the invitation says, if whoever invited may still give all of it: rights that were lost meanwhile are not passed on.
/// </summary>
internal sealed class AcceptInvitation(
    TogglrDbContext db, Current current, Sessions sessions, SecondFactor secondFactor, SignInGuard guard, Passwords passwords, PasswordRules rules, GrantReader grants, TimeProvider time)
{
    public static Task<Results<Ok<OpenInvitationView>, Problem>> GetAsync(string token, AcceptInvitation accept, CancellationToken cancel) => accept.ReadAsync(token, cancel);

    public static Task<Results<Ok<LoginView>, Problem>> HandleAsync(string token, AcceptInvitationRequest request, AcceptInvitation accept, CancellationToken cancel) =>
        accept.AcceptAsync(token, request, cancel);

    private async Task<Results<Ok<OpenInvitationView>, Problem>> ReadAsync(string token, CancellationToken cancel)
    {
        if (await FindAsync(token, cancel) is not { } invitation)
            return NotThere();
        var organization = await db.Organizations.AsNoTracking().SingleAsync(row => row.Id == invitation.OrganizationId, cancel);
        var inviter = await db.Users.Where(row => row.Id == invitation.InvitedBy).Select(row => row.Name).SingleOrDefaultAsync(cancel);
        var known = await db.Users.AsNoTracking().SingleOrDefaultAsync(row => row.NormalizedEmail == invitation.NormalizedEmail, cancel);
        var hasAccount = known is not null && !await AbandonedAccount.IsAsync(db, known, cancel);
        current.Http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new OpenInvitationView(
            new InvitingOrganizationView(organization.Key, organization.Name), invitation.Email, invitation.Name, inviter, invitation.ExpiresAt, hasAccount, rules.View));
    }

    private async Task<Results<Ok<LoginView>, Problem>> AcceptAsync(string token, AcceptInvitationRequest request, CancellationToken cancel)
    {
        if (await FindAsync(token, cancel) is not { } invitation)
            return NotThere();
        var (user, secondFactorShown, problem) = await IdentifyAsync(invitation, request, cancel);
        if (user is null)
            return problem!;
        if (await JoinAsync(invitation, user, cancel) is { } refusal)
            return refusal;
        return TypedResults.Ok(await sessions.BeginAsync(current.Http, user, new SignIn(SignInMethod.Password, secondFactorShown), request.Cookie ?? false, cancel));
    }

    /// <summary>The open invitation of a link.</summary>
    private async Task<Invitation?> FindAsync(string token, CancellationToken cancel)
    {
        if (token.Length > 100)
            return null;
        var hash = SdkKey.HashOf(token);
        var invitation = await db.Invitations.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).SingleOrDefaultAsync(row => row.Hash == hash, cancel);
        return invitation?.IsOpen(time.GetUtcNow()) == true ? invitation : null;
    }

    /// <summary>The person, by the password of their account; or an account that is new or begun anew, not saved yet.</summary>
    private async Task<(User? User, bool SecondFactorShown, Problem? Problem)> IdentifyAsync(Invitation invitation, AcceptInvitationRequest request, CancellationToken cancel)
    {
        if (request.Password is not { } password)
            return (null, false, Problem.Invalid(new ProblemItem("required", "/password", "A password is needed.")));
        var known = await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == invitation.NormalizedEmail, cancel);
        if (known is not null && !await AbandonedAccount.IsAsync(db, known, cancel))
            return await VerifyAsync(known, password, request.Code, cancel);
        var name = request.Name ?? invitation.Name ?? "";
        if (rules.Check(password, invitation.Email, name, "/password") is { } fault)
            return (null, false, Problem.Invalid(fault));
        var created = User.Create(invitation.Email, name);
        if (!created.IsOk)
            return (null, false, created.Error.ToProblem());
        var user = known ?? created.Value;
        if (known is null)
            db.Users.Add(user);
        else
            await AbandonedAccount.BeginAnewAsync(db, known, name, time.GetUtcNow(), cancel);
        user.SetPassword(passwords.Hash(password), mustChange: false);
        return (user, false, null);
    }

    private async Task<(User? User, bool SecondFactorShown, Problem? Problem)> VerifyAsync(User user, string password, string? code, CancellationToken cancel)
    {
        if (user.PasswordHash is null)
            return (null, false, Problem.Conflict("Your account has no password of Togglr, by which the invitation could be accepted.", "no_password"));
        var (email, address) = (user.NormalizedEmail, current.Http.Connection.RemoteIpAddress?.ToString() ?? "");
        if (await guard.BeginAsync(email, address, cancel) is { } wait)
            return (null, false, wait);
        try
        {
            if (password.Length > Passwords.MaximumLength || !passwords.Verify(user.DisabledAt is null ? user.PasswordHash : null, password))
            {
                await guard.FailedAsync(email, address, cancel);
                await sessions.FailedAsync(user, "wrong password", cancel);
                return (null, false, Problem.Unauthorized("The password is wrong.", "invalid_credentials"));
            }
            var second = await secondFactor.CheckAsync(user, code, cancel);
            if (second.Problem?.Code == "invalid_code")
                await guard.FailedAsync(email, address, cancel);
            if (second.Problem is null)
                await guard.SucceededAsync(email, address, cancel);
            return second.Problem is { } problem ? (null, false, problem) : (user, second.IsShown, null);
        }
        finally
        {
            guard.End(email, address);
        }
    }

    private async Task<Problem?> JoinAsync(Invitation invitation, User user, CancellationToken cancel)
    {
        db.UseOrganization(invitation.OrganizationId);
        if (await db.Memberships.AnyAsync(row => row.UserId == user.Id, cancel))
            return Problem.Conflict("You are a member of this organization already.", "already_member");
        if (await InviterAsync(invitation, cancel) is not { } inviter || await InvitationContent.ResolveAsync(db, invitation, inviter, cancel) is not { } content)
            return Problem.Conflict("Whoever invited you may not give any more what the invitation promises. Ask for a new one.", "invitation_void");
        var principal = new PrincipalId(PrincipalKind.User, user.Id);
        db.Memberships.Add(Membership.Create(invitation.OrganizationId, user));
        db.RoleGrants.AddRange(content.Grants.Select(grant => grant.To(principal)));
        db.GroupMembers.AddRange(content.Groups.Select(group => GroupMember.Create(group, user.Id)));
        invitation.Accept(user.Id, time.GetUtcNow());
        var committed = await db.CommitAsync(new Change(current.ActorFor(user), "invitation.accepted", invitation.Email) { EntityId = invitation.Id }, cancel);
        // The sign-in that follows is told in all organizations of the person.
        db.UseOrganization(Organization.Installation);
        return committed.Error?.ToProblem();
    }

    /// <summary>Whoever invited, with what they may do now; null when they are gone or out.</summary>
    private async Task<Caller?> InviterAsync(Invitation invitation, CancellationToken cancel)
    {
        if (invitation.InvitedBy is not { } id
            || await db.MembershipsOf(id).AsNoTracking().Include(row => row.User).SingleOrDefaultAsync(row => row.OrganizationId == invitation.OrganizationId, cancel)
                is not { DisabledAt: null, User: { DisabledAt: null } user, Organization: { } organization })
            return null;
        var held = await grants.ReadAsync(db, new PrincipalId(PrincipalKind.User, id), organization.Id, organization.Key, organization.AccessVersion, cancel);
        return new Caller(CallerKind.User, id, user.Name, user.Email, held);
    }

    private static Problem NotThere() => Problem.NotFound("There is no such invitation, or it was used, taken back or has expired.");
}
