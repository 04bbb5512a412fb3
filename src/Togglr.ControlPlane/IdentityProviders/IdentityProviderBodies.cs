using System.Text.Json;
using System.Text.Json.Serialization;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>Somebody whom an organization trusts to say who its people are.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the organization; never changes.</param>
/// <param name="Name">Shown on the button of the login page.</param>
/// <param name="Kind">The protocol; never changes.</param>
/// <param name="Enabled">Whether people can come in through it.</param>
/// <param name="ShowOnLogin">Whether the login page shows it to everybody.</param>
/// <param name="Domains">Domains of e-mail addresses for which the login page offers it.</param>
/// <param name="CreatePeople">Whether people whom it vouches for become members at their first sign-in.</param>
/// <param name="Settings">What the protocol needs, complete.</param>
/// <param name="Secrets">The protocol's secrets by name: whether they are set.</param>
/// <param name="Mappings">What its groups or claim values give.</param>
/// <param name="Urls">What is to be entered at the provider.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record IdentityProviderView(
    Guid Id, string Key, string Name, IdentityProviderKind Kind, bool Enabled, bool ShowOnLogin, IReadOnlyList<string> Domains, bool CreatePeople, JsonElement Settings,
    IReadOnlyDictionary<string, SecretStateView> Secrets, IReadOnlyList<ProviderMapping> Mappings, ProviderUrlsView Urls, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A secret that can be written and never read.</summary>
/// <param name="Set">Whether there is one.</param>
public sealed record SecretStateView(bool Set);

/// <summary>What is to be entered at the provider; members that the protocol does not have are absent. Without <c>TOGGLR_PUBLIC_URL</c> they are paths only.</summary>
public sealed record ProviderUrlsView
{
    /// <summary>OpenID Connect: where people are sent back to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? RedirectUri { get; init; }

    /// <summary>SAML: where responses are posted to.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? AcsUrl { get; init; }

    /// <summary>SAML: the metadata of this service provider.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? MetadataUrl { get; init; }

    /// <summary>SAML: the name of this service provider.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? EntityId { get; init; }

    /// <summary>SCIM: the base address.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? ScimUrl { get; init; }

    /// <summary>Where a person begins to sign in.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? StartUrl { get; init; }
}

/// <summary>A new identity provider.</summary>
public sealed record CreateIdentityProviderRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>Shown on the button of the login page; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>The protocol; never changes.</summary>
    public required IdentityProviderKind Kind { get; init; }

    /// <summary>Whether people can come in through it; true if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Whether the login page shows it to everybody; false if absent.</summary>
    public bool? ShowOnLogin { get; init; }

    /// <summary>Domains of e-mail addresses for which the login page offers it.</summary>
    public IReadOnlyList<string>? Domains { get; init; }

    /// <summary>Whether people whom it vouches for become members at their first sign-in; false if absent.</summary>
    public bool? CreatePeople { get; init; }

    /// <summary>What the protocol needs; see the documentation of each.</summary>
    public required JsonElement Settings { get; init; }

    /// <summary>The protocol's secrets by name.</summary>
    public IReadOnlyDictionary<string, string>? Secrets { get; init; }

    /// <summary>What its groups or claim values give.</summary>
    public IReadOnlyList<ProviderMapping>? Mappings { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an identity provider.</summary>
public sealed record UpdateIdentityProviderRequest
{
    /// <summary>Shown on the button of the login page.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>Whether people can come in through it. Switching it off ends the sign-ins that came through it.</summary>
    public Optional<bool> Enabled { get; init; }

    /// <summary>Whether the login page shows it to everybody.</summary>
    public Optional<bool> ShowOnLogin { get; init; }

    /// <summary>Domains of e-mail addresses for which the login page offers it.</summary>
    public Optional<IReadOnlyList<string>> Domains { get; init; }

    /// <summary>Whether people whom it vouches for become members at their first sign-in.</summary>
    public Optional<bool> CreatePeople { get; init; }

    /// <summary>All settings of the protocol.</summary>
    public JsonElement? Settings { get; init; }

    /// <summary>Secrets to set, by name; those that are absent stay, an empty text removes one.</summary>
    public IReadOnlyDictionary<string, string>? Secrets { get; init; }

    /// <summary>All mappings. Grants follow at each person's next sign-in or sync.</summary>
    public Optional<IReadOnlyList<ProviderMapping>> Mappings { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>What trying a provider showed.</summary>
/// <param name="Ok">Whether every step went well.</param>
/// <param name="Steps">The steps, in order; those after a failed one that they depend on are absent.</param>
public sealed record ProviderTestView(bool Ok, IReadOnlyList<ProviderTestStepView> Steps)
{
    /// <summary>The steps with what they add up to.</summary>
    internal static ProviderTestView Of(IReadOnlyList<ProviderTestStepView> steps) => new(steps.All(static step => step.Ok), steps);
}

/// <summary>One step of the test.</summary>
/// <param name="Name">A stable name.</param>
/// <param name="Ok">Whether it went well.</param>
/// <param name="Detail">What was found, for people.</param>
public sealed record ProviderTestStepView(string Name, bool Ok, string Detail);

/// <summary>A way to sign in that the login page offers.</summary>
/// <param name="Id">The provider's id.</param>
/// <param name="Name">For the button.</param>
/// <param name="Kind">The protocol.</param>
/// <param name="StartUrl">Where the browser goes; absent where the login page itself asks for a name and password.</param>
public sealed record SignInProviderView(
    Guid Id, string Name, IdentityProviderKind Kind, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? StartUrl);
