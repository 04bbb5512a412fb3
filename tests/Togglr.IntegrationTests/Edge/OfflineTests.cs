using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Messaging.Configuration;

namespace Togglr.IntegrationTests.Edge;

/// <summary>Roles apart: what an edge does while the control plane and the database are away.</summary>
public sealed class OfflineTests(PostgresFixture postgres)
{
    private const string Request = """{"context":{"targetingKey":"u1"},"flag":"checkout"}""";

    [Fact]
    public async Task An_edge_keeps_evaluating_while_control_plane_and_database_are_away_and_catches_up_by_itself()
    {
        var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        var key = await shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        var control = await TestServer.StartAsync("control", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        await using var edge = await TestServer.StartAsync("edge", ("TOGGLR_CONTROL_PLANE_URL", control.Address.ToString()));
        await edge.UntilRevisionAsync(key, 2);
        await shop.ToggleAsync("checkout", true);
        await edge.UntilRevisionAsync(key, 3);
        Assert.Contains("\"value\":true", (await edge.PostAsync("/sdk/v1/evaluate", key, Request)).Text, StringComparison.Ordinal);
        await using var stream = await EventStream.OpenAsync(edge, "/sdk/v1/stream?revision=3", key);
        await stream.NextAsync();

        // Without a word: connections are cut, and nothing answers at the addresses any more.
        await control.DisposeAsync();
        await store.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()");
        for (var i = 0; i < 50; i++)
        {
            Assert.Contains("\"value\":true", (await edge.PostAsync("/sdk/v1/evaluate", key, Request)).Text, StringComparison.Ordinal);
            await Task.Delay(10);
        }

        await shop.ToggleAsync("checkout", false);
        await using var returned = await TestServer.StartAsync("control", ("TOGGLR_DATABASE_URL", store.ConnectionString), ("TOGGLR_LISTEN", $"127.0.0.1:{control.Address.Port}"));
        await edge.UntilRevisionAsync(key, 4);
        Assert.Contains("\"value\":false", (await edge.PostAsync("/sdk/v1/evaluate", key, Request)).Text, StringComparison.Ordinal);
        Assert.Equal("4", (await stream.NextAsync())!.Id);
        await store.DisposeAsync();
    }

    [Fact]
    public async Task An_edge_starts_from_disk_when_nothing_else_answers()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        var key = await shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        await shop.ToggleAsync("checkout", true);
        var directory = Directory.CreateTempSubdirectory("togglr-edge-").FullName;
        var control = await TestServer.StartAsync("control", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        var address = control.Address.ToString();
        await using (var edge = await TestServer.StartAsync("edge", ("TOGGLR_CONTROL_PLANE_URL", address), ("TOGGLR_DATA_DIR", directory)))
            await edge.UntilRevisionAsync(key, 3);
        await control.DisposeAsync();

        await using (var restarted = await TestServer.StartAsync("edge", ("TOGGLR_CONTROL_PLANE_URL", address), ("TOGGLR_DATA_DIR", directory)))
        {
            await restarted.UntilRevisionAsync(key, 3);
            Assert.Contains("\"value\":true", (await restarted.PostAsync("/sdk/v1/evaluate", key, Request)).Text, StringComparison.Ordinal);
            Assert.Equal(200, (await restarted.GetAsync("/ready", null)).Status);
        }

        // A file that was cut off is ignored; the others still count.
        var file = Directory.GetFiles(Path.Combine(directory, "edge"), "env-*.json").Single(path => File.ReadAllText(path).Contains("\"environment\":\"prod\"", StringComparison.Ordinal));
        await File.WriteAllTextAsync(file, (await File.ReadAllTextAsync(file))[..100]);
        await using var damaged = await TestServer.StartAsync("edge", ("TOGGLR_CONTROL_PLANE_URL", address), ("TOGGLR_DATA_DIR", directory));
        await Soon.TrueAsync(() => damaged.Get<ConfigurationReplica>().IsReady, "the rest was not restored");
        var answer = await damaged.PostAsync("/sdk/v1/evaluate", key, Request);
        Assert.Equal((503, "not_ready", "1"), (answer.Status, answer.Json.GetProperty("code").GetString(), answer.Header("Retry-After")));
    }

    [Fact]
    public async Task An_edge_that_knows_nothing_says_that_it_is_not_ready()
    {
        await using var edge = await TestServer.StartAsync("edge", ("TOGGLR_CONTROL_PLANE_URL", "http://127.0.0.1:9"));
        var answer = await edge.PostAsync("/sdk/v1/evaluate", "tgs_something", Request);
        Assert.Equal((503, "not_ready"), (answer.Status, answer.Json.GetProperty("code").GetString()));
        Assert.Equal(503, (await edge.GetAsync("/ready", null)).Status);
    }
}
