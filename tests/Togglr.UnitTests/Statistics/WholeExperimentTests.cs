using Togglr.Conformance.Statistics;
using Togglr.Statistics.Analysis;

namespace Togglr.UnitTests.Statistics;

/// <summary>Simulated experiments with fixed seeds; bench/results/statistics.md has the larger ones.</summary>
public sealed class WholeExperimentTests
{
    [Theory]
    [InlineData(AnalysisMethod.Fixed, 300)]
    [InlineData(AnalysisMethod.Pocock, 300)]
    [InlineData(AnalysisMethod.ObrienFleming, 300)]
    [InlineData(AnalysisMethod.LanDeMets, 120)]
    [InlineData(AnalysisMethod.AlwaysValid, 300)]
    public void Ten_looks_without_an_effect_ship_in_at_most_a_twentieth(AnalysisMethod method, int experiments)
    {
        var outcomes = WholeExperiments.Run(method, lift: 0, experiments, seed: 7);
        Assert.InRange(outcomes.Shipped, 0, 0.05);
        Assert.InRange(outcomes.Unhealthy, 0, 0.03);
    }

    [Theory]
    [InlineData(AnalysisMethod.Pocock)]
    [InlineData(AnalysisMethod.ObrienFleming)]
    [InlineData(AnalysisMethod.LanDeMets)]
    public void A_real_effect_is_shipped(AnalysisMethod method)
    {
        var outcomes = WholeExperiments.Run(method, lift: 0.15, experiments: 100, seed: 8);
        Assert.InRange(outcomes.Shipped, 0.8, 1);
    }

    [Fact]
    public void A_real_loss_is_rolled_back()
    {
        var outcomes = WholeExperiments.Run(AnalysisMethod.ObrienFleming, lift: -0.2, experiments: 200, seed: 9);
        Assert.InRange(outcomes.RolledBack, 0.95, 1);
        Assert.Equal(0, outcomes.Shipped);
    }
}
