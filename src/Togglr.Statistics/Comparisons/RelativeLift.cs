namespace Togglr.Statistics.Comparisons;

/// <summary>The effect as a share of the control: lift = (mT − mC) / |mC|.</summary>
public static class RelativeLift
{
    /// <summary>
    /// The lift with the standard error of the delta method, SE² = vT/mC² + vC·mT²/mC⁴ (v: variance of the estimate), and the degrees of
    /// freedom of the absolute difference. Its p-value differs from that of the absolute difference; Fieller's interval never contradicts it.
    /// </summary>
    public static EffectEstimate Delta(ArmEstimate control, ArmEstimate treatment)
    {
        var (c, t) = (control.Value, treatment.Value);
        var variance = treatment.Variance / (c * c) + control.Variance * (t / c) * (t / c) / (c * c);
        return new EffectEstimate((t - c) / Math.Abs(c), Math.Sqrt(variance), Welch.Degrees(control, treatment));
    }

    /// <summary>How far the control is from being told apart from zero: g = q² vC / mC². From 1 on no bounded interval exists.</summary>
    public static double FiellerG(ArmEstimate control, double criticalValue) => criticalValue * criticalValue * control.Variance / (control.Value * control.Value);

    /// <summary>
    /// Fieller's interval of the lift (Fieller 1954): all r with (mT − r·mC)² ≤ q²(vT + r²·vC), reported as r − 1 (mirrored for a negative
    /// control). It contains zero exactly when the test of the absolute difference with the same critical value does not reject.
    /// Null when unbounded: the control cannot be told apart from zero, so show the absolute difference.
    /// </summary>
    public static Interval? Fieller(ArmEstimate control, ArmEstimate treatment, double criticalValue) =>
        Fieller(control.Value, control.Variance, treatment.Value, treatment.Variance, 0, criticalValue);

    /// <summary>The same for estimates that are correlated, as stratified ones are.</summary>
    public static Interval? Fieller(double control, double controlVariance, double treatment, double treatmentVariance, double covariance, double criticalValue)
    {
        var square = criticalValue * criticalValue;
        // a·r² − 2·b·r + c ≤ 0
        var a = control * control - square * controlVariance;
        if (!(a > 0) || !double.IsFinite(square))
            return null;
        var b = control * treatment - square * covariance;
        var c = treatment * treatment - square * treatmentVariance;
        var root = Math.Sqrt(Math.Max(0, b * b - a * c));
        var (lower, upper) = ((b - root) / a - 1, (b + root) / a - 1);
        return control > 0 ? new Interval(lower, upper) : new Interval(-upper, -lower);
    }
}
