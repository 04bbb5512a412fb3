namespace Togglr.Messaging;

/// <summary>
/// Remembers what came lately, in bounded memory. Two generations: something is known for at least a window of time, or as long as <paramref name="capacity"/> further ones have not come, and never for more than twice
/// that. May be called from any thread.
/// </summary>
/// <param name="time">The clock.</param>
/// <param name="window">For so long something is known.</param>
/// <param name="capacity">So many of the latest are known in any case where they came faster.</param>
public sealed class RecentSet<T>(TimeProvider time, TimeSpan window, int capacity)
{
    private readonly Lock _gate = new();
    private HashSet<T> _young = [];
    private HashSet<T> _old = [];
    private long _turnedAt = time.GetTimestamp();

    /// <summary>Whether it came lately.</summary>
    public bool Contains(T item)
    {
        lock (_gate)
        {
            Turn();
            return _young.Contains(item) || _old.Contains(item);
        }
    }

    /// <summary>Remembers it.</summary>
    /// <returns>Whether it was not known before.</returns>
    public bool Add(T item)
    {
        lock (_gate)
        {
            Turn();
            return !_old.Contains(item) && _young.Add(item);
        }
    }

    /// <summary>Remembers all of these.</summary>
    public void AddAll(IEnumerable<T> items)
    {
        ArgumentNullException.ThrowIfNull(items);
        lock (_gate)
        {
            Turn();
            _young.UnionWith(items);
        }
    }

    /// <summary>Knows nothing of it any more.</summary>
    public void Remove(T item)
    {
        lock (_gate)
        {
            _young.Remove(item);
            _old.Remove(item);
        }
    }

    private void Turn()
    {
        var elapsed = time.GetElapsedTime(_turnedAt);
        if (elapsed <= window && _young.Count < capacity)
            return;
        if (elapsed > 2 * window)
            _young.Clear();
        (_young, _old) = (_old, _young);
        _young.Clear();
        _turnedAt = time.GetTimestamp();
    }
}
