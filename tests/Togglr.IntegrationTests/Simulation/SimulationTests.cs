using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Events;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Simulation;

namespace Togglr.IntegrationTests.Simulation;

/// <summary>Made-up people through the pipeline that real ones go through.</summary>
public sealed class SimulationTests(EventsServer server) : IClassFixture<EventsServer>
{
    private string _algorithm = "";

    [Fact]
    public async Task Everything_that_was_simulated_is_there_exactly_once_and_what_got_lost_is_not()
    {
        var project = await StartExperimentAsync();
        var report = await RunAsync(Options(project) with { Users = 600, Duplicates = 0.1, Late = 0.1, Lost = Shares("on=0.5") });

        Assert.Equal(0, report.Rejected);
        Assert.True(report.Duplicates > 50 && report.Lost > 20 && report.Purchases > 20, $"{report.Duplicates} twice, {report.Lost} lost, {report.Purchases} purchases");
        var exposed = report.Exposed.Values.Sum();
        await project.UntilAsync("events_exposure", exposed - report.Lost);
        await project.UntilAsync("events_metric", report.Events - (exposed - report.Lost));
        Assert.Equal(report.Purchases, await project.CountAsync("events_metric", "event = 'purchase' AND value > 0"));
        Assert.Equal(report.Exposed[("checkout-buy", "off")], await project.CountAsync("events_exposure", "experiment = 'checkout-buy' AND variant = 'off' AND phase = 1"));

        // What was evaluated is counted, and for whom.
        Answer usage = null!;
        await Eventually.TrueAsync(async () => (usage = await server.Admin.GetAsync($"{project.Path}/flags/checkout/analytics?environment=prod&range=24h")).At("total").GetInt64() == report.Visits, 20);
        Assert.InRange(usage.At("users").GetInt64(), exposed * 0.85, exposed * 1.15);

        // The same seed is the same people who do the same: within a day it counts once.
        var again = await RunAsync(Options(project) with { Users = 600, Duplicates = 0.1, Late = 0.1, Lost = Shares("on=0.5") });
        Assert.Equal((report.Events, report.Purchases, report.Lost), (again.Events, again.Purchases, again.Lost));
        Assert.Equal(exposed - report.Lost, await project.CountAsync("events_exposure"));
    }

    [Fact]
    public async Task What_is_planted_is_in_the_events()
    {
        var project = await StartExperimentAsync();
        var report = await RunAsync(Options(project) with { Users = 10_000, Effects = Shares("0.8"), Slowdowns = Shares("on=0.5"), Bots = 0.02, Seed = 7 });
        await project.UntilAsync("events_exposure", report.Exposed.Values.Sum());
        var buyers = async (string variant) => await server.ScalarAsync<double>(
            """
            SELECT count(DISTINCT m.unit)::double precision / count(DISTINCT x.unit) FROM events_exposure x LEFT JOIN events_metric m ON m.unit = x.unit AND m.environment_id = x.environment_id AND m.event = 'purchase'
            WHERE x.environment_id = $1 AND x.variant = $2
            """, project.EnvironmentId, variant);
        var median = async (string variant) => await server.ScalarAsync<double>(
            """
            SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY m.value) FROM events_exposure x JOIN events_metric m ON m.unit = x.unit AND m.environment_id = x.environment_id AND m.event = 'page_load_ms'
            WHERE x.environment_id = $1 AND x.variant = $2
            """, project.EnvironmentId, variant);
        Assert.InRange(await buyers("on") / await buyers("off"), 1.3, 2.2);
        Assert.InRange(await median("on") / await median("off"), 1.4, 1.6);
    }

    [Fact]
    public async Task Who_comes_now_does_nothing_that_is_yet_to_come()
    {
        var project = await StartExperimentAsync();
        var report = await RunAsync(Options(project) with { Users = 1_000_000, Visits = 20, Hours = 0, Minutes = 0.03, Rate = 0.9 });
        Assert.True(report.Purchases > 20, $"{report.Purchases} purchases");
        Assert.Equal(0, report.Rejected);
    }

