using System.Text.Json.Serialization;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Signs in with a password.</summary>
public sealed record LoginRequest
{
    /// <summary>The person's address; case does not matter.</summary>
    public required string Email { get; init; }

    /// <summary>The password.</summary>
    public required string Password { get; init; }

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

/// <summary>The signed-in person.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Email">Their address.</param>
/// <param name="Name">Their name.</param>
/// <param name="MustChangePassword">Whether nothing else is allowed before the password is changed.</param>
/// <param name="Organizations">Where they are a member.</param>
public sealed record MeView(Guid Id, string Email, string Name, bool MustChangePassword, IReadOnlyList<MyOrganizationView> Organizations);

/// <summary>An organization of the signed-in person.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name.</param>
/// <param name="Role">The person's role in it.</param>
/// <param name="Permissions">What they may do there.</param>
public sealed record MyOrganizationView(string Key, string Name, string Role, IReadOnlyList<string> Permissions);

/// <summary>Replaces the password.</summary>
public sealed record ChangePasswordRequest
{
    /// <summary>The password until now.</summary>
    public required string CurrentPassword { get; init; }

    /// <summary>The password from now on: 10 to 200 characters.</summary>
    public required string NewPassword { get; init; }
}
