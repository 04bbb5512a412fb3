using Togglr.Statistics.Analysis;

namespace Togglr.UnitTests.Statistics;

/// <summary>The statistics know nothing of entities; where both have a word, the values are the same, and the API describes them once.</summary>
public sealed class SharedWordsTests
{
    [Fact]
    public void Statistics_and_entities_use_the_same_words()
    {
        Assert.Equal(Enum.GetNames<Togglr.Store.AnalysisMethod>(), Enum.GetNames<AnalysisMethod>());
        Assert.Equal(Enum.GetNames<Togglr.Store.MetricRole>(), Enum.GetNames<MetricRole>());
        Assert.Equal(Enum.GetNames<Togglr.Store.MetricDirection>(), Enum.GetNames<Togglr.Statistics.Comparisons.MetricDirection>());
    }
}
