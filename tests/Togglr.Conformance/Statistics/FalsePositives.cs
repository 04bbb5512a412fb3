using System.Collections.Concurrent;
using System.Text.Json;
using Togglr.Statistics.Adjustment;
using Togglr.Statistics.Bandits;
using Togglr.Statistics.Bayesian;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Distributions;
using Togglr.Statistics.Health;
using Togglr.Statistics.Moments;
using Togglr.Statistics.Numerics;
using Togglr.Statistics.Sequential;

namespace Togglr.Conformance.Statistics;

/// <summary>Simulated experiments without an effect (or with a known one, for coverage): how often does each method say otherwise?</summary>
internal static class FalsePositives
{
    /// <summary>From the inputs of a vector, an experiment: does it reject (or cover)?</summary>
    internal static Dictionary<string, Func<JsonElement, Func<RandomSource, bool>>> All { get; } = new(StringComparer.Ordinal)
    {
        ["aa_chi_square"] = ChiSquareRejects,
        ["aa_welch_lognormal"] = WelchRejects,
        ["coverage_lift_delta"] = inputs => LiftCovers(inputs, useFieller: false),
        ["coverage_lift_fieller"] = inputs => LiftCovers(inputs, useFieller: true),
        ["aa_naive_peeking"] = inputs => LooksReject(inputs, [.. Enumerable.Repeat(Normal.UpperQuantile(inputs.Number("alpha") / 2), inputs.Integer("looks"))]),
        ["aa_pocock"] = inputs => LooksReject(inputs, Boundary(inputs, ConstantDesign.Pocock)),
        ["aa_obrien_fleming"] = inputs => LooksReject(inputs, Boundary(inputs, ConstantDesign.ObrienFleming)),
        ["aa_lan_demets_obf"] = inputs => LooksReject(inputs, Boundary(inputs, new SpendingDesign(new SpendingFunction(SpendingKind.LanDeMetsObrienFleming)))),
        ["aa_msprt"] = MixtureRejects,
        ["aa_asymptotic_cs"] = ConfidenceSequenceRejects,
        ["aa_cuped"] = CupedRejects,
        ["aa_ratio_naive"] = inputs => RatioRejects(inputs, byUnit: false),
        ["aa_ratio_delta"] = inputs => RatioRejects(inputs, byUnit: true),
        ["aa_srm"] = MismatchRejects,
        ["aa_many_metrics_uncorrected"] = inputs => AnyMetricRejects(inputs, p => p),
        ["aa_many_metrics_bh"] = inputs => AnyMetricRejects(inputs, MultipleTesting.BenjaminiHochberg),
        ["aa_many_metrics_holm"] = inputs => AnyMetricRejects(inputs, MultipleTesting.Holm),
        ["aa_bandit_naive_z"] = inputs => BanditRejects(inputs, batched: false),
        ["aa_bandit_batched_z"] = inputs => BanditRejects(inputs, batched: true),
    };

    private static readonly ConcurrentDictionary<string, ConcurrentDictionary<ulong, (Proportion Control, Proportion Treatment)[]>> s_bandits = new(StringComparer.Ordinal);

    /// <summary>The share of simulated experiments that say so. The level of the mismatch test is so small that it takes fifty times as many.</summary>
    internal static double Rate(string method, JsonElement inputs, int experiments, ulong seed)
    {
        var experiment = All[method](inputs);
        return Simulations.Average(method == "aa_srm" ? Math.Max(100_000, experiments) : experiments, seed, random => experiment(random) ? 1 : 0);
    }

    private static Func<RandomSource, bool> ChiSquareRejects(JsonElement inputs)
    {
        var (p, n, alpha, yates) = (inputs.Number("p"), inputs.Integer("n_per_arm"), inputs.Number("alpha"), inputs.GetProperty("yates").GetBoolean());
        return random => ChiSquareTest.Independence([random.Binomial(n, p), random.Binomial(n, p)], [n, n], yates)?.PValue < alpha;
    }

    private static ArmEstimate Lognormal(RandomSource random, int count, double deviation, double factor = 1)
    {
        var moments = default(SampleMoments);
        for (var i = 0; i < count; i++)
            moments = moments.Add(factor * Math.Exp(deviation * random.Normal()));
        return ArmEstimate.Of(moments);
    }

