using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Comparisons;

/// <summary>
/// Adjusted p-values for a family of tests, in the order given. A p-value that is missing (null) is left out of the family and stays null.
/// </summary>
public static class MultipleTesting
{
    /// <summary>p·m: the family-wise error.</summary>
    public static double?[] Bonferroni(IReadOnlyList<double?> values) => StepDown(values, (p, _, size) => p * size, cumulative: false);

    /// <summary>1 − (1 − p)^m, by expm1 and log1p so that tiny p keep their digits.</summary>
    public static double?[] Sidak(IReadOnlyList<double?> values) => StepDown(values, (p, _, size) => OneMinusPower(p, size), cumulative: false);

    /// <summary>Holm 1979: the i-th smallest times (m − i + 1), never smaller than the one before. Family-wise error, no assumptions.</summary>
    public static double?[] Holm(IReadOnlyList<double?> values) => StepDown(values, (p, rank, size) => p * (size - rank), cumulative: true);

    /// <summary>Holm's steps with Šidák's formula.</summary>
    public static double?[] HolmSidak(IReadOnlyList<double?> values) => StepDown(values, (p, rank, size) => OneMinusPower(p, size - rank), cumulative: true);

    /// <summary>Hochberg 1988: Holm's factors from the largest down. Family-wise error for independent or positively dependent tests.</summary>
    public static double?[] Hochberg(IReadOnlyList<double?> values) => StepUp(values, (p, rank, size) => p * (size - rank));

    /// <summary>Benjamini &amp; Hochberg 1995: p·m/i from the largest down. False discovery rate.</summary>
    public static double?[] BenjaminiHochberg(IReadOnlyList<double?> values) => StepUp(values, (p, rank, size) => p * size / (rank + 1));

    /// <summary>Benjamini &amp; Yekutieli 2001: the same times Σ 1/i, for any dependence.</summary>
    public static double?[] BenjaminiYekutieli(IReadOnlyList<double?> values) =>
        StepUp(values, (p, rank, size) => p * size / (rank + 1) * Enumerable.Range(1, size).Sum(i => 1.0 / i));

    private static double OneMinusPower(double p, int power) => p >= 1 ? 1 : -Elementary.ExpMinusOne(power * Elementary.LogOnePlus(-p));

    private static double?[] StepDown(IReadOnlyList<double?> values, Func<double, int, int, double> adjust, bool cumulative)
    {
        var order = Order(values);
        var adjusted = new double?[values.Count];
        var largest = 0.0;
        for (var rank = 0; rank < order.Length; rank++)
        {
            var value = Math.Min(1, adjust(values[order[rank]]!.Value, rank, order.Length));
            largest = cumulative ? Math.Max(largest, value) : value;
            adjusted[order[rank]] = largest;
        }
        return adjusted;
    }

    private static double?[] StepUp(IReadOnlyList<double?> values, Func<double, int, int, double> adjust)
    {
        var order = Order(values);
        var adjusted = new double?[values.Count];
        var smallest = 1.0;
        for (var rank = order.Length - 1; rank >= 0; rank--)
        {
            smallest = Math.Min(smallest, adjust(values[order[rank]]!.Value, rank, order.Length));
            adjusted[order[rank]] = smallest;
        }
        return adjusted;
    }

    private static int[] Order(IReadOnlyList<double?> values)
    {
        ArgumentNullException.ThrowIfNull(values);
        return [.. Enumerable.Range(0, values.Count).Where(i => values[i] is not null).OrderBy(i => values[i]!.Value)];
    }
}
