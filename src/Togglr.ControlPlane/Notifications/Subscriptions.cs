using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Some of what happens, as it is stored with a destination.</summary>
/// <param name="ProjectId">Of one project; null for all that the destination belongs to, and what is in no project.</param>
/// <param name="EnvironmentId">Of one environment, and what is about none in particular; null for all.</param>
/// <param name="Events">Events and groups of events.</param>
internal sealed record Subscription(Guid? ProjectId, Guid? EnvironmentId, IReadOnlyList<string> Events)
{
    /// <summary>Most subscriptions of a destination.</summary>
    public const int Maximum = 20;

    /// <summary>Whether it asks for an event.</summary>
    public bool Wants(ToldEvent told)
    {
        if (ProjectId is { } project && told.Project?.Id != project)
            return false;
        if (EnvironmentId is { } environment && !IsAbout(told, environment))
            return false;
        return (told.Kind is { } kind && (Events.Contains(kind.Key, StringComparer.Ordinal) || Events.Contains(kind.Group, StringComparer.Ordinal)))
            || (told.Entry.IsBypass && (Events.Contains(EventCatalogue.Bypassed, StringComparer.Ordinal) || Events.Contains(EventCatalogue.Approvals, StringComparer.Ordinal)));
    }

    /// <summary>What a destination is told.</summary>
    public static IReadOnlyList<Subscription> Of(NotificationDestination destination) => destination.Subscriptions.Deserialize<List<Subscription>>(JsonSerializerOptions.Web) ?? [];

    /// <summary>As it is stored.</summary>
    public static JsonElement Write(IEnumerable<Subscription> subscriptions) => JsonSerializer.SerializeToElement(subscriptions.ToList(), JsonSerializerOptions.Web);

    private static bool IsAbout(ToldEvent told, Guid environment)
    {
        if (told.Request is { ProjectWide: false, EnvironmentIds: { Count: > 0 } asked })
            return asked.Contains(environment);
        // A change that names no environment is about all: a kill switch, say.
        return told.Entry.Environment is null || told.EnvironmentId == environment;
    }
}
