using System.Security.Cryptography;
using System.Text;

namespace Togglr.Store;

/// <summary>What an SDK key may see.</summary>
public enum SdkKeyKind
{
    /// <summary>The whole snapshot, rules included.</summary>
    Server,

    /// <summary>Results of client-visible flags only.</summary>
    Client,
}

/// <summary>A key with which applications read one environment. The key itself is shown once and stored as its SHA-256 only.</summary>
public sealed class SdkKey : Entity, ITenantOwned
{
    private const string Alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

    private SdkKey()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The environment that the key opens.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <summary>What the key may see.</summary>
    public SdkKeyKind Kind { get; private set; }

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>SHA-256 of the key.</summary>
    public byte[] Hash { get; private set; } = [];

    /// <summary>The beginning of the key, by which people recognise it.</summary>
    public string Prefix { get; private set; } = "";

    /// <summary>From when on the key is refused; null for never.</summary>
    public DateTimeOffset? ExpiresAt { get; private set; }

    /// <summary>Since when the key is refused.</summary>
    public DateTimeOffset? RevokedAt { get; private set; }

    /// <summary>When the key was seen last, to the minute. Written without an audit entry.</summary>
    public DateTimeOffset? LastUsedAt { get; private set; }

    internal override string AuditPath => $"keys/{Id}";

    /// <summary>SHA-256 of a key's UTF-8 bytes.</summary>
    public static byte[] HashOf(string secret) => SHA256.HashData(Encoding.UTF8.GetBytes(secret));

    /// <summary>A new key of 32 random base-62 characters behind <c>tgs_</c> or <c>tgc_</c> (190 bits).</summary>
    public static Result<(SdkKey Key, string Secret)> Create(
        ProjectEnvironment environment, SdkKeyKind kind, string name, DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        var secret = (kind == SdkKeyKind.Server ? "tgs_" : "tgc_") + RandomNumberGenerator.GetString(Alphabet, 32);
        return WithSecret(environment, kind, name, expiresAt, now, secret);
    }

    /// <summary>A key whose secret is given: for demo data and imports.</summary>
    public static Result<(SdkKey Key, string Secret)> WithSecret(
        ProjectEnvironment environment, SdkKeyKind kind, string name, DateTimeOffset? expiresAt, DateTimeOffset now, string secret)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        if (expiresAt <= now)
            return Result.Invalid("expiresAt", "The key would expire in the past.");
        var key = new SdkKey
        {
            Id = Guid.CreateVersion7(), OrganizationId = environment.OrganizationId, ProjectId = environment.ProjectId, EnvironmentId = environment.Id,
            Kind = kind, Name = name, Hash = HashOf(secret), Prefix = secret[..Math.Min(8, secret.Length)], ExpiresAt = expiresAt,
        };
        return (key, secret);
    }

    /// <summary>Ends the key; doing it twice changes nothing.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
