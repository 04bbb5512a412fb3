using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Demo;
using Togglr.Hosting.Configuration;

namespace Togglr.Server.Startup;

/// <summary>What the first start did, for the banner.</summary>
internal sealed class FirstStartReport
{
    /// <summary>The administrator that was created; null when there was one.</summary>
    public FirstAdministrator? Administrator { get; set; }
}

/// <summary>Makes an empty installation usable before the first request: an administrator, and the demo data where wanted.</summary>
internal sealed class FirstStartService(IServiceProvider services, TogglrOptions options, FirstStartReport report) : IHostedService
{
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        report.Administrator = await FirstStart.EnsureAdministratorAsync(services, options.AdminEmail, options.Demo, cancellationToken);
        if (options.Demo)
            await DemoData.SeedDemoAsync(services, wellKnownKeys: true, cancellationToken);
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
