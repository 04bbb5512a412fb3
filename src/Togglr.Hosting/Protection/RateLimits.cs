using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;

namespace Togglr.Hosting.Protection;

/// <summary>Limits of requests to the management API, in requests per minute with a burst of as many; 0 for none.</summary>
/// <param name="PerAddress">From one address.</param>
/// <param name="PerIdentity">By one person or service account, whatever they sign in with.</param>
/// <param name="SignIn">From one address to <c>/api/v1/auth</c>, where nobody is signed in yet.</param>
public sealed record RateLimitOptions(int PerAddress, int PerIdentity, int SignIn);

/// <summary>
/// Counts requests to the management API in this process. Every answer says what is left of the limit that is nearest: <c>X-RateLimit-Limit</c>,
/// <c>X-RateLimit-Remaining</c>, <c>X-RateLimit-Reset</c> (seconds until all of it is there again), and <c>Retry-After</c> with 429.
/// </summary>
public sealed class RateLimits(RateLimitOptions options, TimeProvider time)
{
    private readonly RateBuckets<UInt128> _addresses = new(time);
    private readonly RateBuckets<UInt128> _signIns = new(time);
    private readonly RateBuckets<Guid> _identities = new(time);

    /// <summary>Counts a request by where it comes from. Null: go on.</summary>
    public Problem? TakeByAddress(HttpContext context)
    {
        var network = TrustedProxies.NetworkOf(context.Connection.RemoteIpAddress);
        if (Take(context, _addresses, network, options.PerAddress, "This address sends too many requests.") is { } refused)
            return refused;
        return context.Request.Path.StartsWithSegments("/api/v1/auth", StringComparison.OrdinalIgnoreCase)
            ? Take(context, _signIns, network, options.SignIn, "Too many requests about signing in come from this address.")
            : null;
    }

    /// <summary>Counts a request by who sends it. Null: go on.</summary>
    public Problem? TakeByIdentity(HttpContext context, Guid identity) =>
        Take(context, _identities, identity, options.PerIdentity, "You send too many requests.");

    private Problem? Take<TKey>(HttpContext context, RateBuckets<TKey> buckets, TKey key, int perMinute, string detail)
        where TKey : struct, IEquatable<TKey>
    {
        if (perMinute == 0)
            return null;
        var bucket = buckets.Of(key);
        var isTaken = bucket.TryTake(time, perMinute / 60.0, perMinute, out var left, out var wait);
        Tell(context, perMinute, left, bucket);
        return isTaken ? null : Problem.RateLimited(Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds)), detail);
    }

    private void Tell(HttpContext context, int perMinute, long left, RateBucket bucket)
    {
        var headers = context.Response.Headers;
        // Of several limits the one that will be met first.
        if (long.TryParse(headers["X-RateLimit-Remaining"], NumberStyles.None, CultureInfo.InvariantCulture, out var other) && other < left)
            return;
        var seconds = Math.Max(0, (bucket.DrainedAt - time.GetTimestamp()) / (double)time.TimestampFrequency);
        headers["X-RateLimit-Limit"] = perMinute.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Remaining"] = left.ToString(CultureInfo.InvariantCulture);
        headers["X-RateLimit-Reset"] = ((long)Math.Ceiling(seconds)).ToString(CultureInfo.InvariantCulture);
    }
}

/// <summary>Composition of the limits.</summary>
public static class RateLimitComposition
{
    /// <summary>Refuses requests from addresses that send too many. Belongs behind the middleware that knows the real address.</summary>
    public static void UseRateLimits(this IApplicationBuilder app, RateLimits limits) =>
        app.Use((context, next) => limits.TakeByAddress(context) is { } refused ? refused.ExecuteAsync(context) : next(context));
}

/// <summary>A bucket for each key, as many as memory allows: those that have drained are forgotten, and when an attack fills the table it starts anew.</summary>
internal sealed class RateBuckets<TKey>(TimeProvider time)
    where TKey : struct, IEquatable<TKey>
{
    private const int Capacity = 50_000;
    private readonly ConcurrentDictionary<TKey, RateBucket> _buckets = new();
    private readonly Lock _cleaning = new();
    private int _count;

    public RateBucket Of(TKey key)
    {
        if (_buckets.TryGetValue(key, out var known))
            return known;
        if (Interlocked.Increment(ref _count) > Capacity)
            Clean();
        return _buckets.GetOrAdd(key, static _ => new RateBucket());
    }

    private void Clean()
    {
        lock (_cleaning)
        {
            if (Volatile.Read(ref _count) <= Capacity)
                return;
            var now = time.GetTimestamp();
            foreach (var (key, bucket) in _buckets)
            {
                if (bucket.DrainedAt <= now)
                    _buckets.TryRemove(key, out _);
            }
            var kept = _buckets.Count;
            // Cleaning walks through everything, so it must make room for many.
            if (kept > Capacity / 2)
            {
                _buckets.Clear();
                kept = 0;
            }
            Volatile.Write(ref _count, kept);
        }
    }
}
