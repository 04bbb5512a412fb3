namespace Togglr.Store;

/// <summary>The periods by which outcomes of algorithms are added up.</summary>
public static class AlgorithmPeriods
{
    /// <summary>Where they all begin, as SQL: what is counted when events are sorted in and what is counted later have to meet in the same rows.</summary>
    public const string Origin = "timestamptz '2000-01-01T00:00:00Z'";
}
