using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Numerics;

namespace Togglr.Conformance.Statistics;

/// <summary>How much is simulated.</summary>
/// <param name="Experiments">Simulated experiments per false-positive rate; 2,000 or 10,000, for which the vectors have bands.</param>
/// <param name="Runs">Simulated bandits per regret; 100 or 400.</param>
public sealed record SimulationSize(int Experiments, int Runs)
{
    public static SimulationSize Small { get; } = new(2_000, 100);

    public static SimulationSize Large { get; } = new(10_000, 400);
}

/// <summary>What a simulation measured, and the bands that it should lie in.</summary>
public sealed record Measurement(string Method, string Id, double Value, double Lower, double Upper)
{
    public bool IsInside => Value >= Lower && Value <= Upper;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Method} is {Value:G6}, should be within {Lower:G6} and {Upper:G6}");
}

/// <summary>The vectors whose expectation is a band. Seeds are fixed; a miss is repeated once with another seed, as the schema says.</summary>
public static class Simulations
{
    private const ulong FirstSeed = 20_261_122;
    private const ulong SecondSeed = 77_003_311;

    /// <summary>Whether the method is checked by simulation.</summary>
    public static bool Knows(string method) => FalsePositives.All.ContainsKey(method) || BanditRegret.Knows(method) || method == "quantile_difference_bootstrap";

    /// <summary>What is wrong; null when the measurement is inside its band.</summary>
    public static string? Check(string id, string method, JsonElement inputs, JsonElement expected, SimulationSize size)
    {
        if (method == "quantile_difference_bootstrap")
            return Bootstrap(inputs, expected, FirstSeed) is null ? null : Bootstrap(inputs, expected, SecondSeed);
        var measurement = Measure(id, method, inputs, expected, size);
        return measurement.IsInside ? null : measurement.ToString();
    }

    /// <summary>A rate or a mean regret with its band.</summary>
    public static Measurement Measure(string id, string method, JsonElement inputs, JsonElement expected, SimulationSize size)
    {
        ArgumentNullException.ThrowIfNull(size);
        var first = Once(FirstSeed);
        return first.IsInside ? first : Once(SecondSeed);

        Measurement Once(ulong seed)
        {
            if (BanditRegret.Knows(method))
            {
                var band = expected.Numbers($"accept_mean_regret_n{size.Runs}");
                return new Measurement(method, id, BanditRegret.Mean(method, inputs, size.Runs, seed), band[0], band[1]);
            }
            var rate = FalsePositives.Rate(method, inputs, size.Experiments, seed);
            var (lower, upper) = (0.0, 1.0);
            if (expected.Has($"accept_rate_n{size.Experiments}"))
                (lower, upper) = (expected.Numbers($"accept_rate_n{size.Experiments}")[0], expected.Numbers($"accept_rate_n{size.Experiments}")[1]);
            if (expected.Has("must_not_exceed"))
                upper = Math.Min(upper, expected.GetProperty("must_not_exceed").Number($"n{size.Experiments}"));
            return new Measurement(method, id, rate, lower, upper);
        }
    }

    /// <summary>The mean of a function over simulated experiments, each with a random sequence of its own, on all processors.</summary>
    internal static double Average(int count, ulong seed, Func<RandomSource, double> experiment)
    {
        var sums = new ConcurrentBag<double>();
        const int Chunk = 50;
        Parallel.For(0, (count + Chunk - 1) / Chunk, chunk =>
        {
            var sum = 0.0;
            for (var i = chunk * Chunk; i < Math.Min(count, (chunk + 1) * Chunk); i++)
                sum += experiment(new RandomSource(seed * 1_000_003 + (ulong)i));
            sums.Add(sum);
        });
        // In order of size, so that the sum does not depend on which thread was first.
        return sums.Order().Sum() / count;
    }

    private static string? Bootstrap(JsonElement inputs, JsonElement expected, ulong seed)
    {
        var (difference, interval) = QuantileBootstrap.Difference(
            inputs.Numbers("control"), inputs.Numbers("treatment"), inputs.Number("quantile"), inputs.Number("alpha"), inputs.Integer("resamples"), new RandomSource(seed));
        bool Near(double value, string end) => Math.Abs(value - expected.Number($"{end}_mean")) <= 5 * expected.Number($"{end}_sd_per_run") + 1e-9;
        return Math.Abs(difference - expected.Number("difference")) <= 1e-9 * Math.Abs(difference) + 1e-12 && Near(interval.Lower, "lower") && Near(interval.Upper, "upper")
            ? null
            : string.Create(CultureInfo.InvariantCulture, $"the bootstrap gives {difference:R} [{interval.Lower:R}, {interval.Upper:R}]");
    }
}
