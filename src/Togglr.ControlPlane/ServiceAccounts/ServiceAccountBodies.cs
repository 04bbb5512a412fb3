using System.Text.Json.Serialization;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Http;

namespace Togglr.ControlPlane.ServiceAccounts;

/// <summary>An account that programs use.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the organization; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Grants">What is granted to it.</param>
/// <param name="DisabledAt">Since when its tokens are refused.</param>
/// <param name="TokenCount">How many of its tokens are good.</param>
/// <param name="LastUsedAt">When a token of it was last used.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record ServiceAccountView(
    Guid Id, string Key, string Name, string Description, IReadOnlyList<GrantView> Grants, DateTimeOffset? DisabledAt, int TokenCount, DateTimeOffset? LastUsedAt, int Version,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A secret with which a program acts as a service account.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="Prefix">The beginning of the secret, to recognise it by.</param>
/// <param name="Secret">The secret itself; in the answer to its creation only.</param>
/// <param name="Permissions">What it may do at most; null for everything that the account may.</param>
/// <param name="Project">Key of the project that it is confined to.</param>
/// <param name="Environment">Key of the environment that it is confined to.</param>
/// <param name="ExpiresAt">From when on it is refused; null: never.</param>
/// <param name="RevokedAt">Since when it is refused.</param>
/// <param name="LastUsedAt">When it was last used, to the minute.</param>
/// <param name="LastUsedAddress">From where.</param>
/// <param name="CreatedAt">When it was issued.</param>
/// <param name="CreatedBy">The person who issued it.</param>
public sealed record ServiceAccountTokenView(
    Guid Id, string Name, string Prefix, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret, IReadOnlyList<string>? Permissions, string? Project,
    string? Environment, DateTimeOffset? ExpiresAt, DateTimeOffset? RevokedAt, DateTimeOffset? LastUsedAt, string? LastUsedAddress, DateTimeOffset CreatedAt, PersonRef? CreatedBy);

/// <summary>A new service account; it may do nothing until something is granted to it.</summary>
public sealed record CreateServiceAccountRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a service account.</summary>
public sealed record UpdateServiceAccountRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A change of a service account's access.</summary>
public sealed record ServiceAccountAccessRequest
{
    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A new token of a service account.</summary>
public sealed record CreateServiceAccountTokenRequest
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>What it may do at most, of what the account may; everything if absent. <c>organization.view</c> and <c>project.view</c> always belong to it.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>Key of the project that it is confined to.</summary>
    public string? Project { get; init; }

    /// <summary>Key of the environment of that project that it is confined to.</summary>
    public string? Environment { get; init; }

    /// <summary>From when on it is refused; never if absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
