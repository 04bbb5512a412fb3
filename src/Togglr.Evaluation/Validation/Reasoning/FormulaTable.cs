using System.Text;
using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>Turns conditions into formulas. A segment is replaced by what it says; its lists of keys are things that hold or not.</summary>
internal sealed class FormulaTable
{
    private readonly Func<string, SegmentMeaning?> _segments;
    private readonly Dictionary<string, Formula> _known = new(StringComparer.Ordinal);
    private readonly Dictionary<Condition, Formula> _read = new(ReferenceEqualityComparer.Instance);
    private readonly Dictionary<string, Formula> _meanings = new(StringComparer.Ordinal);
    private int _next;

    /// <param name="segments">What is known of a segment.</param>
    public FormulaTable(Func<string, SegmentMeaning?> segments)
    {
        _segments = segments;
        True = new Constant(_next++, true);
        False = new Constant(_next++, false) { Negation = True };
        True.Negation = False;
    }

    public Formula True { get; }

    public Formula False { get; }

    public Formula Of(Condition condition)
    {
        if (!_read.TryGetValue(condition, out var formula))
            _read[condition] = formula = Read(condition);
        return formula;
    }

    public Formula All(IEnumerable<Formula> parts) => Join(parts, isAll: true);

    public Formula Any(IEnumerable<Formula> parts) => Join(parts, isAll: false);

    private Formula Read(Condition condition) => condition switch
    {
        AllOf all => All(all.Parts.Select(Of)),
        AnyOf any => Any(any.Parts.Select(Of)),
        Not not => Of(not.Part).Negation,
        InSegment segment => Meaning(segment.Key),
        Percentage percentage => Atom(
            $"percentage:{percentage.Seed}\0{percentage.BucketBy?.Name}", $"{percentage.Limit}", percentage),
        Clause clause => Atom($"attribute:{clause.Text.Attribute.Name}", $"{clause.Text.Operator}\0{clause.Text.IgnoreCase}\0{Encoding.UTF8.GetString(clause.Text.Value.Span)}", clause),
        _ => False,
    };

    private Formula Meaning(string key)
    {
        if (_meanings.TryGetValue(key, out var known))
            return known;
        var opaque = Atom($"segment:{key}", "", null);
        // A segment that leads back to itself is an error elsewhere; here nothing is known of it.
        _meanings[key] = opaque;
        if (_segments(key) is not { } segment)
            return opaque;
        var members = segment.Condition is null ? False : Of(segment.Condition);
        if (segment.HasIncluded)
            members = Any([Atom($"included:{key}", "", null), members]);
        if (segment.HasExcluded)
            members = All([Atom($"excluded:{key}", "", null).Negation, members]);
        return _meanings[key] = members;
    }

    private Formula Atom(string subject, string text, Condition? atom)
    {
        var key = $"{subject}\u0001{text}";
        if (_known.TryGetValue(key, out var known))
            return known;
        var positive = new Literal(_next++, subject, isPositive: true, atom);
        var negative = new Literal(_next++, subject, isPositive: false, atom) { Negation = positive };
        positive.Negation = negative;
        return _known[key] = positive;
    }

    private Formula Join(IEnumerable<Formula> parts, bool isAll)
    {
        var (neutral, absorbing) = isAll ? (True, False) : (False, True);
        var flat = new SortedDictionary<int, Formula>();
        foreach (var part in parts)
        {
            foreach (var piece in part is Junction junction && junction.IsAll == isAll ? junction.Parts : [part])
            {
                if (ReferenceEquals(piece, absorbing) || flat.ContainsKey(piece.Negation.Id))
                    return absorbing;
                if (!ReferenceEquals(piece, neutral))
                    flat[piece.Id] = piece;
            }
        }
        if (flat.Count == 0)
            return neutral;
        if (flat.Count == 1)
            return flat.Values.First();
        var key = $"{(isAll ? '&' : '|')}{string.Join(',', flat.Keys)}";
        if (_known.TryGetValue(key, out var known))
            return known;
        Formula[] pieces = [.. flat.Values];
        var joined = new Junction(_next++, isAll, pieces);
        var opposite = new Junction(_next++, !isAll, [.. pieces.Select(piece => piece.Negation).OrderBy(piece => piece.Id)]) { Negation = joined };
        joined.Negation = opposite;
        _known[key] = joined;
        _known[$"{(isAll ? '|' : '&')}{string.Join(',', opposite.Parts.Select(piece => piece.Id))}"] = opposite;
        return joined;
    }
}

/// <summary>What a segment says.</summary>
/// <param name="Condition">Who is in it besides the lists; null: nobody.</param>
/// <param name="HasIncluded">Whether there are keys that are in it.</param>
/// <param name="HasExcluded">Whether there are keys that are not.</param>
internal sealed record SegmentMeaning(Condition? Condition, bool HasIncluded, bool HasExcluded);
