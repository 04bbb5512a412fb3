using System.IO.Compression;
using System.Text;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Store;

namespace Togglr.IntegrationTests.Edge;

public sealed class SdkApiTests(PostgresFixture postgres) : IAsyncLifetime
{
    private TestStore _store = null!;
    private TestServer _server = null!;
    private Shop _shop = null!;
    private string _serverKey = "";
    private string _clientKey = "";

    public async ValueTask InitializeAsync()
    {
        _store = await TestStore.StartAsync(postgres);
        _shop = await _store.CreateShopAsync();
        await _shop.CreateFlagAsync("checkout", FlagType.Boolean, new FlagDetails { ClientVisible = true });
        await _shop.CreateFlagAsync("secret", FlagType.String, new FlagDetails { Variants = [ShopActions.Variant("a", "\"A\""), ShopActions.Variant("b", "\"B \\\"quoted\\\"\"")], DefaultVariant = "a", OffVariant = "b" });
        await _shop.ConfigureAsync("checkout", """[{"id":"r1","if":{"attribute":"country","operator":"eq","value":"US"},"then":{"variant":"on"}}]""", """{"variant":"off"}""");
        _serverKey = await _shop.CreateKeyAsync(SdkKeyKind.Server);
        _clientKey = await _shop.CreateKeyAsync(SdkKeyKind.Client);
        _server = await TestServer.StartAsync("control,edge,ingest", ("TOGGLR_DATABASE_URL", _store.ConnectionString), ("TOGGLR_CORS_ORIGINS", "https://shop.example"));
        await _server.UntilRevisionAsync(_serverKey, 4);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync();
        await _store.DisposeAsync();
    }

