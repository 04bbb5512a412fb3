using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Npgsql;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Health;

/// <summary>Errors as applications report them, through whole servers.</summary>
public sealed class ReportedErrorsTests(PostgresFixture postgres)
{
    private const string EdgeToken = "an-edge-token-for-tests";
    private const string Flag = "new-checkout";
    private static readonly string Keys = "1:" + Convert.ToBase64String(new byte[32]);

    [Fact]
    public async Task Two_servers_and_an_edge_count_together_and_switch_off_once()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var one = await StartAsync(database, "control,edge,ingest");
        await Eventually.TrueAsync(async () => (await one.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        await using var other = await StartAsync(database, "control,edge,ingest");
        await using var edge = await TogglrServer.StartAsync(["--roles", "edge", "--control-plane-url", other.Address.ToString(), "--edge-token", EdgeToken]);
        using var admin = await one.SignInAsync();
        await Eventually.TrueAsync(async () => (await edge.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK && (await other.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
        var project = await ProjectAsync(database);
        using (var put = await admin.PutAsJsonAsync($"api/v1/orgs/default/projects/{project}/flags/{Flag}/environments/prod/health/settings", new { maxErrorRate = 0.2, minEvaluations = 20, action = "disable" }))
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
        Assert.Equal("""{"feature_key":"new-checkout","environment_key":"prod","enabled":true,"auto_disabled":false,"error_rate":0,"threshold":0.2}""", await HealthAsync(edge));

        // None of the three sees enough by itself, and what a browser says counts nothing.
        foreach (var server in new[] { one, other, edge })
        {
            for (var i = 0; i < 10; i++)
            {
                await PostAsync(server, "evaluate", new { }, DemoData.ServerKey("prod"));
                await PostAsync(server, "report-error", new { error_type = "timeout", error_message = "late" }, DemoData.ClientKey("prod"));
            }
        }
        await Eventually.TrueAsync(async () => await ScalarAsync(database, "SELECT coalesce(sum(client_errors), 0)::bigint FROM health_totals") == 30 && await ScalarAsync(database, "SELECT coalesce(sum(evaluations), 0)::bigint FROM health_totals") == 30, 30);
        Assert.Equal(0, await ScalarAsync(database, "SELECT count(*) FROM incidents"));
        foreach (var server in new[] { one, other, edge })
        {
            for (var i = 0; i < 3; i++)
                await PostAsync(server, "report-error", new { error_type = "timeout", error_message = "late", variant_key = "no-such-variant" }, DemoData.ServerKey("prod"));
        }
        await Eventually.TrueAsync(async () => (await HealthAsync(edge)).Contains("\"enabled\":false,\"auto_disabled\":true,\"error_rate\":0.3,\"threshold\":0.2,\"last_error_at\":", StringComparison.Ordinal), 30);
        Assert.Equal(1, await ScalarAsync(database, "SELECT count(*) FROM incidents"));
        Assert.Equal(1, await ScalarAsync(database, "SELECT count(*) FROM audit_entries WHERE action = 'flag.auto_disabled'"));
    }

    [Fact]
    public async Task A_window_goes_on_where_a_server_that_was_stopped_left_it()
    {
        var database = await postgres.CreateDatabaseAsync();
        string project;
        await using (var first = await StartAsync(database, "control,edge,ingest"))
        {
            await Eventually.TrueAsync(async () => (await first.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
            project = await ProjectAsync(database);
            using var admin = await first.SignInAsync();
            using var put = await admin.PutAsJsonAsync($"api/v1/orgs/default/projects/{project}/flags/{Flag}/environments/prod/health/settings", new { maxErrors = 8, windowSeconds = 600, action = "announce" });
            Assert.True(put.IsSuccessStatusCode, await put.Content.ReadAsStringAsync());
            for (var i = 0; i < 5; i++)
                await PostAsync(first, "report-error", new { error_type = "timeout", error_message = "late" }, DemoData.ServerKey("prod"));
            await PostAsync(first, "report-error", new { error_type = "timeout", error_message = "late", dedup_key = new string('k', 201) }, DemoData.ServerKey("prod"), HttpStatusCode.BadRequest);
        }
        await using var second = await StartAsync(database, "control,edge,ingest");
        await Eventually.TrueAsync(async () => (await second.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        // What is sent again counts once, also as feedback; what a browser says under the same name is another report.
        await PostAsync(second, "report-error", new { error_type = "timeout", error_message = "late", dedup_key = "same" }, DemoData.ClientKey("prod"));
        for (var i = 0; i < 10; i++)
        {
            await PostAsync(second, "report-error", new { error_type = "timeout", error_message = "late", dedup_key = "same" }, DemoData.ServerKey("prod"));
            await PostAsync(second, "report-error", new { error_type = "timeout", error_message = "late", dedup_key = "other" }, DemoData.ServerKey("prod"));
            await PostAsync(second, "track", new { event_type = "error", dedup_key = "feedback" }, DemoData.ServerKey("prod"));
        }
        await Eventually.TrueAsync(async () => await ScalarAsync(database, "SELECT count(*) FROM incidents WHERE cause ->> 'errors' = '8'") == 1, 20);
        using var signedIn = await second.SignInAsync();
        var series = await signedIn.GetFromJsonAsync<JsonElement>($"api/v1/orgs/default/projects/{project}/flags/{Flag}/environments/prod/health?minutes=5");
        Assert.Equal("timeout late 8 8", $"{series.GetProperty("errors")[0].GetProperty("type").GetString()} {series.GetProperty("errors")[0].GetProperty("message").GetString()} {series.GetProperty("errors")[0].GetProperty("count").GetInt64()} {await ScalarAsync(database, "SELECT sum(errors)::bigint FROM health_totals")}");
    }

    private static Task<TogglrServer> StartAsync(string database, string roles) => TogglrServer.StartAsync(
        ["--roles", roles, "--edge-token", EdgeToken, "--database-url", PostgresFixture.AsWorkRole(database), "--migration-database-url", database, "--encryption-keys", Keys, "--demo", "true"]);

    private static async Task PostAsync(TogglrServer server, string what, object body, string key, HttpStatusCode expected = HttpStatusCode.Accepted)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, $"sdk/v1/features/{Flag}/{what}") { Content = JsonContent.Create(body), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
        using var answer = await server.Anonymous.SendAsync(request);
        Assert.True(answer.StatusCode == (what == "evaluate" ? HttpStatusCode.OK : expected), await answer.Content.ReadAsStringAsync());
    }

    private static async Task<string> HealthAsync(TogglrServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, $"sdk/v1/features/{Flag}/health") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) } };
        using var answer = await server.Anonymous.SendAsync(request);
        return await answer.Content.ReadAsStringAsync();
    }

    private static async Task<string> ProjectAsync(string database)
    {
        await using var data = NpgsqlDataSource.Create(database);
        await using var command = data.CreateCommand($"SELECT p.key FROM projects p JOIN flags f ON f.project_id = p.id WHERE f.key = '{Flag}'");
        return (string)(await command.ExecuteScalarAsync())!;
    }

    private static async Task<long> ScalarAsync(string database, string sql)
    {
        await using var data = NpgsqlDataSource.Create(database);
        await using var command = data.CreateCommand(sql);
        return (long)(await command.ExecuteScalarAsync())!;
    }
}
