using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Adjustment;

/// <summary>A comparison after what was known of the units before the experiment is taken out.</summary>
/// <param name="Theta">The coefficient of every covariate; zero where one does not vary.</param>
/// <param name="Control">The adjusted control.</param>
/// <param name="Treatment">The adjusted treatment.</param>
/// <param name="Absolute">The adjusted difference.</param>
/// <param name="Unadjusted">The difference without adjustment, which is always shown beside.</param>
/// <param name="Relative">The adjusted difference as a share of the unadjusted control mean (delta method); null for a control mean of zero.</param>
/// <param name="VarianceReduction">1 − SE²(adjusted) / SE²(unadjusted); zero after a fallback.</param>
/// <param name="IsFallback">No covariate varies, so the result is the unadjusted one.</param>
public sealed record CupedOutcome(
    IReadOnlyList<double> Theta,
    ArmEstimate Control,
    ArmEstimate Treatment,
    EffectEstimate Absolute,
    EffectEstimate Unadjusted,
    EffectEstimate? Relative,
    double VarianceReduction,
    bool IsFallback);

/// <summary>
/// CUPED: controlled experiments using pre-experiment data (Deng, Xu, Kohavi &amp; Walker 2013). Subtracting θ·(x − mean x) leaves the
/// expected difference as it is, because x was fixed before assignment, and removes the variance that x explains.
/// </summary>
public static class Cuped
{
    /// <summary>
    /// Quantity 0 of the moments is the metric, the others are covariates. θ solves Sxx·θ = Sxy with the total covariances over both arms
    /// together; adjusted mean = mean(y) − θ'(mean(x) − grand mean of x); adjusted variance = var(y) − 2θ'cov(y, x) + θ'·var(x)·θ per arm.
    /// </summary>
    public static CupedOutcome Adjust(JointMoments control, JointMoments treatment)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        var pooled = control.Merge(treatment);
        var theta = Theta(pooled);
        var isFallback = theta.All(value => value == 0);
        var (plainControl, plainTreatment) = (ArmEstimate.Of(control.Of(0)), ArmEstimate.Of(treatment.Of(0)));
        var unadjusted = Welch.Difference(plainControl, plainTreatment);
        var adjustedControl = isFallback ? plainControl : Adjusted(control, pooled, theta);
        var adjustedTreatment = isFallback ? plainTreatment : Adjusted(treatment, pooled, theta);
        var absolute = Welch.Difference(adjustedControl, adjustedTreatment);
        var reduction = unadjusted.StandardError > 0 ? 1 - absolute.StandardError * absolute.StandardError / (unadjusted.StandardError * unadjusted.StandardError) : 0;
        return new CupedOutcome(theta, adjustedControl, adjustedTreatment, absolute, unadjusted, Relative(control, treatment, theta, absolute), reduction, isFallback);
    }

    private static double[] Theta(JointMoments pooled)
    {
        var covariates = pooled.Dimensions - 1;
        var matrix = new double[covariates, covariates];
        var right = new double[covariates];
        for (var i = 0; i < covariates; i++)
        {
            right[i] = pooled.Product(0, i + 1);
            for (var j = 0; j < covariates; j++)
                matrix[i, j] = pooled.Product(i + 1, j + 1);
        }
        return LinearSystem.Solve(matrix, right);
    }

    private static ArmEstimate Adjusted(JointMoments arm, JointMoments pooled, double[] theta)
    {
        var (mean, variance) = (arm.Mean(0), arm.Variance(0));
        for (var i = 0; i < theta.Length; i++)
        {
            mean -= theta[i] * (arm.Mean(i + 1) - pooled.Mean(i + 1));
            variance -= 2 * theta[i] * arm.Covariance(0, i + 1);
        }
        return new ArmEstimate(arm.Count, mean, Math.Max(0, variance + Explained(arm, theta)));
    }

    private static double Explained(JointMoments arm, double[] theta)
    {
        var explained = 0.0;
        for (var i = 0; i < theta.Length; i++)
        {
            for (var j = 0; j < theta.Length; j++)
                explained += theta[i] * theta[j] * arm.Covariance(i + 1, j + 1);
        }
        return explained;
    }

    // The delta method on (ȳT − ȳC − θ'(x̄T − x̄C)) / |ȳC|; with r = ȳT/ȳC the control contributes (r²·var(y) − 2rθ'cov + θ'var(x)θ) / (n·ȳC²).
    private static EffectEstimate? Relative(JointMoments control, JointMoments treatment, double[] theta, EffectEstimate absolute)
    {
        var baseline = control.Mean(0);
        if (baseline == 0)
            return null;
        var ratio = treatment.Mean(0) / baseline;
        var controlVariance = ratio * ratio * control.Variance(0) + Explained(control, theta);
        var treatmentVariance = treatment.Variance(0) + Explained(treatment, theta);
        for (var i = 0; i < theta.Length; i++)
        {
            controlVariance -= 2 * ratio * theta[i] * control.Covariance(0, i + 1);
            treatmentVariance -= 2 * theta[i] * treatment.Covariance(0, i + 1);
        }
        var variance = (Math.Max(0, controlVariance) / control.Count + Math.Max(0, treatmentVariance) / treatment.Count) / (baseline * baseline);
        return new EffectEstimate(absolute.Value / Math.Abs(baseline), Math.Sqrt(variance), absolute.DegreesOfFreedom);
    }
}
