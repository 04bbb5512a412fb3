using System.Text;
using System.Text.Json;

namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    private const string Live = "e.state IN ('running', 'paused')";

    /// <summary>An experiment that runs is served by its own rule and nothing else, whoever changes the flag and by whatever way; and what it names is there.</summary>
    private async Task CheckExperimentsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        var projects = plan.Projects.ToArray();
        if (plan.RemovedFlags.Count > 0)
        {
            await RefuseAsync(
                $"SELECT 'experiments/' || e.key FROM experiments e WHERE e.project_id = ANY($1) AND e.flag_key = ANY($2) AND {Live} ORDER BY 1 LIMIT $3",
                projects, plan.RemovedFlags, "An experiment runs on the flag. Stop it first.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.RemovedMetrics.Count > 0)
        {
            await RefuseAsync(
                "SELECT 'experiments/' || key FROM experiments WHERE project_id = ANY($1) AND metric_keys && $2 ORDER BY 1 LIMIT $3",
                projects, plan.RemovedMetrics, "Experiments use the metric. Archive it instead.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.RemovedMetrics.Count > 0)
        {
            await RefuseAsync(
                "SELECT 'flags/' || flag_key || '/environments/' || environment_key || '/algorithm' FROM flag_algorithms WHERE project_id = ANY($1) AND reward ->> 'metric' = ANY($2) ORDER BY 1 LIMIT $3",
                projects, plan.RemovedMetrics, "Algorithms learn from the metric. Archive it instead.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.ResizedHoldouts.Count > 0)
        {
            await RefuseAsync(
                $"SELECT 'experiments/' || e.key FROM experiments e WHERE e.project_id = ANY($1) AND e.holdout_key = ANY($2) AND {Live} ORDER BY 1 LIMIT $3",
                projects, plan.ResizedHoldouts, "The share of a holdout stays while an experiment that names it runs.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.ExperimentRows.Count > 0)
        {
            await RequireAsync(
                """
                SELECT r.key FROM experiments e CROSS JOIN unnest(e.metric_keys) r(key) WHERE e.id = ANY($1)
                AND NOT EXISTS (SELECT FROM metrics m WHERE m.project_id = e.project_id AND m.key = r.key) LIMIT 1
                """,
                [.. plan.ExperimentRows.Select(experiment => experiment.Id)], "plan/metrics", "There is no metric {0}.", cancellationToken).ConfigureAwait(false);
        }

        foreach (var experiment in plan.LiveExperiments.Where(experiment => experiment.LayerKey is not null))
            await CheckLayerAsync(experiment, cancellationToken).ConfigureAwait(false);
        var flags = plan.Flags.Select(flag => flag.Id).Concat(plan.States.Select(state => state.FlagId)).Concat(plan.LiveExperiments.Concat(plan.EndedExperiments).Select(experiment => experiment.FlagId)).Distinct().ToArray();
        if (flags.Length == 0)
            return;
        await RequireAsync(
            $"""
            SELECT r.key FROM flag_environments s JOIN flags f ON f.id = s.flag_id CROSS JOIN unnest(s.experiment_refs) r(key) WHERE s.flag_id = ANY($1) AND f.archived_at IS NULL
            AND NOT EXISTS (SELECT FROM experiments e WHERE e.flag_id = s.flag_id AND e.environment_id = s.environment_id AND e.key = r.key AND {Live}) LIMIT 1
            """,
            flags, "rules", "No experiment {0} runs here. An experiment puts its rule into the flag when it is started.", cancellationToken).ConfigureAwait(false);
        await CheckRulesAsync(flags, cancellationToken).ConfigureAwait(false);
    }

    private async Task CheckLayerAsync(Experiment experiment, CancellationToken cancellationToken)
    {
        using var command = Command(
            $"""
            SELECT e.key FROM experiments e WHERE e.project_id = $1 AND e.environment_id = $2 AND e.layer_key = $3 AND e.id <> $4 AND e.layer_from < $6 AND $5 < e.layer_to AND {Live} ORDER BY 1 LIMIT 1
            """,
            experiment.ProjectId, experiment.EnvironmentId, experiment.LayerKey, experiment.Id, experiment.LayerFrom, experiment.LayerTo);
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string other)
            throw new CommitRefusedException(new StoreError("layer_overlap", $"The experiment {other} runs in that part of the layer {experiment.LayerKey}."));
    }

    private async Task CheckRulesAsync(Guid[] flags, CancellationToken cancellationToken)
    {
        using var command = Command(
            $"""
            SELECT e.key, e.audience::text, e.variations::text, f.variants::text, s.prerequisites::text, s.targets::text, s.rules::text, s.default_serve::text
            FROM experiments e JOIN flags f ON f.id = e.flag_id JOIN flag_environments s ON s.flag_id = e.flag_id AND s.environment_id = e.environment_id WHERE e.flag_id = ANY($1) AND {Live}
            """,
            flags);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var key = reader.GetString(0);
            var configuration = new FlagConfiguration(JsonColumn.Parse(reader.GetString(4)), JsonColumn.Parse(reader.GetString(5)), JsonColumn.Parse(reader.GetString(6)), JsonColumn.Parse(reader.GetString(7)));
            JsonElement? audience = await reader.IsDBNullAsync(1, cancellationToken).ConfigureAwait(false) ? null : JsonColumn.Parse(reader.GetString(1));
            if (!ExperimentRules.IsIntact(configuration, key, audience))
                throw new CommitRefusedException(new StoreError(ErrorCodes.InUse, $"The experiment {key} runs here: its rule can be moved, but neither changed nor removed, and nothing else serves it. Stop the experiment first.", "rules") { UsedBy = [$"experiments/{key}"] });
            var variants = JsonColumn.Parse(reader.GetString(3)).EnumerateArray().Select(variant => variant.GetProperty("key").GetString()).ToHashSet(StringComparer.Ordinal);
            foreach (var variation in JsonColumn.Parse(reader.GetString(2)).EnumerateArray())
            {
                if (!variants.Contains(variation.GetProperty("key").GetString()))
                    throw new CommitRefusedException(new StoreError(ErrorCodes.InUse, $"The experiment {key} compares the variant {variation.GetProperty("key").GetString()}.", "variants") { UsedBy = [$"experiments/{key}"] });
            }
        }
    }
}

/// <summary>An experiment as it stands in the snapshot of its environment, see <c>spec/evaluation.md</c>.</summary>
internal static class ExperimentDocument
{
    internal static string Write(Experiment experiment)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream))
        {
            writer.WriteStartObject();
            writer.WriteString("key", experiment.Key);
            writer.WriteNumber("phase", experiment.Phase);
            writer.WriteString("seed", experiment.Seed.ToString(System.Globalization.CultureInfo.InvariantCulture));
            if (experiment.BucketBy is { } unit)
                writer.WriteString("bucketBy", unit);
            if (experiment.Layer is { } layer)
            {
                writer.WriteStartObject("layer");
                writer.WriteString("key", layer.Key);
                writer.WriteNumber("from", layer.From);
                writer.WriteNumber("to", layer.To);
                writer.WriteEndObject();
            }

            if (experiment.HoldoutKey is { } holdout)
            {
                writer.WriteStartObject("holdout");
                writer.WriteString("key", holdout);
                writer.WriteNumber("percentage", experiment.HoldoutShare!.Value / 100m);
                writer.WriteEndObject();
            }

            writer.WriteString("control", experiment.Control);
            // Paused: everybody passes, and whoever took part is recognized when it goes on.
            writer.WriteNumber("traffic", experiment.State == ExperimentState.Paused ? 0 : experiment.Traffic);
            writer.WriteStartArray("variations");
            foreach (var (key, weight) in experiment.VariationList)
            {
                writer.WriteStartObject();
                writer.WriteString("key", key);
                writer.WriteNumber("weight", weight);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
