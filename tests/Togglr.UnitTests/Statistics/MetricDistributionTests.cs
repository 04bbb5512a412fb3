using Togglr.Statistics.Analysis;

namespace Togglr.UnitTests.Statistics;

public sealed class MetricDistributionTests
{
    private static MetricDistribution? Of(params (string Variant, double[] Values)[] variants) =>
        MetricDistribution.Of(variants.ToDictionary(pair => pair.Variant, pair => (IReadOnlyList<double>)pair.Values, StringComparer.Ordinal));

    [Fact]
    public void Everybody_is_in_one_bin_or_among_the_zeros()
    {
        double[] control = [.. Enumerable.Range(0, 1000).Select(i => i % 4 == 0 ? i * 0.37 : 0)];
        double[] treatment = [.. control.Select(value => value * 1.1)];
        var distribution = Of(("treatment", treatment), ("control", control))!;
        Assert.Equal(["control", "treatment"], distribution.Variants.Select(variant => variant.Variant));
        Assert.Equal(distribution.Edges.Order().Distinct(), distribution.Edges);
        Assert.False(distribution.IsWhole);
        foreach (var variant in distribution.Variants)
        {
            Assert.Equal(distribution.Edges.Count - 1, variant.Counts.Count);
            Assert.Equal((1000, 751), (variant.Units, variant.Zeros));
            Assert.Equal(variant.Units, variant.Zeros + variant.Counts.Sum());
            Assert.All(variant.Counts, count => Assert.InRange(count, 0, 60));
        }
    }

    [Fact]
    public void Small_whole_numbers_have_a_bin_each()
    {
        var distribution = Of(("a", [0, 1, 1, 2, 5]), ("b", [-1, 3]))!;
        Assert.True(distribution.IsWhole);
        Assert.Equal([-1, 0, 1, 2, 3, 4, 5, 6], distribution.Edges);
        Assert.Equal([0, 0, 2, 1, 0, 0, 1], distribution.Variants[0].Counts);
        Assert.Equal([1, 0, 0, 0, 1, 0, 0], distribution.Variants[1].Counts);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(10_000)]
    public void One_value_far_away_does_not_flatten_the_others(int count)
    {
        double[] values = [.. Enumerable.Range(1, count).Select(i => 10 + 5 * Math.Sin(i)), 1e12];
        var variant = Assert.Single(Of(("a", values))!.Variants);
        Assert.Equal(count + 1, variant.Counts.Sum());
        Assert.True(Of(("a", values))!.Edges[^1] < 1000);
    }

    [Fact]
    public void What_is_no_number_is_left_out()
    {
        Assert.Null(Of());
        Assert.Null(Of(("a", [double.NaN, double.PositiveInfinity])));
        var same = Of(("a", [7.5, 7.5, double.NaN]), ("b", [double.NegativeInfinity]), ("c", [0, 0]))!;
        Assert.Equal(["a", "c"], same.Variants.Select(variant => variant.Variant));
        Assert.Equal([2], same.Variants[0].Counts);
        Assert.Equal([0], same.Variants[1].Counts);
        var zeros = Of(("a", [0, 0, 0]))!;
        Assert.Empty(zeros.Edges);
        Assert.Equal((3, 3), (zeros.Variants[0].Units, zeros.Variants[0].Zeros));
        // The extremes of what a number can be.
        var wide = Of(("a", [double.MaxValue, -double.MaxValue, double.Epsilon, 1, 2]))!;
        Assert.All(wide.Edges, edge => Assert.True(double.IsFinite(edge)));
        Assert.Equal(5, wide.Variants[0].Counts.Sum());
    }
}
