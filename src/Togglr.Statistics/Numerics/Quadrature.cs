namespace Togglr.Statistics.Numerics;

/// <summary>
/// Gauss–Legendre quadrature on panels. The integrands here are smooth between the points where a distribution changes its shape,
/// so panels cut at those points give about fourteen digits; there is no random number in any integral, and every node of a
/// cluster computes the same answer.
/// </summary>
internal static class Quadrature
{
    private const int Order = 20;

    private static readonly (double[] Nodes, double[] Weights) s_rule = Rule(Order);

    /// <summary>The nodes of the rule on [−1, 1].</summary>
    internal static ReadOnlySpan<double> Nodes => s_rule.Nodes;

    /// <summary>The weights of the rule on [−1, 1].</summary>
    internal static ReadOnlySpan<double> Weights => s_rule.Weights;

    /// <summary>∫ f over the panels between consecutive, increasing points.</summary>
    internal static double Integrate(Func<double, double> f, ReadOnlySpan<double> points)
    {
        var total = 0.0;
        for (var panel = 1; panel < points.Length; panel++)
        {
            var half = (points[panel] - points[panel - 1]) / 2;
            if (half <= 0)
                continue;
            var middle = points[panel - 1] + half;
            var sum = 0.0;
            for (var i = 0; i < Order; i++)
                sum += Weights[i] * f(middle + half * Nodes[i]);
            total += sum * half;
        }
        return total;
    }

    /// <summary>Equal panels between two ends, not wider than <paramref name="width"/>.</summary>
    internal static double[] Panels(double lower, double upper, double width)
    {
        var count = Math.Clamp((int)Math.Ceiling((upper - lower) / width), 1, 100_000);
        var points = new double[count + 1];
        for (var i = 0; i <= count; i++)
            points[i] = lower + (upper - lower) * i / count;
        return points;
    }

    // Newton's method on the Legendre polynomial, from the classical first guess.
    private static (double[] Nodes, double[] Weights) Rule(int order)
    {
        var nodes = new double[order];
        var weights = new double[order];
        for (var i = 0; i < order; i++)
        {
            var x = Math.Cos(Math.PI * (i + 0.75) / (order + 0.5));
            var slope = 0.0;
            for (var round = 0; round < 50; round++)
            {
                var (before, value) = (1.0, x);
                for (var k = 2; k <= order; k++)
                    (before, value) = (value, ((2 * k - 1) * x * value - (k - 1) * before) / k);
                slope = order * (x * value - before) / (x * x - 1);
                var step = value / slope;
                x -= step;
                if (Math.Abs(step) < 1e-16)
                    break;
            }
            nodes[order - 1 - i] = x;
            weights[order - 1 - i] = 2 / ((1 - x * x) * slope * slope);
        }
        return (nodes, weights);
    }
}
