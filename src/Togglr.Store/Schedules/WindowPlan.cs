namespace Togglr.Store;

/// <summary>Windows that want a flag on or off.</summary>
/// <param name="Id">The schedule.</param>
/// <param name="Window">When.</param>
/// <param name="Enables">Whether they switch it on; else off.</param>
/// <param name="Priority">The greater one wins.</param>
/// <param name="CreatedAt">When the schedule was made.</param>
public sealed record WindowRule(Guid Id, RecurringWindow Window, bool Enables, int Priority, DateTimeOffset CreatedAt);

/// <summary>What holds during a time.</summary>
/// <param name="Range">When.</param>
/// <param name="Rule">The windows that decide; null where none is open.</param>
public readonly record struct PlannedTime(TimeRange Range, WindowRule? Rule);

/// <summary>
/// All windows of a flag in an environment. Where several are open, the greater priority decides; among equals, off is stronger than on; then the newer schedule.
/// </summary>
public sealed class WindowPlan
{
    /// <summary>So many edges that change nothing are passed over at most.</summary>
    private const int MostIdleEdges = 2000;

    private readonly WindowRule[] _rules;

    /// <summary>A plan of these rules.</summary>
    public WindowPlan(IEnumerable<WindowRule> rules) =>
        _rules = [.. rules.OrderByDescending(rule => rule.Priority).ThenBy(rule => rule.Enables).ThenByDescending(rule => rule.CreatedAt).ThenByDescending(rule => rule.Id)];

    /// <summary>Who decides at an instant; null for nobody.</summary>
    public WindowRule? At(DateTimeOffset at) => Array.Find(_rules, rule => rule.Window.IsOpen(at));

    /// <summary>
    /// When it has to be asked again who decides: the first instant after <paramref name="at"/> at which somebody else does, or an earlier one if there is none for long;
    /// null when nothing changes any more.
    /// </summary>
    public DateTimeOffset? NextChange(DateTimeOffset at)
    {
        var now = At(at);
        DateTimeOffset? edge = at;
        for (var i = 0; i < MostIdleEdges; i++)
        {
            edge = _rules.Min(rule => rule.Window.NextEdge(edge.Value));
            if (edge is not { } next || At(next) != now)
                break;
        }

        return edge;
    }

    /// <summary>Who decides between two instants, in order, without gaps; the same for long is told once.</summary>
    public IEnumerable<PlannedTime> Between(DateTimeOffset from, DateTimeOffset to)
    {
        var windows = Array.ConvertAll(_rules, rule => rule.Window.Between(from, to).GetEnumerator());
        try
        {
            var isLeft = Array.ConvertAll(windows, window => window.MoveNext());
            PlannedTime? open = null;
            var at = from;
            while (at < to)
            {
                WindowRule? decides = null;
                var until = to;
                for (var i = 0; i < windows.Length; i++)
                {
                    while (isLeft[i] && windows[i].Current.To <= at)
                        isLeft[i] = windows[i].MoveNext();
                    if (!isLeft[i])
                        continue;
                    var isOpen = windows[i].Current.From <= at;
                    if (isOpen)
                        decides ??= _rules[i];
                    var edge = isOpen ? windows[i].Current.To : windows[i].Current.From;
                    until = edge < until ? edge : until;
                }

                if (open is { } before && before.Rule != decides)
                {
                    yield return before;
                    open = null;
                }

                open = new PlannedTime(new TimeRange(open?.Range.From ?? at, until), decides);
                at = until;
            }

            if (open is { } left)
                yield return left;
        }
        finally
        {
            foreach (var window in windows)
                window.Dispose();
        }
    }
}
