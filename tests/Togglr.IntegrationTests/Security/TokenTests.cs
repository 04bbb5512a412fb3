using System.Buffers.Text;
using System.Net;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class TokenTests(SecurityServers servers)
{
    [Fact]
    public async Task A_forged_or_altered_access_token_opens_nothing()
    {
        var token = await TokenAsync();
        Assert.Equal(HttpStatusCode.OK, await AskAsync(token));
        var parts = token.Split('.');
        var claims = JsonNode.Parse(Base64Url.DecodeFromChars(parts[1]))!.AsObject();
        var anonymous = Encode("""{"alg":"none","typ":"JWT"}""");
        var forged = new List<string>
        {
            $"{anonymous}.{parts[1]}.", $"{anonymous}.{parts[1]}.{parts[2]}", $"{parts[0]}.{parts[1]}.", $"{parts[0]}.{parts[1]}", parts[1], "..", "", new string('a', 5000),
            $"{Encode("""{"typ":"JWT","alg":"HS256"}""")}.{parts[1]}.{parts[2]}", $"{Encode("""{"alg":"HS256","typ":"JWT","kid":"../../dev/null"}""")}.{parts[1]}.{parts[2]}",
            Signed(parts[0], parts[1], new byte[32]), Signed(parts[0], parts[1], []), $"{parts[0]}.{parts[1]}.{parts[2]}.x",
        };
        foreach (var (name, value) in new (string, JsonNode?)[] { ("exp", 4_000_000_000), ("aud", "another"), ("iss", "another"), ("sub", Guid.CreateVersion7().ToString()), ("nbf", 4_000_000_000), ("sid", Guid.CreateVersion7().ToString()) })
        {
            var altered = JsonNode.Parse(claims.ToJsonString())!.AsObject();
            altered[name] = value;
            forged.Add($"{parts[0]}.{Encode(altered.ToJsonString())}.{parts[2]}");
        }
        foreach (var attempt in forged)
            Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(attempt));
    }

    [Fact]
    public async Task Tokens_of_one_kind_are_not_taken_for_another()
    {
        var key = await servers.Admin.PostAsync("/api/v1/orgs/default/projects/shop/environments/prod/keys", new { name = "misused", kind = "server" });
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(key.Get("secret")));
        using var login = await LoginAsync();
        var answer = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement;
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(answer.GetProperty("refreshToken").GetString()!));
        using var evaluated = await SecurityServers.SendAsync(
            servers.Plain, HttpMethod.Post, "/sdk/v1/evaluate", new { }, ("Authorization", $"Bearer {answer.GetProperty("accessToken").GetString()}"));
        Assert.Equal(HttpStatusCode.Unauthorized, evaluated.StatusCode);
        using var refreshed = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/refresh", new { refreshToken = answer.GetProperty("accessToken").GetString()![..100] });
        Assert.Equal(HttpStatusCode.Unauthorized, refreshed.StatusCode);
    }

    [Fact]
    public async Task Signing_out_ends_the_access_token_at_once()
    {
        using var login = await LoginAsync();
        var answer = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement;
        var token = answer.GetProperty("accessToken").GetString()!;
        Assert.Equal(HttpStatusCode.OK, await AskAsync(token));
        using var logout = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/logout", new { refreshToken = answer.GetProperty("refreshToken").GetString() });
        Assert.Equal(HttpStatusCode.NoContent, logout.StatusCode);
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(token));
    }

    [Fact]
    public async Task An_access_token_of_another_installation_opens_nothing()
    {
        using var login = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" }, ("X-Forwarded-For", "203.0.113.80"));
        var token = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString()!;
        Assert.Equal(HttpStatusCode.Unauthorized, await AskAsync(token));
    }

    [Fact]
    public async Task A_person_of_one_organization_finds_nothing_of_another()
    {
        var created = await servers.Admin.PostAsync("/api/v1/orgs", new { key = "elsewhere", name = "Elsewhere" });
        Assert.Equal("elsewhere", created.Get("key"));
        await servers.Admin.PostAsync("/api/v1/orgs/elsewhere/projects", new { key = "hidden", name = "Hidden" });
        var key = await servers.Admin.PostAsync("/api/v1/orgs/elsewhere/projects/hidden/environments/prod/keys", new { name = "hidden", kind = "server" });
        // Ids and keys of one organization below the path of the other.
        foreach (var path in new[] { $"projects/shop/environments/prod/keys/{key.Get("id")}", "projects/hidden", "projects/hidden/environments/prod/keys" })
            Assert.Equal("not_found", (await servers.Admin.GetAsync($"/api/v1/orgs/default/{path}", 404)).Code);
        await servers.Admin.DeleteAsync($"/api/v1/orgs/default/projects/shop/environments/prod/keys/{key.Get("id")}", 404);
        await servers.Admin.PostAsync($"/api/v1/orgs/default/projects/shop/environments/prod/keys/{key.Get("id")}/rotate", new { overlapHours = 0 }, 404);
        // Within one environment as well.
        await servers.Admin.DeleteAsync($"/api/v1/orgs/elsewhere/projects/hidden/environments/dev/keys/{key.Get("id")}", 404);
        var evaluated = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Get, "/sdk/v1/config", null, ("Authorization", key.Get("secret")));
        Assert.DoesNotContain("dark-mode", await evaluated.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        evaluated.Dispose();
    }

    private async Task<string> TokenAsync()
    {
        using var login = await LoginAsync();
        return JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString()!;
    }

    private async Task<HttpResponseMessage> LoginAsync()
    {
        var login = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" });
        login.EnsureSuccessStatusCode();
        return login;
    }

    private async Task<HttpStatusCode> AskAsync(string token)
    {
        using var answer = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Get, "/api/v1/me", null, ("Authorization", $"Bearer {token}"));
        return answer.StatusCode;
    }

    private static string Encode(string json) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(json));

    private static string Signed(string header, string body, byte[] key) => $"{header}.{body}.{Base64Url.EncodeToString(HMACSHA256.HashData(key, Encoding.ASCII.GetBytes($"{header}.{body}")))}";
}
