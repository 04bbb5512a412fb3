using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Events;

/// <summary>
/// Removes the events of environments that are gone, piece by piece so that nobody waits for it. The database notes which those are; a row of <c>removed_environments</c> is locked while somebody works on it, so
/// processes take turns, and goes when nothing is left.
/// </summary>
internal sealed partial class RemovedEnvironments(IEventStore store, TogglrDatabase database, TimeProvider time, ILogger<RemovedEnvironments> logger) : DatabaseWorker(database, time)
{
    /// <summary>How many events one transaction removes.</summary>
    private const int Piece = 20_000;

    private static readonly TimeSpan Idle = TimeSpan.FromSeconds(5);

    /// <summary>Others want the disk, too.</summary>
    private static readonly TimeSpan Breath = TimeSpan.FromMilliseconds(20);

    /// <inheritdoc/>
    protected override TimeSpan LongestPause => TimeSpan.FromMinutes(1);

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        await using var connection = await Database.DataSource.OpenConnectionAsync(cancellationToken);
        await using var transaction = await connection.BeginTransactionAsync(cancellationToken);
        await using var next = new NpgsqlCommand("SELECT id FROM removed_environments ORDER BY at, id LIMIT 1 FOR UPDATE SKIP LOCKED", connection);
        if (await next.ExecuteScalarAsync(cancellationToken) is not Guid environment)
            return Idle;
        if (await store.RemoveAsync(connection, environment, Piece, cancellationToken) == 0)
        {
            await using var done = new NpgsqlCommand("DELETE FROM removed_environments WHERE id = $1", connection);
            done.Parameters.Add(new NpgsqlParameter { Value = environment });
            await done.ExecuteNonQueryAsync(cancellationToken);
        }
        await transaction.CommitAsync(cancellationToken);
        return Breath;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(pause.TotalSeconds, failure.Message);

    [LoggerMessage(EventId = 2314, Level = LogLevel.Warning, Message = "Events of environments that are gone could not be removed; tried again in {Seconds} s: {Reason}")]
    private partial void LogFailed(double seconds, string reason);
}
