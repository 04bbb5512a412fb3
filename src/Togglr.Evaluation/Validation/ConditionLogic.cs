using System.Text;
using Togglr.Evaluation.Conditions;

namespace Togglr.Evaluation.Validation;

/// <summary>What can be said of a condition without a context.</summary>
internal enum Certainty
{
    Sometimes,
    Always,
    Never,
}

/// <summary>
/// Reasons about conditions. Sound, not complete: what it says of two conditions is true, and what it does not see is not reported.
/// </summary>
internal sealed class ConditionLogic(ReferenceSet references)
{
    // Analysis is advice: it may give up.
    private const int MaxSteps = 200_000;

    private readonly Dictionary<(Condition, Condition), bool> _implications = [];
    // Asked of every level by the level above it, and more than once: without this the time doubles with every level.
    private readonly Dictionary<Condition, Certainty> _certainties = new(ReferenceEqualityComparer.Instance);
    private int _steps;

    public Certainty CertaintyOf(Condition condition)
    {
        if (!_certainties.TryGetValue(condition, out var certainty))
            _certainties[condition] = certainty = DecideCertainty(condition);
        return certainty;
    }

    private Certainty DecideCertainty(Condition condition)
    {
        switch (condition)
        {
            case AllOf all:
                if (all.Parts.Any(part => CertaintyOf(part) == Certainty.Never) || Contradiction(all) is not null)
                    return Certainty.Never;
                return all.Parts.All(part => CertaintyOf(part) == Certainty.Always) ? Certainty.Always : Certainty.Sometimes;
            case AnyOf any:
                if (any.Parts.Any(part => CertaintyOf(part) == Certainty.Always))
                    return Certainty.Always;
                return any.Parts.All(part => CertaintyOf(part) == Certainty.Never) ? Certainty.Never : Certainty.Sometimes;
            case Not not:
                return CertaintyOf(not.Part) switch
                {
                    Certainty.Always => Certainty.Never,
                    Certainty.Never => Certainty.Always,
                    _ => Certainty.Sometimes,
                };
            case Percentage { Limit: 0 }:
                return Certainty.Never;
            case EqualityClause { IsNegative: false, Count: 0 }:
                return Certainty.Never;
            default:
                return Certainty.Sometimes;
        }
    }

    /// <summary>Two parts of a conjunction that cannot hold together, or null.</summary>
    public (Clause First, Clause Second)? Contradiction(AllOf all)
    {
        var clauses = new List<Clause>();
        Collect(all, clauses);
        for (var i = 0; i < clauses.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (++_steps > MaxSteps)
                    return null;
                if (ReferenceEquals(clauses[i].Text.Attribute, clauses[j].Text.Attribute) && (Excludes(clauses[i], clauses[j]) || Excludes(clauses[j], clauses[i])))
                    return (clauses[j], clauses[i]);
            }
        }
        return null;
    }

    /// <summary>Whether the second condition holds whenever the first does.</summary>
    public bool Implies(Condition first, Condition second)
    {
        if (++_steps > MaxSteps)
            return false;
        if (_implications.TryGetValue((first, second), out var known))
            return known;
        _implications[(first, second)] = false;
        return _implications[(first, second)] = Decide(first, second);
    }

    private bool Decide(Condition first, Condition second)
    {
        if (ReferenceEquals(first, second) || CertaintyOf(second) == Certainty.Always || CertaintyOf(first) == Certainty.Never)
            return true;
        if (first is AnyOf any)
            return any.Parts.All(part => Implies(part, second));
        if (second is AllOf all)
            return all.Parts.All(part => Implies(first, part));
        if (first is AllOf conjunction && conjunction.Parts.Any(part => Implies(part, second)))
            return true;
        if (second is AnyOf choice && choice.Parts.Any(part => Implies(first, part)))
            return true;
        return (first, second) switch
        {
            (Not a, Not b) => Implies(b.Part, a.Part),
            (InSegment a, InSegment b) => a.Key == b.Key,
            (Percentage a, Percentage b) => a.Seed == b.Seed && ReferenceEquals(a.BucketBy, b.BucketBy) && a.Limit <= b.Limit,
            (Clause a, Clause b) => ReferenceEquals(a.Text.Attribute, b.Text.Attribute) && Implies(a, b),
            _ => false,
        };
    }

    private static bool Implies(Clause first, Clause second)
    {
        if (SameText(first, second))
            return true;
        return (first, second) switch
        {
            // Every operator but not_exists needs the attribute.
            (_, ExistenceClause { Exists: true }) => first is not ExistenceClause { Exists: false },
            (EqualityClause { IsNegative: false } a, EqualityClause { IsNegative: false } b) => b.Covers(a),
            (EqualityClause { IsNegative: true } a, EqualityClause { IsNegative: true } b) => a.Covers(b),
            (NumberClause a, NumberClause b) => Within(a.Accepted, a.Limit.CompareTo(b.Limit), b.Accepted),
            (InstantClause a, InstantClause b) => Within(a.Accepted, a.Limit.CompareTo(b.Limit), b.Accepted),
            _ => false,
        };
    }

    private static bool SameText(Clause first, Clause second) =>
        first.Text.Operator == second.Text.Operator && first.Text.IgnoreCase == second.Text.IgnoreCase && first.Text.Value.Span.SequenceEqual(second.Text.Value.Span);

    // A range with one end inside another that points the same way.
    private static bool Within(Ordering inner, int innerAgainstOuter, Ordering outer)
    {
        var up = (inner & Ordering.Greater) != default;
        if (up != ((outer & Ordering.Greater) != default))
            return false;
        return (up ? innerAgainstOuter > 0 : innerAgainstOuter < 0)
            || (innerAgainstOuter == 0 && ((inner & Ordering.Equal) == default || (outer & Ordering.Equal) != default));
    }

    // Two clauses about one attribute. Only what holds for a single value: an array may satisfy both.
    private bool Excludes(Clause first, Clause second)
    {
        if (first is ExistenceClause { Exists: false })
            return second is not ExistenceClause { Exists: false };
        if (references.Attributes?.GetValueOrDefault(first.Text.Attribute.Name) == AttributeType.Array)
            return false;
        return (first, second) switch
        {
            (EqualityClause { IsNegative: false } a, EqualityClause { IsNegative: false } b) => !a.Overlaps(b),
            (EqualityClause { IsNegative: false } a, EqualityClause { IsNegative: true } b) => b.Covers(a),
            (NumberClause a, NumberClause b) => Apart(a.Accepted, b.Accepted, a.Limit.CompareTo(b.Limit)),
            (InstantClause a, InstantClause b) => Apart(a.Accepted, b.Accepted, a.Limit.CompareTo(b.Limit)),
            _ => false,
        };
    }

    // "Below a" and "above b" with nothing between.
    private static bool Apart(Ordering first, Ordering second, int firstAgainstSecond)
    {
        if ((first & Ordering.Less) == default || (second & Ordering.Greater) == default)
            return false;
        return firstAgainstSecond < 0 || (firstAgainstSecond == 0 && ((first & Ordering.Equal) == default || (second & Ordering.Equal) == default));
    }

    private static void Collect(AllOf all, List<Clause> clauses)
    {
        foreach (var part in all.Parts)
        {
            if (part is Clause clause)
                clauses.Add(clause);
            else if (part is AllOf nested)
                Collect(nested, clauses);
        }
    }
}
