using System.Text;

namespace Togglr.Evaluation;

/// <summary>Deterministic assignment of units (usually users) to one of 10,000 buckets.</summary>
public static class Bucket
{
    /// <summary>How many buckets there are: a bucket is 0.01 %.</summary>
    public const int Count = 10_000;

    /// <summary>
    /// SHA-256 of the UTF-8 text <paramref name="salt"/> + <paramref name="seed"/> + <paramref name="unit"/>, as an unsigned big-endian integer, modulo 10,000. Unpaired
    /// surrogates count as U+FFFD.
    /// </summary>
    /// <param name="salt">The environment's salt.</param>
    /// <param name="seed">What is being decided, for example a flag key.</param>
    /// <param name="unit">Who it is decided for.</param>
    /// <returns>0 to 9999.</returns>
    public static int Compute(string salt, string seed, string unit)
    {
        ArgumentNullException.ThrowIfNull(salt);
        ArgumentNullException.ThrowIfNull(seed);
        ArgumentNullException.ThrowIfNull(unit);
        return new Buckets.BucketSeed(salt, seed).BucketOf(Encoding.UTF8.GetBytes(unit));
    }

    /// <summary>
    /// The first bucket beyond each variation: <c>floor(C × 10000 / W)</c> with C the running sum of the weights and W their total. Variation i takes the buckets below its threshold that
    /// earlier ones left.
    /// </summary>
    /// <param name="weights">Weights from 0 to 1,000,000 with a positive sum.</param>
    /// <exception cref="ArgumentException">A weight is out of range or their sum is zero.</exception>
    public static int[] Thresholds(ReadOnlySpan<int> weights)
    {
        long total = 0;
        foreach (var weight in weights)
        {
            if (weight is < 0 or > MaxWeight)
                throw new ArgumentException($"A weight is outside 0 to {MaxWeight}.", nameof(weights));
            total += weight;
        }
        if (total == 0)
            throw new ArgumentException("The weights add up to zero.", nameof(weights));
        var thresholds = new int[weights.Length];
        long running = 0;
        for (var i = 0; i < weights.Length; i++)
        {
            running += weights[i];
            thresholds[i] = (int)(running * Count / total);
        }
        return thresholds;
    }

    /// <summary>The index of the variation that a bucket belongs to.</summary>
    /// <param name="thresholds">From <see cref="Thresholds"/>.</param>
    /// <param name="bucket">0 to 9999.</param>
    public static int Pick(ReadOnlySpan<int> thresholds, int bucket)
    {
        var index = 0;
        while (index < thresholds.Length - 1 && bucket >= thresholds[index])
            index++;
        return index;
    }

    internal const int MaxWeight = 1_000_000;
}
