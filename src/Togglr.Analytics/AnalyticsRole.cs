using Microsoft.Extensions.DependencyInjection;

namespace Togglr.Analytics;

/// <summary>Composition of the role that analyses experiments.</summary>
public static class AnalyticsRole
{
    /// <summary>Adds what keeps the results of experiments and the weights of algorithms up to date. Several processes may: each experiment is analysed by one at a time.</summary>
    public static IServiceCollection AddAnalytics(this IServiceCollection services)
    {
        services.AddSingleton<ExperimentReader>();
        services.AddSingleton<SlowSamples>();
        services.AddSingleton<DistributionSamples>();
        services.AddSingleton<ExperimentAnalyst>();
        services.AddHostedService<AnalysisWorker>();
        services.AddSingleton<BanditStore>();
        services.AddSingleton<UnitSettling>();
        services.AddSingleton<CountFolding>();
        services.AddHostedService<BanditManager>();
        return services;
    }
}
