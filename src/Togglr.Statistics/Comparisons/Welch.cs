namespace Togglr.Statistics.Comparisons;

/// <summary>Welch's comparison of two means with unequal variances (Welch 1947), and of everything that behaves like a mean.</summary>
public static class Welch
{
    /// <summary>
    /// The difference treatment − control; SE = √(vC/nC + vT/nT); degrees of freedom by Satterthwaite:
    /// (a + b)² / (a²/(nC − 1) + b²/(nT − 1)) with a = vC/nC, b = vT/nT.
    /// </summary>
    public static EffectEstimate Difference(ArmEstimate control, ArmEstimate treatment) =>
        new(treatment.Value - control.Value, Math.Sqrt(control.Variance + treatment.Variance), Degrees(control, treatment));

    /// <summary>The degrees of freedom of Welch and Satterthwaite; zero where neither arm varies.</summary>
    public static double Degrees(ArmEstimate control, ArmEstimate treatment)
    {
        // As shares of their sum: the square of a very large or very small variance is no number any more.
        var sum = control.Variance + treatment.Variance;
        var (a, b) = (control.Variance / sum, treatment.Variance / sum);
        var below = (control.Count > 1 ? a * a / (control.Count - 1) : 0) + (treatment.Count > 1 ? b * b / (treatment.Count - 1) : 0);
        return below > 0 ? 1 / below : 0;
    }
}
