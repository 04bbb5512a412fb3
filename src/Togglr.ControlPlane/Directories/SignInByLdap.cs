using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>A name and password of a directory.</summary>
public sealed record LdapSignInRequest
{
    /// <summary>As the directory's filter takes it: usually the login name or the e-mail address.</summary>
    public required string Username { get; init; }

    /// <summary>The directory's password.</summary>
    public required string Password { get; init; }

    /// <summary>A code of the second factor that the person has set up in Togglr, or a recovery code.</summary>
    public string? Code { get; init; }

    /// <summary>Whether the refresh token goes into a cookie instead of the answer.</summary>
    public bool? Cookie { get; init; }
}

internal static class SignInByLdap
{
    private const int LongestUsername = 254;
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    public static async Task<Results<Ok<LoginView>, Problem>> HandleAsync(
        Guid id, LdapSignInRequest request, HttpContext http, TogglrDbContext db, LdapCalls calls, ExternalSignIn external, SecondFactor secondFactor, SignInGuard guard, CancellationToken cancel)
    {
        if (await db.IdentityProviders.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .SingleOrDefaultAsync(row => row.Id == id && row.Kind == IdentityProviderKind.Ldap && row.Enabled, cancel) is not { } provider)
            return Problem.NotFound("There is no such directory.");
        var username = request.Username.Trim();
        // An empty password is never a password: many directories take it for nobody in particular, and say yes.
        if (username.Length is 0 or > LongestUsername || request.Password.Length is 0 or > Passwords.MaximumLength || Texts.Fault(username, "") is not null || Texts.Fault(request.Password, "") is not null)
            return Refused();
        var (account, address) = ($"{provider.Id} {username.ToLowerInvariant()}", http.Connection.RemoteIpAddress?.ToString() ?? "");
        if (await guard.BeginAsync(account, address, cancel) is { } wait)
            return wait;
        try
        {
            var found = await calls.WithSessionAsync(provider, Limit, session => FindAndVerify(session, username, request.Password), cancel);
            if (!found.IsOk)
                return Problem.Of(503, LdapCalls.Unavailable, "Temporarily unavailable", $"The directory {provider.Name} does not let anybody in at the moment. Tell your administrator if this lasts.");
            if (found.Value.Person is not { } person)
            {
                await guard.FailedAsync(account, address, cancel);
                await external.RefuseAsync(provider, username, "invalid_credentials", cancel);
                return Refused();
            }
            var result = await external.SignInAsync(http, provider, person, request.Cookie ?? false, cancel, user => secondFactor.CheckAsync(user, request.Code, cancel));
            if (result.Problem is { } problem)
            {
                if (problem.Code == "invalid_code")
                    await guard.FailedAsync(account, address, cancel);
                return problem;
            }
            await guard.SucceededAsync(account, address, cancel);
            return result.View is { } view ? TypedResults.Ok(view) : Problem.Forbidden(DescriptionOf(result.Refusal!, provider), result.Refusal!);
        }
        finally
        {
            guard.End(account, address);
        }
    }

    private static Verified FindAndVerify(LdapSession session, string username, string password)
    {
        var found = session.Find(username);
        // Two people by one name: which one it is cannot be told, so neither.
        if (found is not [{ Id: { } id } person] || !session.Verify(person.Dn, password))
            return new Verified(null);
        return new Verified(new ExternalPerson(id, person.Email, EmailIsVerified: true, person.Name, session.GroupsOf(person)));
    }

    private static string DescriptionOf(string refusal, IdentityProvider provider) => refusal switch
    {
        ExternalSignIn.EmailMissing => $"{provider.Name} knows no e-mail address of yours. Tell your administrator.",
        ExternalSignIn.NotAMember => "You are not a member here. Ask for an invitation.",
        ExternalSignIn.InvitationRequired => "You have an account in another organization. Ask for an invitation to this one.",
        ExternalSignIn.Deactivated => "Your access was deactivated. Ask your administrator.",
        ExternalSignIn.LinkedToAnother => $"{provider.Name} knows your e-mail address by another account. Tell your administrator.",
        _ => "The sign-in did not work. Try again.",
    };

    private static Problem Refused() => Problem.Unauthorized("The name or the password is wrong.", "invalid_credentials");

    private readonly record struct Verified(ExternalPerson? Person);
}
