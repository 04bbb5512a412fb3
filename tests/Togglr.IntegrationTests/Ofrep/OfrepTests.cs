using Togglr.IntegrationTests.Edge;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Store;

namespace Togglr.IntegrationTests.Ofrep;

/// <summary>The shapes of the OpenFeature Remote Evaluation Protocol, and the official providers against it.</summary>
public sealed class OfrepTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestStore _store = null!;
    private TestServer _server = null!;
    private Shop _shop = null!;
    private string _key = "";

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(postgres);
        _shop = await _store.CreateShopAsync();
        await _shop.CreateFlagAsync("checkout", FlagType.Boolean, new FlagDetails { ClientVisible = true });
        await _shop.CreateFlagAsync("layout", FlagType.Json, new FlagDetails { ClientVisible = true, Variants = [ShopActions.Variant("small", """{"columns":1}"""), ShopActions.Variant("large", """{"columns":3}""")], DefaultVariant = "large", OffVariant = "small" });
        await _shop.ConfigureAsync("checkout", """[{"id":"r1","if":{"attribute":"country","operator":"eq","value":"US"},"then":{"variant":"on"}}]""", """{"variant":"off"}""");
        await _shop.ConfigureAsync("layout", "[]", """{"rollout":{"variations":[{"key":"large","weight":1}]}}""");
        _key = await _shop.CreateKeyAsync(SdkKeyKind.Client);
        _server = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", _store.ConnectionString));
        await Soon.TrueAsync(async () => (await All("{}")) is { Status: 200 } answer && answer.Json.GetProperty("metadata").GetProperty("revision").GetInt64() == 5, "not ready");
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData("checkout", """{"context":{"targetingKey":"u1","country":"US"}}""", 200, """{"key":"checkout","value":true,"variant":"on","reason":"TARGETING_MATCH","metadata":{"ruleId":"r1"}}""")]
    [InlineData("layout", """{"context":{"targetingKey":"u1"},"more":[1]}""", 200, """{"key":"layout","value":{"columns":3},"variant":"large","reason":"SPLIT"}""")]
    [InlineData("layout", """{"context":{}}""", 400, """{"key":"layout","errorCode":"TARGETING_KEY_MISSING","errorDetails":"The flag is rolled out by an attribute that the context does not have."}""")]
    [InlineData("nope", """{"context":{}}""", 404, """{"key":"nope","errorCode":"FLAG_NOT_FOUND","errorDetails":"There is no such flag for this key."}""")]
    [InlineData("checkout", """{"context":1}""", 400, """{"key":"checkout","errorCode":"INVALID_CONTEXT","errorDetails":"The context is not a JSON object."}""")]
    [InlineData("checkout", "{", 400, """{"key":"checkout","errorCode":"PARSE_ERROR","errorDetails":"The body is not valid JSON."}""")]
    public async Task One_flag_has_the_shapes_of_the_protocol(string flag, string body, int status, string expected)
    {
        var answer = await _server.PostAsync("/ofrep/v1/evaluate/flags/" + flag, "Bearer " + _key, body);
        Assert.Equal((status, expected, "application/json"), (answer.Status, answer.Text, answer.Header("Content-Type")));
    }

    [Fact]
    public async Task All_flags_come_with_an_entity_tag_and_the_stream_of_changes()
    {
        var answer = await All("""{"context":{"targetingKey":"u1"}}""");
        var flags = answer.Json.GetProperty("flags").EnumerateArray().ToDictionary(flag => flag.GetProperty("key").GetString()!, StringComparer.Ordinal);
        Assert.Equal("DEFAULT", flags["checkout"].GetProperty("reason").GetString());
        Assert.Equal(3, flags["layout"].GetProperty("value").GetProperty("columns").GetInt32());
        var stream = Assert.Single(answer.Json.GetProperty("eventStreams").EnumerateArray());
        Assert.Equal("sse", stream.GetProperty("type").GetString());
        var uri = stream.GetProperty("endpoint").GetProperty("requestUri").GetString()!;
        Assert.DoesNotContain(_key, uri, StringComparison.Ordinal);

        var tag = answer.Header("ETag")!;
        var same = await All("""{"context":{"targetingKey":"u1"}}""", ("If-None-Match", tag));
        Assert.Equal((304, "", tag), (same.Status, same.Text, same.Header("ETag")));
        Assert.Equal(200, (await All("""{"context":{"targetingKey":"u1","country":"US"}}""", ("If-None-Match", tag))).Status);

        await using var changes = await EventStream.OpenAsync(_server, uri, null);
        var first = (await changes.NextAsync())!;
        Assert.Equal(("message", "refetchEvaluation"), (first.Name, first.Json.GetProperty("type").GetString()));
        await _shop.ToggleAsync("checkout", false);
        var change = (await changes.NextAsync())!;
        Assert.Equal(("6", "refetchEvaluation"), (change.Id, change.Json.GetProperty("type").GetString()));
        Assert.Equal(200, (await All("""{"context":{"targetingKey":"u1"}}""", ("If-None-Match", tag))).Status);
        await _shop.RevokeKeyAsync(_key);
        Assert.Null(await changes.NextAsync());
        Assert.Equal(401, (await _server.GetAsync(uri, null)).Status);
    }

    [Fact]
    public async Task Errors_of_single_flags_are_entries_and_errors_of_the_request_are_not()
    {
        var entries = (await All("""{"context":{}}""")).Json.GetProperty("flags").EnumerateArray().ToArray();
        var failed = Assert.Single(entries, entry => entry.TryGetProperty("errorCode", out _));
        Assert.Equal("TARGETING_KEY_MISSING", failed.GetProperty("errorCode").GetString());
        Assert.Equal((400, """{"errorCode":"INVALID_CONTEXT","errorDetails":"The context is not a JSON object."}"""), await Refused("""{"context":"x"}"""));
        Assert.Equal((400, """{"errorCode":"PARSE_ERROR","errorDetails":"The body is not valid JSON."}"""), await Refused("nonsense"));
        var unauthorized = await _server.PostAsync("/ofrep/v1/evaluate/flags", null, "{}", ("X-API-Key", "wrong"));
        Assert.Equal(401, unauthorized.Status);
        Assert.True(unauthorized.Json.TryGetProperty("errorDetails", out _));
        Assert.Equal(200, (await _server.PostAsync("/ofrep/v1/evaluate/flags", null, "{}", ("X-API-Key", _key))).Status);

        async Task<(int, string)> Refused(string body)
        {
            var answer = await All(body);
            return (answer.Status, answer.Text);
        }
    }

    [Fact]
    public async Task The_official_providers_work()
    {
        await using var providers = await OfrepProviders.StartAsync(_server.Address, _key);
        await providers.ExpectAsync("server checkout true TARGETING_MATCH on");
        await providers.ExpectAsync("server layout {\"columns\":3} SPLIT large");
        await providers.ExpectAsync("server nope false ERROR FLAG_NOT_FOUND");
        await providers.ExpectAsync("server typed 7 ERROR TYPE_MISMATCH");
        await providers.ExpectAsync("web checkout true TARGETING_MATCH on");
        await providers.ExpectAsync("web layout {\"columns\":3} SPLIT large");
        await providers.ExpectAsync("web german false DEFAULT off");
        await providers.ExpectAsync("web waiting");
        await _shop.ConfigureAsync("checkout", "[]", """{"variant":"on"}""");
        await providers.ExpectAsync("web changed checkout");
        await providers.ExpectAsync("web checkout true STATIC on");
        await providers.ExpectAsync("done");
    }

    private Task<Answered> All(string body, params (string Name, string Value)[] headers) => _server.PostAsync("/ofrep/v1/evaluate/flags", _key, body, headers);
}
