using System.Text.Json;

namespace Togglr.Conformance.Statistics;

/// <summary>Every deterministic method of the vectors: inputs in, the names and values of <c>expected</c> out.</summary>
public static class Methods
{
    /// <summary>By the name of the method.</summary>
    public static IReadOnlyDictionary<string, Func<JsonElement, object>> All { get; } =
        new[] { BasicMethods.All, ComparisonMethods.All, AdjustmentMethods.All, SequentialMethods.All, BayesianMethods.All, PlanningMethods.All, BanditMethods.All }
            .SelectMany(topic => topic)
            .ToDictionary(StringComparer.Ordinal);

    /// <summary>An interval as the vectors write it.</summary>
    internal static double[] Ends(Togglr.Statistics.Interval interval) => [interval.Lower, interval.Upper];
}
