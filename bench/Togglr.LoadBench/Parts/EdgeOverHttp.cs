using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>Remote evaluation against bare Kestrel: processor time per request, latency of one connection, tail latency at a fixed rate.</summary>
internal static class EdgeOverHttp
{
    private const int CpuRounds = 7;
    private const int LatencyRounds = 7;
    private const int RateRounds = 5;
    private const int RequestsPerSecond = 2000;
    private static readonly string[] Paths = ["/sdk/v1/evaluate", "/ofrep/v1/evaluate/flags"];

    public static IEnumerable<Goal> Run(Programs programs, ServerProcess edge, BenchProject few, BenchProject many)
    {
        var pairs = new[] { (Project: few, Cpu: 1.3, Median: 1.3), (Project: many, Cpu: 2.5, Median: 2.0) }
            .SelectMany(goal => Paths.Select(path =>
            {
                var name = $"all of {goal.Project.FlagCount} flags, `{path}`";
                var togglr = Target.Post(name, edge.Port, path, goal.Project.ServerKey, BenchProject.Body);
                return (goal.Cpu, goal.Median, Togglr: togglr, Size: LoadGenerator.Once(togglr).Length);
            })).ToArray();
        using var bare = programs.StartBare([.. pairs.Select(pair => pair.Size).Distinct()]);
        Target Yardstick(int size) => Target.Post("bare", bare.Port, $"/answer/{size}", few.ServerKey, BenchProject.Body);
        bare.WaitUntil(() => LoadGenerator.Once(Yardstick(pairs[0].Size)).Length == pairs[0].Size, TimeSpan.FromSeconds(20));

        foreach (var pair in pairs)
        {
            var (togglr, yardstick) = (pair.Togglr, Yardstick(pair.Size));
            // Long enough for the runtime to replace precompiled code by optimised code.
            Saturate(edge, togglr, 2.5);
            Saturate(bare, yardstick, 1.5);
            var cpu = Interleave(CpuRounds, () => Saturate(edge, togglr, 0.7), () => Saturate(bare, yardstick, 0.7));
            yield return Ratio($"CPU per request: {togglr.Name}", pair.Cpu, cpu, $"answer of {pair.Size} bytes");
            var median = Interleave(LatencyRounds, () => OneByOne(togglr), () => OneByOne(yardstick));
            yield return Ratio($"p50, one connection: {togglr.Name}", pair.Median, median);
            var tail = Interleave(RateRounds, () => TailAtRate(togglr), () => TailAtRate(yardstick));
            yield return Ratio($"p99 at {RequestsPerSecond}/s: {togglr.Name}", 1.5, tail);
        }
    }

    /// <summary>Bare Kestrel against another process of itself: how far from 1 the method strays on this machine.</summary>
    public static IEnumerable<Goal> RunNoise(Programs programs)
    {
        const int Size = 1000;
        using ServerProcess first = programs.StartBare(Size), second = programs.StartBare(Size);
        Target Of(ServerProcess server) => Target.Post("bare", server.Port, $"/answer/{Size}", "none", BenchProject.Body);
        foreach (var server in new[] { first, second })
        {
            server.WaitUntil(() => LoadGenerator.Once(Of(server)).Length == Size, TimeSpan.FromSeconds(20));
            Saturate(server, Of(server), 1.5);
        }

        yield return Ratio("noise: CPU per request, bare Kestrel against itself", null, Interleave(5, () => Saturate(first, Of(first), 0.7), () => Saturate(second, Of(second), 0.7)));
        yield return Ratio("noise: p50, one connection", null, Interleave(5, () => OneByOne(Of(first)), () => OneByOne(Of(second))));
        yield return Ratio($"noise: p99 at {RequestsPerSecond}/s", null, Interleave(RateRounds, () => TailAtRate(Of(first)), () => TailAtRate(Of(second))));
    }

    private static Goal Ratio(string name, double? limit, (double Togglr, double Bare) medians, string detail = "") =>
        new(name, limit, medians.Togglr / medians.Bare, "×", $"{medians.Togglr:0.0} µs / {medians.Bare:0.0} µs{(detail.Length > 0 ? "; " + detail : "")}");

    // A B A B …, so that whatever else happens on the machine meets both; the medians of each.
    private static (double First, double Second) Interleave(int rounds, Func<double> first, Func<double> second)
    {
        var (a, b) = (new Samples(), new Samples());
        for (var i = 0; i < rounds; i++)
        {
            a.Add(first());
            b.Add(second());
        }

        return (a.Median, b.Median);
    }

    private static double Saturate(ServerProcess server, Target target, double seconds)
    {
        var before = server.CpuTime;
        var requests = LoadGenerator.Saturate(target, threads: 2, connectionsPerThread: 8, TimeSpan.FromSeconds(seconds));
        return (server.CpuTime - before).TotalMicroseconds / requests;
    }

    private static double OneByOne(Target target) => LoadGenerator.OneByOne(target, TimeSpan.FromSeconds(0.4)).Median;

    private static double TailAtRate(Target target) =>
        LoadGenerator.AtRate(target, RequestsPerSecond, connections: 32, TimeSpan.FromSeconds(1.5)).Percentile(99);
}
