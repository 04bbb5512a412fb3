using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Messaging.Events;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>
/// Adds exposures and feedback of a batch to what algorithms have counted. It does so in the transaction that takes the events out of the log, and every name of an event passes once, so nothing is counted
/// twice or lost, however many processes accept events and whenever one of them dies.
/// </summary>
internal sealed class AlgorithmLedger
{
    private readonly Dictionary<(CountedAlgorithm Algorithm, long At, bool HeldOut, string Cell, int Arm), CountedOutcomes> _counts = [];
    private readonly List<(CountedAlgorithm Algorithm, Guid Unit, bool IsHeldOut, string Cell, int Arm, double? Share, long At)> _waiting = [];

    /// <summary>A unit was served an arm. Where a metric says what that earned, it waits until that is known.</summary>
    public void AddExposure(CountedAlgorithm algorithm, in RecordedEvent exposure)
    {
        var attributes = algorithm.Context.Count == 0 || exposure.Content.IsEmpty ? default : JsonElement.Parse(exposure.Content);
        if (Find(algorithm, exposure, attributes) is not { } found)
            return;
        found.Counts.Exposures++;
        if (algorithm.Reward.Source == RewardSource.Metric)
            _waiting.Add((algorithm, exposure.Unit, exposure.WeightsVersion == 0, found.Cell, found.Arm, found.Share, exposure.At));
    }

    /// <summary>Somebody told how a variant did.</summary>
    public void AddFeedback(CountedAlgorithm algorithm, in RecordedEvent feedback, FeedbackOutcome outcome)
    {
        var attributes = algorithm.Context.Count > 0 && JsonElement.Parse(feedback.Content).TryGetProperty("context", out var context) ? context : default;
        if (Find(algorithm, feedback, attributes) is not { } found)
            return;
        var counts = found.Counts;
        counts.Successes += outcome == FeedbackOutcome.Success ? 1 : 0;
        counts.Failures += outcome == FeedbackOutcome.Failure ? 1 : 0;
        counts.Errors += outcome == FeedbackOutcome.Error ? 1 : 0;
        // With a metric, what is told besides is shown and not learned from.
        if (algorithm.Reward.Source == RewardSource.Metric)
            return;
        var success = outcome == FeedbackOutcome.Success ? 1.0 : 0;
        counts.Add(algorithm.Reward.Source == RewardSource.Value ? feedback.Value ?? success : success, found.Share, AlgorithmCounts.Clip);
    }

    /// <summary>Writes what was added.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, long batch, CancellationToken cancel)
    {
        if (_waiting.Count > 0)
            await WriteWaitingAsync(connection, cancel);
        if (_counts.Count == 0)
            return;
        var rows = _counts.ToList();
        await using var command = new NpgsqlCommand(
            $"""
            {AlgorithmCounts.Insert}
            SELECT n.*, $20 FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19) n(algorithm_id)
            WHERE n.algorithm_id IN (SELECT id FROM flag_algorithms WHERE id = ANY ($1) FOR KEY SHARE)
            {AlgorithmCounts.AddUp}
            """, connection);
        Add(command, rows.ConvertAll(static row => row.Key.Algorithm.Id), NpgsqlDbType.Uuid);
        Add(command, rows.ConvertAll(static row => row.Key.Algorithm.Generation), NpgsqlDbType.Integer);
        Add(command, rows.ConvertAll(static row => EventBatch.Time(row.Key.At)), NpgsqlDbType.TimestampTz);
        Add(command, rows.ConvertAll(static row => row.Key.HeldOut), NpgsqlDbType.Boolean);
        Add(command, rows.ConvertAll(static row => row.Key.Cell), NpgsqlDbType.Text);
        Add(command, rows.ConvertAll(static row => row.Key.Algorithm.Arms[row.Key.Arm]), NpgsqlDbType.Text);
        foreach (var count in (ReadOnlySpan<Func<CountedOutcomes, long>>)[static row => row.Exposures, static row => row.Outcomes, static row => row.Successes, static row => row.Failures, static row => row.Errors])
            Add(command, rows.ConvertAll(row => count(row.Value)), NpgsqlDbType.Bigint);
        Add(command, rows.ConvertAll(static row => row.Value.Reward), NpgsqlDbType.Double);
        Add(command, rows.ConvertAll(static row => row.Value.RewardSquares), NpgsqlDbType.Double);
        Add(command, rows.ConvertAll(static row => row.Value.Weighted), NpgsqlDbType.Bigint);
        foreach (var sum in (ReadOnlySpan<Func<CountedOutcomes, double>>)[static row => row.Weights, static row => row.WeightSquares, static row => row.WeightedReward, static row => row.WeightedSquares, static row => row.ClippedReward])
            Add(command, rows.ConvertAll(row => sum(row.Value)), NpgsqlDbType.Double);
        command.Parameters.Add(new NpgsqlParameter { Value = batch });
        await command.ExecuteNonQueryAsync(cancel);
    }

