using Togglr.Statistics.Distributions;
using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Sequential;

/// <summary>The probability of crossing a boundary for the first time at one look.</summary>
/// <param name="Above">Over the upper boundary.</param>
/// <param name="Below">Under the lower boundary.</param>
public readonly record struct CrossingProbability(double Above, double Below)
{
    /// <summary>Over either.</summary>
    public double Either => Above + Below;
}

/// <summary>
/// The one integrator behind every group-sequential design, for any number of looks and any information fractions (Armitage, McPherson &amp;
/// Rowe 1969). The score S = Z·√t has independent normal increments N(θ·Δt, Δt); the density of S among the experiments that still run
/// is carried from look to look by Gauss–Legendre quadrature, on panels narrower than both neighbouring increments.
/// </summary>
internal sealed class BoundaryRecursion(IReadOnlyList<double> fractions, double drift = 0)
{
    // Beyond this many standard deviations there is nothing that a double could add.
    private const double Reach = 9.5;

    private double[] _nodes = [0];
    private double[] _masses = [1];
    private double _time;
    private int _look;

    /// <summary>The probability of crossing for the first time at the next look, with these boundaries for Z.</summary>
    internal CrossingProbability Cross(double upper, double lower)
    {
        var (t, scale) = (fractions[_look], Math.Sqrt(fractions[_look]));
        var (step, shift) = (Math.Sqrt(t - _time), drift * (t - _time));
        double above = 0, below = 0;
        for (var i = 0; i < _nodes.Length; i++)
        {
            if (double.IsFinite(upper))
                above += _masses[i] * Normal.UpperTail((upper * scale - _nodes[i] - shift) / step);
            if (double.IsFinite(lower))
                below += _masses[i] * Normal.UpperTail((_nodes[i] + shift - lower * scale) / step);
        }
        return new CrossingProbability(above, below);
    }

    /// <summary>Continues past the next look with the experiments that stayed between the boundaries.</summary>
    internal void Continue(double upper, double lower)
    {
        var (t, scale) = (fractions[_look], Math.Sqrt(fractions[_look]));
        var (step, shift) = (Math.Sqrt(t - _time), drift * (t - _time));
        var from = Math.Max(lower * scale, drift * t - Reach * scale);
        var to = Math.Min(upper * scale, drift * t + Reach * scale);
        _look++;
        var next = _look < fractions.Count ? Math.Sqrt(fractions[_look] - t) : step;
        if (!(to > from))
            (_nodes, _masses) = ([], []);
        else
            Convolve(Quadrature.Panels(from, to, 2.5 * Math.Min(step, next)), step, shift);
        _time = t;
    }

    private void Convolve(double[] points, double step, double shift)
    {
        var order = Quadrature.Nodes.Length;
        var nodes = new double[(points.Length - 1) * order];
        var masses = new double[nodes.Length];
        var first = 0;
        for (var panel = 1; panel < points.Length; panel++)
        {
            var half = (points[panel] - points[panel - 1]) / 2;
            for (var k = 0; k < order; k++)
            {
                var x = points[panel - 1] + half + half * Quadrature.Nodes[k];
                while (first < _nodes.Length && _nodes[first] + shift < x - Reach * step)
                    first++;
                var density = 0.0;
                for (var i = first; i < _nodes.Length && _nodes[i] + shift <= x + Reach * step; i++)
                {
                    var z = (x - _nodes[i] - shift) / step;
                    density += _masses[i] * Math.Exp(-0.5 * z * z);
                }
                var index = (panel - 1) * order + k;
                nodes[index] = x;
                masses[index] = density * 0.39894228040143267794 / step * half * Quadrature.Weights[k];
            }
        }
        (_nodes, _masses) = (nodes, masses);
    }

    /// <summary>The crossing probabilities of every look.</summary>
    internal static CrossingProbability[] All(IReadOnlyList<double> fractions, IReadOnlyList<double> upper, bool isTwoSided, double drift = 0)
    {
        var recursion = new BoundaryRecursion(fractions, drift);
        var crossings = new CrossingProbability[fractions.Count];
        for (var look = 0; look < crossings.Length; look++)
        {
            var lower = isTwoSided ? -upper[look] : double.NegativeInfinity;
            crossings[look] = recursion.Cross(upper[look], lower);
            recursion.Continue(upper[look], lower);
        }
        return crossings;
    }
}
