namespace Togglr.Analytics;

/// <summary>How long what takes long is not repeated, so that it never takes more than a small part of the time.</summary>
internal static class Rest
{
    /// <summary>The rest after work.</summary>
    /// <param name="milliseconds">How long the work took.</param>
    /// <param name="quick">Milliseconds that cost nothing.</param>
    /// <param name="factor">How many times what is above them it rests.</param>
    /// <param name="longest">At most so many milliseconds.</param>
    /// <returns>Zero or more.</returns>
    public static TimeSpan After(long milliseconds, int quick, double factor, double longest = int.MaxValue) => TimeSpan.FromMilliseconds(Math.Clamp((milliseconds - quick) * factor, 0, longest));
}
