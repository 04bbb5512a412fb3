using System.Text.Json;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Comparisons;
using Togglr.Statistics.Moments;

namespace Togglr.UnitTests.Statistics;

public sealed class AnalysisTests
{
    private static readonly PlannedVariant[] s_halves = [new("control", 50), new("treatment", 50)];

    private static AnalysisPlan Plan(params PlannedMetric[] metrics) => new() { Control = "control", Variants = s_halves, Metrics = metrics, LookDays = [14] };

    private static MetricSample Shares(long units, long successes) => Of(SampleMoments.FromSums(units, successes, successes));

    private static MetricSample Of(SampleMoments moments) => new() { Moments = new JointMoments(moments.Count, [moments.Mean], [moments.M2]) };

    private static ExperimentData Data(double days, MetricSample control, MetricSample treatment, string metric = "m", long mixed = 0) => new()
    {
        Days = days,
        MixedUnits = mixed,
        Variants =
        [
            new VariantData("control", control.Moments?.Count ?? control.Quantile!.Count, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { [metric] = control }),
            new VariantData("treatment", treatment.Moments?.Count ?? treatment.Quantile!.Count, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { [metric] = treatment }),
        ],
    };

    private static ComparisonResult Only(AnalysisResult result) => Assert.Single(Assert.Single(result.Metrics).Comparisons);

    private static void HasOnlyNumbers(AnalysisResult result)
    {
        // Strict numbers: one that is not finite would throw.
        var json = JsonSerializer.Serialize(result, AnalysisJson.Options);
        Assert.DoesNotContain("NaN", json, StringComparison.Ordinal);
        Assert.Equal(json, JsonSerializer.Serialize(JsonSerializer.Deserialize<AnalysisResult>(json, AnalysisJson.Options), AnalysisJson.Options));
    }