    private static Func<RandomSource, bool> WelchRejects(JsonElement inputs)
    {
        var (deviation, n, alpha) = (inputs.Number("log_sd"), inputs.Integer("n_per_arm"), inputs.Number("alpha"));
        return random => Welch.Difference(Lognormal(random, n, deviation), Lognormal(random, n, deviation)).TwoSided < alpha;
    }

    private static Func<RandomSource, bool> LiftCovers(JsonElement inputs, bool useFieller)
    {
        var (deviation, n, lift) = (inputs.Number("log_sd"), inputs.Integer("n_per_arm"), inputs.Number("true_lift"));
        var z = Normal.UpperQuantile((1 - inputs.Number("level")) / 2);
        return random =>
        {
            var (control, treatment) = (Lognormal(random, n, deviation), Lognormal(random, n, deviation, 1 + lift));
            var delta = RelativeLift.Delta(control, treatment);
            return useFieller
                ? RelativeLift.Fieller(control, treatment, z)?.Contains(lift) ?? true
                : Togglr.Statistics.Interval.Around(delta.Value, z * delta.StandardError).Contains(lift);
        };
    }

    private static double[] Fractions(JsonElement inputs) =>
        inputs.Has("information_fractions") ? inputs.Numbers("information_fractions") : GroupSequentialDesign.EqualFractions(inputs.Integer("looks"));

    private static double[] Boundary(JsonElement inputs, GroupSequentialDesign design) =>
        [.. design.Boundary(Fractions(inputs), inputs.Number("alpha"), isTwoSided: true).CriticalValues];

    /// <summary>Looks at two growing shares.</summary>
    private static Func<RandomSource, bool> LooksReject(JsonElement inputs, double[] critical)
    {
        var fractions = Fractions(inputs);
        var final = inputs.Has("final_n_per_arm") ? inputs.Number("final_n_per_arm") : inputs.Number("n_per_arm_per_look") * fractions.Length;
        var p = inputs.Number("p");
        return random => Looks(random, p, [.. fractions.Select(t => (int)Math.Round(t * final))])
            .Zip(critical, (look, value) => TwoProportions.PooledZ(look.Control, look.Treatment) is { } z && Math.Abs(z) >= value)
            .Any(rejects => rejects);
    }

    private static IEnumerable<(Proportion Control, Proportion Treatment)> Looks(RandomSource random, double p, int[] sizes)
    {
        var (n, control, treatment) = (0, 0, 0);
        foreach (var size in sizes)
        {
            control += random.Binomial(size - n, p);
            treatment += random.Binomial(size - n, p);
            n = size;
            yield return (new Proportion(n, control), new Proportion(n, treatment));
        }
    }

    private static int[] EqualSizes(JsonElement inputs) => [.. Enumerable.Range(1, inputs.Integer("looks")).Select(look => look * inputs.Integer("n_per_arm_per_look"))];

    private static Func<RandomSource, bool> MixtureRejects(JsonElement inputs)
    {
        var (p, tau, alpha, sizes) = (inputs.Number("p"), inputs.Number("tau"), inputs.Number("alpha"), EqualSizes(inputs));
        return random => Looks(random, p, sizes).Any(look =>
        {
            var effect = TwoProportions.Wald(look.Control, look.Treatment);
            return effect.IsTestable && MixtureTest.At(effect.Value, effect.StandardError, tau * tau, alpha).PValue <= alpha;
        });
    }

    private static Func<RandomSource, bool> ConfidenceSequenceRejects(JsonElement inputs)
    {
        var (p, alpha, sizes) = (inputs.Number("p"), inputs.Number("alpha"), EqualSizes(inputs));
        var rho = ConfidenceSequence.Rho(alpha, inputs.Number("n_star"));
        return random => Looks(random, p, sizes).Any(look =>
        {
            var effect = TwoProportions.Wald(look.Control, look.Treatment);
            return effect.IsTestable && ConfidenceSequence.PValue(effect.Value, effect.StandardError, look.Control.Count + look.Treatment.Count, rho) <= alpha;
        });
    }

    private static Func<RandomSource, bool> CupedRejects(JsonElement inputs)
    {
        var (n, slope, alpha) = (inputs.Integer("n_per_arm"), inputs.Number("slope"), inputs.Number("alpha"));
        JointMoments Arm(RandomSource random)
        {
            var rows = new IReadOnlyList<double>[n];
            for (var i = 0; i < n; i++)
            {
                var x = 10 + 3 * random.Normal();
                rows[i] = [slope * x + 2 * random.Exponential(), x];
            }
            return JointMoments.Of(rows);
        }

        return random => Cuped.Adjust(Arm(random), Arm(random)).Absolute.TwoSided < alpha;
    }

