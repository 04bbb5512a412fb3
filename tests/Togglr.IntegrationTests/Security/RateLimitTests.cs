using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class RateLimitTests(SecurityServers servers)
{
    [Fact]
    public async Task An_address_that_asks_too_often_is_told_when_to_come_back_and_others_are_not_harmed()
    {
        using var first = await AskAsync("203.0.113.1");
        Assert.Equal(($"{SecurityServers.ApiLimit}", $"{SecurityServers.ApiLimit - 1}"), (first.Header("X-RateLimit-Limit"), first.Header("X-RateLimit-Remaining")));
        Assert.Equal("1", first.Header("X-RateLimit-Reset"));
        var refused = await UntilRefusedAsync("203.0.113.1", "/api/v1/me", SecurityServers.ApiLimit + 50);
        Assert.Equal("rate_limited", await refused.CodeAsync());
        Assert.InRange(int.Parse(refused.Header("Retry-After")!), 1, 60);
        Assert.Equal("0", refused.Header("X-RateLimit-Remaining"));
        Assert.Equal("nosniff", refused.Header("X-Content-Type-Options"));
        using var other = await AskAsync("203.0.113.2");
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task All_addresses_of_one_IPv6_network_count_as_one()
    {
        await UntilRefusedAsync("2001:db8:1:1::1", "/api/v1/me", SecurityServers.ApiLimit + 50);
        using var neighbour = await AskAsync("2001:db8:1:1:ffff::2");
        Assert.Equal(HttpStatusCode.TooManyRequests, neighbour.StatusCode);
        using var other = await AskAsync("2001:db8:1:2::1");
        Assert.Equal(HttpStatusCode.Unauthorized, other.StatusCode);
    }

    [Fact]
    public async Task Signing_in_is_limited_more_strictly()
    {
        var refused = await UntilRefusedAsync("203.0.113.3", "/api/v1/auth/refresh", SecurityServers.SignInLimit + 5);
        Assert.Equal($"{SecurityServers.SignInLimit}", refused.Header("X-RateLimit-Limit"));
        using var elsewhere = await AskAsync("203.0.113.3");
        Assert.Equal(HttpStatusCode.Unauthorized, elsewhere.StatusCode);
    }

    [Fact]
    public async Task A_person_is_limited_wherever_they_send_from()
    {
        using var login = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" }, ("X-Forwarded-For", "203.0.113.4"));
        var token = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString();
        HttpResponseMessage? answer = null;
        for (var i = 0; i < SecurityServers.ApiLimit && answer?.StatusCode != HttpStatusCode.TooManyRequests; i++)
        {
            answer?.Dispose();
            answer = await SecurityServers.SendAsync(servers.Proxied, HttpMethod.Get, "/api/v1/orgs", null, ("Authorization", $"Bearer {token}"), ("X-Forwarded-For", $"198.51.100.{i}"));
        }
        Assert.Equal(HttpStatusCode.TooManyRequests, answer!.StatusCode);
        Assert.Equal($"{SecurityServers.ApiLimit / 2}", answer.Header("X-RateLimit-Limit"));
        answer.Dispose();
    }

    [Fact]
    public async Task Nobody_chooses_their_own_address()
    {
        // Directly: the header means nothing.
        await servers.Admin.PostAsync("/api/v1/orgs/default/projects", new { key = "addressed", name = "Addressed" }, 0, ("X-Forwarded-For", "203.0.113.99"));
        var entry = await servers.Admin.GetAsync("/api/v1/orgs/default/audit?action=project.created&limit=1");
        Assert.DoesNotContain("203.0.113.99", entry.Json.GetRawText(), StringComparison.Ordinal);

        // Through a proxy: what the client wrote before the proxy's own word means nothing.
        using var login = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" }, ("X-Forwarded-For", "10.9.9.9, 203.0.113.50"));
        var token = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("accessToken").GetString();
        // Another test may have used up what the administrator may send.
        var text = "";
        await Eventually.TrueAsync(async () =>
        {
            using var audit = await SecurityServers.SendAsync(
                servers.Proxied, HttpMethod.Get, "/api/v1/orgs/default/audit?action=session.started", null, ("Authorization", $"Bearer {token}"), ("X-Forwarded-For", "203.0.113.51"));
            text = await audit.Content.ReadAsStringAsync();
            return audit.StatusCode != HttpStatusCode.TooManyRequests;
        });
        Assert.Contains("203.0.113.50", text, StringComparison.Ordinal);
        Assert.DoesNotContain("10.9.9.9", text, StringComparison.Ordinal);
    }

    private Task<HttpResponseMessage> AskAsync(string address) => SecurityServers.SendAsync(servers.Proxied, HttpMethod.Get, "/api/v1/me", null, ("X-Forwarded-For", address));

    private async Task<HttpResponseMessage> UntilRefusedAsync(string address, string path, int most)
    {
        for (var i = 0; i < most; i++)
        {
            var answer = await SecurityServers.SendAsync(servers.Proxied, HttpMethod.Post, path, new { }, ("X-Forwarded-For", address));
            if (answer.StatusCode == HttpStatusCode.TooManyRequests)
                return answer;
            answer.Dispose();
        }
        throw new InvalidOperationException($"{most} requests and no refusal.");
    }
}
