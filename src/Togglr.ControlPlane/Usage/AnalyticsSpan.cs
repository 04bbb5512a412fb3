namespace Togglr.ControlPlane.Usage;

/// <summary>The time that figures are about, in equal steps, the last of which is not over yet.</summary>
/// <param name="Range">As it was asked for.</param>
/// <param name="From">Start of the first step.</param>
/// <param name="StepSeconds">The length of a step.</param>
/// <param name="Steps">How many there are.</param>
internal sealed record AnalyticsSpan(string Range, DateTimeOffset From, int StepSeconds, int Steps)
{
    /// <summary>End of the last step.</summary>
    public DateTimeOffset To => From.AddSeconds((double)StepSeconds * Steps);

    /// <summary>Start of the time before, as long as this.</summary>
    public DateTimeOffset Before => From.AddSeconds(-(double)StepSeconds * Steps);

    /// <summary>Whether the steps are minutes, which are kept for some hours only.</summary>
    public bool IsByMinute => StepSeconds < 3600;

    /// <summary>Whether users are told apart by the day, not by the hour.</summary>
    public bool IsByDay => StepSeconds > 3600;

    /// <summary>Reads <c>1h</c>, <c>24h</c>, <c>7d</c> or <c>30d</c>; null for anything else.</summary>
    public static AnalyticsSpan? Of(string range, DateTimeOffset now)
    {
        var (seconds, steps) = range switch
        {
            "1h" => (60, 60),
            "24h" => (3600, 24),
            "7d" => (6 * 3600, 28),
            "30d" => (24 * 3600, 30),
            _ => (0, 0),
        };
        if (steps == 0)
            return null;
        var step = seconds * TimeSpan.TicksPerSecond;
        return new AnalyticsSpan(range, new DateTimeOffset(now.UtcTicks - now.UtcTicks % step - step * (steps - 1), TimeSpan.Zero), seconds, steps);
    }
}
