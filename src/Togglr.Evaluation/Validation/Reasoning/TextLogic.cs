using System.Globalization;
using System.Text;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;

namespace Togglr.Evaluation.Validation.Reasoning;

/// <summary>
/// Whether one text can satisfy several demands. Texts are too many to try: a demand for one of a list is tried with the list; what reads a text as a number, an instant, a version or
/// an address is tried with those; prefixes, suffixes and parts are compared with each other. Everything else is taken to be possible.
/// </summary>
internal static class TextLogic
{
    private const int MaxTried = 20_000;

    /// <summary>Letters whose cases are all tried.</summary>
    private const int MaxLetters = 6;

    /// <summary>Whether the same operator with the same value has to accept and to refuse.</summary>
    public static bool IsOpposed(List<Demand> demands)
    {
        foreach (var demand in demands)
        {
            if (demand.Accepted && demands.Exists(other => !other.Accepted && IsSame(demand.Clause, other.Clause)))
                return true;
        }
        return false;
    }

    public static bool Possible(List<Demand> demands, Budget budget)
    {
        if (!budget.Spend(demands.Count))
            return true;
        if (demands.Exists(demand => !demand.Accepted && demand.Clause is TextClause text && text.Parts.Any(part => part.Length == 0)))
            return false;
        var listed = demands.Where(demand => demand is { Accepted: true, Clause: EqualityClause }).Select(demand => (EqualityClause)demand.Clause)
            .OrderBy(clause => clause.Count).FirstOrDefault();
        if (listed is not null)
            return ListedPossible(listed, demands, budget);
        var kinds = demands.Where(demand => demand.Accepted).Select(demand => KindOf(demand.Clause)).ToHashSet();
        if (Disjoint(kinds))
            return false;
        return (!kinds.Contains(TextKind.Number) || NumberPossible(demands, budget))
            && (!kinds.Contains(TextKind.Instant) || InstantPossible(demands))
            && (!kinds.Contains(TextKind.Version) || VersionPossible(demands))
            && (!kinds.Contains(TextKind.Address) || AddressPossible(demands, budget))
            && PartsPossible(demands, budget);
    }

    private static bool IsSame(Clause first, Clause second) =>
        first.Text.IgnoreCase == second.Text.IgnoreCase && first.Text.Value.Span.SequenceEqual(second.Text.Value.Span) && (first, second) switch
        {
            (EqualityClause, EqualityClause) or (PatternClause, PatternClause) or (AddressClause, AddressClause) => true,
            (TextClause a, TextClause b) => a.Place == b.Place,
            _ => false,
        };

    private static bool ListedPossible(EqualityClause listed, List<Demand> demands, Budget budget)
    {
        if (listed.Count > MaxTried)
            return true;
        var context = new ContextData();
        var completeness = new Completeness();
        foreach (var text in Listed(listed, demands, completeness))
        {
            // Where not all can be tried there is no proof.
            if (!completeness.All || !budget.Spend(1) || IsMet(context, text, demands))
                return true;
        }
        return false;
    }

    private sealed class Completeness
    {
        public bool All = true;
    }

    // The texts that equal one of the values, one of each kind that the demands tell apart.
    private static IEnumerable<byte[]> Listed(EqualityClause listed, List<Demand> demands, Completeness completeness)
    {
        foreach (var text in Written(listed).SelectMany(text => listed.Folds ? Cases(text, demands, completeness) : [text]))
            yield return text;
        if (listed.Numbers.Count == 0)
            yield break;
        // However it is spelled: as another list has it, or as none has.
        foreach (var other in demands.Select(demand => demand.Clause).OfType<EqualityClause>())
        {
            for (var i = 0; i < other.Texts.Count; i++)
            {
                var text = other.Texts[i].ToArray();
                if (JsonNumber.TryParse(text, out _))
                    yield return text;
            }
        }
        foreach (var number in listed.Numbers)
        {
            var text = NewSpelling(number, demands);
            completeness.All &= text is not null && demands.TrueForAll(demand => demand.Clause is EqualityClause or NumberClause);
            yield return text ?? [];
        }
    }

    private static IEnumerable<byte[]> Written(EqualityClause listed)
    {
        for (var i = 0; i < listed.Texts.Count; i++)
            yield return listed.Texts[i].ToArray();
        if (listed.Has(true))
            yield return "true"u8.ToArray();
        if (listed.Has(false))
            yield return "false"u8.ToArray();
    }

