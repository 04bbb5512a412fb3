using Togglr.Statistics.Bandits;
using Togglr.Statistics.Numerics;

namespace Togglr.UnitTests.Statistics;

public sealed class BanditPolicyTests
{
    private static readonly double[] Rates = [0.1, 0.12, 0.2];

    [Theory]
    [InlineData(BanditRule.Thompson, 0.5)]
    [InlineData(BanditRule.EpsilonGreedy, 0.6)]
    [InlineData(BanditRule.Ucb1, 0.9)]
    public void Every_rule_loses_less_than_equal_shares(BanditRule rule, double atMost)
    {
        var numbers = new BanditNumbers(rule, ColdStart: 50);
        var regret = Enumerable.Range(0, 10).Average(seed => Run(numbers, seed, 10_000, 1, (_, arm) => Rates[arm]).Regret);
        Assert.InRange(regret, 20, atMost * 10_000 * (0.2 - Rates.Average()));
    }

    [Fact]
    public void Discounting_follows_a_best_arm_that_changes_and_remembering_everything_does_not()
    {
        double Rate(int batch, int arm) => batch < 50 ? Rates[arm] : Rates[2 - arm];
        var numbers = new BanditNumbers(BanditRule.Thompson, Floor: 0.02, ColdStart: 20);
        var (_, last) = Run(numbers, 1, 20_000, 0.8, Rate);
        var (_, slow) = Run(numbers, 1, 20_000, 1, Rate);
        Assert.True(last[0] > 0.7, $"The share of the new best arm is {last[0]}.");
        Assert.True(slow[0] < last[0]);
    }

    [Fact]
    public void What_drifts_is_followed_as_far_behind_as_the_discount_remembers_and_without_one_to_the_end()
    {
        // Two arms that change places: they cross after 50 of 100 batches. A discount γ weighs what is k batches old with γ^k, so it is γ / (1 − γ) batches behind: 4 and 9. A plain mean is by half of all there were.
        Assert.InRange(FirstLed(0.8), 53, 55);
        Assert.InRange(FirstLed(0.9), 58, 60);
        Assert.Equal(101, FirstLed(1));

        static int FirstLed(double discount)
        {
            var arms = new ArmStatistics[2];
            for (var batch = 0; batch < 110; batch++)
            {
                for (var arm = 0; arm < arms.Length; arm++)
                {
                    var successes = 1000 * (arm == 0 ? 0.3 + 0.004 * batch : 0.7 - 0.004 * batch);
                    arms[arm] = arms[arm].Discounted(discount).Plus(new ArmStatistics(1000, successes, successes, successes));
                }
                if (BanditPolicy.Decide(new BanditNumbers(BanditRule.Thompson), [new BanditCell([1], arms)])[0].Weights[0] > 0.5)
                    return batch;
            }
            return int.MaxValue;
        }
    }

    [Theory]
    [InlineData(BanditRule.Thompson)]
    [InlineData(BanditRule.EpsilonGreedy)]
    public void With_a_discount_arms_that_move_all_the_time_cost_less_than_half(BanditRule rule)
    {
        // Three waves, one after the other: each arm is the best for 20 batches of every 60.
        static double Rate(int batch, int arm) => 0.5 + 0.3 * Math.Sin(2 * Math.PI * (batch / 60.0 + arm / 3.0));
        var numbers = new BanditNumbers(rule, Floor: 0.05, ColdStart: 20);
        var (followed, _) = Run(numbers, 7, 48_000, 0.7, Rate);
        var (lagged, _) = Run(numbers, 7, 48_000, 1, Rate);
        Assert.True(followed < 0.5 * lagged, $"Lost {followed:0} with a discount and {lagged:0} without.");
    }

    [Fact]
    public void A_linear_model_learns_from_all_contexts_together()
    {
        // Two attributes that each add something; the combination 1.1 of the second arm was never seen.
        BanditCell Cell(double a, double b, double seen) => new([1, a, b], [new(200, 100, 100, 100), new(seen, seen * (0.3 + 0.2 * a + 0.2 * b), seen * (0.3 + 0.2 * a + 0.2 * b), seen)]);
        BanditCell[] cells = [Cell(0, 0, 200), Cell(1, 0, 200), Cell(0, 1, 200), Cell(1, 1, 0)];
        var decisions = BanditPolicy.Decide(new BanditNumbers(BanditRule.LinearThompson), cells);
        Assert.InRange(decisions[3].Beliefs[1].Mean, 0.65, 0.75);
        Assert.True(decisions[3].Weights[1] > 0.95);
        Assert.True(decisions[0].Weights[0] > 0.95);
    }

