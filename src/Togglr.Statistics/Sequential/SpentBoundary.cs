using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>Boundaries from the error that may be spent up to every look, however that was decided.</summary>
internal static class SpentBoundary
{
    /// <summary>
    /// The boundary at every look such that crossing for the first time there has the probability of that look's part of the error. Only the
    /// ratios of the information fractions matter.
    /// </summary>
    internal static SequentialBoundary Solve(IReadOnlyList<double> fractions, IReadOnlyList<double> spent, bool isTwoSided)
    {
        var recursion = new BoundaryRecursion(fractions, isTwoSided);
        var values = new double[fractions.Count];
        var crossings = new CrossingProbability[fractions.Count];
        for (var look = 0; look < values.Length; look++)
        {
            values[look] = Value(recursion, spent[look] - (look > 0 ? spent[look - 1] : 0), isTwoSided);
            crossings[look] = recursion.Cross(values[look]);
            if (look < values.Length - 1)
                recursion.Continue(values[look]);
        }
        return new SequentialBoundary(fractions, values, spent, crossings);
    }

    private static double Value(BoundaryRecursion recursion, double increment, bool isTwoSided)
    {
        if (!(increment > 0))
            return double.PositiveInfinity;
        double Crossing(double z) => recursion.Cross(z).Either;
        if (Crossing(38) > increment)
            return double.PositiveInfinity;
        // On the logarithm, because the first increments can be 1e-20.
        return Roots.Between(z => Math.Log(Math.Max(1e-320, Crossing(z))) - Math.Log(increment), isTwoSided ? 0 : -8, 38, 1e-13);
    }
}
