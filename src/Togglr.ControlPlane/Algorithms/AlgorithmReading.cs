using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Statistics.Analysis;
using Togglr.Statistics.Bandits;
using Togglr.Store;

namespace Togglr.ControlPlane.Algorithms;

/// <summary>What algorithms have come to, as the analysis keeps it.</summary>
internal static class AlgorithmReading
{
    private const int Most = 500;
    private const int MostHours = 400 * 24;

    public static async Task<Results<Ok<AlgorithmStateView>, Problem>> GetStateAsync(string flag, Current current, TogglrDbContext db, TogglrDatabase database, CancellationToken cancel)
    {
        if (await AlgorithmEndpoints.FindAsync(flag, current, db, cancel) is not { } row)
            return AlgorithmEndpoints.NotThere(flag);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        var evaluations = new SortedDictionary<string, long>(StringComparer.Ordinal);
        await using (var command = new NpgsqlCommand(
            "SELECT variant, sum(count)::bigint FROM evaluation_counts WHERE flag_id = $1 AND environment_id = $2 AND hour >= date_trunc('hour', $3) AND variant <> '' GROUP BY variant", connection))
        {
            Add(command, row.FlagId, row.EnvironmentId, row.CreatedAt);
            await using var counts = await command.ExecuteReaderAsync(cancel);
            while (await counts.ReadAsync(cancel))
                evaluations[counts.GetString(0)] = counts.GetInt64(1);
        }
        var state = await StateAsync(connection, row, cancel);
        return TypedResults.Ok(new AlgorithmStateView(state?.At, state?.Number, evaluations, state?.State));
    }

    public static async Task<Results<Ok<AlgorithmHistoryView>, Problem>> GetHistoryAsync(
        string flag, Current current, TogglrDbContext db, TogglrDatabase database, CancellationToken cancel,
        [FromQuery(Name = "hours"), Description("How far back, 1 to 9,600 hours; 24 if absent")] int hours = 24)
    {
        if (hours is < 1 or > MostHours)
            return Problem.Invalid(new ProblemItem("out_of_range", "hours", $"1 to {MostHours} hours can be told of."));
        if (await AlgorithmEndpoints.FindAsync(flag, current, db, cancel) is not { } row)
            return AlgorithmEndpoints.NotThere(flag);
        var to = db.Now;
        var from = to.AddHours(-hours);
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        var state = await StateAsync(connection, row, cancel);
        return TypedResults.Ok(new AlgorithmHistoryView(from, to, await StepsAsync(connection, row, from, cancel), await PeriodsAsync(connection, row, from, to, state?.State, cancel)));
    }

    private static async Task<(DateTimeOffset At, long Number, BanditState State)?> StateAsync(NpgsqlConnection connection, FlagAlgorithm row, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand("SELECT at, number, state::text FROM algorithm_states WHERE algorithm_id = $1", connection);
        Add(command, row.Id);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? (reader.GetFieldValue<DateTimeOffset>(0), reader.GetInt64(1), JsonSerializer.Deserialize<BanditState>(reader.GetString(2), AnalysisJson.Options)!)
            : null;
    }

    private static async Task<List<AlgorithmStepView>> StepsAsync(NpgsqlConnection connection, FlagAlgorithm row, DateTimeOffset from, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            SELECT number, at, learned, weights::text FROM (
                SELECT *, row_number() OVER (ORDER BY number) - 1 AS place, count(*) OVER () AS total FROM algorithm_steps
                WHERE algorithm_id = $1 AND number >= coalesce((SELECT max(number) FROM algorithm_steps WHERE algorithm_id = $1 AND at <= $2), 0)) s
            WHERE place % ((total + {Most - 2}) / {Most - 1}) = 0 OR place = total - 1 ORDER BY number
            """, connection);
        Add(command, row.Id, from);
        var context = row.Design.Context;
        var steps = new List<AlgorithmStepView>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            steps.Add(new AlgorithmStepView(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetBoolean(2), AlgorithmView.Cells(context, JsonSerializer.Deserialize<WeightTable>(reader.GetString(3), ExperimentJson.Options)!)));
        }
        return steps;
    }

    /// <summary>What was counted by period. Regret runs from the beginning, so what was before is read, too, but not told.</summary>
    private static async Task<List<AlgorithmPeriodView>> PeriodsAsync(NpgsqlConnection connection, FlagAlgorithm row, DateTimeOffset from, DateTimeOffset to, BanditState? state, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            $"""
            WITH c AS (
                SELECT cell, variant, held_out, exposures, outcomes, successes, reward,
                    CASE WHEN at < $3 THEN NULL ELSE date_bin(make_interval(mins => $4), at, {AlgorithmCounts.Origin}) END AS period
                FROM algorithm_counts WHERE algorithm_id = $1 AND generation = $2)
            SELECT period, cell, variant, sum(exposures)::bigint, sum(outcomes)::bigint, sum(successes)::bigint, sum(reward), coalesce(sum(outcomes) FILTER (WHERE NOT held_out), 0)::bigint
            FROM c GROUP BY period, cell, variant ORDER BY period NULLS FIRST
            """, connection);
        var minutes = Math.Max((int)row.Design.Settings[AlgorithmSettings.DiscountMinutes], (int)Math.Ceiling((to - from).TotalMinutes / (Most - 1)));
        Add(command, row.Id, row.Generation, from, minutes);
        var means = Means(state);
        var regret = (Lost: 0.0, Uniform: 0.0);
        var periods = new List<AlgorithmPeriodView>();
        var arms = new Dictionary<string, AlgorithmPeriodArmView>(StringComparer.Ordinal);
        DateTimeOffset? period = null;
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            DateTimeOffset? at = await reader.IsDBNullAsync(0, cancel) ? null : reader.GetFieldValue<DateTimeOffset>(0);
            if (at != period)
            {
                Close();
                period = at;
            }
            var (cell, variant) = (reader.GetString(1), reader.GetString(2));
            var before = arms.GetValueOrDefault(variant) ?? new AlgorithmPeriodArmView(variant, 0, 0, 0, 0);
            arms[variant] = new AlgorithmPeriodArmView(variant, before.Exposures + reader.GetInt64(3), before.Outcomes + reader.GetInt64(4), before.Successes + reader.GetInt64(5), before.Reward + reader.GetDouble(6));
            if (means.TryGetValue(cell, out var known) && known.TryGetValue(variant, out var mean))
                regret = (regret.Lost + reader.GetInt64(7) * (known.Values.Max() - mean), regret.Uniform + reader.GetInt64(7) * (known.Values.Max() - known.Values.Average()));
        }
        Close();
        return periods;

        void Close()
        {
            if (period is { } begun)
                periods.Add(new AlgorithmPeriodView(begun, [.. row.Arms.Where(arms.ContainsKey).Select(arm => arms[arm])], regret.Lost, regret.Uniform));
            arms.Clear();
        }
    }

    private static Dictionary<string, Dictionary<string, double>> Means(BanditState? state) =>
        (state?.Cells ?? []).ToDictionary(cell => cell.Key, cell => cell.Arms.ToDictionary(arm => arm.Variant, arm => arm.Belief.Mean, StringComparer.Ordinal), StringComparer.Ordinal);

    private static void Add(NpgsqlCommand command, params object[] values)
    {
        foreach (var value in values)
            command.Parameters.Add(value is DateTimeOffset time ? new NpgsqlParameter { Value = time, NpgsqlDbType = NpgsqlDbType.TimestampTz } : new NpgsqlParameter { Value = value });
    }
}
