using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>A sync that this process has claimed: its counters and log, written down now and then. Another node may begin it anew when that stops.</summary>
internal sealed class SyncProgress(NpgsqlDataSource database, SyncClaim claim, TimeProvider time)
{
    private const int MostLines = 1000;
    private const int LongestLine = 1000;

    private readonly Lock _gate = new();
    private readonly List<(DateTimeOffset At, string Level, string Message)> _unwritten = [];
    private int _lines;

    public int Scanned;
    public int Created;
    public int Updated;
    public int Deactivated;
    public int Skipped;

    /// <summary>The sync.</summary>
    public SyncClaim Claim => claim;

    /// <summary>Writes a line in the log; lines after the first thousand are counted only.</summary>
    public void Tell(string level, string message)
    {
        lock (_gate)
        {
            if (++_lines > MostLines)
                return;
            if (_lines == MostLines)
                (level, message) = ("warning", "The log is full; what follows is only counted.");
            message = new string([.. message.Where(static letter => letter != '\0' && !char.IsSurrogate(letter)).Take(LongestLine)]);
            _unwritten.Add((time.GetUtcNow(), level, message));
        }
    }

    /// <summary>Writes everything down and prolongs the claim; false when another run has the sync now.</summary>
    public Task<bool> SaveAsync(CancellationToken cancel) => WriteAsync(status: "running", error: null, cancel);

    /// <summary>Writes everything down for the last time.</summary>
    public Task<bool> FinishAsync(string? error, CancellationToken cancel) => WriteAsync(error is null ? "succeeded" : "failed", error, cancel);

    private async Task<bool> WriteAsync(string status, string? error, CancellationToken cancel)
    {
        (DateTimeOffset At, string Level, string Message)[] lines;
        lock (_gate)
        {
            lines = [.. _unwritten];
            _unwritten.Clear();
        }
        await using var command = database.CreateCommand(
            """
            WITH mine AS (
                UPDATE directory_syncs SET scanned = $3, created = $4, updated = $5, deactivated = $6, skipped = $7, status = $8, error = $9,
                    finished_at = CASE WHEN $8 = 'running' THEN NULL ELSE now() END, claimed_until = now() + make_interval(secs => $10)
                WHERE id = $1 AND claim = $2 AND status = 'running' RETURNING organization_id, id),
            next AS (SELECT coalesce(max(number), 0) AS number FROM directory_sync_lines WHERE sync_id = $1),
            written AS (
                INSERT INTO directory_sync_lines (organization_id, sync_id, number, at, level, message)
                SELECT mine.organization_id, mine.id, next.number + line.place, line.at, line.level, line.message
                FROM mine, next, unnest($11, $12, $13) WITH ORDINALITY AS line(at, level, message, place))
            SELECT count(*) FROM mine
            """);
        object?[] values =
        [
            claim.Sync, claim.Claim, Scanned, Created, Updated, Deactivated, Skipped, status, error, DirectorySyncWorker.Lease.TotalSeconds,
            lines.Select(static line => line.At).ToArray(), lines.Select(static line => line.Level).ToArray(), lines.Select(static line => line.Message).ToArray(),
        ];
        foreach (var value in values)
            command.Parameters.Add(value is null ? new NpgsqlParameter { Value = DBNull.Value, NpgsqlDbType = NpgsqlTypes.NpgsqlDbType.Text } : new NpgsqlParameter { Value = value });
        return (long)(await command.ExecuteScalarAsync(cancel))! == 1;
    }
}

/// <summary>A sync in the hands of this process.</summary>
/// <param name="Sync">The sync.</param>
/// <param name="Claim">The number of this run, so that an earlier one cannot write any more.</param>
/// <param name="Organization">Whose.</param>
/// <param name="Provider">The directory.</param>
/// <param name="Force">Whether it may deactivate any number of people.</param>
/// <param name="Attempts">How often it was begun, this time included.</param>
internal sealed record SyncClaim(Guid Sync, Guid Claim, Guid Organization, Guid Provider, bool Force, int Attempts);