    [Theory]
    [InlineData("/sdk/v1/evaluate", "request_timeout")]
    [InlineData("/sdk/v1/features/checkout/evaluate", "request_timeout")]
    [InlineData("/ofrep/v1/evaluate/flags", "INVALID_CONTEXT")]
    [InlineData("/sdk/v1/counts", "request_timeout")]
    public async Task A_body_that_stalls_is_told_so(string path, string code)
    {
        using var client = new System.Net.Sockets.TcpClient();
        await client.ConnectAsync(_server.Address.Host, _server.Address.Port);
        await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
            $"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: {_serverKey}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{"));
        using var reader = new StreamReader(client.GetStream());
        var answer = await reader.ReadToEndAsync().WaitAsync(TimeSpan.FromSeconds(60));
        Assert.StartsWith("HTTP/1.1 408 ", answer, StringComparison.Ordinal);
        Assert.Contains(code, answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task All_flags_are_evaluated_for_a_context()
    {
        var answer = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, """{"context":{"targetingKey":"u1","country":"US"}}""");
        Assert.Equal("""{"revision":4,"flags":{"checkout":{"value":true,"variant":"on","reason":"TARGETING_MATCH","ruleId":"r1"},"secret":{"value":"B \"quoted\"","variant":"b","reason":"DISABLED"}}}""", answer.Text);
        Assert.Equal("application/json", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task One_flag_or_some_are_evaluated_and_unknown_ones_say_so()
    {
        var one = await _server.PostAsync("/sdk/v1/evaluate", "Bearer " + _serverKey, """{"flag":"checkout","context":{"targetingKey":"u1"}}""");
        Assert.Equal("""{"revision":4,"flags":{"checkout":{"value":false,"variant":"off","reason":"DEFAULT"}}}""", one.Text);
        var some = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, """{"flags":["no\"pe","secret","secret"]}""");
        Assert.Equal("""{"revision":4,"flags":{"no\"pe":{"reason":"ERROR","errorCode":"FLAG_NOT_FOUND"},"secret":{"value":"B \"quoted\"","variant":"b","reason":"DISABLED"}}}""", some.Text);
        var none = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, """{"flags":[]}""");
        Assert.Equal("""{"revision":4,"flags":{}}""", none.Text);
    }

    [Fact]
    public async Task Client_keys_see_client_visible_flags_only_and_never_rules()
    {
        var all = await _server.PostAsync("/sdk/v1/evaluate", _clientKey, """{"context":{}}""");
        Assert.Equal(["checkout"], all.Json.GetProperty("flags").EnumerateObject().Select(flag => flag.Name));
        var hidden = await _server.PostAsync("/sdk/v1/evaluate", _clientKey, """{"flag":"secret"}""");
        Assert.Equal("FLAG_NOT_FOUND", hidden.Json.GetProperty("flags").GetProperty("secret").GetProperty("errorCode").GetString());
        Assert.Equal(404, (await _server.PostAsync("/sdk/v1/features/secret/evaluate", _clientKey, "{}")).Status);
        Assert.Equal(404, (await _server.PostAsync("/ofrep/v1/evaluate/flags/secret", _clientKey, """{"context":{}}""")).Status);
        foreach (var path in new[] { "/sdk/v1/config", "/sdk/v1/stream" })
        {
            var refused = await _server.GetAsync(path, _clientKey);
            Assert.Equal((403, "server_key_required"), (refused.Status, refused.Json.GetProperty("code").GetString()));
        }
    }

    [Fact]
    public async Task The_snapshot_document_has_an_entity_tag()
    {
        var first = await _server.GetAsync("/sdk/v1/config", _serverKey);
        Assert.Equal("\"4\"", first.Header("ETag"));
        Assert.Equal(4, first.Json.GetProperty("revision").GetInt64());
        Assert.Equal(304, (await _server.GetAsync("/sdk/v1/config", _serverKey, ("If-None-Match", "\"4\""))).Status);
        Assert.Equal(200, (await _server.GetAsync("/sdk/v1/config", _serverKey, ("If-None-Match", "\"3\""))).Status);
        var compressed = await _server.GetAsync("/sdk/v1/config", _serverKey, ("Accept-Encoding", "gzip"));
        Assert.Equal("gzip", compressed.Header("Content-Encoding"));
        await using var gzip = new GZipStream(new MemoryStream(compressed.Bytes), CompressionMode.Decompress);
        using var text = new StreamReader(gzip);
        Assert.Equal(first.Text, await text.ReadToEndAsync());
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("tgs_unknown")]
    [InlineData("Basic abc")]
    public async Task Keys_that_are_not_valid_are_refused_everywhere(string? key)
    {
        foreach (var path in new[] { "/sdk/v1/config", "/sdk/v1/stream", "/ofrep/v1/stream", "/sdk/v1/features/checkout/health" })
            Assert.Equal(401, (await _server.GetAsync(path, key)).Status);
        foreach (var path in new[] { "/sdk/v1/evaluate", "/sdk/v1/counts", "/sdk/v1/features/checkout/evaluate", "/sdk/v1/features/checkout/track", "/ofrep/v1/evaluate/flags", "/ofrep/v1/evaluate/flags/checkout" })
            Assert.Equal(401, (await _server.PostAsync(path, key, "{}")).Status);
        Assert.Equal("sdk_key_invalid", (await _server.GetAsync("/sdk/v1/config", key)).Json.GetProperty("code").GetString());
        Assert.Equal(200, (await _server.GetAsync("/sdk/v1/health", key)).Status);
    }

    [Theory]
    [InlineData("", 400, "malformed_json")]
    [InlineData("nonsense", 400, "malformed_json")]
    [InlineData("{\"context\":{}", 400, "malformed_json")]
    [InlineData("{\"context\":{}} x", 400, "malformed_json")]
    [InlineData("[]", 400, "validation_failed")]
    [InlineData("{\"context\":5}", 400, "context_invalid")]
    [InlineData("{\"context\":[]}", 400, "context_invalid")]
    [InlineData("{\"context\":{},\"context\":{}}", 400, "validation_failed")]
    [InlineData("{\"targetingKey\":\"u\"}", 400, "validation_failed")]
    [InlineData("{\"flags\":\"a\"}", 400, "validation_failed")]
    [InlineData("{\"flags\":[1]}", 400, "validation_failed")]
    [InlineData("{\"flag\":{}}", 400, "validation_failed")]
    [InlineData("{\"flag\":\"\\ud800\"}", 400, "malformed_json")]
    public async Task Requests_that_cannot_be_read_are_refused_with_a_code(string body, int status, string code)
    {
        var answer = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, body);
        Assert.Equal((status, code), (answer.Status, answer.Json.GetProperty("code").GetString()));
        Assert.Equal("application/problem+json", answer.Header("Content-Type"));
    }

    [Fact]
    public async Task Huge_deep_and_broken_contexts_are_refused_and_the_process_stays_healthy()
    {
        var deep = "{\"context\":{\"country\":" + string.Concat(Enumerable.Repeat("[", 5000)) + string.Concat(Enumerable.Repeat("]", 5000)) + "}}";
        foreach (var body in new[] { deep, deep.Replace("country", "unused", StringComparison.Ordinal) })
        {
            var answer = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, body);
            Assert.Equal((400, "too_deep"), (answer.Status, answer.Json.GetProperty("code").GetString()));
        }
        var large = "{\"context\":{\"country\":\"" + new string('x', 1 << 20) + "\"}}";
        var tooLarge = await _server.PostAsync("/sdk/v1/evaluate", _serverKey, large);
        Assert.Equal((413, "body_too_large"), (tooLarge.Status, tooLarge.Json.GetProperty("code").GetString()));
        Assert.Equal(413, (await _server.PostAsync("/ofrep/v1/evaluate/flags", _serverKey, large)).Status);
        Assert.Equal(413, (await _server.PostAsync("/sdk/v1/features/checkout/evaluate", _serverKey, large)).Status);
        Assert.Equal(413, (await _server.PostAsync("/sdk/v1/features/checkout/track", _serverKey, large)).Status);

        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/sdk/v1/evaluate") { Content = new StreamContent(new MemoryStream(Encoding.UTF8.GetBytes(large))) };
        chunked.Headers.TryAddWithoutValidation("Authorization", _serverKey);
        chunked.Headers.TransferEncodingChunked = true;
        using (var answer = await _server.Client.SendAsync(chunked))
            Assert.Equal(413, (int)answer.StatusCode);

        using var invalid = new HttpRequestMessage(HttpMethod.Post, "/sdk/v1/evaluate") { Content = new ByteArrayContent([.. "{\"context\":{\"country\":\""u8, 0xC3, 0x28, .. "\"}}"u8]) };
        invalid.Headers.TryAddWithoutValidation("Authorization", _serverKey);
        using (var answer = await _server.Client.SendAsync(invalid))
            Assert.Equal(400, (int)answer.StatusCode);
        Assert.Equal(200, (await _server.PostAsync("/sdk/v1/evaluate", _serverKey, """{"context":{}}""")).Status);
    }

    [Fact]
    public async Task Random_bytes_never_bring_it_down()
    {
        var random = new Random(4711);
        const string Alphabet = "{}[]\":,\\u0contexflags 19.eE-tr\u00e4";
        for (var i = 0; i < 300; i++)
        {
            var body = new StringBuilder("{\"context\":{");
            for (var length = random.Next(60); length > 0; length--)
                body.Append(Alphabet[random.Next(Alphabet.Length)]);
            foreach (var path in new[] { "/sdk/v1/evaluate", "/sdk/v1/features/checkout/evaluate", "/ofrep/v1/evaluate/flags", "/sdk/v1/counts" })
                Assert.InRange((await _server.PostAsync(path, _serverKey, body.ToString())).Status, 200, 499);
        }
    }

    [Fact]
    public async Task Pages_of_allowed_origins_may_read_answers_and_others_may_not()
    {
        var allowed = await _server.PostAsync("/sdk/v1/evaluate", _clientKey, "{}", ("Origin", "https://shop.example"));
        Assert.Equal("https://shop.example", allowed.Header("Access-Control-Allow-Origin"));
        Assert.Null((await _server.PostAsync("/sdk/v1/evaluate", _clientKey, "{}", ("Origin", "https://evil.example"))).Header("Access-Control-Allow-Origin"));
        var preflight = await _server.SendAsync(HttpMethod.Options, "/ofrep/v1/evaluate/flags", null, null, ("Origin", "https://shop.example"), ("Access-Control-Request-Method", "POST"));
        Assert.Equal(204, preflight.Status);
        Assert.Contains("Authorization", preflight.Header("Access-Control-Allow-Headers"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Remote_evaluations_are_counted_in_the_metrics()
    {
        await _server.PostAsync("/sdk/v1/evaluate", _serverKey, """{"context":{"targetingKey":"u1","country":"US"}}""");
        var metrics = (await _server.GetAsync("/metrics", null)).Text;
        Assert.Contains("togglr_edge_evaluations_total{reason=\"TARGETING_MATCH\"} 1", metrics, StringComparison.Ordinal);
        Assert.Contains("togglr_edge_request_duration_seconds_bucket{endpoint=\"evaluate\",status=\"2xx\"", metrics, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_asks_too_often_is_told_when_to_come_back()
    {
        await using var limited = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", _store.ConnectionString), ("TOGGLR_KEY_RATE_LIMIT", "2"));
        Answered? refused = null;
        await Soon.TrueAsync(async () => (refused = await limited.PostAsync("/ofrep/v1/evaluate/flags", _clientKey, """{"context":{}}""")).Status == 429, "never limited");
        Assert.Equal("1", refused!.Header("Retry-After"));
        Assert.True(refused.Json.TryGetProperty("errorDetails", out _));
    }
}
