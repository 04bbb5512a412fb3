using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

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
