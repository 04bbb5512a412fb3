using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>
/// Runs syncs: those that people asked for and those that are due. Any number of nodes may do so on one database: a sync belongs to the node that claimed its row, for as long as that node
/// says that it lives. When a node dies, another one begins the sync anew; what was done is found done.
/// </summary>
internal sealed partial class DirectorySyncWorker(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time, ILogger<DirectorySyncWorker> log)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    /// <summary>For how long a node has a sync without saying that it lives.</summary>
    public static readonly TimeSpan Lease = TimeSpan.FromSeconds(30);

    private const int AtOnce = 3;
    private const int MostAttempts = 3;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan Prolongation = TimeSpan.FromSeconds(5);

    private readonly List<Task> _running = [];

    /// <summary>There is something to do now.</summary>
    public void Wake() => Ring();

    /// <inheritdoc/>
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        _running.RemoveAll(static run => run.IsCompleted);
        await BeginDueAsync(cancellationToken);
        while (_running.Count < AtOnce && await ClaimAsync(cancellationToken) is { } claim)
            _running.Add(Task.Run(() => RunAsync(claim, cancellationToken), CancellationToken.None));
        return Interval;
    }

    /// <inheritdoc/>
    protected override async Task EndAsync() => await Task.WhenAll(_running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

    /// <inheritdoc/>
    protected override void Tell(Exception failure, TimeSpan pause) => LogUnavailable(failure.Message);

    private async Task BeginDueAsync(CancellationToken cancel)
    {
        await using var command = Database.DataSource.CreateCommand(
            """
            INSERT INTO directory_syncs (id, organization_id, provider_id, trigger, force, status, started_at, scanned, created, updated, deactivated, skipped, claimed_until, attempts)
            SELECT gen_random_uuid(), p.organization_id, p.id, 'schedule', false, 'running', now(), 0, 0, 0, 0, 0, now(), 0 FROM identity_providers p
            WHERE p.kind = 'ldap' AND p.enabled AND coalesce((p.settings ->> 'syncMinutes')::integer, 0) > 0 AND NOT EXISTS (
                SELECT FROM directory_syncs s WHERE s.provider_id = p.id
                AND (s.status = 'running' OR s.started_at > now() - make_interval(mins => (p.settings ->> 'syncMinutes')::integer)))
            ON CONFLICT DO NOTHING
            """);
        await command.ExecuteNonQueryAsync(cancel);
    }

    private async Task<SyncClaim?> ClaimAsync(CancellationToken cancel)
    {
        await using var command = Database.DataSource.CreateCommand(
            """
            UPDATE directory_syncs SET claim = $1, claimed_until = now() + make_interval(secs => $2), attempts = attempts + 1
            WHERE id = (SELECT id FROM directory_syncs WHERE status = 'running' AND claimed_until <= now() ORDER BY started_at LIMIT 1 FOR UPDATE SKIP LOCKED)
            RETURNING id, organization_id, provider_id, force, attempts
            """);
        var number = Guid.CreateVersion7();
        command.Parameters.Add(new NpgsqlParameter { Value = number });
        command.Parameters.Add(new NpgsqlParameter { Value = Lease.TotalSeconds });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        return await reader.ReadAsync(cancel)
            ? new SyncClaim(reader.GetGuid(0), number, reader.GetGuid(1), reader.GetGuid(2), reader.GetBoolean(3), reader.GetInt32(4))
            : null;
    }

    private async Task RunAsync(SyncClaim claim, CancellationToken stopping)
    {
        var progress = new SyncProgress(Database.DataSource, claim, Time);
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(stopping);
        var living = ProlongAsync(progress, ending);
        string? error;
        try
        {
            error = await SyncAsync(progress, ending.Token);
        }
        catch (OperationCanceledException) when (ending.IsCancellationRequested)
        {
            // Somebody else has it now, or will have it when the lease is over.
            await living.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return;
        }
        catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
        {
            LogUnavailable(failed.Message);
            error = "The database did not answer.";
        }
        catch (Exception failed)
        {
            LogFailed(failed, claim.Sync);
            error = "The sync failed. The server's log says why.";
        }
        await ending.CancelAsync();
        await living.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (error is not null)
            progress.Tell("error", error);
        try
        {
            await progress.FinishAsync(error, CancellationToken.None);
        }
        catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
        {
            LogUnavailable(failed.Message);
        }
        Wake();
    }

    private async Task<string?> SyncAsync(SyncProgress progress, CancellationToken cancel)
    {
        if (progress.Claim.Attempts > MostAttempts)
            return $"It was begun {MostAttempts} times and never came to an end.";
        if (progress.Claim.Attempts > 1)
            progress.Tell("warning", "The server that ran this stopped. It begins anew; what was done is found done.");
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(progress.Claim.Organization);
        var provider = await db.IdentityProviders.AsNoTracking().SingleOrDefaultAsync(row => row.Id == progress.Claim.Provider, cancel);
        return provider is null ? "The directory was removed." : await scope.ServiceProvider.GetRequiredService<SyncPeople>().RunAsync(provider, progress, cancel);
    }

    private async Task ProlongAsync(SyncProgress progress, CancellationTokenSource ending)
    {
        using var timer = new PeriodicTimer(Prolongation, Time);
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token))
            {
                try
                {
                    if (await progress.SaveAsync(ending.Token))
                        continue;
                    await ending.CancelAsync();
                }
                catch (Exception failed) when (TogglrDbContext.IsUnavailable(failed))
                {
                    LogUnavailable(failed.Message);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // It has ended.
        }
    }

    [LoggerMessage(EventId = 1311, Level = LogLevel.Warning, Message = "Directories are not synchronized now: {Reason}")]
    private partial void LogUnavailable(string reason);

    [LoggerMessage(EventId = 1312, Level = LogLevel.Error, Message = "The sync {Sync} failed")]
    private partial void LogFailed(Exception exception, Guid sync);
}
