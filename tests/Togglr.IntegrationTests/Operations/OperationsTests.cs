using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Operations;

public sealed class OperationsTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_started_server_is_healthy_and_ready()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        Assert.Equal(HttpStatusCode.OK, (await server.Anonymous.GetAsync("health")).StatusCode);
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
    }

    [Fact]
    public async Task Metrics_are_what_Prometheus_expects()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var client = await server.SignInAsync();
        await client.GetAsync("api/v1/me");
        var metrics = await server.Anonymous.GetStringAsync("metrics");
        Assert.Contains("togglr_http_request_duration_seconds_count", metrics, StringComparison.Ordinal);
        Assert.Contains("togglr_edge_evaluations_total", metrics, StringComparison.Ordinal);
        Assert.Contains("togglr_process_cpu_seconds_total", metrics, StringComparison.Ordinal);

        var promtool = Environment.GetEnvironmentVariable("TOGGLR_TEST_PROMTOOL") is { Length: > 0 } given ? given : "/usr/bin/promtool";
        Assert.SkipUnless(File.Exists(promtool), "promtool is not installed");
        using var check = Process.Start(new ProcessStartInfo(promtool, ["check", "metrics"]) { UseShellExecute = false, RedirectStandardInput = true, RedirectStandardOutput = true, RedirectStandardError = true })!;
        await check.StandardInput.WriteAsync(metrics);
        check.StandardInput.Close();
        var complaints = await check.StandardOutput.ReadToEndAsync() + await check.StandardError.ReadToEndAsync();
        await check.WaitForExitAsync();
        Assert.True(check.ExitCode == 0, complaints);
    }

    [Fact]
    public async Task Every_metric_that_the_operations_guide_names_exists()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var client = await server.SignInAsync();
        await client.GetAsync("api/v1/me");
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
        using var stream = await OpenStreamAsync(server);
        using var toggled = await client.PostAsJsonAsync("api/v1/orgs/default/projects/shop/flags/dark-mode/environments/prod/toggle", new { enabled = false });
        toggled.EnsureSuccessStatusCode();
        await EvaluateAsync(server);
        await SendEventAsync(server);

        var guide = await File.ReadAllTextAsync(Path.Combine(RepositoryRoot.Path, "docs", "operations.md"));
        var named = Regex.Matches(guide, "`(?<name>togglr_[a-z_]+)", RegexOptions.NonBacktracking).Select(match => match.Groups["name"].Value).Distinct(StringComparer.Ordinal).ToArray();
        Assert.NotEmpty(named);
        foreach (var name in named.Where(name => !name.EndsWith("dropped_total", StringComparison.Ordinal)))
            await Eventually.TrueAsync(async () => (await server.Anonymous.GetStringAsync("metrics")).Contains($"# TYPE {name} ", StringComparison.Ordinal));
    }

    private static async Task<HttpResponseMessage> OpenStreamAsync(TogglrServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "sdk/v1/stream") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) } };
        return await server.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
    }

    private static Task SendEventAsync(TogglrServer server) => Eventually.TrueAsync(async () =>
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/events")
        {
            Content = JsonContent.Create(new { events = new[] { new { type = "metric", id = "1", at = TimeProvider.System.GetUtcNow(), @event = "visit", unit = "user-1" } } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) },
        };
        using var answer = await server.Anonymous.SendAsync(request);
        return answer.StatusCode == HttpStatusCode.Accepted;
    });

    private static async Task EvaluateAsync(TogglrServer server)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate")
        {
            Content = JsonContent.Create(new { context = new { targetingKey = "user-1" } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) },
        };
        using var answer = await server.Anonymous.SendAsync(request);
        answer.EnsureSuccessStatusCode();
    }

    [Fact]
    public async Task Metrics_have_an_address_of_their_own_where_that_is_wanted()
    {
        var port = FreePort.Next();
        await using var server = await TogglrServer.StartAsync(postgres, "--metrics-listen", $"127.0.0.1:{port}");
        Assert.Equal(HttpStatusCode.NotFound, (await server.Anonymous.GetAsync("metrics")).StatusCode);
        using var apart = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        Assert.Equal(HttpStatusCode.OK, (await apart.GetAsync("metrics")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await apart.GetAsync("health")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await apart.GetAsync("api/v1/me")).StatusCode);
    }

    [Fact]
    public async Task A_request_id_is_returned_and_a_given_one_is_kept_if_it_is_harmless()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var request = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { { "X-Request-Id", "abc-123" } } };
        using var answer = await server.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        Assert.Equal("abc-123", Assert.Single(answer.Headers.GetValues("X-Request-Id")));
        Assert.Contains("abc-123", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);

        using var hostile = new HttpRequestMessage(HttpMethod.Get, "api/v1/me") { Headers = { { "X-Request-Id", "<script>" } } };
        using var other = await server.Anonymous.SendAsync(hostile);
        Assert.NotEqual("<script>", Assert.Single(other.Headers.GetValues("X-Request-Id")));
    }

    [Fact]
    public async Task Paths_that_nothing_serves_are_problems_under_the_API()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var answer = await server.Anonymous.GetAsync("api/v1/nothing/here");
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }
}
