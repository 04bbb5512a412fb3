using System.Text.Json;

namespace Togglr.ControlPlane.Events;

/// <summary>The events of an environment: how many there are of what, and the latest.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="From">Start of the first minute of the series.</param>
/// <param name="Minutes">How many minutes a series has; the last one is not over yet.</param>
/// <param name="LastAt">When the latest event of the last 400 days happened, to the hour; null for none.</param>
/// <param name="Kinds">By kind, in the last hour and day: <c>exposure</c>, <c>metric</c>, <c>feedback</c>, <c>error</c>, <c>dead</c>, <c>duplicate</c>. Kinds without events are absent.</param>
/// <param name="Names">By name, in the last day, the most frequent first, at most 200.</param>
/// <param name="Recent">The latest, newest first, of the kind and name that were asked for.</param>
/// <param name="Properties">What the recent events say of themselves.</param>
/// <param name="Refusing">Why no events are accepted now: <c>event_key_unreadable</c> (the server lacks the encryption key), <c>backlog_full</c> (too many wait to be sorted in); null: they are.</param>
public sealed record EventsView(
    string Environment, DateTimeOffset From, int Minutes, DateTimeOffset? LastAt, IReadOnlyDictionary<string, EventKindView> Kinds, IReadOnlyList<EventNameView> Names,
    IReadOnlyList<RecentEventView> Recent, IReadOnlyList<EventPropertyView> Properties, string? Refusing);

/// <summary>How many events of a kind there are.</summary>
/// <param name="LastHour">In the last hour.</param>
/// <param name="LastDay">In the last day, to the hour.</param>
/// <param name="Series">By minute of the last hour.</param>
public sealed record EventKindView(long LastHour, long LastDay, IReadOnlyList<long> Series);

/// <summary>How many events of a name there are.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Name">The experiment of an exposure, the event of a metric event, the flag of feedback and errors, the code of what could not be used; <c>*</c> for names beyond the first 2,000.</param>
/// <param name="LastHour">In the last hour.</param>
/// <param name="LastDay">In the last day, to the hour.</param>
/// <param name="Mean">The mean of the values of metric events, counting 0 where there is none; null for others.</param>
/// <param name="Details">By variant, in the last day; empty where there are none.</param>
public sealed record EventNameView(string Kind, string Name, long LastHour, long LastDay, double? Mean, IReadOnlyDictionary<string, long> Details);

/// <summary>One event.</summary>
/// <param name="Kind"><c>exposure</c> or <c>metric</c>.</param>
/// <param name="Name">The experiment, or the event.</param>
/// <param name="At">When it happened.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Unit">Stands for the unit.</param>
/// <param name="Flag">The flag of an exposure.</param>
/// <param name="Variant">The variant of an exposure.</param>
/// <param name="Phase">The experiment's phase.</param>
/// <param name="Value">The value of a metric event.</param>
/// <param name="Properties">Attributes or properties.</param>
public sealed record RecentEventView(
    string Kind, string Name, DateTimeOffset At, DateTimeOffset ReceivedAt, Guid Unit, string? Flag, string? Variant, int? Phase, double? Value, JsonElement? Properties);

/// <summary>What recent events say under a name.</summary>
/// <param name="Name">The property.</param>
/// <param name="Count">How many of them say something.</param>
/// <param name="Values">The most frequent values as text, at most ten.</param>
public sealed record EventPropertyView(string Name, int Count, IReadOnlyList<EventValueView> Values);

/// <summary>A value of a property.</summary>
/// <param name="Value">As text.</param>
/// <param name="Count">How many recent events have it.</param>
public sealed record EventValueView(string Value, int Count);

/// <summary>An event that could not be used.</summary>
/// <param name="Id">Its id here.</param>
/// <param name="ReceivedAt">When it came.</param>
/// <param name="Kind">What it said it was; empty where it said nothing that could be understood.</param>
/// <param name="Code">A stable code.</param>
/// <param name="Path">Where in the event; empty: as a whole.</param>
/// <param name="Message">What is wrong.</param>
/// <param name="Content">What is kept of it.</param>
public sealed record DeadLetterView(Guid Id, DateTimeOffset ReceivedAt, string Kind, string Code, string Path, string Message, JsonElement Content);

/// <summary>Events that could not be used.</summary>
/// <param name="Items">The latest, newest first.</param>
/// <param name="NextCursor">Asks for the next page; null where there is none.</param>
/// <param name="Codes">How many there were in the last day, by code, those included of which nothing is kept.</param>
public sealed record DeadLettersView(IReadOnlyList<DeadLetterView> Items, string? NextCursor, IReadOnlyDictionary<string, long> Codes);
