using System.Diagnostics;

namespace Togglr.Benchmarks;

/// <summary>What was measured: nanoseconds and allocated bytes of one call.</summary>
internal sealed record Measurement(string Name, double Nanoseconds, double Bytes);

/// <summary>
/// Measures all candidates in turn, round after round, and takes the median of each: on a machine whose speed drifts, ratios between neighbours are worth more than absolute times. What counts is the
/// processor time of the process, so that other work on the machine disturbs less.
/// </summary>
internal sealed class Harness
{
    private const int Rounds = 31;
    private static readonly TimeSpan s_slice = TimeSpan.FromMilliseconds(40);

    private readonly List<Candidate> _candidates = [];

    /// <summary>Adds a call; it runs the given number of times per invocation.</summary>
    public void Add(string name, Action<int> run) => _candidates.Add(new Candidate(name, run));

    public Dictionary<string, Measurement> Run()
    {
        foreach (var candidate in _candidates)
            candidate.WarmUp();
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var candidate in _candidates)
                candidate.Measure();
        }
        return _candidates.ToDictionary(candidate => candidate.Name, candidate => candidate.Result(), StringComparer.Ordinal);
    }

    private sealed class Candidate(string name, Action<int> run)
    {
        private readonly List<double> _nanoseconds = [];
        private int _iterations = 1;
        private double _bytes;

        public string Name => name;

        // Long enough for the tiers of the compiler, which work in the background.
        public void WarmUp()
        {
            var clock = Stopwatch.StartNew();
            while (clock.Elapsed < TimeSpan.FromMilliseconds(600))
            {
                run(200);
                Thread.Sleep(1);
            }
            var sample = CpuTime.Of(() => run(5000));
            _iterations = (int)Math.Clamp(5000 * s_slice.TotalMilliseconds / Math.Max(sample.TotalMilliseconds, 0.001), 100, 100_000_000);
        }

        public void Measure()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            var elapsed = CpuTime.Of(() => run(_iterations));
            _bytes = (double)(GC.GetAllocatedBytesForCurrentThread() - before) / _iterations;
            _nanoseconds.Add(elapsed.TotalNanoseconds / _iterations);
        }

        public Measurement Result()
        {
            _nanoseconds.Sort();
            return new Measurement(name, _nanoseconds[_nanoseconds.Count / 2], Math.Round(_bytes));
        }
    }
}

/// <summary>The processor time that this process spends on something.</summary>
internal static class CpuTime
{
    public static TimeSpan Of(Action action)
    {
        var before = Environment.CpuUsage.TotalTime;
        action();
        return Environment.CpuUsage.TotalTime - before;
    }
}
