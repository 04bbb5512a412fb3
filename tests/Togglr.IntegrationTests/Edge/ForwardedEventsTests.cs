using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Edge;

/// <summary>An edge without the ingest role takes events at its own address.</summary>
public sealed class ForwardedEventsTests(PostgresFixture postgres)
{
    private const string EdgeToken = "an-edge-token-for-tests";

    [Fact]
    public async Task An_edge_passes_events_on_and_answers_what_the_control_plane_answers()
    {
        await using var control = await TogglrServer.StartAsync(postgres, "--roles", "control,ingest", "--edge-token", EdgeToken);
        await using var edge = await TogglrServer.StartAsync(["--roles", "edge", "--control-plane-url", control.Address.ToString(), "--edge-token", EdgeToken]);
        await Eventually.TrueAsync(async () => (await edge.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(edge, "sdk/v1/features/new-checkout/track", new { event_type = "success" }));
        Assert.Equal(HttpStatusCode.Accepted, await PostAsync(edge, "sdk/v1/features/new-checkout/report-error", new { error_type = "timeout", error_message = "late" }));
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync(edge, "sdk/v1/features/no-such-flag/track", new { event_type = "success" }));
        Assert.Equal(HttpStatusCode.BadRequest, await PostAsync(edge, "sdk/v1/features/new-checkout/track", new { event_type = "whatever" }));
        Assert.Equal(HttpStatusCode.Unauthorized, await PostAsync(edge, "sdk/v1/features/new-checkout/track", new { event_type = "success" }, key: "tgs_nobody"));
    }

    [Fact]
    public async Task Events_are_refused_for_the_moment_while_nobody_can_store_them()
    {
        var control = await TogglrServer.StartAsync(postgres, "--roles", "control,ingest", "--edge-token", EdgeToken);
        await using var edge = await TogglrServer.StartAsync(["--roles", "edge", "--control-plane-url", control.Address.ToString(), "--edge-token", EdgeToken]);
        await Eventually.TrueAsync(async () => (await edge.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
        await control.DisposeAsync();

        using var request = Request("sdk/v1/features/new-checkout/track", new { event_type = "success" }, DemoData.ServerKey("prod"));
        using var answer = await edge.Anonymous.SendAsync(request);
        Assert.Equal(HttpStatusCode.ServiceUnavailable, answer.StatusCode);
        Assert.NotNull(answer.Headers.RetryAfter);
        Assert.Equal("unavailable", (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("code").GetString());
    }

    private static async Task<HttpStatusCode> PostAsync(TogglrServer edge, string path, object body, string? key = null)
    {
        using var request = Request(path, body, key ?? DemoData.ServerKey("prod"));
        using var answer = await edge.Anonymous.SendAsync(request);
        return answer.StatusCode;
    }

    private static HttpRequestMessage Request(string path, object body, string key) => new(HttpMethod.Post, path)
    {
        Content = JsonContent.Create(body),
        Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
    };
}