    private static IEnumerable<byte[]> Cases(byte[] folded, List<Demand> demands, Completeness completeness)
    {
        var letters = Enumerable.Range(0, folded.Length).Where(i => (uint)(folded[i] - 'a') <= 25).ToList();
        var mattersNot = demands.TrueForAll(demand => demand.Clause is NumberClause or AddressClause or EqualityClause { Folds: true } or TextClause { Folds: true });
        if (mattersNot || letters.Count == 0)
        {
            yield return folded;
            yield break;
        }
        if (letters.Count > MaxLetters)
        {
            completeness.All = false;
            yield return folded;
            yield break;
        }
        for (var bits = 0; bits < 1 << letters.Count; bits++)
        {
            var variant = (byte[])folded.Clone();
            for (var i = 0; i < letters.Count; i++)
            {
                if ((bits & (1 << i)) != 0)
                    variant[letters[i]] -= 0x20;
            }
            yield return variant;
        }
    }

    private static bool IsMet(ContextData context, byte[] text, List<Demand> demands)
    {
        context.Text = text;
        var value = new ContextValue { Kind = ContextKind.Text, Length = text.Length };
        return demands.TrueForAll(demand => demand.IsMetBy(context, value));
    }

    private enum TextKind
    {
        Any,
        Number,
        Instant,
        Version,
        Address,
    }

    private static TextKind KindOf(Clause clause) => clause switch
    {
        NumberClause => TextKind.Number,
        InstantClause => TextKind.Instant,
        VersionClause => TextKind.Version,
        AddressClause => TextKind.Address,
        _ => TextKind.Any,
    };

    // No text is both: an address has three dots or a colon; an instant has two hyphens in it, which a number has not. 1.5 is a number and a version, 2020-01-01 an instant and a version.
    private static bool Disjoint(HashSet<TextKind> kinds) =>
        (kinds.Contains(TextKind.Address) && (kinds.Contains(TextKind.Number) || kinds.Contains(TextKind.Instant) || kinds.Contains(TextKind.Version)))
        || (kinds.Contains(TextKind.Number) && kinds.Contains(TextKind.Instant));

    // In a spelling that no list has, so that only the number matters.
    private static bool NumberPossible(List<Demand> demands, Budget budget)
    {
        var numeric = demands.FindAll(demand => demand.Clause is NumberClause or EqualityClause);
        var context = new ContextData();
        foreach (var number in ValueLogic.Numbers(numeric))
        {
            if (!budget.Spend(1) || NewSpelling(number, numeric) is not { } text || IsMet(context, text, numeric))
                return true;
        }
        return false;
    }

    private static bool InstantPossible(List<Demand> demands)
    {
        var instants = demands.FindAll(demand => demand.Clause is InstantClause);
        var context = new ContextData();
        return instants.Select(demand => ((InstantClause)demand.Clause).Limit).SelectMany(limit => new[] { limit - 1, limit, limit + 1 })
            .Any(at => at is >= Instant.Minimum and <= Instant.Maximum && instants.TrueForAll(demand => demand.IsMetBy(context, ContextValue.OfNumber(at))));
    }

    // The greatest lower end against the least upper one; what lies between two versions is not looked at.
    private static bool VersionPossible(List<Demand> demands)
    {
        (VersionClause Clause, bool Inclusive)? low = null;
        (VersionClause Clause, bool Inclusive)? high = null;
        foreach (var demand in demands)
        {
            if (demand.Clause is not VersionClause version)
                continue;
            var accepted = demand.Accepted ? version.Accepted : version.Accepted ^ (Ordering.Less | Ordering.Equal | Ordering.Greater);
            var inclusive = (accepted & Ordering.Equal) != default;
            if ((accepted & Ordering.Less) == default)
                low = Tighter(low, (version, inclusive), 1);
            if ((accepted & Ordering.Greater) == default)
                high = Tighter(high, (version, inclusive), -1);
        }
        if (low is null || high is null)
            return true;
        var order = Compare(low.Value.Clause, high.Value.Clause);
        return order < 0 || (order == 0 && low.Value.Inclusive && high.Value.Inclusive);
    }

    private static (VersionClause Clause, bool Inclusive) Tighter((VersionClause Clause, bool Inclusive)? end, (VersionClause Clause, bool Inclusive) other, int direction)
    {
        if (end is not { } known)
            return other;
        var order = Compare(other.Clause, known.Clause) * direction;
        return order > 0 || (order == 0 && !other.Inclusive) ? other : known;
    }

