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
/// is carried from look to look by Gauss–Legendre quadrature, on panels not much wider than both neighbouring increments. Between symmetric
/// boundaries without drift the density is symmetric, and only its upper half is carried.
/// </summary>
internal sealed class BoundaryRecursion
{
    // Beyond this many standard deviations there is nothing that a double could add.
    private const double Reach = 9.5;

    private const double InverseRootTwoPi = 0.39894228040143267794;

    private readonly IReadOnlyList<double> _fractions;
    private readonly double _drift;
    private readonly bool _isTwoSided;
    private readonly bool _isHalf;
    private double[] _nodes = [0];
    private double[] _masses;
    private double _time;
    private int _look;

    internal BoundaryRecursion(IReadOnlyList<double> fractions, bool isTwoSided, double drift = 0)
    {
        (_fractions, _drift, _isTwoSided) = (fractions, drift, isTwoSided);
        _isHalf = isTwoSided && drift == 0;
        _masses = [_isHalf ? 0.5 : 1];
    }

    /// <summary>The probability of crossing for the first time at the next look, with this boundary for Z, or for |Z| when two-sided.</summary>
    internal CrossingProbability Cross(double boundary)
    {
        if (!double.IsFinite(boundary))
            return default;
        var (t, step, shift) = Next();
        var edge = boundary * Math.Sqrt(t);
        double above = 0, below = 0;
        for (var i = 0; i < _nodes.Length; i++)
        {
            above += _masses[i] * Normal.UpperTail((edge - _nodes[i] - shift) / step);
            if (_isTwoSided)
                below += _masses[i] * Normal.UpperTail((edge + _nodes[i] + shift) / step);
        }
        return _isHalf ? new CrossingProbability(above + below, above + below) : new CrossingProbability(above, below);
    }

    /// <summary>Continues past the next look with the experiments that did not cross.</summary>
    internal void Continue(double boundary)
    {
        var (t, step, shift) = Next();
        var scale = Math.Sqrt(t);
        var to = Math.Min(boundary * scale, _drift * t + Reach * scale);
        var from = _isHalf ? 0 : Math.Max(_isTwoSided ? -boundary * scale : double.NegativeInfinity, _drift * t - Reach * scale);
        _look++;
        var next = _look < _fractions.Count ? Math.Sqrt(_fractions[_look] - t) : step;
        if (to > from)
            Convolve(Quadrature.Panels(from, to, 4 * Math.Min(step, next)), step, shift);
        else
            (_nodes, _masses) = ([], []);
        _time = t;
    }

    private (double Time, double Step, double Shift) Next()
    {
        var t = _fractions[_look];
        return (t, Math.Sqrt(t - _time), _drift * (t - _time));
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
                    density += _masses[i] * Kernel((x - _nodes[i] - shift) / step);
                for (var i = 0; _isHalf && i < _nodes.Length && x + _nodes[i] <= Reach * step; i++)
                    density += _masses[i] * Kernel((x + _nodes[i]) / step);
                var index = (panel - 1) * order + k;
                nodes[index] = x;
                masses[index] = density * InverseRootTwoPi / step * half * Quadrature.Weights[k];
            }
        }
        (_nodes, _masses) = (nodes, masses);
    }

    private static double Kernel(double z) => Math.Exp(-0.5 * z * z);

    /// <summary>The crossing probabilities of every look.</summary>
    internal static CrossingProbability[] All(IReadOnlyList<double> fractions, IReadOnlyList<double> boundary, bool isTwoSided, double drift = 0)
    {
        var recursion = new BoundaryRecursion(fractions, isTwoSided, drift);
        var crossings = new CrossingProbability[fractions.Count];
        for (var look = 0; look < crossings.Length; look++)
        {
            crossings[look] = recursion.Cross(boundary[look]);
            if (look < crossings.Length - 1)
                recursion.Continue(boundary[look]);
        }
        return crossings;
    }
}
