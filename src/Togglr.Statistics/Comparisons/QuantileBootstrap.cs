using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Comparisons;

/// <summary>The percentile bootstrap of a difference of quantiles (Efron 1979), for samples that are at hand as values.</summary>
public static class QuantileBootstrap
{
    /// <summary>The difference of type-7 quantiles, treatment − control, and the interval of its resampled values; each arm is resampled on its own.</summary>
    public static (double Difference, Interval Interval) Difference(
        IReadOnlyList<double> control, IReadOnlyList<double> treatment, double quantile, double alpha, int resamples, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(control);
        ArgumentNullException.ThrowIfNull(treatment);
        ArgumentNullException.ThrowIfNull(random);
        var differences = new double[resamples];
        for (var i = 0; i < resamples; i++)
            differences[i] = Resampled(treatment, quantile, random) - Resampled(control, quantile, random);
        Array.Sort(differences);
        double[] sortedControl = [.. control.Order()];
        double[] sortedTreatment = [.. treatment.Order()];
        return (
            SampleQuantile.Type7(sortedTreatment, quantile) - SampleQuantile.Type7(sortedControl, quantile),
            new Interval(SampleQuantile.Type7(differences, alpha / 2), SampleQuantile.Type7(differences, 1 - alpha / 2)));
    }

    private static double Resampled(IReadOnlyList<double> values, double quantile, RandomSource random)
    {
        var sample = new double[values.Count];
        for (var i = 0; i < sample.Length; i++)
            sample[i] = values[random.Below(values.Count)];
        Array.Sort(sample);
        return SampleQuantile.Type7(sample, quantile);
    }
}
