using System.Text;

namespace Togglr.Evaluation.Patterns;

/// <summary>
/// A regular expression of the portable subset, matched in time linear in the text and without allocation: ordinarily by a deterministic automaton built
/// when the snapshot is compiled; where that would have too many states, by following all states of the other one at once.
/// </summary>
internal sealed class Pattern
{
    private readonly Alphabet _alphabet;
    private readonly DeterministicAutomaton? _table;
    private readonly StateSetMatcher? _sets;

    private Pattern(Alphabet alphabet, DeterministicAutomaton? table, StateSetMatcher? sets)
    {
        _alphabet = alphabet;
        _table = table;
        _sets = sets;
    }

    /// <summary>Null and the reason when the pattern is outside the subset.</summary>
    public static Pattern? Parse(string pattern, out string? problem)
    {
        if (PatternSyntax.Parse(pattern, out problem) is not { } root)
            return null;
        if (PatternAutomaton.Build(root) is not { } automaton)
        {
            problem = $"The pattern needs more than {PatternAutomaton.MaxStates} states.";
            return null;
        }
        var alphabet = new Alphabet(automaton);
        var matcher = new StateSetMatcher(automaton, alphabet);
        var table = DeterministicAutomaton.TryBuild(matcher, alphabet);
        return new Pattern(alphabet, table, table is null ? matcher : null);
    }

    /// <summary>Whether the pattern matches anywhere in a text of valid UTF-8.</summary>
    public bool IsMatch(ReadOnlySpan<byte> utf8) => _table is not null ? _table.IsMatch(utf8, _alphabet) : _sets!.IsMatch(utf8);
}

/// <summary>The code points that a pattern tells apart, numbered as classes.</summary>
internal sealed class Alphabet
{
    private readonly int[] _firsts;
    private readonly ushort[] _ascii = new ushort[128];

    public Alphabet(PatternAutomaton automaton)
    {
        var boundaries = new SortedSet<int> { 0 };
        foreach (var state in automaton.States)
        {
            foreach (var (first, last) in state.Set?.Ranges ?? [])
            {
                boundaries.Add(first);
                boundaries.Add(last + 1);
            }
        }
        _firsts = [.. boundaries];
        for (var character = 0; character < 128; character++)
            _ascii[character] = (ushort)Search(character);
    }

    public int Count => _firsts.Length;

    public int ClassOf(int codePoint) => codePoint < 128 ? _ascii[codePoint] : Search(codePoint);

    /// <summary>The class of the next code point of a text; moves behind it.</summary>
    public int Next(ref ReadOnlySpan<byte> utf8)
    {
        var lead = utf8[0];
        if (lead < 128)
        {
            utf8 = utf8[1..];
            return _ascii[lead];
        }
        _ = Rune.DecodeFromUtf8(utf8, out var rune, out var consumed);
        utf8 = utf8[consumed..];
        return Search(rune.Value);
    }

    private int Search(int codePoint)
    {
        var found = Array.BinarySearch(_firsts, codePoint);
        return found >= 0 ? found : ~found - 1;
    }
}
