using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>A clause about a scalar, and whether its positive operator has to accept it.</summary>
internal readonly record struct Demand(Clause Clause, bool Accepted)
{
    public bool IsMetBy(ContextData context, in ContextValue scalar) => Clause.Accepts(context, scalar) == Accepted;
}

/// <summary>
/// Whether one attribute can satisfy several clauses at once, by the shapes that it may have: missing, an object, an array, or a text, number or boolean. Between the numbers that clauses name
/// nothing changes, so that trying those and their neighbours with the evaluator's own code tries them all.
/// </summary>
internal static class ValueLogic
{
    /// <summary>More values than this are not tried.</summary>
    private const int MaxTried = 20_000;

    public static bool Possible(IReadOnlyList<Literal> literals, Func<string, bool> mayBeArray, Budget budget)
    {
        var clauses = literals.Select(literal => (Clause: (Clause)literal.Atom!, literal.IsPositive)).ToList();
        var attribute = clauses[0].Clause.Text.Attribute;
        // A clause with a negative operator is the opposite of its positive counterpart.
        var demands = clauses.Where(item => item.Clause is not ExistenceClause).Select(item => new Demand(item.Clause, item.IsPositive != item.Clause.Negates)).ToList();
        var mayBePresent = clauses.TrueForAll(item => item.Clause is not ExistenceClause || item.Clause.IfPresent == item.IsPositive);
        if (attribute.IsNow)
            return mayBePresent && NumberPossible(demands, budget);
        if (clauses.TrueForAll(item => item.Clause.IfMissing == item.IsPositive) || clauses.TrueForAll(item => item.Clause.IfPresent == item.IsPositive))
            return true;
        if (!mayBePresent)
            return false;
        return ScalarPossible(demands, budget) || (mayBeArray(attribute.Name) && ArrayPossible(demands, budget));
    }

    // Some element for every operator that must accept one, and none that an operator that must not would accept.
    private static bool ArrayPossible(List<Demand> demands, Budget budget)
    {
        var none = demands.Where(demand => !demand.Accepted).ToList();
        return demands.Where(demand => demand.Accepted).All(demand => ScalarPossible([demand, .. none], budget));
    }

    private static bool ScalarPossible(List<Demand> demands, Budget budget)
    {
        if (demands.Count == 0)
            return true;
        if (TextLogic.IsOpposed(demands))
            return false;
        var empty = new ContextData();
        return demands.TrueForAll(demand => demand.IsMetBy(empty, ContextValue.OfBoolean(true)))
            || demands.TrueForAll(demand => demand.IsMetBy(empty, ContextValue.OfBoolean(false)))
            || NumberPossible(demands, budget)
            || TextLogic.Possible(demands, budget);
    }

    public static bool NumberPossible(List<Demand> demands, Budget budget)
    {
        var empty = new ContextData();
        var tried = 0;
        foreach (var number in Numbers(demands))
        {
            // Giving up is no proof.
            if (++tried > MaxTried || !budget.Spend(1))
                return true;
            if (demands.TrueForAll(demand => demand.IsMetBy(empty, ContextValue.OfNumber(number))))
                return true;
        }
        return false;
    }

    /// <summary>A number of every kind that the clauses tell apart.</summary>
    public static IEnumerable<double> Numbers(List<Demand> demands)
    {
        var only = demands.Where(demand => demand is { Accepted: true, Clause: EqualityClause }).Select(demand => (EqualityClause)demand.Clause)
            .OrderBy(clause => clause.Count).FirstOrDefault();
        if (only is not null)
        {
            foreach (var number in only.AllNumbers)
                yield return number;
            yield break;
        }
        yield return 0;
        foreach (var demand in demands)
        {
            foreach (var edge in Edges(demand.Clause))
            {
                yield return edge;
                if (Math.BitIncrement(edge) is var above && double.IsFinite(above))
                    yield return above;
                if (Math.BitDecrement(edge) is var below && double.IsFinite(below))
                    yield return below;
            }
        }
    }

    private static IEnumerable<double> Edges(Clause clause) => clause switch
    {
        EqualityClause equality => equality.AllNumbers,
        NumberClause number => [number.Limit],
        // Numbers are floored to milliseconds first.
        InstantClause instant => [instant.Limit, instant.Limit + 1, Instant.Minimum, Instant.Maximum + 1],
        _ => [],
    };
}
