using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Edge.Protocols;
using Togglr.Edge.RemoteEvaluation;
using Togglr.Edge.Sampling;
using Togglr.Edge.Streaming;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Health;
using Togglr.Hosting.Sdk;
using Togglr.Messaging;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Reach;
using Togglr.Messaging.Sampling;
using Togglr.Messaging.Health;
using Togglr.Hosting.Security;

namespace Togglr.Edge;

/// <summary>Composition of the role that serves SDKs and remote evaluation.</summary>
public static class EdgeRole
{
    private const string HealthPath = "/sdk/v1/health";

    /// <summary>
    /// Registers the role. Its configuration comes from the publisher where that is registered before, else from <see cref="TogglrOptions.ControlPlaneUrl"/>.
    /// </summary>
    public static IServiceCollection AddEdge(this IServiceCollection services, TogglrOptions options)
    {
        services.AddReplica(Path.Combine(options.DataDirectory, "edge"));
        if (!options.Has(TogglrOptions.ControlRole))
            services.AddHttpFeed(options.ControlPlaneUrl!, options.EdgeToken!);
        services.TryAddSingleton<FlagActivity>();
        services.AddHealthCounting();
        services.TryAddSingleton(provider => new SdkCors(options.CorsOrigins, () => provider.GetRequiredService<ConfigurationReplica>().Keys.Origins));
        services.TryAddSingleton(provider => new KeyRateLimiter(options.KeyRateLimit, provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton<EdgeMetrics>();
        services.AddSingleton(static provider => new EdgeCounts(
            provider.GetRequiredService<FlagActivity>(), provider.GetRequiredService<HealthCounters>(), provider.GetRequiredService<TimeProvider>(), provider.GetService<IEventLog>()));
        services.AddHostedService(static provider => provider.GetRequiredService<EdgeCounts>());
        services.AddSingleton(static provider => new PeopleSampler(
            provider.GetRequiredService<ConfigurationReplica>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PeopleSampler>>(), provider.GetService<IContextSamples>()));
        services.AddHostedService(static provider => provider.GetRequiredService<PeopleSampler>());
        services.AddAttributeObserver(static provider => provider.GetRequiredService<TogglrOptions>().ObserveAttributes);
        services.AddSingleton<ContextSampler>();
        services.AddSingleton<PollingClients>();
        services.AddSingleton(static provider => new ReachReporter(
            provider.GetRequiredService<PollingClients>(), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<ReachReporter>>(), provider.GetService<IEdgeReports>()));
        services.AddHostedService(static provider => provider.GetRequiredService<ReachReporter>());
        services.AddSingleton<StreamHub>();
        services.AddHostedService(static provider => provider.GetRequiredService<StreamHub>());
        services.AddSingleton<SdkGate>();
        if (!options.Has(TogglrOptions.IngestRole) && options.ControlPlaneUrl is { } controlPlane)
            services.AddSingleton(provider => new EventForwarder(provider.GetRequiredService<SdkGate>(), controlPlane));
        services.AddSingleton<IReadinessCheck, SnapshotReadiness>();
        return services;
    }

    /// <summary>Maps the SDK API, the Togglr SDK protocol and OFREP.</summary>
    public static void MapEdge(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var limit = services.GetRequiredService<TogglrOptions>().MaxContextBytes;
        var time = services.GetRequiredService<TimeProvider>();
        var gate = services.GetRequiredService<SdkGate>();
        var counts = services.GetRequiredService<EdgeCounts>();
        var sampler = services.GetRequiredService<ContextSampler>();
        var metrics = services.GetRequiredService<EdgeMetrics>();
        var cors = services.GetRequiredService<SdkCors>();
        var polling = services.GetRequiredService<PollingClients>();
        var hub = services.GetRequiredService<StreamHub>();
        // Streams never end by themselves: they are told before the server waits for requests to finish.
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(hub.CloseAll);

        var evaluate = new EvaluateEndpoint(gate, counts, sampler, metrics, limit, time);
        var features = new FeatureEndpoints(gate, counts, sampler, metrics, services.GetRequiredService<FlagActivity>(), services.GetService<IFlagHealth>(), limit, time);
        var ofrep = new OfrepEndpoints(gate, counts, sampler, polling, metrics, limit, time);
        var snapshots = new SnapshotEndpoints(gate, hub, polling, time);

        Map("POST", "/sdk/v1/evaluate", Timed("evaluate", evaluate.ServeAsync));
        Map("GET", "/sdk/v1/config", Timed("config", snapshots.ConfigAsync));
        Map("GET", "/sdk/v1/stream", snapshots.StreamAsync);
        Map("POST", "/sdk/v1/features/{key}/evaluate", Timed("feature-evaluate", features.EvaluateAsync));
        Map("GET", "/sdk/v1/features/{key}/health", Timed("feature-health", features.HealthAsync));
        Map("GET", HealthPath, features.ServerHealthAsync);
        Map("POST", "/ofrep/v1/evaluate/flags", Timed("ofrep-bulk", ofrep.AllAsync));
        Map("POST", "/ofrep/v1/evaluate/flags/{key}", Timed("ofrep", ofrep.OneAsync));
        Map("GET", OfrepEndpoints.StreamPath, snapshots.RefetchStreamAsync);
        if (services.GetService<EventForwarder>() is { } forwarder)
        {
            Map("POST", "/sdk/v1/counts", forwarder.ServeAsync);
            Map("POST", "/sdk/v1/events", forwarder.ServeAsync);
            Map("POST", "/sdk/v1/features/{key}/track", forwarder.ServeAsync);
            Map("POST", "/sdk/v1/features/{key}/report-error", forwarder.ServeAsync);
        }

        void Map(string method, string pattern, RequestDelegate handler)
        {
            var endpoint = endpoints.MapMethods(pattern, [method], handler).ExcludeFromDescription();
            if (pattern == HealthPath)
                endpoint.AllowEverybody();
            else
                endpoint.RequireSdkKey();
            cors.MapPreflight(endpoints, pattern);
        }

        RequestDelegate Timed(string endpoint, RequestDelegate handler) => async context =>
        {
            var started = Stopwatch.GetTimestamp();
            try
            {
                await handler(context);
            }
            finally
            {
                metrics.Answered(endpoint, Status(context.Response.StatusCode), Stopwatch.GetElapsedTime(started));
            }
        };
    }

    // The first digit says enough, and texts need no boxing.
    private static string Status(int code) => code switch
    {
        < 300 => "2xx",
        < 400 => "3xx",
        < 500 => "4xx",
        _ => "5xx",
    };

    private sealed class SnapshotReadiness(ConfigurationReplica replica) : IReadinessCheck
    {
        public string Name => "snapshots";

        public ValueTask<string?> CheckAsync(CancellationToken cancellationToken) =>
            new(replica.IsReady ? null : "No snapshot yet: neither the control plane nor the disk had one.");
    }
}
