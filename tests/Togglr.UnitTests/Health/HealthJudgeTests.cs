using Togglr.Store;

namespace Togglr.UnitTests.Health;

/// <summary>What a window of counts is judged to be.</summary>
public sealed class HealthJudgeTests
{
    private static readonly HealthTerms Ten = new() { WindowSeconds = 10, MinEvaluations = 100, MaxErrorRate = 0.05, JudgeBursts = false };

    [Theory]
    [InlineData(100, 0, HealthLevel.Good)]
    [InlineData(100, 2, HealthLevel.Good)]
    [InlineData(100, 3, HealthLevel.Poor)]
    [InlineData(100, 5, HealthLevel.Poor)]
    [InlineData(100, 6, HealthLevel.Bad)]
    // Too few to say anything.
    [InlineData(99, 50, HealthLevel.Good)]
    public void A_rate_is_judged_from_the_minimum_of_evaluations_on(long evaluations, long errors, HealthLevel level)
    {
        var verdict = HealthJudge.Judge([new HealthSlot("", 1, evaluations, errors)], Ten);
        Assert.Equal(level, verdict.Level);
        Assert.Equal(level == HealthLevel.Bad, verdict.Finding is not null);
    }

    [Fact]
    public void What_is_older_than_the_window_counts_no_more()
    {
        Assert.Equal(HealthLevel.Bad, HealthJudge.Judge([new HealthSlot("", 9, 1000, 100)], Ten).Level);
        Assert.Equal(HealthLevel.Good, HealthJudge.Judge([new HealthSlot("", 10, 1000, 100)], Ten).Level);
    }

    [Fact]
    public void A_number_of_errors_needs_no_evaluations()
    {
        var terms = Ten with { MaxErrorRate = null, MaxErrors = 20 };
        Assert.Equal(HealthLevel.Good, HealthJudge.Judge([new HealthSlot("", 0, 0, 9)], terms).Level);
        Assert.Equal(HealthLevel.Poor, HealthJudge.Judge([new HealthSlot("", 0, 0, 10)], terms).Level);
        var verdict = HealthJudge.Judge([new HealthSlot("", 0, 0, 20)], terms);
        Assert.Equal(new HealthFinding(HealthRule.Count, null, 10, 20, 20, 1, 20), verdict.Finding);
    }

    [Fact]
    public void A_variant_fails_although_the_flag_as_a_whole_does_not()
    {
        var verdict = HealthJudge.Judge([new HealthSlot("new", 3, 200, 40), new HealthSlot("old", 3, 9800, 10)], Ten);
        Assert.Equal(HealthLevel.Good, verdict.Whole.Level);
        Assert.Equal(new HealthFinding(HealthRule.Rate, "new", 10, 40, 200, 0.2, 0.05), verdict.Finding);
        Assert.Equal(["new Bad", "old Good"], verdict.Variants.Select(variant => $"{variant.Variant} {variant.Level}"));
    }

    [Fact]
    public void Evaluations_that_are_told_of_once_a_minute_count_on_the_average()
    {
        // A minute's worth came half a minute ago; the window of ten seconds has errors only.
        HealthSlot[] slots = [.. Enumerable.Range(0, 5).Select(minute => new HealthSlot("", 30 + (minute * 60), 60_000, 0)), new HealthSlot("", 2, 0, 300)];
        var verdict = HealthJudge.Judge(slots, Ten);
        Assert.Equal((10_000, 300, HealthLevel.Poor), (verdict.Whole.Evaluations, verdict.Whole.Errors, verdict.Whole.Level));
        Assert.Equal(HealthLevel.Bad, HealthJudge.Judge([.. slots, new HealthSlot("", 1, 0, 400)], Ten).Level);
    }

