using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Conditions;

/// <summary>
/// The answers of segments and prerequisites within one evaluation, so that a graph of them costs what it has nodes, not what it has paths. One per thread, emptied by counting rounds.
/// </summary>
internal sealed class Memo
{
    [ThreadStatic]
    private static Memo? s_memo;

    private (uint Round, bool Value)[] _segments = [];
    private (uint Round, Outcome? Value)[] _flags = [];
    private uint _round;

    public static Memo Begin(int segments, int flags)
    {
        var memo = s_memo ??= new Memo();
        if (memo._segments.Length < segments)
            memo._segments = new (uint, bool)[segments * 2];
        if (memo._flags.Length < flags)
            memo._flags = new (uint, Outcome?)[flags * 2];
        if (++memo._round == 0)
        {
            Array.Clear(memo._segments);
            Array.Clear(memo._flags);
            memo._round = 1;
        }
        return memo;
    }

    public bool Contains(Segment segment, in Inquiry inquiry)
    {
        if (_segments[segment.Ordinal].Round == _round)
            return _segments[segment.Ordinal].Value;
        var value = segment.Decide(inquiry);
        _segments[segment.Ordinal] = (_round, value);
        return value;
    }

    public Outcome Evaluate(Flag flag, in Inquiry inquiry)
    {
        if (_flags[flag.Ordinal].Round == _round)
            return _flags[flag.Ordinal].Value!;
        var outcome = flag.Decide(inquiry);
        _flags[flag.Ordinal] = (_round, outcome);
        return outcome;
    }
}
