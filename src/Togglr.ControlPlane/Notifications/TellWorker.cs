using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.ControlPlane.Background;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>
/// Follows the audit logs and puts what was subscribed to into the outbox and people's inboxes. The place in the log moves in the transaction that writes what is told, so everything is told once,
/// however many processes there are and whenever one dies; who changes something waits for none of it.
/// </summary>
internal sealed partial class TellWorker(IServiceProvider services, IServiceScopeFactory scopes, ChangeSignal signal, DeliveryAlarm deliveries, TimeProvider time, ILogger<TellWorker> logger) : BackgroundService
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(5);

    private readonly Alarm _alarm = new();

    /// <inheritdoc />
    public override void Dispose()
    {
        _alarm.Dispose();
        base.Dispose();
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            if (await services.WaitForDatabaseAsync(stoppingToken) is not { } database)
                return;
            _ = _alarm.RingForAsync(signal, static notice => notice.Recipients is null, stoppingToken);
            while (true)
            {
                try
                {
                    var behind = await FindBehindAsync(database, stoppingToken);
                    var told = false;
                    foreach (var organization in behind)
                        told |= await TellAsync(organization, stoppingToken);
                    // What another process is just telling is behind, too, until it has.
                    if (!told)
                        await _alarm.SleepAsync(LongestSleep, stoppingToken);
                }
                catch (Exception failed) when (failed is not OperationCanceledException || !stoppingToken.IsCancellationRequested)
                {
                    LogFailed(failed.Message);
                    await Task.Delay(Pause, time, stoppingToken);
                }
            }
        }
        catch (Exception stopped) when (stopped is OperationCanceledException or StoreStartException)
        {
            // The process ends, or the database never came.
        }
    }

    private static async Task<List<Guid>> FindBehindAsync(TogglrDatabase database, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT c.organization_id FROM audit_chains c JOIN organizations o ON o.id = c.organization_id LEFT JOIN notification_cursors n ON n.organization_id = c.organization_id
            WHERE c.sequence > coalesce(n.sequence, 0) LIMIT 100
            """);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var behind = new List<Guid>();
        while (await reader.ReadAsync(cancel))
            behind.Add(reader.GetGuid(0));
        return behind;
    }

    private async Task<bool> TellAsync(Guid organization, CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(organization);
        try
        {
            var told = await scope.ServiceProvider.GetRequiredService<TellEvents>().RunAsync(cancel);
            if (told.Deliveries > 0)
                deliveries.Ring();
            return told.Entries > 0;
        }
        catch (Exception gone) when (gone.GetBaseException() is PostgresException { SqlState: PostgresErrorCodes.ForeignKeyViolation })
        {
            // A destination, a person or the organization went in the same moment: the next round does without.
            return false;
        }
        catch (Exception failed) when (failed is not OperationCanceledException && !TogglrDbContext.IsUnavailable(failed))
        {
            // What is wrong in one organization does not keep others waiting.
            LogFailed(failed.Message);
            return false;
        }
    }

    [LoggerMessage(3080, LogLevel.Warning, "What happened could not be told and is tried again: {Reason}")]
    private partial void LogFailed(string reason);
}
