using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Impact;

/// <summary>What edges in other processes know, the control plane tells.</summary>
public sealed class SeparateEdgeTests(PostgresFixture postgres)
{
    private const string EdgeToken = "an-edge-token-for-tests";

    [Fact]
    public async Task Two_edges_make_one_sample()
    {
        await using var control = await TogglrServer.StartAsync(postgres, "--roles", "control,ingest", "--edge-token", EdgeToken);
        await using var one = await EdgeAsync(control);
        await using var other = await EdgeAsync(control);
        var admin = new Api(await control.SignInAsync());
        var environment = "/api/v1/orgs/default/projects/shop/environments/prod";
        await admin.PatchAsync(environment, new { sampling = new { enabled = true, attributes = new[] { "plan" } } });
        await Eventually.TrueAsync(
            async () =>
            {
                for (var person = 0; person < 12; person++)
                {
                    // Some are seen by both.
                    foreach (var edge in person % 3 == 0 ? [one, other] : person % 2 == 0 ? [one] : new[] { other })
                        await EvaluateAsync(edge, person);
                }
                return (await admin.GetAsync($"{environment}/context-sample")).At("contexts").GetInt32() == 12;
            }, 30);
        var view = await admin.PostAsync($"{environment}/impact", new
        {
            flag = "new-checkout", assumeOn = true,
            configuration = new { targets = new[] { new { variant = "off", keys = new[] { "edge-person-3", "edge-person-4" } }, new { variant = "on", keys = Enumerable.Range(0, 12).Where(static person => person is not 3 and not 4).Select(static person => $"edge-person-{person}").ToArray() } }, @default = new { variant = "on" } },
        });
        Assert.Equal("12", view.Get("contexts"));
        Assert.Equal("2", view.At("flags", "0", "flows").EnumerateArray().Where(static flow => flow.GetProperty("to").GetString() == "off").Sum(static flow => flow.GetProperty("contexts").GetInt32()).ToString(System.Globalization.CultureInfo.InvariantCulture));

        foreach (var nonsense in new[] { "{}", "[]", "{\"batches\":[{}]}", "{\"batches\":[{\"environment\":\"x\",\"stamp\":\"0123456789abcdef\",\"limit\":\"1\",\"contexts\":[]}]}" })
            Assert.Equal(HttpStatusCode.BadRequest, await ReportAsync(control, nonsense, EdgeToken));
        Assert.Equal(HttpStatusCode.Unauthorized, await ReportAsync(control, "{\"batches\":[]}", "wrong"));
    }

