using System.Globalization;
using System.Text.Json;
using Npgsql;
using Togglr.Statistics.Analysis;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>
/// What experiments on a ramp's flag say about the variant that it brings. A guardrail's verdict is one that its experiment's plan licenses (sequential tests at every look), so looking often fools nobody.
/// </summary>
internal sealed class RampMetrics(TogglrDatabase database)
{
    /// <summary>The guardrail metrics that are shown to be worse with the new variant; null when none is.</summary>
    public async Task<string?> FindHarmAsync(Ramp ramp, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT e.key, s.result::text FROM experiments e
            CROSS JOIN LATERAL (SELECT result FROM experiments_snapshot WHERE experiment_id = e.id AND phase = e.phase ORDER BY at DESC LIMIT 1) s
            WHERE e.flag_id = $1 AND e.environment_id = $2 AND e.state IN ('running', 'paused') ORDER BY e.key
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = ramp.FlagId });
        command.Parameters.Add(new NpgsqlParameter { Value = ramp.EnvironmentId });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var result = JsonSerializer.Deserialize<AnalysisResult>(reader.GetString(1), AnalysisJson.Options)!;
            // Numbers that cannot be trusted speak for and against nothing.
            if (result.Decision.State == DecisionState.Unhealthy)
                continue;
            var harmed = (from metric in result.Metrics
                          from comparison in metric.Comparisons
                          where comparison.Variant == ramp.ToVariant && comparison.Guardrail?.Verdict == GuardrailVerdict.Fails
                          select Describe(metric, comparison)).ToList();
            if (harmed.Count > 0)
                return $"The experiment {reader.GetString(0)} shows harm by {ramp.ToVariant}: {string.Join(", ", harmed)}.";
        }
        return null;
    }

    private static string Describe(MetricResult metric, ComparisonResult comparison) =>
        string.Create(CultureInfo.InvariantCulture, $"{metric.Metric} {Percent(comparison.Relative.Estimate)} ({Percent(comparison.Relative.Lower)} to {Percent(comparison.Relative.Upper)}, p = {comparison.PValue:0.###})");

    private static string Percent(double? share) => share is { } known ? string.Create(CultureInfo.InvariantCulture, $"{100 * known:+0.##;-0.##;0} %") : "?";
}
