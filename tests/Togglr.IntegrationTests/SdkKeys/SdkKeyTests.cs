using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.SdkKeys;

public sealed class SdkKeyTests(KeyServers servers) : IClassFixture<KeyServers>
{
    [Fact]
    public async Task A_new_key_works_at_once()
    {
        for (var i = 0; i < 10; i++)
        {
            var (_, secret, _) = await servers.CreateAsync(new { name = "quick", kind = "server" });
            Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
        }
    }

    [Fact]
    public async Task A_revoked_key_is_refused_at_once_and_its_streams_end_on_every_edge()
    {
        var (id, secret, _) = await servers.CreateAsync(new { name = "leaked", kind = "server" });
        await Eventually.TrueAsync(async () => (await KeyServers.EvaluateAsync(servers.Edge, secret)).Status == 200);
        using var here = await KeyServers.OpenStreamAsync(servers.Server, secret);
        using var there = await KeyServers.OpenStreamAsync(servers.Edge, secret);
        await servers.Admin.DeleteAsync($"{KeyServers.Keys}/{id}");
        Assert.Equal(401, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
        foreach (var stream in new[] { here, there })
        {
            Assert.Contains("event: revoked", await KeyServers.NextAsync(stream), StringComparison.Ordinal);
            Assert.Equal("", await KeyServers.NextAsync(stream));
        }
        Assert.Equal(401, (await KeyServers.EvaluateAsync(servers.Edge, secret)).Status);
        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { name = "again" }, 409);
        await servers.Admin.PostAsync($"{KeyServers.Keys}/{id}/rotate", new { overlapHours = 1 }, 409);
    }

