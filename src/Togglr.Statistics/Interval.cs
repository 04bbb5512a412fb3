namespace Togglr.Statistics;

/// <summary>A range of a quantity; an end may be infinite where nothing bounds it.</summary>
/// <param name="Lower">The lower end.</param>
/// <param name="Upper">The upper end.</param>
public readonly record struct Interval(double Lower, double Upper)
{
    /// <summary>Half the width.</summary>
    public double HalfWidth => (Upper - Lower) / 2;

    /// <summary>Whether a value lies within, ends included.</summary>
    public bool Contains(double value) => value >= Lower && value <= Upper;

    /// <summary>The range of a half-width on both sides of an estimate.</summary>
    public static Interval Around(double estimate, double halfWidth) => new(estimate - halfWidth, estimate + halfWidth);
}
