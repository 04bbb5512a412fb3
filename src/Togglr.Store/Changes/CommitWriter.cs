using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>
/// The steps of one commit that are not rows of entities. Locks are always taken in the same order (project, entities, environments, audit chain), so
/// commits wait for one another and never deadlock.
/// </summary>
internal sealed partial class CommitWriter(NpgsqlConnection connection, NpgsqlTransaction transaction, Guid organizationId, AuditSeal seal)
{
    /// <summary>Longest notification that PostgreSQL takes is 7,999 bytes.</summary>
    private const int MaximumNotification = 7900;

    /// <summary>Seconds that one step may take: a list of a million keys on a busy machine needs more than the usual half minute.</summary>
    private const int Patience = 300;

    /// <summary>
    /// Commits that change who may do what in one organization follow one another, and everybody who remembers the old rights notices. Two can not each remove
    /// what they take for the last owner but one.
    /// </summary>
    internal async Task LockAccessAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (!plan.AccessChanged)
            return;
        if (plan.RemovesOrganization)
        {
            // One after the other, lest two go as each other's last but one; and nothing new comes into what goes.
            using var alone = Command("SELECT pg_advisory_xact_lock(128022223939426), (SELECT id FROM organizations WHERE id = $1 FOR UPDATE)", organizationId);
            await alone.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        }

