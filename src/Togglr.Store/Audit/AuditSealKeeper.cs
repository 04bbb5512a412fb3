using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>Every few seconds writes down outside the database how far the audit chains have come.</summary>
internal sealed partial class AuditSealKeeper(AuditSeal seal, TimeProvider time, ILogger<AuditSealKeeper> log) : BackgroundService
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Interval, time);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken).ConfigureAwait(false))
                Save();
        }
        catch (OperationCanceledException)
        {
            // The host stops; TogglrDatabase saves the last state.
        }
    }

    private void Save()
    {
        try
        {
            seal.Save();
        }
        catch (Exception failed) when (failed is IOException or UnauthorizedAccessException)
        {
            LogFailed(failed.Message);
        }
    }

    [LoggerMessage(3051, LogLevel.Error, "How far the audit log has come could not be written beside the database: {Reason}")]
    private partial void LogFailed(string reason);
}
