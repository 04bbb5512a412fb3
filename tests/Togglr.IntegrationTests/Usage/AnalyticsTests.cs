using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Usage;

public sealed class AnalyticsTests(UsageServer server) : IClassFixture<UsageServer>
{
    [Fact]
    public async Task Evaluations_are_told_by_reason_variant_and_step_for_every_range()
    {
        var project = await server.CreateProjectAsync();
        await project.ReportAsync(
            new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 7 }, new { flag = "checkout", variant = "off", reason = "TARGETING_MATCH", count = 5 },
            new { flag = "checkout", reason = "ERROR", count = 1 });
        await project.UntilAsync(13);
        foreach (var (range, steps) in new[] { ("1h", 60), ("24h", 24), ("7d", 28), ("30d", 30) })
        {
            var all = await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod&range={range}");
            Assert.Equal((13, 0, steps), (all.At("total").GetInt64(), all.At("before").GetInt64(), all.At("steps").GetInt32()));
            Assert.Equal(["DEFAULT 7", "TARGETING_MATCH 5", "ERROR 1"], all.At("reasons").EnumerateArray().Select(row => $"{row.GetProperty("reason").GetString()} {row.GetProperty("total").GetInt64()}"));
            Assert.Equal(13, all.At("reasons").EnumerateArray().Sum(row => row.GetProperty("counts")[steps - 1].GetInt64() + row.GetProperty("counts")[steps - 2].GetInt64()));
            Assert.Equal("checkout", all.Get("flags", "0", "key"));
            var flag = await server.Admin.GetAsync($"{project.Path}/flags/checkout/analytics?environment=prod&range={range}");
            Assert.Equal(["on 7", "off 5", " 1"], flag.At("variants").EnumerateArray().Select(row => $"{row.GetProperty("variant").GetString()} {row.GetProperty("total").GetInt64()}"));
        }
        var states = (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod")).At("states");
        Assert.Equal((1, 0, 0), (states.At("enabled").GetInt32(), states.At("disabled").GetInt32(), states.At("killed").GetInt32()));
        Assert.Equal(1, (await server.Admin.GetAsync($"{project.Path}/analytics?environment=dev")).At("states", "disabled").GetInt32());
        // What was an hour and a half ago is the time before of the last hour.
        await server.ExecuteAsync($"UPDATE evaluation_minutes m SET minute = minute - interval '90 minutes' FROM flags f JOIN projects p ON p.id = f.project_id WHERE f.id = m.flag_id AND p.key = '{project.Key}'");
        var later = await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod&range=1h");
        Assert.Equal((0, 13), (later.At("total").GetInt64(), later.At("before").GetInt64()));
    }

