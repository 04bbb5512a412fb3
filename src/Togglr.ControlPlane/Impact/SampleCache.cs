using Togglr.Messaging.Sampling;
using Togglr.Store;

namespace Togglr.ControlPlane.Impact;

/// <summary>Samples as this process read them last, of the few environments in which people edit. A preview while typing reads what is new, not everything.</summary>
internal sealed class SampleCache(ContextSampleStore store, TimeProvider time)
{
    private const int Capacity = 6;
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan Whole = TimeSpan.FromMinutes(2);

    private readonly Lock _gate = new();
    private readonly LinkedList<Entry> _recent = new();

    /// <summary>The sample of an environment, a few seconds old at most.</summary>
    public async Task<SampledPeople> GetAsync(Guid environment, SamplingTerms terms, CancellationToken cancel)
    {
        var entry = Find(environment, terms);
        await entry.Turn.WaitAsync(cancel);
        try
        {
            var now = time.GetUtcNow();
            if (entry.People is { } people && now - entry.ReadAt < Fresh)
                return people;
            var since = now - TimeSpan.FromMinutes(terms.Minutes);
            var isWhole = entry.People is null || now - entry.WholeAt > Whole;
            var (stored, at) = await store.ReadAsync(environment, terms.Stamp, since, isWhole ? null : entry.StoredAt, cancel);
            if (isWhole)
            {
                entry.Stored.Clear();
                entry.WholeAt = now;
            }
            foreach (var row in stored)
                entry.Stored[row.Rank] = row;
            foreach (var (rank, row) in entry.Stored)
            {
                if (row.SeenAt < since)
                    entry.Stored.Remove(rank);
            }
            (entry.StoredAt, entry.ReadAt) = (at, now);
            return entry.People = SampledPeople.Of(entry.Stored.Values, terms.Size);
        }
        finally
        {
            entry.Turn.Release();
        }
    }

    private Entry Find(Guid environment, SamplingTerms terms)
    {
        lock (_gate)
        {
            for (var node = _recent.First; node is not null; node = node.Next)
            {
                if (node.Value.Environment != environment || !node.Value.Terms.IsSame(terms))
                    continue;
                _recent.Remove(node);
                _recent.AddFirst(node);
                return node.Value;
            }
            var entry = new Entry(environment, terms);
            _recent.AddFirst(entry);
            if (_recent.Count > Capacity)
                _recent.RemoveLast();
            return entry;
        }
    }

    private sealed class Entry(Guid environment, SamplingTerms terms)
    {
        public Guid Environment => environment;

        public SamplingTerms Terms => terms;

        public SemaphoreSlim Turn { get; } = new(1, 1);

        public Dictionary<long, StoredSample> Stored { get; } = [];

        public SampledPeople? People { get; set; }

        public DateTimeOffset StoredAt { get; set; }

        public DateTimeOffset ReadAt { get; set; }

        public DateTimeOffset WholeAt { get; set; }
    }
}
