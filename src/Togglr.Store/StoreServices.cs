using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Togglr.Store;

/// <summary>Registers the store.</summary>
public static class StoreServices
{
    /// <summary>
    /// Adds <see cref="TogglrDbContext"/> (one per scope), <see cref="SnapshotReader"/>, <see cref="ChangeSignal"/> and <see cref="TogglrDatabase"/>, which is
    /// started and stopped with the host. Register it before whatever uses the database when it starts. A <see cref="TimeProvider"/> must be there.
    /// </summary>
    public static IServiceCollection AddTogglrStore(this IServiceCollection services, Func<IServiceProvider, StoreOptions> options)
    {
        services.AddSingleton(options);
        services.AddSingleton<Migrator>();
        services.AddSingleton<ChangeSignal>();
        services.AddSingleton<AuditSeal>();
        services.AddSingleton<TogglrDatabase>();
        services.AddSingleton<SnapshotReader>();
        services.AddSingleton<SdkKeyUses>();
        services.AddSingleton<ContextSampleStore>();
        services.AddSingleton<RevisionReachStore>();
        services.AddSingleton<CountAggregator>();
        services.AddSingleton<AttributeAggregator>();
        services.AddDbContext<TogglrDbContext>((provider, builder) => Configure(builder, provider.GetRequiredService<TogglrDatabase>()));
        services.AddHostedService<StoreStartup>();
        services.AddHostedService<ChangeListener>();
        services.AddHostedService<StoreCleanup>();
        services.AddHostedService<ContextSampleCleanup>();
        services.AddHostedService<AuditSealKeeper>();
        return services;
    }

    /// <summary>Adds what sums evaluation counts up. Where several processes do, they take turns.</summary>
    /// <param name="services">The services, with the store.</param>
    /// <param name="retention">How long hourly counts are kept.</param>
    public static IServiceCollection AddCountAggregation(this IServiceCollection services, TimeSpan retention)
    {
        services.AddSingleton(provider => new CountAggregation(
            provider.GetRequiredService<CountAggregator>(), provider.GetRequiredService<AttributeAggregator>(), provider.GetRequiredService<TogglrDatabase>(), retention,
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<CountAggregation>>()));
        services.AddHostedService(static provider => provider.GetRequiredService<CountAggregation>());
        return services;
    }

    internal static void Configure(DbContextOptionsBuilder builder, TogglrDatabase database) => builder.UseNpgsql(database.DataSource);
}