    [Fact]
    public async Task A_change_is_followed_into_every_connection_of_every_edge()
    {
        await using var control = await TogglrServer.StartAsync(postgres, "--roles", "control,ingest", "--edge-token", EdgeToken);
        await using var one = await EdgeAsync(control);
        await using var other = await EdgeAsync(control);
        var admin = new Api(await control.SignInAsync());
        var flag = "/api/v1/orgs/default/projects/shop/flags/new-checkout";
        var streams = new List<HttpResponseMessage>();
        foreach (var edge in new[] { one, one, one, other, other })
            streams.Add(await OpenAsync(edge));
        await Eventually.TrueAsync(async () =>
        {
            await using var known = control.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand("SELECT count(*) FROM edges");
            return (long)(await known.ExecuteScalarAsync())! == 2;
        });

        await admin.PostAsync($"{flag}/kill", new { reason = "test" });
        var reach = await UntilAsync(() => admin.GetAsync($"{flag}/environments/prod/propagation"), static view => view.At("isComplete").GetBoolean());
        Assert.Equal("2 0 5 5 0 0", string.Join(' ', new[] { "edges", "silentEdges", "total", "reached", "gone", "slow" }.Select(name => reach.Get(name))));
        Assert.InRange(reach.At("milliseconds").GetInt32(), 1, 30_000);
        Assert.Equal("0", reach.Get("pollingClients"));

        // One ends, and one asks again and again instead of listening; both are told apart.
        streams[4].Dispose();
        streams.RemoveAt(4);
        await Eventually.TrueAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Get, "sdk/v1/config") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) } };
            (await other.Anonymous.SendAsync(request, TestContext.Current.CancellationToken)).Dispose();
            await admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = false });
            await admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true });
            reach = await UntilAsync(() => admin.GetAsync($"{flag}/environments/prod/propagation"), static view => view.At("isComplete").GetBoolean());
            return reach.Get("pollingClients") == "1" && reach.Get("total") == "4";
        }, 30);
        Assert.InRange(reach.At("pollSeconds").GetInt32(), 1, 30);

        // Who takes nothing is named, and no more counted once they are gone.
        var stuck = await OpenAsync(one);
        var keys = string.Join('\n', Enumerable.Range(0, 500_000).Select(static number => $"somebody-with-a-long-name-{number}"));
        await admin.PostAsync("/api/v1/orgs/default/projects/shop/segments", new { key = "crowd" }, 201);
        var upload = admin.SendAsync(HttpMethod.Put, "/api/v1/orgs/default/projects/shop/segments/crowd/keys?list=included", new StringContent(keys, System.Text.Encoding.UTF8, "text/plain"));
        var readers = streams.ConvertAll(static stream => DrainAsync(stream));
        await upload;
        var revision = (await admin.GetAsync("/api/v1/orgs/default/projects/shop/environments/prod")).Get("revision");
        reach = await UntilAsync(() => admin.GetAsync($"{flag}/environments/prod/propagation?revision={revision}"), static view => view.Get("total") == "5" && view.Get("reached") == "4", 60);
        Assert.Equal("1 0 False", $"{reach.Get("slow")} {reach.Get("gone")} {reach.Get("isComplete")}");
        stuck.Dispose();
        reach = await UntilAsync(() => admin.GetAsync($"{flag}/environments/prod/propagation?revision={revision}"), static view => view.Get("gone") == "1", 60);
        Assert.True(reach.At("isComplete").GetBoolean());

        await admin.GetAsync($"{flag}/environments/prod/propagation?revision=99999", 404);
        await admin.GetAsync("/api/v1/orgs/default/projects/shop/flags/none/environments/prod/propagation", 404);
        streams.ForEach(static stream => stream.Dispose());
        await Task.WhenAll(readers);
    }

    /// <summary>A stream of which the beginning was read.</summary>
    private static async Task<HttpResponseMessage> OpenAsync(TogglrServer edge)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, "sdk/v1/stream") { Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) } };
        var response = await edge.Anonymous.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        response.EnsureSuccessStatusCode();
        await (await response.Content.ReadAsStreamAsync()).ReadExactlyAsync(new byte[16], TestContext.Current.CancellationToken);
        return response;
    }

    private static async Task DrainAsync(HttpResponseMessage response)
    {
        try
        {
            await (await response.Content.ReadAsStreamAsync()).CopyToAsync(Stream.Null);
        }
        catch (Exception exception) when (exception is IOException or ObjectDisposedException or HttpRequestException)
        {
            // The test is over.
        }
    }

    private static async Task<Answer> UntilAsync(Func<Task<Answer>> ask, Predicate<Answer> holds, int seconds = 20)
    {
        Answer? last = null;
        await Eventually.TrueAsync(async () => holds(last = await ask()), seconds);
        return last!;
    }

    private static async Task<TogglrServer> EdgeAsync(TogglrServer control)
    {
        var edge = await TogglrServer.StartAsync(["--roles", "edge", "--control-plane-url", control.Address.ToString(), "--edge-token", EdgeToken]);
        await Eventually.TrueAsync(async () => (await edge.Anonymous.GetAsync("ready")).StatusCode == HttpStatusCode.OK);
        return edge;
    }

    private static async Task EvaluateAsync(TogglrServer edge, int person)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate")
        {
            Content = JsonContent.Create(new { flag = "new-checkout", context = new { targetingKey = $"edge-person-{person}", plan = "pro" } }),
            Headers = { Authorization = new AuthenticationHeaderValue("Bearer", DemoData.ServerKey("prod")) },
        };
        using var answer = await edge.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        answer.EnsureSuccessStatusCode();
    }

    private static async Task<HttpStatusCode> ReportAsync(TogglrServer control, string body, string token)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "internal/v1/context-samples")
        {
            Content = new StringContent(body, System.Text.Encoding.UTF8, "application/json"), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", token) },
        };
        using var answer = await control.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
