using Togglr.Evaluation;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Sdk;

namespace Togglr.IntegrationTests.Events;

/// <summary>From an application that evaluates and tracks to the tables that experiments are computed from.</summary>
public sealed class SdkEventsTests(EventsServer server) : IClassFixture<EventsServer>
{
    private const int People = 200;

    [Fact]
    public async Task What_an_application_evaluates_and_tracks_can_be_joined_by_unit()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project.Path}/metrics", new { key = "sales", definition = new { kind = "conversion", @event = "bought" } }, 201);
        await server.Admin.PostAsync(
            $"{project.Path}/experiments",
            new
            {
                key = "sdk-test", name = "Seen by the SDK", hypothesis = "It works.", flag = "checkout", environment = "prod",
                variations = new[] { new { key = "off", weight = 1 }, new { key = "on", weight = 1 } }, control = "off",
                plan = new { metrics = new[] { new { metric = "sales", role = "primary" } } },
            }, 201);
        await server.Admin.PostAsync($"{project.Path}/experiments/sdk-test/start", new { reason = "go" }, 200);
        await using var sdk = new TogglrClient(new TogglrClientOptions { SdkKey = project.SdkKey, Endpoint = server.Server.Address, CountsInterval = TimeSpan.Zero });
        Assert.True(await sdk.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => Task.FromResult(sdk.BooleanVariationDetail("checkout", EvaluationContext.Of("first"), false).Experiment == "sdk-test"));

        var on = 0;
        for (var round = 0; round < 2; round++)
        {
            for (var i = 0; i < People; i++)
                on += sdk.BooleanVariation("checkout", EvaluationContext.Of($"person-{i}"), false) && round == 0 ? 1 : 0;
        }
        for (var i = 0; i < People; i += 4)
            sdk.Track("bought", i, EvaluationContext.Of($"person-{i}"));
        await sdk.FlushAsync(TestContext.Current.CancellationToken);

        await project.UntilAsync("events_exposure", People + 1, "experiment = 'sdk-test' AND phase = 1 AND flag = 'checkout'");
        await project.UntilAsync("events_metric", People / 4, "event = 'bought'");
        Assert.Equal(People / 4, await server.ScalarAsync<long>(
            "SELECT count(DISTINCT x.unit) FROM events_exposure x JOIN events_metric m ON m.environment_id = x.environment_id AND m.unit = x.unit AND m.at >= x.at WHERE x.environment_id = $1", project.EnvironmentId));
        var counted = await project.CountAsync("events_exposure", "variant = 'on'");
        Assert.InRange(counted, on, on + 1);
        Assert.InRange(on, People * 0.3, People * 0.7);
    }
}
