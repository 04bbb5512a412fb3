using Togglr.Statistics.Numerics;

namespace Togglr.Statistics.Moments;

/// <summary>
/// Count, means and centred cross-moments of several quantities of the same units: a numerator and a denominator, a metric and what was
/// known before the experiment. Mergeable like <see cref="SampleMoments"/>.
/// </summary>
public sealed class JointMoments
{
    private readonly double[] _means;
    private readonly double[] _rests;
    private readonly double[] _products;

    /// <summary>From a count, the means and Σ (xᵢ − meanᵢ)(xⱼ − meanⱼ), row by row.</summary>
    /// <exception cref="ArgumentException">The products are not the square of the number of means.</exception>
    public JointMoments(long count, IReadOnlyList<double> means, IReadOnlyList<double> products)
        : this(count, means, products, [.. new double[means?.Count ?? 0]])
    {
    }

    private JointMoments(long count, IReadOnlyList<double> means, IReadOnlyList<double> products, double[] rests)
    {
        ArgumentNullException.ThrowIfNull(means);
        ArgumentNullException.ThrowIfNull(products);
        if (products.Count != means.Count * means.Count)
            throw new ArgumentException("There must be one product for every pair of quantities.", nameof(products));
        Count = count;
        _means = [.. means];
        _rests = rests;
        _products = [.. products];
    }

    /// <summary>The number of units.</summary>
    public long Count { get; }

    /// <summary>The number of quantities.</summary>
    public int Dimensions => _means.Length;

    /// <summary>The mean of a quantity.</summary>
    public double Mean(int quantity) => _means[quantity];

    /// <summary>Σ (xᵢ − meanᵢ)(xⱼ − meanⱼ).</summary>
    public double Product(int i, int j) => _products[i * Dimensions + j];

    /// <summary>The sample covariance, with n − 1; zero with fewer than two units.</summary>
    public double Covariance(int i, int j) => Count < 2 ? 0 : Product(i, j) / (Count - 1);

    /// <summary>The sample variance of a quantity; a value below zero, which only rounding can cause, is zero.</summary>
    public double Variance(int quantity) => Math.Max(0, Covariance(quantity, quantity));

    /// <summary>One quantity alone.</summary>
    public SampleMoments Of(int quantity) => new(Count, Mean(quantity), Math.Max(0, Product(quantity, quantity)), _rests[quantity]);

    /// <summary>The moments of both samples together.</summary>
    /// <exception cref="ArgumentException">The number of quantities differs.</exception>
    public JointMoments Merge(JointMoments other)
    {
        ArgumentNullException.ThrowIfNull(other);
        if (other.Dimensions != Dimensions)
            throw new ArgumentException("The number of quantities differs.", nameof(other));
        if (Count == 0 || other.Count == 0)
            return Count == 0 ? other : this;
        var count = Count + other.Count;
        var weight = (double)Count * other.Count / count;
        var means = new double[Dimensions];
        var rests = new double[Dimensions];
        var products = new double[_products.Length];
        double[] deltas = [.. Enumerable.Range(0, Dimensions).Select(i => other.Mean(i) - Mean(i) + (other._rests[i] - _rests[i]))];
        for (var i = 0; i < Dimensions; i++)
        {
            (means[i], rests[i]) = TwoPart.Add(Mean(i), _rests[i], deltas[i] * other.Count / count);
            for (var j = 0; j < Dimensions; j++)
                products[i * Dimensions + j] = Product(i, j) + other.Product(i, j) + deltas[i] * deltas[j] * weight;
        }
        return new JointMoments(count, means, products, rests);
    }

    /// <summary>The moments of some units, each a row with the same number of quantities.</summary>
    public static JointMoments Of(IReadOnlyList<IReadOnlyList<double>> rows)
    {
        ArgumentNullException.ThrowIfNull(rows);
        var dimensions = rows.Count == 0 ? 0 : rows[0].Count;
        var means = new double[dimensions];
        var products = new double[dimensions * dimensions];
        var rests = new double[dimensions];
        var deltas = new double[dimensions];
        for (var n = 0; n < rows.Count; n++)
        {
            for (var i = 0; i < dimensions; i++)
            {
                deltas[i] = rows[n][i] - means[i] - rests[i];
                (means[i], rests[i]) = TwoPart.Add(means[i], rests[i], deltas[i] / (n + 1));
            }
            for (var i = 0; i < dimensions; i++)
            {
                for (var j = 0; j < dimensions; j++)
                    products[i * dimensions + j] += deltas[i] * deltas[j] * ((double)n / (n + 1));
            }
        }
        return new JointMoments(rows.Count, means, products, rests);
    }

    /// <summary>From sums of two quantities: Σx, Σx², Σy, Σy², Σxy.</summary>
    public static JointMoments FromSums(long count, double sumX, double sumOfSquaresX, double sumY, double sumOfSquaresY, double sumOfProducts)
    {
        if (count == 0)
            return new JointMoments(0, [0, 0], [0, 0, 0, 0]);
        var xy = SampleMoments.CentredProduct(count, sumX, sumY, sumOfProducts);
        return new JointMoments(
            count,
            [sumX / count, sumY / count],
            [SampleMoments.FromSums(count, sumX, sumOfSquaresX).M2, xy, xy, SampleMoments.FromSums(count, sumY, sumOfSquaresY).M2]);
    }
}
