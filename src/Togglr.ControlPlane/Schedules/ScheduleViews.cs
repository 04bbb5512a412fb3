using System.Text.Json;
using System.Text.Json.Serialization;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>Reading and showing schedules.</summary>
internal static class ScheduleViews
{
    private static readonly JsonSerializerOptions PatchOptions = new(StrictJson.Options) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    public static ScheduleDetails Details(this ScheduleRequest request) => new()
    {
        Name = request.Name, Kind = request.Kind, Action = request.Action, At = request.At?.ToUniversalTime(), CatchUpMinutes = request.CatchUpMinutes ?? Schedule.UsualCatchUpMinutes,
        Cron = request.Cron, TimeZone = request.TimeZone, DurationMinutes = request.DurationMinutes, From = request.From?.ToUniversalTime(), Until = request.Until?.ToUniversalTime(),
        Priority = request.Priority ?? 0, Enabled = request.Enabled ?? true,
        Patch = request.Change is { } change ? JsonSerializer.SerializeToElement(change, PatchOptions) : null,
    };

    /// <summary>Whoever schedules a change must be allowed to make it.</summary>
    public static Problem? NotAllowed(Current current, params IEnumerable<ScheduleAction> actions)
    {
        foreach (var action in actions)
        {
            var permission = action == ScheduleAction.Configure ? Permissions.FlagManage : Permissions.FlagToggle;
            if (!current.May(permission, current.Project.Id, current.Environment.Id))
                return Problem.Forbidden($"To schedule this needs the permission {permission} as well.");
        }

        return null;
    }

    public static Task<List<Schedule>> ReadAsync(TogglrDbContext db, Guid flag, Guid environment, CancellationToken cancel) =>
        db.Schedules.Where(row => row.FlagId == flag && row.EnvironmentId == environment).ToListAsync(cancel);

    public static async Task<IReadOnlyList<ScheduleView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Schedule> rows, DateTimeOffset now, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.SelectMany(row => (IEnumerable<Guid?>)[row.CreatedBy, row.UpdatedBy]), cancel);
        return [.. rows.Select(row => View(row, people, now))];
    }

    public static ScheduleState StateOf(Schedule row, DateTimeOffset now) => row switch
    {
        { Outcome: ScheduleOutcome.Done } => ScheduleState.Done,
        { Outcome: ScheduleOutcome.Missed } => ScheduleState.Missed,
        { Outcome: ScheduleOutcome.Failed } => ScheduleState.Failed,
        { Enabled: false } => ScheduleState.Paused,
        { Kind: ScheduleKind.Once } => ScheduleState.Waiting,
        // A zone that was known when it was made, and is not here.
        _ => row.Windows() is { } rule ? StateOf(rule.Window, now) : ScheduleState.Failed,
    };

    private static ScheduleState StateOf(RecurringWindow window, DateTimeOffset now) =>
        window.IsOpen(now) ? ScheduleState.Open : window.NextEdge(now) is null ? ScheduleState.Done : ScheduleState.Waiting;

    /// <summary>Windows from now on; the last has no end where it never closes.</summary>
    public static List<TimeWindowView> Windows(RecurringWindow window, DateTimeOffset now, int count)
    {
        var windows = new List<TimeWindowView>();
        DateTimeOffset? from = window.IsOpen(now) ? now : window.NextEdge(now);
        while (from is { } start && windows.Count < count)
        {
            var end = window.NextEdge(start);
            windows.Add(new TimeWindowView(start, end));
            from = end is { } closed ? window.NextEdge(closed) : null;
        }

        return windows;
    }

    private static ScheduleView View(Schedule row, People people, DateTimeOffset now) => new(
        row.Id, row.FlagKey, row.EnvironmentKey, row.Name, row.Kind, row.Action, StateOf(row, now), row.Enabled, row.Priority, row.At,
        row.Patch is { } patch ? patch.Deserialize<ScheduledChangeBody>(StrictJson.Options) : null, row.CatchUpMinutes, row.Cron, row.TimeZone, row.DurationMinutes,
        row.ValidFrom, row.ValidUntil, row.Windows() is { } rule ? Windows(rule.Window, now, 1).FirstOrDefault() : null, row.HappenedAt, row.Detail,
        row.Version, row.CreatedAt, people[row.CreatedBy], row.UpdatedAt, people[row.UpdatedBy]);
}
