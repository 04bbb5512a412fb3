using MathNet.Numerics.LinearAlgebra;

namespace Togglr.Statistics.Adjustment;

/// <summary>The coefficient of the treatment in a least-squares regression, with its standard errors.</summary>
/// <param name="Effect">The coefficient.</param>
/// <param name="Classical">Its standard error with one variance for all.</param>
/// <param name="Hc2">Its standard error from residuals e²/(1 − h) (MacKinnon &amp; White 1985, HC2).</param>
/// <param name="Hc3">Its standard error from residuals e²/(1 − h)² (HC3).</param>
public sealed record RegressionOutcome(double Effect, double Classical, double Hc2, double Hc3);

/// <summary>
/// Regression adjustment on the rows themselves. CUPED's sufficient statistics give nearly the same answer without the rows; this is
/// the reference that it is compared with.
/// </summary>
public static class RegressionAdjustment
{
    /// <summary>y ~ 1 + D + (x − grand mean), the analysis of covariance.</summary>
    public static RegressionOutcome Ancova(IReadOnlyList<IReadOnlyList<double>> control, IReadOnlyList<IReadOnlyList<double>> treatment) => Fit(control, treatment, interact: false);

    /// <summary>y ~ 1 + D + xc + D·xc with xc centred at the grand mean (Lin 2013).</summary>
    public static RegressionOutcome Lin(IReadOnlyList<IReadOnlyList<double>> control, IReadOnlyList<IReadOnlyList<double>> treatment) => Fit(control, treatment, interact: true);

    // Every row: the metric, then the covariates.
    private static RegressionOutcome Fit(IReadOnlyList<IReadOnlyList<double>> control, IReadOnlyList<IReadOnlyList<double>> treatment, bool interact)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        IReadOnlyList<double>[] rows = [.. control, .. treatment];
        var covariates = rows[0].Count - 1;
        double[] means = [.. Enumerable.Range(1, covariates).Select(j => rows.Average(row => row[j]))];
        var design = Matrix<double>.Build.Dense(rows.Length, 2 + covariates * (interact ? 2 : 1), (i, j) =>
        {
            var treated = i >= control.Count ? 1.0 : 0.0;
            if (j < 2)
                return j == 0 ? 1 : treated;
            var covariate = (j - 2) % covariates;
            return (rows[i][covariate + 1] - means[covariate]) * (j - 2 >= covariates ? treated : 1);
        });
        var outcome = Vector<double>.Build.Dense(rows.Length, i => rows[i][0]);
        var inverse = design.TransposeThisAndMultiply(design).Inverse();
        var residuals = outcome - design * (inverse * design.TransposeThisAndMultiply(outcome));
        var degrees = rows.Length - design.ColumnCount;
        double hc2 = 0, hc3 = 0;
        for (var i = 0; i < rows.Length; i++)
        {
            var influence = inverse * design.Row(i);
            var leverage = design.Row(i).DotProduct(influence);
            var square = residuals[i] * residuals[i] * influence[1] * influence[1];
            hc2 += square / (1 - leverage);
            hc3 += square / ((1 - leverage) * (1 - leverage));
        }
        return new RegressionOutcome(
            (inverse * design.TransposeThisAndMultiply(outcome))[1],
            Math.Sqrt(residuals.DotProduct(residuals) / degrees * inverse[1, 1]),
            Math.Sqrt(hc2),
            Math.Sqrt(hc3));
    }
}
