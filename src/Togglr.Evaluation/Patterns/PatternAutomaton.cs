namespace Togglr.Evaluation.Patterns;

internal enum StateKind : byte
{
    Character,
    Split,
    Start,
    End,
    Match,
}

/// <summary>A state of the automaton; <c>Character</c> states hold a range of the alphabet's classes in a bit set.</summary>
internal struct State
{
    public StateKind Kind;
    public int Next;
    public int Other;
    public CharacterSet? Set;
}

/// <summary>Thompson's construction: a state for every character of the pattern, repetitions written out.</summary>
internal sealed class PatternAutomaton
{
    /// <summary>More states are refused.</summary>
    public const int MaxStates = 10_000;

    private readonly List<State> _states = [];

    public IReadOnlyList<State> States => _states;

    public int Start { get; private set; }

    /// <summary>Null when the pattern needs more than <see cref="MaxStates"/> states.</summary>
    public static PatternAutomaton? Build(PatternNode root)
    {
        if (CountStates(root) + 1 > MaxStates)
            return null;
        var automaton = new PatternAutomaton();
        var match = automaton.Add(new State { Kind = StateKind.Match });
        automaton.Start = automaton.Compile(root, match);
        return automaton;
    }

    // Counted before anything is built: nested repetitions multiply.
    private static long CountStates(PatternNode node) => node switch
    {
        PatternNode.Sequence sequence => Math.Max(1, sequence.Parts.Sum(CountStates)),
        PatternNode.Choice choice => choice.Options.Sum(CountStates) + choice.Options.Count - 1,
        PatternNode.Repeat repeat => Math.Min(
            int.MaxValue,
            (CountStates(repeat.Part) * Math.Max(1, repeat.Maximum ?? repeat.Minimum)) + (repeat.Maximum is { } maximum ? maximum - repeat.Minimum : 1)),
        _ => 1,
    };

    private int Add(State state)
    {
        _states.Add(state);
        return _states.Count - 1;
    }

    // Compiles backwards: the states of a node lead to "next".
    private int Compile(PatternNode node, int next)
    {
        switch (node)
        {
            case PatternNode.Character character:
                return Add(new State { Kind = StateKind.Character, Set = character.Set, Next = next });
            case PatternNode.Start:
                return Add(new State { Kind = StateKind.Start, Next = next });
            case PatternNode.End:
                return Add(new State { Kind = StateKind.End, Next = next });
            case PatternNode.Sequence sequence:
                for (var i = sequence.Parts.Count - 1; i >= 0; i--)
                    next = Compile(sequence.Parts[i], next);
                return next;
            case PatternNode.Choice choice:
                var entry = Compile(choice.Options[^1], next);
                for (var i = choice.Options.Count - 2; i >= 0; i--)
                    entry = Add(new State { Kind = StateKind.Split, Next = Compile(choice.Options[i], next), Other = entry });
                return entry;
            default:
                return CompileRepeat((PatternNode.Repeat)node, next);
        }
    }

    private int CompileRepeat(PatternNode.Repeat repeat, int next)
    {
        var minimum = repeat.Minimum;
        if (repeat.Maximum is { } maximum)
        {
            var end = next;
            for (var i = minimum; i < maximum; i++)
                next = Add(new State { Kind = StateKind.Split, Next = Compile(repeat.Part, next), Other = end });
        }
        else
        {
            var loop = Add(new State { Kind = StateKind.Split, Other = next });
            var body = Compile(repeat.Part, loop);
            _states[loop] = _states[loop] with { Next = body };
            // One of the required times is the loop's own body.
            next = minimum > 0 ? body : loop;
            minimum = Math.Max(0, minimum - 1);
        }
        for (var i = 0; i < minimum; i++)
            next = Compile(repeat.Part, next);
        return next;
    }
}
