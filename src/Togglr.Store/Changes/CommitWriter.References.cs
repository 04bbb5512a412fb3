namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    private const int ReportedUses = 20;

    /// <summary>
    /// Nothing refers to what is not there, and nothing to itself. Decided here, under the project's lock, so that two people who each make one half of a
    /// circle cannot both succeed.
    /// </summary>
    internal async Task CheckReferencesAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        var projects = plan.Projects.ToArray();
        if (plan.RemovedFlags.Count > 0)
        {
            await RefuseAsync(
                """
                SELECT 'flags/' || f.key || '/environments/' || s.environment_key FROM flag_environments s JOIN flags f ON f.id = s.flag_id
                WHERE s.project_id = ANY($1) AND s.flag_refs && $2 AND f.archived_at IS NULL AND f.key <> ALL($2) ORDER BY 1 LIMIT $3
                """,
                projects, plan.RemovedFlags, "The flag is a prerequisite of others.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.RemovedSegments.Count > 0)
        {
            await RefuseAsync(
                """
                SELECT 'flags/' || f.key || '/environments/' || s.environment_key AS used FROM flag_environments s JOIN flags f ON f.id = s.flag_id
                WHERE s.project_id = ANY($1) AND s.segment_refs && $2
                UNION ALL SELECT 'segments/' || key FROM segments WHERE project_id = ANY($1) AND segment_refs && $2 ORDER BY 1 LIMIT $3
                """,
                projects, plan.RemovedSegments, "The segment is used.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.RemovedTags.Count > 0)
        {
            await RefuseAsync(
                "SELECT 'flags/' || key FROM flags WHERE project_id = ANY($1) AND tags && $2 ORDER BY 1 LIMIT $3",
                projects, plan.RemovedTags, "The tag is used.", cancellationToken).ConfigureAwait(false);
        }

        await CheckExperimentsAsync(plan, cancellationToken).ConfigureAwait(false);
        await CheckAlgorithmsAsync(plan, cancellationToken).ConfigureAwait(false);
        var flags = plan.Flags.Select(flag => flag.Id).Concat(plan.States.Select(state => state.FlagId)).Distinct().ToArray();
        if (flags.Length > 0)
        {
            await RequireAsync(
                """
                SELECT r.key FROM flag_environments s JOIN flags f ON f.id = s.flag_id CROSS JOIN unnest(s.flag_refs) r(key)
                WHERE s.flag_id = ANY($1) AND f.archived_at IS NULL
                AND NOT EXISTS (SELECT FROM flags o WHERE o.project_id = s.project_id AND o.key = r.key AND o.archived_at IS NULL) LIMIT 1
                """,
                flags, "prerequisites", "There is no flag {0}.", cancellationToken).ConfigureAwait(false);
            await RequireAsync(
                """
                SELECT r.key FROM flag_environments s CROSS JOIN unnest(s.segment_refs) r(key) WHERE s.flag_id = ANY($1)
                AND NOT EXISTS (SELECT FROM segments o WHERE o.project_id = s.project_id AND o.key = r.key) LIMIT 1
                """,
                flags, "rules", "There is no segment {0}.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.FlagRows.Any(flag => flag.Tags.Count > 0))
        {
            await RequireAsync(
                """
                SELECT r.key FROM flags f CROSS JOIN unnest(f.tags) r(key) WHERE f.id = ANY($1)
                AND NOT EXISTS (SELECT FROM tags t WHERE t.project_id = f.project_id AND t.key = r.key) LIMIT 1
                """,
                plan.FlagRows.Select(flag => flag.Id).ToArray(), "tags", "There is no tag {0}.", cancellationToken).ConfigureAwait(false);
        }

        if (plan.States.Any(state => state.FlagRefs.Count > 0))
        {
            await RequireAsync(
                """
                WITH RECURSIVE reach(environment_id, project_id, start, key) AS (
                    SELECT s.environment_id, s.project_id, f.key, r.key FROM flag_environments s JOIN flags f ON f.id = s.flag_id CROSS JOIN unnest(s.flag_refs) r(key)
                    WHERE s.flag_id = ANY($1)
                    UNION SELECT p.environment_id, p.project_id, p.start, r.key FROM reach p JOIN flags f ON f.project_id = p.project_id AND f.key = p.key
                    JOIN flag_environments s ON s.flag_id = f.id AND s.environment_id = p.environment_id CROSS JOIN unnest(s.flag_refs) r(key))
                SELECT start FROM reach WHERE key = start LIMIT 1
                """,
                flags, "prerequisites", "The prerequisites of {0} lead back to itself.", cancellationToken).ConfigureAwait(false);
        }

        var segments = plan.Segments.Where(segment => segment.SegmentRefs.Count > 0).Select(segment => segment.Id).ToArray();
        if (segments.Length > 0)
        {
            await RequireAsync(
                """
                SELECT r.key FROM segments s CROSS JOIN unnest(s.segment_refs) r(key) WHERE s.id = ANY($1)
                AND NOT EXISTS (SELECT FROM segments o WHERE o.project_id = s.project_id AND o.key = r.key) LIMIT 1
                """,
                segments, "if", "There is no segment {0}.", cancellationToken).ConfigureAwait(false);
            await RequireAsync(
                """
                WITH RECURSIVE reach(project_id, start, key) AS (
                    SELECT s.project_id, s.key, r.key FROM segments s CROSS JOIN unnest(s.segment_refs) r(key) WHERE s.id = ANY($1)
                    UNION SELECT p.project_id, p.start, r.key FROM reach p JOIN segments s ON s.project_id = p.project_id AND s.key = p.key
                    CROSS JOIN unnest(s.segment_refs) r(key))
                SELECT start FROM reach WHERE key = start LIMIT 1
                """,
                segments, "if", "The segments of {0} lead back to itself.", cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task RefuseAsync(string sql, Guid[] projects, List<string> keys, string message, CancellationToken cancellationToken)
    {
        using var command = Command(sql, projects, keys.ToArray(), ReportedUses);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var uses = new List<string>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            uses.Add(reader.GetString(0));
        if (uses.Count > 0)
            throw new CommitRefusedException(new StoreError(ErrorCodes.InUse, message) { UsedBy = uses });
    }

    private async Task RequireAsync(string sql, Guid[] ids, string path, string message, CancellationToken cancellationToken)
    {
        using var command = Command(sql, ids);
        if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is string missing)
            throw new CommitRefusedException(Result.Invalid(path, string.Format(System.Globalization.CultureInfo.InvariantCulture, message, missing)));
    }
}
