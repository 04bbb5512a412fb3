using System.Text.Json;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>What the editor asks about a flag before anything is saved.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class FlagDraftTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_draft_is_evaluated_in_the_place_of_the_saved_configuration_and_nothing_is_saved()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "base", type = "boolean" });
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        var before = await server.Admin.GetAsync(state);
        var draft = new
        {
            flag = "f",
            configuration = new
            {
                rules = new[] { new { id = "new", @if = (object)new { attribute = "plan", @operator = "eq", value = "pro" }, then = (object)new { variant = "on" } } },
                @default = new { variant = "off" },
            },
        };
        var evaluate = $"{project}/environments/prod/evaluate";
        var pro = await server.Admin.PostAsync(evaluate, new { context = new { targetingKey = "u", plan = "pro" }, flags = new[] { "f" }, trace = true, draft });
        Assert.Equal("on", pro.Get("results", "0", "variant"));
        Assert.Equal("new", pro.Get("results", "0", "ruleId"));
        Assert.Equal("new", pro.Get("results", "0", "trace", "rules", "0", "id"));
        var free = await server.Admin.PostAsync(evaluate, new { context = new { targetingKey = "u" }, flags = new[] { "f", "base" }, draft });
        Assert.Equal("off", free.Get("results", "0", "variant"));
        Assert.Equal("DEFAULT", free.Get("results", "0", "reason"));
        Assert.Equal("DISABLED", free.Get("results", "1", "reason"));

        Assert.Equal(before.ETag, (await server.Admin.GetAsync(state)).ETag);
        var saved = await server.Admin.PostAsync(evaluate, new { context = new { targetingKey = "u", plan = "pro" }, flags = new[] { "f" } });
        Assert.Equal("DISABLED", saved.Get("results", "0", "reason"));
    }

    [Fact]
    public async Task A_segment_tells_who_is_in_it_before_its_condition_is_saved()
    {
        var project = await server.CreateProjectAsync();
        var saved = new { attribute = "plan", @operator = "eq", value = "pro" };
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", @if = saved, included = new[] { "in", "both" }, excluded = new[] { "out", "both" } }, 201);
        var evaluate = $"{project}/environments/prod/evaluate-segment";
        async Task<(string, string)> AskAsync(string key, string plan, object? condition)
        {
            var answer = await server.Admin.PostAsync(evaluate, new { segment = "s", context = new { targetingKey = key, plan }, @if = condition });
            return (answer.Get("isIn"), answer.Get("decidedBy"));
        }
        await Togglr.IntegrationTests.Infrastructure.Eventually.TrueAsync(async () => await AskAsync("in", "none", saved) == ("True", "included"));
        Assert.Equal(("False", "excluded"), await AskAsync("out", "pro", saved));
        Assert.Equal(("False", "excluded"), await AskAsync("both", "pro", saved));
        Assert.Equal(("True", "condition"), await AskAsync("u", "pro", saved));
        Assert.Equal(("False", "none"), await AskAsync("u", "free", saved));
        Assert.Equal(("True", "condition"), await AskAsync("u", "free", new { attribute = "plan", @operator = "eq", value = "free" }));
        Assert.Equal(("False", "none"), await AskAsync("u", "pro", null));
        var traced = await server.Admin.PostAsync(evaluate, new { segment = "s", context = new { targetingKey = "out", plan = "pro" }, @if = new { and = new object[] { saved, new { not = saved } } } });
        Assert.Equal(("and", "True", "False"), (traced.Get("trace", "kind"), traced.Get("trace", "parts", "0", "holds"), traced.Get("trace", "parts", "1", "holds")));
        Assert.Equal("/segment", (await server.Admin.PostAsync(evaluate, new { segment = "none", context = new { } }, 400)).Get("errors", "0", "path"));
        Assert.StartsWith("/if", (await server.Admin.PostAsync(evaluate, new { segment = "s", context = new { }, @if = new { segment = "s" } }, 400)).Get("errors", "0", "path"), StringComparison.Ordinal);
        await server.Admin.PostAsync(evaluate, new { segment = "s", context = 7 }, 400);
    }

    [Fact]
    public async Task A_draft_of_a_flag_that_is_not_there_or_that_makes_no_sense_is_answered_with_its_place()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var evaluate = $"{project}/environments/prod/evaluate";
        var unknown = await server.Admin.PostAsync(evaluate, """{"context":{},"draft":{"flag":"none","configuration":{"default":{"off":true}}}}""", 400);
        Assert.Equal("/draft/flag", unknown.Get("errors", "0", "path"));
        var name = new string('n', 300);
        var tooLong = await server.Admin.PostAsync(
            evaluate, $$$$"""{"context":{},"draft":{"flag":"f","configuration":{"default":{"off":true},"rules":[{"name":"{{{{name}}}}","if":{"and":[]},"then":{"variant":"on"}}]}}}""", 400);
        Assert.Equal("/draft/configuration/rules/0/name", tooLong.Get("errors", "0", "path"));
        foreach (var configuration in new[]
        {
            """{"default":{"variant":"gone"}}""", """{"default":7}""", """{"default":{"off":true},"rules":[{"if":{"attribute":"a","operator":"matches","value":"("},"then":{"variant":"on"}}]}""",
            """{"default":{"off":true},"prerequisites":[{"flag":"f","variants":["on"]}]}""",
        })
        {
            var answer = await server.Admin.PostAsync(evaluate, """{"context":{"targetingKey":"u"},"flags":["f"],"trace":true,"draft":{"flag":"f","configuration":""" + configuration + "}}");
            Assert.Equal("ERROR", answer.Get("results", "0", "reason"));
        }
    }

    [Fact]
    public async Task Dependencies_are_told_over_all_levels_in_both_directions()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "root", "middle", "leaf", "aside", "stranger" })
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" });
        foreach (var (flag, needs) in new[] { ("middle", "root"), ("leaf", "middle"), ("aside", "root") })
        {
            await server.Admin.PutAsync(
                $"{project}/flags/{flag}/environments/prod", new { prerequisites = new[] { new { flag = needs, variants = new[] { "on" } } }, @default = new { variant = "on" } }, 200, ("If-Match", "*"));
        }
        var middle = await server.Admin.GetAsync($"{project}/flags/middle/environments/prod/dependencies");
        Assert.Equal(["leaf", "middle", "root"], middle.At("flags").EnumerateArray().Select(static flag => flag.GetProperty("key").GetString()));
        Assert.Equal(["leaf>middle", "middle>root"], Edges(middle.At("edges")));
        Assert.False(middle.At("truncated").GetBoolean());
        var root = await server.Admin.GetAsync($"{project}/flags/root/environments/prod/dependencies");
        Assert.Equal(["aside>root", "leaf>middle", "middle>root"], Edges(root.At("edges")));
        var elsewhere = await server.Admin.GetAsync($"{project}/flags/middle/environments/dev/dependencies");
        Assert.Equal(1, elsewhere.At("flags").GetArrayLength());
        await server.Admin.GetAsync($"{project}/flags/none/environments/prod/dependencies", 404);
    }

    private static IEnumerable<string> Edges(JsonElement edges) =>
        edges.EnumerateArray().Select(static edge => $"{edge.GetProperty("flag").GetString()}>{edge.GetProperty("needs").GetString()}");
}
