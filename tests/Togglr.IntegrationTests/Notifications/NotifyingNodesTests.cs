using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Security;

namespace Togglr.IntegrationTests.Notifications;

/// <summary>Several servers on one database: everything is told once, and what a server had taken when it died is sent by another.</summary>
public sealed class NotifyingNodesTests(PostgresFixture postgres)
{
    private const int Flags = 40;

    private static readonly string Keys = "1:" + Convert.ToBase64String(new byte[32]);

    [Fact]
    public async Task Two_servers_tell_everything_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var sink = await HttpSink.StartAsync();
        await using var one = await StartAsync(database);
        await using var other = await StartAsync(database);
        using var admin = await one.SignInAsync();
        using var second = await other.SignInAsync();
        await SubscribeAsync(admin, sink);
        // Both write at the same time, and both tell.
        await Task.WhenAll(Enumerable.Range(0, Flags).Select(i => PostAsync(i % 2 == 0 ? admin : second, "api/v1/orgs/default/projects/nodes/flags", new { key = $"flag-{i}", type = "boolean" })));
        await using var data = NpgsqlDataSource.Create(database);
        await Eventually.TrueAsync(async () => await CountAsync(data, "SELECT count(*) FROM notification_deliveries WHERE state = 'delivered'") == Flags);
        Assert.Equal(Flags, sink.At("/hook").Count);
        Assert.Equal(Flags, KeysOf(sink).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(0, await CountAsync(data, "SELECT count(*) FROM notification_deliveries WHERE attempts <> 1"));
        Assert.Equal(0, await CountAsync(data, "SELECT count(*) FROM audit_chains c JOIN notification_cursors n USING (organization_id) WHERE c.sequence <> n.sequence"));
    }

    [Fact]
    public async Task What_a_server_that_is_killed_had_taken_is_sent_by_another_and_nothing_is_lost()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var sink = await HttpSink.StartAsync();
        var arrived = new TaskCompletionSource();
        sink.Answer("/hook", async http =>
        {
            arrived.TrySetResult();
            await Task.Delay(TimeSpan.FromMinutes(1), http.RequestAborted);
        });
        var directory = Directory.CreateTempSubdirectory("togglr-killed-").FullName;
        var survivor = await StartAsync(database);
        using (var admin = await survivor.SignInAsync())
            await SubscribeAsync(admin, sink);
        await survivor.DisposeAsync();
        await using var data = NpgsqlDataSource.Create(database);
        var port = FreePort.Next();
        var victim = TogglrProcess.Start(
            "serve", "--listen", $"127.0.0.1:{port}", "--log-level", "error", "--data-dir", directory, "--database-url", PostgresFixture.AsWorkRole(database), "--migration-database-url", database,
            "--encryption-keys", Keys, "--demo", "true", "--private-destinations", "127.0.0.1/32");
        try
        {
            using var client = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
            await Eventually.TrueAsync(async () =>
            {
                try
                {
                    return (await client.GetAsync("ready")).IsSuccessStatusCode;
                }
                catch (HttpRequestException)
                {
                    return false;
                }
            });
            using var signedIn = await client.PostAsJsonAsync("api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210" });
            client.DefaultRequestHeaders.Authorization = new("Bearer", (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("accessToken").GetString());
            for (var i = 0; i < 5; i++)
                await PostAsync(client, "api/v1/orgs/default/projects/nodes/flags", new { key = $"flag-{i}", type = "boolean" });
            await arrived.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            // Kills it without asking, in the middle of sending.
            await victim.DisposeAsync();
        }

        Assert.Equal(1, await CountAsync(data, "SELECT count(*) FROM notification_deliveries WHERE attempts = 1 AND state = 'pending' AND next_attempt_at > now()"));
        sink.Answer("/hook", 200);
        await using var after = await StartAsync(database);
        // The time for which the dead one had taken its message runs out.
        await using (var command = data.CreateCommand("UPDATE notification_deliveries SET next_attempt_at = now() WHERE state = 'pending'"))
            await command.ExecuteNonQueryAsync();
        await Eventually.TrueAsync(async () => await CountAsync(data, "SELECT count(*) FROM notification_deliveries WHERE state = 'delivered'") == 5);
        Assert.Equal(5, KeysOf(sink).Distinct(StringComparer.Ordinal).Count());
        // Twice under one number: the receiver can tell.
        Assert.Equal(6, sink.At("/hook").Count);
        Assert.Equal(5, sink.At("/hook").Select(posted => posted.Headers["Togglr-Delivery"]).Distinct(StringComparer.Ordinal).Count());
        Directory.Delete(directory, recursive: true);
    }

    private static IEnumerable<string> KeysOf(HttpSink sink) => sink.At("/hook").Select(posted => JsonDocument.Parse(posted.Body).RootElement.GetProperty("entity").GetProperty("key").GetString()!);

    private static async Task SubscribeAsync(HttpClient admin, HttpSink sink)
    {
        await PostAsync(admin, "api/v1/orgs/default/projects", new { key = "nodes", name = "Nodes" });
        await PostAsync(admin, "api/v1/orgs/default/notifications/destinations", new { name = "Hook", kind = "webhook", url = sink.UrlOf("/hook"), subscriptions = new[] { new { events = new[] { "flags" } } } });
    }

    private static async Task PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
    }

    private static async Task<TogglrServer> StartAsync(string database)
    {
        var server = await TogglrServer.StartAsync(
            ["--database-url", PostgresFixture.AsWorkRole(database), "--migration-database-url", database, "--encryption-keys", Keys, "--demo", "true", "--private-destinations", "127.0.0.1/32"]);
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        return server;
    }

    private static async Task<long> CountAsync(NpgsqlDataSource data, string sql)
    {
        await using var command = data.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
