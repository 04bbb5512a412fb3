namespace Togglr.Hosting.Http;

/// <summary>
/// A leaky bucket in one number: the moment at which everything that was taken will have drained (the generic cell rate algorithm). Any number of
/// threads may take at once; nobody waits for anybody.
/// </summary>
public sealed class RateBucket
{
    private long _drainedAt;

    /// <summary>When the bucket will be empty again, by the clock's timestamps. In the past: it is.</summary>
    public long DrainedAt => Volatile.Read(ref _drainedAt);

    /// <summary>Takes one request.</summary>
    /// <param name="time">The clock.</param>
    /// <param name="perSecond">How many drain in a second, more than 0.</param>
    /// <param name="burst">How many fit.</param>
    /// <param name="left">How many more would fit now.</param>
    /// <param name="wait">When nothing was left: how long until one fits.</param>
    public bool TryTake(TimeProvider time, double perSecond, long burst, out long left, out TimeSpan wait)
    {
        var cost = Math.Max(1, (long)(time.TimestampFrequency / perSecond));
        var depth = cost * burst;
        var now = time.GetTimestamp();
        while (true)
        {
            var before = Volatile.Read(ref _drainedAt);
            var after = Math.Max(before, now) + cost;
            if (after - now > depth)
            {
                left = 0;
                wait = TimeSpan.FromSeconds((after - now - depth) / (double)time.TimestampFrequency);
                return false;
            }
            if (Interlocked.CompareExchange(ref _drainedAt, after, before) != before)
                continue;
            left = (depth - (after - now)) / cost;
            wait = TimeSpan.Zero;
            return true;
        }
    }
}
