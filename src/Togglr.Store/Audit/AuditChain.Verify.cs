using System.Data;
using Npgsql;

namespace Togglr.Store;

public static partial class AuditChain
{
    /// <summary>
    /// Reads a whole chain and compares every entry with its hash, its signature, its predecessor and its number, the last one with the head of the chain, and all
    /// of it with what is known outside the database. Sees one moment, whatever is written meanwhile.
    /// </summary>
    /// <param name="database">The database.</param>
    /// <param name="organizationId">The chain.</param>
    /// <param name="seal">The keys and what is known; null: hashes only.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    /// <returns>How many entries there are, and the first that is wrong with the reason; null when all is well.</returns>
    public static async Task<AuditVerification> VerifyAsync(
        NpgsqlDataSource database, Guid organizationId, AuditSeal? seal = null, CancellationToken cancellationToken = default)
    {
        using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellationToken).ConfigureAwait(false);
        var known = seal?.KnownOf(organizationId);
        var head = await ReadHeadAsync(connection, organizationId, cancellationToken).ConfigureAwait(false);
        var walk = new AuditWalk(organizationId, head, seal is { IsOn: true } ? seal : null, known);
        using (var command = new NpgsqlCommand(
            $"SELECT {EntryColumns}, tsvector_to_array(search) FROM audit_entries WHERE organization_id = $1 ORDER BY sequence", connection)
        { CommandTimeout = 0 })
        {
            command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (walk.Problem is null && await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                walk.Take(ReadEntry(reader, organizationId), reader.GetFieldValue<string[]>(EntryColumnCount));
        }

        walk.End();
        return walk.Result;
    }

    internal const string EntryColumns =
        """
        sequence, id, at, actor_kind, actor_id, actor_name, action, entity, entity_id, entity_key, project, environment, reason, request_id, address,
        user_agent, before::text, after::text, previous_hash, hash, on_behalf_of_id, on_behalf_of_name, token_id, token_name, format, signature, authority,
        change_request_id
        """;

    internal const int EntryColumnCount = 28;

    internal static AuditEntry ReadEntry(NpgsqlDataReader row, Guid organizationId)
    {
        string? Text(int column) => row.IsDBNull(column) ? null : row.GetString(column);
        Guid? Id(int column) => row.IsDBNull(column) ? null : row.GetGuid(column);
        return new AuditEntry
        {
            OrganizationId = organizationId, Sequence = row.GetInt64(0), Id = row.GetGuid(1), At = row.GetFieldValue<DateTimeOffset>(2), ActorKind = row.GetString(3),
            ActorId = Id(4), ActorName = row.GetString(5), Action = row.GetString(6), Entity = row.GetString(7), EntityId = Id(8), EntityKey = row.GetString(9),
            Project = Text(10), Environment = Text(11), Reason = Text(12), RequestId = Text(13), Address = Text(14), UserAgent = Text(15), Before = Text(16),
            After = Text(17), PreviousHash = row.GetFieldValue<byte[]>(18), OnBehalfOfId = Id(20), OnBehalfOfName = Text(21), TokenId = Id(22), TokenName = Text(23),
            Format = row.GetInt16(24), Authority = Text(26), ChangeRequestId = Id(27),
        }.Sealed(row.GetFieldValue<byte[]>(19), row.IsDBNull(25) ? null : row.GetFieldValue<byte[]>(25));
    }

    private static async Task<AuditHead?> ReadHeadAsync(NpgsqlConnection connection, Guid organizationId, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand($"SELECT {AuditHead.Columns} FROM audit_chains WHERE organization_id = $1", connection);
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? AuditHead.Read(reader, organizationId, 0) : null;
    }
}

/// <summary>What reading a chain found.</summary>
/// <param name="Entries">How many entries were read.</param>
/// <param name="FirstBad">The number of the first entry that is not as it was written; null when all are.</param>
/// <param name="Problem">What is wrong with it.</param>
public sealed record AuditVerification(long Entries, long? FirstBad, string? Problem)
{
    /// <summary>Entries up to this one are not checked: they were removed because they were old enough, or somebody accepted them as they are. 0 for none.</summary>
    public long UncheckedThrough { get; init; }

