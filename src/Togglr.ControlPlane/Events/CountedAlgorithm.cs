using System.Text;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>An algorithm as far as events are counted for it, with the weights that it served in the last day.</summary>
internal sealed class CountedAlgorithm(Guid id, int version, int generation, IReadOnlyList<string> arms, IReadOnlyList<AlgorithmContext> context, long period, AlgorithmReward reward)
{
    private readonly byte[][] _arms = [.. arms.Select(Encoding.UTF8.GetBytes)];
    private List<ServedWeights> _served = [];

    public Guid Id => id;

    /// <summary>The version of what people decided; the weights have one of their own.</summary>
    public int Version => version;

    public int Generation => generation;

    public IReadOnlyList<string> Arms => arms;

    /// <summary>What is told apart.</summary>
    public IReadOnlyList<AlgorithmContext> Context => context;

    /// <summary>How long a period is over which outcomes are added up, in microseconds.</summary>
    public long Period => period;

    public AlgorithmReward Reward => reward;

    /// <summary>The newest version of the weights that is known; 0: none.</summary>
    public long Number => _served is [.., var last] ? last.Number : 0;

    /// <summary>The number of an arm; below 0 for what is none.</summary>
    public int ArmOf(ReadOnlySpan<byte> variant)
    {
        for (var arm = 0; arm < _arms.Length; arm++)
        {
            if (variant.SequenceEqual(_arms[arm]))
                return arm;
        }
        return -1;
    }

    /// <summary>Takes over what another version of the same has served, which means the same still.</summary>
    public void Continue(CountedAlgorithm before) => _served = before._served;

    /// <summary>Adds the next version of the weights.</summary>
    public void Add(long number, long at, WeightTable table) => _served.Add(new ServedWeights(number, at, table, _served is [.., var last] ? last : null));

    /// <summary>Forgets what was served before a time; the last of it was served then still.</summary>
    public void Forget(long before)
    {
        var old = CountUntil(before, static weights => weights.At) - 1;
        if (old > 0)
            _served.RemoveRange(0, old);
    }

    /// <summary>The weights that were served: by their version (0: the newest, whose arms the held out get in equal shares), else by the time; null where there were none.</summary>
    public ServedWeights? ServedWith(long? number, long at)
    {
        if (_served.Count == 0)
            return null;
        if (number == 0)
            return _served[^1];
        var index = CountUntil(number ?? at, number is null ? static weights => weights.At : static weights => weights.Number) - 1;
        return index < 0 || (number is { } told && _served[index].Number != told) ? null : _served[index];
    }

    private int CountUntil(long last, Func<ServedWeights, long> of)
    {
        var (low, high) = (0, _served.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            if (of(_served[middle]) <= last)
                low = middle + 1;
            else
                high = middle;
        }
        return low;
    }
}

/// <summary>A version of weights. A day may have thousands, so arms and cells are kept once for all that have the same.</summary>
internal sealed class ServedWeights
{
    private readonly IReadOnlyList<string> _arms;
    private readonly Dictionary<string, int> _cells;
    private readonly ushort[] _shares;

    public ServedWeights(long number, long at, WeightTable table, ServedWeights? before)
    {
        (Number, At) = (number, at);
        var isSame = before is not null && before._arms.SequenceEqual(table.Arms, StringComparer.Ordinal) && before._cells.Count == table.Cells.Count && table.Cells.Keys.All(before._cells.ContainsKey);
        _arms = isSame ? before!._arms : table.Arms;
        _cells = isSame ? before!._cells : table.Cells.Keys.Select((cell, i) => (cell, i)).ToDictionary(static pair => pair.cell, static pair => pair.i, StringComparer.Ordinal);
        _shares = new ushort[_arms.Count * _cells.Count];
        foreach (var (cell, shares) in table.Cells)
        {
            for (var arm = 0; arm < shares.Length; arm++)
                _shares[_cells[cell] * _arms.Count + arm] = (ushort)shares[arm];
        }
    }

    public long Number { get; }

    /// <summary>Since when, in microseconds since 2000.</summary>
    public long At { get; }

    /// <summary>The share of everybody alike.</summary>
    public double EqualShare => 1.0 / _arms.Count;

    /// <summary>The share of an arm in a cell, from 0 to 1; 0 where there is none.</summary>
    public double ShareOf(string cell, string arm)
    {
        for (var i = 0; i < _arms.Count; i++)
        {
            if (_arms[i] == arm)
                return _cells.TryGetValue(cell, out var at) ? _shares[at * _arms.Count + i] / (double)WeightTable.Whole : EqualShare;
        }
        return 0;
    }
}
