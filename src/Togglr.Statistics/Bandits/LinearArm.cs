using MathNet.Numerics.LinearAlgebra;

namespace Togglr.Statistics.Bandits;

/// <summary>
/// One arm of a contextual bandit: a ridge regression of the reward on the features of the context, with its own model per arm
/// (disjoint LinUCB of Li, Chu, Langford &amp; Schapire 2010; linear Thompson sampling of Agrawal &amp; Goyal 2013).
/// </summary>
public sealed class LinearArm
{
    private readonly Matrix<double> _precision;
    private readonly Vector<double> _response;

    /// <summary>An arm without data: A = λI, b = 0.</summary>
    public LinearArm(int features, double ridge)
    {
        _precision = Matrix<double>.Build.DenseIdentity(features) * ridge;
        _response = Vector<double>.Build.Dense(features);
    }

    /// <summary>A⁻¹.</summary>
    public double[,] Inverse => _precision.Inverse().ToArray();

    /// <summary>θ = A⁻¹b.</summary>
    public double[] Theta => [.. _precision.Solve(_response)];

    /// <summary>Learns one reward: A += xx', b += reward·x.</summary>
    public void Add(IReadOnlyList<double> context, double reward)
    {
        var x = Vector<double>.Build.DenseOfEnumerable(context);
        _precision.Add(x.OuterProduct(x), _precision);
        _response.Add(x * reward, _response);
    }

    /// <summary>Learns many rewards of one context at once.</summary>
    /// <param name="context">x.</param>
    /// <param name="count">How many; may be a part of one after discounting.</param>
    /// <param name="rewards">Their sum.</param>
    public void Add(IReadOnlyList<double> context, double count, double rewards)
    {
        var x = Vector<double>.Build.DenseOfEnumerable(context);
        _precision.Add(x.OuterProduct(x) * count, _precision);
        _response.Add(x * rewards, _response);
    }

    /// <summary>x'θ + α·√(x'A⁻¹x): the estimate and how far it may reach.</summary>
    public double UpperBound(IReadOnlyList<double> context, double alpha)
    {
        var x = Vector<double>.Build.DenseOfEnumerable(context);
        return x * _precision.Solve(_response) + alpha * Math.Sqrt(x * _precision.Solve(x));
    }

    /// <summary>The covariance α²A⁻¹ of the belief about θ from which linear Thompson sampling draws.</summary>
    public double[,] Covariance(double alpha) => (_precision.Inverse() * (alpha * alpha)).ToArray();

    /// <summary>The belief about the reward in a context: N(x'θ, α²·x'A⁻¹x).</summary>
    public (double Mean, double StandardDeviation) Belief(IReadOnlyList<double> context, double alpha)
    {
        var x = Vector<double>.Build.DenseOfEnumerable(context);
        return (x * _precision.Solve(_response), alpha * Math.Sqrt(x * _precision.Solve(x)));
    }
}
