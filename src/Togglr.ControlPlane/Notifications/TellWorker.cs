using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>
/// Follows the audit logs and puts what was subscribed to into the outbox and people's inboxes. The place in the log moves in the transaction that writes what is told, so everything is told once,
/// however many processes there are and whenever one dies; who changes something waits for none of it.
/// </summary>
internal sealed partial class TellWorker(IServiceProvider services, IServiceScopeFactory scopes, ChangeSignal signal, DeliveryAlarm deliveries, TimeProvider time, ILogger<TellWorker> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan LongestSleep = TimeSpan.FromSeconds(1);

    /// <inheritdoc />
    protected override Task BeginAsync(CancellationToken cancellationToken)
    {
        RingFor(signal, static notice => notice.Recipients is null, cancellationToken);
        return Task.CompletedTask;
    }

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken)
    {
        var told = false;
        foreach (var organization in await FindBehindAsync(Database, cancellationToken))
            told |= await TellAsync(organization, cancellationToken);
        // What another process is just telling is behind, too, until it has.
        return told ? TimeSpan.Zero : LongestSleep;
    }

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

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
