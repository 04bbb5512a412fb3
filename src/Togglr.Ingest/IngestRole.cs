using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Logging;
using Npgsql;
using Togglr.Hosting.Configuration;
using Togglr.Hosting.Sdk;
using Togglr.Ingest.Batches;
using Togglr.Messaging;
using Togglr.Messaging.Attributes;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;
using Togglr.Messaging.Health;
using Togglr.Hosting.Security;

namespace Togglr.Ingest;

/// <summary>Composition of the role that accepts events from SDKs.</summary>
public static class IngestRole
{
    /// <summary>Registers the role. It follows the configuration like an edge (keys and flags), so a feed must be there: <c>AddReplica</c>.</summary>
    /// <param name="services">The services.</param>
    /// <param name="database">The database with the table <c>event_log</c>, once it is there; throwing means that it is not yet.</param>
    public static IServiceCollection AddIngest(this IServiceCollection services, Func<IServiceProvider, NpgsqlDataSource> database)
    {
        services.TryAddSingleton<FlagActivity>();
        services.AddHealthCounting();
        services.AddAttributeObserver(static provider => provider.GetRequiredService<TogglrOptions>().ObserveAttributes);
        services.TryAddSingleton<SeenReports>();
        services.TryAddSingleton<IHealthLog>(provider => new PostgresHealthLog(() => database(provider)));
        services.AddSingleton(provider => new PostgresEventLog(
            () => database(provider), provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<PostgresEventLog>>()));
        services.AddSingleton<IEventLog>(static provider => provider.GetRequiredService<PostgresEventLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<PostgresEventLog>());
        services.AddSingleton(provider => new EventGroupLog(
            () => database(provider), provider.GetRequiredService<TogglrOptions>().EventBacklog, provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<EventGroupLog>>()));
        services.AddSingleton<IEventBatchLog>(static provider => provider.GetRequiredService<EventGroupLog>());
        services.AddHostedService(static provider => provider.GetRequiredService<EventGroupLog>());
        services.AddSingleton<IngestGate>();
        services.AddSingleton(static provider => new EventsEndpoint(
            provider.GetRequiredService<IngestGate>(), provider.GetRequiredService<IEventBatchLog>(), provider.GetRequiredService<FlagActivity>(), provider.GetRequiredService<HealthCounters>(),
            provider.GetRequiredService<SeenReports>(), provider.GetRequiredService<AttributeObserver>(), provider.GetRequiredService<TogglrOptions>().EventLateness, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new SdkCors(
            provider.GetRequiredService<TogglrOptions>().CorsOrigins, () => provider.GetRequiredService<ConfigurationReplica>().Keys.Origins));
        services.TryAddSingleton(static provider => new KeyRateLimiter(provider.GetRequiredService<TogglrOptions>().KeyRateLimit, provider.GetRequiredService<TimeProvider>()));
        return services;
    }

    /// <summary>Maps <c>/sdk/v1/counts</c>, <c>/sdk/v1/events</c>, <c>track</c> and <c>report-error</c>.</summary>
    public static void MapIngest(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var options = services.GetRequiredService<TogglrOptions>();
        var cors = services.GetRequiredService<SdkCors>();
        var ingest = new IngestEndpoints(services.GetRequiredService<IngestGate>(), services.GetRequiredService<IEventLog>(), services.GetRequiredService<IEventBatchLog>(), services.GetRequiredService<FlagActivity>(),
            services.GetRequiredService<HealthCounters>(), services.GetRequiredService<SeenReports>(), options.MaxContextBytes, services.GetRequiredService<TimeProvider>());
        Map("/sdk/v1/counts", ingest.CountsAsync);
        Map("/sdk/v1/events", services.GetRequiredService<EventsEndpoint>().ServeAsync);
        Map("/sdk/v1/features/{key}/track", ingest.TrackAsync);
        Map("/sdk/v1/features/{key}/report-error", ingest.ReportErrorAsync);

        void Map(string pattern, RequestDelegate handler)
        {
            endpoints.MapPost(pattern, handler).RequireSdkKey().ExcludeFromDescription();
            cors.MapPreflight(endpoints, pattern);
        }
    }
}
