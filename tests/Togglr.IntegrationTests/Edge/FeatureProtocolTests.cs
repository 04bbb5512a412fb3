using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Store;

namespace Togglr.IntegrationTests.Edge;

/// <summary>The Togglr SDK protocol, and the counts of SDKs.</summary>
public sealed class FeatureProtocolTests(PostgresFixture postgres) : IAsyncLifetime
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
        await _shop.CreateFlagAsync("layout", FlagType.Json, new FlagDetails { Variants = [ShopActions.Variant("small", """{"columns":1}"""), ShopActions.Variant("large", """{"columns":3}""")], DefaultVariant = "large", OffVariant = "small" });
        await _shop.ConfigureAsync("checkout", """[{"id":"r1","if":{"attribute":"user.id","operator":"eq","value":"u1"},"then":{"variant":"on"}}]""", """{"variant":"off"}""");
        await _shop.ConfigureAsync("layout", "[]", """{"rollout":{"variations":[{"key":"large","weight":1}]}}""");
        _key = await _shop.CreateKeyAsync(SdkKeyKind.Server);
        _server = await TestServer.StartAsync("control,edge,ingest", ("TOGGLR_DATABASE_URL", _store.ConnectionString));
        await _server.UntilRevisionAsync(_key, 5);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData("checkout", """{"user.id":"u1"}""", """{"feature_key":"checkout","enabled":true,"value":"true"}""")]
    [InlineData("checkout", """{"user_id":"u2"}""", """{"feature_key":"checkout","enabled":false,"value":"false"}""")]
    [InlineData("layout", """{"user.id":"u1"}""", """{"feature_key":"layout","enabled":true,"value":"{\"columns\":3}"}""")]
    [InlineData("layout", """{"userId":17}""", """{"feature_key":"layout","enabled":true,"value":"{\"columns\":3}"}""")]
    [InlineData("layout", "{}", """{"feature_key":"layout","enabled":false,"value":""}""")]
    public async Task A_feature_is_evaluated_for_a_flat_map(string flag, string context, string expected)
    {
        foreach (var key in new[] { _key, "Bearer " + _key })
        {
            var answer = await _server.PostAsync($"/sdk/v1/features/{flag}/evaluate", key, context);
            Assert.Equal((200, expected), (answer.Status, answer.Text));
        }
    }

    [Fact]
    public async Task A_feature_that_is_off_is_not_enabled_whatever_its_value()
    {
        await _shop.ToggleAsync("layout", false);
        await _server.UntilRevisionAsync(_key, 6);
        Assert.Equal("""{"feature_key":"layout","enabled":false,"value":"{\"columns\":1}"}""", (await _server.PostAsync("/sdk/v1/features/layout/evaluate", _key, """{"user.id":"u1"}""")).Text);
    }

    [Fact]
    public async Task Errors_have_the_shape_that_its_clients_read()
    {
        foreach (var (path, status, code) in new[] { ("nope/evaluate", 404, "not_found"), ("nope/track", 404, "not_found"), ("nope/report-error", 404, "not_found") })
        {
            var answer = await _server.PostAsync("/sdk/v1/features/" + path, _key, "{}");
            Assert.Equal((status, code), (answer.Status, answer.Json.GetProperty("error").GetProperty("code").GetString()));
            Assert.Equal(code, answer.Json.GetProperty("code").GetString());
            Assert.Equal("application/json", answer.Header("Content-Type"));
        }
        Assert.Equal(404, (await _server.GetAsync("/sdk/v1/features/nope/health", _key)).Status);
        Assert.Equal(400, (await _server.PostAsync("/sdk/v1/features/checkout/evaluate", _key, "[]")).Status);
    }

    [Fact]
    public async Task Accepted_feedback_and_errors_are_in_the_log_when_the_answer_comes()
    {
        var track = await _server.PostAsync("/sdk/v1/features/checkout/track", _key,
            """{"variant_key":"on","event_type":"success","reward":1.5,"context":{"user.id":"u1"},"dedup_key":"d-1","algorithm_id":"x"}""");
        Assert.Equal((202, ""), (track.Status, track.Text));
        var content = Convert.ToHexString(System.Text.Encoding.UTF8.GetBytes("""{"type":"success","variant":"on","reward":1.5,"context":{"user.id":"u1"}}""")).ToLowerInvariant();
        // Sorted in already, or still waiting for it.
        Assert.Equal(1, await _store.ScalarAsync<long>(
            $"SELECT (SELECT count(*) FROM event_log WHERE kind = 2 AND flag = 'checkout' AND encode(convert_to(payload::text, 'UTF8'), 'hex') = '{content}') + (SELECT count(*) FROM event_groups WHERE position(decode('{content}', 'hex') IN payload) > 0)"));
        var error = await _server.PostAsync("/sdk/v1/features/checkout/report-error", _key, """{"error_type":"timeout","error_message":"5 s \u0000","context":{}}""");
        Assert.Equal(202, error.Status);
        Assert.Equal(1, await _store.ScalarAsync<long>("SELECT count(*) FROM event_log WHERE kind = 3"));
    }

    [Theory]
    [InlineData("track", "{}", "/event_type")]
    [InlineData("track", """{"event_type":"impression"}""", "/event_type")]
    [InlineData("track", """{"event_type":"success","variant_key":5}""", "/variant_key")]
    [InlineData("track", """{"event_type":"success","variant_key":"a\u0000b"}""", "/variant_key")]
    [InlineData("track", """{"event_type":"success","weights_version":-1}""", "/weights_version")]
    [InlineData("track", """{"event_type":"success","reward":"1"}""", "/reward")]
    [InlineData("track", """{"event_type":"success","reward":1e999}""", "/reward")]
    [InlineData("track", """{"event_type":"success","context":[]}""", "/context")]
    [InlineData("track", """{"event_type":"success","created_at":"2020-01-01T00:00:00Z"}""", "/created_at")]
    [InlineData("track", """{"event_type":"success","created_at":"2999-01-01T00:00:00Z"}""", "/created_at")]
    [InlineData("track", """{"event_type":"success","dedup_key":"a\u0000"}""", "/dedup_key")]
    [InlineData("report-error", """{"error_message":"m"}""", "/error_type")]
    [InlineData("report-error", """{"error_type":"t"}""", "/error_message")]
    [InlineData("report-error", """{"error_type":"t","error_message":"m","variant_key":"\u0007"}""", "/variant_key")]
    public async Task Events_that_cannot_be_are_refused_and_nothing_is_written(string path, string body, string place)
    {
        var answer = await _server.PostAsync($"/sdk/v1/features/checkout/{path}", _key, body);
        Assert.Equal((400, "validation_failed"), (answer.Status, answer.Json.GetProperty("code").GetString()));
        Assert.Contains(place[1..], answer.Json.GetProperty("detail").GetString(), StringComparison.Ordinal);
        Assert.Equal(0, await _store.ScalarAsync<long>("SELECT count(*) FROM event_log WHERE kind <> 1"));
    }

    [Fact]
    public async Task Health_shows_the_share_of_errors_that_this_process_saw()
    {
        var before = await _server.GetAsync("/sdk/v1/features/checkout/health", _key);
        Assert.Equal("""{"feature_key":"checkout","environment_key":"prod","enabled":true,"auto_disabled":false,"error_rate":0}""", before.Text);
        Assert.Equal(202, (await _server.PostAsync("/sdk/v1/counts", _key, """{"instance":"i","counts":[{"flag":"checkout","variant":"on","reason":"TARGETING_MATCH","count":4}]}""")).Status);
        Assert.Equal(202, (await _server.PostAsync("/sdk/v1/features/checkout/report-error", _key, """{"error_type":"t","error_message":"m"}""")).Status);
        var after = (await _server.GetAsync("/sdk/v1/features/checkout/health", _key)).Json;
        Assert.Equal(0.25, after.GetProperty("error_rate").GetDouble());
        Assert.True(after.GetProperty("last_error_at").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-1));
        var server = await _server.GetAsync("/sdk/v1/health", null);
        Assert.Equal("ok", server.Json.GetProperty("status").GetString());
        Assert.True(server.Json.TryGetProperty("server_time", out _));
    }

    [Fact]
    public async Task Counts_become_rows_and_rows_about_unknown_flags_are_dropped()
    {
        var now = TimeProvider.System.GetUtcNow();
        var body = JsonSerializer.Serialize(new
        {
            instance = "i-1", sdk = "dotnet/0.1.0", from = now.AddMinutes(-1), to = now,
            counts = new object[] { new { flag = "checkout", variant = "on", reason = "SPLIT", count = 12 }, new { flag = "gone", variant = (string?)null, reason = "ERROR", count = 1 } },
        });
        Assert.Equal(202, (await _server.PostAsync("/sdk/v1/counts", _key, body)).Status);
        Assert.Equal(12, await _store.ScalarAsync<int>("SELECT (payload->>'count')::int FROM event_log WHERE kind = 1 AND payload->>'instance' = 'i-1'"));
        Assert.Equal(1, await _store.ScalarAsync<long>("SELECT count(*) FROM event_log WHERE payload->>'instance' = 'i-1'"));
        foreach (var bad in new[] { "{}", """{"instance":"i","counts":{}}""", """{"instance":"i","counts":[{"flag":"checkout","reason":"WHY","count":1}]}""", """{"instance":"i","counts":[{"flag":"checkout","reason":"SPLIT","count":0}]}""" })
            Assert.Equal(400, (await _server.PostAsync("/sdk/v1/counts", _key, bad)).Status);
    }

    [Fact]
    public async Task Without_its_database_events_are_refused_with_a_time_to_come_back()
    {
        await _store.ExecuteAsync("ALTER TABLE event_groups RENAME TO event_groups_away");
        var refused = await _server.PostAsync("/sdk/v1/features/checkout/track", _key, """{"event_type":"success"}""");
        Assert.Equal((503, "unavailable", "1"), (refused.Status, refused.Json.GetProperty("code").GetString(), refused.Header("Retry-After")));
        await _store.ExecuteAsync("ALTER TABLE event_groups_away RENAME TO event_groups");
        await Soon.TrueAsync(async () => (await _server.PostAsync("/sdk/v1/features/checkout/track", _key, """{"event_type":"success"}""")).Status == 202, "it did not recover");
    }
}