    [Fact]
    public void A_better_conversion_is_shipped_at_the_look_and_not_before()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion));
        var early = ExperimentAnalysis.Analyse(plan, Data(13.9, Shares(5000, 500), Shares(5000, 600)), []);
        Assert.False(early.IsLook);
        Assert.Null(early.Record);
        Assert.Null(Only(early).PValue);
        Assert.Null(Only(early).Absolute.Lower);
        Assert.NotNull(Only(early).StandardError);
        Assert.Equal((DecisionState.KeepRunning, 1), (early.Decision.State, early.Decision.DaysLeft));
        Assert.Contains(WarningCode.BetweenLooks, early.Warnings);

        var look = ExperimentAnalysis.Analyse(plan, Data(14, Shares(5000, 500), Shares(5000, 600)), []);
        Assert.Equal((true, 1, 0.05), (look.IsLook, look.Look, look.AlphaSpent));
        var comparison = Only(look);
        Assert.Equal("chiSquare", comparison.Test);
        Assert.Equal(ChiSquareTest.Independence([500, 600], [5000, 5000])!.PValue, comparison.PValue!.Value, 12);
        Assert.True(comparison.Relative.Lower > 0 && comparison.Absolute.Lower > 0);
        Assert.Equal(0.2, comparison.Relative.Estimate!.Value, 12);
        Assert.Equal((DecisionState.Ship, "treatment"), (look.Decision.State, look.Decision.Variant));
        HasOnlyNumbers(look);
    }

    [Fact]
    public void After_the_last_look_its_verdict_stays_and_no_new_test_is_offered()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion));
        var look = ExperimentAnalysis.Analyse(plan, Data(14, Shares(5000, 500), Shares(5000, 600)), []);
        var later = ExperimentAnalysis.Analyse(plan, Data(20, Shares(7000, 700), Shares(7000, 830)), [look.Record!]);
        Assert.False(later.IsLook);
        Assert.Null(Only(later).PValue);
        Assert.Equal((true, 1), (Only(later).IsSignificant, Only(later).SignificantSince));
        Assert.Equal(DecisionState.Ship, later.Decision.State);
    }

    [Fact]
    public void An_effect_that_changes_sides_after_it_was_significant_decides_nothing()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion)) with { LookDays = [7, 14, 21], Method = AnalysisMethod.Pocock, MinimumDays = 1 };
        var better = ExperimentAnalysis.Analyse(plan, Data(7, Shares(5000, 500), Shares(5000, 800)), []);
        Assert.Equal(DecisionState.Ship, better.Decision.State);
        var reversed = ExperimentAnalysis.Analyse(plan, Data(14, Shares(20000, 2000), Shares(20000, 1990)), [better.Record!]);
        Assert.Equal((true, (int?)1, (bool?)false), (Only(reversed).IsSignificant, Only(reversed).SignificantSince, Only(reversed).IsBetter));
        Assert.Contains(WarningCode.EffectReversed, Only(reversed).Warnings);
        Assert.Equal(DecisionState.KeepRunning, reversed.Decision.State);
        var back = ExperimentAnalysis.Analyse(plan, Data(15, Shares(22000, 2200), Shares(22000, 2400)), [better.Record!, reversed.Record!]);
        Assert.Equal(DecisionState.Ship, back.Decision.State);
    }

    [Fact]
    public void Without_a_difference_at_the_end_the_control_is_kept()
    {
        var result = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Proportion)), Data(14, Shares(5000, 500), Shares(5000, 505)), []);
        Assert.Equal(DecisionState.RollBack, result.Decision.State);
        Assert.Equal([ReasonCode.NotSignificant, ReasonCode.PlanCompleted], result.Decision.Reasons);
    }

    [Fact]
    public void Nothing_is_shipped_before_the_minimum_duration()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion)) with { LookDays = [2, 14], Method = AnalysisMethod.Pocock, MinimumDays = 7 };
        var result = ExperimentAnalysis.Analyse(plan, Data(2, Shares(5000, 500), Shares(5000, 800)), []);
        Assert.Equal((DecisionState.KeepRunning, 5), (result.Decision.State, result.Decision.DaysLeft));
        Assert.Contains(ReasonCode.BeforeMinimumDuration, result.Decision.Reasons);
        var later = ExperimentAnalysis.Analyse(plan, Data(7, Shares(6000, 600), Shares(6000, 960)), [result.Record!]);
        Assert.False(later.IsLook);
        Assert.Equal(DecisionState.Ship, later.Decision.State);
    }

    [Fact]
    public void A_mismatch_of_the_split_withholds_everything()
    {
        var result = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Proportion)), Data(14, Shares(5000, 500), Shares(5600, 800)), []);
        Assert.True(result.Health.IsMismatch);
        Assert.Equal((DecisionState.Unhealthy, (string?)null), (result.Decision.State, result.Decision.Variant));
        Assert.Equal([ReasonCode.SampleRatioMismatch], result.Decision.Reasons);
    }

    [Fact]
    public void Units_seen_in_several_variants_withhold_everything()
    {
        var result = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Proportion)), Data(14, Shares(5000, 500), Shares(5000, 600), mixed: 150), []);
        Assert.Equal([ReasonCode.MixedAssignments], result.Decision.Reasons);
        Assert.InRange(result.Health.MixedShare, 0.0147, 0.0148);
    }

    [Theory]
    [InlineData(221.0, GuardrailVerdict.Passes, DecisionState.Ship)]
    [InlineData(223.0, GuardrailVerdict.Inconclusive, DecisionState.KeepRunning)]
    [InlineData(232.0, GuardrailVerdict.Fails, DecisionState.RollBack)]
    public void A_guardrail_withholds_shipping_until_harm_is_excluded(double treatment, GuardrailVerdict verdict, DecisionState state)
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion), new PlannedMetric("latency", MetricForm.Mean, MetricRole.Guardrail, MetricDirection.Decrease, Margin: 0.02));
        ExperimentData data = new()
        {
            Days = 14,
            Variants =
            [
                new VariantData("control", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 500), ["latency"] = Of(SampleMoments.FromVariance(5000, 220, 6400)) }),
                new VariantData("treatment", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 620), ["latency"] = Of(SampleMoments.FromVariance(5000, treatment, 6400)) }),
            ],
        };
        var result = ExperimentAnalysis.Analyse(plan, data, []);
        Assert.Equal(verdict, result.Metrics[1].Comparisons[0].Guardrail!.Verdict);
        Assert.Equal(state, result.Decision.State);
        var later = ExperimentAnalysis.Analyse(plan, data with { Days = 15 }, [result.Record!]);
        Assert.Equal((verdict, state), (later.Metrics[1].Comparisons[0].Guardrail!.Verdict, later.Decision.State));
    }

    [Fact]
    public void Test_and_relative_interval_never_contradict_each_other()
    {
        for (var successes = 540; successes < 620; successes++)
        {
            var comparison = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Proportion)), Data(14, Shares(5000, 500), Shares(5000, successes)), []));
            Assert.Equal(comparison.PValue <= 0.05, comparison.Relative.Lower > 0);
        }
    }

    [Fact]
    public void Looks_cost_what_the_design_says()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Mean)) with { Method = AnalysisMethod.ObrienFleming, LookDays = [1, 2, 3, 4, 5], MinimumDays = 0 };
        var looks = new List<LookRecord>();
        for (var day = 1; day <= 5; day++)
        {
            var arm = Of(SampleMoments.FromVariance(100_000 * day, 10, 25));
            var result = ExperimentAnalysis.Analyse(plan, Data(day, arm, arm), looks);
            looks.Add(result.Record!);
            // Jennison & Turnbull 2000, table 2.3: C_B(5, 0.05) = 2.040.
            Assert.Equal(2.040 * Math.Sqrt(5.0 / day), Only(result).CriticalValue!.Value, 2.5e-3);
            Assert.Equal(1, Only(result).PValue);
        }
        Assert.Equal(5, looks[^1].Number);
    }

    [Fact]
    public void A_look_left_out_and_growth_that_differs_keep_the_error()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Mean)) with { Method = AnalysisMethod.Pocock, LookDays = [1, 2, 3, 4], MinimumDays = 0 };
        var first = ExperimentAnalysis.Analyse(plan, Data(1, Of(SampleMoments.FromVariance(9000, 10, 25)), Of(SampleMoments.FromVariance(9000, 10, 25))), []);
        var third = ExperimentAnalysis.Analyse(plan, Data(3.5, Of(SampleMoments.FromVariance(10_000, 10, 25)), Of(SampleMoments.FromVariance(10_000, 10.17, 25))), [first.Record!]);
        Assert.Equal(3, third.Look);
        var comparison = Only(third);
        // What the second and third planned look may spend is spent at once, and the looks depend on each other strongly: an easier boundary than Pocock's 2.361.
        Assert.InRange(comparison.CriticalValue!.Value, 1.96, 2.3);
        Assert.Equal(comparison.PValue <= 0.05, Math.Abs(comparison.Statistic!.Value) >= comparison.CriticalValue);
        HasOnlyNumbers(third);
    }

    [Fact]
    public void An_always_valid_p_value_never_grows_and_its_interval_never_widens()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Mean)) with { Method = AnalysisMethod.AlwaysValid, LookDays = [] };
        var first = ExperimentAnalysis.Analyse(plan, Data(8, Of(SampleMoments.FromVariance(20_000, 10, 25)), Of(SampleMoments.FromVariance(20_000, 10.25, 25))), []);
        var second = ExperimentAnalysis.Analyse(plan, Data(9, Of(SampleMoments.FromVariance(22_000, 10, 25)), Of(SampleMoments.FromVariance(22_000, 10.1, 25))), [first.Record!]);
        Assert.Equal(DecisionState.Ship, first.Decision.State);
        Assert.Equal(Only(first).PValue, Only(second).PValue);
        Assert.True(Only(second).Absolute.Lower >= Only(first).Absolute.Lower && Only(second).Absolute.Upper <= Only(first).Absolute.Upper);
        Assert.Equal(DecisionState.Ship, second.Decision.State);
    }

    [Fact]
    public void Covariates_take_variance_away_and_the_plain_result_stays_beside()
    {
        // y = x + noise, so that half of the variance is explained.
        static MetricSample Arm(double effect) => new() { Moments = new JointMoments(4000, [10 + effect, 10], [4000 * 8, 4000 * 4, 4000 * 4, 4000 * 4]) };
        var comparison = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)), Data(14, Arm(0), Arm(0.1)), []));
        Assert.Equal("cuped", comparison.Test);
        Assert.InRange(comparison.VarianceReduction!.Value, 0.49, 0.51);
        Assert.True(comparison.Unadjusted!.StandardError > comparison.StandardError);
        var plain = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)) with { Cuped = false }, Data(14, Arm(0), Arm(0.1)), []));
        Assert.Equal(("welch", null), (plain.Test, plain.Unadjusted));
    }

    [Fact]
    public void Arms_that_differed_before_are_told()
    {
        static MetricSample Arm(double before) => new() { Moments = new JointMoments(4000, [10, before], [4000 * 8, 4000 * 4, 4000 * 4, 4000 * 4]) };
        var comparison = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)), Data(14, Arm(10), Arm(10.3)), []));
        Assert.Contains(WarningCode.PrePeriodImbalance, comparison.Warnings);
    }

    [Fact]
    public void A_ratio_with_covariates_is_the_mean_of_its_linear_form()
    {
        var random = new Togglr.Statistics.Numerics.RandomSource(5);
        var rows = Enumerable.Range(0, 3000).Select(_ =>
        {
            var views = 1 + random.Poisson(4);
            return (IReadOnlyList<double>)[random.Binomial(views, 0.3), views];
        }).ToList();
        var ratio = new MetricSample { Moments = JointMoments.Of(rows) };
        var direct = Welch.Difference(RatioMetric.Estimate(ratio.Moments)!.Value, RatioMetric.Estimate(ratio.Moments)!.Value);
        var comparison = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Ratio)), Data(14, ratio, ratio), []));
        Assert.Equal("delta", comparison.Test);
        Assert.Equal(direct.StandardError, comparison.StandardError!.Value, 12);
        var covariate = new MetricSample { Moments = JointMoments.Of([.. rows.Select(row => (IReadOnlyList<double>)[row[0], row[1], row[0]])]) };
        var adjusted = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Ratio)), Data(14, covariate, covariate), []));
        Assert.Equal("cupedDelta", adjusted.Test);
        Assert.True(adjusted.StandardError < comparison.StandardError);
    }

    [Fact]
    public void Many_comparisons_are_one_family()
    {
        var plan = new AnalysisPlan
        {
            Control = "control",
            Variants = [new("control", 1), new("a", 1), new("b", 1)],
            Metrics = [new PlannedMetric("m", MetricForm.Proportion)],
        };
        Dictionary<string, MetricSample> Metrics(long successes) => new(StringComparer.Ordinal) { ["m"] = Shares(5000, successes) };
        var data = new ExperimentData { Days = 14, Variants = [new("control", 5000, Metrics(500)), new("a", 5000, Metrics(563)), new("b", 5000, Metrics(510))] };
        var comparisons = Assert.Single(ExperimentAnalysis.Analyse(plan, data, []).Metrics).Comparisons;
        Assert.InRange(comparisons[0].PValue!.Value, 0.025, 0.05);
        Assert.Equal(2 * comparisons[0].PValue, comparisons[0].AdjustedPValue);
        Assert.All(comparisons, comparison => Assert.Equal(("holm", false), (comparison.Correction, comparison.IsSignificant)));
    }

    [Fact]
    public void Effects_that_differ_between_countries_are_told_and_splits_checked()
    {
        static DimensionData Country(string value, long control, long treatment, long treated = 5000) => new("country", value,
        [
            new VariantData("control", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, control) }),
            new VariantData("treatment", treated, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(treated, treatment) }),
        ]);
        var data = Data(14, Shares(15_000, 1500), Shares(14_400, 1500)) with { Dimensions = [Country("DE", 500, 650), Country("FR", 500, 400), Country("US", 500, 440, 4400)] };
        var result = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Proportion)), data, []);
        Assert.True(Assert.Single(result.Heterogeneity).PValue < 1e-6);
        Assert.Equal(3, result.Dimensions.Count);
        Assert.Equal([false, false, true], result.Health.Dimensions.Select(split => split.Alert));
        HasOnlyNumbers(result);
    }

    [Fact]
    public void Strata_take_away_what_an_uneven_mix_of_countries_does()
    {
        static DimensionData Country(string value, long control, double controlMean, long treatment, double treatmentMean) => new("country", value,
        [
            new VariantData("control", control, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Normal(control, controlMean) }),
            new VariantData("treatment", treatment, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Normal(treatment, treatmentMean) }),
        ]);
        static MetricSample Normal(long units, double mean) => new() { Moments = new JointMoments(units, [mean], [units - 1.0]) };
        static MetricSample Both(MetricSample a, MetricSample b) => new() { Moments = a.Moments!.Merge(b.Moments!) };
        // Within each country the treatment is better by 0.5; by chance it has more people of the poorer one.
        DimensionData[] countries = [Country("DE", 520, 20, 480, 20.5), Country("FR", 480, 10, 520, 10.5), Country("IT", 1, 99, 1, 99)];
        MetricSample Whole(int arm) => Both(countries[0].Variants[arm].Metrics["m"], countries[1].Variants[arm].Metrics["m"]);
        var data = Data(14, Whole(0), Whole(1)) with { Dimensions = countries };
        var plain = Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)), data, []));
        var stratified = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)) with { StratifyBy = "country" }, data, []);
        var comparison = Only(stratified);
        Assert.False(plain.IsSignificant);
        Assert.Equal(("stratified", true), (comparison.Test, comparison.IsSignificant));
        Assert.Equal(0.5, comparison.Absolute.Estimate!.Value, 9);
        Assert.Equal(plain.Absolute.Estimate!.Value, comparison.Unadjusted!.Estimate, 12);
        Assert.True(comparison.VarianceReduction > 0.9 && comparison.Relative.Lower > 0 && comparison.Absolute.Lower > 0);
        Assert.Contains(WarningCode.StrataTooSmall, comparison.Warnings);
        HasOnlyNumbers(stratified);
        // Nothing to weigh: as if there were no strata.
        Assert.Equal("welch", Only(ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)) with { StratifyBy = "device" }, data, [])).Test);
    }

    [Fact]
    public void Beliefs_come_with_a_warning()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion)) with { Method = AnalysisMethod.Bayesian, LookDays = [] };
        var result = ExperimentAnalysis.Analyse(plan, Data(8, Shares(1000, 100), Shares(1000, 120)), []);
        Assert.Contains(WarningCode.BayesianPeeking, result.Warnings);
        Assert.Equal(0.9231834389735646, Only(result).Bayesian!.ChanceToWin, 7);
        Assert.Equal(DecisionState.KeepRunning, result.Decision.State);
        var lower = Only(ExperimentAnalysis.Analyse(plan with { Metrics = [new PlannedMetric("m", MetricForm.Proportion, Direction: MetricDirection.Decrease)] }, Data(8, Shares(1000, 100), Shares(1000, 120)), []));
        Assert.Equal(1 - 0.9231834389735646, lower.Bayesian!.ChanceToWin, 7);
        Assert.Equal(0.020444693766675785, lower.Bayesian.ExpectedLoss, 9);
    }

    [Fact]
    public void Both_views_are_there_at_a_look_and_only_the_planned_one_decides()
    {
        // Believed at 97.9 %, and not significant at 0.01: what decides depends on the plan alone.
        var data = Data(14, Shares(1000, 100), Shares(1000, 129));
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion)) with { BothViews = true };
        var tested = ExperimentAnalysis.Analyse(plan with { Alpha = 0.01 }, data, []);
        Assert.Equal((AnalysisMethod.Fixed, AnalysisMethod.Bayesian), (tested.Method, tested.OtherMethod));
        Assert.Equal(DecisionState.RollBack, tested.Decision.State);
        var believed = ExperimentAnalysis.Analyse(plan with { Method = AnalysisMethod.Bayesian, LookDays = [] }, data, []);
        Assert.Equal((AnalysisMethod.Bayesian, AnalysisMethod.AlwaysValid), (believed.Method, believed.OtherMethod));
        Assert.Equal((DecisionState.Ship, false), (believed.Decision.State, Only(believed).IsSignificant));
        // Without a prior of the plan both are the same belief, at another level.
        Assert.Equal(Only(believed).Bayesian!.ChanceToWin, Only(tested).Bayesian!.ChanceToWin);
        Assert.Equal(Only(believed).Bayesian!.ExpectedLoss, Only(tested).Bayesian!.ExpectedLoss);
        Assert.True(Only(tested).Bayesian!.Lower < Only(believed).Bayesian!.Lower);
        HasOnlyNumbers(tested);
        HasOnlyNumbers(believed);
        // Between looks there is neither.
        Assert.Null(Only(ExperimentAnalysis.Analyse(plan, data with { Days = 13 }, [])).Bayesian);
    }

    [Fact]
    public void The_test_beside_beliefs_may_be_looked_at_any_time()
    {
        var data = Data(8, Shares(1000, 100), Shares(1000, 129));
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion)) with { LookDays = [], BothViews = true };
        var believed = Only(ExperimentAnalysis.Analyse(plan with { Method = AnalysisMethod.Bayesian }, data, []));
        var always = Only(ExperimentAnalysis.Analyse(plan with { Method = AnalysisMethod.AlwaysValid }, data, []));
        Assert.Equal((always.PValue, always.Absolute, always.Relative), (believed.PValue, believed.Absolute, believed.Relative));
        Assert.True(believed.PValue > 2 * ChiSquareTest.Independence([100, 129], [1000, 1000])!.PValue);
    }

    [Fact]
    public void A_belief_can_be_drawn()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion), new PlannedMetric("n", MetricForm.Mean)) with { Method = AnalysisMethod.Bayesian, LookDays = [], BothViews = true };
        var (control, treatment) = (Shares(1000, 100), Shares(1000, 120));
        var data = Data(8, control, treatment);
        data = data with { Variants = [.. data.Variants.Select(variant => variant with { Metrics = new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = variant.Metrics["m"], ["n"] = variant.Metrics["m"] } })] };
        foreach (var metric in ExperimentAnalysis.Analyse(plan, data, []).Metrics)
        {
            var belief = Assert.Single(metric.Comparisons).Bayesian!;
            var (from, to, heights) = belief.Density!;
            Assert.Equal(1, heights.Max());
            Assert.True(from < belief.Lower && belief.Lower < belief.Median && belief.Median < belief.Upper && belief.Upper < to);
            // What lies above zero is the chance to win, half of it above the median, and hardly anything outside of the picture.
            double Above(double x) => heights.Select((height, i) => from + (to - from) * i / (heights.Count - 1) > x ? height : 0).Sum() / heights.Sum();
            Assert.Equal(belief.ChanceToWin, Above(0), 0.03);
            Assert.Equal(0.5, Above(belief.Median!.Value), 0.05);
            Assert.True(heights[0] < 0.01 && heights[^1] < 0.01);
        }
    }

    [Fact]
    public void A_prior_draws_beliefs_towards_itself_and_needs_a_control()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Mean)) with { Method = AnalysisMethod.Bayesian, LookDays = [], Prior = new(0, 0.0025) };
        var belief = Only(ExperimentAnalysis.Analyse(plan, Data(8, Shares(1000, 100), Shares(1000, 130)), [])).Bayesian!;
        Assert.True(belief.Median is > 0 and < 0.15);
        // Nobody in the control did anything: no lift, so no belief about it, and no number that is none.
        var empty = ExperimentAnalysis.Analyse(plan, Data(8, Shares(1000, 0), Shares(1000, 30)), []);
        Assert.Null(Only(empty).Bayesian);
        Assert.Contains(WarningCode.RelativeUnbounded, Only(empty).Warnings);
        Assert.Equal(DecisionState.KeepRunning, empty.Decision.State);
        HasOnlyNumbers(empty);
        // Without successes anywhere, and with hardly any, beliefs of shares are wide and drawn all the same.
        HasOnlyNumbers(ExperimentAnalysis.Analyse(plan with { Prior = null, Metrics = [new("m", MetricForm.Proportion)] }, Data(8, Shares(1000, 0), Shares(1000, 2)), []));
    }

    [Fact]
    public void One_huge_value_is_told()
    {
        var moments = SampleMoments.Of(Enumerable.Range(0, 999).Select(i => (double)(i % 10)).Append(1e12));
        var treatment = Of(moments) with { Extreme = 1e12 };
        var result = ExperimentAnalysis.Analyse(Plan(new PlannedMetric("m", MetricForm.Mean)), Data(14, Of(SampleMoments.FromVariance(1000, 4.5, 8)), treatment), []);
        Assert.Contains(WarningCode.DominatedByOneUnit, Only(result).Warnings);
        Assert.NotEqual(DecisionState.Ship, result.Decision.State);
        HasOnlyNumbers(result);
    }

    /// <summary>What passed at a look before says nothing of numbers that came since and cannot be computed with.</summary>
    [Fact]
    public void Numbers_beyond_all_bounds_take_a_verdict_back()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion), new PlannedMetric("latency", MetricForm.Mean, MetricRole.Guardrail, MetricDirection.Decrease, Margin: 0.02)) with
        {
            Method = AnalysisMethod.AlwaysValid,
            LookDays = [],
        };
        ExperimentData With(SampleMoments latency) => new()
        {
            Days = 14,
            Variants =
            [
                new VariantData("control", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 500), ["latency"] = Of(SampleMoments.FromVariance(5000, 220, 6400)) }),
                new VariantData("treatment", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 700), ["latency"] = Of(latency) }),
            ],
        };
        var good = ExperimentAnalysis.Analyse(plan, With(SampleMoments.FromVariance(5000, 200, 6400)), []);
        Assert.Equal(DecisionState.Ship, good.Decision.State);
        // One unit of 1e100; and what squares of it no double can hold.
        var huge = ExperimentAnalysis.Analyse(plan, With(SampleMoments.FromVariance(5000, 2e96, 2e196)), [good.Record!]);
        Assert.Equal(220, huge.Metrics[1].ControlValue!.Value, 1e-9);
        var none = ExperimentAnalysis.Analyse(plan, With(SampleMoments.FromVariance(5000, 1e154, double.MaxValue)), [good.Record!]);
        Assert.Contains(WarningCode.InvalidInput, none.Metrics[1].Comparisons[0].Warnings);
        foreach (var bad in (AnalysisResult[])[huge, none])
        {
            Assert.NotEqual(GuardrailVerdict.Passes, bad.Metrics[1].Comparisons[0].Guardrail?.Verdict);
            Assert.Equal((DecisionState.KeepRunning, true), (bad.Decision.State, bad.Decision.Reasons.Contains(ReasonCode.GuardrailInconclusive)));
            HasOnlyNumbers(bad);
        }
    }

    /// <summary>Evidence that latency fell is none that it rose, however the estimate has moved since.</summary>
    [Fact]
    public void A_guardrail_that_was_better_does_not_fail_because_its_estimate_changed_sides()
    {
        var plan = Plan(new PlannedMetric("m", MetricForm.Proportion), new PlannedMetric("latency", MetricForm.Mean, MetricRole.Guardrail, MetricDirection.Decrease)) with
        {
            Method = AnalysisMethod.AlwaysValid,
            LookDays = [],
        };
        GuardrailVerdict Verdict(double latency, params LookRecord[] looks) => Analysed(latency, looks).Metrics[1].Comparisons[0].Guardrail!.Verdict;
        AnalysisResult Analysed(double latency, params LookRecord[] looks) => ExperimentAnalysis.Analyse(plan, new ExperimentData
        {
            Days = 14,
            Variants =
            [
                new VariantData("control", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 500), ["latency"] = Of(SampleMoments.FromVariance(5000, 220, 6400)) }),
                new VariantData("treatment", 5000, new Dictionary<string, MetricSample>(StringComparer.Ordinal) { ["m"] = Shares(5000, 700), ["latency"] = Of(SampleMoments.FromVariance(5000, latency, 6400)) }),
            ],
        }, looks);
        Assert.Equal(GuardrailVerdict.Passes, Verdict(221, Analysed(200).Record!));
        Assert.Equal(GuardrailVerdict.Fails, Verdict(240, Analysed(200).Record!));
        Assert.Equal(GuardrailVerdict.Fails, Verdict(221, Analysed(240).Record!));
    }

    public static TheoryData<MetricForm, double, double, double, string> Bad => new()
    {
        { MetricForm.Mean, double.NaN, 1, 100, WarningCode.InvalidInput },
        { MetricForm.Mean, double.PositiveInfinity, 1, 100, WarningCode.InvalidInput },
        { MetricForm.Mean, 1, double.NaN, 100, WarningCode.InvalidInput },
        { MetricForm.Mean, 1, -500, 100, WarningCode.InvalidInput },
        { MetricForm.Mean, 1, 1, -100, WarningCode.InvalidInput },
        { MetricForm.Mean, 1, 1, 0, WarningCode.TooFewUnits },
        { MetricForm.Mean, 1, 0, 1, WarningCode.TooFewUnits },
        { MetricForm.Mean, 0, 0, 100, WarningCode.NoVariance },
        { MetricForm.Mean, 1, double.PositiveInfinity, 100, WarningCode.InvalidInput },
        { MetricForm.Proportion, 0.123456, 10, 100, WarningCode.InvalidInput },
        { MetricForm.Proportion, 7, 10, 100, WarningCode.InvalidInput },
        { MetricForm.Proportion, 0, 0, 100, WarningCode.NoVariance },
        { MetricForm.Proportion, 1, 0, 100, WarningCode.NoVariance },
        { MetricForm.Ratio, 1, 1, 100, WarningCode.InvalidInput },
        { MetricForm.Quantile, 1, 1, 100, WarningCode.TooFewUnits },
    };

    [Theory]
    [MemberData(nameof(Bad))]
    public void Bad_numbers_give_a_warning_and_no_verdict(MetricForm form, double mean, double m2, double count, string warning)
    {
        var bad = new MetricSample { Moments = new JointMoments((long)count, [mean], [m2]) };
        foreach (var method in Enum.GetValues<AnalysisMethod>())
        {
            var plan = Plan(new PlannedMetric("m", form)) with { Method = method };
            var result = ExperimentAnalysis.Analyse(plan, Data(14, bad, bad), []);
            Assert.Contains(warning, Only(result).Warnings);
            Assert.Null(Only(result).PValue);
            Assert.NotEqual(DecisionState.Ship, result.Decision.State);
            HasOnlyNumbers(result);
        }
    }

    [Fact]
    public void An_experiment_without_arms_traffic_or_weight_says_so()
    {
        var metric = new PlannedMetric("m", MetricForm.Proportion);
        foreach (var variants in new PlannedVariant[][] { [], [new("control", 1)], [new("control", 0), new("treatment", 0)], s_halves, [new("control", double.NaN), new("treatment", 1)] })
        {
            var plan = new AnalysisPlan { Control = "control", Variants = variants, Metrics = [metric] };
            var result = ExperimentAnalysis.Analyse(plan, new ExperimentData { Days = double.NaN, Variants = [] }, []);
            Assert.Equal(DecisionState.KeepRunning, result.Decision.State);
            Assert.Contains(ReasonCode.NoData, result.Decision.Reasons);
            HasOnlyNumbers(result);
        }
        var weightless = new AnalysisPlan { Control = "control", Variants = [new("control", 1), new("treatment", 0)], Metrics = [metric] };
        Assert.Contains(WarningCode.UnitsWithoutWeight, ExperimentAnalysis.Analyse(weightless, Data(14, Shares(100, 10), Shares(100, 10)), []).Warnings);
        var strange = Data(14, Shares(100, 10), Shares(100, 10));
        Assert.Contains(WarningCode.UnknownVariant, ExperimentAnalysis.Analyse(
            Plan(metric), strange with { Variants = [.. strange.Variants, new VariantData("other", 5, new Dictionary<string, MetricSample>(StringComparer.Ordinal))] }, []).Warnings);
        Assert.Contains(ReasonCode.NoPrimaryMetric, ExperimentAnalysis.Analyse(Plan(), strange, []).Decision.Reasons);
    }
}
