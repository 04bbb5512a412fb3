using Togglr.Statistics.Distributions;

namespace Togglr.Statistics.Comparisons;

/// <summary>
/// An estimated effect with its standard error: what every comparison comes down to. Tests and intervals use Student's t with the
/// stated degrees of freedom (infinite: the normal distribution).
/// </summary>
/// <param name="Value">The estimate, treatment minus control.</param>
/// <param name="StandardError">Its standard error; zero where nothing varies.</param>
/// <param name="DegreesOfFreedom">Degrees of freedom of the standard error.</param>
public readonly record struct EffectEstimate(double Value, double StandardError, double DegreesOfFreedom)
{
    /// <summary>Whether a test can be made: the standard error is positive and everything is a number.</summary>
    public bool IsTestable => StandardError > 0 && double.IsFinite(StandardError) && double.IsFinite(Value) && DegreesOfFreedom > 0;

    /// <summary>Estimate / standard error.</summary>
    public double Statistic => Value / StandardError;

    /// <summary>The two-sided p-value of no effect.</summary>
    public double TwoSided => StudentT.TwoSided(Statistic, DegreesOfFreedom);

    /// <summary>The one-sided p-value against a positive effect.</summary>
    public double Greater => StudentT.UpperTail(Statistic, DegreesOfFreedom);

    /// <summary>The one-sided p-value against a negative effect.</summary>
    public double Less => StudentT.UpperTail(-Statistic, DegreesOfFreedom);

    /// <summary>log₁₀ of the two-sided p-value, for values too small for a double.</summary>
    public double Log10TwoSided => (StudentT.LogUpperTail(Math.Abs(Statistic), DegreesOfFreedom) + Math.Log(2)) / Math.Log(10);

    /// <summary>The number of standard errors that a two-sided interval extends.</summary>
    public double CriticalValue(double alpha) => StudentT.UpperQuantile(alpha / 2, DegreesOfFreedom);

    /// <summary>The two-sided confidence interval of level 1 − alpha.</summary>
    public Interval Interval(double alpha) => Statistics.Interval.Around(Value, CriticalValue(alpha) * StandardError);

    /// <summary>The same effect compared with another null value.</summary>
    public EffectEstimate Against(double nullValue) => this with { Value = Value - nullValue };
}