    [Fact]
    public async Task Rotating_gives_a_successor_with_the_same_terms_and_both_are_good_for_the_overlap()
    {
        var (id, secret, _) = await servers.CreateAsync(new { name = "shop pages", kind = "client", rateLimit = new { perSecond = 500 }, origins = new[] { "https://shop.example" } });
        using var stream = await OpenRefetchStreamAsync(secret);
        var rotated = await servers.Admin.PostAsync($"{KeyServers.Keys}/{id}/rotate", new { overlapHours = 24, reason = "yearly" }, 201);
        Assert.Equal(("shop pages", "client", id), (rotated.Get("name"), rotated.Get("kind"), rotated.Get("replaces")));
        Assert.Equal(500, rotated.At("rateLimit", "perSecond").GetInt32());
        Assert.Equal("https://shop.example", rotated.Get("origins", "0"));
        Assert.Equal(JsonValueKind.Null, rotated.At("expiresAt").ValueKind);
        var successor = rotated.Get("secret");
        Assert.NotEqual(secret, successor);
        Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
        Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, successor)).Status);

        var old = await servers.Admin.GetAsync($"{KeyServers.Keys}/{id}");
        Assert.Equal(rotated.Get("id"), old.Get("replacedBy"));
        var left = old.At("expiresAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        Assert.InRange(left.TotalHours, 23.9, 24);
        Assert.False(old.Json.TryGetProperty("secret", out _));
        await servers.Admin.PostAsync($"{KeyServers.Keys}/{id}/rotate", new { overlapHours = 24 }, 409);

        // The stream of the old key goes on: applications change over when it suits them.
        await servers.Admin.PostAsync("/api/v1/orgs/default/projects/shop/flags/dark-mode/environments/prod/toggle", new { enabled = false });
        await servers.Admin.PostAsync("/api/v1/orgs/default/projects/shop/flags/dark-mode/environments/prod/toggle", new { enabled = true });
        Assert.Contains("refetchEvaluation", await KeyServers.NextAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rotating_twice_at_once_gives_one_successor()
    {
        var (id, _, _) = await servers.CreateAsync(new { name = "raced", kind = "server" });
        var answers = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => servers.Admin.PostAsync($"{KeyServers.Keys}/{id}/rotate", new { overlapHours = 1 }, -1)));
        Assert.Single(answers, answer => answer.Status == 201);
        Assert.All(answers.Where(answer => answer.Status != 201), answer => Assert.Equal(409, answer.Status));
    }

    [Fact]
    public async Task Without_an_overlap_the_old_key_ends_at_once()
    {
        var (id, secret, _) = await servers.CreateAsync(new { name = "leaked", kind = "server" });
        using var stream = await KeyServers.OpenStreamAsync(servers.Server, secret);
        var rotated = await servers.Admin.PostAsync($"{KeyServers.Keys}/{id}/rotate", new { overlapHours = 0 }, 201);
        Assert.Equal(401, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
        Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, rotated.Get("secret"))).Status);
        Assert.Contains("event: revoked", await KeyServers.NextAsync(stream), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_that_ends_while_a_stream_is_open_closes_the_stream()
    {
        var (id, secret, _) = await servers.CreateAsync(new { name = "short", kind = "server" });
        using var stream = await KeyServers.OpenStreamAsync(servers.Server, secret);
        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { expiresAt = TimeProvider.System.GetUtcNow().AddSeconds(2) });
        Assert.Contains("event: revoked", await KeyServers.NextAsync(stream), StringComparison.Ordinal);
        Assert.Equal("", await KeyServers.NextAsync(stream));
        Assert.Equal(401, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
    }

    [Fact]
    public async Task The_limit_of_a_key_holds_on_every_edge_and_says_what_is_left()
    {
        var (id, secret, _) = await servers.CreateAsync(new { name = "limited", kind = "server", rateLimit = new { perSecond = 3 } });
        await Eventually.TrueAsync(async () => (await KeyServers.EvaluateAsync(servers.Edge, secret)).Status != 401);
        foreach (var server in new[] { servers.Server, servers.Edge })
        {
            var first = await KeyServers.EvaluateAsync(server, secret);
            Assert.Equal("3", first.Header("X-RateLimit-Limit"));
            var answers = new List<Edge.Answered>();
            for (var i = 0; i < 12; i++)
                answers.Add(await KeyServers.EvaluateAsync(server, secret));
            var refused = answers.Last(answer => answer.Status == 429);
            Assert.Equal(("0", "1"), (refused.Header("X-RateLimit-Remaining"), refused.Header("Retry-After")));
            Assert.Equal("rate_limited", refused.Json.GetProperty("code").GetString());
        }
        var (_, other, _) = await servers.CreateAsync(new { name = "free", kind = "server" });
        Assert.Null((await KeyServers.EvaluateAsync(servers.Server, other)).Header("X-RateLimit-Limit"));

        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { rateLimit = (object?)null });
        Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, secret)).Status);
    }

    [Fact]
    public async Task Pages_of_a_keys_own_origins_may_use_it_and_others_may_not()
    {
        var (id, own, _) = await servers.CreateAsync(new { name = "pages", kind = "client", origins = new[] { "https://SHOP.example:443", "http://localhost:5173" } });
        var (_, common, _) = await servers.CreateAsync(new { name = "pages", kind = "client" });
        Assert.Equal("https://shop.example", await AllowedAsync(own, "https://shop.example"));
        Assert.Equal("http://localhost:5173", await AllowedAsync(own, "http://localhost:5173"));
        Assert.Null(await AllowedAsync(own, "https://default.example"));
        Assert.Null(await AllowedAsync(own, "null"));
        Assert.Equal("https://default.example", await AllowedAsync(common, "https://default.example"));
        Assert.Null(await AllowedAsync(common, "https://shop.example"));

        // Before the request browsers ask without the key.
        Assert.Equal("https://shop.example", (await KeyServers.EvaluateAsync(servers.Server, "", "https://shop.example", HttpMethod.Options)).Header("Access-Control-Allow-Origin"));
        Assert.Null((await KeyServers.EvaluateAsync(servers.Server, "", "https://evil.example", HttpMethod.Options)).Header("Access-Control-Allow-Origin"));

        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { origins = Array.Empty<string>() });
        Assert.Null(await AllowedAsync(own, "https://shop.example"));
        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { origins = (object?)null });
        Assert.Equal("https://default.example", await AllowedAsync(own, "https://default.example"));

        async Task<string?> AllowedAsync(string key, string origin) => (await KeyServers.EvaluateAsync(servers.Server, key, origin)).Header("Access-Control-Allow-Origin");
    }

    [Theory]
    [InlineData("""{"origins":["https://shop.example/path"]}""", "/origins/0")]
    [InlineData("""{"origins":["https://a.example","javascript:alert(1)"]}""", "/origins/1")]
    [InlineData("""{"origins":["https://a.example b"]}""", "/origins/0")]
    [InlineData("""{"origins":["https://user@a.example"]}""", "/origins/0")]
    [InlineData("""{"origins":["null"]}""", "/origins/0")]
    [InlineData("""{"origins":[null]}""", null)]
    [InlineData("""{"rateLimit":{"perSecond":-1}}""", "/rateLimit/perSecond")]
    [InlineData("""{"rateLimit":{"perSecond":1000001}}""", "/rateLimit/perSecond")]
    [InlineData("""{"expiresAt":"2001-01-01T00:00:00Z"}""", "/expiresAt")]
    [InlineData("""{"name":""}""", "/name")]
    public async Task Terms_that_cannot_be_are_refused(string body, string? path)
    {
        var (id, _, _) = await servers.CreateAsync(new { name = "terms", kind = "client" });
        var answer = await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", body, 400);
        if (path is not null)
            Assert.Equal(path, answer.Get("errors", "0", "path"));
    }

    [Fact]
    public async Task A_server_key_has_no_origins()
    {
        var answer = await servers.Admin.PostAsync(KeyServers.Keys, new { name = "mixed up", kind = "server", origins = new[] { "https://shop.example" } }, 400);
        Assert.Equal("/origins", answer.Get("errors", "0", "path"));
    }

    [Fact]
    public async Task A_change_of_a_stale_key_is_refused()
    {
        var (id, _, created) = await servers.CreateAsync(new { name = "before", kind = "server" });
        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { name = "between" }, 200, ("If-Match", created.ETag!));
        await servers.Admin.PatchAsync($"{KeyServers.Keys}/{id}", new { name = "after" }, 412, ("If-Match", created.ETag!));
    }

    [Fact]
    public async Task When_a_key_was_used_is_known_wherever_it_was_used()
    {
        var (here, hereSecret, _) = await servers.CreateAsync(new { name = "here", kind = "server" });
        var (there, thereSecret, _) = await servers.CreateAsync(new { name = "there", kind = "server" });
        var (unused, _, _) = await servers.CreateAsync(new { name = "unused", kind = "server" });
        Assert.Equal(200, (await KeyServers.EvaluateAsync(servers.Server, hereSecret)).Status);
        await Eventually.TrueAsync(async () => (await KeyServers.EvaluateAsync(servers.Edge, thereSecret)).Status == 200);
        foreach (var id in new[] { here, there })
        {
            Answer? key = null;
            await Eventually.TrueAsync(async () => (key = await servers.Admin.GetAsync($"{KeyServers.Keys}/{id}")).At("lastUsedAt").ValueKind != JsonValueKind.Null, 20);
            Assert.Equal("127.0.0.1", key!.Get("lastUsedAddress"));
            Assert.InRange((TimeProvider.System.GetUtcNow() - key.At("lastUsedAt").GetDateTimeOffset()).TotalSeconds, -1, 20);
            Assert.Equal("\"1\"", key.ETag);
        }
        Assert.Equal(JsonValueKind.Null, (await servers.Admin.GetAsync($"{KeyServers.Keys}/{unused}")).At("lastUsedAt").ValueKind);
    }

    [Theory]
    [InlineData("", 401)]
    [InlineData("Bearer wrong-token-wrong-token", 401)]
    [InlineData("Bearer an-edge-token-for-tests", 400)]
    public async Task Reports_of_use_need_the_edge_token_and_must_be_readable(string authorization, int status)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "internal/v1/key-uses") { Content = new StringContent("""{"uses":[{"hash":"xx","at":"2026-01-01T00:00:00Z"}]}""") };
        request.Headers.TryAddWithoutValidation("Authorization", authorization);
        using var answer = await servers.Server.Anonymous.SendAsync(request);
        Assert.Equal(status, (int)answer.StatusCode);
    }

    private async Task<StreamReader> OpenRefetchStreamAsync(string key)
    {
        var response = await servers.Server.Anonymous.GetAsync($"ofrep/v1/stream?key={key}", HttpCompletionOption.ResponseHeadersRead);
        response.EnsureSuccessStatusCode();
        var reader = new StreamReader(await response.Content.ReadAsStreamAsync());
        Assert.Contains("refetchEvaluation", await KeyServers.NextAsync(reader), StringComparison.Ordinal);
        return reader;
    }
}
