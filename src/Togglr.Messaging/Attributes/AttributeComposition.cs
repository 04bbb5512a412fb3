using Microsoft.Extensions.DependencyInjection;
using Togglr.Messaging.Events;

namespace Togglr.Messaging.Attributes;

/// <summary>Composition of what looks at contexts.</summary>
public static class AttributeComposition
{
    /// <summary>Adds the observer, once however many roles ask for it.</summary>
    /// <param name="services">The services.</param>
    /// <param name="isOn">Whether anything is looked at.</param>
    public static IServiceCollection AddAttributeObserver(this IServiceCollection services, Func<IServiceProvider, bool> isOn)
    {
        if (services.Any(service => service.ServiceType == typeof(AttributeObserver)))
            return services;
        services.AddSingleton(provider => new AttributeObserver(isOn(provider), provider.GetRequiredService<TimeProvider>(), provider.GetService<IEventLog>()));
        return services.AddHostedService(static provider => provider.GetRequiredService<AttributeObserver>());
    }
}
