using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Encryption;

/// <summary>Composition of what a server says about its keys.</summary>
public static class EncryptionComposition
{
    /// <summary>Lets a server say at its start whether its keys fit its database. Needs the store and the management API.</summary>
    public static IServiceCollection AddStoredSecretsCheck(this IServiceCollection services) => services.AddHostedService<StoredSecretsCheck>();
}

/// <summary>Says at the start whether the keys fit the database: a data directory that was lost or belongs to another database shows here, not when somebody cannot sign in.</summary>
internal sealed partial class StoredSecretsCheck(TogglrDatabase database, StoredSecrets secrets, EncryptionKeys keys, ILogger<StoredSecretsCheck> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await database.Started.WaitAsync(stoppingToken);
            var report = await secrets.WalkAsync(database.DataSource, rewrite: false, stoppingToken);
            if (report.Unreadable is [var first, ..])
                LogUnreadable(report.Unreadable.Count, keys.Origin, first.ToString());
        }
        catch (OperationCanceledException)
        {
            // The process ends first.
        }
        catch (Exception failure) when (TogglrDbContext.IsUnavailable(failure))
        {
            // Whoever needs a secret will say so.
        }
    }

    [LoggerMessage(EventId = 2101, Level = LogLevel.Error, Message = "{Count} stored secrets cannot be read with the keys of {Origin} (the first: {First}). Restore the keys that belong to this database; "
        + "where they are lost, affected people need a new second factor and identity providers their secrets again")]
    private partial void LogUnreadable(int count, string origin, string first);
}
