using System.Security.Cryptography;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>What began a sync.</summary>
public enum SyncTrigger
{
    /// <summary>A person.</summary>
    Manual,

    /// <summary>The provider's interval.</summary>
    Schedule,
}

/// <summary>How far a sync is.</summary>
public enum SyncStatus
{
    /// <summary>Waiting for a node, or at work.</summary>
    Running,

    /// <summary>Everything was read and applied.</summary>
    Succeeded,

    /// <summary>It stopped; the error says why.</summary>
    Failed,
}

/// <summary>One sync of one directory. Book-keeping: written without audit entries, while what it changes has them.</summary>
public sealed class DirectorySync : ITenantOwned
{
    private DirectorySync()
    {
    }

    /// <summary>UUID version 7.</summary>
    public Guid Id { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The directory.</summary>
    public Guid ProviderId { get; private set; }

    /// <summary>What began it.</summary>
    public SyncTrigger Trigger { get; private set; }

    /// <summary>Whether it may deactivate any number of people.</summary>
    public bool Force { get; private set; }

    /// <summary>How far it is.</summary>
    public SyncStatus Status { get; private set; }

    /// <summary>When it was asked for.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>When it ended.</summary>
    public DateTimeOffset? FinishedAt { get; private set; }

    /// <summary>People read in the directory.</summary>
    public int Scanned { get; private set; }

    /// <summary>People who became members.</summary>
    public int Created { get; private set; }

    /// <summary>Members of whom something changed.</summary>
    public int Updated { get; private set; }

    /// <summary>Members who lost their access.</summary>
    public int Deactivated { get; private set; }

    /// <summary>People who were left alone; the log says why.</summary>
    public int Skipped { get; private set; }

    /// <summary>Why it failed.</summary>
    public string? Error { get; private set; }

    /// <summary>The run that holds it now.</summary>
    public Guid? Claim { get; private set; }

    /// <summary>Until when that run has it, unless prolonged; then another may begin it anew.</summary>
    public DateTimeOffset ClaimedUntil { get; private set; }

    /// <summary>How often it was begun.</summary>
    public int Attempts { get; private set; }

    /// <summary>The user who asked for it.</summary>
    public Guid? StartedBy { get; private set; }

    /// <summary>A sync that waits for a node.</summary>
    public static DirectorySync Create(IdentityProvider provider, SyncTrigger trigger, bool force, Guid? startedBy, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(), OrganizationId = provider.OrganizationId, ProviderId = provider.Id, Trigger = trigger, Force = force, Status = SyncStatus.Running, StartedAt = now,
        ClaimedUntil = now, StartedBy = startedBy,
    };
}

/// <summary>A line in the log of a sync.</summary>
public sealed class DirectorySyncLine : ITenantOwned
{
    private DirectorySyncLine()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The sync.</summary>
    public Guid SyncId { get; private set; }

    /// <summary>Its place.</summary>
    public int Number { get; private set; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; private set; }

    /// <summary><c>info</c>, <c>warning</c> or <c>error</c>.</summary>
    public string Level { get; private set; } = "";

    /// <summary>What happened, for people.</summary>
    public string Message { get; private set; } = "";

    /// <summary>A new line.</summary>
    public static DirectorySyncLine Create(DirectorySync sync, int number, DateTimeOffset at, string level, string message) => new()
    {
        OrganizationId = sync.OrganizationId, SyncId = sync.Id, Number = number, At = at, Level = level, Message = message,
    };
}

/// <summary>A secret with which an identity provider writes people and groups into its organization. Shown once, stored as its SHA-256 only.</summary>
public sealed class ProviderToken : Entity, ITenantOwned
{
    /// <summary>Begins such a token.</summary>
    public const string SecretPrefix = "tgm_";

    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private ProviderToken()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The provider.</summary>
    public Guid ProviderId { get; private set; }

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the secret.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The beginning of the secret, by which people recognise it.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>From when on it is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>When it was last seen, to the minute. Written without an audit entry.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    /// <summary>From where it was last used. Written without an audit entry.</summary>
    public string? LastUsedAddress { get; private set; }

    internal override string AuditPath => $"providerTokens/{Id}";

    /// <summary>A new token: the prefix and 43 random base-62 characters (256 bits).</summary>
    public static (ProviderToken Token, string Secret) Create(IdentityProvider provider)
    {
        var secret = SecretPrefix + RandomNumberGenerator.GetString(Alphabet, 43);
        return (new ProviderToken
        {
            Id = Guid.CreateVersion7(), OrganizationId = provider.OrganizationId, ProviderId = provider.Id, Name = $"{provider.Key} {secret[..8]}", Hash = SdkKey.HashOf(secret), Prefix = secret[..8],
        }, secret);
    }

    /// <summary>Ends it at a time, or earlier if it would have ended before.</summary>
    public void ExpireAt(DateTimeOffset at) => ExpiresAt = ExpiresAt < at ? ExpiresAt : at;
}

/// <summary>What a SCIM client says of a member of its organization, beyond name, address and access.</summary>
public sealed class ScimPerson : Versioned, ITenantOwned
{
    private ScimPerson()
    {
    }

    /// <summary>The provider.</summary>
    public Guid ProviderId { get; private set; }

    /// <summary>The member.</summary>
    public Guid UserId { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The provider's name for the person; unique at the provider, without regard to case.</summary>
    public string UserName { get; private set; } = "";

    /// <summary>The name as it is compared.</summary>
    public string NormalizedUserName { get; private set; } = "";

    /// <summary>The provider's identifier.</summary>
    public string? ExternalId { get; private set; }

    /// <summary>The other attributes, as the provider wrote them.</summary>
    public JsonElement Attributes { get; private set; }

    internal override string AuditPath => $"members/{UserId}/scim";

    /// <summary>The form in which two names are compared.</summary>
    public static string Normalize(string userName) => userName.ToLowerInvariant();

    /// <summary>What a provider says of a member.</summary>
    public static ScimPerson Create(IdentityProvider provider, Guid userId) => new() { ProviderId = provider.Id, OrganizationId = provider.OrganizationId, UserId = userId };

    /// <summary>Replaces what the provider says. The texts were checked.</summary>
    public void Describe(string userName, string? externalId, JsonElement attributes)
    {
        (UserName, NormalizedUserName, ExternalId) = (userName, Normalize(userName), externalId);
        if (Attributes.ValueKind == JsonValueKind.Undefined || !JsonElement.DeepEquals(Attributes, attributes))
            Attributes = attributes;
    }
}
