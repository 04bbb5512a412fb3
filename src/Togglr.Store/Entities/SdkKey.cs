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
public sealed class SdkKey : Entity, IProjectOwned
{
    /// <summary>The highest limit of requests per second.</summary>
    public const int MaximumRate = 1_000_000;

    /// <summary>The most origins of a key.</summary>
    public const int MaximumOrigins = 50;

    /// <summary>The longest time for which a key and its successor are good together.</summary>
    public static readonly TimeSpan MaximumOverlap = TimeSpan.FromDays(90);

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

    /// <summary>Where the request came from that was seen last. Written without an audit entry.</summary>
    public string? LastUsedAddress { get; private set; }

    /// <summary>Requests per second and edge; 0 for any number, null for the installation's default.</summary>
    public int? RateLimit { get; private set; }

    /// <summary>The origins whose pages may use a client key, perhaps <c>*</c>; null for the installation's default.</summary>
    public IReadOnlyList<string>? Origins { get; private set; }

    /// <summary>The key that this one takes the place of.</summary>
    public Guid? Replaces { get; private set; }

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

    /// <summary>Gives the key another name.</summary>
    public Result Rename(string name)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        Name = name;
        return Result.Ok;
    }

    /// <summary>Sets how many requests per second every edge takes; 0 for any number, null for the installation's default.</summary>
    public Result LimitRate(int? perSecond)
    {
        if (perSecond is < 0 or > MaximumRate)
            return Result.Invalid("rateLimit/perSecond", $"A limit is 0 (none) to {MaximumRate} requests per second.");
        RateLimit = perSecond;
        return Result.Ok;
    }

    /// <summary>Sets the origins whose pages may use the key; null for the installation's default. Only client keys have any.</summary>
    public Result AllowOrigins(IReadOnlyList<string>? origins)
    {
        if (origins is null)
        {
            Origins = null;
            return Result.Ok;
        }
        if (Kind != SdkKeyKind.Client)
            return Result.Invalid("origins", "Origins are for client keys; a server key does not belong into a page.");
        if (origins.Count > MaximumOrigins)
            return Result.Invalid("origins", $"A key has at most {MaximumOrigins} origins.");
        var canonical = new List<string>();
        for (var i = 0; i < origins.Count; i++)
        {
            if (Origin.Canonical(origins[i]) is not { } origin)
                return Result.Invalid($"origins/{i}", "An origin is written https://host or https://host:port, without a path; * stands for any.");
            if (!canonical.Contains(origin, StringComparer.Ordinal))
                canonical.Add(origin);
        }
        if (Origins is null || !Origins.SequenceEqual(canonical, StringComparer.Ordinal))
            Origins = canonical;
        return Result.Ok;
    }

    /// <summary>Sets when the key ends; null for never.</summary>
    public Result EndAt(DateTimeOffset? expiresAt, DateTimeOffset now)
    {
        if (expiresAt == ExpiresAt)
            return Result.Ok;
        if (expiresAt <= now)
            return Result.Invalid("expiresAt", "The key would expire in the past.");
        ExpiresAt = expiresAt;
        return Result.Ok;
    }

    /// <summary>
    /// A new key with the terms of this one, which goes on for a while so that applications can change over. A key that ends some day is followed by one that lives as long.
    /// </summary>
    /// <param name="environment">The key's environment.</param>
    /// <param name="overlap">How long both are good; zero ends this one at once.</param>
    /// <param name="now">The time.</param>
    public Result<(SdkKey Key, string Secret)> Rotate(ProjectEnvironment environment, TimeSpan overlap, DateTimeOffset now)
    {
        if (RevokedAt is not null || ExpiresAt <= now)
            return new StoreError(ErrorCodes.Conflict, "The key is not valid any more. Issue a new one.");
        if (overlap < TimeSpan.Zero || overlap > MaximumOverlap)
            return Result.Invalid("overlapHours", $"The overlap is 0 to {MaximumOverlap.TotalHours} hours.");
        var made = Create(environment, Kind, Name, ExpiresAt is { } end ? now + (end - CreatedAt) : null, now);
        if (!made.IsOk)
            return made;
        var successor = made.Value.Key;
        (successor.RateLimit, successor.Origins, successor.Replaces) = (RateLimit, Origins, Id);
        if (ExpiresAt is null || ExpiresAt > now + overlap)
            ExpiresAt = now + overlap;
        return made;
    }

    /// <summary>Ends the key; doing it twice changes nothing.</summary>
    public void Revoke(DateTimeOffset now) => RevokedAt ??= now;
}
