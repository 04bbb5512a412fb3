using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// The hash chain of an organization's audit entries. The hash of an entry is the SHA-256 of its fields one after another, in the order of
/// <see cref="FieldsOf"/>; each field is the big-endian 32-bit number of its UTF-8 bytes and the bytes, −1 alone for null. Identifiers are written in lower-case
/// hyphenated form, times as <c>yyyy-MM-ddTHH:mm:ss.ffffffZ</c>, sequence numbers in decimal, the previous hash in lower-case hexadecimal, JSON exactly as stored.
/// Format 1 has the fields of the first version; format 2 begins with its own name and ends with the person and the token behind the actor;
/// format 3 goes on with the right by which a guarded thing was changed and the change request.
/// </summary>
public static partial class AuditChain
{
    /// <summary>The format of new entries: it decides which fields the hash covers.</summary>
    public const short CurrentFormat = 3;

    /// <summary>
    /// Every chain that there is: those of organizations, by their keys, and the one of people (<see cref="Guid.Empty"/>), which belong to no organization.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="seal">Knows the chains that there were; those that are gone are listed too.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public static async Task<IReadOnlyList<(Guid OrganizationId, string Name)>> ListAsync(
        NpgsqlDataSource database, AuditSeal? seal = null, CancellationToken cancellationToken = default)
    {
        using var command = database.CreateCommand(
            """
            SELECT c.id, coalesce(o.key, CASE WHEN c.id = '00000000-0000-0000-0000-000000000000' THEN '(people)' ELSE c.id::text END) AS name
            FROM (SELECT organization_id AS id FROM audit_chains UNION SELECT DISTINCT organization_id FROM audit_entries UNION SELECT id FROM organizations UNION SELECT unnest($1)) c
            LEFT JOIN organizations o ON o.id = c.id ORDER BY name
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = seal?.Known.Keys.ToArray() ?? [] });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        var chains = new List<(Guid, string)>();
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            chains.Add((reader.GetGuid(0), reader.GetString(1)));
        return chains;
    }

    internal static AuditEntry Seal(Guid organizationId, long sequence, byte[] previous, Change change, string? before, string? after, DateTimeOffset now, AuditSeal seal)
    {
        var (actor, token, person) = (change.Actor, change.Actor.Token, change.Actor.OnBehalfOf);
        var entry = new AuditEntry
        {
            OrganizationId = organizationId, Sequence = sequence, Id = Guid.CreateVersion7(), At = now, ActorKind = actor.Kind, ActorId = actor.Id,
            ActorName = Clean(actor.Name)!, OnBehalfOfId = person?.Id, OnBehalfOfName = Clean(person?.Name), TokenId = token?.Id, TokenName = Clean(token?.Name),
            Action = change.Action, Entity = change.Entity, EntityId = change.EntityId, EntityKey = Clean(change.EntityKey)!,
            Project = change.Project?.Key, Environment = change.Environment, Reason = Clean(change.Reason), RequestId = Clean(actor.RequestId),
            Address = Clean(actor.Address), UserAgent = Clean(actor.UserAgent), Before = before, After = after, PreviousHash = previous,
            Authority = change.Authority.Name, ChangeRequestId = change.Authority.RequestId,
        };
        var hash = HashOf(entry);
        return entry.Sealed(hash, seal.Sign(hash));
    }

    /// <summary>The SHA-256 that the entry should carry.</summary>
    public static byte[] HashOf(AuditEntry entry) => SHA256.HashData(Message(FieldsOf(entry)));

    /// <summary>Fields in a form in which none can reach into another: the length of each before it.</summary>
    internal static byte[] Message(string?[] fields)
    {
        var size = 0;
        foreach (var field in fields)
            size += 4 + (field is null ? 0 : Encoding.UTF8.GetByteCount(field));
        var message = new byte[size];
        var rest = message.AsSpan();
        foreach (var field in fields)
        {
            var length = field is null ? 0 : Encoding.UTF8.GetBytes(field, rest[4..]);
            BinaryPrimitives.WriteInt32BigEndian(rest, field is null ? -1 : length);
            rest = rest[(4 + length)..];
        }

        return message;
    }

    private static string?[] FieldsOf(AuditEntry entry)
    {
        string?[] first =
        [
            entry.OrganizationId.ToString(), entry.Sequence.ToString(), entry.Id.ToString(), entry.At.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ss.ffffffZ"), entry.ActorKind,
            entry.ActorId?.ToString(), entry.ActorName, entry.Action, entry.Entity, entry.EntityId?.ToString(), entry.EntityKey, entry.Project, entry.Environment,
            entry.Reason, entry.RequestId, entry.Address, entry.UserAgent, entry.Before, entry.After, Convert.ToHexStringLower(entry.PreviousHash),
        ];
        if (entry.Format == 1)
            return first;
        string?[] second = [$"togglr audit entry {entry.Format}", .. first, entry.OnBehalfOfId?.ToString(), entry.OnBehalfOfName, entry.TokenId?.ToString(), entry.TokenName];
        return entry.Format == 2 ? second : [.. second, entry.Authority, entry.ChangeRequestId?.ToString()];
    }

    /// <summary>Free texts of requests may hold what PostgreSQL cannot store; what is hashed must be what is stored.</summary>
    private static string? Clean(string? text)
    {
        if (text is null || KeyFormat.Text(text, "") is null)
            return text;
        return Encoding.UTF8.GetString(Encoding.UTF8.GetBytes(text)).Replace('\0', '\uFFFD');
    }
}
