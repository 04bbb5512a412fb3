using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// The hash chain of an organization's audit entries. The hash of an entry is the SHA-256 of its fields one after another, in the order of
/// <see cref="FieldsOf"/>; each field is the big-endian 32-bit number of its UTF-8 bytes and the bytes, −1 alone for null. Identifiers are written in lower-case
/// hyphenated form, times as <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>, sequence numbers in decimal, the previous hash in lower-case hexadecimal, JSON exactly as stored.
/// </summary>
public static class AuditChain
{
    /// <summary>Reads a whole chain and compares every entry with its hash, its predecessor and its number, and the last one with the head of the chain.</summary>
    /// <returns>How many entries there are, and the first that is wrong with the reason; null when all is well.</returns>
    public static async Task<AuditVerification> VerifyAsync(NpgsqlDataSource database, Guid organizationId, CancellationToken cancellationToken = default)
    {
        using var command = database.CreateCommand(
            """
            SELECT sequence, id, at, actor_kind, actor_id, actor_name, action, entity, entity_id, entity_key, project, environment, reason, request_id, address,
                user_agent, before::text, after::text, previous_hash, hash
            FROM audit_entries WHERE organization_id = $1 ORDER BY sequence
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        var (count, previous) = (0L, new byte[32]);
        using (var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false))
        {
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            {
                var entry = Read(reader, organizationId);
                count++;
                if (entry.Sequence != count)
                    return new AuditVerification(count, count, $"entry {count} is missing; {entry.Sequence} follows {count - 1}");
                if (!entry.PreviousHash.AsSpan().SequenceEqual(previous))
                    return new AuditVerification(count, count, $"entry {count} does not continue the one before it");
                if (!entry.Hash.AsSpan().SequenceEqual(HashOf(entry)))
                    return new AuditVerification(count, count, $"entry {count} was altered");
                previous = entry.Hash;
            }
        }

        using var head = database.CreateCommand("SELECT sequence, hash FROM audit_chains WHERE organization_id = $1");
        head.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        using var last = await head.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        if (!await last.ReadAsync(cancellationToken).ConfigureAwait(false))
            return count == 0 ? new AuditVerification(0, null, null) : new AuditVerification(count, count, "the head of the chain is missing");
        // Entries that were written while we read are newer than what we saw; only a head that we have reached can be compared.
        var (sequence, hash) = (last.GetInt64(0), last.GetFieldValue<byte[]>(1));
        if (sequence < count || (sequence == count && !hash.AsSpan().SequenceEqual(previous)))
            return new AuditVerification(count, count, "the last entry is not the head of the chain");
        return sequence == count || await ContinuesAsync(database, organizationId, count, cancellationToken).ConfigureAwait(false)
            ? new AuditVerification(count, null, null)
            : new AuditVerification(count, count + 1, $"entries after {count} are missing; the chain's head is {sequence}");
    }

    /// <summary>
    /// Every chain that there is: those of organizations, by their keys, and the one of people (<see cref="Guid.Empty"/>), which belong to no organization.
    /// </summary>
    public static async Task<IReadOnlyList<(Guid OrganizationId, string Name)>> ListAsync(NpgsqlDataSource database, CancellationToken cancellationToken = default)
    {
        using var command = database.CreateCommand(
            """
            SELECT c.id, coalesce(o.key, CASE WHEN c.id = '00000000-0000-0000-0000-000000000000' THEN '(people)' ELSE c.id::text END) AS name
            FROM (SELECT organization_id AS id FROM audit_chains UNION SELECT DISTINCT organization_id FROM audit_entries UNION SELECT id FROM organizations) c
            LEFT JOIN organizations o ON o.id = c.id ORDER BY name
            """);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var chains = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            chains.Add((reader.GetGuid(0), reader.GetString(1)));
        return chains;
    }

    internal static AuditEntry Seal(Guid organizationId, long sequence, byte[] previous, Change change, string? before, string? after, DateTimeOffset now)
    {
        var entry = new AuditEntry
        {
            OrganizationId = organizationId, Sequence = sequence, Id = Guid.CreateVersion7(), At = now, ActorKind = change.Actor.Kind, ActorId = change.Actor.Id,
            ActorName = Clean(change.Actor.Name)!, Action = change.Action, Entity = change.Entity, EntityId = change.EntityId, EntityKey = Clean(change.EntityKey)!,
            Project = change.Project?.Key, Environment = change.Environment, Reason = Clean(change.Reason), RequestId = Clean(change.Actor.RequestId),
            Address = Clean(change.Actor.Address), UserAgent = Clean(change.Actor.UserAgent), Before = before, After = after, PreviousHash = previous,
        };
        return entry.WithHash(HashOf(entry));
    }

    /// <summary>The SHA-256 that the entry should carry.</summary>
    public static byte[] HashOf(AuditEntry entry)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> length = stackalloc byte[4];
        foreach (var field in FieldsOf(entry))
        {
            var bytes = field is null ? [] : Encoding.UTF8.GetBytes(field);
            BinaryPrimitives.WriteInt32BigEndian(length, field is null ? -1 : bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }

        return hash.GetHashAndReset();
    }

    private static string?[] FieldsOf(AuditEntry entry) =>
    [
        entry.OrganizationId.ToString(), entry.Sequence.ToString(), entry.Id.ToString(), entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ"), entry.ActorKind,
        entry.ActorId?.ToString(), entry.ActorName, entry.Action, entry.Entity, entry.EntityId?.ToString(), entry.EntityKey, entry.Project, entry.Environment,
        entry.Reason, entry.RequestId, entry.Address, entry.UserAgent, entry.Before, entry.After, Convert.ToHexStringLower(entry.PreviousHash),
    ];

    /// <summary>Free texts of requests may hold what PostgreSQL cannot store; what is hashed must be what is stored.</summary>
    private static string? Clean(string? text)
    {
        if (text is null || KeyFormat.Text(text, "") is null)
            return text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }

    private static async Task<bool> ContinuesAsync(NpgsqlDataSource database, Guid organizationId, long count, CancellationToken cancellationToken)
    {
        using var next = database.CreateCommand("SELECT EXISTS (SELECT FROM audit_entries WHERE organization_id = $1 AND sequence = $2)");
        next.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        next.Parameters.Add(new NpgsqlParameter { Value = count + 1 });
        return (bool)(await next.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    private static AuditEntry Read(NpgsqlDataReader row, Guid organizationId)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        Guid? Id(int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
        return new AuditEntry
        {
            OrganizationId = organizationId, Sequence = row.GetInt64(0), Id = row.GetGuid(1), At = row.GetFieldValue<DateTimeOffset>(2), ActorKind = row.GetString(3),
            ActorId = Id(4), ActorName = row.GetString(5), Action = row.GetString(6), Entity = row.GetString(7), EntityId = Id(8), EntityKey = row.GetString(9),
            Project = Text(10), Environment = Text(11), Reason = Text(12), RequestId = Text(13), Address = Text(14), UserAgent = Text(15), Before = Text(16),
            After = Text(17), PreviousHash = row.GetFieldValue<byte[]>(18),
        }.WithHash(row.GetFieldValue<byte[]>(19));
    }
}

/// <summary>What reading a chain found.</summary>
/// <param name="Entries">How many entries were read.</param>
/// <param name="FirstBad">The number of the first entry that is not as it was written; null when all are.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record AuditVerification(long Entries, long? FirstBad, string? Problem);
