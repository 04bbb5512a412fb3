using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Usage;

namespace Togglr.IntegrationTests.Impact;

/// <summary>Whoever changes something sees before whom it gives something else, and nobody's key is kept for that.</summary>
public sealed class ImpactTests(UsageServer server) : IClassFixture<UsageServer>
{
    private static readonly object s_on = new { variant = "on" };
    private static readonly object s_off = new { variant = "off" };

    [Fact]
    public async Task A_draft_says_who_goes_from_what_to_what()
    {
        var project = await SampledAsync(30);
        var path = $"{project.Path}/environments/prod/impact";
        var pro = new { @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = s_off };
        var view = await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { rules = new[] { pro }, @default = s_on } });
        Assert.Equal("ready 30 10", $"{view.Get("status")} {view.Get("contexts")} {view.Get("changed")}");
        Assert.Equal("30 True", $"{view.Get("population", "people")} {view.Get("population", "isComplete")}");
        Assert.Equal(["on→on 20 false", "on→off 10 true"], Flows(view, 0));
        Assert.True(view.At("flags", "0", "isDirect").GetBoolean());
        var example = view.At("examples", "0");
        Assert.Equal("pro", example.GetProperty("context").GetProperty("plan").GetString());
        Assert.Equal("on STATIC off TARGETING_MATCH", string.Join(' ', new[] { "from", "fromReason", "to", "toReason" }.Select(name => example.GetProperty("changes")[0].GetProperty(name).GetString())));
        Assert.False(example.GetProperty("context").TryGetProperty("secretHobby", out _));
        Assert.DoesNotContain("person-", view.Json.GetRawText(), StringComparison.Ordinal);

        // Lists of keys hit the people that they name although no key is kept.
        var single = await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { targets = new[] { new { variant = "off", keys = new[] { "person-1", "person-2", "nobody" } } }, @default = s_on } });
        Assert.Equal("2", single.Get("changed"));
        var by = new { @if = new { attribute = "userId", @operator = "in", value = new[] { "person-3", "person-4" } }, then = s_off };
        Assert.Equal("2", (await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { rules = new[] { by }, @default = s_on } })).Get("changed"));

        // What the sample does not hold is said.
        var unknown = new { @if = new { and = new object[] { new { attribute = "country", @operator = "eq", value = "NO" }, new { attribute = "userId", @operator = "ends_with", value = "1" } } }, then = s_off };
        var blind = await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { rules = new[] { unknown }, @default = s_on } });
        Assert.Equal("0 country True", $"{blind.Get("changed")} {blind.Get("missingAttributes", "0")} {blind.Get("looksAtKeys")}");

        // A rollout takes some, the same at each time.
        var rollout = new { flag = "checkout", configuration = new { @default = new { rollout = new { variations = new[] { new { key = "on", weight = 50 }, new { key = "off", weight = 50 } } } } } };
        var half = (await server.Admin.PostAsync(path, rollout)).At("changed").GetInt32();
        Assert.InRange(half, 4, 26);
        Assert.Equal(half, (await server.Admin.PostAsync(path, rollout)).At("changed").GetInt32());

        Assert.Equal("0", (await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { enabled = false, @default = s_on }, assumeOn = true })).Get("changed"));
        Assert.Equal("validation_failed", (await server.Admin.PostAsync(path, new { flag = "checkout", configuration = new { @default = new { variant = "nope" } } }, 400)).Get("code"));
        Assert.Equal("on", (await server.Admin.GetAsync($"{project.Path}/flags/checkout/environments/prod")).Get("default", "variant"));
    }

    [Fact]
    public async Task Changes_of_every_kind_are_replayed_with_all_that_depends_on_them()
    {
        var project = await SampledAsync(30);
        await server.Admin.PostAsync($"{project.Path}/segments", new { key = "pros", @if = new { attribute = "plan", @operator = "eq", value = "pro" } }, 201);
        await server.Admin.PostAsync($"{project.Path}/flags", new { key = "express", type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        await ConfigureAsync(project, "express", "prod", new { prerequisites = new[] { new { flag = "checkout", variants = new[] { "on" } } }, @default = s_on });
        await ConfigureAsync(project, "checkout", "prod", new { rules = new[] { new { @if = new { segment = "pros" }, then = s_off } }, @default = s_on });
        var asked = await server.Admin.PostAsync($"{project.Path}/impact", new
        {
            changes = new object[] { new { method = "PUT", path = "segments/pros", body = new { name = "Pros", @if = new { attribute = "plan", @operator = "in", value = new[] { "pro", "basic" } } } } },
        });
        var prod = Assert.Single(asked.At("environments").EnumerateArray(), row => row.GetProperty("environment").GetString() == "prod");
        Assert.Equal("30 10", $"{prod.GetProperty("contexts")} {prod.GetProperty("changed")}");
        Assert.Equal(["checkout False 10", "express False 10"], prod.GetProperty("flags").EnumerateArray().Select(flag => $"{flag.GetProperty("flag")} {flag.GetProperty("isDirect").GetBoolean()} {flag.GetProperty("changed")}").Order(StringComparer.Ordinal));
        Assert.Equal("pros", (await server.Admin.GetAsync($"{project.Path}/segments/pros")).Get("name"));
        Assert.DoesNotContain(asked.At("environments").EnumerateArray(), row => row.GetProperty("environment").GetString() == "stage");

        // A promotion and the request for one.
        await server.Admin.PostAsync($"{project.Path}/flags/checkout/environments/stage/toggle", new { enabled = true });
        await ConfigureAsync(project, "checkout", "stage", new { @default = s_off });
        object[] promotion = [new { method = "POST", path = "environments/prod/promote", body = new { from = "stage", flags = new[] { "checkout" }, conflictPolicy = "overwrite", reason = "try" } }];
        Assert.Equal("20", (await server.Admin.PostAsync($"{project.Path}/impact", new { changes = promotion })).Get("environments", "0", "changed"));
        var request = await server.Admin.PostAsync($"{project.Path}/change-requests", new { title = "Promote", changes = promotion, submit = true }, 201);
        Assert.Equal("20", (await server.Admin.PostAsync($"{project.Path}/impact", new { changeRequest = request.At("number").GetInt32() })).Get("environments", "0", "changed"));
        Assert.Equal("open", (await server.Admin.GetAsync($"{project.Path}/change-requests?state=open")).At("items").GetArrayLength() == 1 ? "open" : "closed");

        // Going back to what was before the last configuration: the pros get it again.
        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project.Key}&action=flag.configured&entityKey=checkout&environment=prod&limit=1")).Get("items", "0", "id");
        Assert.Equal("10", (await server.Admin.PostAsync($"{project.Path}/impact", new { restore = new { entry, to = "before" } })).Get("environments", "0", "changed"));

        foreach (var body in new object[] { new { }, new { changes = Array.Empty<object>() }, new { changes = promotion, changeRequest = 1 }, new { changes = new[] { new { method = "GET", path = "flags" } } } })
            Assert.Equal(400, (await server.Admin.SendAsync(HttpMethod.Post, $"{project.Path}/impact", body, 400)).Status);
        Assert.Equal(404, (await server.Admin.SendAsync(HttpMethod.Post, $"{project.Path}/impact", new { changeRequest = 99 }, 404)).Status);
        Assert.Equal(404, (await server.Admin.SendAsync(HttpMethod.Post, $"{project.Path}/impact", new { restore = new { entry = Guid.CreateVersion7() } }, 404)).Status);
    }

    [Fact]
    public async Task A_segment_tells_about_how_many_people_are_in_it()
    {
        var project = await SampledAsync(30);
        await server.Admin.PostAsync($"{project.Path}/segments", new { key = "few", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, included = new[] { "person-1", "person-2" } }, 201);
        await server.Admin.PostAsync($"{project.Path}/segments", new { key = "far", @if = new { and = new object[] { new { segment = "few" }, new { attribute = "country", @operator = "eq", value = "NO" } } } }, 201);
        var few = await server.Admin.GetAsync($"{project.Path}/environments/prod/segments/few/size");
        var pros = (await server.Admin.PostAsync($"{project.Path}/environments/prod/impact", new { flag = "checkout", configuration = new { rules = new[] { new { @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = s_off } }, @default = s_on } })).At("changed").GetInt32();
        Assert.Equal(("ready", "30", "30", "True"), (few.Get("status"), few.Get("contexts"), few.Get("population", "people"), few.Get("population", "isComplete")));
        Assert.InRange(few.At("inside").GetInt32(), Math.Max(pros, 2), pros + 2);
        Assert.Equal(few.At("inside").GetInt32() / 30.0, few.At("population", "share").GetDouble(), 10);
        Assert.DoesNotContain("person-", few.Json.GetRawText(), StringComparison.Ordinal);
        var far = await server.Admin.GetAsync($"{project.Path}/environments/prod/segments/far/size");
        Assert.Equal(("0", "country"), (far.Get("inside"), far.Get("missingAttributes", "0")));
        Assert.Equal("off", (await server.Admin.GetAsync($"{project.Path}/environments/dev/segments/few/size")).Get("status"));
        await server.Admin.GetAsync($"{project.Path}/environments/prod/segments/none/size", 404);
    }

    [Fact]
    public async Task A_sample_is_the_people_with_the_lowest_ranks_and_says_how_far_it_can_be_trusted()
    {
        var project = await SampledAsync(300, size: 100, wait: 100);
        var rule = new { @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = s_off };
        var view = await server.Admin.PostAsync($"{project.Path}/environments/prod/impact", new { flag = "checkout", configuration = new { rules = new[] { rule }, @default = s_on } });
        Assert.Equal("100", view.Get("contexts"));
        Assert.False(view.At("population", "isComplete").GetBoolean());
        Assert.InRange(view.At("population", "people").GetInt64(), 180, 480);
        var (low, share, high) = (view.At("population", "low").GetDouble(), view.At("population", "share").GetDouble(), view.At("population", "high").GetDouble());
        Assert.Equal(view.At("changed").GetInt32() / 100.0, share, 10);
        Assert.True(low < share && share < high && high - low < 0.2, $"{low} {share} {high}");
    }

    [Fact]
    public async Task Nothing_is_kept_that_nobody_asked_for_and_all_of_it_goes_with_the_wish()
    {
        var project = await server.CreateProjectAsync();
        var environment = $"{project.Path}/environments/prod";
        (await SendAsync(project, 1)).Dispose();
        var off = await server.Admin.PostAsync($"{environment}/impact", new { flag = "checkout", configuration = new { @default = s_off } });
        Assert.Equal("off 0", $"{off.Get("status")} {off.Get("contexts")}");
        Assert.Equal("checkout", off.Get("flags", "0", "flag"));

        await server.Admin.PostAsync($"{project.Path}/attributes", new { name = "salary", type = "number", @private = true }, 201);
        foreach (var (sampling, code) in new (object, string)[]
        {
            (new { attributes = new[] { "plan", "salary" } }, "private_attribute"), (new { attributes = new[] { "userId" } }, "validation_failed"), (new { attributes = new[] { "a b" } }, "validation_failed"),
            (new { minutes = 4 }, "validation_failed"), (new { minutes = 10_081 }, "validation_failed"), (new { size = 99 }, "validation_failed"), (new { size = 100_001 }, "validation_failed"),
            (new { attributes = Enumerable.Range(0, 51).Select(number => $"a{number}") }, "validation_failed"),
        })
        {
            var refused = await server.Admin.PatchAsync(environment, new { sampling }, 400);
            Assert.True(refused.Json.GetRawText().Contains(code, StringComparison.Ordinal), refused.Json.GetRawText());
        }

        await server.Admin.PatchAsync(environment, new { sampling = new { enabled = true, attributes = new[] { "plan", "seats" }, minutes = 5 } });
        Assert.Equal("empty", (await server.Admin.PostAsync($"{environment}/impact", new { flag = "checkout", configuration = new { @default = s_off } })).Get("status"));
        await SeenAsync(project, 5, 5);
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM context_samples WHERE context LIKE '%person-%' OR context LIKE '%secretHobby%'"));
        Assert.Equal(5, await server.CountAsync("SELECT count(*) FROM context_samples WHERE context LIKE '%seats%'"));

        // An attribute that becomes private is gone, with everything that was taken while it was not.
        await server.Admin.PostAsync($"{project.Path}/attributes", new { name = "seats", type = "number", @private = true }, 201);
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM context_samples WHERE context LIKE '%seats%'") == 0);
        await SeenAsync(project, 5, 5);
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM context_samples WHERE context LIKE '%seats%'"));

        // Too old.
        var cleaning = server.Server.Services.GetService(typeof(Togglr.Store.ContextSampleStore)) as Togglr.Store.ContextSampleStore;
        var mine = $"(SELECT e.id FROM environments e JOIN projects p ON p.id = e.project_id WHERE p.key = '{project.Key}')";
        await server.ExecuteAsync($"UPDATE context_samples SET seen_at = seen_at - interval '6 minutes' WHERE environment_id IN {mine} AND rank IN (SELECT rank FROM context_samples WHERE environment_id IN {mine} ORDER BY rank LIMIT 2)");
        await cleaning!.CleanAsync(TestContext.Current.CancellationToken);
        Assert.Equal(3, await server.CountAsync($"SELECT count(*) FROM context_samples WHERE environment_id IN {mine}"));

        await server.Admin.PatchAsync(environment, new { sampling = new { enabled = false } });
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM context_samples s JOIN environments e ON e.id = s.environment_id JOIN projects p ON p.id = e.project_id WHERE p.key = '{project.Key}'") == 0);
        Assert.Equal("False 0", $"{(await server.Admin.GetAsync($"{environment}/context-sample")).At("enabled").GetBoolean()} {(await server.Admin.GetAsync($"{environment}/context-sample")).Get("contexts")}");
    }

    private async Task<UsageProject> SampledAsync(int people, int size = 1000, int? wait = null)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PatchAsync($"{project.Path}/environments/prod", new { sampling = new { enabled = true, attributes = new[] { "plan", "user.region" }, size } });
        await SeenAsync(project, people, wait ?? people);
        return project;
    }

    /// <summary>People are seen until so many are in the sample.</summary>
    private Task SeenAsync(UsageProject project, int people, int wait) => Eventually.TrueAsync(
        async () =>
        {
            for (var person = 0; person < people; person++)
                (await SendAsync(project, person)).Dispose();
            return (await server.Admin.GetAsync($"{project.Path}/environments/prod/context-sample")).At("contexts").GetInt32() == wait;
        }, 30);

    private static Task<HttpResponseMessage> SendAsync(UsageProject project, int person)
    {
        var plan = (person % 3) switch { 0 => "pro", 1 => "basic", _ => "free" };
        return project.SendAsync("sdk/v1/evaluate", new { flag = "checkout", context = new { targetingKey = $"person-{person}", plan, seats = person, secretHobby = "chess", user = new { region = "eu" } } });
    }

    private async Task ConfigureAsync(UsageProject project, string flag, string environment, object configuration) =>
        await server.Admin.PutAsync($"{project.Path}/flags/{flag}/environments/{environment}", configuration, 200, ("If-Match", "*"));

    private static string[] Flows(Answer view, int flag) =>
        [.. view.At("flags", flag.ToString(System.Globalization.CultureInfo.InvariantCulture), "flows").EnumerateArray()
            .Select(flow => $"{flow.GetProperty("from").GetString()}→{flow.GetProperty("to").GetString()} {flow.GetProperty("contexts").GetInt32()} {(flow.GetProperty("isChange").ValueKind == JsonValueKind.True ? "true" : "false")}")];
}
