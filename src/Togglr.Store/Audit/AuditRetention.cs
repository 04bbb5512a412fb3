using System.Text.Json;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>
/// Once an hour removes the entries that are older than their organization keeps them, oldest first. The chain stays verifiable: its signed head says up to where
/// entries were removed and what the hash of the last of them was, and the removal is an entry itself. Several nodes do no harm: one at a time holds the head of a chain.
/// </summary>
public sealed partial class AuditRetention(TogglrDatabase database, AuditSeal seal, TimeProvider time, ILogger<AuditRetention> log) : DatabaseWorker(database, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <summary>Most entries that go with one transaction and one entry about it.</summary>
    private const int Batch = 50_000;

    /// <inheritdoc/>
    protected override TimeSpan Pause => Interval;

    /// <summary>Removes what is due in all organizations.</summary>
    /// <returns>How many entries went.</returns>
    public async Task<long> RunAsync(CancellationToken cancellationToken = default)
    {
        var due = new List<(Guid Organization, int Days)>();
        using (var command = Database.DataSource.CreateCommand("SELECT id, audit_retention_days FROM organizations WHERE audit_retention_days IS NOT NULL ORDER BY id"))
        {
            using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
            while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
                due.Add((reader.GetGuid(0), reader.GetInt32(1)));
        }

        var total = 0L;
        foreach (var (organization, days) in due)
        {
            long removed;
            do
                total += removed = await RemoveAsync(organization, days, cancellationToken).ConfigureAwait(false);
            while (removed == Batch);
        }

        return total;
    }

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        await RunAsync(cancellationToken).ConfigureAwait(false);
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    private async Task<long> RemoveAsync(Guid organization, int days, CancellationToken cancellationToken)
    {
        using var connection = await Database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var now = TogglrDbContext.Truncate(Time.GetUtcNow());
        var writer = new CommitWriter(connection, transaction, organization, seal);
        var head = await writer.LockHeadAsync(organization, cancellationToken).ConfigureAwait(false);
        if (await FindLastAsync(connection, organization, head, now - TimeSpan.FromDays(days), cancellationToken).ConfigureAwait(false) is not var (first, last, hash, count))
            return 0;
        if (seal.FaultOf(head, seal.KnownOf(organization)) is { } fault)
        {
            // Removing must not destroy what tells of a crime.
            LogRefused(organization, fault);
            return 0;
        }

        var change = new Change(ChangeActor.System("retention"), "audit.entries_removed", $"{first}-{last}") { Reason = $"Entries are kept for {days} days." };
        var after = JsonSerializer.Serialize(
            new Dictionary<string, object> { ["audit"] = new { removedFrom = first, removedThrough = last, entries = count, hash = Convert.ToHexStringLower(hash), retentionDays = days } });
        var checkpoint = seal.Sign(last > head.BaseSequence ? head with { BaseSequence = last, BaseHash = hash } : head);
        await writer.WriteAuditAsync(checkpoint, change, null, after, now, cancellationToken).ConfigureAwait(false);
        using (var remove = new NpgsqlCommand("SELECT remove_audit_entries($1, $2)", connection) { CommandTimeout = 0 })
        {
            remove.Parameters.Add(new NpgsqlParameter { Value = organization });
            remove.Parameters.Add(new NpgsqlParameter { Value = last });
            await remove.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false);
        }

        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        seal.Remember(writer.Heads);
        LogRemoved(organization, first, last, days);
        return count;
    }

    /// <summary>The last entry of the oldest that may go: all before it are old enough too, and the newest entry stays in any case.</summary>
    private static async Task<(long First, long Last, byte[] Hash, long Count)?> FindLastAsync(
        NpgsqlConnection connection, Guid organization, AuditHead head, DateTimeOffset limit, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            """
            WITH oldest AS (SELECT sequence, at, hash FROM audit_entries WHERE organization_id = $1 AND sequence < $3 ORDER BY sequence LIMIT $4),
            kept AS (SELECT min(sequence) AS sequence FROM oldest WHERE at > $2)
            SELECT min(o.sequence) OVER (), o.sequence, o.hash, count(*) OVER () FROM oldest o, kept k WHERE k.sequence IS NULL OR o.sequence < k.sequence
            ORDER BY o.sequence DESC LIMIT 1
            """,
            connection)
        { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter { Value = organization });
        command.Parameters.Add(new NpgsqlParameter { Value = limit });
        command.Parameters.Add(new NpgsqlParameter { Value = head.Sequence });
        command.Parameters.Add(new NpgsqlParameter { Value = Batch });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (reader.GetInt64(0), reader.GetInt64(1), reader.GetFieldValue<byte[]>(2), reader.GetInt64(3))
            : null;
    }

    [LoggerMessage(3052, LogLevel.Information, "Removed the audit entries {First} to {Last} of the organization {Organization}, which keeps them for {Days} days")]
    private partial void LogRemoved(Guid organization, long first, long last, int days);

    [LoggerMessage(3053, LogLevel.Warning, "Audit entries that are too old could not be removed; tried again in an hour: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(3054, LogLevel.Critical, "Audit entries of {Organization} that are too old are kept, because its chain is not as it should be: {Fault}")]
    private partial void LogRefused(Guid organization, string fault);
}
