using System.Runtime.CompilerServices;

namespace Togglr.Hosting.Sdk;

/// <summary>A token bucket for each SDK key, in this process: so many requests a second, with a burst of twice that.</summary>
/// <param name="perSecond">Requests per second; 0 for no limit.</param>
/// <param name="time">The clock.</param>
public sealed class KeyRateLimiter(int perSecond, TimeProvider time)
{
    // Forgotten together with the key.
    private readonly ConditionalWeakTable<object, Bucket> _buckets = [];

    /// <summary>Takes one request from the key's bucket.</summary>
    /// <param name="key">The object that stands for the key as long as it is valid.</param>
    /// <param name="retryAfterSeconds">How long to wait when there was none left, at least 1.</param>
    public bool TryTake(object key, out int retryAfterSeconds)
    {
        retryAfterSeconds = 0;
        if (perSecond == 0)
            return true;
        var bucket = _buckets.GetValue(key, static _ => new Bucket());
        lock (bucket)
        {
            var now = time.GetTimestamp();
            if (bucket.At == 0)
                bucket.Tokens = perSecond * 2;
            else
                bucket.Tokens = Math.Min(perSecond * 2, bucket.Tokens + time.GetElapsedTime(bucket.At, now).TotalSeconds * perSecond);
            bucket.At = now;
            if (bucket.Tokens >= 1)
            {
                bucket.Tokens--;
                return true;
            }
            retryAfterSeconds = Math.Max(1, (int)Math.Ceiling((1 - bucket.Tokens) / perSecond));
            return false;
        }
    }

    private sealed class Bucket
    {
        public double Tokens;
        public long At;
    }
}