    [Fact]
    public void Clearly_worse_seconds_are_enough()
    {
        // 1,000 a second; in the last one every tenth fails: 1 % of the window, and no chance.
        HealthSlot[] slots = [.. Enumerable.Range(0, 60).Select(age => new HealthSlot("", age, 1000, age == 0 ? 100 : 0))];
        Assert.Equal(HealthLevel.Good, HealthJudge.Judge(slots, Ten).Level);
        var verdict = HealthJudge.Judge(slots, Ten with { JudgeBursts = true });
        Assert.Equal((HealthRule.Burst, 1), (verdict.Finding!.Rule, verdict.Finding.Seconds));
        // Six of a hundred in one second may happen to a flag that has five of a hundred.
        Assert.Equal(HealthLevel.Good, HealthJudge.Judge([new HealthSlot("", 0, 100, 9), new HealthSlot("", 3, 5000, 0)], Ten with { JudgeBursts = true }).Level);
    }

    [Fact]
    public void A_flag_at_its_threshold_is_not_taken_for_a_burst()
    {
        var random = new Random(7);
        var alarms = 0;
        for (var look = 0; look < 3000; look++)
        {
            HealthSlot[] slots = [.. Enumerable.Range(0, 20).Select(age => new HealthSlot("", age, 1000, Enumerable.Range(0, 1000).Count(_ => random.NextDouble() < 0.05)))];
            alarms += HealthJudge.Judge(slots, Ten with { WindowSeconds = 3600, MaxErrorRate = 0.05, JudgeBursts = true, MinEvaluations = 500 }).Finding is { Rule: HealthRule.Burst } ? 1 : 0;
        }

        Assert.Equal(0, alarms);
    }

    [Fact]
    public void What_came_before_somebody_looked_anew_counts_no_more()
    {
        HealthSlot[] slots = [new HealthSlot("on", 5, 1000, 500), new HealthSlot("on", 1, 1000, 10)];
        Assert.Equal(HealthLevel.Bad, HealthJudge.Judge(slots, Ten).Level);
        var verdict = HealthJudge.Judge(slots, Ten, known: 4);
        Assert.Equal((1000, 10, HealthLevel.Good), (verdict.Whole.Evaluations, verdict.Whole.Errors, verdict.Level));
    }

    [Fact]
    public void Sums_are_those_of_a_plain_sum_for_any_counts()
    {
        var random = new Random(42);
        for (var round = 0; round < 2000; round++)
        {
            var terms = Ten with { WindowSeconds = random.Next(10, 3600), MinEvaluations = random.Next(1, 500), MaxErrorRate = random.NextDouble() * 0.5 + 0.001, JudgeBursts = false };
            HealthSlot[] slots = [.. Enumerable.Range(0, random.Next(60)).Select(_ => new HealthSlot(random.Next(3) switch { 0 => "", 1 => "a", _ => "b" }, random.Next(0, 4000), random.Next(1000), random.Next(60)))];
            var verdict = HealthJudge.Judge(slots, terms);
            foreach (var (figures, mine) in verdict.Variants.Append(verdict.Whole).Select(figures => (figures, slots.Where(slot => figures.Variant is null || slot.Variant == figures.Variant).ToList())))
            {
                var errors = mine.Where(slot => slot.Age < terms.WindowSeconds).Sum(slot => slot.Errors);
                var came = mine.Where(slot => slot.Age < terms.WindowSeconds).Sum(slot => slot.Evaluations);
                var mean = terms.WindowSeconds >= 300 ? 0 : mine.Where(slot => slot.Age < 300).Sum(slot => slot.Evaluations) * terms.WindowSeconds / 300;
                var evaluations = Math.Max(errors, Math.Max(came, mean));
                Assert.Equal((errors, evaluations), (figures.Errors, figures.Evaluations));
                var rate = evaluations == 0 ? 0 : (double)errors / evaluations;
                Assert.Equal(evaluations >= terms.MinEvaluations && rate > terms.MaxErrorRate, figures.Level == HealthLevel.Bad);
            }
        }
    }
}
