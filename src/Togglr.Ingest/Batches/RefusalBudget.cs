using System.Collections.Concurrent;
using Togglr.Hosting.Http;

namespace Togglr.Ingest.Batches;

/// <summary>How many refused events are kept for people to look at: so many a second and environment, so that a broken sender fills no table. The rest is counted.</summary>
internal sealed class RefusalBudget(TimeProvider time)
{
    private const int PerSecond = 20;
    private const int Burst = 200;

    private readonly ConcurrentDictionary<Guid, RateBucket> _buckets = new();

    /// <summary>Takes one.</summary>
    public bool TryTake(Guid environment) => _buckets.GetOrAdd(environment, static _ => new RateBucket()).TryTake(time, PerSecond, Burst, out _, out _);
}
