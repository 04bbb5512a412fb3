using Togglr.Evaluation.Buckets;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Conditions;

/// <summary>A compiled condition. It holds or not; it never fails.</summary>
internal abstract class Condition
{
    public abstract bool Holds(in Inquiry inquiry);
}

/// <summary>Stands for a malformed condition until its flag is refused.</summary>
internal sealed class Never : Condition
{
    public override bool Holds(in Inquiry inquiry) => false;
}

internal sealed class AllOf(Condition[] parts) : Condition
{
    public IReadOnlyList<Condition> Parts => parts;

    public override bool Holds(in Inquiry inquiry)
    {
        foreach (var part in parts)
        {
            if (!part.Holds(inquiry))
                return false;
        }
        return true;
    }
}

internal sealed class AnyOf(Condition[] parts) : Condition
{
    public IReadOnlyList<Condition> Parts => parts;

    public override bool Holds(in Inquiry inquiry)
    {
        foreach (var part in parts)
        {
            if (part.Holds(inquiry))
                return true;
        }
        return false;
    }
}

internal sealed class Not(Condition part) : Condition
{
    public Condition Part => part;

    public override bool Holds(in Inquiry inquiry) => !part.Holds(inquiry);
}

/// <summary>Membership of a segment, which is found when all segments have been read.</summary>
internal sealed class InSegment(string key) : Condition
{
    public string Key => key;

    public Segment? Segment { get; set; }

    public override bool Holds(in Inquiry inquiry) => inquiry.Memo is { } memo ? memo.Contains(Segment!, inquiry) : Segment!.Decide(inquiry);
}

/// <summary>True for the units whose bucket is below the limit (percentage × 100).</summary>
internal sealed class Percentage(int limit, BucketSeed seed, string seedText, AttributeReference? bucketBy) : Condition
{
    public int Limit => limit;

    public string Seed => seedText;

    public AttributeReference? BucketBy => bucketBy;

    public override bool Holds(in Inquiry inquiry) => BucketOf(inquiry) is { } bucket && bucket < limit;

    /// <summary>Null where there is no unit.</summary>
    public int? BucketOf(in Inquiry inquiry)
    {
        Span<byte> digits = stackalloc byte[Unit.MaxNumberLength];
        var unit = Unit.Read(inquiry, bucketBy, digits);
        return unit.IsEmpty ? null : seed.BucketOf(unit);
    }
}
