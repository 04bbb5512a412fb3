using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Reach;
using Togglr.Messaging.Sampling;

namespace Togglr.Messaging;

/// <summary>Composition of what edge and ingest share: one replica of the configuration and the follower that keeps it up to date.</summary>
public static class ReplicaComposition
{
    /// <summary>Registers the replica once. Its feed is the <see cref="IConfigurationFeed"/> of the publisher in this process, or the one of <see cref="AddHttpFeed"/>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="directory">Where the last known configuration is kept; null for nowhere.</param>
    public static IServiceCollection AddReplica(this IServiceCollection services, string? directory)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConfigurationReplica>();
        if (services.Any(static service => service.ServiceType == typeof(ReplicaFollower)))
            return services;
        services.AddSingleton(provider => new ReplicaFollower(
            provider.GetRequiredService<ConfigurationReplica>(), provider.GetRequiredService<IConfigurationFeed>(),
            directory is null ? null : new ReplicaDisk(directory, provider.GetRequiredService<ILogger<ReplicaDisk>>()),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ReplicaFollower>>()));
        services.AddSingleton<IHostedService>(static provider => provider.GetRequiredService<ReplicaFollower>());
        services.AddHostedService<KeyUseReporter>();
        return services;
    }

    /// <summary>Registers the feed of a control plane that is reached over the network.</summary>
    /// <param name="services">The services.</param>
    /// <param name="controlPlane">The control plane's address.</param>
    /// <param name="token">The secret that edges and control planes share.</param>
    public static IServiceCollection AddHttpFeed(this IServiceCollection services, Uri controlPlane, string token)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<IConfigurationFeed>(provider => new HttpConfigurationFeed(CreateClient(controlPlane), token, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton<IKeyUses>(_ => new HttpKeyUses(CreateClient(controlPlane), token));
        services.TryAddSingleton<IContextSamples>(_ => new HttpContextSamples(CreateClient(controlPlane), token));
        services.TryAddSingleton<IEdgeReports>(_ => new HttpEdgeReports(CreateClient(controlPlane), token));
        return services;
    }

    private static HttpClient CreateClient(Uri controlPlane) =>
        new(new SocketsHttpHandler { ConnectTimeout = TimeSpan.FromSeconds(5), AutomaticDecompression = DecompressionMethods.All, UseProxy = false })
        {
            BaseAddress = controlPlane,
            Timeout = Timeout.InfiniteTimeSpan,
        };
}
