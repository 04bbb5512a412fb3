using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>The boundaries of a design.</summary>
/// <param name="Fractions">The information fraction of every look, increasing.</param>
/// <param name="CriticalValues">The boundary of |Z| (or Z) at every look; infinite where nothing can be spent yet.</param>
/// <param name="Spent">The error spent up to every look.</param>
/// <param name="Crossings">The probability of crossing for the first time at every look when there is no effect.</param>
public sealed record SequentialBoundary(
    IReadOnlyList<double> Fractions, IReadOnlyList<double> CriticalValues, IReadOnlyList<double> Spent, IReadOnlyList<CrossingProbability> Crossings);

/// <summary>The price of looking early.</summary>
/// <param name="Factor">The largest sample as a multiple of that of a test with one look, at the same α and power.</param>
/// <param name="Drift">The expected Z at the last look under the planned effect.</param>
/// <param name="FavourableRejection">The probability of rejecting at every look in the right direction, under the planned effect.</param>
/// <param name="Stopping">The probability of stopping at every look for either boundary, under the planned effect.</param>
/// <param name="ExpectedFraction">The expected sample as a share of the largest.</param>
public sealed record InflationOutcome(
    double Factor, double Drift, IReadOnlyList<double> FavourableRejection, IReadOnlyList<double> Stopping, double ExpectedFraction)
{
    /// <summary>The expected sample as a multiple of that of a test with one look.</summary>
    public double ExpectedVersusFixed => ExpectedFraction * Factor;
}

/// <summary>
/// Group-sequential designs: planned looks at which an experiment may stop, with an overall error of exactly α. Two-sided designs use the exact
/// symmetric region, P(any |Z| ≥ c) = α, which is not twice a one-sided design.
/// </summary>
public abstract record GroupSequentialDesign
{
    private protected GroupSequentialDesign()
    {
    }

    /// <summary>The boundaries for looks at these information fractions.</summary>
    public abstract SequentialBoundary Boundary(IReadOnlyList<double> fractions, double alpha, bool isTwoSided);

    /// <summary>
    /// The repeated p-value at a look (Jennison &amp; Turnbull 2000, 9.5): the smallest overall α with which the design would have crossed
    /// its two-sided boundary at this look. Comparing it with α says the same as comparing Z with the boundary.
    /// </summary>
    public abstract double RepeatedPValue(IReadOnlyList<double> fractions, int look, double z);

    /// <summary>Equally spaced looks.</summary>
    public static double[] EqualFractions(int looks) => [.. Enumerable.Range(1, looks).Select(look => (double)look / looks)];

    /// <summary>The overall error of testing at every look with the same, uncorrected critical value: what peeking costs.</summary>
    public static double NaivePeekingError(int looks, double alphaPerLook)
    {
        var z = Normal.UpperQuantile(alphaPerLook / 2);
        return BoundaryRecursion.All(EqualFractions(looks), [.. Enumerable.Repeat(z, looks)], isTwoSided: true).Sum(crossing => crossing.Either);
    }

    /// <summary>
    /// The inflation against one look: (drift / (z_{α} + z_{power}))², where the drift gives the wanted probability of rejecting in the right
    /// direction (Jennison &amp; Turnbull 2000, 2.3).
    /// </summary>
    public InflationOutcome Inflation(IReadOnlyList<double> fractions, double alpha, double power, bool isTwoSided)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        var boundary = Boundary(fractions, alpha, isTwoSided);
        CrossingProbability[] At(double drift) => BoundaryRecursion.All(fractions, boundary.CriticalValues, isTwoSided, drift);
        var single = Normal.UpperQuantile(isTwoSided ? alpha / 2 : alpha) + Normal.UpperQuantile(1 - power);
        var drift = Roots.Between(candidate => At(candidate).Sum(crossing => crossing.Above) - power, 0.5 * single, 3 * single + 3, relative: 1e-13);
        var crossings = At(drift);
        double[] stopping = [.. crossings.Select(crossing => crossing.Either)];
        var last = fractions[^1];
        var expected = stopping.Zip(fractions, (probability, t) => probability * t / last).Sum() + (1 - stopping.Sum());
        return new InflationOutcome(drift / single * (drift / single), drift, [.. crossings.Select(crossing => crossing.Above)], stopping, expected);
    }

    private protected static SequentialBoundary Complete(IReadOnlyList<double> fractions, double[] criticalValues, bool isTwoSided)
    {
        var crossings = BoundaryRecursion.All(fractions, criticalValues, isTwoSided);
        var spent = new double[crossings.Length];
        for (var look = 0; look < spent.Length; look++)
            spent[look] = crossings[look].Either + (look > 0 ? spent[look - 1] : 0);
        return new SequentialBoundary(fractions, criticalValues, spent, crossings);
    }
}

