using System.Runtime.CompilerServices;

namespace Togglr.Evaluation;

/// <summary>How often a flag gave an answer since the counter was last drained.</summary>
/// <param name="Flag">The flag's key.</param>
/// <param name="Variant">The variant's key; null when there was no value.</param>
/// <param name="Reason">Why.</param>
/// <param name="Count">At least 1.</param>
public readonly record struct ExposureCount(string Flag, string? Variant, EvaluationReason Reason, long Count);

/// <summary>
/// Counts evaluations by flag, variant and reason. Each thread increments cells of its own with plain additions, so that counting costs a few nanoseconds, never contends and never loses a count;
/// <see cref="Drain"/> adds the threads up. Nothing is counted for flags that do not exist.
/// </summary>
public sealed class ExposureCounter
{
    private static int s_counters;

    // By counter, so that a thread that serves several environments finds its cells at once.
    [ThreadStatic]
    private static ThreadCounts?[]? s_mine;

    private readonly int _id = Interlocked.Increment(ref s_counters) - 1;
    private readonly Lock _lock = new();
    private readonly List<ThreadCounts> _threads = [];

    /// <summary>Counts one evaluation.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(in EvaluationResult result)
    {
        var mine = s_mine;
        var counts = mine is not null && (uint)_id < (uint)mine.Length ? mine[_id] : null;
        (counts ?? Register()).Add(result.Outcome);
    }

    /// <summary>Counts one evaluation, and whom it was for.</summary>
    /// <param name="result">The result.</param>
    /// <param name="user">Stands for the user, see <see cref="UserSketch.HashOf"/>; 0 for nobody in particular.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void Record(in EvaluationResult result, ulong user)
    {
        Record(result);
        if (user != 0)
            result.Outcome.Flag?.AddUser(user);
    }

    /// <summary>What was counted since the last call, in no particular order. May be called from any thread.</summary>
    /// <param name="users">Is given the users of the flags that were evaluated, by flag; null leaves them for another time.</param>
    public IReadOnlyList<ExposureCount> Drain(IDictionary<string, UserSketch>? users = null)
    {
        var totals = new Dictionary<(string Flag, string? Variant, EvaluationReason Reason), long>();
        lock (_lock)
        {
            for (var i = _threads.Count - 1; i >= 0; i--)
            {
                // Asked first: a thread that dies now is drained once more.
                var isAlive = _threads[i].Thread.IsAlive;
                _threads[i].Drain(totals, users);
                if (!isAlive)
                    _threads.RemoveAt(i);
            }
        }
        return [.. totals.Select(pair => new ExposureCount(pair.Key.Flag, pair.Key.Variant, pair.Key.Reason, pair.Value))];
    }

    private ThreadCounts Register()
    {
        var mine = s_mine ?? [];
        if (mine.Length <= _id)
            Array.Resize(ref mine, Math.Max(4, _id + 1));
        s_mine = mine;
        var counts = mine[_id] = new ThreadCounts(Thread.CurrentThread);
        lock (_lock)
            _threads.Add(counts);
        return counts;
    }

    /// <summary>
    /// The cells of one thread: open addressing by outcome. The owner writes counts without a lock; the lock is for replacing the table (owner) and for what was reported (drainer).
    /// </summary>
    private sealed class ThreadCounts(Thread thread)
    {
        private readonly Lock _lock = new();
        private Cell[] _cells = new Cell[64];
        private int _used;

        public Thread Thread => thread;

        public void Add(Outcome outcome)
        {
            var cells = _cells;
            var at = outcome.Id & (cells.Length - 1);
            while (true)
            {
                ref var cell = ref cells[at];
                if (ReferenceEquals(cell.Outcome, outcome))
                {
                    cell.Count++;
                    return;
                }
                if (cell.Outcome is null)
                    break;
                at = (at + 1) & (cells.Length - 1);
            }
            if (outcome.Flag is not null)
                AddNew(outcome);
        }

        public void Drain(Dictionary<(string Flag, string? Variant, EvaluationReason Reason), long> totals, IDictionary<string, UserSketch>? users)
        {
            lock (_lock)
            {
                foreach (ref var cell in _cells.AsSpan())
                {
                    if (cell.Outcome is not { } outcome)
                        continue;
                    var count = Volatile.Read(ref cell.Count);
                    if (count == cell.Reported)
                        continue;
                    var key = (outcome.Flag!.Key, outcome.Variant?.Key, outcome.Reason);
                    totals[key] = totals.GetValueOrDefault(key) + count - cell.Reported;
                    cell.Reported = count;
                    if (users is not null)
                        outcome.Flag.MoveUsersTo(users);
                }
            }
        }

        private void AddNew(Outcome outcome)
        {
            lock (_lock)
            {
                if ((_used + 1) * 2 > _cells.Length)
                    Rebuild();
                Place(_cells, new Cell { Outcome = outcome, Count = 1 });
                _used++;
            }
        }

        // Cells of outcomes that were reported and not met again go: they may belong to snapshots of long ago.
        private void Rebuild()
        {
            var live = _cells.Where(cell => cell.Outcome is not null && cell.Count != cell.Reported).ToArray();
            var length = _cells.Length;
            while (live.Length * 4 > length)
                length *= 2;
            var cells = new Cell[length];
            foreach (var cell in live)
                Place(cells, cell);
            _used = live.Length;
            _cells = cells;
        }

        private static void Place(Cell[] cells, in Cell cell)
        {
            var at = cell.Outcome!.Id & (cells.Length - 1);
            while (cells[at].Outcome is not null)
                at = (at + 1) & (cells.Length - 1);
            cells[at] = cell;
        }
    }

    private struct Cell
    {
        public Outcome? Outcome;
        public long Count;
        public long Reported;
    }
}
