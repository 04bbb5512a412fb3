using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;

namespace Togglr.Messaging.Health;

/// <summary>Composition of what counts evaluations and errors.</summary>
public static class HealthComposition
{
    /// <summary>Registers the counters and what delivers them, once. Where it is delivered to must be registered as well: <see cref="IHealthLog"/>.</summary>
    public static IServiceCollection AddHealthCounting(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<HealthCounters>();
        if (services.Any(static service => service.ServiceType == typeof(HealthReporter)))
            return services;
        services.AddSingleton<HealthReporter>();
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<HealthReporter>());
        return services;
    }

    /// <summary>Registers a control plane that is reached over the network, for processes without a database of their own.</summary>
    /// <param name="services">The services.</param>
    /// <param name="controlPlane">The control plane's address.</param>
    /// <param name="token">The secret that edges and control planes share.</param>
    public static IServiceCollection AddHttpHealth(this IServiceCollection services, Uri controlPlane, string token)
    {
        services.TryAddSingleton<IHealthLog>(_ => new HttpHealthLog(CreateClient(controlPlane), token));
        services.TryAddSingleton<IFlagHealth>(provider => new CachedFlagHealth(new HttpFlagHealth(CreateClient(controlPlane), token), provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    private static HttpClient CreateClient(Uri controlPlane) =>
        new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(2), AutomaticDecompression = DecompressionMethods.All, UseProxy = false, AllowAutoRedirect = false })
        {
            BaseAddress = controlPlane,
            Timeout = TimeSpan.FromSeconds(10),
        };
}
