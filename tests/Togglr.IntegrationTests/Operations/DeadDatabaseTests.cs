using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Operations;

/// <summary>A dead database never stops evaluation, and everything resumes by itself.</summary>
public sealed class DeadDatabaseTests(PostgresFixture postgres)
{
    private const string Flags = "api/v1/orgs/default/projects/shop/flags";

    [Fact]
    public async Task Evaluation_goes_on_and_management_says_unavailable_until_the_database_is_back()
    {
        await using var database = new DatabaseProxy(await postgres.CreateDatabaseAsync());
        database.Open();
        await using var server = await TogglrServer.StartAsync(["--demo", "true", "--database-url", database.ConnectionString]);
        using var client = await server.SignInAsync();
        await Eventually.TrueAsync(async () => await EvaluateAsync(server) == HttpStatusCode.OK);

        database.Close();
        Assert.Equal(HttpStatusCode.OK, await EvaluateAsync(server));
        await AssertUnavailableAsync(server, client);

        database.Open();
        await Eventually.TrueAsync(async () => (await client.GetAsync(Flags)).StatusCode == HttpStatusCode.OK);
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_process_that_starts_without_its_database_serves_what_it_knew_and_catches_up()
    {
        var directory = Directory.CreateTempSubdirectory("togglr-dead-").FullName;
        await using var database = new DatabaseProxy(await postgres.CreateDatabaseAsync());
        string[] options = ["--demo", "true", "--data-dir", directory, "--database-url", database.ConnectionString];
        database.Open();
        await using (var first = await TogglrServer.StartAsync(options))
            await Eventually.TrueAsync(() => Task.FromResult(Directory.Exists(Path.Combine(directory, "edge")) && Directory.GetFiles(Path.Combine(directory, "edge"), "env-*.json").Length == 3));

        database.Close();
        await using (var server = await TogglrServer.StartAsync(options))
        {
            Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("health")).StatusCode);
            await Eventually.TrueAsync(async () => await EvaluateAsync(server) == HttpStatusCode.OK);
            await AssertUnavailableAsync(server, server.Anonymous, "api/v1/auth/login");

            database.Open();
            await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
            using var client = await server.SignInAsync();
            Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(Flags)).StatusCode);
        }

        Directory.Delete(directory, recursive: true);
    }

    private static async Task AssertUnavailableAsync(TogglrServer server, HttpClient client, string? login = null)
    {
        using var answer = login is null ? await client.GetAsync(Flags) : await client.PostAsJsonAsync(login, new { email = "admin@togglr.dev", password = "password543210" });
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.Equal("unavailable", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
        using var ready = await server.Anonymous.GetAsync("ready");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Contains("database", await ready.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    private static async Task<HttpStatusCode> EvaluateAsync(TogglrServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate") { Content = JsonContent.Create(new { context = new { targetingKey = "user-1" } }) };
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod"));
        using var answer = await server.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }
}
