using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Patterns;

namespace Togglr.Evaluation.Conditions;

/// <summary>What an ordering operator accepts: the outcomes of a comparison of the attribute with the rule's value.</summary>
[Flags]
internal enum Ordering : byte
{
    Less = 1,
    Equal = 2,
    Greater = 4,
}

/// <summary><c>gt</c>, <c>gte</c>, <c>lt</c>, <c>lte</c>.</summary>
internal sealed class NumberClause(ClauseText text, Ordering accepted, double limit) : Clause(text)
{
    public Ordering Accepted => accepted;

    public double Limit => limit;

    protected override bool Matches(ContextData context, in ContextValue value)
    {
        var number = value.Number;
        if (value.Kind != ContextKind.Number && (value.Kind != ContextKind.Text || !JsonNumber.TryParse(context.TextOf(value), out number)))
            return false;
        // Not CompareTo: negative zero equals zero.
        return Orderings.Accepts(accepted, number < limit ? -1 : number > limit ? 1 : 0);
    }
}

/// <summary><c>before</c> and <c>after</c>.</summary>
internal sealed class InstantClause(ClauseText text, Ordering accepted, long limit) : Clause(text)
{
    public Ordering Accepted => accepted;

    public long Limit => limit;

    protected override bool Matches(ContextData context, in ContextValue value)
    {
        var isInstant = value.Kind switch
        {
            ContextKind.Text => Instant.TryParse(context.TextOf(value), out var instant) ? (Known: true, At: instant) : default,
            ContextKind.Number => Instant.TryFromNumber(value.Number, out var instant) ? (Known: true, At: instant) : default,
            _ => default,
        };
        return isInstant.Known && Orderings.Accepts(accepted, isInstant.At.CompareTo(limit));
    }
}

/// <summary>The <c>semver_…</c> operators.</summary>
internal sealed class VersionClause(ClauseText text, Ordering accepted, byte[] limit) : Clause(text)
{
    public Ordering Accepted => accepted;

    public ReadOnlySpan<byte> Limit => limit;

    protected override bool Matches(ContextData context, in ContextValue value) =>
        value.Kind == ContextKind.Text
        && SemanticVersion.TryParse(context.TextOf(value), out var version)
        && SemanticVersion.TryParse(limit, out var other)
        && Orderings.Accepts(accepted, version.PrecedenceAgainst(other));
}

/// <summary><c>ip_in</c> and <c>not_ip_in</c>.</summary>
internal sealed class AddressClause(ClauseText text, bool isNegative, IpRanges ranges) : Clause(text, isNegative)
{
    public IpRanges Ranges => ranges;

    protected override bool Matches(ContextData context, in ContextValue value) =>
        value.Kind == ContextKind.Text && IpAddress.TryParse(context.TextOf(value), out var address) && ranges.Contains(address);
}

/// <summary><c>matches</c> and <c>not_matches</c>.</summary>
internal sealed class PatternClause(ClauseText text, bool isNegative, Pattern pattern) : Clause(text, isNegative)
{
    protected override bool Matches(ContextData context, in ContextValue value) =>
        value.Kind == ContextKind.Text && pattern.IsMatch(context.TextOf(value));
}

/// <summary>Where a text operator looks.</summary>
internal enum TextPlace : byte
{
    Anywhere,
    Start,
    End,
}

/// <summary><c>contains</c>, <c>starts_with</c>, <c>ends_with</c> and their negatives, for any of several texts.</summary>
internal sealed class TextClause(ClauseText text, bool isNegative, TextPlace place, byte[][] parts) : Clause(text, isNegative)
{
    private readonly bool _folds = text.IgnoreCase;

    public TextPlace Place => place;

    /// <summary>Folded where case is.</summary>
    public IReadOnlyList<byte[]> Parts => parts;

    public bool Folds => _folds;

    protected override bool Matches(ContextData context, in ContextValue value)
    {
        if (value.Kind != ContextKind.Text)
            return false;
        var utf8 = context.TextOf(value);
        foreach (var part in parts)
        {
            if (part.Length <= utf8.Length && (_folds ? HoldsFolded(utf8, part) : Holds(utf8, part)))
                return true;
        }
        return false;
    }

    private bool Holds(ReadOnlySpan<byte> utf8, byte[] part) => place switch
    {
        TextPlace.Anywhere => utf8.IndexOf(part) >= 0,
        TextPlace.Start => utf8.StartsWith(part),
        _ => utf8.EndsWith(part),
    };

    private bool HoldsFolded(ReadOnlySpan<byte> utf8, byte[] part) => place switch
    {
        TextPlace.Anywhere => AsciiCase.ContainsFolded(utf8, part),
        TextPlace.Start => AsciiCase.EqualsFolded(utf8[..part.Length], part),
        _ => AsciiCase.EqualsFolded(utf8[^part.Length..], part),
    };
}

internal static class Orderings
{
    public static bool Accepts(Ordering accepted, int order) =>
        (accepted & Of(order)) != default;

    private static Ordering Of(int order) => order < 0 ? Ordering.Less : order == 0 ? Ordering.Equal : Ordering.Greater;
}
