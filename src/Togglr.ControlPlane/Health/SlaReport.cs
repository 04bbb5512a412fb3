using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>Adds up what states took how long.</summary>
internal static class SlaReport
{
    /// <summary>One flag in one environment between two instants. Before its first transition it was healthy.</summary>
    public static SlaRowView Row(
        string flag, string environment, DateTimeOffset from, DateTimeOffset to, IReadOnlyList<(DateTimeOffset At, HealthState State)> transitions,
        IReadOnlyList<(DateTimeOffset Began, DateTimeOffset Opened, DateTimeOffset? Resolved)> incidents)
    {
        var times = new double[Enum.GetValues<HealthState>().Length];
        var (at, state) = (from, HealthState.Healthy);
        foreach (var (when, next) in transitions)
        {
            if (when > at && when <= to)
                (times[(int)state], at) = (times[(int)state] + (when - at).TotalSeconds, when);
            state = next;
        }

        if (to > at)
            times[(int)state] += (to - at).TotalSeconds;
        var (failing, disabled) = (times[(int)HealthState.Failing], times[(int)HealthState.Disabled] + times[(int)HealthState.Trial]);
        return View(flag, environment, Math.Max(0, (to - from).TotalSeconds), times[(int)HealthState.Degraded], failing, disabled, incidents);
    }

    /// <summary>All of them.</summary>
    public static SlaRowView Total(IReadOnlyList<SlaRowView> rows, IReadOnlyList<(DateTimeOffset Began, DateTimeOffset Opened, DateTimeOffset? Resolved)> incidents) =>
        View("", "", rows.Sum(row => row.Seconds), rows.Sum(row => row.DegradedSeconds), rows.Sum(row => row.FailingSeconds), rows.Sum(row => row.DisabledSeconds), incidents);

    private static SlaRowView View(
        string flag, string environment, double seconds, double degraded, double failing, double disabled, IReadOnlyList<(DateTimeOffset Began, DateTimeOffset Opened, DateTimeOffset? Resolved)> incidents) => new(
        flag, environment, seconds == 0 ? 1 : Math.Clamp((seconds - failing - disabled) / seconds, 0, 1), seconds, degraded, failing, disabled, incidents.Count,
        incidents.Count == 0 ? null : incidents.Average(item => (item.Opened - item.Began).TotalSeconds),
        incidents.Any(item => item.Resolved is not null) ? incidents.Where(item => item.Resolved is not null).Average(item => (item.Resolved!.Value - item.Opened).TotalSeconds) : null);
}
