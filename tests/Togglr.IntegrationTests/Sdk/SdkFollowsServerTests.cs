using System.Collections.Concurrent;
using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Sdk;

namespace Togglr.IntegrationTests.Sdk;

/// <summary>From the management API to a running application, through everything in between.</summary>
public sealed class SdkFollowsServerTests(PostgresFixture postgres, ITestOutputHelper output)
{
    private static readonly EvaluationContext s_ann = EvaluationContext.Builder("ann").Set("country", "US").Build();

    [Fact]
    public async Task A_change_over_the_management_api_reaches_the_application()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var api = await ProjectAsync(server);
        await PostAsync(api, "flags", new { key = "checkout", type = "boolean", environments = new { prod = new { enabled = false } } });
        await using var sdk = await ConnectAsync(server, api);

        Assert.Equal(EvaluationReason.Disabled, sdk.BooleanVariationDetail("checkout", s_ann, true).Reason);
        var values = new ConcurrentQueue<bool>();
        using var watch = sdk.Watch("checkout", s_ann, false, change => values.Enqueue(change.New));
        for (var round = 0; round < 10; round++)
        {
            var expected = round % 2 == 0;
            var clock = Stopwatch.StartNew();
            await PostAsync(api, "flags/checkout/environments/prod/toggle", new { enabled = expected });
            var answered = clock.Elapsed;
            await Eventually.TrueAsync(() => Task.FromResult(values.Count == round + 1));
            output.WriteLine($"answered after {answered.TotalMilliseconds:0.0} ms, seen {(clock.Elapsed - answered).TotalMilliseconds:0.0} ms later (looked every 20 ms)");
            Assert.Equal(expected, values.Last());
        }
    }

    [Fact]
    public async Task Targeting_segments_and_removal_mean_the_same_to_the_application_and_to_the_server()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var api = await ProjectAsync(server);
        await PostAsync(api, "segments", new { key = "americans", name = "Americans", @if = new { attribute = "country", @operator = "eq", value = "US" } });
        await PostAsync(api, "flags", new { key = "title", type = "string", variants = new object[] { new { key = "a", value = "A" }, new { key = "b", value = "B" } }, environments = new { prod = new { enabled = true } } });
        await using var sdk = await ConnectAsync(server, api);
        var path = "flags/title/environments/prod";
        using var current = await api.GetAsync(path, TestContext.Current.CancellationToken);
        using var put = new HttpRequestMessage(HttpMethod.Put, path)
        {
            Headers = { { "If-Match", current.Headers.ETag!.ToString() } },
            Content = JsonContent.Create(new
            {
                prerequisites = Array.Empty<object>(),
                targets = Array.Empty<object>(),
                rules = new[] { new { id = "us", @if = new { segment = "americans" }, then = new { variant = "b" } } },
                @default = new { variant = "a" },
                offVariant = "a",
            }),
        };
        using var saved = await api.SendAsync(put, TestContext.Current.CancellationToken);
        Assert.True(saved.IsSuccessStatusCode, await saved.Content.ReadAsStringAsync(TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => Task.FromResult(sdk.StringVariation("title", s_ann, "") == "B"));
        Assert.Equal("us", sdk.StringVariationDetail("title", s_ann, "").RuleId);
        Assert.Equal("A", sdk.StringVariation("title", EvaluationContext.Of("bob"), ""));

        var changed = new ConcurrentQueue<string>();
        sdk.FlagsChanged += (_, change) =>
        {
            foreach (var key in change.Keys)
                changed.Enqueue(key);
        };
        await PostAsync(api, "flags/title/archive", new { });
        await Eventually.TrueAsync(() => Task.FromResult(sdk.StringVariationDetail("title", s_ann, "").ErrorCode == EvaluationErrorCode.FlagNotFound));
        await Eventually.TrueAsync(() => Task.FromResult(changed.Contains("title")));
    }

    [Fact]
    public async Task A_revoked_key_ends_the_connection_and_keeps_the_flags()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var api = await ProjectAsync(server);
        await PostAsync(api, "flags", new { key = "checkout", type = "boolean", environments = new { prod = new { enabled = true } } });
        await using var sdk = await ConnectAsync(server, api);
        var keys = await api.GetFromJsonAsync<JsonElement>("environments/prod/keys", TestContext.Current.CancellationToken);
        foreach (var key in keys.GetProperty("items").EnumerateArray())
            (await api.DeleteAsync($"environments/prod/keys/{key.GetProperty("id").GetString()}", TestContext.Current.CancellationToken)).Dispose();
        await Eventually.TrueAsync(() => Task.FromResult(sdk.Status.State == ClientState.Failed));
        Assert.True(sdk.BooleanVariation("checkout", s_ann, false));
    }

    [Fact]
    public async Task Counts_and_feedback_are_accepted()
    {
        await using var server = await TogglrServer.StartAsync(postgres);
        using var api = await ProjectAsync(server);
        await PostAsync(api, "flags", new { key = "checkout", type = "boolean", environments = new { prod = new { enabled = true } } });
        var log = new Warnings();
        await using (var sdk = await ConnectAsync(server, api, log))
        {
            sdk.BooleanVariation("checkout", s_ann, false);
            sdk.Track("checkout", s_ann, FeedbackKind.Success, "on", 1);
            sdk.ReportError("checkout", s_ann, new InvalidOperationException("broken"));
            await sdk.FlushAsync(TestContext.Current.CancellationToken);
        }

        Assert.Empty(log.Lines);
    }

    private static async Task<HttpClient> ProjectAsync(TogglrServer server)
    {
        var api = await server.SignInAsync();
        var me = await api.GetFromJsonAsync<JsonElement>("api/v1/me", TestContext.Current.CancellationToken);
        var organization = me.GetProperty("organizations")[0].GetProperty("key").GetString();
        await PostAsync(api, $"api/v1/orgs/{organization}/projects", new { key = "sdk-test", name = "SDK test" });
        return new HttpClient
        {
            BaseAddress = new Uri(server.Address, $"api/v1/orgs/{organization}/projects/sdk-test/"),
            DefaultRequestHeaders = { Authorization = api.DefaultRequestHeaders.Authorization },
        };
    }

    private static async Task<TogglrClient> ConnectAsync(TogglrServer server, HttpClient api, Microsoft.Extensions.Logging.ILogger? log = null)
    {
        var key = await PostAsync(api, "environments/prod/keys", new { name = "test", kind = "server" });
        var sdk = new TogglrClient(new TogglrClientOptions
        {
            SdkKey = key.GetProperty("secret").GetString()!,
            Endpoint = server.Address,
            Logger = log ?? Microsoft.Extensions.Logging.Abstractions.NullLogger.Instance,
        });
        Assert.True(await sdk.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken), sdk.Status.ToString());
        return sdk;
    }

    private static async Task<JsonElement> PostAsync(HttpClient api, string path, object body)
    {
        using var answer = await api.PostAsJsonAsync(path, body, TestContext.Current.CancellationToken);
        var text = await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path}: {(int)answer.StatusCode} {text}");
        return text.Length == 0 ? default : JsonSerializer.Deserialize<JsonElement>(text);
    }

    private sealed class Warnings : Microsoft.Extensions.Logging.ILogger
    {
        public ConcurrentQueue<string> Lines { get; } = new();

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(Microsoft.Extensions.Logging.LogLevel logLevel) => logLevel >= Microsoft.Extensions.Logging.LogLevel.Warning;

        public void Log<TState>(
            Microsoft.Extensions.Logging.LogLevel logLevel, Microsoft.Extensions.Logging.EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                Lines.Enqueue(formatter(state, exception));
        }
    }
}
