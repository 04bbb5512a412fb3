using System.Numerics;

namespace Togglr.Statistics.Numerics;

/// <summary>
/// Pseudo-random numbers that are the same on every machine for the same seed: xoshiro256++ (Blackman &amp; Vigna 2021), seeded by SplitMix64.
/// For simulation and resampling; not for secrets.
/// </summary>
public sealed class RandomSource
{
    private ulong _a;
    private ulong _b;
    private ulong _c;
    private ulong _d;
    private double _spare = double.NaN;

    /// <summary>A sequence of its own for every seed.</summary>
    public RandomSource(ulong seed)
    {
        ulong Next()
        {
            seed += 0x9E3779B97F4A7C15;
            var z = seed;
            z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
            z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
            return z ^ (z >> 31);
        }

        (_a, _b, _c, _d) = (Next(), Next(), Next(), Next());
    }

    /// <summary>64 random bits.</summary>
    public ulong Bits()
    {
        var result = BitOperations.RotateLeft(_a + _d, 23) + _a;
        var t = _b << 17;
        _c ^= _a;
        _d ^= _b;
        _b ^= _c;
        _a ^= _d;
        _c ^= t;
        _d = BitOperations.RotateLeft(_d, 45);
        return result;
    }

    /// <summary>Uniform in (0, 1), never an end.</summary>
    public double Uniform() => ((Bits() >> 11) + 0.5) * (1.0 / (1UL << 53));

    /// <summary>A whole number from zero up to, not including, the limit.</summary>
    public int Below(int limit) => (int)Math.BigMul(Bits(), (ulong)limit, out _);

    /// <summary>Standard normal, by Marsaglia's polar method.</summary>
    public double Normal()
    {
        if (!double.IsNaN(_spare))
        {
            var spare = _spare;
            _spare = double.NaN;
            return spare;
        }
        while (true)
        {
            var (u, v) = (2 * Uniform() - 1, 2 * Uniform() - 1);
            var s = u * u + v * v;
            if (s is >= 1 or 0)
                continue;
            var factor = Math.Sqrt(-2 * Math.Log(s) / s);
            _spare = v * factor;
            return u * factor;
        }
    }

    /// <summary>Exponential with mean one.</summary>
    public double Exponential() => -Math.Log(Uniform());

    /// <summary>Gamma with a shape and scale one (Marsaglia &amp; Tsang 2000).</summary>
    public double Gamma(double shape)
    {
        if (shape < 1)
            return Gamma(shape + 1) * Math.Pow(Uniform(), 1 / shape);
        var d = shape - 1.0 / 3;
        var c = 1 / Math.Sqrt(9 * d);
        while (true)
        {
            var x = Normal();
            var v = 1 + c * x;
            if (v <= 0)
                continue;
            v = v * v * v;
            var u = Uniform();
            if (u < 1 - 0.0331 * x * x * x * x || Math.Log(u) < 0.5 * x * x + d * (1 - v + Math.Log(v)))
                return d * v;
        }
    }

    /// <summary>Beta(a, b).</summary>
    public double Beta(double a, double b)
    {
        var x = Gamma(a);
        return x / (x + Gamma(b));
    }

    /// <summary>Poisson, for small means (Knuth).</summary>
    public int Poisson(double mean)
    {
        var (limit, product, count) = (Math.Exp(-mean), Uniform(), 0);
        for (; product > limit; count++)
            product *= Uniform();
        return count;
    }

    /// <summary>Successes of n trials with probability p, by trying.</summary>
    public int Binomial(int n, double p)
    {
        var count = 0;
        if (p == 0.5)
        {
            for (; n >= 64; n -= 64)
                count += BitOperations.PopCount(Bits());
            return n == 0 ? count : count + BitOperations.PopCount(Bits() >> (64 - n));
        }
        var threshold = (uint)Math.Min(uint.MaxValue, Math.Round(p * 4294967296.0));
        for (; n >= 2; n -= 2)
        {
            var bits = Bits();
            count += ((uint)bits < threshold ? 1 : 0) + ((uint)(bits >> 32) < threshold ? 1 : 0);
        }
        return n == 1 && (uint)Bits() < threshold ? count + 1 : count;
    }

    /// <summary>An index with the probability of its weight; the weights add up to one.</summary>
    public int Pick(IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        var u = Uniform();
        for (var i = 0; i < weights.Count - 1; i++)
        {
            u -= weights[i];
            if (u < 0)
                return i;
        }
        return weights.Count - 1;
    }
}
