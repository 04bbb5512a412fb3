using System.Text.Json;
using Togglr.Conformance.Statistics;

namespace Togglr.UnitTests.Statistics;

public sealed class StatisticsVectorTests
{
    private static string Directory => Path.Combine(RepositoryRoot.Path, "spec", "statistics");

    [Fact]
    public void Every_vector_passes_the_simulated_ones_within_their_bands()
    {
        var verdicts = StatisticsVectors.Run(Directory).ToList();
        Assert.Equal(349, verdicts.Count);
        Assert.DoesNotContain(verdicts, verdict => verdict.Problem is not null);
    }

    [Fact]
    public void A_wrong_expectation_is_reported()
    {
        using var vector = JsonDocument.Parse("""{"id":"x","method":"normal_sf","inputs":{"args":[1]},"expected":{"value":0.1586552},"tolerance":{"rel":1e-10,"abs":0}}""");
        Assert.Contains("value should be 0.1586552", StatisticsVectors.Check(vector.RootElement), StringComparison.Ordinal);
    }

    [Fact]
    public void An_expected_field_that_is_not_computed_is_reported()
    {
        using var vector = JsonDocument.Parse("""{"id":"x","method":"normal_sf","inputs":{"args":[0]},"expected":{"value":0.5,"error":0},"tolerance":{"rel":1e-10,"abs":0}}""");
        Assert.Equal("error is missing", StatisticsVectors.Check(vector.RootElement));
    }

    [Fact]
    public void A_method_that_is_not_known_fails()
    {
        using var vector = JsonDocument.Parse("""{"id":"x","method":"crystal_ball","inputs":{},"expected":{},"tolerance":{"rel":0,"abs":0}}""");
        Assert.Equal("the method crystal_ball is not known", StatisticsVectors.Check(vector.RootElement));
    }

    [Fact]
    public void A_rate_outside_its_band_is_reported()
    {
        using var vector = JsonDocument.Parse(
            """{"id":"x","method":"aa_many_metrics_uncorrected","kind":"statistical","inputs":{"metrics":10,"alpha":0.05},"expected":{"rate":0.05,"accept_rate_n2000":[0.03,0.07]},"tolerance":{"rel":0,"abs":0}}""");
        Assert.StartsWith("aa_many_metrics_uncorrected is 0.4", StatisticsVectors.Check(vector.RootElement), StringComparison.Ordinal);
    }
}
