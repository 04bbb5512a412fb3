using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Togglr.Sdk.Hosting;

/// <summary>Tells the application's health endpoint how the client is doing.</summary>
public sealed class TogglrHealthCheck(TogglrClient client) : IHealthCheck
{
    /// <summary>Reconnects are part of normal operation (a server being replaced); only a longer silence is worth a warning.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    /// <inheritdoc />
    public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        var status = client.Status;
        var data = new Dictionary<string, object>(StringComparer.Ordinal)
        {
            ["state"] = status.State.ToString(),
            ["since"] = status.Since,
            ["source"] = status.Source.ToString(),
        };
        if (status.Revision is { } revision)
            data["revision"] = revision;
        var result = status.State switch
        {
            ClientState.Ready or ClientState.Offline => HealthCheckResult.Healthy($"Flags of revision {status.Revision}.", data),
            ClientState.Stale when client.Now - status.Since < Patience => HealthCheckResult.Healthy("Reconnecting.", data),
            ClientState.Stale => HealthCheckResult.Degraded($"Serving the last good flags: {status.Error}", data: data),
            _ => new HealthCheckResult(context.Registration.FailureStatus, status.Error, data: data),
        };
        return Task.FromResult(result);
    }
}
