using System.Text.Json;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>The analysis of targeting as the editor and the project's page ask for it.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class AnalysisTests(ControlPlaneServer server)
{
    private const string Everybody = """{"variant":"on"}""";

    [Fact]
    public async Task A_rule_that_others_hide_is_reported_with_a_fix_that_does_away_with_it()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        string Body(string first, string second) => $$$"""{"rules":[{{{first}}},{{{second}}}],"default":{"variant":"off"}}""";
        const string Wide = """{"id":"wide","name":"Anybody in Europe","if":{"attribute":"country","operator":"in","value":["DE","FR","NL"]},"then":{"variant":"on"}}""";
        const string Narrow = """{"id":"narrow","if":{"and":[{"attribute":"country","operator":"eq","value":"DE"},{"attribute":"plan","operator":"eq","value":"pro"}]},"then":{"variant":"off"}}""";
        await server.Admin.PutAsync(state, Body(Wide, Narrow), 200, ("If-Match", "*"));
        var problem = Assert.Single(Problems(await server.Admin.GetAsync(state), "shadowed_rule"));
        Assert.Equal("/rules/1", problem.GetProperty("path").GetString());
        Assert.Equal("warning", problem.GetProperty("severity").GetString());
        Assert.Contains("Anybody in Europe", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Contains("DE", problem.GetProperty("message").GetString(), StringComparison.Ordinal);
        Assert.Equal("2", problem.GetProperty("values").GetProperty("rule").GetString());
        var operation = problem.GetProperty("fixes")[0].GetProperty("operations")[0];
        Assert.Equal(("move_rule", "move", "/rules/1", "/rules/0"), (problem.GetProperty("fixes")[0].GetProperty("kind").GetString(), operation.GetProperty("op").GetString(), operation.GetProperty("from").GetString(), operation.GetProperty("path").GetString()));

        await server.Admin.PutAsync(state, Body(Narrow, Wide), 200, ("If-Match", "*"));
        Assert.Empty(Problems(await server.Admin.GetAsync(state), "shadowed_rule"));
    }

    [Fact]
    public async Task What_a_flag_needs_changes_what_is_said_of_it()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "base", "f" })
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean", clientVisible = key == "f" });
        await server.Admin.PostAsync($"{project}/segments", new { key = "pro", @if = new { attribute = "plan", @operator = "eq", value = "pro" } }, 201);
        var state = $"{project}/flags/f/environments/prod";
        await server.Admin.PutAsync(
            state,
            """{"prerequisites":[{"flag":"base","variants":["on"]}],"rules":[{"id":"r","if":{"and":[{"segment":"pro"},{"not":{"attribute":"plan","operator":"in","value":["pro","team"]}}]},"then":{"variant":"on"}}],"default":{"variant":"off"}}""",
            200, ("If-Match", "*"));
        var never = Assert.Single(Problems(await server.Admin.GetAsync(state), "prerequisite_never_met"));
        Assert.Equal("off", never.GetProperty("values").GetProperty("why").GetString());
        Assert.Equal("off", never.GetProperty("values").GetProperty("serves").GetString());
        Assert.Single(Problems(await server.Admin.GetAsync(state), "contradiction"));

        await server.Admin.PutAsync($"{project}/flags/base/environments/prod", """{"enabled":true,"default":{"variant":"on"}}""", 200, ("If-Match", "*"));
        Assert.Single(Problems(await server.Admin.GetAsync(state), "prerequisite_always_met"));
        await server.Admin.PostAsync($"{project}/flags/base/kill", new { reason = "smoke" });
        Assert.Equal("killed", Assert.Single(Problems(await server.Admin.GetAsync(state), "prerequisite_never_met")).GetProperty("values").GetProperty("why").GetString());

        await server.Admin.PutAsync($"{project}/segments/pro", new { name = "pro", @if = new { attribute = "plan", @operator = "eq", value = "free" } });
        Assert.Empty(Problems(await server.Admin.GetAsync(state), "contradiction"));

        Assert.Empty(Problems(await server.Admin.GetAsync(state), "private_attribute"));
        await server.Admin.PostAsync($"{project}/attributes", new { name = "plan", type = "string", @private = true }, 201);
        Assert.Equal(2, Problems(await server.Admin.GetAsync(state), "private_attribute").Count);
        Assert.Equal("False", (await server.Admin.PatchAsync($"{project}/attributes/plan", new { @private = false })).Get("private"));
        Assert.Empty(Problems(await server.Admin.GetAsync(state), "private_attribute"));
    }

    [Fact]
    public async Task A_segment_that_is_empty_or_unused_is_told_so()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "s" }, 201);
        var analyze = $"{project}/segments/s/analyze";
        var codes = Codes(await server.Admin.PostAsync(analyze, "{}"));
        Assert.Equal(["empty_segment", "unused_segment"], codes);
        Assert.Contains("contradiction", Codes(await server.Admin.PostAsync(analyze, """{"if":{"and":[{"attribute":"age","operator":"exists"},{"attribute":"age","operator":"not_exists"}]}}""")));
        Assert.Contains("unknown_segment", Codes(await server.Admin.PostAsync(analyze, """{"if":{"segment":"none"}}""")));
        await server.Admin.PostAsync($"{project}/segments/s/keys", new { list = "included", add = new[] { "u" } });
        await server.Admin.PostAsync($"{project}/segments", new { key = "outer", @if = new { segment = "s" } }, 201);
        Assert.Empty(Codes(await server.Admin.PostAsync(analyze, "{}")));
        await server.Admin.PostAsync($"{project}/segments/none/analyze", new { }, 404);
    }

    [Fact]
    public async Task A_project_lists_what_needs_work_page_by_page()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "a", "a.b", "b", "fine", "gone" })
        {
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" });
            if (key != "fine")
                await server.Admin.PutAsync($"{project}/flags/{key}/environments/prod", $$$"""{"rules":[{"id":"r","if":{"percentage":0},"then":{{{Everybody}}}}],"default":{"variant":"off"}}""", 200, ("If-Match", "*"));
        }
        await server.Admin.PostAsync($"{project}/flags/gone/archive", new { });
        await server.Admin.PostAsync($"{project}/segments", new { key = "empty" }, 201);

        var all = await server.Admin.GetAsync($"{project}/analysis");
        Assert.Equal(["flag a prod", "flag a.b prod", "flag b prod", "segment empty "], all.At("items").EnumerateArray().Select(NameOf));
        Assert.Equal("4", all.Get("total"));
        Assert.Equal(["never_holds", "unreachable_rule"], Codes(all.At("items")[0]));

        var seen = new List<string>();
        var cursor = "";
        do
        {
            var page = await server.Admin.GetAsync($"{project}/analysis?limit=1{cursor}");
            seen.AddRange(page.At("items").EnumerateArray().Select(NameOf));
            cursor = page.At("nextCursor").ValueKind == JsonValueKind.Null ? "" : $"&cursor={page.Get("nextCursor")}";
        }
        while (cursor.Length > 0);
        Assert.Equal(all.At("items").EnumerateArray().Select(NameOf), seen);

        Assert.Equal("1", (await server.Admin.GetAsync($"{project}/analysis?code=unused_segment")).Get("total"));
        Assert.Equal("3", (await server.Admin.GetAsync($"{project}/analysis?environment=prod")).Get("total"));
        Assert.Equal("2", (await server.Admin.GetAsync($"{project}/analysis?search=A&environment=prod")).Get("total"));
        Assert.Equal("1", (await server.Admin.GetAsync($"{project}/analysis?subject=segment")).Get("total"));
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/analysis?severity=error")).Get("total"));
        foreach (var query in new[] { "limit=0", "cursor=x", "environment=none", "severity=bad" })
            await server.Admin.GetAsync($"{project}/analysis?{query}", 400);

        await server.Admin.PutAsync($"{project}/flags/b/environments/prod", """{"rules":[],"default":{"variant":"off"}}""", 200, ("If-Match", "*"));
        Assert.Equal(["flag a prod", "flag a.b prod", "segment empty "], (await server.Admin.GetAsync($"{project}/analysis")).At("items").EnumerateArray().Select(NameOf));
    }

    private static string NameOf(JsonElement item) => $"{item.GetProperty("subject")} {item.GetProperty("key")} {item.GetProperty("environment")}";

    private static List<JsonElement> Problems(Answer answer, string code) => [.. answer.At("problems").EnumerateArray().Where(problem => problem.GetProperty("code").GetString() == code)];

    private static List<string> Codes(Answer answer) => Codes(answer.Json);

    private static List<string> Codes(JsonElement json) => [.. json.GetProperty("problems").EnumerateArray().Select(problem => problem.GetProperty("code").GetString()!)];
}
