using Microsoft.Extensions.Configuration;
using Microsoft.FeatureManagement;
using Microsoft.FeatureManagement.FeatureFilters;

namespace Togglr.Benchmarks;

/// <summary>The same three flags in Microsoft.FeatureManagement.</summary>
internal sealed class Peer : IDisposable
{
    private readonly FeatureManager _manager;
    private readonly ConfigurationFeatureDefinitionProvider _definitions;

    public Peer()
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["feature_management:feature_flags:0:id"] = "static",
            ["feature_management:feature_flags:0:enabled"] = "true",
            ["feature_management:feature_flags:1:id"] = "targeted",
            ["feature_management:feature_flags:1:enabled"] = "true",
            ["feature_management:feature_flags:1:conditions:client_filters:0:name"] = "Microsoft.Targeting",
            ["feature_management:feature_flags:1:conditions:client_filters:0:parameters:Audience:Users:0"] = "user-1",
            ["feature_management:feature_flags:1:conditions:client_filters:0:parameters:Audience:DefaultRolloutPercentage"] = "0",
            ["feature_management:feature_flags:2:id"] = "rollout",
            ["feature_management:feature_flags:2:enabled"] = "true",
            ["feature_management:feature_flags:2:conditions:client_filters:0:name"] = "Microsoft.Targeting",
            ["feature_management:feature_flags:2:conditions:client_filters:0:parameters:Audience:DefaultRolloutPercentage"] = "50",
        }).Build();
        _definitions = new ConfigurationFeatureDefinitionProvider(configuration);
        _manager = new FeatureManager(_definitions) { FeatureFilters = [new ContextualTargetingFilter()] };
    }

    private static readonly TargetingContext s_context = new() { UserId = "user-1" };

    public void Static(int times)
    {
        for (var i = 0; i < times; i++)
            Check(_manager.IsEnabledAsync("static"));
    }

    public void Targeted(int times)
    {
        for (var i = 0; i < times; i++)
            Check(_manager.IsEnabledAsync("targeted", s_context));
    }

    public void Rollout(int times)
    {
        for (var i = 0; i < times; i++)
            Check(_manager.IsEnabledAsync("rollout", s_context));
    }

    public void Dispose() => _definitions.Dispose();

    private static void Check(Task<bool> answer)
    {
        if (!answer.IsCompletedSuccessfully)
            throw new InvalidOperationException("The answer was not there at once.");
    }
}