        using var command = Command("UPDATE organizations SET access_version = access_version + 1 WHERE id = $1", organizationId);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>An organization always has somebody who may do everything in it.</summary>
    internal async Task CheckOwnersAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (plan.RemovesOrganization)
            await CheckOrganizationsAsync(cancellationToken).ConfigureAwait(false);
        if (!plan.MayLoseOwner || plan.RemovesOrganization)
            return;
        using var command = Command(
            """
            SELECT EXISTS (
                SELECT FROM role_grants g
                LEFT JOIN group_members gm ON gm.group_id = g.group_id
                JOIN memberships m ON m.organization_id = g.organization_id AND m.user_id = coalesce(g.user_id, gm.user_id) AND m.disabled_at IS NULL
                JOIN users u ON u.id = m.user_id AND u.disabled_at IS NULL
                WHERE g.organization_id = $1 AND g.built_in_role = 'owner' AND g.project_id IS NULL)
            """,
            organizationId);
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            throw new CommitRefusedException(new StoreError(ErrorCodes.LastOwner, "An organization needs at least one active owner. Make somebody else an owner first."));
    }

    /// <summary>Without any organization nobody could create one.</summary>
    private async Task CheckOrganizationsAsync(CancellationToken cancellationToken)
    {
        using var command = Command("SELECT EXISTS (SELECT FROM organizations)");
        if (!(bool)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!)
            throw new CommitRefusedException(new StoreError(ErrorCodes.LastOrganization, "This is the only organization. Create another one first."));
    }

    /// <summary>Commits inside one project follow one another, which makes reference checks exact and revisions ordered.</summary>
    internal async Task LockProjectsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (plan.RemovesOrganization)
            await FindProjectsAsync(plan, cancellationToken).ConfigureAwait(false);
        if (plan.Projects.Count == 0)
            return;
        using (var command = Command("SELECT id FROM projects WHERE id = ANY($1) ORDER BY id FOR NO KEY UPDATE", plan.Projects.ToArray()))
            await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        if (plan.RemovedProjects.Count == 0)
            return;
        using var environments = Command("SELECT id FROM environments WHERE project_id = ANY($1)", plan.RemovedProjects.ToArray());
        using var reader = await environments.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            if (!plan.RemovedEnvironments.Contains(reader.GetGuid(0)))
                plan.RemovedEnvironments.Add(reader.GetGuid(0));
        }
    }

    /// <summary>An organization takes its projects along.</summary>
    private async Task FindProjectsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        using var command = Command("SELECT id FROM projects WHERE organization_id = $1", organizationId);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            plan.Projects.Add(reader.GetGuid(0));
            plan.RemovedProjects.Add(reader.GetGuid(0));
        }
    }

    /// <summary>Events refer to no environment that must exist; those of a whole organization go with it all the same.</summary>
    internal async Task RemoveEventsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (!plan.RemovesOrganization || plan.RemovedEnvironments.Count == 0)
            return;
        using var command = Command("DELETE FROM event_log WHERE environment_id = ANY($1)", plan.RemovedEnvironments.ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>A flag has a state in every environment of its project, also when flag and environment are made at the same time by different people.</summary>
    internal async Task FillInStatesAsync(ChangePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (plan.AddedEnvironments.Count == 0 && plan.FlagRows.Count == 0)
            return;
        using var command = Command(
            """
            INSERT INTO flag_environments (organization_id, project_id, flag_id, environment_id, environment_key, enabled, killed, prerequisites, targets, rules,
                default_serve, segment_refs, flag_refs, experiment_refs, version, created_at, updated_at)
            SELECT f.organization_id, f.project_id, f.id, e.id, e.key, false, false, '[]', '[]', '[]',
                ('{"variant":' || to_json(f.default_variant)::text || '}')::json, '{}', '{}', '{}', 1, $3, $3
            FROM flags f JOIN environments e ON e.project_id = f.project_id
            WHERE (f.id = ANY($1) OR e.id = ANY($2))
            AND NOT EXISTS (SELECT FROM flag_environments s WHERE s.flag_id = f.id AND s.environment_id = e.id)
            """,
            plan.FlagRows.Select(flag => flag.Id).ToArray(), plan.AddedEnvironments.ToArray(), now);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>One more for every environment whose snapshot changes. The row locks make revisions ordered and gapless.</summary>
    internal async Task<List<EnvironmentRevision>> AdvanceRevisionsAsync(ChangePlan plan, CancellationToken cancellationToken)
    {
        if (!plan.TouchesDocuments)
            return [];
        var named = plan.States.Select(state => state.EnvironmentId).Concat(plan.LiveExperiments.Concat(plan.EndedExperiments).Select(experiment => experiment.EnvironmentId)).Concat(plan.Reweighted.Select(place => place.Environment)).Concat(plan.AddedEnvironments).Distinct().ToArray();
        using var command = Command(
            """
            UPDATE environments SET revision = revision + 1
            WHERE id IN (SELECT id FROM environments WHERE ($1 AND project_id = ANY($2)) OR id = ANY($3) ORDER BY id FOR NO KEY UPDATE)
            RETURNING id, key, revision
            """,
            plan.TouchesAllEnvironments, plan.Projects.ToArray(), named);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var revisions = new List<EnvironmentRevision>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            revisions.Add(new EnvironmentRevision(reader.GetGuid(0), reader.GetString(1), reader.GetInt64(2)));
        return revisions;
    }

    /// <summary>The history page's rows: which revision came of which change.</summary>
    internal async Task WriteRevisionsAsync(
        Change change, List<EnvironmentRevision> revisions, AuditEntry audit, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (revisions.Count == 0)
            return;
        using var command = Command(
            """
            INSERT INTO environment_revisions (organization_id, environment_id, revision, created_at, actor_id, actor_name, summary, audit_id)
            SELECT $1, r.id, r.revision, $4, $5, $6, $7, $8 FROM unnest($2, $3) r(id, revision)
            """,
            organizationId, revisions.Select(revision => revision.Id).ToArray(), revisions.Select(revision => revision.Revision).ToArray(), now,
            change.Actor.Id, change.Actor.Name, $"{change.Action} {change.EntityKey}", audit.Id);
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>The durable note that something changed, and the wake-up call for other nodes, which PostgreSQL delivers at commit.</summary>
    internal async Task<ChangeNotice> WriteOutboxAsync(
        Change change, ChangePlan plan, List<EnvironmentRevision> revisions, DateTimeOffset now, Guid origin, CancellationToken cancellationToken)
    {
        var notice = new ChangeNotice
        {
            At = now, OrganizationId = organizationId, ProjectId = change.Project?.Id, Project = change.Project?.Key, Environment = change.Environment,
            Authority = change.Authority.Name, Action = change.Action, Entity = change.Entity, EntityKey = change.EntityKey, EntityId = change.EntityId, ActorId = change.Actor.Id, ActorName = change.Actor.Name,
            EntityKeys = change.Parts.Count > 1 && change.Parts.All(part => part.Action == change.Action) ? [.. change.Parts.Select(part => part.EntityKey)] : null,
            Environments = revisions, RemovedEnvironments = plan.RemovedEnvironments,
            AccessChanged = plan.AccessChanged || change.Entity is "session" or "user", KeysChanged = plan.KeysChanged,
        };
        return await WriteNoticeAsync(notice, origin, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Gives a notice its number and writes it.</summary>
    internal async Task<ChangeNotice> WriteNoticeAsync(ChangeNotice notice, Guid origin, CancellationToken cancellationToken)
    {
        long id;
        using (var next = Command("SELECT nextval('outbox_id_seq')"))
            id = (long)(await next.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
        notice = notice with { Id = id };
        var text = JsonSerializer.Serialize(new ChangeMessage(origin, id, notice), JsonSerializerOptions.Web);
        var call = System.Text.Encoding.UTF8.GetByteCount(text) <= MaximumNotification
            ? text
            : JsonSerializer.Serialize(new ChangeMessage(origin, id, null), JsonSerializerOptions.Web);
        using var insert = Command(
            "WITH row AS (INSERT INTO outbox (id, organization_id, at, body) VALUES ($1, $2, $3, $4::json)) SELECT pg_notify('togglr_changes', $5)",
            id, organizationId, notice.At, text, call);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return notice;
    }

    private NpgsqlCommand Command(string sql, params object?[] values)
    {
        var command = new NpgsqlCommand(sql, connection, transaction) { CommandTimeout = Patience };
        foreach (var value in values)
        {
            command.Parameters.Add(value switch
            {
                null => new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlDbType.Unknown },
                string => new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Text },
                _ => new NpgsqlParameter { Value = value },
            });
        }

        return command;
    }
}

/// <summary>What travels over <c>togglr_changes</c>: the notice, or only its number when it is too long for a notification.</summary>
internal sealed record ChangeMessage(Guid Origin, long Id, ChangeNotice? Notice);
