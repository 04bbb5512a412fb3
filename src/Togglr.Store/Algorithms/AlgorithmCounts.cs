namespace Togglr.Store;

/// <summary>
/// The table of what algorithms have counted, by period, group, cell and arm, as SQL: what is counted when events are sorted in, what is counted when windows are over and what is folded later meet in the same rows.
/// </summary>
public static class AlgorithmCounts
{
    /// <summary>Where the periods by which outcomes are added up begin.</summary>
    public const string Origin = "timestamptz '2000-01-01T00:00:00Z'";

    /// <summary>Inverse shares beyond this are cut for the estimate with little variance, wherever outcomes are counted.</summary>
    public const int Clip = 10;

    private const string Key = "algorithm_id, generation, at, held_out, cell, variant";

    private static readonly string[] Sums =
    [
        "exposures", "outcomes", "successes", "failures", "errors", "reward", "reward_squares", "weighted", "weights", "weight_squares", "weighted_reward", "weighted_squares", "clipped_reward",
    ];

    /// <summary>The beginning of a statement that adds rows; a query with the key, the sums in this order and the batch follows: <c>algorithm_id, generation, at, held_out, cell, variant, exposures, outcomes,
    /// successes, failures, errors, reward, reward_squares, weighted, weights, weight_squares, weighted_reward, weighted_squares, clipped_reward, batch</c>.</summary>
    public static string Insert { get; } = $"INSERT INTO algorithm_counts AS c ({Key}, {string.Join(", ", Sums)}, batch)";

    /// <summary>The end of that statement: what is there already grows by what is added.</summary>
    public static string AddUp { get; } = $"ON CONFLICT ({Key}) DO UPDATE SET {string.Join(", ", Sums.Select(sum => $"{sum} = c.{sum} + excluded.{sum}"))}, batch = greatest(c.batch, excluded.batch)";

    /// <summary>The sums of several rows, in the order of <see cref="Insert"/>.</summary>
    public static string Totals { get; } = string.Join(", ", Sums.Select(sum => $"sum({sum})"));
}
