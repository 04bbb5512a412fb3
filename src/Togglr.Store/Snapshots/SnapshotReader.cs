using System.Data;
using System.Text;
using System.Text.Json;
using Npgsql;

namespace Togglr.Store;

/// <summary>An environment as the publisher and the edges know it.</summary>
/// <param name="Id">The environment.</param>
/// <param name="OrganizationId">Its organization.</param>
/// <param name="ProjectId">Its project.</param>
/// <param name="Organization">The organization's key.</param>
/// <param name="Project">The project's key.</param>
/// <param name="Environment">The environment's key.</param>
/// <param name="Revision">The newest revision.</param>
public sealed record EnvironmentState(Guid Id, Guid OrganizationId, Guid ProjectId, string Organization, string Project, string Environment, long Revision);

/// <summary>A snapshot document.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="Revision">The revision it shows.</param>
/// <param name="Utf8">The JSON of <c>spec/evaluation.md</c>.</param>
public sealed record StoredSnapshot(Guid EnvironmentId, long Revision, ReadOnlyMemory<byte> Utf8);

/// <summary>What changed between two revisions.</summary>
/// <param name="EnvironmentId">The environment.</param>
/// <param name="From">The revision that the patch applies to.</param>
/// <param name="Revision">The revision that it leads to.</param>
/// <param name="Utf8">The JSON of a <c>patch</c> in <c>spec/streaming.md</c>.</param>
public sealed record StoredPatch(Guid EnvironmentId, long From, long Revision, ReadOnlyMemory<byte> Utf8);

/// <summary>A key that is valid or will end later.</summary>
/// <param name="EnvironmentId">What it opens.</param>
/// <param name="Hash">Lower-case hexadecimal SHA-256 of the key.</param>
/// <param name="Kind">What it may see.</param>
/// <param name="ExpiresAt">From when on it is refused; null for never.</param>
/// <param name="RateLimit">Requests per second; null for the installation's default.</param>
/// <param name="Origins">Whose pages may use it; null for the installation's default.</param>
public sealed record ValidSdkKey(Guid EnvironmentId, string Hash, SdkKeyKind Kind, DateTimeOffset? ExpiresAt, int? RateLimit, IReadOnlyList<string>? Origins);

/// <summary>What an environment keeps of contexts.</summary>
/// <param name="Id">The environment.</param>
/// <param name="Attributes">The attributes that may be kept.</param>
/// <param name="Minutes">For how long.</param>
/// <param name="Size">Of how many people.</param>
public sealed record SampledEnvironment(Guid Id, IReadOnlyList<string> Attributes, int Minutes, int Size);

/// <summary>One revision of an environment's history.</summary>
/// <param name="Revision">The revision.</param>
/// <param name="At">When it was made.</param>
/// <param name="ActorName">By whom.</param>
/// <param name="Summary">Action and key, such as <c>flag.updated checkout</c>.</param>
/// <param name="AuditId">The audit entry.</param>
/// <param name="Changes">What became different.</param>
public sealed record RevisionSummary(long Revision, DateTimeOffset At, string ActorName, string Summary, Guid AuditId, IReadOnlyList<DocumentChange> Changes);

/// <summary>A document that a revision changed.</summary>
/// <param name="Kind"><c>flag</c>, <c>segment</c> or <c>experiment</c>.</param>
/// <param name="Key">Its key.</param>
public sealed record DocumentChange(string Kind, string Key);

