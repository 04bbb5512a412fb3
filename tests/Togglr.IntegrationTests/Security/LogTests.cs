using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Configuration;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Security;

public sealed class LogTests(PostgresFixture postgres)
{
    private const string JwtSecret = "a-signing-secret-that-nobody-may-read-1234567890";
    private const string EdgeToken = "an-edge-token-that-nobody-may-read";
    private const string KeyBytes = "c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0MTI=";
    private const string WrongPassword = "a wrong password that is somebody's elsewhere";
    private const string NewPassword = "a new password that is typed once";

    [Fact]
    public async Task The_log_of_a_run_has_none_of_the_secrets_that_were_used()
    {
        var directory = Directory.CreateTempSubdirectory("togglr-log-").FullName;
        var port = FreePort.Next();
        await using var server = TogglrProcess.Start(
            "serve", "--database-url", await postgres.CreateDatabaseAsync(), "--data-dir", directory, "--demo", "true", "--listen", $"127.0.0.1:{port}", "--log-level", "trace",
            "--jwt-secret", JwtSecret, "--edge-token", EdgeToken, "--encryption-keys", $"1:{KeyBytes}");
        using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        await Eventually.TrueAsync(async () => await IsReadyAsync(client));
        var api = new Api(client);
        var secrets = new List<string> { JwtSecret, EdgeToken, KeyBytes, WrongPassword, NewPassword };

        await api.PostAsync("/api/v1/auth/login", new { email = FirstStart.DemoEmail, password = WrongPassword }, 401);
        var login = await api.PostAsync("/api/v1/auth/login", new { email = FirstStart.DemoEmail, password = FirstStart.DemoPassword });
        secrets.Add(login.Get("accessToken"));
        secrets.Add(login.Get("refreshToken"));
        var refreshed = await api.PostAsync("/api/v1/auth/refresh", new { refreshToken = login.Get("refreshToken") });
        secrets.Add(refreshed.Get("accessToken"));
        secrets.Add(refreshed.Get("refreshToken"));
        client.DefaultRequestHeaders.Add("Authorization", $"Bearer {refreshed.Get("accessToken")}");
        var key = await api.PostAsync("/api/v1/orgs/default/projects/shop/environments/prod/keys", new { name = "logged", kind = "server" });
        secrets.Add(key.Get("secret"));
        await api.PostAsync("/api/v1/me/password", new { currentPassword = WrongPassword, newPassword = NewPassword }, -1);
        await api.PostAsync("/api/v1/me/password", $$"""{"currentPassword":"{{FirstStart.DemoPassword}}","newPassword":"{{NewPassword}}","surprise":1}""", 400);

        // Keys and tokens in addresses, where browsers put them.
        using (await client.GetAsync($"/sdk/v1/stream?key={key.Get("secret")}", HttpCompletionOption.ResponseHeadersRead))
        using (await client.GetAsync($"/api/ws?token={refreshed.Get("accessToken")}"))
        using (await client.GetAsync($"/api/v1/nothing?token={refreshed.Get("accessToken")}"))
        using (await client.GetAsync($"/api/v1/auth/invitations/{refreshed.Get("refreshToken")}"))
        {
            Assert.NotEmpty(server.Output);
        }
        await api.GetAsync("/api/v1/me", -1);
        await Eventually.TrueAsync(() => Task.FromResult(server.Output.Contains("GET /api/v1/me", StringComparison.Ordinal)), 20);
        foreach (var secret in secrets)
            Assert.DoesNotContain(secret, server.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Printed_options_and_complaints_about_them_show_no_secret()
    {
        var secrets = TogglrOptions.Definitions.Where(option => option.IsSecret).ToDictionary(option => option.Name, option => $"5ecret-{option.Name}-0123456789012345678901234567890123456789", StringComparer.Ordinal);
        Assert.True(secrets.Count >= 4);
        try
        {
            var printed = string.Join('\n', TogglrOptions.Load([], secrets).Describe());
            Assert.DoesNotContain("5ecret", printed, StringComparison.Ordinal);
        }
        catch (ConfigurationException complaint)
        {
            Assert.DoesNotContain("5ecret", complaint.Message, StringComparison.Ordinal);
        }
        foreach (var option in secrets.Keys)
        {
            try
            {
                TogglrOptions.Load([], new Dictionary<string, string>(StringComparer.Ordinal) { [option] = "5ecret" });
            }
            catch (ConfigurationException complaint)
            {
                Assert.DoesNotContain("5ecret", complaint.Message, StringComparison.Ordinal);
            }
        }
        // What sounds like a secret is one.
        Assert.All(
            TogglrOptions.Definitions.Where(option => System.Text.RegularExpressions.Regex.IsMatch(option.Name, "SECRET|TOKEN$|PASSWORD$|_KEYS?$|_URL$", System.Text.RegularExpressions.RegexOptions.NonBacktracking)),
            option => Assert.True(option.IsSecret || option.Name is "TOGGLR_PUBLIC_URL" or "TOGGLR_CONTROL_PLANE_URL", $"{option.Name} is printed"));
    }

    private static async Task<bool> IsReadyAsync(HttpClient client)
    {
        try
        {
            using var answer = await client.GetAsync("/ready");
            return answer.IsSuccessStatusCode;
        }
        catch (HttpRequestException)
        {
            return false;
        }
    }
}
