using System.Net.Sockets;
using System.Text;
using Togglr.Edge;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Messaging.Configuration;
using Togglr.Store;

namespace Togglr.IntegrationTests.Edge;

public sealed class StreamTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestStore _store = null!;
    private TestServer _server = null!;
    private Shop _shop = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(postgres);
        _shop = await _store.CreateShopAsync();
        await _shop.CreateFlagAsync("checkout");
        _key = await _shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        _server = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", _store.ConnectionString));
        await _server.UntilRevisionAsync(_key, 2);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_starts_with_everything_and_goes_on_with_changes()
    {
        await using var stream = await EventStream.OpenAsync(_server, "/sdk/v1/stream", _key);
        var full = await stream.NextAsync();
        Assert.Equal(("full", "2"), (full!.Name, full.Id));
        Assert.Equal((await _server.GetAsync("/sdk/v1/config", _key)).Text, full.Data);
        await _shop.ToggleAsync("checkout", true);
        var patch = await stream.NextAsync();
        Assert.Equal(("patch", "3"), (patch!.Name, patch.Id));
        Assert.Equal(2, patch.Json.GetProperty("from").GetInt64());
        Assert.True(patch.Json.GetProperty("flags").GetProperty("checkout").GetProperty("enabled").GetBoolean());
    }

    [Fact]
    public async Task A_client_that_comes_back_gets_what_it_missed_in_one_patch()
    {
        await _shop.ToggleAsync("checkout", true);
        await _server.UntilRevisionAsync(_key, 3);
        await _shop.ToggleAsync("checkout", false);
        await _server.UntilRevisionAsync(_key, 4);
        foreach (var (path, header) in new[] { ("/sdk/v1/stream?revision=2", "0x"), ("/sdk/v1/stream", "2") })
        {
            await using var stream = await EventStream.OpenAsync(_server, path, _key, ("Last-Event-ID", header == "0x" ? "" : header));
            var patch = await stream.NextAsync();
            Assert.Equal(("patch", "4"), (patch!.Name, patch.Id));
            Assert.Equal(2, patch.Json.GetProperty("from").GetInt64());
        }
    }

    [Fact]
    public async Task A_client_at_the_current_revision_gets_a_heartbeat_at_once_and_nothing_else()
    {
        await using var stream = await EventStream.OpenAsync(_server, "/sdk/v1/stream?key=" + _key + "&revision=2", null);
        Assert.Equal("hb", (await stream.NextAsync())!.Comment);
        await _shop.ToggleAsync("checkout", true);
        Assert.Equal("patch", (await stream.NextAsync())!.Name);
    }

    [Theory]
    [InlineData("1")]
    [InlineData("99")]
    [InlineData("-1")]
    [InlineData("x")]
    public async Task A_revision_from_which_no_patches_lead_here_gets_everything(string revision)
    {
        await using var stream = await EventStream.OpenAsync(_server, "/sdk/v1/stream?revision=" + revision, _key);
        Assert.Equal("full", (await stream.NextAsync())!.Name);
    }

    [Fact]
    public async Task Revoking_a_key_ends_its_streams_and_no_others()
    {
        var other = await _shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        await Soon.TrueAsync(async () => (await _server.GetAsync("/sdk/v1/config", other)).Status == 200, "the new key did not arrive");
        await using var revoked = await EventStream.OpenAsync(_server, "/sdk/v1/stream", _key);
        await using var stays = await EventStream.OpenAsync(_server, "/sdk/v1/stream", other);
        await revoked.NextAsync();
        await stays.NextAsync();
        await _shop.RevokeKeyAsync(_key);
        Assert.Equal("revoked", (await revoked.NextAsync())!.Name);
        Assert.Null(await revoked.NextAsync());
        Assert.Equal(401, (await _server.GetAsync("/sdk/v1/config", _key)).Status);
        await _shop.ToggleAsync("checkout", true);
        Assert.Equal("patch", (await stays.NextAsync())!.Name);
    }

    [Fact]
    public async Task Deleting_an_environment_ends_its_streams()
    {
        var dev = _shop.Environments.Single(environment => environment.Key == "dev");
        var key = await _shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server, dev);
        await Soon.TrueAsync(async () => (await _server.GetAsync("/sdk/v1/config", key)).Status == 200, "the new key did not arrive");
        await using var stream = await EventStream.OpenAsync(_server, "/sdk/v1/stream", key);
        await stream.NextAsync();
        await using (var db = _shop.Open())
        {
            db.Attach(dev);
            db.Remove(dev);
            TestStore.Ok(await db.CommitAsync(_shop.Change("environment.deleted", "dev")));
        }
        Assert.Equal("revoked", (await stream.NextAsync())!.Name);
        Assert.Null(await stream.NextAsync());
    }

    [Fact]
    public async Task A_hundred_streams_get_the_same_change_quickly()
    {
        var streams = new List<EventStream>();
        try
        {
            for (var i = 0; i < 100; i++)
                streams.Add(await EventStream.OpenAsync(_server, "/sdk/v1/stream?revision=2", _key));
            foreach (var stream in streams)
                await stream.NextAsync();
            await _shop.ToggleAsync("checkout", true);
            foreach (var stream in streams)
                Assert.Equal("3", (await stream.NextAsync())!.Id);
        }
        finally
        {
            foreach (var stream in streams)
                await stream.DisposeAsync();
        }
        var metrics = (await _server.GetAsync("/metrics", null)).Text;
        Assert.Contains("togglr_edge_propagation_seconds_count 100", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_client_that_accepts_nothing_is_dropped_and_delays_nobody()
    {
        // Large documents fill the buffers between the processes at once.
        await using (var db = _shop.Open())
        {
            var segment = Segment.Create(_shop.Project, "crowd", "Crowd").Value!;
            segment.ReplaceKeys(SegmentList.Included, [.. Enumerable.Range(0, 400_000).Select(number => $"somebody-with-a-long-name-{number}")]);
            db.Add(segment);
            TestStore.Ok(await db.CommitAsync(_shop.Change("segment.created", "crowd")));
        }
        await _server.UntilRevisionAsync(_key, 3);
        using var stalled = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { ReceiveBufferSize = 4096 };
        await stalled.ConnectAsync(_server.Address.Host, _server.Address.Port);
        await stalled.SendAsync(Encoding.ASCII.GetBytes($"GET /sdk/v1/stream HTTP/1.1\r\nHost: x\r\nAuthorization: {_key}\r\n\r\n"));
        await using var lively = await EventStream.OpenAsync(_server, "/sdk/v1/stream?revision=3", _key);
        await lively.NextAsync();
        await _shop.ToggleAsync("checkout", true);
        Assert.Equal("patch", (await lively.NextAsync())!.Name);
        await Soon.TrueAsync(async () => (await _server.GetAsync("/metrics", null)).Text.Contains("togglr_edge_streams_dropped_total 1", StringComparison.Ordinal), "the stalled client was not dropped", 40);
        await Soon.TrueAsync(async () => (await _server.GetAsync("/metrics", null)).Text.Contains("togglr_edge_streams 1", StringComparison.Ordinal), "the stalled stream is still there", 40);
    }
}