    /// <summary>The number of the first entry with a signature; entries before it have hashes only. Null where nothing is signed.</summary>
    public long? SignedFrom { get; init; }
}

/// <summary>Goes through a chain entry by entry and stops at the first that is wrong.</summary>
internal sealed class AuditWalk(Guid organizationId, AuditHead? head, AuditSeal? seal, KnownHead? known)
{
    private readonly long _base = head?.BaseSequence ?? 0;
    private long _last = head?.BaseSequence ?? 0;
    private byte[] _previous = head?.BaseHash ?? new byte[32];
    private long _entries;
    private long? _firstBad;

    internal string? Problem { get; private set; }

    internal AuditVerification Result => new(_entries, _firstBad, Problem) { UncheckedThrough = _base, SignedFrom = head?.SignedFrom };

    internal void Take(AuditEntry entry, string[] terms)
    {
        _entries++;
        if (entry.Sequence <= _base)
            return;
        var expected = _last + 1;
        if (entry.Sequence != expected)
            Fail(expected, $"entry {expected} is missing; {entry.Sequence} follows {_last}");
        else if (!entry.PreviousHash.AsSpan().SequenceEqual(_previous))
            Fail(expected, $"entry {expected} does not continue the one before it");
        else if (!entry.Hash.AsSpan().SequenceEqual(AuditChain.HashOf(entry)) || HasHiddenFields(entry))
            Fail(expected, $"entry {expected} was altered");
        else if (FaultOfSignature(entry) is { } fault)
            Fail(expected, fault);
        else if (known is not null && known.Sequence == expected && !entry.Hash.AsSpan().SequenceEqual(known.Hash))
            Fail(expected, $"entry {expected} is not the one that this server knows: the chain was set back and written anew");
        else if (entry.Format >= 2 && !AuditTerms.Of(entry).ToHashSet(StringComparer.Ordinal).SetEquals(terms))
            Fail(expected, $"the words by which entry {expected} is found were altered");
        (_last, _previous) = (entry.Sequence, entry.Hash);
    }

    internal void End()
    {
        if (Problem is not null)
            return;
        if (head is null)
        {
            if (_entries > 0)
                Fail(_last, "the head of the chain is missing");
            else if (known is { Sequence: > 0 })
                Fail(1, $"the chain had come to entry {known.Sequence} and is gone");
        }
        else if (head.Sequence > _last)
            Fail(_last + 1, $"entries after {_last} are missing; the chain's head is {head.Sequence}");
        else if (head.Sequence != _last || !head.Hash.AsSpan().SequenceEqual(_previous))
            Fail(_last, "the last entry is not the head of the chain");
        else if (seal?.FaultOf(head, known) is { } fault)
            Fail(_last, fault);
        else if (seal is not null && head.SuspectFrom is { } suspect)
            Fail(suspect, $"before entry {suspect} was written, the head of the chain was not as the server had left it: entries before it may have been removed or replaced");
    }

    /// <summary>The hash of older formats does not cover the fields that came later, so they must be empty.</summary>
    private static bool HasHiddenFields(AuditEntry entry) =>
        entry.Format is < 1 or > AuditChain.CurrentFormat
        || (entry.Format == 1 && (entry.OnBehalfOfId ?? entry.TokenId) is not null)
        || (entry.Format == 1 && (entry.OnBehalfOfName ?? entry.TokenName) is not null)
        || (entry.Format < 3 && (entry.Authority is not null || entry.ChangeRequestId is not null));

    private string? FaultOfSignature(AuditEntry entry)
    {
        if (seal is null || head is null)
            return null;
        if (entry.Sequence < head.SignedFrom)
            return entry.Signature is null ? null : $"entry {entry.Sequence} has a signature, although entries are signed from {head.SignedFrom} on";
        return seal.Check(entry) switch
        {
            AuditSignature.Good => null,
            AuditSignature.UnknownKey =>
                $"entry {entry.Sequence} is signed with a key that this server does not have (do all control planes have the same TOGGLR_ENCRYPTION_KEYS?)",
            _ => $"entry {entry.Sequence} of {organizationId} was rewritten: its signature is missing or wrong",
        };
    }

    private void Fail(long place, string problem) => (_firstBad, Problem) = (place, problem);
}
