using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Togglr.Hosting.Configuration;
using Togglr.Messaging.Configuration;
using Togglr.Hosting.Security;
using Togglr.Messaging.Reach;
using Togglr.Messaging.Sampling;
using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>Composition of the publisher. Needs the store, which must be registered before.</summary>
public static class PublishingComposition
{
    /// <summary>Registers the publisher and the hub; an edge in the same process gets its configuration from the hub as <see cref="IConfigurationFeed"/>.</summary>
    public static IServiceCollection AddPublishing(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton<ConfigurationHub>();
        services.TryAddSingleton<IConfigurationFeed>(static provider => provider.GetRequiredService<ConfigurationHub>());
        services.TryAddSingleton<IKeyUses, StoredKeyUses>();
        services.TryAddSingleton(static provider => new SamplingReader(provider.GetRequiredService<SnapshotReader>(), provider.GetService<EncryptionKeys>() ?? EncryptionKeys.Passing()));
        services.TryAddSingleton(static provider => new UnitKeyReader(
            provider.GetRequiredService<TogglrDatabase>(), provider.GetService<SecretProtector>() ?? new SecretProtector(EncryptionKeys.Passing()), provider.GetRequiredService<ILogger<UnitKeyReader>>()));
        services.TryAddSingleton<IContextSamples, StoredContextSamples>();
        services.TryAddSingleton<IEdgeReports, StoredEdgeReports>();
        services.AddHostedService<SnapshotPublisher>();
        return services;
    }

    /// <summary>Maps the feed for separate edges and what they report. Both answer 404 unless the edge token is set.</summary>
    public static void MapFeed(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        var token = services.GetRequiredService<TogglrOptions>().EdgeToken;
        var feed = new FeedEndpoint(services.GetRequiredService<ConfigurationHub>(), token,
            services.GetRequiredService<TimeProvider>(), services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping);
        endpoints.MapMethods(HttpConfigurationFeed.Path, ["GET", "POST"], (RequestDelegate)feed.ServeAsync).RequireEdgeToken().ExcludeFromDescription();
        var uses = new KeyUsesEndpoint(services.GetRequiredService<IKeyUses>(), token);
        endpoints.MapPost(HttpKeyUses.Path, (RequestDelegate)uses.ServeAsync).RequireEdgeToken().ExcludeFromDescription();
        var samples = new ContextSamplesEndpoint(services.GetRequiredService<IContextSamples>(), token);
        var reports = new EdgeReportsEndpoint(services.GetRequiredService<IEdgeReports>(), token, services.GetRequiredService<TimeProvider>());
        endpoints.MapPost(HttpEdgeReports.Path, (RequestDelegate)reports.ServeAsync).RequireEdgeToken().ExcludeFromDescription();
        endpoints.MapPost(HttpContextSamples.Path, (RequestDelegate)samples.ServeAsync).RequireEdgeToken().ExcludeFromDescription();
    }
}
