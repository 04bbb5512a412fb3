using System.Collections.Concurrent;
using Togglr.Evaluation;

namespace Togglr.Sdk.Reporting;

/// <summary>One row of a report: how often a flag answered in one way.</summary>
internal readonly record struct CountKey(string Flag, string? Variant, EvaluationReason Reason);

/// <summary>
/// Counts evaluations without allocating or locking. A flag has finitely many outcomes, each one object while its snapshot lives, so counting is a look-up by reference and an increment.
/// </summary>
internal sealed class EvaluationCounts
{
    /// <summary>Outcomes counted apart before they are added up: many only where the snapshot changes all the time.</summary>
    private const int MostOutcomes = 65_536;

    private readonly Lock _lock = new();
    private ConcurrentDictionary<Outcome, Cell> _cells = new();
    private ConcurrentDictionary<Outcome, Cell> _previous = new();
    private Dictionary<CountKey, long> _rows = [];
    private int _outcomes;

    public void Count(Outcome outcome)
    {
        if (_cells.TryGetValue(outcome, out var cell))
            Interlocked.Increment(ref cell.Count);
        else
            CountFirst(outcome);
    }

    /// <summary>Gives the counts since the last call.</summary>
    public Dictionary<CountKey, long> Take()
    {
        lock (_lock)
        {
            Fold();
            var rows = _rows;
            _rows = [];
            return rows;
        }
    }

    private void CountFirst(Outcome outcome)
    {
        // A flag that does not exist has no row: callers could make up any number of them.
        if (outcome.Flag is null)
            return;
        Interlocked.Increment(ref _cells.GetOrAdd(outcome, static _ => new Cell()).Count);
        if (Interlocked.Increment(ref _outcomes) < MostOutcomes)
            return;
        lock (_lock)
        {
            if (Volatile.Read(ref _outcomes) >= MostOutcomes)
                Fold();
        }
    }

    // A caller that found the old cells just before the exchange may still add to them, so they are read once more the next time.
    private void Fold()
    {
        Volatile.Write(ref _outcomes, 0);
        var cells = Interlocked.Exchange(ref _cells, new ConcurrentDictionary<Outcome, Cell>());
        AddUp(_previous);
        AddUp(cells);
        _previous = cells;
    }

    private void AddUp(ConcurrentDictionary<Outcome, Cell> cells)
    {
        foreach (var (outcome, cell) in cells)
        {
            var count = Interlocked.Exchange(ref cell.Count, 0);
            if (count == 0)
                continue;
            var key = new CountKey(outcome.Flag!.Key, outcome.Variant?.Key, outcome.Reason);
            _rows[key] = _rows.GetValueOrDefault(key) + count;
        }
    }

    private sealed class Cell
    {
        public long Count;
    }
}
