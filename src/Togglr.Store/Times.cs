namespace Togglr.Store;

/// <summary>What times have in common everywhere.</summary>
public static class Times
{
    /// <summary>The beginning of the second, minute or hour that a time is in, in UTC.</summary>
    /// <param name="time">The time.</param>
    /// <param name="ticks">How long these are, such as <see cref="TimeSpan.TicksPerHour"/>.</param>
    /// <returns>At or before the time.</returns>
    public static DateTimeOffset Floor(this DateTimeOffset time, long ticks) => new(time.UtcTicks - (time.UtcTicks % ticks), TimeSpan.Zero);
}
