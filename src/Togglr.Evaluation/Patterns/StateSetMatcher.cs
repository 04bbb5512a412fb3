namespace Togglr.Evaluation.Patterns;

/// <summary>Follows all states of an automaton at once; also the construction step of <see cref="DeterministicAutomaton"/>.</summary>
internal sealed class StateSetMatcher
{
    [ThreadStatic]
    private static Scratch? s_scratch;

    private readonly State[] _states;
    private readonly (int First, int Last)[][] _classes;
    private readonly Alphabet _alphabet;
    private readonly int _start;

    public StateSetMatcher(PatternAutomaton automaton, Alphabet alphabet)
    {
        _states = [.. automaton.States];
        _start = automaton.Start;
        _alphabet = alphabet;
        var known = new Dictionary<CharacterSet, (int, int)[]>(ReferenceEqualityComparer.Instance);
        _classes = new (int, int)[_states.Length][];
        for (var i = 0; i < _states.Length; i++)
        {
            if (_states[i].Set is not { } set)
                _classes[i] = [];
            else if (!known.TryGetValue(set, out _classes[i]!))
                known[set] = _classes[i] = [.. set.Ranges.Select(range => (alphabet.ClassOf(range.First), alphabet.ClassOf(range.Last)))];
        }
    }

    public int StateCount => _states.Length;

    public bool IsMatch(ReadOnlySpan<byte> utf8)
    {
        var scratch = s_scratch ??= new Scratch();
        scratch.Reserve(_states.Length);
        var current = scratch.Current;
        var next = scratch.Next;
        current.Clear();
        if (Close(current, _start, atStart: true, atEnd: utf8.IsEmpty, scratch.Pending))
            return true;
        while (!utf8.IsEmpty)
        {
            var character = _alphabet.Next(ref utf8);
            if (Step(current, next, character, utf8.IsEmpty, scratch.Pending))
                return true;
            (current, next) = (next, current);
        }
        return false;
    }

    /// <summary>The states after one more character; true when the pattern has matched.</summary>
    public bool Step(StateSet current, StateSet next, int character, bool atEnd, int[] pending)
    {
        next.Clear();
        for (var i = 0; i < current.Count; i++)
        {
            var index = current[i];
            if (_states[index].Kind == StateKind.Character && Accepts(index, character) && Close(next, _states[index].Next, false, atEnd, pending))
                return true;
        }
        // A match may start anywhere.
        return Close(next, _start, atStart: false, atEnd, pending);
    }

    /// <summary>Adds a state and everything that is reached from it without a character; true when that includes the match.</summary>
    public bool Close(StateSet set, int state, bool atStart, bool atEnd, int[] pending)
    {
        var count = 0;
        pending[count++] = state;
        while (count > 0)
        {
            var index = pending[--count];
            if (!set.Add(index))
                continue;
            ref readonly var at = ref _states[index];
            switch (at.Kind)
            {
                case StateKind.Match:
                    return true;
                case StateKind.Split:
                    pending[count++] = at.Other;
                    pending[count++] = at.Next;
                    break;
                case StateKind.Start when atStart:
                case StateKind.End when atEnd:
                    pending[count++] = at.Next;
                    break;
            }
        }
        return false;
    }

    public bool CloseStart(StateSet set, bool atEnd, int[] pending) => Close(set, _start, atStart: true, atEnd, pending);

    /// <summary>Whether the text may end here: the states of the set that wait for the end lead to the match.</summary>
    public bool MatchesAtEnd(ReadOnlySpan<int> states, StateSet scratch, int[] pending)
    {
        scratch.Clear();
        foreach (var state in states)
        {
            if (_states[state].Kind == StateKind.End && Close(scratch, state, false, true, pending))
                return true;
        }
        return false;
    }

    private bool Accepts(int state, int character)
    {
        foreach (var (first, last) in _classes[state])
        {
            if (character >= first && character <= last)
                return true;
        }
        return false;
    }

    private sealed class Scratch
    {
        public StateSet Current { get; private set; } = new(0);

        public StateSet Next { get; private set; } = new(0);

        public int[] Pending { get; private set; } = [];

        public void Reserve(int states)
        {
            if (Current.Capacity >= states)
                return;
            Current = new StateSet(states);
            Next = new StateSet(states);
            // Every state that is added pushes at most two.
            Pending = new int[(2 * states) + 2];
        }
    }
}

/// <summary>A sparse set of states: cleared in no time, iterated in the order of addition.</summary>
internal sealed class StateSet(int capacity)
{
    private readonly int[] _members = new int[capacity];
    private readonly int[] _positions = new int[capacity];

    public int Capacity => _members.Length;

    public int Count { get; private set; }

    public int this[int index] => _members[index];

    public ReadOnlySpan<int> Members => _members.AsSpan(0, Count);

    public void Clear() => Count = 0;

    public bool Add(int state)
    {
        var position = _positions[state];
        if (position < Count && _members[position] == state)
            return false;
        _positions[state] = Count;
        _members[Count++] = state;
        return true;
    }
}
