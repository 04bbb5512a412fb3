using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

internal sealed partial class CommitWriter
{
    /// <summary>The heads that this commit wrote; true once it is committed.</summary>
    internal List<AuditHead> Heads { get; } = [];

    /// <summary>The entry that closes the commit; the chain's head is locked until the end, so entries are in the order of commits.</summary>
    internal async Task<AuditEntry> WriteAuditAsync(Change change, ChangePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        AuditEntry? own = null;
        if (change.Parts.Count > 0)
            return await WritePartsAsync(change, plan, now, cancellationToken).ConfigureAwait(false);
        // Always in the same order, so that commits wait for one another and never deadlock.
        foreach (var chain in change.AlsoIn.Append(organizationId).Distinct().Order())
        {
            var head = await LockHeadAsync(chain, cancellationToken).ConfigureAwait(false);
            var entry = await WriteAuditAsync(head, change, plan.Before, plan.After, now, cancellationToken).ConfigureAwait(false);
            if (chain == organizationId)
                own = entry;
        }

        return own!;
    }

    /// <summary>One entry after the other in the same chain, all of the same moment and request; gives the last.</summary>
    private async Task<AuditEntry> WritePartsAsync(Change change, ChangePlan plan, DateTimeOffset now, CancellationToken cancellationToken)
    {
        if (change.AlsoIn.Count > 0)
            throw new InvalidOperationException("What is told in several chains has no parts.");
        var known = change.Parts.SelectMany(part => part.Rows).ToHashSet();
        if (plan.Entries.Find(entry => !known.Contains(entry.Entity)) is { } untold)
            throw new InvalidOperationException($"No part of the change tells of {untold.Entity.AuditPath}.");
        AuditEntry? last = null;
        var head = await LockHeadAsync(organizationId, cancellationToken).ConfigureAwait(false);
        foreach (var part in change.Parts)
        {
            if (!plan.TryDescribe(part.Rows, out var before, out var after) && part.Promotion is null)
                continue;
            if (part.Promotion is { } promotion)
                after = WithLink(after, promotion);
            var told = change with
            {
                Action = part.Action,
                EntityKey = part.EntityKey,
                EntityId = part.EntityId,
                Project = part.Project ?? change.Project,
                Environment = part.Environment ?? change.Environment,
                Reason = part.Reason ?? change.Reason,
                Parts = [],
            };
            last = await WriteAuditAsync(head, told, before, after, now, cancellationToken).ConfigureAwait(false);
            head = Heads[^1];
        }

        return last!;
    }

    private static string WithLink(string? after, PromotionLink link)
    {
        var end = JsonSerializer.Serialize(new { link.Project, link.Environment, link.Flag, link.Revision }, JsonSerializerOptions.Web);
        var member = $"{{\"{PromotionLink.Name}\":{{\"{link.Direction}\":{end}}}";
        // Spliced, not parsed: a condition may nest deeper than parsers like by default.
        return after is null ? member + "}" : $"{member},{after.AsSpan(1)}";
    }

    internal async Task<AuditHead> LockHeadAsync(Guid chain, CancellationToken cancellationToken)
    {
        using var command = Command(
            $"""
            INSERT INTO audit_chains AS c (organization_id, sequence, hash) VALUES ($1, 0, $2)
            ON CONFLICT (organization_id) DO UPDATE SET sequence = c.sequence RETURNING {AuditHead.Columns}
            """,
            chain, new byte[32]);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        await reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        return AuditHead.Read(reader, chain, 0);
    }

    /// <summary>One entry after <paramref name="head"/>, which is locked.</summary>
    internal async Task<AuditEntry> WriteAuditAsync(AuditHead head, Change change, string? before, string? after, DateTimeOffset now, CancellationToken cancellationToken)
    {
        var entry = AuditChain.Seal(head.OrganizationId, head.Sequence + 1, head.Hash, change, before, after, now, seal);
        var next = seal.Advance(head, entry.Sequence, entry.Hash);
        using var insert = Command(
            """
            WITH head AS (
                UPDATE audit_chains SET sequence = $2, hash = $20, base_sequence = $29, base_hash = $30, signed_from = $31::bigint, suspect_from = $32::bigint, signature = $33::bytea,
                    skew = greatest(skew, latest_at - $4), latest_at = greatest(latest_at, $4)
                WHERE organization_id = $1)
            INSERT INTO audit_entries (organization_id, sequence, id, at, actor_kind, actor_id, actor_name, action, entity, entity_id, entity_key, project,
                environment, reason, request_id, address, user_agent, before, after, hash, previous_hash, on_behalf_of_id, on_behalf_of_name, token_id, token_name, format,
                signature, search, authority, change_request_id)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18::json, $19::json, $20, $21, $22::uuid, $23, $24::uuid, $25, $26, $27::bytea,
                array_to_tsvector($28), $34, $35::uuid)
            """,
            head.OrganizationId, entry.Sequence, entry.Id, entry.At, entry.ActorKind, entry.ActorId, entry.ActorName, entry.Action, entry.Entity, entry.EntityId,
            entry.EntityKey, entry.Project, entry.Environment, entry.Reason, entry.RequestId, entry.Address, entry.UserAgent, entry.Before, entry.After,
            entry.Hash, entry.PreviousHash, entry.OnBehalfOfId, entry.OnBehalfOfName, entry.TokenId, entry.TokenName, entry.Format, entry.Signature,
            AuditTerms.Of(entry), next.BaseSequence, next.BaseHash, next.SignedFrom, next.SuspectFrom, next.Signature, entry.Authority, entry.ChangeRequestId);
        await insert.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        Heads.Add(next);
        return entry;
    }
}
