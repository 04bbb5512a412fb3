using System.Collections.Concurrent;

namespace Togglr.Evaluation;

/// <summary>Counts how often flags were asked for that are not there. Names beyond a limit are not counted, so that whoever invents names takes no memory.</summary>
public sealed class UnknownFlagCounter
{
    /// <summary>The most names between two drains.</summary>
    public const int Most = 100;

    private const int LongestName = 100;

    private ConcurrentDictionary<string, long> _asked = new(StringComparer.Ordinal);

    /// <summary>Counts one request for a flag.</summary>
    public void Add(string flag)
    {
        ArgumentNullException.ThrowIfNull(flag);
        var asked = Volatile.Read(ref _asked);
        if (IsName(flag) && (asked.Count < Most || asked.ContainsKey(flag)))
            asked.AddOrUpdate(flag, 1, static (_, count) => count + 1);
    }

    /// <summary>Whether a text can be shown as the name of a flag: 1 to 100 characters, none of which is a control character or half of one. It need not be one that flags may have.</summary>
    public static bool IsName(string flag)
    {
        ArgumentNullException.ThrowIfNull(flag);
        return flag.Length is > 0 and <= LongestName && !flag.Any(static letter => char.IsControl(letter) || char.IsSurrogate(letter));
    }

    /// <summary>What was counted since the last call.</summary>
    public IReadOnlyCollection<KeyValuePair<string, long>> Drain() => _asked.IsEmpty ? [] : Interlocked.Exchange(ref _asked, new ConcurrentDictionary<string, long>(StringComparer.Ordinal));
}
