namespace Togglr.Evaluation;

/// <summary>The share with which an algorithm (a bandit) served a variant: what has to be told with an exposure or feedback, so that something can be learned from it.</summary>
public sealed class AlgorithmShare
{
    internal AlgorithmShare(long weightsVersion, double propensity, IReadOnlyList<Contexts.AttributeReference> attributes) =>
        (WeightsVersion, Propensity, Attributes) = (weightsVersion, propensity, attributes);

    /// <summary>The version of the weights; 0 for units that get equal shares for good.</summary>
    public long WeightsVersion { get; }

    /// <summary>The probability of the variant, above 0 and at most 1.</summary>
    public double Propensity { get; }

    /// <summary>The attributes by which the algorithm tells units apart.</summary>
    internal IReadOnlyList<Contexts.AttributeReference> Attributes { get; }
}
