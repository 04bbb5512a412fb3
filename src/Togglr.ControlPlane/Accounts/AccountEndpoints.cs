using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Invitations;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

internal static class AccountEndpoints
{
    public static void MapAccounts(this IEndpointRouteBuilder api)
    {
        var auth = api.MapGroup("/auth").WithTags("Sign in");
        auth.MapPost("/login", Login.HandleAsync).WithName("login").WithSummary("Sign in with e-mail address and password").AllowEverybody();
        auth.MapPost("/refresh", Refresh.HandleAsync).WithName("refresh").WithSummary("Exchange a refresh token for new tokens").AllowEverybody();
        auth.MapPost("/logout", Logout.HandleAsync).WithName("logout").WithSummary("Sign out").AllowEverybody();

        auth.MapPost("/forgot-password", ForgotPassword.Handle).WithName("forgotPassword").WithSummary("Ask for a link that sets a new password").AllowEverybody();
        auth.MapPost("/reset-password", ResetPassword.HandleAsync).WithName("resetPassword").WithSummary("Set a new password with the secret of a link").AllowEverybody();
        auth.MapOpenInvitations();
        auth.MapGet("/settings", GetSettings).WithName("getSignInSettings").WithSummary("What the pages in front of the sign-in need to know").AllowEverybody();

        var me = api.MapGroup("/me").WithTags("Account");
        me.MapGet("", GetMeAsync).WithName("getMe").WithSummary("Who is signed in, and what they may do").RequireSignIn().WithMetadata(new AllowedBeforePasswordChange());
        me.MapPatch("", UpdateMe.HandleAsync).WithName("updateMe").WithSummary("Change one's name, language or time zone").RequireInPerson();
        me.MapPost("/password", ChangePassword.HandleAsync).WithName("changePassword").WithSummary("Change the password").RequireInPerson()
            .WithMetadata(new AllowedBeforePasswordChange());
        me.MapPost("/reauthenticate", Reauthenticate.HandleAsync).WithName("reauthenticate").WithSummary("Prove again who one is, for what asks for it in the next five minutes").RequireInPerson();
        me.MapTwoFactor();
        me.MapMySessions();
        me.MapMyTokens();
    }

    private static Ok<SignInSettingsView> GetSettings(PasswordRules rules, ControlPlaneOptions options) =>
        TypedResults.Ok(new SignInSettingsView(rules.View, options.Mail is not null, options.Demo));

    private static async Task<Ok<MeView>> GetMeAsync(Current current, TogglrDbContext db, CancellationToken cancel) =>
        TypedResults.Ok(await MyOrganizations.DescribeAsync(db, current.Caller, cancel));
}
