using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>What schedules do in a range of time, flag by flag.</summary>
internal static class GetScheduleTimeline
{
    private const int MostDays = 400;
    private const int MostLanes = 100;
    private const int MostSpans = 1000;

    public static async Task<Results<Ok<ScheduleTimelineView>, Problem>> HandleAsync(
        [FromQuery(Name = "from"), Description("The first instant; now if absent")] DateTimeOffset? from,
        [FromQuery(Name = "to"), Description("The first instant after it, at most 400 days later; seven days later if absent")] DateTimeOffset? to,
        [FromQuery(Name = "environment"), Description("Key of an environment; all of them if absent")] string? environment,
        [FromQuery(Name = "flag"), Description("Key of a flag; all of them if absent")] string? flag,
        [FromQuery(Name = "after"), Description("What the answer before gave as next")] string? after,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        var now = db.Now;
        var first = (from ?? now).ToUniversalTime();
        if (first.Year is < 2000 or > 2200)
            return Problem.Invalid(new ProblemItem("out_of_range", "from", "A time is between the years 2000 and 2200."));
        var last = (to ?? first.AddDays(7)).ToUniversalTime();
        if (last <= first || last - first > TimeSpan.FromDays(MostDays))
            return Problem.Invalid(new ProblemItem("out_of_range", "to", $"to must be after from, by at most {MostDays} days."));
        if (environment is not null && !await db.Environments.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == environment, cancel))
            return Problem.NotFound($"There is no environment {environment}.");

        // The order of keys is the database's, by bytes, so that pages meet.
        var (afterFlag, afterEnvironment) = after?.IndexOf(' ', StringComparison.Ordinal) is { } space and >= 0 ? (after[..space], after[(space + 1)..]) : ("", "");
        var query = db.Schedules.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && (environment == null || row.EnvironmentKey == environment) && (flag == null || row.FlagKey == flag)
            && (row.Kind == ScheduleKind.Recurring || (row.At >= first && row.At < last) || (row.Outcome == ScheduleOutcome.Waiting && row.At < last)));
        var places = await query.Where(row => string.Compare(row.FlagKey, afterFlag) > 0 || (row.FlagKey == afterFlag && string.Compare(row.EnvironmentKey, afterEnvironment) > 0))
            .Select(row => new { row.FlagKey, row.EnvironmentKey, row.FlagId, row.EnvironmentId }).Distinct().OrderBy(row => row.FlagKey).ThenBy(row => row.EnvironmentKey).Take(MostLanes + 1).ToListAsync(cancel);
        var flags = places.Take(MostLanes).Select(place => place.FlagId).Distinct().ToArray();
        var rows = (await query.Where(row => flags.Contains(row.FlagId)).ToListAsync(cancel)).ToLookup(row => (row.FlagId, row.EnvironmentId));
        var states = await db.FlagEnvironments.AsNoTracking().Where(row => flags.Contains(row.FlagId) && row.Flag!.ArchivedAt == null)
            .Select(row => new { row.FlagId, row.EnvironmentId, row.Enabled, row.Flag!.Name }).ToDictionaryAsync(row => (row.FlagId, row.EnvironmentId), cancel);
        var clocks = await db.ScheduleClocks.AsNoTracking().Where(row => flags.Contains(row.FlagId)).ToDictionaryAsync(row => (row.FlagId, row.EnvironmentId), cancel);

        var lanes = new List<TimelineLaneView>();
        foreach (var place in places.Take(MostLanes))
        {
            var id = (place.FlagId, place.EnvironmentId);
            // Schedules of archived flags do nothing.
            if (!states.TryGetValue(id, out var state))
                continue;
            var schedules = rows[id].ToList();
            var spans = new ScheduleOutlook(schedules, state.Enabled, clocks.GetValueOrDefault(id)).Spans(first, last, now).Take(MostSpans + 1).ToList();
            var moments = schedules.Where(row => row.At >= first && row.At < last).OrderBy(row => row.At)
                .Select(row => new TimelineMomentView(row.At!.Value, row.Id, row.Name, row.Action, ScheduleViews.StateOf(row, now))).ToList();
            lanes.Add(new TimelineLaneView(place.FlagKey, state.Name, place.EnvironmentKey, spans.Count > MostSpans ? spans[..MostSpans] : spans, moments, spans.Count > MostSpans));
        }

        var next = places.Count > MostLanes ? $"{places[MostLanes - 1].FlagKey} {places[MostLanes - 1].EnvironmentKey}" : null;
        return TypedResults.Ok(new ScheduleTimelineView(first, last, lanes, next));
    }
}