    private static int Compare(VersionClause first, VersionClause second) =>
        SemanticVersion.TryParse(first.Limit, out var a) && SemanticVersion.TryParse(second.Limit, out var b) ? Math.Sign(a.PrecedenceAgainst(b)) : 0;

    private static bool AddressPossible(List<Demand> demands, Budget budget)
    {
        var ranges = demands.FindAll(demand => demand.Clause is AddressClause).ConvertAll(demand => (((AddressClause)demand.Clause).Ranges, demand.Accepted));
        foreach (var (first, last) in ranges.SelectMany(range => range.Ranges.Bounds))
        {
            // Just behind a range is where another begins to be alone.
            var behind = new IpAddress(last.IsV4, last.Bits == (last.IsV4 ? uint.MaxValue : UInt128.MaxValue) ? last.Bits : last.Bits + 1);
            foreach (var address in new[] { first, behind })
            {
                if (!budget.Spend(ranges.Count) || ranges.TrueForAll(range => range.Ranges.Contains(address) == range.Accepted))
                    return true;
            }
        }
        return false;
    }

    private static bool PartsPossible(List<Demand> demands, Budget budget)
    {
        var refused = demands.Where(demand => demand is { Accepted: false, Clause: TextClause }).Select(demand => (TextClause)demand.Clause).ToList();
        var left = new List<(TextClause Clause, List<byte[]> Parts)>();
        foreach (var demand in demands)
        {
            if (demand is not { Accepted: true, Clause: TextClause clause })
                continue;
            if (!budget.Spend(1 + (clause.Parts.Count * refused.Sum(other => other.Parts.Count))))
                return true;
            var parts = clause.Parts.Where(part => !refused.Exists(other => other.Parts.Any(unwanted => Brings(clause, part, other, unwanted)))).ToList();
            if (parts.Count == 0)
                return false;
            left.Add((clause, parts));
        }
        for (var i = 0; i < left.Count; i++)
        {
            for (var j = 0; j < i; j++)
            {
                if (!budget.Spend(1 + (left[i].Parts.Count * left[j].Parts.Count)))
                    return true;
                if (left[i].Clause.Place == left[j].Clause.Place && left[i].Clause.Place != TextPlace.Anywhere
                    && !left[i].Parts.Exists(one => left[j].Parts.Exists(other => Fit(one, other, left[i].Clause.Place))))
                    return false;
            }
        }
        return true;
    }

    // Whether a text with this part at its place has the other part at the other's place.
    private static bool Brings(TextClause clause, byte[] part, TextClause other, byte[] unwanted)
    {
        if (clause.Folds && !other.Folds)
            return false;
        var known = other.Folds ? AsciiCase.Fold(part) : part;
        return other.Place switch
        {
            TextPlace.Anywhere => known.AsSpan().IndexOf(unwanted) >= 0,
            TextPlace.Start => clause.Place == TextPlace.Start && known.AsSpan().StartsWith(unwanted),
            _ => clause.Place == TextPlace.End && known.AsSpan().EndsWith(unwanted),
        };
    }

    // Whether a text can begin (or end) with both. Cases are left out of account: what differs without them differs.
    private static bool Fit(byte[] one, byte[] other, TextPlace place)
    {
        var (a, b) = (AsciiCase.Fold(one), AsciiCase.Fold(other));
        var length = Math.Min(a.Length, b.Length);
        return place == TextPlace.Start ? a.AsSpan(0, length).SequenceEqual(b.AsSpan(0, length)) : a.AsSpan(a.Length - length).SequenceEqual(b.AsSpan(b.Length - length));
    }

    // A JSON number that no list has as a text; null where none is found.
    private static byte[]? NewSpelling(double number, List<Demand> demands)
    {
        var text = number.ToString("R", CultureInfo.InvariantCulture);
        var exponent = text.IndexOf('E', StringComparison.Ordinal);
        var (digits, rest) = exponent < 0 ? (text, "") : (text[..exponent], text[exponent..]);
        if (!digits.Contains('.', StringComparison.Ordinal))
            digits += ".0";
        for (var zeros = 1; zeros < 10; zeros++)
        {
            var spelling = Encoding.UTF8.GetBytes(digits + new string('0', zeros) + rest);
            var folded = AsciiCase.Fold(spelling);
            if (!JsonNumber.TryParse(spelling, out var read) || read != number)
                return null;
            if (!demands.Exists(demand => demand.Clause is EqualityClause equality && equality.Texts.Contains(equality.Folds ? folded : spelling)))
                return spelling;
        }
        return null;
    }
}
