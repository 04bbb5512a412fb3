namespace Togglr.Evaluation.Patterns;

/// <summary>The tree of a pattern.</summary>
internal abstract record PatternNode
{
    public sealed record Character(CharacterSet Set) : PatternNode;

    public sealed record Start : PatternNode;

    public sealed record End : PatternNode;

    public sealed record Sequence(IReadOnlyList<PatternNode> Parts) : PatternNode;

    public sealed record Choice(IReadOnlyList<PatternNode> Options) : PatternNode;

    /// <summary>At least <paramref name="Minimum"/> times, at most <paramref name="Maximum"/> (null: any number).</summary>
    public sealed record Repeat(PatternNode Part, int Minimum, int? Maximum) : PatternNode;
}

/// <summary>
/// Reads the portable subset of regular expressions and refuses everything else, so that a pattern means the same in every language. Greedy and lazy
/// forms differ in what they capture, never in whether they match, so that laziness is read and dropped.
/// </summary>
internal ref struct PatternSyntax
{
    public const int MaxLength = 1000;
    public const int MaxRepeat = 1000;
    private const int MaxNesting = 250;

    private readonly ReadOnlySpan<int> _pattern;
    private int _at;
    private int _nesting;
    private string? _problem;

    private PatternSyntax(ReadOnlySpan<int> pattern) => _pattern = pattern;

    /// <summary>Reads a pattern; <paramref name="problem"/> says why it was refused.</summary>
    public static PatternNode? Parse(string pattern, out string? problem)
    {
        var codePoints = pattern.EnumerateRunes().Select(rune => rune.Value).ToArray();
        if (codePoints.Length > MaxLength)
        {
            problem = $"The pattern is longer than {MaxLength} characters.";
            return null;
        }
        var syntax = new PatternSyntax(codePoints);
        var root = syntax.Choice();
        if (syntax._problem is null && syntax._at < codePoints.Length)
            syntax.Refuse("A closing parenthesis has no opening one");
        problem = syntax._problem;
        return problem is null ? root : null;
    }

    private PatternNode Choice()
    {
        if (++_nesting > MaxNesting)
            Refuse("Groups are nested too deep");
        var options = new List<PatternNode> { Sequence() };
        while (_problem is null && Take('|'))
            options.Add(Sequence());
        _nesting--;
        return options.Count == 1 ? options[0] : new PatternNode.Choice(options);
    }

    private PatternNode Sequence()
    {
        var parts = new List<PatternNode>();
        while (_problem is null && _at < _pattern.Length && _pattern[_at] is not ('|' or ')'))
            parts.Add(Repeated(Item()));
        return parts.Count == 1 ? parts[0] : new PatternNode.Sequence(parts);
    }

    private PatternNode Item()
    {
        int character = _pattern[_at++];
        switch (character)
        {
            case '(':
                if (Take('?') && !Take(':'))
                    return Refuse("Only plain groups and (?:…) are allowed");
                var group = Choice();
                return Take(')') ? group : Refuse("A group is not closed");
            case '[':
                return Class();
            case '.':
                return new PatternNode.Character(CharacterSet.AnyButNewLine);
            case '^':
                return new PatternNode.Start();
            case '$':
                return new PatternNode.End();
            case '\\':
                return Escape(out var set) is { } literal ? Literal(literal) : set is null ? new PatternNode.Sequence([]) : new PatternNode.Character(set);
            case '*' or '+' or '?' or '{':
                return Refuse("There is nothing to repeat");
            case ']' or '}':
                return Refuse($"'{(char)character}' must be written with a backslash");
            default:
                return Literal(character);
        }
    }

    private PatternNode Repeated(PatternNode item)
    {
        if (_problem is not null || _at >= _pattern.Length || _pattern[_at] is not ('*' or '+' or '?' or '{'))
            return item;
        if (item is PatternNode.Start or PatternNode.End)
            return Refuse("An anchor cannot be repeated");
        var minimum = 0;
        int? maximum = null;
        switch (_pattern[_at++])
        {
            case '+':
                minimum = 1;
                break;
            case '?':
                maximum = 1;
                break;
            case '{':
                if (Number() is not { } least)
                    return Refuse("A repetition is {n}, {n,} or {n,m}, up to 1000");
                minimum = least;
                maximum = least;
                if (Take(','))
                {
                    maximum = null;
                    if (_at < _pattern.Length && _pattern[_at] != '}' && (maximum = Number()) is null)
                        return Refuse("A repetition is {n}, {n,} or {n,m}, up to 1000");
                }
                if (!Take('}') || maximum < minimum)
                    return Refuse("A repetition is {n}, {n,} or {n,m} with n not above m");
                break;
        }
        _ = Take('?');
        return _at < _pattern.Length && _pattern[_at] is '*' or '+' or '?' or '{'
            ? Refuse("An item can be repeated once; possessive forms are not allowed")
            : new PatternNode.Repeat(item, minimum, maximum);
    }

    private PatternNode Class()
    {
        var negated = Take('^');
        var ranges = new List<(int First, int Last)>();
        while (_problem is null)
        {
            if (_at >= _pattern.Length)
                return Refuse("A character class is not closed");
            if (Take(']'))
                break;
            if (ClassItem(out var set) is not { } first)
            {
                ranges.AddRange(set?.Ranges ?? []);
                // "\d-x" reads differently from engine to engine.
                if (set is not null && _at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
                    return Refuse("A range cannot start with a class");
                continue;
            }
            var last = first;
            if (_at + 1 < _pattern.Length && _pattern[_at] == '-' && _pattern[_at + 1] != ']')
            {
                _at++;
                if (ClassItem(out _) is not { } end || end < first)
                    return Refuse("A range of characters is out of order");
                last = end;
            }
            ranges.Add((first, last));
        }
        if (_problem is null && ranges.Count == 0)
            return Refuse("A character class is empty");
        var union = new CharacterSet(ranges);
        return new PatternNode.Character(negated ? union.Complement() : union);
    }

    // A character, or null and a set for a class like \d.
    private int? ClassItem(out CharacterSet? set)
    {
        set = null;
        int character = _pattern[_at++];
        if (character == '\\')
            return Escape(out set);
        // Some engines read these two as set operations or nested classes.
        if (character == '[' || (character is '&' or '~' or '|' && _at < _pattern.Length && _pattern[_at] == character))
            Refuse("'[', '&&', '~~' and '||' in a class must be written with a backslash");
        return character;
    }

    // A character, or null and a set for a class like \d, or null and a problem.
    private int? Escape(out CharacterSet? set)
    {
        set = null;
        if (_at >= _pattern.Length)
        {
            Refuse("A backslash needs a character");
            return null;
        }
        int character = _pattern[_at++];
        switch (character)
        {
            case 't':
                return '\t';
            case 'n':
                return '\n';
            case 'r':
                return '\r';
            case 'f':
                return '\f';
            case 'v':
                return '\v';
        }
        set = character switch
        {
            'd' => CharacterSet.Digits,
            'D' => CharacterSet.Digits.Complement(),
            'w' => CharacterSet.WordCharacters,
            'W' => CharacterSet.WordCharacters.Complement(),
            's' => CharacterSet.Spaces,
            'S' => CharacterSet.Spaces.Complement(),
            _ => null,
        };
        if (set is not null)
            return null;
        if (character < 128 && char.IsAscii((char)character) && (char.IsPunctuation((char)character) || char.IsSymbol((char)character)))
            return character;
        Refuse("This escape is not allowed");
        return null;
    }

    private int? Number()
    {
        var start = _at;
        var value = 0;
        while (_at < _pattern.Length && _pattern[_at] is >= '0' and <= '9' && value <= MaxRepeat)
            value = (value * 10) + (_pattern[_at++] - '0');
        return _at == start || value > MaxRepeat ? null : value;
    }

    private static PatternNode.Character Literal(int character) => new(new CharacterSet([(character, character)]));

    private bool Take(char character)
    {
        if (_at >= _pattern.Length || _pattern[_at] != character)
            return false;
        _at++;
        return true;
    }

    private PatternNode.Sequence Refuse(string problem)
    {
        _problem ??= $"{problem} (at character {Math.Max(_at, 1)}).";
        return new PatternNode.Sequence([]);
    }
}
