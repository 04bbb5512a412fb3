using System.Collections.Concurrent;
using System.Globalization;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>The shape of a plan of looks.</summary>
public enum ScheduleKind
{
    /// <summary>Pocock: as easy to stop early as late.</summary>
    Pocock,

    /// <summary>O'Brien and Fleming: hard to stop early.</summary>
    ObrienFleming,

    /// <summary>Lan and DeMets' spending in the manner of O'Brien and Fleming.</summary>
    LanDeMets,
}

/// <summary>A look that was taken.</summary>
/// <param name="Number">Which of the planned looks, from 1.</param>
/// <param name="Information">The information it had, in any unit that is the same for all looks; the number of units, as a rule.</param>
public readonly record struct TakenLook(int Number, double Information);

/// <summary>
/// A plan of looks made before the start, applied to what happened. The plan decides how much of the error may be spent up to each look
/// (calendar-time spending, Lan &amp; DeMets 1989); the information that each look really had decides how looks depend on each other.
/// So the overall error is exactly α when a look comes with more or fewer units than planned, or is left out.
/// </summary>
public sealed class LookSchedule
{
    private readonly ScheduleKind _kind;
    private readonly double[] _fractions;
    private readonly double _alpha;
    private readonly double[] _spent;
    private readonly ConcurrentDictionary<string, double[]> _boundaries = new(StringComparer.Ordinal);

    /// <summary>A plan with looks at increasing fractions of the whole, the last of which is one.</summary>
    /// <exception cref="ArgumentException">The fractions do not increase from above zero, or there are none.</exception>
    public LookSchedule(ScheduleKind kind, IReadOnlyList<double> fractions, double alpha)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        if (fractions.Count == 0 || !(fractions[0] > 0) || fractions.Zip(fractions.Skip(1)).Any(pair => !(pair.Second > pair.First)))
            throw new ArgumentException("Looks are at increasing fractions above zero.", nameof(fractions));
        _kind = kind;
        _fractions = [.. fractions.Select(fraction => fraction / fractions[^1])];
        _alpha = alpha;
        _spent = SpentAt(alpha);
    }

    /// <summary>How many looks are planned.</summary>
    public int Looks => _fractions.Length;

    /// <summary>The error spent up to a look, two-sided.</summary>
    public double Spent(int look) => _spent[look - 1];

    /// <summary>The boundary of |Z| at the last of the looks that were taken; infinite where nothing may be rejected yet.</summary>
    public double CriticalValue(IReadOnlyList<TakenLook> taken) => Values(taken, _spent, remember: true)[^1];

    /// <summary>
    /// The repeated p-value at the last of the looks that were taken: the smallest overall error with which this plan would have crossed there.
    /// Accurate to about six digits; it is below α exactly when |z| is beyond the boundary.
    /// </summary>
    public double RepeatedPValue(IReadOnlyList<TakenLook> taken, double z)
    {
        ArgumentNullException.ThrowIfNull(taken);
        var size = Math.Abs(z);
        if (size == 0)
            return 1;
        if (_kind != ScheduleKind.LanDeMets && IsAsPlanned(taken))
            return Math.Min(1, Crossings(size / Shape(_fractions[taken.Count - 1])).Sum());
        return _kind == ScheduleKind.LanDeMets ? ByError(taken, size) : ByConstant(taken, size);
    }

    // The boundary falls as the overall error grows. Its logarithm is what is looked for; it is never below that of a single look.
    private double ByError(IReadOnlyList<TakenLook> taken, double size)
    {
        double Excess(double logError) => size - Values(taken, SpentAt(Math.Exp(logError)), remember: false)[^1];
        var smallest = Normal.LogUpperTail(size) + Math.Log(2);
        const double Largest = -1e-4;
        return Excess(Largest) < 0 ? 1 : Excess(smallest) > 0 ? Math.Exp(smallest) : Math.Exp(Roots.Between(Excess, smallest, Largest, 1e-6));
    }

    // A design with a constant is easier to walk through by its constant, of which the error follows without solving anything.
    private double ByConstant(IReadOnlyList<TakenLook> taken, double size)
    {
        double Excess(double constant) => Values(taken, SpentBy(constant), remember: false)[^1] - size;
        const double Smallest = 0.01;
        return Excess(Smallest) > 0 ? 1 : Math.Min(1, SpentBy(Roots.Between(Excess, Smallest, size + 3, 1e-7))[^1]);
    }

    private bool IsAsPlanned(IReadOnlyList<TakenLook> taken) => taken
        .Select((look, i) => look.Number == i + 1 && Math.Abs(look.Information / taken[^1].Information * _fractions[taken.Count - 1] / _fractions[i] - 1) < 1e-9)
        .All(same => same);

    private double[] Values(IReadOnlyList<TakenLook> taken, double[] spent, bool remember)
    {
        // A look that added next to nothing to the one before cannot be told apart from it.
        var kept = new List<TakenLook>();
        foreach (var look in taken)
        {
            if (kept.Count > 0 && look.Information < kept[^1].Information * 1.0005)
                kept.RemoveAt(kept.Count - 1);
            kept.Add(look);
        }
        double[] fractions = [.. kept.Select(look => look.Information / kept[^1].Information)];
        double[] Solve() => [.. SpentBoundary.Solve(fractions, [.. kept.Select(look => spent[look.Number - 1])], isTwoSided: true).CriticalValues];
        return remember
            ? _boundaries.GetOrAdd(string.Join(';', kept.Select((look, i) => string.Create(CultureInfo.InvariantCulture, $"{look.Number}:{fractions[i]:R}"))), _ => Solve())
            : Solve();
    }

    // The error spent up to every planned look for an overall error.
    private double[] SpentAt(double error)
    {
        if (_kind == ScheduleKind.LanDeMets)
        {
            var function = new SpendingFunction(SpendingKind.LanDeMetsObrienFleming);
            return [.. _fractions.Select(t => function.Spent(t, error, isTwoSided: true))];
        }
        var design = _kind == ScheduleKind.Pocock ? ConstantDesign.Pocock : ConstantDesign.ObrienFleming;
        var spent = SpentBy(design.Constant(_fractions, error, isTwoSided: true));
        // Not what the solver's last digit makes of it.
        spent[^1] = error;
        return spent;
    }

    private double[] SpentBy(double constant)
    {
        var spent = Crossings(constant);
        for (var look = 1; look < spent.Length; look++)
            spent[look] += spent[look - 1];
        return spent;
    }

    private double[] Crossings(double constant) =>
        [.. BoundaryRecursion.All(_fractions, [.. _fractions.Select(t => constant * Shape(t))], isTwoSided: true).Select(crossing => crossing.Either)];

    private double Shape(double t) => _kind == ScheduleKind.ObrienFleming ? 1 / Math.Sqrt(t) : 1;
}
