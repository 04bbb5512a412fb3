using System.Collections.Concurrent;

namespace Togglr.Evaluation;

/// <summary>Counts how often flags were asked for that are not there. Names beyond a limit are not counted, so that whoever invents names takes no memory.</summary>
public sealed class UnknownFlagCounter
{
    /// <summary>The most names between two drains.</summary>
    public const int Most = 100;

    private const int LongestName = 100;

    private ConcurrentDictionary<string, Cell> _asked = new(StringComparer.Ordinal);

    /// <summary>Counts one request for a flag; costs no memory but for the first of a name.</summary>
    public void Add(string flag)
    {
        ArgumentNullException.ThrowIfNull(flag);
        var asked = Volatile.Read(ref _asked);
        if (!asked.TryGetValue(flag, out var cell))
        {
            if (asked.Count >= Most || !IsName(flag))
                return;
            cell = asked.GetOrAdd(flag, static _ => new Cell());
        }
        Interlocked.Increment(ref cell.Count);
    }

    /// <summary>Whether a text can be shown as the name of a flag: 1 to 100 characters, none of which is a control character or half of one. It need not be one that flags may have.</summary>
    public static bool IsName(string flag)
    {
        ArgumentNullException.ThrowIfNull(flag);
        return flag.Length is > 0 and <= LongestName && !flag.Any(static letter => char.IsControl(letter) || char.IsSurrogate(letter));
    }

    /// <summary>What was counted since the last call. Somebody who counts at this very moment may be missed.</summary>
    public IReadOnlyList<KeyValuePair<string, long>> Drain() =>
        _asked.IsEmpty ? [] : [.. Interlocked.Exchange(ref _asked, new ConcurrentDictionary<string, Cell>(StringComparer.Ordinal)).Select(static pair => KeyValuePair.Create(pair.Key, Interlocked.Read(ref pair.Value.Count))).Where(static pair => pair.Value > 0)];

    private sealed class Cell
    {
        public long Count;
    }
}
