using System.Text.Json;
using Npgsql;
using NpgsqlTypes;
using Togglr.Statistics.Analysis;

namespace Togglr.Analytics;

/// <summary>Results as they were computed.</summary>
internal static class ResultStore
{
    /// <summary>The looks of a phase, the oldest first.</summary>
    public static async Task<IReadOnlyList<LookRecord>> LooksAsync(NpgsqlConnection connection, AnalysedExperiment experiment, CancellationToken cancel)
    {
        // Where any analysis is a look, only the last one matters.
        await using var command = new NpgsqlCommand(
            "SELECT record::text FROM (SELECT look, record FROM experiments_snapshot WHERE experiment_id = $1 AND phase = $2 AND look IS NOT NULL ORDER BY look DESC LIMIT $3) AS l ORDER BY look", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Phase });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Plan.HasLooks ? Store.ExperimentPlan.MaximumLooks : 1 });
        var looks = new List<LookRecord>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            looks.Add(JsonSerializer.Deserialize<LookRecord>(reader.GetString(0), AnalysisJson.Options)!);
        return looks;
    }

    /// <summary>Keeps a result. Planned looks stay for good; of everything else the newest of every hour does.</summary>
    public static async Task AddAsync(NpgsqlConnection connection, AnalysedExperiment experiment, AnalysisResult result, DateTimeOffset at, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            WITH gone AS (DELETE FROM experiments_snapshot WHERE experiment_id = $2 AND phase = $3 AND (look IS NULL OR NOT $8) AND at >= date_trunc('hour', $4) AND at < $4)
            INSERT INTO experiments_snapshot (id, experiment_id, phase, at, look, record, result) VALUES ($1, $2, $3, $4, $5, $6, $7)
            """, connection);
        var record = result.Record;
        command.Parameters.Add(new NpgsqlParameter { Value = Guid.CreateVersion7(at) });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Phase });
        command.Parameters.Add(new NpgsqlParameter { Value = at });
        command.Parameters.Add(new NpgsqlParameter { Value = record is null ? DBNull.Value : record.Number, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = record is null ? DBNull.Value : JsonSerializer.Serialize(record, AnalysisJson.Options), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new NpgsqlParameter { Value = JsonSerializer.Serialize(result, AnalysisJson.Options), NpgsqlDbType = NpgsqlDbType.Json });
        command.Parameters.Add(new NpgsqlParameter { Value = experiment.Plan.HasLooks });
        await command.ExecuteNonQueryAsync(cancel);
    }
}
