using System.ComponentModel;
using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.ControlPlane.Experiments;

/// <summary>What is known of an experiment.</summary>
/// <param name="State">Where the experiment is.</param>
/// <param name="Phase">The phase that the result is about; data of different phases is never mixed.</param>
/// <param name="At">When it was computed; null: nothing has been computed yet.</param>
/// <param name="Result">Estimates, tests, health and what is recommended; docs/statistics.md tells what each number is.</param>
internal sealed record ExperimentResultsView(ExperimentState State, int Phase, DateTimeOffset? At, AnalysisResult? Result);

/// <summary>The results of an experiment, as the analysis keeps them.</summary>
internal static class ExperimentResults
{
    public static async Task<Results<Ok<ExperimentResultsView>, Problem>> HandleAsync(
        string experiment, Current current, TogglrDbContext db, TogglrDatabase database, CancellationToken cancel,
        [FromQuery(Name = "asOf"), Description("As they were at that time; the newest if absent")] DateTimeOffset? asOf = null,
        [FromQuery(Name = "phase"), Description("Of that phase; the newest that something is known of if absent")] int? phase = null,
        [FromQuery(Name = "look"), Description("As they were at that planned look; between looks there is no test")] int? look = null)
    {
        if (await ExperimentStore.FindAsync(db, current, experiment, cancel) is not { } row)
            return ExperimentStore.NotThere(experiment);
        if (phase is { } asked && (asked < 1 || asked > row.Phase))
            return Problem.NotFound($"The experiment {experiment} has no phase {asked.ToString(CultureInfo.InvariantCulture)}.");
        await using var command = database.DataSource.CreateCommand("SELECT at, phase, result::text FROM experiments_snapshot WHERE experiment_id = $1 AND at <= $2 AND ($3 IS NULL OR phase = $3) AND ($4 IS NULL OR look = $4) ORDER BY phase DESC, at DESC LIMIT 1");
        command.Parameters.Add(new NpgsqlParameter { Value = row.Id });
        command.Parameters.Add(new NpgsqlParameter { Value = (asOf ?? DateTimeOffset.MaxValue).ToUniversalTime(), NpgsqlDbType = NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = phase is { } number ? number : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        command.Parameters.Add(new NpgsqlParameter { Value = look is { } wanted ? wanted : DBNull.Value, NpgsqlDbType = NpgsqlDbType.Integer });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? TypedResults.Ok(new ExperimentResultsView(
                row.State, reader.GetInt32(1), reader.GetFieldValue<DateTimeOffset>(0), JsonSerializer.Deserialize<AnalysisResult>(reader.GetString(2), AnalysisJson.Options)))
            : TypedResults.Ok(new ExperimentResultsView(row.State, phase ?? row.Phase, null, null));
    }
}
