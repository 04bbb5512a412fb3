using System.Text.Json;

namespace Togglr.Store;

/// <summary>The protocol an identity provider speaks.</summary>
public enum IdentityProviderKind
{
    /// <summary>OpenID Connect.</summary>
    Oidc,

    /// <summary>SAML 2.0.</summary>
    Saml,

    /// <summary>A directory: LDAP or Active Directory.</summary>
    Ldap,

    /// <summary>SCIM 2.0: the provider writes people and groups here.</summary>
    Scim,
}

/// <summary>Somebody an organization trusts to say who its people are. It never speaks for another organization.</summary>
public sealed class IdentityProvider : Entity, ITenantOwned
{
    private IdentityProvider()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>Unique in the organization; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people, also on the button of the login page.</summary>
    public string Name { get; private set; } = "";

    /// <summary>The protocol; never changes.</summary>
    public IdentityProviderKind Kind { get; private set; }

    /// <summary>Whether people can come in through it.</summary>
    public bool Enabled { get; private set; }

    /// <summary>Whether the login page shows it to everybody.</summary>
    public bool ShowOnLogin { get; private set; }

    /// <summary>Domains of e-mail addresses for which the login page offers it.</summary>
    public IReadOnlyList<string> Domains { get; private set; } = [];

    /// <summary>Whether people whom it vouches for become members at their first sign-in.</summary>
    public bool CreatePeople { get; private set; }

    /// <summary>What the protocol needs; never a secret.</summary>
    public JsonElement Settings { get; private set; }

    /// <summary>Secrets of the protocol, encrypted.</summary>
    public byte[]? Secrets { get; private set; }

    /// <summary>What its groups or claims give: an array of <c>{match, role, project, environment}</c> by keys.</summary>
    public JsonElement Mappings { get; private set; }

    internal override string AuditPath => $"identityProviders/{Key}";

    /// <summary>A new identity provider.</summary>
    public static Result<IdentityProvider> Create(Guid organizationId, string key, string name, IdentityProviderKind kind, JsonElement settings, JsonElement mappings)
    {
        if ((KeyFormat.Slug(key, "key") ?? KeyFormat.Name(name, "name")) is { } error)
            return error;
        return new IdentityProvider
        {
            Id = Guid.CreateVersion7(), OrganizationId = organizationId, Key = key, Name = name, Kind = kind, Settings = settings, Mappings = mappings,
        };
    }

    /// <summary>Changes what people see of it.</summary>
    public Result Present(string name, bool showOnLogin, IReadOnlyList<string> domains)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        (Name, ShowOnLogin) = (name, showOnLogin);
        if (!domains.SequenceEqual(Domains))
            Domains = [.. domains];
        return Result.Ok;
    }

    /// <summary>Changes how it is asked and what its answers give. The protocol has checked the settings.</summary>
    public void Configure(bool enabled, bool createPeople, JsonElement settings, JsonElement mappings) =>
        (Enabled, CreatePeople, Settings, Mappings) = (enabled, createPeople, settings, mappings);

    /// <summary>Replaces the encrypted secrets.</summary>
    public void SetSecrets(byte[]? secrets) => Secrets = secrets;
}

/// <summary>A provider's name for a person. Written without an audit entry of its own.</summary>
public sealed class ExternalIdentity : ITenantOwned
{
    private ExternalIdentity()
    {
    }

    /// <summary>The provider.</summary>
    public Guid ProviderId { get; private set; }

    /// <summary>The provider's stable name for the person.</summary>
    public string Subject { get; private set; } = "";

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The person.</summary>
    public Guid UserId { get; private set; }

    /// <summary>When the two were linked.</summary>
    public DateTimeOffset CreatedAt { get; private set; }

    /// <summary>When the provider last vouched.</summary>
    public DateTimeOffset LastSeenAt { get; private set; }

    /// <summary>Since when the provider does not know the person any more, so that the membership is deactivated on its word.</summary>
    public DateTimeOffset? AbsentSince { get; private set; }

    /// <summary>Links a provider's name to a person.</summary>
    public static ExternalIdentity Create(IdentityProvider provider, string subject, Guid userId, DateTimeOffset now) => new()
    {
        ProviderId = provider.Id, Subject = subject, OrganizationId = provider.OrganizationId, UserId = userId, CreatedAt = now, LastSeenAt = now,
    };

    /// <summary>Notes that the provider vouched.</summary>
    public void Seen(DateTimeOffset now) => (LastSeenAt, AbsentSince) = (now, null);

    /// <summary>Notes that the provider does not know the person any more.</summary>
    public void Missed(DateTimeOffset now) => AbsentSince ??= now;
}
