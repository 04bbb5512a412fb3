using System.Net;
using System.Text.Json;

namespace Togglr.IntegrationTests.Security;

[Collection(SecurityTests.Name)]
public sealed class CsrfTests(SecurityServers servers)
{
    [Theory]
    [InlineData("/api/v1/auth/refresh")]
    [InlineData("/api/v1/auth/logout")]
    public async Task A_cookie_alone_does_nothing(string path)
    {
        var cookie = await SignInAsync(servers.Plain);
        var own = servers.Plain.Address.GetLeftPart(UriPartial.Authority);
        foreach (var headers in new (string, string)[][]
        {
            [("Cookie", cookie)],
            [("Cookie", cookie), ("Origin", own)],
            [("Cookie", cookie), ("X-Togglr-Csrf", "0")],
            [("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", "https://evil.example")],
            [("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", "null")],
            [("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", own.Replace("127.0.0.1", "localhost", StringComparison.Ordinal))],
            [("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", own), ("Sec-Fetch-Site", "cross-site")],
        })
        {
            using var refused = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, path, new { }, headers);
            Assert.Equal((HttpStatusCode.Forbidden, "csrf"), (refused.StatusCode, await refused.CodeAsync()));
            Assert.Null(refused.Header("Set-Cookie"));
        }
        using var allowed = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, path, new { }, ("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", own), ("Sec-Fetch-Site", "same-origin"));
        Assert.True(allowed.IsSuccessStatusCode);
    }

    [Fact]
    public async Task Programs_without_cookies_need_no_header()
    {
        using var login = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" });
        var token = JsonDocument.Parse(await login.Content.ReadAsStringAsync()).RootElement.GetProperty("refreshToken").GetString();
        using var refreshed = await SecurityServers.SendAsync(servers.Plain, HttpMethod.Post, "/api/v1/auth/refresh", new { refreshToken = token });
        Assert.Equal(HttpStatusCode.OK, refreshed.StatusCode);
    }

    [Fact]
    public async Task Behind_a_proxy_the_public_address_is_the_own_origin_and_cookies_travel_over_TLS_only()
    {
        var cookie = await SignInAsync(servers.Proxied, ("X-Forwarded-For", "203.0.113.70"));
        Assert.StartsWith("__Secure-togglr_refresh=", cookie, StringComparison.Ordinal);
        using var refused = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Post, "/api/v1/auth/refresh", new { }, ("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", "https://tools.example.com"), ("X-Forwarded-For", "203.0.113.70"));
        Assert.Equal(HttpStatusCode.Forbidden, refused.StatusCode);
        using var allowed = await SecurityServers.SendAsync(
            servers.Proxied, HttpMethod.Post, "/api/v1/auth/refresh", new { }, ("Cookie", cookie), ("X-Togglr-Csrf", "1"), ("Origin", "https://flags.example.com"), ("X-Forwarded-For", "203.0.113.70"));
        Assert.Equal(HttpStatusCode.OK, allowed.StatusCode);
        var set = allowed.Header("Set-Cookie")!;
        foreach (var attribute in new[] { "secure", "httponly", "samesite=strict", "path=/api/v1" })
            Assert.Contains(attribute, set, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task A_form_of_another_site_cannot_sign_anybody_in()
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, new Uri(servers.Plain.Address, "/api/v1/auth/login"))
        {
            Content = new StringContent("""{"email":"admin@togglr.dev","password":"password543210","cookie":true}""", System.Text.Encoding.UTF8, "text/plain"),
        };
        using var answer = await servers.Plain.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    private static async Task<string> SignInAsync(Infrastructure.TogglrServer server, params (string, string)[] headers)
    {
        using var login = await SecurityServers.SendAsync(server, HttpMethod.Post, "/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210", cookie = true }, headers);
        Assert.Equal(HttpStatusCode.OK, login.StatusCode);
        return login.Header("Set-Cookie")!.Split(';')[0];
    }
}
