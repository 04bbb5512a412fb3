using Togglr.Store;

namespace Togglr.UnitTests.Schedules;

/// <summary>The sequential tests by simulation: looked at after every batch, with growing shares, as a ramp does.</summary>
public sealed class RampTestTests
{
    private const int Runs = 1000;

    [Theory]
    [InlineData(0.02, 1)]
    [InlineData(0.2, 1)]
    [InlineData(0.001, 1)]
    [InlineData(0.02, 1.5)]
    public void A_ramp_without_a_fault_is_hardly_ever_stopped(double rate, double tolerated)
    {
        // As bad as tolerated: the hardest case of no fault.
        var stopped = Simulate(rate * tolerated, rate, intervals => RampTest.Increase(intervals, tolerated), 1);
        Assert.InRange(stopped, 0, (int)(Runs * RampTest.FalseAlarms * 1.5));
    }

    [Fact]
    public void A_rate_at_the_limit_is_hardly_ever_stopped() =>
        Assert.InRange(Simulate(0.05, 0.01, Above(0.05), 2), 0, (int)(Runs * RampTest.FalseAlarms * 1.5));

    [Theory]
    [InlineData(0.04, 0.01)]
    [InlineData(0.1, 0.02)]
    [InlineData(0.6, 0.3)]
    public void A_ramp_that_doubles_errors_or_more_is_stopped(double bad, double usual) =>
        Assert.InRange(Simulate(bad, usual, intervals => RampTest.Increase(intervals, 1), 3), (int)(Runs * 0.99), Runs);

    [Fact]
    public void A_rate_above_the_limit_is_stopped() => Assert.InRange(Simulate(0.1, 0.02, Above(0.05), 4), (int)(Runs * 0.99), Runs);

    [Fact]
    public void Less_errors_than_usual_are_no_evidence() =>
        Assert.True(RampTest.Increase([new RampInterval(new RampCounts(10_000, 10), new RampCounts(10_000, 300))], 1) < 0);

    [Fact]
    public void Nothing_seen_is_no_evidence()
    {
        Assert.Equal(0, RampTest.Increase([], 1), 12);
        Assert.Equal(0, RampTest.Above(default, 0.01), 12);
        // Nobody is left to compare with.
        Assert.Equal(0, RampTest.Increase([new RampInterval(new RampCounts(1000, 900), default)], 1), 12);
        Assert.True(double.IsFinite(RampTest.Above(new RampCounts(10, 1000), 0.9)));
        Assert.True(double.IsFinite(RampTest.Increase([new RampInterval(new RampCounts(long.MaxValue / 4, 1_000_000_000), new RampCounts(1, 1))], 1)));
    }

    private static Func<IReadOnlyCollection<RampInterval>, double> Above(double limit) => intervals =>
        RampTest.Above(new RampCounts(intervals.Sum(one => one.Ramped.Evaluations), intervals.Sum(one => one.Ramped.Errors)), limit);

    /// <summary>How many of the runs are stopped at any of the looks.</summary>
    private static int Simulate(double ramped, double rest, Func<IReadOnlyCollection<RampInterval>, double> evidence, int seed)
    {
        var random = new Random(seed);
        var stopped = 0;
        for (var run = 0; run < Runs; run++)
        {
            var intervals = new List<RampInterval>();
            foreach (var share in (ReadOnlySpan<double>)[0.01, 0.05, 0.1, 0.25, 0.5])
            {
                for (var look = 0; look < 12; look++)
                {
                    const int Evaluations = 1000;
                    var to = (int)(Evaluations * share);
                    intervals.Add(new RampInterval(new RampCounts(to, Draw(random, to, ramped)), new RampCounts(Evaluations - to, Draw(random, Evaluations - to, rest))));
                }
            }

            for (var look = 5; look <= intervals.Count; look += 5)
            {
                if (evidence(intervals[..look]) >= RampTest.Threshold)
                {
                    stopped++;
                    break;
                }
            }
        }

        return stopped;
    }

    /// <summary>A binomial number, by waiting times between errors.</summary>
    private static int Draw(Random random, int trials, double rate)
    {
        var count = 0;
        var logarithm = Math.Log(1 - rate);
        for (var at = 0.0; ; count++)
        {
            at += Math.Floor(Math.Log(1 - random.NextDouble()) / logarithm) + 1;
            if (at > trials)
                return count;
        }
    }
}