    private static Func<RandomSource, bool> RatioRejects(JsonElement inputs, bool byUnit)
    {
        var (n, alpha) = (inputs.Integer("units_per_arm"), inputs.Number("alpha"));
        JointMoments Arm(RandomSource random)
        {
            var rows = new IReadOnlyList<double>[n];
            for (var i = 0; i < n; i++)
            {
                var events = 1 + random.Poisson(4);
                rows[i] = [random.Binomial(events, random.Beta(1.5, 6)), events];
            }
            return JointMoments.Of(rows);
        }

        return random =>
        {
            var (control, treatment) = (Arm(random), Arm(random));
            if (byUnit)
                return Welch.Difference(RatioMetric.Estimate(control)!.Value, RatioMetric.Estimate(treatment)!.Value).TwoSided < alpha;
            return TwoProportions.PooledZ(Totals(control), Totals(treatment)) is { } z && TwoProportions.TwoSided(z) < alpha;
        };

        static Proportion Totals(JointMoments arm) => new((long)Math.Round(arm.Mean(1) * arm.Count), (long)Math.Round(arm.Mean(0) * arm.Count));
    }

    private static Func<RandomSource, bool> MismatchRejects(JsonElement inputs)
    {
        var (total, weight, alpha) = (inputs.Integer("total"), inputs.Number("weight_first_arm"), inputs.Number("alpha"));
        return random =>
        {
            var first = random.Binomial(total, weight);
            return SampleRatioMismatch.ChiSquareTest([first, total - first], [weight, 1 - weight])!.PValue < alpha;
        };
    }

    private static Func<RandomSource, bool> AnyMetricRejects(JsonElement inputs, Func<IReadOnlyList<double?>, IReadOnlyList<double?>> correct)
    {
        var (metrics, alpha) = (inputs.Integer("metrics"), inputs.Number("alpha"));
        return random => correct([.. Enumerable.Range(0, metrics).Select(_ => (double?)random.Uniform())]).Any(p => p < alpha);
    }

    private static Func<RandomSource, bool> BanditRejects(JsonElement inputs, bool batched)
    {
        var alpha = inputs.Number("alpha");
        // Both tests judge the same bandits: the integrals behind the weights are what takes time.
        var bandits = s_bandits.GetOrAdd(inputs.GetRawText(), _ => new ConcurrentDictionary<ulong, (Proportion Control, Proportion Treatment)[]>());
        return random =>
        {
            var log = bandits.GetOrAdd(random.Bits(), _ => Bandit(random, inputs));
            var z = batched
                ? BatchedDifference.Statistic(log)!.Value.Z
                : TwoProportions.Wald(Sum(log.Select(batch => batch.Control)), Sum(log.Select(batch => batch.Treatment))).Statistic;
            return TwoProportions.TwoSided(z) < alpha;
        };
    }

    private static (Proportion Control, Proportion Treatment)[] Bandit(RandomSource random, JsonElement inputs)
    {
        var (p, size, floor) = (inputs.Number("p"), inputs.Integer("batch"), inputs.Number("floor"));
        var log = new (Proportion Control, Proportion Treatment)[inputs.Integer("batches")];
        for (var i = 0; i < log.Length; i++)
        {
            BetaPosterior[] arms = [Posterior(log.Select(batch => batch.Control)), Posterior(log.Select(batch => batch.Treatment))];
            var treated = random.Binomial(size, BanditWeights.WithFloor(BanditWeights.Thompson(arms), floor)[1]);
            log[i] = (new Proportion(size - treated, random.Binomial(size - treated, p)), new Proportion(treated, random.Binomial(treated, p)));
        }
        return log;
    }

    private static BetaPosterior Posterior(IEnumerable<Proportion> batches)
    {
        var total = Sum(batches);
        return new ArmStatistics(total.Count, total.Successes).Posterior();
    }

    private static Proportion Sum(IEnumerable<Proportion> batches) => batches.Aggregate(default(Proportion), (sum, batch) => new Proportion(sum.Count + batch.Count, sum.Successes + batch.Successes));
}
