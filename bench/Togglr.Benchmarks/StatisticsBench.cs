using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Text.Json;
using Togglr.Conformance.Statistics;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Moments;

namespace Togglr.Benchmarks;

/// <summary>Proof by simulation: what the tests check with a few thousand simulated experiments, with many more, beside the bands that references gave.</summary>
internal static class StatisticsBench
{
    private const int Experiments = 1_000;

    internal static string Run(string machine, string vectors, out bool isOutside)
    {
        var page = new StringBuilder();
        page.AppendLine("# Statistics by simulation").AppendLine();
        page.AppendLine(CultureInfo.InvariantCulture, $"{machine}. Fixed seeds; 10,000 simulated experiments per rate (100,000 for the split), 400 runs per regret; written by `eng/bench.sh statistics`.").AppendLine();
        isOutside = Bands(page, vectors);
        isOutside |= Whole(page);
        isOutside |= Speed(page);
        return page.ToString();
    }

    private static bool Bands(StringBuilder page, string vectors)
    {
        page.AppendLine("| simulation | measured | accepted | |").AppendLine("|---|---|---|---|");
        var isOutside = false;
        foreach (var file in (string[])["aa_simulation.json", "bandit_regret.json"])
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(vectors, file)));
            foreach (var vector in document.RootElement.GetProperty("vectors").EnumerateArray())
            {
                var (id, method) = (vector.GetProperty("id").GetString()!, vector.GetProperty("method").GetString()!);
                var measured = Simulations.Measure(id, method, vector.GetProperty("inputs"), vector.GetProperty("expected"), SimulationSize.Large);
                isOutside |= !measured.IsInside;
                page.AppendLine(CultureInfo.InvariantCulture, $"| `{method}` ({id}) | {measured.Value:0.0000} | {measured.Lower:0.0000} – {measured.Upper:0.0000} | {(measured.IsInside ? "✓" : "✗")} |");
            }
        }
        page.AppendLine();
        return isOutside;
    }

    private static bool Whole(StringBuilder page)
    {
        page.AppendLine(CultureInfo.InvariantCulture, $"Whole experiments through the whole analysis, {Experiments:N0} for every row: a conversion of 20 % that decides, two other metrics, a guardrail; looked at on ten days with 500 units a");
        page.AppendLine("day and arm, and stopped on the first day on which something is recommended.").AppendLine();
        page.AppendLine("| method | true lift | shipped | rolled back | unhealthy | accepted |").AppendLine("|---|---|---|---|---|---|");
        var isOutside = false;
        foreach (var method in (AnalysisMethod[])[AnalysisMethod.Fixed, AnalysisMethod.Pocock, AnalysisMethod.ObrienFleming, AnalysisMethod.LanDeMets, AnalysisMethod.AlwaysValid])
        {
            foreach (var lift in (double[])[0, 0.15, -0.15])
            {
                var outcomes = WholeExperiments.Run(method, lift, Experiments, seed: 1);
                var isInside = lift > 0 || outcomes.Shipped <= 0.05;
                isOutside |= !isInside;
                page.AppendLine(CultureInfo.InvariantCulture,
                    $"| {JsonNamingPolicy.CamelCase.ConvertName(method.ToString())} | {lift:+0.00;−0.00;0} | {outcomes.Shipped:0.000} | {outcomes.RolledBack:0.000} | {outcomes.Unhealthy:0.000} | {(lift > 0 ? "" : $"shipped ≤ 0.05 {(isInside ? "✓" : "✗")}")} |");
            }
        }
        page.AppendLine();
        return isOutside;
    }

    private static bool Speed(StringBuilder page)
    {
        page.AppendLine("| one analysis, ten metrics with a covariate each, three variants, the tenth of ten looks | time | goal |").AppendLine("|---|---|---|");
        var isSlow = false;
        foreach (var method in (AnalysisMethod[])[AnalysisMethod.Fixed, AnalysisMethod.ObrienFleming, AnalysisMethod.LanDeMets, AnalysisMethod.AlwaysValid])
        {
            double[] times = [.. Enumerable.Range(0, 6).Select(round => Once(method, round)).Skip(1).Order()];
            isSlow |= times[2] > 1000;
            page.AppendLine(CultureInfo.InvariantCulture, $"| {JsonNamingPolicy.CamelCase.ConvertName(method.ToString())} | {times[2]:0.0} ms | < 1000 ms {(times[2] <= 1000 ? "✓" : "✗")} |");
        }
        return isSlow;
    }

    private static double Once(AnalysisMethod method, int round)
    {
        AnalysisPlan plan = new()
        {
            Control = "a",
            Variants = [new("a", 1), new("b", 1), new("c", 1)],
            Metrics = [.. Enumerable.Range(0, 10).Select(i => new PlannedMetric($"m{i}", MetricForm.Mean, i == 0 ? MetricRole.Primary : MetricRole.Secondary))],
            Method = method,
            LookDays = method switch { AnalysisMethod.Fixed => [10], AnalysisMethod.AlwaysValid => [], _ => [.. Enumerable.Range(1, 10)] },
        };
        var looks = new List<LookRecord>();
        var analysis = new ExperimentAnalysis(plan);
        var elapsed = 0.0;
        for (var day = 1; day <= 10; day++)
        {
            var data = new ExperimentData { Days = day, Variants = [.. "abc".Select((key, arm) => Variant(key.ToString(), (10_000 * day) + 7 * arm + day * day + round, 0.02 * arm))] };
            var watch = Stopwatch.StartNew();
            var result = analysis.Analyse(data, looks);
            elapsed = watch.Elapsed.TotalMilliseconds;
            if (result.Record is { } record)
                looks.Add(record);
        }
        return elapsed;
    }

    private static VariantData Variant(string key, long units, double effect) => new(key, units, Enumerable.Range(0, 10).ToDictionary(
        i => $"m{i}", i => new MetricSample { Moments = new JointMoments(units, [10 + effect * i, 10], [units * 8.0, units * 4.0, units * 4.0, units * 4.0]) }, StringComparer.Ordinal));
}
