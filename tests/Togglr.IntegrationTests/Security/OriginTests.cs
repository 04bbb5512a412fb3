namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class OriginTests(SecurityServers servers)
{
    [Theory]
    [InlineData("GET", "/api/v1/me")]
    [InlineData("OPTIONS", "/api/v1/me")]
    [InlineData("OPTIONS", "/api/v1/auth/login")]
    public async Task Pages_of_other_origins_cannot_use_the_management_API(string method, string path)
    {
        using var answer = await SecurityServers.SendAsync(servers.Plain, new HttpMethod(method), path, null, ("Origin", "https://evil.example"), ("Access-Control-Request-Method", "POST"));
        Assert.DoesNotContain(answer.Headers, header => header.Key.StartsWith("Access-Control", StringComparison.OrdinalIgnoreCase));
    }

    [Fact]
    public async Task Pages_of_named_origins_can_but_never_with_cookies()
    {
        using var preflight = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Options, "/api/v1/me", null, ("Origin", "https://tools.example.com"), ("Access-Control-Request-Method", "PATCH"), ("X-Forwarded-For", "203.0.113.71"));
        Assert.Equal(204, (int)preflight.StatusCode);
        Assert.Equal("https://tools.example.com", preflight.Header("Access-Control-Allow-Origin"));
        Assert.Contains("PATCH", preflight.Header("Access-Control-Allow-Methods"), StringComparison.Ordinal);
        Assert.DoesNotContain("Togglr-Csrf", preflight.Header("Access-Control-Allow-Headers"), StringComparison.OrdinalIgnoreCase);
        Assert.Null(preflight.Header("Access-Control-Allow-Credentials"));

        using var refused = await SecurityServers.SendAsync(servers.Proxied, HttpMethod.Get, "/api/v1/me", null, ("Origin", "https://tools.example.com"), ("X-Forwarded-For", "203.0.113.71"));
        Assert.Equal("https://tools.example.com", refused.Header("Access-Control-Allow-Origin"));
        Assert.Contains("Origin", refused.Header("Vary"), StringComparison.Ordinal);
        foreach (var origin in new[] { "https://evil.example", "https://tools.example.com.evil.example", "http://tools.example.com", "null" })
        {
            using var other = await SecurityServers.SendAsync(servers.Proxied, HttpMethod.Get, "/api/v1/me", null, ("Origin", origin), ("X-Forwarded-For", "203.0.113.71"));
            Assert.Null(other.Header("Access-Control-Allow-Origin"));
        }
    }
}
