using Microsoft.Extensions.Logging;
using Npgsql;

namespace Togglr.Store;

/// <summary>Once an hour removes what has served its purpose: outbox rows of last week, remembered answers of yesterday, refresh tokens that ended a week ago.</summary>
internal sealed partial class StoreCleanup(TogglrDatabase database, TimeProvider time, ILogger<StoreCleanup> log) : DatabaseWorker(database, time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromHours(1);

    /// <inheritdoc/>
    protected override TimeSpan Pause => Interval;

    /// <summary>Not while the process has its start to do.</summary>
    protected override Task BeginAsync(CancellationToken cancellationToken) => Task.Delay(Interval, Time, cancellationToken);

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        using var command = Database.DataSource.CreateCommand(
            """
            WITH a AS (DELETE FROM outbox WHERE at < $1), b AS (DELETE FROM idempotency WHERE created_at < $2),
                c AS (DELETE FROM sso_requests WHERE expires_at < $3), d AS (DELETE FROM saml_assertions WHERE expires_at < $3),
                e AS (DELETE FROM password_resets WHERE expires_at < $2), f AS (DELETE FROM sign_in_failures WHERE last_at < $2),
                g AS (DELETE FROM directory_syncs WHERE status <> 'running' AND started_at < $1),
                h AS (DELETE FROM edges WHERE seen_at < $2), i AS (DELETE FROM revision_reach WHERE reported_at < $2)
            DELETE FROM refresh_tokens WHERE expires_at < $1
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = Time.GetUtcNow() - TimeSpan.FromDays(7) });
        command.Parameters.Add(new NpgsqlParameter { Value = Time.GetUtcNow() - TimeSpan.FromDays(1) });
        command.Parameters.Add(new NpgsqlParameter { Value = Time.GetUtcNow() });
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
        return Interval;
    }

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    [LoggerMessage(3040, LogLevel.Warning, "Cleaning up the database failed and is tried again in an hour: {Reason}")]
    private partial void LogFailed(string reason);
}
