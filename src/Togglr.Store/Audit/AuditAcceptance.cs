using System.Text.Json;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// Lets chains that do not verify go on from where they are: after a restored backup, lost keys, or a crime that was looked into. What lies before is not checked
/// any more, and an entry that can be checked says since when and why. For the operator, who has the keys; nothing of the API leads here.
/// </summary>
public sealed class AuditAcceptance(TogglrDatabase database, AuditSeal seal, TimeProvider time)
{
    /// <summary>Verifies all chains and accepts those that are wrong.</summary>
    /// <returns>The names of those, and what was wrong.</returns>
    public async Task<IReadOnlyList<(string Name, string Problem)>> RunAsync(CancellationToken cancellationToken = default)
    {
        var accepted = new List<(string, string)>();
        foreach (var (chain, name) in await AuditChain.ListAsync(database.DataSource, seal, cancellationToken).ConfigureAwait(false))
        {
            var verdict = await AuditChain.VerifyAsync(database.DataSource, chain, seal, cancellationToken).ConfigureAwait(false);
            if (verdict.Problem is null)
                continue;
            await AcceptAsync(chain, verdict, cancellationToken).ConfigureAwait(false);
            accepted.Add((name, verdict.Problem));
        }

        seal.Save();
        return accepted;
    }

    private async Task AcceptAsync(Guid chain, AuditVerification verdict, CancellationToken cancellationToken)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var writer = new CommitWriter(connection, transaction, chain, seal);
        var head = await writer.LockHeadAsync(chain, cancellationToken).ConfigureAwait(false);
        using var last = new NpgsqlCommand("SELECT coalesce(max(sequence), 0) FROM audit_entries WHERE organization_id = $1", connection);
        last.Parameters.Add(new NpgsqlParameter { Value = chain });
        // Numbers that were given out once are not given out again.
        var through = Math.Max(
            Math.Max(head.Sequence, (long)(await last.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!), seal.KnownOf(chain)?.Sequence ?? 0);
        var start = seal.Sign(head with { Sequence = through, BaseSequence = through, BaseHash = head.Hash, SignedFrom = through + 1, SuspectFrom = null });
        seal.Replace(start);
        var after = JsonSerializer.Serialize(
            new Dictionary<string, object> { ["audit"] = new { acceptedThrough = through, firstBad = verdict.FirstBad, problem = verdict.Problem } });
        await writer.WriteAuditAsync(
            start, new Change(ChangeActor.System("operator"), "audit.accepted", $"1-{through}"), null, after, TogglrDbContext.Truncate(time.GetUtcNow()), cancellationToken).ConfigureAwait(false);
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        seal.Remember(writer.Heads);
    }
}
