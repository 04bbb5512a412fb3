using System.Runtime.InteropServices;

namespace Togglr.Evaluation.Patterns;

/// <summary>One table look-up per character. Built completely when a snapshot is compiled, so that matching never writes.</summary>
internal sealed class DeterministicAutomaton
{
    // About 128 KB at most for one pattern; more is followed as a set of states.
    private const int MaxCells = 1 << 15;
    private const long MaxWork = 2_000_000;
    private const int Matched = -1;

    private readonly int[] _table;
    private readonly bool[] _matchesAtEnd;
    private readonly int _classes;
    private readonly bool _matchesAtOnce;

    private DeterministicAutomaton(int[] table, bool[] matchesAtEnd, int classes, bool matchesAtOnce)
    {
        _table = table;
        _matchesAtEnd = matchesAtEnd;
        _classes = classes;
        _matchesAtOnce = matchesAtOnce;
    }

    public bool IsMatch(ReadOnlySpan<byte> utf8, Alphabet alphabet)
    {
        if (_matchesAtOnce)
            return true;
        var state = 0;
        while (!utf8.IsEmpty)
        {
            state = _table[(state * _classes) + alphabet.Next(ref utf8)];
            if (state == Matched)
                return true;
        }
        return _matchesAtEnd[state];
    }

    /// <summary>Null where the automaton would be too large or too slow to build.</summary>
    public static DeterministicAutomaton? TryBuild(StateSetMatcher matcher, Alphabet alphabet)
    {
        var current = new StateSet(matcher.StateCount);
        var next = new StateSet(matcher.StateCount);
        var pending = new int[(2 * matcher.StateCount) + 2];

        if (matcher.CloseStart(current, atEnd: false, pending))
            return new DeterministicAutomaton([], [], alphabet.Count, matchesAtOnce: true);
        var sets = new List<int[]> { current.Members.ToArray() };
        next.Clear();
        var matchesAtEnd = new List<bool> { matcher.CloseStart(next, atEnd: true, pending) };
        // The first state is never entered again: only there a match may begin with "^".
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        var table = new List<int>();
        long work = 0;
        for (var state = 0; state < sets.Count; state++)
        {
            if (sets.Count * alphabet.Count > MaxCells)
                return null;
            for (var character = 0; character < alphabet.Count; character++)
            {
                work += sets[state].Length + 8;
                if (work > MaxWork)
                    return null;
                current.Clear();
                foreach (var member in sets[state])
                    current.Add(member);
                if (matcher.Step(current, next, character, atEnd: false, pending))
                {
                    table.Add(Matched);
                    continue;
                }
                var members = next.Members.ToArray();
                Array.Sort(members);
                var key = new string(MemoryMarshal.Cast<int, char>(members));
                if (!known.TryGetValue(key, out var target))
                {
                    target = sets.Count;
                    known.Add(key, target);
                    sets.Add(members);
                    matchesAtEnd.Add(matcher.MatchesAtEnd(members, next, pending));
                }
                table.Add(target);
            }
        }
        return new DeterministicAutomaton([.. table], [.. matchesAtEnd], alphabet.Count, matchesAtOnce: false);
    }
}
