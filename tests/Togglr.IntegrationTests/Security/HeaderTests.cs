using System.Text.RegularExpressions;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class HeaderTests(SecurityServers servers)
{
    [Theory]
    [InlineData("GET", "/")]
    [InlineData("GET", "/login")]
    [InlineData("GET", "/theme.js")]
    [InlineData("GET", "/assets/missing.js")]
    [InlineData("GET", "/api/v1/me")]
    [InlineData("GET", "/api/nothing")]
    [InlineData("DELETE", "/api/v1/me")]
    [InlineData("POST", "/api/v1/auth/login")]
    [InlineData("GET", "/api/docs/openapi.json")]
    [InlineData("GET", "/api/docs/index.html")]
    [InlineData("GET", "/health")]
    [InlineData("GET", "/metrics")]
    [InlineData("POST", "/internal/v1/feed")]
    public async Task Every_answer_tells_browsers_what_it_must_not_be_used_for(string method, string path)
    {
        using var answer = await SecurityServers.SendAsync(servers.Plain, new HttpMethod(method), path, method == "POST" ? "{" : null);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("DENY", answer.Header("X-Frame-Options"));
        Assert.Equal("same-origin", answer.Header("Referrer-Policy"));
        Assert.Equal("same-origin", answer.Header("Cross-Origin-Opener-Policy"));
        Assert.Equal("same-origin", answer.Header("Cross-Origin-Resource-Policy"));
        Assert.Contains("camera=()", answer.Header("Permissions-Policy"), StringComparison.Ordinal);
        var policy = answer.Header("Content-Security-Policy")!;
        Assert.StartsWith("default-src 'none'", policy, StringComparison.Ordinal);
        Assert.Contains("frame-ancestors 'none'", policy, StringComparison.Ordinal);
        Assert.DoesNotMatch("script-src[^;]*('unsafe|\\*|nonce)", policy);
        Assert.DoesNotMatch("connect-src[^;]*(\\*|ws:|wss:)", policy);
        Assert.Null(answer.Header("Server"));
        Assert.Null(answer.Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("/sdk/v1/health", 200)]
    [InlineData("/sdk/v1/config", 401)]
    [InlineData("/ofrep/v1/stream", 401)]
    public async Task Answers_to_applications_are_never_taken_for_something_else_and_may_be_read_across_origins(string path, int status)
    {
        using var answer = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Get, path);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("nosniff", answer.Header("X-Content-Type-Options"));
        Assert.Equal("cross-origin", answer.Header("Cross-Origin-Resource-Policy"));
    }

    [Fact]
    public async Task Private_answers_are_stored_nowhere()
    {
        foreach (var path in new[] { "/api/v1/me", "/api/v1/orgs", "/api/v1/orgs/default/members", "/api/v1/orgs/default/audit" })
        {
            using var answer = await servers.Admin.Http.GetAsync(path);
            answer.EnsureSuccessStatusCode();
            Assert.Equal("no-store", answer.Header("Cache-Control"));
        }
    }

    [Fact]
    public async Task The_pages_nonce_is_new_each_time_and_for_styles_only()
    {
        var nonces = new HashSet<string>(StringComparer.Ordinal);
        foreach (var path in new[] { "/", "/", "/index.html", "/p/default/shop/flags" })
        {
            using var answer = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Get, path);
            var policy = answer.Header("Content-Security-Policy")!;
            var nonce = Regex.Match(policy, "style-src 'self' 'nonce-(?<nonce>[A-Za-z0-9_-]{24})'", RegexOptions.NonBacktracking).Groups["nonce"].Value;
            Assert.Contains($"nonce=\"{nonce}\"", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal("no-store", answer.Header("Cache-Control"));
            Assert.Contains("script-src 'self';", policy, StringComparison.Ordinal);
            Assert.True(nonce.Length > 0 && nonces.Add(nonce));
        }
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/api/v1/me")]
    [InlineData("/sdk/v1/health")]
    public async Task Browsers_are_told_to_come_over_TLS_only_where_people_do(string path)
    {
        using var answer = await SecurityServers.SendAsync(servers.Proxied, HttpMethod.Get, path);
        Assert.Equal("max-age=31536000", answer.Header("Strict-Transport-Security"));
    }

    [Theory]
    [InlineData("Host: evil.example")]
    [InlineData("Host: 127.0.0.1\r\nX-Forwarded-Host: evil.example\r\nX-Forwarded-Proto: https\r\nForwarded: host=evil.example")]
    public async Task A_host_that_the_client_makes_up_appears_in_no_answer(string host)
    {
        var login = await SecurityServers.SendRawAsync(servers.Plain, $"GET /api/v1/orgs HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401", login, StringComparison.Ordinal);
        Assert.DoesNotContain("evil", login, StringComparison.Ordinal);
        var description = await SecurityServers.SendRawAsync(servers.Plain, $"GET /api/docs/openapi.json HTTP/1.1\r\n{host}\r\nConnection: close\r\n\r\n");
        Assert.DoesNotContain("evil", description, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_client_sends_cannot_become_a_header_of_the_answer()
    {
        var answer = await SecurityServers.SendRawAsync(
            servers.Plain, "GET /api/v1/orgs/a%0d%0aSet-Cookie:%20x=1 HTTP/1.1\r\nHost: x\r\nX-Request-Id: a\tb%0d%0aSet-Cookie: y=1\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 401", answer, StringComparison.Ordinal);
        Assert.DoesNotContain("Set-Cookie", answer, StringComparison.Ordinal);
    }
}
