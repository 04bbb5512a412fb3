using System.Globalization;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Mail;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>What an audit entry says, without the documents that it holds.</summary>
internal sealed record ToldEntry(
    long Sequence, Guid Id, DateTimeOffset At, string Action, string Entity, string EntityKey, Guid? EntityId, string? ProjectKey, string? Environment, string ActorKind, Guid? ActorId, string ActorName,
    string? Reason, string? Authority)
{
    /// <summary>Whether somebody went past an approval.</summary>
    public bool IsBypass => Authority == "bypass";
}

/// <summary>An entry with what is known of it now.</summary>
/// <param name="Entry">The entry.</param>
/// <param name="Kind">The event; null where it is in no group by itself and somebody went past an approval.</param>
/// <param name="Project">The project, unless it is gone.</param>
/// <param name="EnvironmentId">The environment, unless it is gone or there is none.</param>
/// <param name="Request">The change request that it is about.</param>
/// <param name="Incident">The number of the incident that it is about.</param>
internal sealed record ToldEvent(ToldEntry Entry, EventKind? Kind, Project? Project, Guid? EnvironmentId, ChangeRequest? Request, int? Incident)
{
    /// <summary>The group in which people look for it.</summary>
    public string Group => Kind?.Group ?? EventCatalogue.Approvals;
}

/// <summary>Writes events for people.</summary>
internal sealed class EventSource(AccountLinks links)
{
    private const int LongestText = 300;

    /// <summary>The document of an event in a language.</summary>
    public EventDocument Describe(ToldEvent told, Organization organization, string language)
    {
        var entry = told.Entry;
        return new EventDocument
        {
            Id = entry.Id, Type = entry.Action, Group = told.Group, OccurredAt = entry.At, Summary = Sentence(told, language), Organization = new NamedPlace(organization.Key, organization.Name),
            Project = told.Project is { } project ? new NamedPlace(project.Key, project.Name) : null, Environment = entry.Environment,
            Entity = new EventEntity(entry.Entity, entry.EntityKey, entry.EntityId), Actor = new EventActor(entry.ActorKind, entry.ActorId, entry.ActorName), Reason = entry.Reason, Authority = entry.Authority,
            ChangeRequest = told.Request is { } request ? new EventChangeRequest(request.Number, request.Title) : null, Incident = told.Incident is { } incident ? new EventIncident(incident) : null, Url = links.Page(PathOf(told, organization)),
        };
    }

    /// <summary>A message that says that messages arrive.</summary>
    public EventDocument Test(NotificationDestination destination, Organization organization, Project? project, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(), Type = "test", OccurredAt = now, Organization = new NamedPlace(organization.Key, organization.Name),
        Summary = destination.Language == "ru" ? $"Проверка: сообщения Togglr доходят сюда ({Line(destination.Name)})." : $"A test: messages of Togglr arrive here ({Line(destination.Name)}).",
        Project = project is null ? null : new NamedPlace(project.Key, project.Name),
        Url = links.Page(project is null ? $"o/{organization.Key}/notifications" : $"p/{organization.Key}/{project.Key}/settings/notifications"),
    };

    /// <summary>One sentence: who did what, where.</summary>
    private static string Sentence(ToldEvent told, string language)
    {
        var entry = told.Entry;
        var isRussian = language == "ru";
        var what = told.Request is { } request ? string.Create(CultureInfo.InvariantCulture, $"#{request.Number} “{Line(request.Title)}”") : Line(entry.EntityKey);
        var who = entry.ActorKind == "system" ? (entry.ActorName == "togglr" ? "Togglr" : $"Togglr ({Line(entry.ActorName)})") : MailText.Name(entry.ActorName);
        var phrase = (told.Kind?.In(language) ?? (isRussian ? $"изменение: {entry.Entity} {{what}}" : $"changed the {entry.Entity.Replace('_', ' ')} {{what}}")).Replace("{what}", what, StringComparison.Ordinal);
        var past = !entry.IsBypass ? "" : isRussian ? " в обход одобрения" : ", past an approval";
        var place = (entry.Environment, told.Project?.Name ?? entry.ProjectKey) switch
        {
            ({ } environment, { } project) => isRussian ? $" (окружение {environment}, проект {Line(project)})" : $" in {environment} of {Line(project)}",
            (null, { } project) when entry.Entity != "project" => isRussian ? $" (проект {Line(project)})" : $" in {Line(project)}",
            _ => "",
        };
        return isRussian ? $"{who}: {phrase}{past}{place}." : $"{who} {phrase}{past}{place}.";
    }

    private static string PathOf(ToldEvent told, Organization organization)
    {
        if (told.Project is not { } project)
            return $"o/{organization.Key}";
        var root = $"p/{organization.Key}/{project.Key}";
        if (told.Incident is { } incident)
            return string.Create(CultureInfo.InvariantCulture, $"{root}/incidents/{incident}");
        var key = Uri.EscapeDataString(told.Entry.EntityKey);
        return told.Entry.Entity switch
        {
            "flag" or "ramp" or "incident" when told.Entry.Action != "flag.deleted" => $"{root}/flags/{key}",
            "segment" when told.Entry.Action != "segment.deleted" => $"{root}/segments/{key}",
            "changerequest" => $"{root}/changes/{key}",
            "changepolicy" => $"{root}/changes/policies",
            "schedule" => $"{root}/schedules",
            "experiment" when told.Entry.Action != "experiment.deleted" => $"{root}/experiments/{key}",
            "metric" => $"{root}/metrics",
            "layer" or "holdout" => $"{root}/layers",
            "environment" or "key" => $"{root}/environments",
            _ => root,
        };
    }

    /// <summary>A text that people chose, as one line of a bounded length.</summary>
    internal static string Line(string text)
    {
        var line = string.Concat(text.Select(static letter => char.IsControl(letter) || letter is '\u2028' or '\u2029' ? ' ' : letter)).Trim();
        if (line.Length <= LongestText)
            return line;
        return line[..(char.IsHighSurrogate(line[LongestText - 2]) ? LongestText - 2 : LongestText - 1)] + "…";
    }
}
