using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>What the schedules of a flag in an environment make of it from now on, and when.</summary>
internal sealed class ScheduleOutlook
{
    private readonly IReadOnlyList<Schedule> _schedules;
    private readonly WindowPlan _plan;
    private readonly bool _base;
    private readonly bool _enabled;
    private readonly Guid? _open;

    public ScheduleOutlook(IReadOnlyList<Schedule> schedules, bool enabled, ScheduleClock? clock)
    {
        _schedules = schedules;
        _plan = new WindowPlan(schedules.Select(schedule => schedule.Windows()).OfType<WindowRule>());
        (_enabled, _base, _open) = (enabled, clock?.BaseEnabled ?? enabled, clock?.WindowId);
    }

    /// <summary>The next change of the flag; null where none is known.</summary>
    public NextChangeView? Next(DateTimeOffset now)
    {
        var once = Pending(now).FirstOrDefault();
        var edge = _plan.NextChange(now);
        if (edge is null && once is null)
            return null;
        if (once is null || edge < once.At)
        {
            var window = _plan.At(edge!.Value);
            return new NextChangeView(edge.Value, window?.Id, window?.Enables ?? _base, false);
        }

        var decides = _plan.At(once.At!.Value);
        return new NextChangeView(once.At.Value, once.Id, decides is null ? After(once, _base) : decides.Id == _open ? _enabled : decides.Enables, once.Action == ScheduleAction.Configure);
    }

    /// <summary>Times without a change, in order.</summary>
    public IEnumerable<TimelineSpanView> Spans(DateTimeOffset from, DateTimeOffset to, DateTimeOffset now)
    {
        foreach (var (range, window) in _plan.Between(from, to))
        {
            if (window is not null)
                yield return new TimelineSpanView(range.From, range.To, window.Id, NameOf(window.Id), window.Enables);
            else
            {
                foreach (var span in Outside(range, now))
                    yield return span;
            }
        }
    }

    /// <summary>Outside windows the flag is what was said last: by now by a person, then by what happens once.</summary>
    private IEnumerable<TimelineSpanView> Outside(TimeRange range, DateTimeOffset now)
    {
        var at = range.From;
        if (at < now)
        {
            var end = now < range.To ? now : range.To;
            yield return new TimelineSpanView(at, end, null, null, null);
            at = end;
        }

        var enabled = _base;
        foreach (var schedule in Pending(now))
        {
            if (schedule.At >= range.To)
                break;
            var changed = After(schedule, enabled);
            if (schedule.At > at && changed != enabled)
            {
                yield return new TimelineSpanView(at, schedule.At.Value, null, null, enabled);
                at = schedule.At.Value;
            }

            enabled = changed;
        }

        if (at < range.To)
            yield return new TimelineSpanView(at, range.To, null, null, enabled);
    }

    private IEnumerable<Schedule> Pending(DateTimeOffset now) =>
        _schedules.Where(schedule => schedule.IsPending && schedule.At > now).OrderBy(schedule => schedule.At).ThenBy(schedule => schedule.Id);

    private static bool After(Schedule schedule, bool enabled) => schedule.Action switch
    {
        ScheduleAction.Enable => true,
        ScheduleAction.Disable => false,
        _ => ConfigurationPatch.Enabled(schedule.Patch!.Value) ?? enabled,
    };

    private string? NameOf(Guid id) => _schedules.FirstOrDefault(schedule => schedule.Id == id)?.Name;
}
