using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Demo;
using Togglr.Hosting.Configuration;
using Togglr.Store;

namespace Togglr.Server.Startup;

/// <summary>What the first start did, for the banner.</summary>
internal sealed class FirstStartReport
{
    /// <summary>The administrator that was created; null when there was one.</summary>
    public FirstAdministrator? Administrator { get; set; }

    /// <summary>Whether the installation is usable.</summary>
    public bool IsDone { get; set; }
}

/// <summary>
/// Makes an empty installation usable before the first request: an administrator, and the demo data where wanted. While an external database does
/// not answer, the process starts without it and this follows when it is there.
/// </summary>
internal sealed partial class FirstStartService(
    IServiceProvider services, TogglrOptions options, TogglrDatabase database, FirstStartReport report, ILogger<FirstStartService> logger) : IHostedService, IDisposable
{
    private readonly CancellationTokenSource _stopping = new();
    private Task _later = Task.CompletedTask;

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (database.Started.IsCompleted)
            await RunAsync(cancellationToken);
        else
            _later = RunLaterAsync();
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stopping.CancelAsync();
        await _later;
    }

    public void Dispose() => _stopping.Dispose();

    private async Task RunAsync(CancellationToken cancellationToken)
    {
        report.Administrator = await FirstStart.EnsureAdministratorAsync(services, options.AdminEmail, options.Demo, cancellationToken);
        if (options.AdminTemporaryPassword is { } password && await EmergencyAccess.SetPasswordAsync(services, options.AdminEmail, password, cancellationToken) is { } email)
        {
            LogPasswordSet(logger, email);
            report.Administrator = null;
        }

        if (options.Demo)
            await DemoData.SeedDemoAsync(services, wellKnownKeys: true, cancellationToken);
        report.IsDone = true;
    }

    private async Task RunLaterAsync()
    {
        try
        {
            await database.Started.WaitAsync(_stopping.Token);
            await RunAsync(_stopping.Token);
            if (report.Administrator is { TemporaryPassword: { } password } administrator)
                await Console.Error.WriteLineAsync($"Sign in as {administrator.Email} with the temporary password {password} (shown once; you will choose your own)");
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends first.
        }
        catch (Exception failure)
        {
            LogFailed(logger, failure);
        }
    }

    [LoggerMessage(EventId = 1202, Level = LogLevel.Warning, Message = "TOGGLR_ADMIN_TMP_PASSWORD: {Email} now has this password and must change it; take the option away")]
    private static partial void LogPasswordSet(ILogger logger, string email);

    [LoggerMessage(EventId = 1201, Level = LogLevel.Error, Message = "The installation could not be made usable; restart to try again")]
    private static partial void LogFailed(ILogger logger, Exception failure);
}
