using Togglr.Statistics.Analysis;
using Togglr.Statistics.Moments;
using Togglr.Statistics.Numerics;

namespace Togglr.Conformance.Statistics;

/// <summary>What came of simulated experiments.</summary>
/// <param name="Shipped">The share in which a variant was shipped.</param>
/// <param name="RolledBack">The share in which the control was kept.</param>
/// <param name="Unhealthy">The share whose data were not trusted.</param>
public sealed record ExperimentOutcomes(double Shipped, double RolledBack, double Unhealthy);

/// <summary>
/// Whole experiments through the whole analysis: a conversion that decides, two metrics that explain and a guardrail, looked at on ten days
/// and stopped at the first day on which something is recommended.
/// </summary>
public static class WholeExperiments
{
    private const int Looks = 10;
    private const int UnitsPerLook = 500;

    /// <summary>The share of each outcome where the treatment converts with <paramref name="lift"/> more than a fifth.</summary>
    public static ExperimentOutcomes Run(AnalysisMethod method, double lift, int experiments, ulong seed)
    {
        var analysis = new ExperimentAnalysis(Plan(method));
        int shipped = 0, rolledBack = 0, unhealthy = 0;
        Parallel.For(0, experiments, i =>
        {
            switch (Simulate(analysis, lift, new RandomSource(seed * 1_000_003 + (ulong)i)))
            {
                case DecisionState.Ship:
                    Interlocked.Increment(ref shipped);
                    break;
                case DecisionState.RollBack:
                    Interlocked.Increment(ref rolledBack);
                    break;
                case DecisionState.Unhealthy:
                    Interlocked.Increment(ref unhealthy);
                    break;
            }
        });
        return new ExperimentOutcomes((double)shipped / experiments, (double)rolledBack / experiments, (double)unhealthy / experiments);
    }

    private static AnalysisPlan Plan(AnalysisMethod method) => new()
    {
        Control = "control",
        Variants = [new PlannedVariant("control", 50), new PlannedVariant("treatment", 50)],
        Metrics =
        [
            new PlannedMetric("conversion", MetricForm.Proportion, MinimumEffect: 0.1),
            new PlannedMetric("revenue", MetricForm.Mean, MetricRole.Secondary),
            new PlannedMetric("visits", MetricForm.Mean, MetricRole.Secondary),
            new PlannedMetric("latency", MetricForm.Mean, MetricRole.Guardrail, Togglr.Statistics.Comparisons.MetricDirection.Decrease, Margin: 0.05),
        ],
        Method = method,
        LookDays = method is AnalysisMethod.AlwaysValid or AnalysisMethod.Bayesian ? [] : method == AnalysisMethod.Fixed ? [Looks] : [.. Enumerable.Range(1, Looks)],
        MinimumDays = 1,
    };

    private static DecisionState Simulate(ExperimentAnalysis analysis, double lift, RandomSource random)
    {
        var looks = new List<LookRecord>();
        var (control, treatment) = (new Arm(), new Arm());
        for (var day = 1; day <= Looks; day++)
        {
            var treated = random.Binomial(2 * UnitsPerLook, 0.5);
            control.Add(2 * UnitsPerLook - treated, 0.2, random);
            treatment.Add(treated, 0.2 * (1 + lift), random);
            var result = analysis.Analyse(new ExperimentData { Days = day, Variants = [control.Data("control"), treatment.Data("treatment")] }, looks);
            if (result.Decision.State != DecisionState.KeepRunning)
                return result.Decision.State;
            if (result.Record is { } record)
                looks.Add(record);
        }
        return DecisionState.KeepRunning;
    }

    /// <summary>Moments of units that are drawn together: normal values have a normal mean and, apart from it, a gamma sum of squares.</summary>
    private sealed class Arm
    {
        private long _units;
        private long _conversions;
        private SampleMoments _revenue;
        private SampleMoments _visits;
        private SampleMoments _latency;

        internal void Add(int units, double rate, RandomSource random)
        {
            _units += units;
            _conversions += random.Binomial(units, rate);
            _revenue = _revenue.Merge(Drawn(units, 10, 25, random));
            _visits = _visits.Merge(Drawn(units, 5, 3, random));
            _latency = _latency.Merge(Drawn(units, 220, 80, random));
        }

        internal VariantData Data(string key) => new(key, _units, new Dictionary<string, MetricSample>(StringComparer.Ordinal)
        {
            ["conversion"] = Of(SampleMoments.FromSums(_units, _conversions, _conversions)),
            ["revenue"] = Of(_revenue),
            ["visits"] = Of(_visits),
            ["latency"] = Of(_latency),
        });

        private static SampleMoments Drawn(int units, double mean, double deviation, RandomSource random) =>
            new(units, mean + deviation * random.Normal() / Math.Sqrt(units), deviation * deviation * 2 * random.Gamma((units - 1) / 2.0));

        private static MetricSample Of(SampleMoments moments) => new() { Moments = new JointMoments(moments.Count, [moments.Mean], [moments.M2]) };
    }
}
