using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Bandits;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Algorithms with what was counted for them, of all organizations: the manager serves nobody in particular.</summary>
internal sealed class BanditStore(TogglrDatabase database)
{
    /// <summary>Every algorithm of a flag that is not archived.</summary>
    public async Task<IReadOnlyList<LiveBandit>> ReadAsync(CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT a.id, a.organization_id, a.project_id, a.flag_key, a.environment_key, a.kind, a.arms, a.settings::text, a.reward::text, a.context::text, a.interval_seconds, a.paused, a.generation, a.version,
                w.number, w.learned, w.weights::text, coalesce((SELECT max(batch) FROM algorithm_counts c WHERE c.algorithm_id = a.id AND c.generation = a.generation), 0),
                s.version, s.number, s.batch, s.at, a.environment_id, a.metric::text
            FROM flag_algorithms a JOIN algorithm_weights w ON w.algorithm_id = a.id JOIN flags f ON f.id = a.flag_id LEFT JOIN algorithm_states s ON s.algorithm_id = a.id
            WHERE f.archived_at IS NULL ORDER BY a.id
            """);
        var found = new List<LiveBandit>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            found.Add(new LiveBandit
            {
                Id = reader.GetGuid(0), OrganizationId = reader.GetGuid(1), ProjectId = reader.GetGuid(2), EnvironmentId = reader.GetGuid(22), Flag = reader.GetString(3), Environment = reader.GetString(4),
                Design = LiveBandit.ReadDesign(
                    Enum.Parse<AlgorithmKind>(reader.GetString(5), ignoreCase: true), reader.GetFieldValue<string[]>(6), reader.GetString(7), reader.GetString(8), reader.GetString(9), reader.GetInt32(10), reader.GetBoolean(11)),
                Generation = reader.GetInt32(12), Version = reader.GetInt32(13), Number = reader.GetInt64(14), Learned = reader.GetBoolean(15), Table = LiveBandit.Read<WeightTable>(reader.GetString(16)),
                Metric = await reader.IsDBNullAsync(23, cancel) ? null : LiveBandit.Read<MetricDefinition>(reader.GetString(23)), Batch = reader.GetInt64(17),
                Computed = await reader.IsDBNullAsync(18, cancel) ? null : (reader.GetInt32(18), reader.GetInt64(19), reader.GetInt64(20), reader.GetFieldValue<DateTimeOffset>(21)),
            });
        }
        return found;
    }

    /// <summary>What was counted, by context. Old outcomes are discounted by the age of their period.</summary>
    public async Task<IReadOnlyList<LedgerCell>> CountsAsync(LiveBandit bandit, DateTimeOffset now, CancellationToken cancel)
    {
        var design = bandit.Design;
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT cell, variant, held_out, sum(exposures)::bigint, sum(outcomes)::bigint, sum(successes)::bigint, sum(failures)::bigint, sum(errors)::bigint, sum(reward), sum(reward_squares),
                sum(outcomes * d), sum(reward * d), sum(reward_squares * d), sum(weighted)::bigint, sum(weights), sum(weight_squares), sum(weighted_reward), sum(weighted_squares), sum(clipped_reward)
            FROM (SELECT *, exp(greatest(-600, $3 * greatest(0, floor(extract(epoch FROM $4 - at) / $5)))::float8) AS d FROM algorithm_counts WHERE algorithm_id = $1 AND generation = $2) c
            GROUP BY cell, variant, held_out
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Generation });
        command.Parameters.Add(new NpgsqlParameter { Value = Math.Log(design.Settings[AlgorithmSettings.Discount]), NpgsqlDbType = NpgsqlDbType.Double });
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = design.Settings[AlgorithmSettings.DiscountMinutes] * 60, NpgsqlDbType = NpgsqlDbType.Double });
        var counted = new Dictionary<(string Cell, string Variant), ArmLedger>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var totals = new ArmTotals(reader.GetInt64(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7), reader.GetDouble(8), reader.GetDouble(9));
            var learned = new ArmStatistics(reader.GetDouble(10), reader.GetDouble(11), reader.GetDouble(11), reader.GetDouble(12));
            var weighted = new WeightedSums(reader.GetInt64(13), reader.GetDouble(14), reader.GetDouble(15), reader.GetDouble(16), reader.GetDouble(17), reader.GetDouble(18));
            var (served, heldOut) = reader.GetBoolean(2) ? (default(ArmTotals), totals) : (totals, default);
            var key = (reader.GetString(0), reader.GetString(1));
            counted[key] = counted.TryGetValue(key, out var other)
                ? new ArmLedger(other.Served.Plus(served), other.HeldOut.Plus(heldOut), other.Learned.Plus(learned), other.Weighted.Plus(weighted))
                : new ArmLedger(served, heldOut, learned, weighted);
        }
        return [.. AlgorithmCells.All(design.Context).Select(cell => new LedgerCell(
            cell, AlgorithmCells.Describe(design.Context, cell), AlgorithmCells.Features(design.Context, cell),
            [.. design.Arms.Select(arm => counted.GetValueOrDefault((cell, arm)) ?? new ArmLedger(default, default, default, default))]))];
    }

    /// <summary>Keeps what was computed.</summary>
    public async Task WriteAsync(LiveBandit bandit, BanditState state, long number, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            INSERT INTO algorithm_states (algorithm_id, version, number, batch, at, state) SELECT id, $2, $3, $4, $5, $6 FROM flag_algorithms WHERE id = $1
            ON CONFLICT (algorithm_id) DO UPDATE SET version = $2, number = $3, batch = $4, at = $5, state = $6
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Version });
        command.Parameters.Add(new NpgsqlParameter { Value = number });
        command.Parameters.Add(new NpgsqlParameter { Value = bandit.Batch });
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(state, AnalysisJson.Options), NpgsqlDbType = NpgsqlDbType.Json });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
