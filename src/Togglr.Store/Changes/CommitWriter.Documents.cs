using System.Text;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    /// <summary>Replaces the documents that changed. Earlier ones stay, marked with the revision that ended them.</summary>
    internal async Task WriteDocumentsAsync(ChangePlan plan, List<EnvironmentRevision> revisions, CancellationToken cancellationToken)
    {
        if (revisions.Count == 0)
            return;
        var entries = new EntryBatch(revisions);
        var documents = await ReadFlagDocumentsAsync(plan, entries, cancellationToken).ConfigureAwait(false);
        await WriteSegmentDocumentsAsync(plan, entries, cancellationToken).ConfigureAwait(false);
        foreach (var key in plan.RemovedFlags)
            entries.AddEverywhere("flag", key, null);
        foreach (var key in plan.RemovedSegments)
            entries.AddEverywhere("segment", key, null);
        foreach (var experiment in plan.LiveExperiments)
        {
            var id = Guid.CreateVersion7();
            documents.Add((id, ExperimentDocument.Write(experiment)));
            entries.Add(experiment.EnvironmentId, "experiment", experiment.Key, id);
        }

        foreach (var experiment in plan.EndedExperiments)
            entries.Add(experiment.EnvironmentId, "experiment", experiment.Key, null);

        using var batch = new NpgsqlBatch(connection, transaction) { Timeout = Patience };
        Add(
            batch,
            "INSERT INTO snapshot_documents (id, body) SELECT d.id, d.body::json FROM unnest($1, $2) d(id, body)",
            documents.Select(document => document.Id).ToArray(), documents.Select(document => document.Body).ToArray());
        Add(
            batch,
            """
            UPDATE snapshot_entries e SET superseded_at_revision = n.revision
            FROM unnest($1, $2, $3, $4) n(environment_id, kind, key, revision)
            WHERE e.environment_id = n.environment_id AND e.kind = n.kind AND e.key = n.key AND e.superseded_at_revision IS NULL
            """,
            entries.Environments.ToArray(), entries.Kinds.ToArray(), entries.Keys.ToArray(), entries.Revisions.ToArray());
        Add(
            batch,
            """
            INSERT INTO snapshot_entries (environment_id, kind, key, revision, document_id)
            SELECT n.environment_id, n.kind, n.key, n.revision, n.document_id
            FROM unnest($1, $2, $3, $4, $5) n(environment_id, kind, key, revision, document_id) WHERE n.document_id IS NOT NULL
            """,
            entries.Environments.ToArray(), entries.Kinds.ToArray(), entries.Keys.ToArray(), entries.Revisions.ToArray(), entries.Documents.ToArray());
        await batch.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Writes staged keys of segments by COPY and counts the lists.</summary>
    internal async Task WriteSegmentKeysAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        foreach (var segment in plan.Segments.Where(segment => segment.KeyEdits.Count > 0))
        {
            foreach (var edit in segment.KeyEdits)
                await WriteEditAsync(segment, edit, cancellationToken).ConfigureAwait(false);
            using var count = Command(
                """
                UPDATE segments SET included_count = (SELECT count(*) FROM segment_keys WHERE segment_id = $1 AND list = 'included'),
                    excluded_count = (SELECT count(*) FROM segment_keys WHERE segment_id = $1 AND list = 'excluded')
                WHERE id = $1 RETURNING included_count, excluded_count
                """,
                segment.Id);
            using var reader = await count.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
            (segment.IncludedCount, segment.ExcludedCount) = (reader.GetInt32(0), reader.GetInt32(1));
            if (segment.IncludedCount > Segment.MaximumKeys || segment.ExcludedCount > Segment.MaximumKeys)
                throw new CommitRefusedException(Result.Invalid("", $"A list has at most {Segment.MaximumKeys} keys."));
        }
    }

    private static void Add(NpgsqlBatch batch, string sql, params object[] values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values)
            command.Parameters.Add(new NpgsqlParameter { Value = value });
        batch.BatchCommands.Add(command);
    }

    private async Task WriteEditAsync(Segment segment, SegmentKeyEdit edit, CancellationToken cancellationToken)
    {
        var list = EnumText.Of(edit.List);
        if (edit.Replace)
        {
            using var clear = Command("DELETE FROM segment_keys WHERE segment_id = $1 AND list = $2", segment.Id, list);
            await clear.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        if (edit.Remove.Count > 0)
        {
            using var remove = Command("DELETE FROM segment_keys WHERE segment_id = $1 AND list = $2 AND key = ANY($3)", segment.Id, list, edit.Remove.ToArray());
            await remove.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        if (edit.Add.Count == 0)
            return;
        using (var stage = Command("CREATE TEMPORARY TABLE IF NOT EXISTS staged_keys (key text COLLATE \"C\") ON COMMIT DROP; TRUNCATE staged_keys"))
            await stage.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        var copy = await connection.BeginBinaryImportAsync("COPY staged_keys (key) FROM STDIN (FORMAT BINARY)", cancellationToken).ConfigureAwait(false);
        await using (copy.ConfigureAwait(false))
        {
            foreach (var key in edit.Add)
            {
                await copy.StartRowAsync(cancellationToken).ConfigureAwait(false);
                await copy.WriteAsync(key, NpgsqlDbType.Text, cancellationToken).ConfigureAwait(false);
            }

            await copy.CompleteAsync(cancellationToken).ConfigureAwait(false);
        }

        using var insert = Command(
            """
            INSERT INTO segment_keys (organization_id, segment_id, list, key) SELECT DISTINCT ON (key) $1::uuid, $2::uuid, $3, key FROM staged_keys ORDER BY key ON CONFLICT DO NOTHING
            """,
            segment.OrganizationId, segment.Id, list);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task<List<(Guid Id, string Body)>> ReadFlagDocumentsAsync(ChangePlan plan, EntryBatch entries, CancellationToken cancellationToken)
    {
        var documents = new List<(Guid, string)>();
        using var command = Command(
            """
            WITH wanted AS (
                SELECT flag_id, environment_id FROM flag_environments WHERE flag_id = ANY($1)
                UNION SELECT flag_id, environment_id FROM flag_environments WHERE environment_id = ANY($2)
                UNION SELECT * FROM unnest($3, $4))
            SELECT w.environment_id, f.key, f.type, f.variants::text, coalesce(s.off_variant, f.off_variant), f.client_visible, f.version + s.version - 1,
                s.enabled, s.killed, s.prerequisites::text, s.targets::text, s.rules::text, s.default_serve::text,
                a.kind, a.rule_id, a.context::text, a.holdout, a.bucket_by, n.number, n.weights::text
            FROM wanted w JOIN flag_environments s USING (flag_id, environment_id) JOIN flags f ON f.id = s.flag_id
            LEFT JOIN flag_algorithms a ON a.flag_id = s.flag_id AND a.environment_id = s.environment_id LEFT JOIN algorithm_weights n ON n.algorithm_id = a.id
            WHERE f.archived_at IS NULL
            """,
            plan.Flags.Select(flag => flag.Id).ToArray(), plan.AddedEnvironments.ToArray(),
            plan.States.Select(state => state.FlagId).Concat(plan.Reweighted.Select(place => place.Flag)).ToArray(),
            plan.States.Select(state => state.EnvironmentId).Concat(plan.Reweighted.Select(place => place.Environment)).ToArray());
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (plan.AddedEnvironments.Count == 0)
                RequireVariants(reader);
            var id = Guid.CreateVersion7();
            documents.Add((id, FlagDocument.Write(reader)));
            entries.Add(reader.GetGuid(0), "flag", reader.GetString(1), id);
        }

        return documents;
    }

    /// <summary>
    /// A flag and its states are different rows with versions of their own: one person may remove a variant while another begins to serve it, and both were right
    /// when they looked. Whoever commits second looks again.
    /// </summary>
    private static void RequireVariants(NpgsqlDataReader row)
    {
        var variants = JsonColumn.Parse(row.GetString(3)).EnumerateArray().Select(variant => variant.GetProperty("key").GetString()).ToHashSet(StringComparer.Ordinal);
        var used = ConfigurationReferences.Of(new FlagConfiguration(
            JsonColumn.Parse(row.GetString(9)), JsonColumn.Parse(row.GetString(10)), JsonColumn.Parse(row.GetString(11)), JsonColumn.Parse(row.GetString(12)),
            row.IsDBNull(4) ? null : row.GetString(4))).Variants;
        if (used.Any(variant => !variants.Contains(variant)))
            throw new CommitRefusedException(new StoreError(ErrorCodes.PreconditionFailed, "Somebody else changed the flag's variants or their use meanwhile. Read it again."));
    }

    /// <summary>Segments may hold a million keys, so their documents are made where the keys are and shared by all environments.</summary>
    private async Task WriteSegmentDocumentsAsync(ChangePlan plan, EntryBatch entries, CancellationToken cancellationToken)
    {
        var changed = plan.Segments.ToDictionary(segment => segment.Id, segment => segment.Key);
        var everywhere = changed.Keys.ToHashSet();
        if (plan.AddedEnvironments.Count > 0)
        {
            using var all = Command("SELECT id, key FROM segments WHERE project_id = ANY($1)", plan.Projects.ToArray());
            using var reader = await all.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                changed.TryAdd(reader.GetGuid(0), reader.GetString(1));
        }

        foreach (var (segment, key) in changed)
        {
            var id = Guid.CreateVersion7();
            using var insert = Command(
                """
                INSERT INTO snapshot_documents (id, body)
                SELECT $1, ('{"key":' || to_json(s.key)::text
                    || ',"included":[' || coalesce((SELECT string_agg(to_json(k.key)::text, ',' ORDER BY k.key) FROM segment_keys k WHERE k.segment_id = s.id AND k.list = 'included'), '')
                    || '],"excluded":[' || coalesce((SELECT string_agg(to_json(k.key)::text, ',' ORDER BY k.key) FROM segment_keys k WHERE k.segment_id = s.id AND k.list = 'excluded'), '')
                    || ']' || coalesce(',"if":' || s.condition::text, '') || '}')::json
                FROM segments s WHERE s.id = $2
                """,
                id, segment);
            await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
            if (everywhere.Contains(segment))
                entries.AddEverywhere("segment", key, id);
            else
                entries.AddTo(plan.AddedEnvironments, "segment", key, id);
        }
    }

    /// <summary>Entries to write, as the columns of arrays.</summary>
    private sealed class EntryBatch(List<EnvironmentRevision> revisions)
    {
        private readonly Dictionary<Guid, long> _revisions = revisions.ToDictionary(revision => revision.Id, revision => revision.Revision);

        internal List<Guid> Environments { get; } = [];

        internal List<string> Kinds { get; } = [];

        internal List<string> Keys { get; } = [];

        internal List<long> Revisions { get; } = [];

        internal List<Guid?> Documents { get; } = [];

        internal void Add(Guid environment, string kind, string key, Guid? document)
        {
            Environments.Add(environment);
            Kinds.Add(kind);
            Keys.Add(key);
            Revisions.Add(_revisions[environment]);
            Documents.Add(document);
        }

        internal void AddTo(IEnumerable<Guid> environments, string kind, string key, Guid? document)
        {
            foreach (var environment in environments)
                Add(environment, kind, key, document);
        }

        internal void AddEverywhere(string kind, string key, Guid? document) => AddTo(_revisions.Keys, kind, key, document);
    }
}

/// <summary>A flag as it stands in the snapshot of one environment, see <c>spec/evaluation.md</c>.</summary>
internal static class FlagDocument
{
    internal static string Write(NpgsqlDataReader row)
    {
        var (rules, served) = (row.GetString(11), row.GetString(12));
        if (Algorithm(row) is { } algorithm)
            (rules, served) = AlgorithmServing.Apply(rules, served, algorithm);
        using var stream = new MemoryStream();
        using (var writer = new System.Text.Json.Utf8JsonWriter(stream, new System.Text.Json.JsonWriterOptions { MaxDepth = 1000 }))
        {
            writer.WriteStartObject();
            writer.WriteString("key", row.GetString(1));
            writer.WriteString("type", row.GetString(2));
            writer.WriteNumber("version", row.GetInt32(6));
            writer.WriteBoolean("enabled", row.GetBoolean(7));
            writer.WriteBoolean("killed", row.GetBoolean(8));
            writer.WriteStartObject("variants");
            foreach (var variant in JsonColumn.Parse(row.GetString(3)).EnumerateArray())
            {
                writer.WritePropertyName(variant.GetProperty("key").GetString()!);
                writer.WriteRawValue(variant.GetProperty("value").GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
            if (row.IsDBNull(4))
                writer.WriteNull("offVariant");
            else
                writer.WriteString("offVariant", row.GetString(4));
            WriteRaw(writer, "prerequisites", row.GetString(9));
            WriteRaw(writer, "targets", row.GetString(10));
            WriteRaw(writer, "rules", rules);
            WriteRaw(writer, "default", served);
            writer.WriteBoolean("clientVisible", row.GetBoolean(5));
            writer.WriteEndObject();
        }

        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }

    private static ServedAlgorithm? Algorithm(NpgsqlDataReader row)
    {
        if (row.IsDBNull(13) || row.IsDBNull(18))
            return null;
        return new ServedAlgorithm(
            row.GetString(1), Enum.Parse<AlgorithmKind>(row.GetString(13), ignoreCase: true), row.IsDBNull(14) ? null : row.GetString(14),
            System.Text.Json.JsonSerializer.Deserialize<List<AlgorithmContext>>(row.GetString(15), ExperimentJson.Options)!, row.GetInt32(16), row.IsDBNull(17) ? null : row.GetString(17), row.GetInt64(18),
            System.Text.Json.JsonSerializer.Deserialize<WeightTable>(row.GetString(19), ExperimentJson.Options)!);
    }

    private static void WriteRaw(System.Text.Json.Utf8JsonWriter writer, string name, string json)
    {
        writer.WritePropertyName(name);
        writer.WriteRawValue(json, skipInputValidation: true);
    }
}