    [Theory]
    [InlineData(BanditRule.Thompson)]
    [InlineData(BanditRule.EpsilonGreedy)]
    [InlineData(BanditRule.Ucb1)]
    [InlineData(BanditRule.LinUcb)]
    [InlineData(BanditRule.LinearThompson)]
    public void Whatever_came_back_the_shares_add_up_and_keep_the_floor(BanditRule rule)
    {
        ArmStatistics[][] seen =
        [
            [default, default, default], [new(5, 0, 0, 0), default, default], [new(10, 10, 10, 10), new(10, 10, 10, 10), new(10, 10, 10, 10)], [new(1e-250, 0, 0, 0), new(1e9, 1e8, 1e8, 1e8), new(3, 0, 0, 0)],
            [new(2, 1, 1e12, 1e24), new(2, 1, -1e12, 1e24), new(2, 1, 0, 0)],
        ];
        foreach (var binary in new[] { true, false })
        {
            foreach (var arms in binary ? seen[..4] : seen)
            {
                var weights = BanditPolicy.Decide(new BanditNumbers(rule, Floor: 0.05, IsBinary: binary), [new BanditCell([1], arms)], withProbabilities: true)[0].Weights;
                Assert.Equal(1, weights.Sum(), 9);
                Assert.All(weights, weight => Assert.InRange(weight, 0.05 - 1e-12, 0.9 + 1e-12));
            }
        }
    }

    [Fact]
    public void What_an_arm_is_worth_to_everybody_is_told_without_the_bias_of_the_shares()
    {
        var numbers = new BanditNumbers(BanditRule.Thompson);
        // Served with 0.9 first, when everything went well, and with 0.1 later, when nothing did: the plain mean is 0.45 + 0.05 / 1 too high.
        var sums = new WeightedSums(1000, 900 / 0.9 + 100 / 0.1, 900 / 0.81 + 100 / 0.01, 450 / 0.9 + 10 / 0.1, 450 / 0.81 + 10 / 0.01, 450 / 0.9 + 10 / 0.1);
        var arm = new ArmLedger(new ArmTotals(0, 1000, 460, 540, 0, 460, 460), default, new ArmStatistics(1000, 460, 460, 460), sums);
        var other = new ArmLedger(new ArmTotals(0, 1000, 300, 700, 0, 300, 300), default, new ArmStatistics(1000, 300, 300, 300), new WeightedSums(1000, 2000, 4000, 600, 1200, 600));
        LedgerCell[] cells = [new("", "", [1], [arm, other])];
        var decisions = BanditPolicy.Decide(numbers, [new BanditCell([1], [arm.Learned, other.Learned])], withProbabilities: true);
        var state = BanditReport.Of(numbers, ["a", "b"], cells, decisions, [[0.5, 0.5]]);
        Assert.Equal(0.46, state.Arms[0].Mean, 12);
        Assert.Equal(0.3, state.Arms[0].Value!.Ips, 12);
        Assert.Equal(0.3, state.Arms[0].Value!.Snips, 12);
        Assert.Null(state.Holdout);
        Assert.Equal(1000 * (state.Arms[0].Belief.Mean - state.Arms[1].Belief.Mean), state.Regret.Estimate, 9);
    }

    /// <summary>Serves in batches of 200 with the shares that came of all before.</summary>
    private static (double Regret, IReadOnlyList<double> Last) Run(BanditNumbers numbers, int seed, int pulls, double discount, Func<int, int, double> rate)
    {
        var random = new RandomSource((ulong)seed + 1);
        var arms = new ArmStatistics[Rates.Length];
        IReadOnlyList<double> weights = [.. Rates.Select(_ => 1.0 / Rates.Length)];
        var regret = 0.0;
        for (var batch = 0; batch < pulls / 200; batch++)
        {
            for (var i = 0; i < 200; i++)
            {
                var (u, arm) = (random.Uniform(), 0);
                while (arm < arms.Length - 1 && (u -= weights[arm]) >= 0)
                    arm++;
                var success = random.Uniform() < rate(batch, arm) ? 1 : 0;
                arms[arm] = arms[arm].Plus(new ArmStatistics(1, success, success, success));
                regret += Enumerable.Range(0, arms.Length).Max(other => rate(batch, other)) - rate(batch, arm);
            }
            BanditCell[] cells = [new([1], arms)];
            if (batch > 0)
                weights = BanditPolicy.Decide(numbers, cells)[0].Weights;
            for (var arm = 0; arm < arms.Length; arm++)
                arms[arm] = arms[arm].Discounted(discount);
        }
        return (regret, weights);
    }
}
