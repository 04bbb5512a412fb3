using Togglr.Statistics.Power;
using Togglr.Statistics.Sequential;

namespace Togglr.UnitTests.Statistics;

public sealed class ExperimentPowerTests
{
    private static readonly PowerGoal s_goal = new();
    private static readonly PowerDesign s_halves = new(50, [50]);

    [Fact]
    public void Two_halves_need_what_the_formula_says()
    {
        var answer = ExperimentPower.Units(new PowerQuestion(0.1, null, 0.2), s_halves, s_goal)!;
        Assert.Equal((3839, 3839, 7677, 1.0), (answer.Control, answer.Treatment, answer.Total, answer.Inflation));
        Assert.Equal(8, answer.Days(1000));
        Assert.Null(answer.Days(0));
        Assert.Equal(39_245, ExperimentPower.Units(new PowerQuestion(10, 25, 0.05), s_halves, s_goal)!.Control);
    }

    [Fact]
    public void Looks_unequal_weights_and_more_variants_cost_more()
    {
        var question = new PowerQuestion(0.1, null, 0.2);
        var simple = ExperimentPower.Units(question, s_halves, s_goal)!;
        var pocock = ExperimentPower.Units(question, s_halves with { Schedule = ScheduleKind.Pocock, Fractions = [1, 2, 3, 4, 5] }, s_goal)!;
        // Jennison & Turnbull 2000, table 2.2: R_P(5, 0.05, 0.2) = 1.229.
        Assert.Equal(1.229, pocock.Inflation, 3);
        Assert.InRange(pocock.Total / (double)simple.Total, 1.228, 1.230);
        Assert.True(ExperimentPower.Units(question, new PowerDesign(90, [10]), s_goal)!.Total > 2.5 * simple.Total);
        Assert.Equal(1.5, ExperimentPower.Units(question, new PowerDesign(1, [1, 1]), s_goal)!.Total / (double)simple.Total, 3);
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0.3)]
    public void What_can_be_found_is_the_way_back(double? deviation)
    {
        var question = new PowerQuestion(0.1, deviation, 0.13);
        var design = new PowerDesign(2, [1, 1], ScheduleKind.ObrienFleming, [7, 14]);
        var units = ExperimentPower.Units(question, design, s_goal)!;
        Assert.Equal(0.13, ExperimentPower.DetectableEffect(question, design, units.Total, s_goal)!.Value, 4);
    }

    [Fact]
    public void A_question_without_an_answer_has_none()
    {
        foreach (var question in new PowerQuestion[] { new(0, null, 0.1), new(0, 1, 0.1), new(0.6, null, 0.9), new(double.NaN, null, 0.1), new(0.1, 0, 0.1), new(0.1, null, 0), new(0.1, 1, 1e-9), new(0.1, double.NaN, 0.1) })
            Assert.Null(ExperimentPower.Units(question, s_halves, s_goal));
        Assert.Null(ExperimentPower.Units(new PowerQuestion(0.1, null, 0.1), new PowerDesign(0, [1]), s_goal));
        Assert.Null(ExperimentPower.Units(new PowerQuestion(0.1, null, 0.1), new PowerDesign(1, []), s_goal));
        Assert.Null(ExperimentPower.DetectableEffect(new PowerQuestion(0.1, null, 0.1), s_halves, 1, s_goal));
    }
}