    /// <summary>The first exposure decides; what comes before its window is over is the same decision.</summary>
    private async Task WriteWaitingAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            INSERT INTO algorithm_units (algorithm_id, generation, unit, held_out, cell, variant, share, at, settles_at)
            SELECT DISTINCT ON (n.algorithm_id, n.unit) n.* FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9) n(algorithm_id, generation, unit, held_out, cell, variant, share, at, settles_at)
            WHERE n.algorithm_id IN (SELECT id FROM flag_algorithms WHERE id = ANY ($1) FOR KEY SHARE) ORDER BY n.algorithm_id, n.unit, n.at ON CONFLICT DO NOTHING
            """, connection);
        Add(command, _waiting.ConvertAll(static row => row.Algorithm.Id), NpgsqlDbType.Uuid);
        Add(command, _waiting.ConvertAll(static row => row.Algorithm.Generation), NpgsqlDbType.Integer);
        Add(command, _waiting.ConvertAll(static row => row.Unit), NpgsqlDbType.Uuid);
        Add(command, _waiting.ConvertAll(static row => row.IsHeldOut), NpgsqlDbType.Boolean);
        Add(command, _waiting.ConvertAll(static row => row.Cell), NpgsqlDbType.Text);
        Add(command, _waiting.ConvertAll(static row => row.Algorithm.Arms[row.Arm]), NpgsqlDbType.Text);
        Add(command, _waiting.ConvertAll(static row => row.Share), NpgsqlDbType.Double);
        Add(command, _waiting.ConvertAll(static row => EventBatch.Time(row.At)), NpgsqlDbType.TimestampTz);
        Add(command, _waiting.ConvertAll(static row => EventBatch.Time(row.At).AddMinutes(row.Algorithm.Reward.WindowMinutes)), NpgsqlDbType.TimestampTz);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Add<T>(NpgsqlCommand command, List<T> values, NpgsqlDbType type) => command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | type });

    /// <summary>Where an event counts, and with what share its variant was served; null where it means nothing to the algorithm as it is now.</summary>
    private (CountedOutcomes Counts, double? Share, string Cell, int Arm)? Find(CountedAlgorithm algorithm, in RecordedEvent recorded, JsonElement attributes)
    {
        var arm = algorithm.ArmOf(recorded.Detail);
        if (arm < 0 || algorithm.ServedWith(recorded.WeightsVersion, recorded.At) is not { } served)
            return null;
        var isHeldOut = recorded.WeightsVersion == 0;
        var cell = AlgorithmCells.Of(algorithm.Context, attributes);
        var share = isHeldOut ? served.EqualShare : served.ShareOf(cell, algorithm.Arms[arm]);
        var key = (algorithm, recorded.At - Modulo(recorded.At, algorithm.Period), isHeldOut, cell, arm);
        if (!_counts.TryGetValue(key, out var counts))
            _counts.Add(key, counts = new CountedOutcomes());
        return (counts, share > 0 ? share : null, cell, arm);
    }

    private static long Modulo(long value, long divisor) => ((value % divisor) + divisor) % divisor;
}

/// <summary>What was counted of an arm in a period.</summary>
internal sealed class CountedOutcomes
{
    public long Exposures { get; set; }

    public long Outcomes { get; private set; }

    public long Successes { get; set; }

    public long Failures { get; set; }

    public long Errors { get; set; }

    public double Reward { get; private set; }

    public double RewardSquares { get; private set; }

    public long Weighted { get; private set; }

    public double Weights { get; private set; }

    public double WeightSquares { get; private set; }

    public double WeightedReward { get; private set; }

    public double WeightedSquares { get; private set; }

    public double ClippedReward { get; private set; }

    /// <summary>Adds an outcome.</summary>
    public void Add(double reward, double? share, double clip)
    {
        // What was earned is a number that people send: one of them must not make every sum infinite.
        reward = Math.Clamp(reward, -1e12, 1e12);
        Outcomes++;
        Reward += reward;
        RewardSquares += reward * reward;
        if (share is not { } known)
            return;
        var weight = 1 / known;
        Weighted++;
        Weights += weight;
        WeightSquares += weight * weight;
        WeightedReward += weight * reward;
        WeightedSquares += weight * weight * reward * reward;
        ClippedReward += Math.Min(weight, clip) * reward;
    }
}
