using Npgsql;

namespace Togglr.Store;

/// <summary>
/// Reads an organization's audit log, newest first, a page at a time. What is asked for is mostly near: so the newest entries that the best ordered index gives are
/// looked through first, a bounded number of them. What is not found there is rare, and one inverted index over all terms finds the rest. Neither way depends on the
/// database's guess of how rare a combination is.
/// </summary>
/// <param name="database">The database.</param>
/// <param name="organizationId">The organization; the caller has checked that it may be read.</param>
public sealed partial class AuditLog(NpgsqlDataSource database, Guid organizationId)
{
    /// <summary>Entries that are looked through in order before the inverted index is asked.</summary>
    private const int Near = 5_000;

    /// <summary>The newest entries before <paramref name="before"/>.</summary>
    /// <param name="filter">Which.</param>
    /// <param name="before">Number of the entry that the page before ended with; null for the first page.</param>
    /// <param name="limit">At most so many, from 1.</param>
    /// <param name="cancellationToken">Ends the reading.</param>
    public async Task<IReadOnlyList<AuditEntry>> ReadAsync(AuditFilter filter, long? before, int limit, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(filter);
        string[] words = [.. AuditTerms.WordsOf(filter.Search).Distinct(StringComparer.Ordinal)];
        if ((!string.IsNullOrEmpty(filter.Search) && words.Length == 0) || filter.VisibleProjects is { Count: 0 })
            return [];
        using var connection = await database.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        var (lowest, highest) = await BoundsAsync(connection, filter, cancellationToken).ConfigureAwait(false);
        highest = Math.Min(highest, (before ?? long.MaxValue) - 1);
        var condition = new AuditCondition(organizationId, filter, words);
        var (entries, reached) = await ReadNearAsync(connection, condition, lowest, highest, limit, cancellationToken).ConfigureAwait(false);
        if (reached is { } last && entries.Count < limit)
            entries.AddRange(await ReadFarAsync(connection, condition, lowest, last - 1, limit - entries.Count, cancellationToken).ConfigureAwait(false));
        return entries;
    }

    /// <summary>One entry; null when there is none.</summary>
    public async Task<AuditEntry?> FindAsync(Guid id, CancellationToken cancellationToken = default)
    {
        using var command = database.CreateCommand($"SELECT {AuditChain.EntryColumns} FROM audit_entries WHERE organization_id = $1 AND id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        command.Parameters.Add(new NpgsqlParameter { Value = id });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false) ? AuditChain.ReadEntry(reader, organizationId) : null;
    }

    /// <summary>How many entries there are, without filters: the chain has no gaps.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken = default)
    {
        using var command = database.CreateCommand(
            """
            SELECT coalesce((SELECT c.sequence FROM audit_chains c WHERE c.organization_id = $1)
                - (SELECT e.sequence FROM audit_entries e WHERE e.organization_id = $1 ORDER BY e.sequence LIMIT 1) + 1, 0)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        return (long)(await command.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false))!;
    }

    /// <summary>
    /// Numbers between which all entries of the filter's times lie. Times run as numbers do, but for commits that waited and clocks that were set: the chain's head
    /// knows how far any time ever lay before an earlier one.
    /// </summary>
    private async Task<(long Lowest, long Highest)> BoundsAsync(NpgsqlConnection connection, AuditFilter filter, CancellationToken cancellationToken)
    {
        if (filter.From is null && filter.To is null)
            return (1, long.MaxValue);
        using var command = new NpgsqlCommand(
            """
            SELECT
                (SELECT e.sequence FROM audit_entries e WHERE e.organization_id = $1 AND e.at < $2 - c.skew ORDER BY e.at DESC LIMIT 1),
                (SELECT e.sequence FROM audit_entries e WHERE e.organization_id = $1 AND e.at >= $3 + c.skew ORDER BY e.at LIMIT 1)
            FROM audit_chains c WHERE c.organization_id = $1
            """,
            connection);
        command.Parameters.Add(new NpgsqlParameter { Value = organizationId });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)filter.From?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)filter.To?.ToUniversalTime() ?? DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.TimestampTz });
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        return await reader.ReadAsync(cancellationToken).ConfigureAwait(false)
            ? (reader.IsDBNull(0) ? 1 : reader.GetInt64(0), reader.IsDBNull(1) ? long.MaxValue : reader.GetInt64(1))
            : (1, long.MaxValue);
    }

    /// <summary>Goes down the best ordered index. The second value is the number that was reached without having found enough; null when there is nothing further down.</summary>
    private static async Task<(List<AuditEntry> Entries, long? Reached)> ReadNearAsync(
        NpgsqlConnection connection, AuditCondition condition, long lowest, long highest, int limit, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntry>(limit);
        using (var command = condition.Near(connection, lowest, highest, Near, limit))
            await ReadAsync(command, condition.OrganizationId, entries, cancellationToken).ConfigureAwait(false);
        if (entries.Count == limit || condition.IsOrdered)
            return (entries, null);
        using var end = condition.NearEnd(connection, lowest, highest, Near);
        return (entries, await end.ExecuteScalarAsync(cancellationToken).ConfigureAwait(false) as long?);
    }

    private static async Task<List<AuditEntry>> ReadFarAsync(
        NpgsqlConnection connection, AuditCondition condition, long lowest, long highest, int limit, CancellationToken cancellationToken)
    {
        var entries = new List<AuditEntry>();
        using var command = condition.Far(connection, lowest, highest, limit);
        await ReadAsync(command, condition.OrganizationId, entries, cancellationToken).ConfigureAwait(false);
        return entries;
    }

    private static async Task ReadAsync(NpgsqlCommand command, Guid organizationId, List<AuditEntry> entries, CancellationToken cancellationToken)
    {
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
            entries.Add(AuditChain.ReadEntry(reader, organizationId));
    }
}
