using System.Net.WebSockets;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Usage;

public sealed class UsageTests(UsageServer server) : IClassFixture<UsageServer>
{
    [Fact]
    public async Task What_SDKs_report_is_summed_up_by_variant_and_reason()
    {
        var project = await server.CreateProjectAsync();
        await project.ReportAsync(
            new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 7 }, new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 3 },
            new { flag = "checkout", variant = "off", reason = "TARGETING_MATCH", count = 5 }, new { flag = "checkout", reason = "ERROR", count = 1 });
        await project.UntilAsync(16);

        var usage = await server.Admin.GetAsync($"{project.Path}/flags/checkout/usage?environment=prod");
        Assert.Equal(["on DEFAULT 10", "off TARGETING_MATCH 5", " ERROR 1"],
            usage.At("series").EnumerateArray().Select(row => $"{row.GetProperty("variant").GetString()} {row.GetProperty("reason").GetString()} {row.GetProperty("total").GetInt64()}"));
        Assert.Equal(24, usage.At("steps").GetInt32());
        Assert.Equal(16, usage.At("series").EnumerateArray().Sum(row => row.GetProperty("counts")[23].GetInt64() + row.GetProperty("counts")[22].GetInt64()));
        Assert.True(usage.At("lastEvaluatedAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-5));
        Assert.Equal(16, (await server.Admin.GetAsync($"{project.Path}/flags/checkout/usage?environment=prod&step=day")).At("total").GetInt64());
        Assert.Equal(0, (await server.Admin.GetAsync($"{project.Path}/flags/checkout/usage?environment=dev")).At("total").GetInt64());
        Assert.Equal(16, (await server.Admin.GetAsync($"{project.Path}/usage")).At("total").GetInt64());
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM event_log l JOIN environments e ON e.id = l.environment_id JOIN projects p ON p.id = e.project_id WHERE p.key = '{project.Key}'"));
    }

    [Fact]
    public async Task Remote_evaluations_are_counted_whatever_protocol_they_come_by()
    {
        var project = await server.CreateProjectAsync();
        (await project.SendAsync("sdk/v1/evaluate", new { flag = "checkout", context = new { targetingKey = "u" } })).Dispose();
        (await project.SendAsync("sdk/v1/features/checkout/evaluate", new Dictionary<string, string> { ["user.id"] = "u" })).Dispose();
        (await project.SendAsync("ofrep/v1/evaluate/flags/checkout", new { context = new { targetingKey = "u" } })).Dispose();
        (await project.SendAsync("ofrep/v1/evaluate/flags", new { context = new { targetingKey = "u" } })).Dispose();
        await project.UntilAsync(4);
        var onboarding = await server.Admin.GetAsync($"{project.Path}/onboarding");
        Assert.Equal("remote", onboarding.Get("environments", "0", "sdk"));
        Assert.Equal(1, onboarding.At("environments", "0", "serverKeys").GetInt32());
        Assert.Equal(JsonValueKind.Null, onboarding.At("environments", "1", "firstEvaluatedAt").ValueKind);
        Assert.True((await server.Admin.GetAsync($"{project.Path}/environments/prod/connections")).At("recent").EnumerateArray().Sum(step => step.GetInt64()) == 4);
    }

    [Fact]
    public async Task Every_row_counts_once_although_several_sum_up_at_the_same_time()
    {
        var project = await server.CreateProjectAsync();
        await InsertAsync(project, 25_000);
        await Task.WhenAll(Enumerable.Range(0, 6).Select(async _ =>
        {
            for (var i = 0; i < 10; i++)
                await server.Aggregator.ConsumeAsync(TestContext.Current.CancellationToken);
        }));
        await project.UntilAsync(50_000);
    }

    [Fact]
    public async Task A_process_that_dies_in_the_middle_loses_nothing_and_counts_nothing_twice()
    {
        var project = await server.CreateProjectAsync();
        var database = server.Server.Services.GetRequiredService<TogglrDatabase>().DataSource;
        await using (var connection = await database.OpenConnectionAsync(TestContext.Current.CancellationToken))
        {
            // The sums cannot be written as long as this runs: whoever has taken rows out of the log waits, and is then killed.
            await using var transaction = await connection.BeginTransactionAsync(TestContext.Current.CancellationToken);
            await using (var hold = new NpgsqlCommand("LOCK TABLE evaluation_counts IN EXCLUSIVE MODE", connection))
                await hold.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
            await InsertAsync(project, 100);
            await Eventually.TrueAsync(async () => await server.CountAsync(
                "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO evaluation_counts%' AND datname = current_database()") == 1);
            Assert.Equal(1, await server.CountAsync(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE 'INSERT INTO evaluation_counts%' AND datname = current_database()"));
        }
        await project.UntilAsync(200);
    }

    [Fact]
    public async Task Nothing_that_a_client_sends_stops_the_counting_of_others()
    {
        var (hostile, honest) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await hostile.ReportAsync(new { flag = "checkout", variant = "a\0b", reason = "DEFAULT", count = 1 }, new { flag = "checkout", variant = "'; DROP TABLE flags; --", reason = "DEFAULT", count = 2 });
        for (var i = 0; i < 50; i++)
            await hostile.ReportAsync(new { flag = "checkout", variant = $"made-up-{i}", reason = "DEFAULT", count = 1_000_000_000_000 });
        await server.ExecuteAsync($"INSERT INTO event_log (kind, environment_id, flag, at, payload) SELECT 1, e.id, 'checkout', now(), p::json FROM environments e, unnest(ARRAY['[]', '{{}}', '7', '{{\"reason\":\"DEFAULT\",\"count\":-1}}']) p");
        await honest.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 3 });
        await honest.UntilAsync(3);
        await hostile.UntilAsync(50_000_000_000_003);
        var series = (await server.Admin.GetAsync($"{hostile.Path}/flags/checkout/usage?environment=prod")).At("series");
        Assert.Equal(["*", null], series.EnumerateArray().Select(row => row.GetProperty("variant").GetString()));
    }

    [Fact]
    public async Task Other_events_stay_in_the_log()
    {
        var project = await server.CreateProjectAsync();
        (await project.SendAsync("sdk/v1/features/checkout/track", new { event_type = "success" })).Dispose();
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 1 });
        await project.UntilAsync(1);
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM event_log l JOIN environments e ON e.id = l.environment_id JOIN projects p ON p.id = e.project_id WHERE p.key = '{project.Key}' AND kind = 2"));
    }

    [Fact]
    public async Task Counts_go_with_their_flag_and_do_not_come_back_with_its_key()
    {
        var project = await server.CreateProjectAsync();
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 9 });
        await project.UntilAsync(9);
        await server.Admin.PostAsync($"{project.Path}/flags/checkout/archive");
        await server.Admin.DeleteAsync($"{project.Path}/flags/checkout", 204);
        await server.Admin.PostAsync($"{project.Path}/flags", new { key = "checkout", type = "boolean" }, 201);
        var usage = await server.Admin.GetAsync($"{project.Path}/flags/checkout/usage?environment=prod");
        Assert.Equal(0, usage.At("total").GetInt64());
        Assert.Equal(JsonValueKind.Null, usage.At("lastEvaluatedAt").ValueKind);
        await server.Admin.DeleteAsync($"{project.Path}/environments/prod", 204);
        await server.Admin.GetAsync($"{project.Path}/usage?environment=prod", 404);
    }

    [Fact]
    public async Task Pages_hear_of_the_first_evaluation_of_an_environment_within_two_seconds()
    {
        var project = await server.CreateProjectAsync();
        using var page = new ClientWebSocket();
        page.Options.AddSubProtocol("token." + server.Admin.Http.DefaultRequestHeaders.Authorization!.Parameter);
        await page.ConnectAsync(new UriBuilder(server.Server.Address) { Scheme = "ws", Path = "/api/ws", Query = $"?org=default&project_id={project.Key}" }.Uri, TestContext.Current.CancellationToken);
        var started = TimeProvider.System.GetTimestamp();
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 1 });
        var buffer = new byte[4096];
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        var received = await page.ReceiveAsync(buffer, limit.Token);
        var change = JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement;
        Assert.Equal(("environment_evaluated", "prod"), (change.GetProperty("type").GetString(), change.GetProperty("entity_id").GetString()));
        Assert.True(TimeProvider.System.GetElapsedTime(started) < TimeSpan.FromSeconds(4), "Two seconds are promised; busy machines get four.");
    }

    [Fact]
    public async Task Old_counts_are_forgotten()
    {
        var project = await server.CreateProjectAsync();
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 4 });
        await project.UntilAsync(4);
        await server.ExecuteAsync($"UPDATE evaluation_counts c SET hour = hour - interval '91 days' FROM flags f JOIN projects p ON p.id = f.project_id WHERE f.id = c.flag_id AND p.key = '{project.Key}'");
        await server.Server.Services.GetRequiredService<CountAggregation>().CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM evaluation_counts c JOIN flags f ON f.id = c.flag_id JOIN projects p ON p.id = f.project_id WHERE p.key = '{project.Key}'"));
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused()
    {
        var project = await server.CreateProjectAsync();
        foreach (var query in new[] { "usage?hours=0", "usage?hours=2161", "flags/checkout/usage?environment=prod&from=2030-01-01T00:00:00Z&to=2020-01-01T00:00:00Z", "flags/checkout/usage?environment=prod&from=2020-01-01T00:00:00Z", "flags/checkout/usage?environment=prod&step=minute", "flags/checkout/usage?environment=prod&to=9999-12-31T23:59:59Z", "flags/checkout/usage?environment=prod&to=0001-01-01T00:00:00Z&from=0001-01-02T00:00:00Z", "flags?lifecycle=old" })
            await server.Admin.GetAsync($"{project.Path}/{query}", 400);
        foreach (var query in new[] { "usage?environment=none", "flags/none/usage?environment=prod", "flags/checkout/usage?environment=none", "environments/none/connections" })
            await server.Admin.GetAsync($"{project.Path}/{query}", 404);
    }

    private Task InsertAsync(UsageProject project, int rows) => server.ExecuteAsync(
        $$"""
        INSERT INTO event_log (kind, environment_id, flag, at, payload)
        SELECT 1, e.id, 'checkout', now(), '{"variant":"on","reason":"DEFAULT","count":2}' FROM environments e JOIN projects p ON p.id = e.project_id, generate_series(1, {{rows}})
        WHERE p.key = '{{project.Key}}' AND e.key = 'prod'
        """);
}
