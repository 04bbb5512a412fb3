using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Members;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>How somebody whose password was reset gets in again.</summary>
/// <param name="TemporaryPassword">To be handed over, and changed at the first sign-in; absent when a link was sent by mail.</param>
public sealed record MemberPasswordView([property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? TemporaryPassword);

/// <summary>
/// Helps members who cannot sign in, or must be signed out. Takes who could give them everything that they have, and nobody changes the account of somebody who belongs to another organization too.
/// </summary>
internal static class ResetMember
{
    public static void MapMemberResets(this IEndpointRouteBuilder organization)
    {
        var members = organization.MapGroup("/members/{id:guid}").WithTags("Members");
        members.MapPost("/reset-password", ResetPasswordAsync).WithName("resetMemberPassword").WithSummary("Make a member's password worthless, and send a link or get a temporary one")
            .RequirePermission(Permissions.MembershipManage);
        members.MapPost("/reset-two-factor", ResetTwoFactorAsync).WithName("resetMemberTwoFactor").WithSummary("Turn off a member's second factor").RequirePermission(Permissions.MembershipManage);
        members.MapPost("/sign-out", SignOutAsync).WithName("signOutMember").WithSummary("End all sign-ins of a member").RequirePermission(Permissions.MembershipManage);
    }

    private static async Task<Results<Ok<MemberPasswordView>, Problem>> ResetPasswordAsync(
        Guid id, MemberAccessRequest? request, Current current, TogglrDbContext db, Sessions sessions, Passwords passwords, MailQueue mail, HttpContext http, CancellationToken cancel)
    {
        var (user, refusal) = await FindAsync(id, current, db, cancel);
        if (user is null)
            return refusal!;
        if (user.PasswordHash is null)
            return Problem.Conflict("This account has no password of Togglr.", "no_password");
        var password = Secrets.NewTemporaryPassword();
        // With mail nobody ever learns the password: it only makes the old one worthless.
        user.SetPassword(passwords.Hash(password), mustChange: true);
        if (mail.IsOn)
            await ForgotPassword.AddAsync(http.RequestServices, user, byAdministrator: true, cancel);
        else
            await sessions.ForgetResetsAsync(user.Id, cancel);
        await sessions.EndAllAsync(user.Id, keep: null, cancel);
        if (await current.SaveAsync("user.password_reset", user.Email, user.Id, request?.Reason, cancel) is { } problem)
            return problem;
        http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new MemberPasswordView(mail.IsOn ? null : password));
    }

    private static async Task<Results<NoContent, Problem>> ResetTwoFactorAsync(
        Guid id, MemberAccessRequest? request, Current current, TogglrDbContext db, Sessions sessions, SecondFactor secondFactor, AccountNotices notices, CancellationToken cancel)
    {
        var (user, refusal) = await FindAsync(id, current, db, cancel);
        if (user is null)
            return refusal!;
        if (user.TotpSecret is null)
            return Problem.Conflict("This account has no second factor.", "two_factor_not_active");
        user.RemoveTotp();
        await secondFactor.RemoveRecoveryCodesAsync(user.Id, cancel);
        await sessions.EndAllAsync(user.Id, keep: null, cancel);
        notices.Add(user, AccountNotice.TwoFactorRemoved);
        return await current.SaveAsync("user.two_factor_reset", user.Email, user.Id, request?.Reason, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> SignOutAsync(
        Guid id, MemberAccessRequest? request, Current current, TogglrDbContext db, Sessions sessions, CancellationToken cancel)
    {
        var (user, refusal) = await FindAsync(id, current, db, cancel);
        if (user is null)
            return refusal!;
        await sessions.EndAllAsync(user.Id, keep: null, cancel);
        return await sessions.SaveAsync(user, "user.signed_out", user.Id, request?.Reason, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<(User? User, Problem? Refusal)> FindAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.Memberships.Include(row => row.User).SingleOrDefaultAsync(row => row.UserId == id, cancel) is not { User: { } user })
            return (null, MemberEndpoints.NotThere());
        if (current.Caller.Kind == CallerKind.User && current.Caller.Id == id)
            return (null, Problem.Conflict("This is your own account: change it there.", "own_account"));
        if (await current.CheckCoversAsync(db, new PrincipalId(PrincipalKind.User, id), cancel) is { } refusal)
            return (null, refusal);
        return await db.MembershipsOf(id).AnyAsync(row => row.OrganizationId != current.OrganizationId, cancel)
            ? (null, Problem.Conflict("This person belongs to other organizations too. Only they themselves can do that.", "shared_account"))
            : (user, null);
    }
}
