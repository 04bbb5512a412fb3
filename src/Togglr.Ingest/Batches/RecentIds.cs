namespace Togglr.Ingest.Batches;

/// <summary>
/// The names of events that this process stored lately: most repetitions come within seconds and are told as such at once. What is not remembered here is found when events are sorted in. Bounded.
/// </summary>
internal sealed class RecentIds
{
    private const int Generation = 100_000;

    private readonly Lock _gate = new();
    private HashSet<Guid> _newer = [];
    private HashSet<Guid> _older = [];

    /// <summary>Whether an event was stored lately.</summary>
    public bool Contains(Guid id)
    {
        lock (_gate)
            return _newer.Contains(id) || _older.Contains(id);
    }

    /// <summary>Remembers events that are stored.</summary>
    public void Add(IEnumerable<Guid> ids)
    {
        lock (_gate)
        {
            foreach (var id in ids)
                _newer.Add(id);
            if (_newer.Count < Generation)
                return;
            (_older, _newer) = (_newer, _older);
            _newer.Clear();
        }
    }
}
