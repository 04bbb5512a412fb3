using System.Text.Encodings.Web;
using System.Text.Json;

namespace Togglr.ControlPlane.Notifications;

/// <summary>An event as it is sent: the body of webhooks, and what messages of every other kind are made of. Described in docs/notifications.md.</summary>
internal sealed record EventDocument
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The audit entry's identifier: the same at every destination.</summary>
    public required Guid Id { get; init; }

    /// <summary>What happened: <c>flag.killed</c>; <c>test</c> for a test.</summary>
    public required string Type { get; init; }

    /// <summary>The group of events that it belongs to.</summary>
    public string? Group { get; init; }

    /// <summary>When.</summary>
    public required DateTimeOffset OccurredAt { get; init; }

    /// <summary>One sentence: who did what to which thing where.</summary>
    public required string Summary { get; init; }

    /// <summary>The organization.</summary>
    public required NamedPlace Organization { get; init; }

    /// <summary>The project, if it is about one.</summary>
    public NamedPlace? Project { get; init; }

    /// <summary>The environment's key, if it is about one.</summary>
    public string? Environment { get; init; }

    /// <summary>The thing.</summary>
    public EventEntity? Entity { get; init; }

    /// <summary>Who.</summary>
    public EventActor? Actor { get; init; }

    /// <summary>Why.</summary>
    public string? Reason { get; init; }

    /// <summary>By what right something guarded was changed: <c>approved</c>, <c>bypass</c>, <c>emergency</c>, <c>scheduled</c>.</summary>
    public string? Authority { get; init; }

    /// <summary>The change request, if it is about one.</summary>
    public EventChangeRequest? ChangeRequest { get; init; }

    /// <summary>The incident, if it is about one.</summary>
    public EventIncident? Incident { get; init; }

    /// <summary>Where people see it.</summary>
    public Uri? Url { get; init; }

    /// <summary>As JSON.</summary>
    public string Write() => JsonSerializer.Serialize(this, Json);

    /// <summary>What <see cref="Write"/> made.</summary>
    public static EventDocument Read(string json) => JsonSerializer.Deserialize<EventDocument>(json, Json)!;
}

/// <summary>An organization or project.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name.</param>
internal sealed record NamedPlace(string Key, string Name);

/// <summary>The thing that an event is about.</summary>
/// <param name="Type">Its kind.</param>
/// <param name="Key">By which people name it.</param>
/// <param name="Id">Its identifier.</param>
internal sealed record EventEntity(string Type, string Key, Guid? Id);

/// <summary>Who did something.</summary>
/// <param name="Kind"><c>user</c>, <c>service_account</c>, <c>provider</c> or <c>system</c>.</param>
/// <param name="Id">Whose.</param>
/// <param name="Name">Their name at that time.</param>
internal sealed record EventActor(string Kind, Guid? Id, string Name);

/// <summary>A change request.</summary>
/// <param name="Number">Its number in the project.</param>
/// <param name="Title">What it is about.</param>
internal sealed record EventChangeRequest(int Number, string Title);

/// <summary>An incident.</summary>
/// <param name="Number">Its number in the project.</param>
internal sealed record EventIncident(int Number);
