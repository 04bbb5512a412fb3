using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using Togglr.Sdk;
using Togglr.Sdk.Hosting;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Registers Togglr with an application's services.</summary>
public static class TogglrServiceCollectionExtensions
{
    /// <summary>
    /// Registers one <see cref="TogglrClient"/> for the application. The host starts it and waits at most
    /// <see cref="TogglrClientOptions.StartTimeout"/> for the first snapshot; invalid options stop the start with a message that names them.
    /// </summary>
    public static IServiceCollection AddTogglr(this IServiceCollection services, Action<TogglrClientOptions> configure)
    {
        ArgumentNullException.ThrowIfNull(services);
        ArgumentNullException.ThrowIfNull(configure);
        services.AddOptions<TogglrClientOptions>().Configure(configure).ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<TogglrClientOptions>, TogglrOptionsValidator>());
        services.TryAddSingleton(provider =>
        {
            var options = provider.GetRequiredService<IOptions<TogglrClientOptions>>().Value;
            if (options.Logger is NullLogger && provider.GetService<ILoggerFactory>() is { } loggers)
                options.Logger = loggers.CreateLogger<TogglrClient>();
            return new TogglrClient(options);
        });
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, TogglrHostedService>());
        return services;
    }

    /// <summary>
    /// Reports the state of the registered client: healthy while ready or offline, degraded while stale for longer than a minute, unhealthy
    /// (or <paramref name="failureStatus"/>) while there is nothing to serve or the key was refused.
    /// </summary>
    public static IHealthChecksBuilder AddTogglr(
        this IHealthChecksBuilder builder, string name = "togglr", HealthStatus? failureStatus = null, IEnumerable<string>? tags = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        return builder.Add(new HealthCheckRegistration(
            name, provider => new TogglrHealthCheck(provider.GetRequiredService<TogglrClient>()), failureStatus, tags));
    }
}
