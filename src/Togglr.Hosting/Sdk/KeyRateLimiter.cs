using System.Globalization;
using System.Runtime.CompilerServices;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Primitives;
using Togglr.Hosting.Http;

namespace Togglr.Hosting.Sdk;

/// <summary>A bucket for each SDK key, in this process: so many requests a second, with a burst of twice that. Takes no lock.</summary>
/// <param name="perSecond">Requests per second of keys that have no limit of their own; 0 for any number.</param>
/// <param name="time">The clock.</param>
public sealed class KeyRateLimiter(int perSecond, TimeProvider time)
{
    // Texts of the numbers that answers show most, made once each.
    private static readonly string?[] Numbers = new string?[10_000];

    // Forgotten together with the key.
    private readonly ConditionalWeakTable<object, RateBucket> _buckets = [];

    /// <summary>Takes one request from the key's bucket and says in the answer what is left, unless there is no limit.</summary>
    /// <param name="context">The request.</param>
    /// <param name="key">The object that stands for the key as long as it is valid.</param>
    /// <param name="ownLimit">The key's own limit; null for what holds for all.</param>
    /// <param name="retryAfterSeconds">How long to wait when there was none left, at least 1.</param>
    public bool TryTake(HttpContext context, object key, int? ownLimit, out int retryAfterSeconds)
    {
        var limit = ownLimit ?? perSecond;
        if (limit == 0)
        {
            retryAfterSeconds = 0;
            return true;
        }
        var bucket = _buckets.GetValue(key, static _ => new RateBucket());
        var taken = bucket.TryTake(time, limit, limit * 2L, out var left, out var wait);
        retryAfterSeconds = taken ? 0 : Math.Max(1, (int)Math.Ceiling(wait.TotalSeconds));
        var headers = context.Response.Headers;
        headers["X-RateLimit-Limit"] = Text(limit);
        headers["X-RateLimit-Remaining"] = Text((int)Math.Min(left, limit));
        return taken;
    }

    private static StringValues Text(int number) =>
        (uint)number < (uint)Numbers.Length ? Numbers[number] ??= number.ToString(CultureInfo.InvariantCulture) : number.ToString(CultureInfo.InvariantCulture);
}
