using System.ComponentModel;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

internal static class EventEndpoints
{
    private const int Minutes = 60;
    private const int MostRecent = 200;

    /// <summary>How many names the latest events are taken from when none is asked for.</summary>
    private const int NamesLooked = 20;

    private const string DeadOrder = "-receivedAt";
    private static readonly string[] s_kinds = ["exposure", "metric"];

    public static void MapEvents(this IEndpointRouteBuilder project)
    {
        var events = project.MapGroup("/environments/{env}/events").WithTags("Events");
        events.MapGet("", GetAsync).WithName("getEvents").WithSummary("What events come to an environment, and the latest of them").RequirePermission(Permissions.FlagView);
        events.MapGet("/dead-letters", ListDeadAsync).WithName("listDeadLetters").WithSummary("Events that could not be used").RequirePermission(Permissions.FlagView);
    }

    private static async Task<Results<Ok<EventsView>, Problem>> GetAsync(
        [FromQuery(Name = "kind"), Description("exposure or metric: the latest of this kind only")] string? kind,
        [FromQuery(Name = "name"), Description("An experiment or event: the latest of this name only")] string? name,
        [FromQuery(Name = "limit"), Description("How many of the latest, 0 to 200; 50 if absent")] int? limit,
        Current current,
        TogglrDbContext db,
        EventReading reading,
        CancellationToken cancel)
    {
        if (kind is not (null or "exposure" or "metric"))
            return Problem.Invalid(new ProblemItem("invalid", "kind", "kind is exposure or metric."));
        if (name is { Length: > 100 } || name?.Contains('\0', StringComparison.Ordinal) == true)
            return Problem.Invalid(new ProblemItem("invalid", "name", "name is a text of at most 100 characters."));
        var most = limit ?? 50;
        if (most is < 0 or > MostRecent)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit is from 0 to {MostRecent}."));
        var place = current.Environment;
        // Five minutes more: that is how far a sender's clock may be ahead.
        var now = db.Now;
        var from = now.Floor(TimeSpan.TicksPerMinute).AddMinutes(1 - Minutes);
        var (kinds, names, lastAt) = await reading.ReadCountsAsync(place.Id, from, Minutes, cancel);
        var asked = name is not null
            ? s_kinds.ToLookup(static each => each, _ => name, StringComparer.Ordinal)
            : names.GroupBy(static row => row.Kind, StringComparer.Ordinal).SelectMany(static group => group.Where(static row => row.Name != "*").Take(NamesLooked))
                .ToLookup(static row => row.Kind, static row => row.Name, StringComparer.Ordinal);
        var recent = most == 0 ? [] : await reading.ReadRecentAsync(place.Id, kind, asked, now.AddDays(-2), most, cancel);
        return TypedResults.Ok(new EventsView(place.Key, from, Minutes, lastAt, kinds, names, recent, EventReading.PropertiesOf(recent), await reading.FindRefusalAsync(place.OrganizationId, cancel)));
    }

    private static async Task<Results<Ok<DeadLettersView>, Problem>> ListDeadAsync(
        [FromQuery(Name = "code"), Description("Only those with this code")] string? code,
        [FromQuery(Name = "limit"), Description("1 to 200; 50 if absent")] int? limit,
        [FromQuery(Name = "cursor")] string? cursor,
        Current current,
        TogglrDbContext db,
        EventReading reading,
        CancellationToken cancel)
    {
        var most = limit ?? 50;
        if (most is < 1 or > MostRecent)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit is from 1 to {MostRecent}."));
        if (code?.Contains('\0', StringComparison.Ordinal) == true)
            return Problem.Invalid(new ProblemItem("invalid", "code", "code is a text."));
        DateTimeOffset? before = null;
        var beforeId = Guid.Empty;
        if (cursor is not null)
        {
            if (ListCursor.Decode(cursor) is not { Sort: DeadOrder } place
                || !DateTimeOffset.TryParseExact(place.Value, "O", CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var at))
                return Problem.Invalid(new ProblemItem("invalid_cursor", "cursor", "The cursor is not one of this list."));
            (before, beforeId) = (at, place.Id);
        }
        var environment = current.Environment.Id;
        var letters = await reading.ReadDeadAsync(environment, code, before, beforeId, most + 1, cancel);
        var next = letters.Count > most
            ? new ListCursor(DeadOrder, letters[most - 1].ReceivedAt.UtcDateTime.ToString("O", CultureInfo.InvariantCulture), letters[most - 1].Id).Encode() : null;
        return TypedResults.Ok(new DeadLettersView([.. letters.Take(most)], next, await reading.CountDeadAsync(environment, db.Now.AddHours(-25), cancel)));
    }
}
