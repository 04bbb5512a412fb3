namespace Togglr.Evaluation.Patterns;

/// <summary>A set of code points as sorted, disjoint, inclusive ranges.</summary>
internal sealed class CharacterSet
{
    public const int LastCodePoint = 0x10FFFF;

    public static readonly CharacterSet Digits = new([('0', '9')]);
    public static readonly CharacterSet WordCharacters = new([('0', '9'), ('A', 'Z'), ('_', '_'), ('a', 'z')]);
    public static readonly CharacterSet Spaces = new([('\t', '\r'), (' ', ' ')]);
    public static readonly CharacterSet AnyButNewLine = new CharacterSet([('\n', '\n')]).Complement();

    public CharacterSet(IEnumerable<(int First, int Last)> ranges)
    {
        var merged = new List<(int First, int Last)>();
        foreach (var range in ranges.OrderBy(r => r.First))
        {
            if (merged.Count > 0 && range.First <= merged[^1].Last + 1)
                merged[^1] = (merged[^1].First, Math.Max(merged[^1].Last, range.Last));
            else
                merged.Add(range);
        }
        Ranges = merged;
    }

    public IReadOnlyList<(int First, int Last)> Ranges { get; }

    public CharacterSet Complement()
    {
        var ranges = new List<(int, int)>();
        var next = 0;
        foreach (var (first, last) in Ranges)
        {
            if (first > next)
                ranges.Add((next, first - 1));
            next = last + 1;
        }
        if (next <= LastCodePoint)
            ranges.Add((next, LastCodePoint));
        return new CharacterSet(ranges);
    }
}