/// <summary>Designs whose boundary is one constant times a shape: c_k = C for Pocock 1977, c_k = C/√t_k for O'Brien &amp; Fleming 1979.</summary>
/// <param name="IsObrienFleming">The shape of O'Brien and Fleming instead of Pocock's.</param>
public sealed record ConstantDesign(bool IsObrienFleming) : GroupSequentialDesign
{
    /// <summary>Pocock's design: the same boundary at every look.</summary>
    public static ConstantDesign Pocock { get; } = new(false);

    /// <summary>The design of O'Brien and Fleming: hard to stop early, hardly any cost at the end.</summary>
    public static ConstantDesign ObrienFleming { get; } = new(true);

    /// <summary>The constant C: Pocock's boundary, or the last critical value of O'Brien and Fleming.</summary>
    public double Constant(IReadOnlyList<double> fractions, double alpha, bool isTwoSided)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        var sides = isTwoSided ? 2 : 1;
        // Not less than one look needs, not more than Bonferroni (Pocock) or the reflection principle (O'Brien and Fleming) allow.
        var lower = Normal.UpperQuantile(alpha / sides);
        var upper = Normal.UpperQuantile(alpha / sides / (IsObrienFleming ? 2 : fractions.Count)) + 1e-9;
        return fractions.Count == 1 ? lower * Shape(1) / Shape(fractions[0]) : Roots.Between(constant => Error(fractions, constant, isTwoSided) - alpha, lower, upper, relative: 1e-13);
    }

    /// <inheritdoc/>
    public override SequentialBoundary Boundary(IReadOnlyList<double> fractions, double alpha, bool isTwoSided)
    {
        var constant = Constant(fractions, alpha, isTwoSided);
        return Complete(fractions, [.. fractions.Select(t => constant * Shape(t))], isTwoSided);
    }

    /// <inheritdoc/>
    public override double RepeatedPValue(IReadOnlyList<double> fractions, int look, double z)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        return z == 0 ? 1 : Math.Min(1, Error(fractions, Math.Abs(z) / Shape(fractions[look - 1]), isTwoSided: true));
    }

    private double Error(IReadOnlyList<double> fractions, double constant, bool isTwoSided) =>
        BoundaryRecursion.All(fractions, [.. fractions.Select(t => constant * Shape(t))], isTwoSided).Sum(crossing => crossing.Either);

    private double Shape(double t) => IsObrienFleming ? 1 / Math.Sqrt(t) : 1;
}

/// <summary>Designs that spend their error by a function of the information, so that looks need not be planned (Lan &amp; DeMets 1983).</summary>
/// <param name="Spending">The function.</param>
public sealed record SpendingDesign(SpendingFunction Spending) : GroupSequentialDesign
{
    /// <inheritdoc/>
    public override SequentialBoundary Boundary(IReadOnlyList<double> fractions, double alpha, bool isTwoSided)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        return SpentBoundary.Solve(fractions, [.. fractions.Select(t => Spending.Spent(t, alpha, isTwoSided))], isTwoSided);
    }

    /// <inheritdoc/>
    public override double RepeatedPValue(IReadOnlyList<double> fractions, int look, double z)
    {
        ArgumentNullException.ThrowIfNull(fractions);
        double[] soFar = [.. fractions.Take(look)];
        var size = Math.Abs(z);
        // The boundary falls as α grows; both ends say "less than" and "nearly one".
        double Excess(double logAlpha) => size - Boundary(soFar, Math.Exp(logAlpha), isTwoSided: true).CriticalValues[^1];
        const double Smallest = -650;
        var largest = Math.Log(0.9999);
        if (Excess(largest) < 0)
            return 1;
        return Excess(Smallest) > 0 ? Math.Exp(Smallest) : Math.Exp(Roots.Between(Excess, Smallest, largest, relative: 1e-12));
    }
}
