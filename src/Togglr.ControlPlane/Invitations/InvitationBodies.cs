using System.Text.Json.Serialization;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;

namespace Togglr.ControlPlane.Invitations;

/// <summary>A role somewhere, by keys.</summary>
public sealed record InvitedGrant
{
    /// <summary>The key of a role.</summary>
    public required string Role { get; init; }

    /// <summary>The key of the project where it holds; the whole organization if absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Project { get; init; }

    /// <summary>The key of the environment where it holds; the whole project if absent.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Environment { get; init; }
}

/// <summary>Invites somebody.</summary>
public sealed record CreateInvitationRequest
{
    /// <summary>Whom.</summary>
    public required string Email { get; init; }

    /// <summary>What to call them until they choose themselves.</summary>
    public string? Name { get; init; }

    /// <summary>What accepting gives: at most 50, all of which the inviting person may give.</summary>
    public IReadOnlyList<InvitedGrant>? Grants { get; init; }

    /// <summary>The keys of the groups that accepting leads into: at most 50.</summary>
    public IReadOnlyList<string>? Groups { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>What became of an invitation.</summary>
public enum InvitationStatus
{
    /// <summary>It can be accepted.</summary>
    Pending,

    /// <summary>It was accepted.</summary>
    Accepted,

    /// <summary>Its time is over; it can be sent again.</summary>
    Expired,

    /// <summary>It was taken back.</summary>
    Revoked,
}

/// <summary>An invitation.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Email">Whom.</param>
/// <param name="Name">What they were called.</param>
/// <param name="Grants">What accepting gives.</param>
/// <param name="Groups">The keys of the groups that accepting leads into.</param>
/// <param name="InvitedBy">Who invites; accepting gives what they may still give then.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="ExpiresAt">From when on it is refused.</param>
/// <param name="Status">What became of it.</param>
/// <param name="Link">To hand over where no mail is sent; in the answers to creating and sending again only.</param>
public sealed record InvitationView(
    Guid Id, string Email, string? Name, IReadOnlyList<InvitedGrant> Grants, IReadOnlyList<string> Groups, PersonRef? InvitedBy, DateTimeOffset CreatedAt, DateTimeOffset ExpiresAt,
    InvitationStatus Status, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Link);

/// <summary>Where an invitation leads.</summary>
/// <param name="Key">The organization's key.</param>
/// <param name="Name">Its name.</param>
public sealed record InvitingOrganizationView(string Key, string Name);

/// <summary>An invitation, as the invited person sees it before accepting.</summary>
/// <param name="Organization">Where it leads.</param>
/// <param name="Email">Whom it is for.</param>
/// <param name="Name">What they were called.</param>
/// <param name="InvitedBy">The name of who invites; null when they are gone.</param>
/// <param name="ExpiresAt">From when on it is refused.</param>
/// <param name="HasAccount">Whether to accept with the password of an account that is there, or to make one.</param>
/// <param name="PasswordRules">What a new password must be.</param>
public sealed record OpenInvitationView(
    InvitingOrganizationView Organization, string Email, string? Name, string? InvitedBy, DateTimeOffset ExpiresAt, bool HasAccount, PasswordRulesView PasswordRules);

/// <summary>Accepts an invitation.</summary>
public sealed record AcceptInvitationRequest
{
    /// <summary>The name of a new account; what the invitation says if absent.</summary>
    public string? Name { get; init; }

    /// <summary>The password: of the account that is there, or for the new one.</summary>
    public string? Password { get; init; }

    /// <summary>A code of the second factor, where the account has one.</summary>
    public string? Code { get; init; }

    /// <summary>Whether the refresh token goes into an HttpOnly cookie instead of the answer.</summary>
    public bool? Cookie { get; init; }
}
