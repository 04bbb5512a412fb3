using Togglr.Messaging.Sampling;
using Togglr.Store;

namespace Togglr.ControlPlane.Impact;

/// <summary>The sample of one environment at one moment: people in the order of their ranks, so that any beginning of it is a sample as well.</summary>
internal sealed class SampledPeople
{
    private readonly StoredSample[] _people;

    private SampledPeople(StoredSample[] people, long limit)
    {
        _people = people;
        Limit = limit;
    }

    /// <summary>Nobody.</summary>
    public static SampledPeople None { get; } = new([], SamplingTerms.RankEnd);

    /// <summary>How many.</summary>
    public int Count => _people.Length;

    /// <summary>Everybody below this rank who was seen is in it.</summary>
    public long Limit { get; }

    /// <summary>One of them.</summary>
    public StoredSample this[int index] => _people[index];

    /// <summary>
    /// Makes a sample of what is stored. Edges look at fewer people while many come: only ranks that were looked at all the time are of equal chance, so the lowest limit of the whole time holds for all.
    /// </summary>
    public static SampledPeople Of(IReadOnlyCollection<StoredSample> stored, int size)
    {
        if (stored.Count == 0)
            return None;
        var limit = stored.Min(static row => row.RankLimit);
        var people = stored.Where(row => row.Rank < limit).ToArray();
        Array.Sort(people, static (one, other) => one.Rank.CompareTo(other.Rank));
        return new SampledPeople(people, limit).First(size);
    }

    /// <summary>The first so many.</summary>
    public SampledPeople First(int count) => count >= _people.Length ? this : new SampledPeople(_people[..count], _people[count].Rank);

    /// <summary>
    /// About how many people there are: ranks are uniform, so as many as there are below the limit, divided by the part of all ranks that is below it.
    /// </summary>
    public long Population => Limit == SamplingTerms.RankEnd ? Count : Math.Max(Count, (long)Math.Round(Count / ((double)Limit / SamplingTerms.RankEnd)));
}