    [Fact]
    public async Task An_algorithm_follows_arms_that_drift()
    {
        var project = await server.CreateProjectAsync();
        _algorithm = $"{project.Path}/flags/checkout/environments/prod/algorithm";
        await server.Admin.PutAsync(_algorithm, new { kind = "thompson", intervalSeconds = 1, settings = new { coldStart = 20, floor = 0.1, discount = 0.7, discountMinutes = 10 } });
        await Eventually.TrueAsync(async () => (await ConfigAsync(project)).Contains("weightsVersion", StringComparison.Ordinal), 20);
        // "on" is by far the best an hour ago, "off" now.
        await FollowsAsync(Options(project) with { Hours = 1.4, Effects = Shares("on=2,off=0"), Seed = 1 }, "on");
        await FollowsAsync(Options(project) with { Hours = 0.1, Effects = Shares("on=0,off=2"), Seed = 2 }, "off");
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Options(project) with { Algorithm = "banner", Rounds = 1 }));
    }

    private async Task FollowsAsync(SimulationOptions world, string best)
    {
        var report = await RunAsync(world with { Algorithm = "checkout", Users = 600, Rounds = 2, Rate = 0.2 });
        Assert.Equal((0, 600), (report.Rejected, report.Visits));
        await Eventually.TrueAsync(
            async () =>
            {
                var arms = (await server.Admin.GetAsync(_algorithm)).At("weights", "0", "arms").EnumerateArray();
                return arms.Single(arm => arm.GetProperty("variant").GetString() == best).GetProperty("weight").GetDouble() > 0.8;
            }, 20);
    }

    private async Task<string> ConfigAsync(EventsProject project)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "sdk/v1/config");
        request.Headers.TryAddWithoutValidation("Authorization", project.SdkKey);
        using var answer = await server.Server.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Without_an_experiment_or_with_a_wrong_key_it_says_so()
    {
        var project = await server.CreateProjectAsync();
        Assert.Contains("No experiment", (await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(Options(project)))).Message, StringComparison.Ordinal);
        Assert.Contains("401", (await Assert.ThrowsAsync<HttpRequestException>(() => RunAsync(Options(project) with { Key = "tgs_none" }))).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "--url")]
    [InlineData("--url http://x --key k --users 0", "--users")]
    [InlineData("--url http://x --key k --users many", "--users")]
    [InlineData("--url http://x --key k --hours NaN", "--hours")]
    [InlineData("--url http://x --key k --effect a=b", "--effect")]
    [InlineData("--url http://x --key k --lost on=2", "--lost")]
    [InlineData("--url http://x --key k --colour red", "--colour")]
    [InlineData("--url http://x --key", "--key")]
    [InlineData("--url ftp://x --key k", "--url")]
    public void Options_that_make_no_sense_are_refused(string arguments, string named)
    {
        Assert.Null(SimulationArguments.Read(arguments.Split(' ', StringSplitOptions.RemoveEmptyEntries), out var fault));
        Assert.Contains(named, fault, StringComparison.Ordinal);
    }

    private static IReadOnlyDictionary<string, double> Shares(string text) => SimulationOptions.ReadShares(text)!;

    private SimulationOptions Options(EventsProject project) => new() { Url = server.Server.Address, Key = project.SdkKey };

    private async Task<SimulationReport> RunAsync(SimulationOptions options)
    {
        Assert.Null(options.Fault());
        return await new Simulator(options, server.Server.Anonymous, TimeProvider.System).RunAsync(cancel: TestContext.Current.CancellationToken);
    }

    private async Task<EventsProject> StartExperimentAsync()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project.Path}/metrics", new { key = "buyers", definition = new { kind = "conversion", @event = "purchase" } }, 201);
        await server.Admin.PostAsync($"{project.Path}/experiments", new
        {
            key = "checkout-buy", flag = "checkout", environment = "prod", plan = new { metrics = new[] { new { metric = "buyers", role = "primary" } } },
            variations = new[] { new { key = "off", weight = 1 }, new { key = "on", weight = 1 } }, control = "off",
        }, 201);
        await server.Admin.PostAsync($"{project.Path}/experiments/checkout-buy/start", new { reason = "go" });
        // The edge has it a moment later.
        await Eventually.TrueAsync(async () => (await ConfigAsync(project)).Contains("checkout-buy", StringComparison.Ordinal), 20);
        return project;
    }
}
