using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Bayesian;

/// <summary>
/// What is believed about the value of one arm. The integrals over it run in a coordinate u in which it looks like a standard shape, so that
/// one set of cuts suits the narrow and the wide, the symmetric and the skewed.
/// </summary>
public abstract record Posterior
{
    // Beyond this many spreads there is nothing that a double could add; a share with few successes or failures has longer tails.
    private const double Reach = 9.5;
    private const double LongReach = 13;

    // The quadrature's panels measure this many spreads of the narrowest distribution that changes there.
    private const double PanelWidth = 4;

    private protected Posterior()
    {
    }

    /// <summary>The expected value.</summary>
    public abstract double Mean { get; }

    /// <summary>The variance.</summary>
    public abstract double Variance { get; }

    /// <summary>P(value ≤ x).</summary>
    public abstract double Cdf(double x);

    /// <summary>The x with P(value ≤ x) = p.</summary>
    public abstract double Quantile(double p);

    /// <summary>The equal-tailed interval of probability 1 − alpha.</summary>
    public Interval Credible(double alpha) => new(Quantile(alpha / 2), Quantile(1 - alpha / 2));

    /// <summary>The values one spread below and above the centre: where its distribution function changes, and how fast.</summary>
    internal Interval Core
    {
        get
        {
            var (centre, spread) = Shape;
            return new Interval(At(Math.Max(CoordinateOf(double.NegativeInfinity), centre - spread)), At(Math.Min(CoordinateOf(double.PositiveInfinity), centre + spread)));
        }
    }

    // The value at a coordinate, the coordinate of a value, and the density with respect to the coordinate.
    private protected abstract double At(double u);

    private protected abstract double CoordinateOf(double x);

    private protected abstract double Density(double u);

    private protected abstract (double Centre, double Spread) Shape { get; }

    private protected virtual bool HasLongTails => false;

    /// <summary>E[f(value)], exact to about twelve digits; f may change quickly around the given cores and have kinks.</summary>
    internal double Expect(Func<double, double> f, IReadOnlyList<Interval> cores, params IReadOnlyList<double> kinks)
    {
        var (centre, spread) = Shape;
        var reach = HasLongTails ? LongReach : Reach;
        var upper = Math.Min(CoordinateOf(double.PositiveInfinity), centre + reach * spread);
        var u = Math.Max(CoordinateOf(double.NegativeInfinity), centre - reach * spread);
        var points = new List<double> { u };
        while (u < upper)
        {
            var step = PanelWidth * spread;
            foreach (var core in cores)
            {
                var (from, to) = (CoordinateOf(core.Lower), CoordinateOf(core.Upper));
                var (middle, other) = ((from + to) / 2, (to - from) / 2);
                if (!(other > 0) || other >= spread)
                    continue;
                if (Math.Abs(u - middle) < LongReach * other)
                    step = Math.Min(step, PanelWidth * other);
                else if (u < middle)
                    step = Math.Min(step, Math.Max(middle - LongReach * other - u, PanelWidth * other));
            }
            foreach (var kink in kinks.Select(CoordinateOf))
            {
                if (kink > u)
                    step = Math.Min(step, kink - u);
            }
            u = Math.Min(upper, u + step);
            points.Add(u);
        }
        return Quadrature.Integrate(point => Density(point) * f(At(point)), System.Runtime.InteropServices.CollectionsMarshal.AsSpan(points));
    }
}

/// <summary>The posterior of a share: Beta(a, b) = prior + successes, prior + failures.</summary>
/// <param name="A">Successes plus the prior's.</param>
/// <param name="B">Failures plus the prior's.</param>
public sealed record BetaPosterior(double A, double B) : Posterior
{
    /// <inheritdoc/>
    public override double Mean => A / (A + B);

    /// <inheritdoc/>
    public override double Variance => A * B / ((A + B) * (A + B) * (A + B + 1));

    // x = sin²(u): the spread is then the same everywhere, about 1/(2√n), and the ends are smooth down to a prior of one half.
    private protected override (double Centre, double Spread) Shape => (Math.Asin(Math.Sqrt(Mean)), 0.5 / Math.Sqrt(A + B));

    private protected override bool HasLongTails => A < 10 || B < 10;

    /// <inheritdoc/>
    public override double Cdf(double x) => Beta.Cdf(x, A, B);

    /// <inheritdoc/>
    public override double Quantile(double p) => Beta.Quantile(p, A, B);

    private protected override double At(double u) => Math.Sin(u) * Math.Sin(u);

    private protected override double CoordinateOf(double x) => Math.Asin(Math.Sqrt(Elementary.Clamp(x, 0, 1)));

    private protected override double Density(double u)
    {
        var (sine, cosine) = (Math.Sin(u), Math.Cos(u));
        return sine <= 0 || cosine <= 0 ? 0 : 2 * Math.Exp(Beta.LogPower(A, B, sine * sine, cosine * cosine)) / (sine * cosine);
    }
}

/// <summary>A normal posterior, of a mean or of an effect.</summary>
/// <param name="Center">Its mean.</param>
/// <param name="StandardDeviation">Its standard deviation, positive.</param>
public sealed record NormalPosterior(double Center, double StandardDeviation) : Posterior
{
    /// <inheritdoc/>
    public override double Mean => Center;

    /// <inheritdoc/>
    public override double Variance => StandardDeviation * StandardDeviation;

    private protected override (double Centre, double Spread) Shape => (0, 1);

    /// <inheritdoc/>
    public override double Cdf(double x) => Normal.Cdf((x - Center) / StandardDeviation);

    /// <inheritdoc/>
    public override double Quantile(double p) => Center - StandardDeviation * Normal.UpperQuantile(p);

    private protected override double At(double u) => Center + StandardDeviation * u;

    private protected override double CoordinateOf(double x) => (x - Center) / StandardDeviation;

    private protected override double Density(double u) => Normal.Density(u);
}
