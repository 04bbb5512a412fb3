using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Snapshots;

/// <summary>A compiled segment.</summary>
internal sealed class Segment(string key, ReadOnlyMemory<byte> raw)
{
    public string Key => key;

    public ReadOnlyMemory<byte> Raw => raw;

    /// <summary>Why it is malformed, or null.</summary>
    public string? Problem { get; set; }

    public KeyIndex Included { get; init; } = KeyIndex.Empty;

    public KeyIndex Excluded { get; init; } = KeyIndex.Empty;

    public Condition? Condition { get; init; }

    /// <summary>The segments that its condition names.</summary>
    public IReadOnlyList<InSegment> References { get; init; } = [];

    /// <summary>The place in a <see cref="Memo"/>.</summary>
    public int Ordinal { get; set; }

    /// <summary>How many segments deep it nests, itself included.</summary>
    public int Height { get; set; }

    /// <summary>How many ordinals a memo must have room for below this segment.</summary>
    public int MemoSegments { get; set; }

    public bool Decide(in Inquiry inquiry) => InLists(inquiry) switch
    {
        Membership.Included => true,
        Membership.Excluded => false,
        _ => Condition is not null && Condition.Holds(inquiry),
    };

    /// <summary>Which part of the segment decides, for traces.</summary>
    public string DecidedBy(in Inquiry inquiry) => InLists(inquiry) switch
    {
        Membership.Included => "included",
        Membership.Excluded => "excluded",
        _ => Condition is null ? "none" : "condition",
    };

    private Membership InLists(in Inquiry inquiry)
    {
        var targetingKey = inquiry.Context.TextOf(inquiry.Context.TargetingKey);
        if (targetingKey.IsEmpty)
            return Membership.None;
        if (Excluded.Count > 0 && Excluded.Contains(targetingKey))
            return Membership.Excluded;
        return Included.Count > 0 && Included.Contains(targetingKey) ? Membership.Included : Membership.None;
    }

    private enum Membership
    {
        None,
        Included,
        Excluded,
    }
}