/// <summary>
/// Reads snapshots, as they are and as they were, of every organization: for the publisher and for questions about the past. The caller has checked that
/// whoever asks may see the environment. Each call sees one consistent moment of the database.
/// </summary>
public sealed class SnapshotReader(TogglrDatabase database)
{
    /// <summary>All environments with their newest revisions.</summary>
    public async Task<IReadOnlyList<EnvironmentState>> ListEnvironmentsAsync(CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand(
            """
            SELECT e.id, e.organization_id, e.project_id, o.key, p.key, e.key, e.revision
            FROM environments e JOIN projects p ON p.id = e.project_id JOIN organizations o ON o.id = e.organization_id ORDER BY e.id
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var environments = new List<EnvironmentState>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            environments.Add(new EnvironmentState(
                reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetString(3), reader.GetString(4), reader.GetString(5), reader.GetInt64(6)));
        }

        return environments;
    }

    /// <summary>All keys that are neither revoked nor expired at <paramref name="now"/>.</summary>
    public async Task<IReadOnlyList<ValidSdkKey>> ListKeysAsync(DateTimeOffset now, CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand(
            "SELECT environment_id, hash, kind, expires_at, rate_limit, origins FROM sdk_keys WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $1) ORDER BY id");
        command.Parameters.Add(new NpgsqlParameter { Value = now.ToUniversalTime() });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var keys = new List<ValidSdkKey>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            keys.Add(new ValidSdkKey(
                reader.GetGuid(0), Convert.ToHexStringLower(reader.GetFieldValue<byte[]>(1)), Enum.Parse<SdkKeyKind>(reader.GetString(2), ignoreCase: true),
                await reader.IsDBNullAsync(3, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<DateTimeOffset>(3),
                await reader.IsDBNullAsync(4, cancellationToken).ConfigureAwait(false) ? null : reader.GetInt32(4),
                await reader.IsDBNullAsync(5, cancellationToken).ConfigureAwait(false) ? null : reader.GetFieldValue<string[]>(5)));
        }

        return keys;
    }

    /// <summary>What environments keep of contexts, where they keep any; without the attributes that are marked as private.</summary>
    public async Task<IReadOnlyList<SampledEnvironment>> ListSampledAsync(CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand(
            """
            SELECT e.id, ARRAY(SELECT n FROM unnest(e.sample_attributes) n WHERE NOT EXISTS (SELECT FROM attributes a WHERE a.project_id = e.project_id AND a.name = n AND a.private)), e.sample_minutes, e.sample_size
            FROM environments e WHERE e.sample_contexts ORDER BY e.id
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var environments = new List<SampledEnvironment>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            environments.Add(new SampledEnvironment(reader.GetGuid(0), reader.GetFieldValue<string[]>(1), reader.GetInt32(2), reader.GetInt32(3)));
        return environments;
    }

    /// <summary>The snapshot of an environment at its newest revision or at <paramref name="revision"/>.</summary>
    /// <returns>Null when there is no such environment or revision.</returns>
    public async Task<StoredSnapshot?> ReadAsync(Guid environmentId, long? revision = null, CancellationToken cancellationToken = default)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        string project, environment, salt;
        long at;
        using (var command = new NpgsqlCommand("SELECT p.key, e.key, e.salt, e.revision FROM environments e JOIN projects p ON p.id = e.project_id WHERE e.id = $1", connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            if (!await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                return null;
            (project, environment, salt, at) = (reader.GetString(0), reader.GetString(1), reader.GetString(2), reader.GetInt64(3));
        }

        if (revision is { } wanted && (wanted < 1 || wanted > at))
            return null;
        at = revision ?? at;
        var builder = new SnapshotBuilder();
        builder.Begin(project, environment, at, salt);
        using (var command = new NpgsqlCommand(
            """
            SELECT s.kind, s.key, d.body FROM snapshot_entries s JOIN snapshot_documents d ON d.id = s.document_id
            WHERE s.environment_id = $1 AND s.revision <= $2 AND (s.superseded_at_revision IS NULL OR s.superseded_at_revision > $2) ORDER BY s.kind, s.key
            """,
            connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
            command.Parameters.Add(new NpgsqlParameter { Value = at });
            await builder.AddAsync(command, cancellationToken).ConfigureAwait(false);
        }

        return new StoredSnapshot(environmentId, at, builder.End());
    }

    /// <summary>The revision that was the newest at a moment.</summary>
    /// <returns>Null when the environment did not exist yet.</returns>
    public async Task<long?> RevisionAtAsync(Guid environmentId, DateTimeOffset at, CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand("SELECT max(revision) FROM environment_revisions WHERE environment_id = $1 AND created_at <= $2");
        command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
        command.Parameters.Add(new NpgsqlParameter { Value = at.ToUniversalTime() });
        return await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long?;
    }

    /// <summary>What changed since a revision, in one patch.</summary>
    /// <returns>Null when there is no such environment or it has not reached that revision: then only the whole snapshot helps. A patch to the same revision is empty.</returns>
    public async Task<StoredPatch?> ReadPatchAsync(Guid environmentId, long from, CancellationToken cancellationToken = default)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        return await ReadPatchAsync(connection, transaction, environmentId, from, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>What changed since a revision as a transaction sees it that has not ended yet.</summary>
    /// <inheritdoc cref="ReadPatchAsync(Guid, long, CancellationToken)"/>
    public static Task<StoredPatch?> ReadPatchAsync(AmbientTransaction ambient, Guid environmentId, long from, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(ambient);
        return ReadPatchAsync(ambient.Connection, ambient.Transaction, environmentId, from, cancellationToken);
    }

    private static async Task<StoredPatch?> ReadPatchAsync(
        NpgsqlConnection connection, NpgsqlTransaction transaction, Guid environmentId, long from, CancellationToken cancellationToken)
    {
        long revision;
        using (var command = new NpgsqlCommand("SELECT revision FROM environments WHERE id = $1", connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
            if (await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) is not long newest || from > newest || from < 0)
                return null;
            revision = newest;
        }

        var builder = new SnapshotBuilder();
        builder.BeginPatch(from, revision);
        using (var command = new NpgsqlCommand(
            """
            SELECT c.kind, c.key, d.body FROM (
                SELECT DISTINCT kind, key FROM snapshot_entries WHERE environment_id = $1 AND (revision > $2 OR superseded_at_revision > $2)) c
            LEFT JOIN snapshot_entries s ON s.environment_id = $1 AND s.kind = c.kind AND s.key = c.key AND s.superseded_at_revision IS NULL
            LEFT JOIN snapshot_documents d ON d.id = s.document_id ORDER BY c.kind, c.key
            """,
            connection, transaction))
        {
            command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
            command.Parameters.Add(new NpgsqlParameter { Value = from });
            await builder.AddAsync(command, cancellationToken).ConfigureAwait(false);
        }

        return new StoredPatch(environmentId, from, revision, builder.End());
    }

    /// <summary>The history of an environment, newest first.</summary>
    /// <param name="environmentId">The environment.</param>
    /// <param name="before">Only revisions below this one; null: from the newest.</param>
    /// <param name="limit">1 to 200.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<RevisionSummary>> ListRevisionsAsync(
        Guid environmentId, long? before, int limit, CancellationToken cancellationToken = default)
    {
        using var command = database.DataSource.CreateCommand(
            """
            SELECT r.revision, r.created_at, r.actor_name, r.summary, r.audit_id,
                (SELECT coalesce(json_agg(json_build_object('kind', c.kind, 'key', c.key) ORDER BY c.kind, c.key), '[]') FROM (
                    SELECT kind, key FROM snapshot_entries WHERE environment_id = r.environment_id AND revision = r.revision
                    UNION SELECT kind, key FROM snapshot_entries WHERE environment_id = r.environment_id AND superseded_at_revision = r.revision) c)::text
            FROM environment_revisions r WHERE r.environment_id = $1 AND r.revision < $2 ORDER BY r.revision DESC LIMIT $3
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = environmentId });
        command.Parameters.Add(new NpgsqlParameter { Value = before ?? long.MaxValue });
        command.Parameters.Add(new NpgsqlParameter { Value = Math.Clamp(limit, 1, 200) });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var revisions = new List<RevisionSummary>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            revisions.Add(new RevisionSummary(
                reader.GetInt64(0), reader.GetFieldValue<DateTimeOffset>(1), reader.GetString(2), reader.GetString(3), reader.GetGuid(4),
                JsonSerializer.Deserialize<DocumentChange[]>(reader.GetString(5), JsonSerializerOptions.Web)!));
        }

        return revisions;
    }
}
