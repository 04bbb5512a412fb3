using System.Text.Json;
using Npgsql;
using Togglr.Store;

namespace Togglr.Analytics;

/// <summary>Reads the experiments that are to be analysed, of all organizations: the worker serves nobody in particular.</summary>
internal sealed class ExperimentReader(TogglrDatabase database)
{
    /// <summary>Events of an experiment that is over may come late for so long.</summary>
    private static readonly TimeSpan Late = TimeSpan.FromHours(25);

    private const string Analysed =
        """
        experiments e JOIN experiment_phases p ON p.experiment_id = e.id
        LEFT JOIN experiment_progress g ON g.experiment_id = e.id AND g.phase = p.number
        WHERE e.state IN ('running', 'paused', 'stopped', 'decided') AND e.metrics IS NOT NULL AND (coalesce(p.ended_at, e.stopped_at, $1) > $2 OR g.closed IS NOT TRUE)
        """;

    /// <summary>The present phase of every experiment that runs or is paused, and all phases that ended a short while ago.</summary>
    public async Task<IReadOnlyList<AnalysedExperiment>> ReadAsync(DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            $"""
            SELECT e.id, e.environment_id, e.key, e.control, e.plan::text, e.metrics::text, p.number, p.variations::text, p.started_at, coalesce(p.ended_at, e.stopped_at), p.pauses::text
            FROM {Analysed} ORDER BY e.id, p.number
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = now - Late });
        var experiments = new List<AnalysedExperiment>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            experiments.Add(new AnalysedExperiment
            {
                Id = reader.GetGuid(0),
                EnvironmentId = reader.GetGuid(1),
                Key = reader.GetString(2),
                Control = reader.GetString(3),
                Plan = Read<ExperimentPlan>(reader.GetString(4)),
                Metrics = Read<List<FrozenMetric>>(reader.GetString(5)),
                Phase = reader.GetInt32(6),
                Variations = Read<List<ExperimentVariation>>(reader.GetString(7)),
                StartedAt = reader.GetFieldValue<DateTimeOffset>(8),
                EndedAt = reader.IsDBNull(9) ? null : reader.GetFieldValue<DateTimeOffset>(9),
                Pauses = Read<List<ExperimentPause>>(reader.GetString(10)),
            });
        }
        return experiments;
    }

    /// <summary>Removes the units of phases that are not analysed any more: those that ended some time ago, and those of experiments that are gone.</summary>
    public async Task ForgetAsync(DateTimeOffset now, CancellationToken cancel)
    {
        // What was removed with its project takes long where there were many units, and need not happen in the request that removed it.
        await using var command = database.DataSource.CreateCommand(
            $"""
            WITH gone AS (DELETE FROM experiment_moments m WHERE NOT EXISTS (SELECT FROM {Analysed} AND e.id = m.experiment_id AND p.number = m.phase) RETURNING experiment_id, phase)
            DELETE FROM experiment_units u USING gone WHERE u.experiment_id = gone.experiment_id AND u.phase = gone.phase
            """);
        command.CommandTimeout = 600;
        command.Parameters.Add(new NpgsqlParameter { Value = now });
        command.Parameters.Add(new NpgsqlParameter { Value = now - Late });
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, ExperimentJson.Options)!;
}
