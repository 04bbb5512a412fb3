namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>What a whole project has to say about its configurations, and where attributes are read.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ProblemListTests(ControlPlaneServer server)
{
    [Fact]
    public async Task Flags_with_problems_are_named_with_the_worst_one_and_the_environments()
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in new[] { "fine", "odd", "gone" })
            await server.Admin.PostAsync($"{project}/flags", new { key, name = $"<{key}>", type = "boolean" }, 201);
        object rule = new { id = "a", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "on" } };
        object again = new { id = "b", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "off" } };
        foreach (var (flag, environment) in new[] { ("odd", "prod"), ("odd", "dev"), ("gone", "prod") })
            await ConfigureAsync(project, flag, environment, new { rules = new[] { rule, again }, @default = new { variant = "off" } });
        await server.Admin.PostAsync($"{project}/flags/gone/archive", new { });

        var problems = await server.Admin.GetAsync($"{project}/flag-problems");
        Assert.Equal("True", problems.Get("isComplete"));
        Assert.Equal(1, problems.At("items").GetArrayLength());
        Assert.Equal(("odd", "<odd>", "warning"), (problems.Get("items", "0", "key"), problems.Get("items", "0", "name"), problems.Get("items", "0", "worst", "severity")));
        Assert.Equal("""["dev","prod"]""", problems.At("items", "0", "environments").GetRawText());
        var analysis = await server.Admin.GetAsync($"{project}/flags/odd/environments/dev");
        Assert.Contains(problems.At("items", "0", "worst").GetRawText(), analysis.At("problems").EnumerateArray().Select(problem => problem.GetRawText()));

        await ConfigureAsync(project, "odd", "dev", new { rules = new[] { rule }, @default = new { variant = "off" } });
        await ConfigureAsync(project, "odd", "prod", new { rules = new[] { rule }, @default = new { variant = "off" } });
        Assert.Equal(0, (await server.Admin.GetAsync($"{project}/flag-problems")).At("items").GetArrayLength());
    }

    [Fact]
    public async Task An_attribute_tells_where_it_is_read_and_where_its_name_is_only_a_value()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/attributes", new { name = "user.plan", type = "string" }, 201);
        foreach (var key in new[] { "nested", "divided", "value", "archived" })
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" }, 201);
        object reads = new { and = new object[] { new { not = new { attribute = "user.plan", @operator = "eq", value = "pro" } }, new { attribute = "x", @operator = "exists" } } };
        foreach (var flag in new[] { "nested", "archived" })
            await ConfigureAsync(project, flag, "prod", new { rules = new[] { new { id = "a", @if = reads, then = new { variant = "on" } } }, @default = new { variant = "off" } });
        var variations = new[] { new { key = "on", weight = 1 }, new { key = "off", weight = 1 } };
        await ConfigureAsync(project, "divided", "stage", new { @default = new { rollout = new { variations, bucketBy = "user.plan" } } });
        await ConfigureAsync(project, "value", "prod", new { rules = new[] { new { id = "a", @if = new { attribute = "x", @operator = "eq", value = "user.plan" }, then = new { variant = "on" } } }, @default = new { variant = "off" } });
        await server.Admin.PostAsync($"{project}/flags/archived/archive", new { });
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", @if = reads }, 201);
        await server.Admin.PostAsync($"{project}/segments", new { key = "other", included = new[] { "user.plan" } }, 201);

        var references = await server.Admin.GetAsync($"{project}/attributes/user.plan/references");
        Assert.Equal("""{"flags":[{"key":"divided","environments":["stage"]},{"key":"nested","environments":["prod"]}],"segments":["s"]}""", references.Json.GetRawText());
        await server.Admin.GetAsync($"{project}/attributes/none/references", 404);
    }

    private Task<Answer> ConfigureAsync(string project, string flag, string environment, object configuration) =>
        server.Admin.PutAsync($"{project}/flags/{flag}/environments/{environment}", configuration, 200, ("If-Match", "*"));
}
