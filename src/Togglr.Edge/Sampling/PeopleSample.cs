using Togglr.Messaging.Sampling;

namespace Togglr.Edge.Sampling;

/// <summary>
/// The people of one environment with the lowest ranks, each with a recent context: a bottom-k sample (Cohen and Kaplan, "Summarizing data using bottom-k sketches", PODC 2007). Ranks are a keyed hash
/// of the targeting key, so everybody has the same chance however often they are seen, the same person comes out on every edge, and the union of the edges' samples is a sample of
/// the union. What is remembered here are ranks; contexts wait only until they are handed on.
/// </summary>
internal sealed class PeopleSample(SamplingTerms terms)
{
    private const int MostWaiting = 5_000;
    private static readonly TimeSpan ShortestRepeat = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestRepeat = TimeSpan.FromMinutes(10);

    private readonly Lock _gate = new();
    private readonly TimeSpan _retention = TimeSpan.FromMinutes(terms.Minutes);
    private readonly TimeSpan _repeat = Clamp(TimeSpan.FromMinutes(terms.Minutes) / 8);
    private readonly Dictionary<long, DateTimeOffset> _taken = [];
    private List<SampledContext> _waiting = [];
    private long _limit = SamplingTerms.RankEnd;

    /// <summary>The terms that it follows.</summary>
    public SamplingTerms Terms => terms;

    /// <summary>People at or above this rank are not looked at.</summary>
    public long Limit => Volatile.Read(ref _limit);

    /// <summary>Whether a rank is looked at: almost all of the cost where many people are seen.</summary>
    public bool Wants(long rank) => rank < Volatile.Read(ref _limit);

    /// <summary>Takes a context of somebody who is wanted, unless they were taken a moment ago.</summary>
    public void Take(long rank, ReadOnlySpan<byte> targetingKey, ReadOnlySpan<byte> body, bool isFlat, DateTimeOffset now)
    {
        // Somebody else is taking, or it is handed on: there will be other requests.
        if (!_gate.TryEnter())
            return;
        try
        {
            if (_waiting.Count >= MostWaiting || (_taken.TryGetValue(rank, out var at) && now - at < _repeat))
                return;
            _waiting.Add(new SampledContext(rank, now, ContextExtract.Write(terms, targetingKey, body, isFlat)));
            _taken[rank] = now;
            if (_taken.Count > terms.Size + Math.Max(1_000, terms.Size / 4))
                ShrinkLocked();
        }
        finally
        {
            _gate.Exit();
        }
    }

    /// <summary>What was taken since the last time; null for nothing. Forgets who was not seen for long, and looks at more people again where too few are left.</summary>
    public SampleBatch? Drain(Guid environment, DateTimeOffset now)
    {
        lock (_gate)
        {
            var old = now - _retention;
            foreach (var (rank, at) in _taken)
            {
                if (at < old)
                    _taken.Remove(rank);
            }
            if (_taken.Count > terms.Size)
                ShrinkLocked();
            else if (_limit != SamplingTerms.RankEnd && _taken.Count < terms.Size * 7L / 10)
                Volatile.Write(ref _limit, Raised(_limit, _taken.Count, terms.Size));
            if (_waiting.Count == 0)
                return null;
            var batch = new SampleBatch(environment, terms.Stamp, _limit, [.. _waiting.Where(context => context.Rank < _limit && context.SeenAt >= old)]);
            _waiting = [];
            return batch.Contexts.Count == 0 ? null : batch;
        }
    }

    private static long Raised(long limit, int count, int size)
    {
        var raised = limit * Math.Clamp(0.9 * size / Math.Max(1, count), 1, 2);
        return raised >= SamplingTerms.RankEnd ? SamplingTerms.RankEnd : (long)raised;
    }

    private void ShrinkLocked()
    {
        var ranks = new long[_taken.Count];
        _taken.Keys.CopyTo(ranks, 0);
        Array.Sort(ranks);
        var limit = ranks[terms.Size];
        foreach (var rank in ranks.AsSpan(terms.Size))
            _taken.Remove(rank);
        Volatile.Write(ref _limit, limit);
    }

    private static TimeSpan Clamp(TimeSpan repeat) => repeat < ShortestRepeat ? ShortestRepeat : repeat > LongestRepeat ? LongestRepeat : repeat;
}
