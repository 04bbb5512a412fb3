using Togglr.ControlPlane.Demo;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class DemoDataTests(ControlPlaneServer server)
{
    [Fact]
    public async Task The_demo_is_a_shop_that_can_be_seeded_again()
    {
        await DemoData.SeedDemoAsync(server.Services, wellKnownKeys: true, TestContext.Current.CancellationToken);
        var entries = await server.CountAsync("SELECT count(*) FROM audit_entries");
        await DemoData.SeedDemoAsync(server.Services, wellKnownKeys: true, TestContext.Current.CancellationToken);
        Assert.Equal(entries, await server.CountAsync("SELECT count(*) FROM audit_entries"));

        var project = $"/api/v1/orgs/default/projects/{DemoData.ProjectKey}";
        var flags = await server.Admin.GetAsync($"{project}/flags?archived=all");
        Assert.True(flags.At("total").GetInt32() >= 14);
        Assert.Equal(4, flags.At("items").EnumerateArray().Select(flag => flag.GetProperty("type").GetString()).Distinct().Count());
        Assert.Equal(4, flags.At("items").EnumerateArray().Select(flag => flag.GetProperty("kind").GetString()).Distinct().Count());
        foreach (var key in flags.At("items").EnumerateArray().Select(flag => flag.GetProperty("key").GetString()))
        {
            var problems = (await server.Admin.GetAsync($"{project}/flags/{key}/environments/prod")).At("problems");
            Assert.All(problems.EnumerateArray(), problem => Assert.Equal("unused_variant", problem.GetProperty("code").GetString()));
        }
        Assert.Equal(36, DemoData.ServerKey("prod").Length);
        Assert.Equal("2", (await server.Admin.GetAsync($"{project}/environments/prod/keys")).Get("total"));

        var result = await server.Admin.PostAsync($"{project}/environments/prod/evaluate", new { context = new { targetingKey = "user-9", country = "NL" } });
        Assert.DoesNotContain("ERROR", result.At("results").EnumerateArray().Select(row => row.GetProperty("reason").GetString()));

        Assert.True(await DemoData.SeedExperimentsAsync(server.Services, TimeSpan.FromHours(22), TestContext.Current.CancellationToken));
        Assert.False(await DemoData.SeedExperimentsAsync(server.Services, TimeSpan.FromHours(1), TestContext.Current.CancellationToken));
        var experiments = (await server.Admin.GetAsync($"{project}/experiments")).At("items").EnumerateArray().ToList();
        Assert.Equal(3, experiments.Count);
        Assert.All(experiments, experiment =>
        {
            Assert.Equal("running", experiment.GetProperty("state").GetString());
            Assert.InRange(TimeProvider.System.GetUtcNow() - experiment.GetProperty("startedAt").GetDateTimeOffset(), TimeSpan.FromHours(22), TimeSpan.FromHours(22.1));
        });
        Assert.Equal(3, await server.CountAsync("SELECT count(*) FROM experiment_phases p JOIN experiments e ON e.id = p.experiment_id WHERE p.started_at = e.started_at AND e.key IN ('sticky-button', 'same-label', 'delivery-map')"));
    }
}
