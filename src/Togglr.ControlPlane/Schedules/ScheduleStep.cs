using System.Globalization;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Flags;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>
/// Brings a flag in an environment to where its schedules want it now, however long nobody looked. What happens once is done in order and changes what the flag is
/// without windows; the open window that decides stands above that. What a person switched during a window stays until other windows decide.
/// </summary>
internal sealed class ScheduleStep(TogglrDbContext db, Flag flag, FlagEnvironment state, IReadOnlyList<Schedule> schedules, ScheduleClock clock)
{
    /// <summary>Less is nothing worth telling of.</summary>
    private static readonly TimeSpan Punctual = TimeSpan.FromMinutes(1);

    private readonly List<string> _reasons = [];
    private readonly List<Schedule> _done = [];
    private readonly List<ChangePart> _parts = [];

    /// <summary>Changes the tracked rows; what the changed ones tell.</summary>
    /// <param name="now">The time of the database.</param>
    /// <param name="refusal">Why what is due could not be written before; then it is given up.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<IReadOnlyList<ChangePart>> RunAsync(DateTimeOffset now, string? refusal, CancellationToken cancel)
    {
        if (flag.ArchivedAt is not null)
        {
            // It is woken when it comes back.
            clock.Rest();
            return [];
        }

        var baseBefore = clock.BaseEnabled ?? state.Enabled;
        var baseNow = baseBefore;
        foreach (var schedule in schedules.Where(schedule => schedule.IsPending && schedule.At <= now).OrderBy(schedule => schedule.At).ThenBy(schedule => schedule.Id))
            baseNow = await HappenAsync(schedule, baseNow, now, refusal, cancel);

        var plan = new WindowPlan(schedules.Select(schedule => schedule.Windows()).OfType<WindowRule>());
        var window = plan.At(now);
        if (window is not null)
            Open(window, plan, now);
        else if (clock.WindowId is not null || baseNow != baseBefore)
            Close(plan, baseNow, now);

        var edge = plan.NextChange(now);
        var next = schedules.Where(schedule => schedule.IsPending && schedule.At > now).Min(schedule => schedule.At);
        clock.Step(window, baseNow, edge, edge is null || next < edge ? next ?? edge : edge);
        Tell();
        return _parts;
    }

    private async Task<bool> HappenAsync(Schedule schedule, bool enabled, DateTimeOffset now, string? refusal, CancellationToken cancel)
    {
        var late = now - schedule.At!.Value;
        if (late > TimeSpan.FromMinutes(schedule.CatchUpMinutes) + Punctual)
        {
            GiveUp(schedule, ScheduleOutcome.Missed, $"Nobody was there at its time, and {Describe(late)} later it was too late.", now);
            return enabled;
        }

        var fault = refusal ?? (schedule.Patch is { } patch ? await ConfigureAsync(patch, cancel) : null);
        if (fault is not null)
        {
            GiveUp(schedule, ScheduleOutcome.Failed, fault, now);
            return enabled;
        }

        schedule.Conclude(ScheduleOutcome.Done, now, late > Punctual ? $"{Describe(late)} late" : null);
        _done.Add(schedule);
        _reasons.Add($"Schedule “{schedule.Name}”{Late(late)}");
        return schedule.Action switch
        {
            ScheduleAction.Enable => true,
            ScheduleAction.Disable => false,
            _ => ConfigurationPatch.Enabled(schedule.Patch!.Value) ?? enabled,
        };
    }

    /// <summary>Why it cannot be; null when it is done.</summary>
    private async Task<string?> ConfigureAsync(System.Text.Json.JsonElement patch, CancellationToken cancel)
    {
        if (!ConfigurationPatch.Configures(patch))
            return null;
        var draft = ConfigurationPatch.Apply(state.Configuration, patch);
        if (!draft.IsOk)
            return draft.Error.Message;
        var problems = await TargetingCheck.RunAsync(db, flag, state, draft.Value, cancel);
        if (problems.FirstOrDefault(problem => problem.Severity == ProblemSeverity.Error) is { } error)
            return $"{error.Path}: {error.Message}";
        return state.Configure(draft.Value).Error?.Message;
    }

    private void Open(WindowRule window, WindowPlan plan, DateTimeOffset now)
    {
        var isPassed = clock.EdgeAt <= now;
        if (clock.WindowId == window.Id && clock.WindowEnables == window.Enables && !isPassed)
            return;
        _reasons.Add($"Window “{NameOf(window.Id)}” opened{Late(isPassed ? now - LastEdge(plan, now) : TimeSpan.Zero)}");
        state.Toggle(window.Enables);
    }

    private void Close(WindowPlan plan, bool enabled, DateTimeOffset now)
    {
        if (clock.WindowId is { } closed)
            _reasons.Add($"Window “{NameOf(closed)}” closed{Late(clock.EdgeAt <= now ? now - LastEdge(plan, now) : TimeSpan.Zero)}");
        state.Toggle(enabled);
    }

    /// <summary>The last time until now at which others began to decide.</summary>
    private DateTimeOffset LastEdge(WindowPlan plan, DateTimeOffset now)
    {
        const int MostEdges = 1000;
        var edge = clock.EdgeAt!.Value;
        for (var i = 0; i < MostEdges && plan.NextChange(edge) is { } next && next <= now; i++)
            edge = next;
        return edge;
    }

    private void GiveUp(Schedule schedule, ScheduleOutcome outcome, string why, DateTimeOffset now)
    {
        schedule.Conclude(outcome, now, why);
        _parts.Add(new ChangePart(outcome == ScheduleOutcome.Missed ? "schedule.missed" : "schedule.failed", schedule.Name, schedule.Id, [schedule])
        {
            Environment = state.EnvironmentKey, Reason = $"{flag.Key}: {schedule.Detail}"[..Math.Min(1000, flag.Key.Length + 2 + schedule.Detail!.Length)],
        });
    }

    /// <summary>What happened to the flag is one entry; what happened without any change of the flag is told of the schedule.</summary>
    private void Tell()
    {
        var entry = db.Entry(state);
        var reason = string.Join("; ", _reasons);
        reason = reason.Length > 1000 ? reason[..1000] : reason;
        if (entry.State == EntityState.Modified)
        {
            var isSwitchedOnly = entry.Properties.All(property => !property.IsModified || property.Metadata.Name == nameof(FlagEnvironment.Enabled));
            var action = !isSwitchedOnly ? "flag.configured" : state.Enabled ? "flag.enabled" : "flag.disabled";
            _parts.Insert(0, new ChangePart(action, flag.Key, flag.Id, [state, .. _done]) { Environment = state.EnvironmentKey, Reason = reason });
            return;
        }

        foreach (var schedule in _done)
            _parts.Add(new ChangePart("schedule.done", schedule.Name, schedule.Id, [schedule]) { Environment = state.EnvironmentKey, Reason = $"{flag.Key}: {reason}"[..Math.Min(1000, flag.Key.Length + 2 + reason.Length)] });
    }

    private string NameOf(Guid id) => schedules.FirstOrDefault(schedule => schedule.Id == id)?.Name ?? "deleted";

    private static string Late(TimeSpan late) => late > Punctual ? $", {Describe(late)} late" : "";

    private static string Describe(TimeSpan time) => string.Create(CultureInfo.InvariantCulture, $"{(time.Days > 0 ? $"{time.Days} d " : "")}{(time.TotalHours >= 1 ? $"{time.Hours} h " : "")}{time.Minutes} min");
}
