using System.Text.Json.Serialization;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Signs in with a password.</summary>
public sealed record LoginRequest
{
    /// <summary>The person's address; case does not matter.</summary>
    public required string Email { get; init; }

    /// <summary>The password.</summary>
    public required string Password { get; init; }

    /// <summary>A code of the authenticator app, or a recovery code; needed where the person has a second factor.</summary>
    public string? Code { get; init; }

    /// <summary>Whether the refresh token goes into an HttpOnly cookie instead of the answer.</summary>
    public bool? Cookie { get; init; }
}

/// <summary>Carries a refresh token; absent where the cookie has it.</summary>
public sealed record RefreshRequest
{
    /// <summary>The refresh token of the last answer.</summary>
    public string? RefreshToken { get; init; }
}

/// <summary>Somebody is signed in.</summary>
/// <param name="AccessToken">Goes into <c>Authorization: Bearer …</c>.</param>
/// <param name="ExpiresIn">Seconds that the access token is good for.</param>
/// <param name="RefreshToken">Gets the next access token, once; absent where the cookie has it.</param>
/// <param name="User">Who.</param>
public sealed record LoginView(
    string AccessToken, int ExpiresIn, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? RefreshToken, MeView User);

/// <summary>Who is asking, and what they may do.</summary>
/// <param name="Id">The person's or service account's id.</param>
/// <param name="Kind">Person or service account.</param>
/// <param name="Email">The person's address; empty for a service account.</param>
/// <param name="Name">Their name.</param>
/// <param name="MustChangePassword">Whether nothing else is allowed before the password is changed.</param>
/// <param name="TwoFactor">Whether signing in with a password takes a second factor.</param>
/// <param name="Locale">The chosen language; null follows the browser.</param>
/// <param name="TimeZone">The chosen IANA time zone; null follows the browser.</param>
/// <param name="Session">The sign-in; null with a token.</param>
/// <param name="Organizations">Where they may do something.</param>
public sealed record MeView(
    Guid Id, CallerKind Kind, string Email, string Name, bool MustChangePassword, bool TwoFactor, string? Locale, string? TimeZone, MySessionView? Session,
    IReadOnlyList<MyOrganizationView> Organizations);

/// <summary>The sign-in that asks.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Method">How the person signed in.</param>
/// <param name="SecondFactor">Whether with a second factor.</param>
public sealed record MySessionView(Guid Id, SignInMethod Method, bool SecondFactor);

/// <summary>An organization of the asking person or service account.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">The strongest role that holds in all of it; null for none.</param>
/// <param name="Roles">All roles that hold in all of it.</param>
/// <param name="Permissions">What they may do in all of it.</param>
/// <param name="Projects">What they may do in single projects besides, by the project's key.</param>
/// <param name="Requirement">What the organization asks of the sign-in before anything is allowed: <c>two_factor_required</c> or <c>sso_required</c>.</param>
public sealed record MyOrganizationView(
    string Key, string Name, string? Role, IReadOnlyList<string> Roles, IReadOnlyList<string> Permissions, IReadOnlyDictionary<string, MyProjectView> Projects, string? Requirement);

/// <summary>What somebody may do in one project besides what they may do in the whole organization.</summary>
/// <param name="Permissions">In all of the project.</param>
/// <param name="Environments">In single environments besides, by the environment's key.</param>
public sealed record MyProjectView(IReadOnlyList<string> Permissions, IReadOnlyDictionary<string, IReadOnlyList<string>> Environments);

/// <summary>Replaces the password.</summary>
public sealed record ChangePasswordRequest
{
    /// <summary>The password until now.</summary>
    public required string CurrentPassword { get; init; }

    /// <summary>The password from now on: 10 to 200 characters.</summary>
    public required string NewPassword { get; init; }
}

/// <summary>What a new password must be.</summary>
/// <param name="MinimumLength">Fewest characters.</param>
/// <param name="MaximumLength">Most characters.</param>
/// <param name="BreachedList">Whether passwords are compared with a list of known ones that the operator supplied; a short built-in list always counts.</param>
public sealed record PasswordRulesView(int MinimumLength, int MaximumLength, bool BreachedList);

/// <summary>What the pages in front of the sign-in need to know.</summary>
/// <param name="PasswordRules">What a new password must be.</param>
/// <param name="Mail">Whether Togglr sends mail: without it, an administrator resets forgotten passwords.</param>
/// <param name="Demo">Whether this is the demo with its well-known sign-in.</param>
public sealed record SignInSettingsView(PasswordRulesView PasswordRules, bool Mail, bool Demo);