    [Fact]
    public async Task Users_are_counted_once_whoever_evaluates_for_them()
    {
        var project = await server.CreateProjectAsync();
        var users = new UserSketch();
        foreach (var name in new[] { "anna", "bert", "cleo" })
            users.Add(UserSketch.HashOf(Encoding.UTF8.GetBytes(name)));
        for (var i = 0; i < 2; i++)
        {
            using var answer = await project.SendAsync("sdk/v1/counts", new
            {
                instance = "test", sdk = "togglr-tests/1.0", counts = new[] { new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 10 } },
                users = new[] { new { flag = "checkout", sketch = Convert.ToBase64String(users.ToBytes()) }, new { flag = "none", sketch = Convert.ToBase64String(users.ToBytes()) } },
            });
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        }
        foreach (var name in new[] { "anna", "dora", "dora" })
            (await project.SendAsync("sdk/v1/evaluate", new { flag = "checkout", context = new { targetingKey = name } })).Dispose();
        (await project.SendAsync("ofrep/v1/evaluate/flags/checkout", new { context = new { targetingKey = "emil" } })).Dispose();
        (await project.SendAsync("sdk/v1/features/checkout/evaluate", new Dictionary<string, string> { ["user.id"] = "fred" })).Dispose();
        await project.UntilAsync(25);
        foreach (var range in new[] { "1h", "24h", "7d", "30d" })
        {
            Assert.Equal(6, (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod&range={range}")).At("users").GetInt64());
            Assert.Equal(6, (await server.Admin.GetAsync($"{project.Path}/flags/checkout/analytics?environment=prod&range={range}")).At("users").GetInt64());
        }
    }

    [Fact]
    public async Task Made_up_users_are_never_more_than_evaluations()
    {
        var project = await server.CreateProjectAsync();
        var all = new byte[UserSketch.Registers];
        Array.Fill(all, (byte)31);
        using (var taken = await project.SendAsync("sdk/v1/counts", new
        {
            instance = "test", sdk = "t", counts = new[] { new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 4 } }, users = new[] { new { flag = "checkout", sketch = Convert.ToBase64String(all) } },
        }))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, taken.StatusCode);
        await project.UntilAsync(4);
        Assert.Equal(4, (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod")).At("users").GetInt64());
        foreach (var users in new object[] { "x", new object[] { 7 }, new[] { new { flag = "checkout", sketch = "AQ==" } }, new[] { new { flag = "checkout", sketch = "no base64!" } }, new[] { new { flag = "checkout", sketch = "" } }, Enumerable.Repeat(new { flag = "checkout", sketch = "AAEA" }, 501) })
        {
            using var refused = await project.SendAsync("sdk/v1/counts", new { instance = "test", sdk = "t", counts = Array.Empty<object>(), users });
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Flags_that_are_asked_for_and_not_there_are_told_with_the_reason()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "old", "gone" })
        {
            await server.Admin.PostAsync($"{project.Path}/flags", new { key, type = "boolean" }, 201);
            await server.Admin.PostAsync($"{project.Path}/flags/{key}/archive");
        }
        await server.Admin.DeleteAsync($"{project.Path}/flags/gone", 204);
        // The edge hears of the archiving a moment later.
        await Eventually.TrueAsync(async () =>
        {
            using var answer = await project.SendAsync("sdk/v1/evaluate", new { flag = "old", context = new { } });
            return (await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).Contains("FLAG_NOT_FOUND", StringComparison.Ordinal);
        });
        (await project.SendAsync("sdk/v1/evaluate", new { flags = new[] { "chekout" }, context = new { } })).Dispose();
        (await project.SendAsync("ofrep/v1/evaluate/flags/chekout", new { context = new { } })).Dispose();
        (await project.SendAsync("sdk/v1/features/chekout/evaluate", new { })).Dispose();
        using (var answer = await project.SendAsync("sdk/v1/counts", new { instance = "i", sdk = "togglr-tests/1.0", counts = Array.Empty<object>(), unknown = new object[] { new { flag = "gone", count = 9 }, new { flag = "checkout", count = 3 } } }))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        await Eventually.TrueAsync(async () => (await UnknownAsync(project)).Count == 3);
        Assert.Equal(["chekout neverExisted checkout 3", "gone deleted  9", "old archived "], (await UnknownAsync(project)).Select(static row => row.StartsWith("old", StringComparison.Ordinal) ? "old archived " : row).Order(StringComparer.Ordinal));
        Assert.Equal(4, (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod")).At("unknownFlags").GetInt32());
        Assert.Empty((await server.Admin.GetAsync($"{project.Path}/analytics/unknown-flags?environment=dev")).At("items").EnumerateArray());
        await server.Admin.PostAsync($"{project.Path}/flags", new { key = "chekout", type = "boolean" }, 201);
        Assert.DoesNotContain(await UnknownAsync(project), row => row.StartsWith("chekout", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Whoever_invents_names_fills_one_list_and_no_more()
    {
        var project = await server.CreateProjectAsync();
        for (var i = 0; i < 3; i++)
        {
            using var answer = await project.SendAsync("sdk/v1/counts", new
            {
                instance = "i", sdk = "t", counts = Array.Empty<object>(), unknown = Enumerable.Range(i * 100, 100).Select(number => new { flag = number == 7 ? "a\0b" : $"made-up-{number}", count = 1 }),
            });
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        }
        await Eventually.TrueAsync(async () => (await UnknownAsync(project)).Count >= 199);
        foreach (var unknown in new object[] { 7, new object[] { "x" }, new[] { new { flag = "x", count = 0 } }, Enumerable.Repeat(new { flag = "x", count = 1 }, 101) })
        {
            using var refused = await project.SendAsync("sdk/v1/counts", new { instance = "i", sdk = "t", counts = Array.Empty<object>(), unknown });
            Assert.Equal(System.Net.HttpStatusCode.BadRequest, refused.StatusCode);
        }
    }

    [Fact]
    public async Task Success_rates_are_made_of_feedback()
    {
        var project = await server.CreateProjectAsync();
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 4 });
        var at = TimeProvider.System.GetUtcNow();
        var number = 0;
        using (var answer = await project.SendAsync("sdk/v1/events", new
        {
            events = new[] { ("on", "success"), ("on", "success"), ("on", "failure"), ("off", "error"), ("invented", "success"), (null, "failure") }
                       .Select(told => new { type = "feedback", id = $"{project.Key}-{number++}", at, flag = "checkout", variant = told.Item1, outcome = told.Item2 }),
        }))
            Assert.Equal(System.Net.HttpStatusCode.Accepted, answer.StatusCode);
        await project.UntilAsync(4);
        await Eventually.TrueAsync(async () => (await OutcomesAsync(project, "1h")).At("successes").GetInt64() == 3, 20);
        foreach (var range in new[] { "1h", "24h", "7d", "30d" })
            Assert.Equal("{\"successes\":3,\"failures\":2,\"errors\":1,\"successRate\":0.5}", (await OutcomesAsync(project, range)).GetRawText());
        var flag = await server.Admin.GetAsync($"{project.Path}/flags/checkout/analytics?environment=prod");
        Assert.Equal(["on 2 1 0", "off 0 0 1"], flag.At("variants").EnumerateArray().Select(row =>
            $"{row.GetProperty("variant").GetString()} {row.At("outcomes", "successes").GetInt64()} {row.At("outcomes", "failures").GetInt64()} {row.At("outcomes", "errors").GetInt64()}"));
        // It is no kind of event of its own.
        Assert.False((await server.Admin.GetAsync($"{project.Path}/environments/prod/events")).At("kinds").TryGetProperty("outcome", out _));
    }

    [Fact]
    public async Task Open_pages_hear_of_new_figures()
    {
        var project = await server.CreateProjectAsync();
        using var page = new ClientWebSocket();
        page.Options.AddSubProtocol("token." + server.Admin.Http.DefaultRequestHeaders.Authorization!.Parameter);
        await page.ConnectAsync(new UriBuilder(server.Server.Address) { Scheme = "ws", Path = "/api/ws", Query = $"?org=default&project_id={project.Key}" }.Uri, TestContext.Current.CancellationToken);
        await project.ReportAsync(new { flag = "checkout", variant = "on", reason = "DEFAULT", count = 1 });
        var (buffer, types) = (new byte[4096], new List<string?>());
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(20));
        while (!types.Contains("analytics_counted"))
        {
            var received = await page.ReceiveAsync(buffer, limit.Token);
            types.Add(JsonDocument.Parse(buffer.AsMemory(0, received.Count)).RootElement.GetProperty("type").GetString());
        }
        Assert.Equal(1, (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod")).At("total").GetInt64());
    }

    [Fact]
    public async Task What_cannot_be_asked_for_is_refused()
    {
        var project = await server.CreateProjectAsync();
        foreach (var query in new[] { "analytics", "analytics?environment=prod&range=2h", "analytics?environment=prod&range=", "flags/checkout/analytics?environment=prod&range=1H" })
            await server.Admin.GetAsync($"{project.Path}/{query}", 400);
        foreach (var query in new[] { "analytics?environment=none", "analytics/unknown-flags?environment=none", "flags/none/analytics?environment=prod", "flags/checkout/analytics?environment=none" })
            await server.Admin.GetAsync($"{project.Path}/{query}", 404);
    }

    private async Task<JsonElement> OutcomesAsync(UsageProject project, string range) => (await server.Admin.GetAsync($"{project.Path}/analytics?environment=prod&range={range}")).At("outcomes");

    private async Task<List<string>> UnknownAsync(UsageProject project) =>
    [
        // Asking for "none" is how the project found out that its key works.
        .. (await server.Admin.GetAsync($"{project.Path}/analytics/unknown-flags")).At("items").EnumerateArray().Where(row => row.GetProperty("flag").GetString() != "none")
            .Select(row => $"{row.GetProperty("flag").GetString()} {row.GetProperty("cause").GetString()} {row.GetProperty("similar").GetString()} {row.GetProperty("count").GetInt64()}"),
    ];
}

file static class JsonPath
{
    public static JsonElement At(this JsonElement element, params ReadOnlySpan<string> path)
    {
        foreach (var name in path)
            element = element.GetProperty(name);
        return element;
    }
}
