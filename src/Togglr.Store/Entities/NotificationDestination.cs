using System.Text.Json;

namespace Togglr.Store;

/// <summary>How messages get to a destination.</summary>
public enum DestinationKind
{
    /// <summary>An HTTP endpoint that takes signed JSON.</summary>
    Webhook,

    /// <summary>An incoming webhook of Slack.</summary>
    Slack,

    /// <summary>An incoming webhook of Mattermost.</summary>
    Mattermost,

    /// <summary>A chat that a Telegram bot writes to.</summary>
    Telegram,

    /// <summary>Mail by the server's mail server.</summary>
    Email,
}

/// <summary>A place that is told what happens in an organization, or in one project of it.</summary>
public sealed class NotificationDestination : Entity, ITenantOwned
{
    /// <summary>Most destinations of an organization, or of a project.</summary>
    public const int Maximum = 50;

    private NotificationDestination()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project; null for the whole organization.</summary>
    public Guid? ProjectId { get; private set; }

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>How messages get there; never changes.</summary>
    public DestinationKind Kind { get; private set; }

    /// <summary>The language of messages: <c>en</c> or <c>ru</c>.</summary>
    public string Language { get; private set; } = "en";

    /// <summary>Whether anything is sent.</summary>
    public bool Enabled { get; private set; }

    /// <summary>What the kind needs; never a secret.</summary>
    public JsonElement Settings { get; private set; }

    /// <summary>Secrets of the kind, encrypted.</summary>
    public byte[]? Secrets { get; private set; }

    /// <summary>What it is told: an array of <c>{projectId, environmentId, events}</c>.</summary>
    public JsonElement Subscriptions { get; private set; }

    internal override string AuditPath => $"notificationDestinations/{Id}";

    /// <summary>A new destination.</summary>
    public static NotificationDestination Create(Guid organizationId, Project? project, DestinationKind kind) => new()
    {
        Id = Guid.CreateVersion7(), OrganizationId = organizationId, ProjectId = project?.Id, Kind = kind, Settings = JsonColumn.Parse("{}"), Subscriptions = JsonColumn.EmptyArray,
    };

    /// <summary>Changes everything but the secrets. The kind has checked settings and subscriptions.</summary>
    public Result Change(string name, string language, bool enabled, JsonElement settings, JsonElement subscriptions)
    {
        if (KeyFormat.Name(name, "name") is { } error)
            return error;
        if (language is not ("en" or "ru"))
            return Result.Invalid("language", "The language is en or ru.");
        (Name, Language, Enabled, Settings, Subscriptions) = (name, language, enabled, settings, subscriptions);
        return Result.Ok;
    }

    /// <summary>Replaces the encrypted secrets.</summary>
    public void SetSecrets(byte[]? secrets) => Secrets = secrets;
}
