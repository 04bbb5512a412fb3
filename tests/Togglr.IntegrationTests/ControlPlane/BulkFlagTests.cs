using System.Diagnostics;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>Changing many flags at once.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class BulkFlagTests(ControlPlaneServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task A_dry_run_tells_what_would_happen_and_changes_nothing()
    {
        var project = await ProjectAsync("a", "b", "gone");
        await server.Admin.PostAsync($"{project}/flags/b/environments/prod/toggle", new { enabled = true });
        await server.Admin.PostAsync($"{project}/flags/gone/archive");
        var entries = await EntriesAsync(project);
        object Body(bool dryRun) => new { action = "enable", environment = "prod", flags = new[] { "b", "a", "gone", "none", "a" }, dryRun };
        var preview = await server.Admin.PostAsync($"{project}/flags/bulk", Body(true), 200);
        Assert.True(preview.At("dryRun").GetBoolean());
        Assert.Equal("b:unchanged: a:changed: gone:refused:archived none:refused:not_found", Outcomes(preview));
        Assert.Equal(entries, await EntriesAsync(project));
        Assert.Equal("False", (await server.Admin.GetAsync($"{project}/flags/a")).Get("environments", "prod", "enabled"));

        var done = await server.Admin.PostAsync($"{project}/flags/bulk", Body(false), 200);
        Assert.Equal(Outcomes(preview), Outcomes(done));
        Assert.Equal("1 1 2", $"{done.Get("changed")} {done.Get("unchanged")} {done.Get("refused")}");
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/flags/a")).Get("environments", "prod", "enabled"));
    }

    [Fact]
    public async Task Each_flag_keeps_its_own_history_and_can_be_restored_from_it()
    {
        var project = await ProjectAsync("a", "b", "c");
        await BulkAsync(project, new { action = "enable", environment = "prod", flags = new[] { "a", "b" }, reason = "Launch" });
        var entries = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={Key(project)}&action=flag.enabled")).At("items").EnumerateArray().ToList();
        Assert.Equal(["b", "a"], entries.Select(entry => entry.GetProperty("entityKey").GetString()));
        Assert.All(entries, entry => Assert.Equal("Launch", entry.GetProperty("reason").GetString()));
        Assert.Single(entries.Select(entry => entry.GetProperty("requestId").GetString()).Distinct());
        var history = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={Key(project)}&entity=flag&entityKey=b&limit=1")).Get("items", "0", "id");
        var changes = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit/{history}")).At("changes").EnumerateArray().Select(change => change.GetProperty("path").GetString()!).ToList();
        Assert.Contains("flags/b/environments/prod/enabled", changes);
        Assert.DoesNotContain(changes, path => path.StartsWith("flags/a", StringComparison.Ordinal));

        await server.Admin.PostAsync($"/api/v1/orgs/default/audit/{history}/restore", new { to = "before" });
        Assert.Equal("False", (await server.Admin.GetAsync($"{project}/flags/b")).Get("environments", "prod", "enabled"));
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/flags/a")).Get("environments", "prod", "enabled"));
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
    }

    [Fact]
    public async Task Many_flags_are_one_revision()
    {
        string[] keys = [.. Enumerable.Range(0, 40).Select(number => $"f{number}")];
        var project = await ProjectAsync(keys);
        var before = (await server.Admin.GetAsync($"{project}/environments/dev/snapshot")).At("revision").GetInt64();
        await server.Admin.PostAsync($"{project}/flags/bulk", new { action = "enable", environment = "dev", flags = keys }, 200);
        var snapshot = await server.Admin.GetAsync($"{project}/environments/dev/snapshot");
        Assert.Equal(before + 1, snapshot.At("revision").GetInt64());
        var results = await server.Admin.PostAsync($"{project}/environments/dev/evaluate", new { context = new { targetingKey = "u" } });
        Assert.Equal(40, results.At("results").EnumerateArray().Count(result => result.GetProperty("variant").GetString() == "on"));
    }

    [Fact]
    public async Task Tags_are_added_and_removed_where_they_are_missing_or_there()
    {
        var project = await ProjectAsync("a", "b");
        await server.Admin.PostAsync($"{project}/tags", new { key = "web" }, 201);
        await server.Admin.PatchAsync($"{project}/flags/a", new { tags = new[] { "web", "critical" } });
        Assert.Equal("a:unchanged: b:changed:", Outcomes(await BulkAsync(project, new { action = "addTags", tags = new[] { "web" }, flags = new[] { "a", "b" } })));
        Assert.Equal("a:changed: b:unchanged:", Outcomes(await BulkAsync(project, new { action = "removeTags", tags = new[] { "critical", "guarded" }, flags = new[] { "a", "b" } })));
        Assert.Equal("""["web"]""", (await server.Admin.GetAsync($"{project}/flags/a")).At("tags").GetRawText());
        Assert.Equal("""["web"]""", (await server.Admin.GetAsync($"{project}/flags/b")).At("tags").GetRawText());
        Assert.Equal("unknown_tag", (await server.Admin.PostAsync($"{project}/flags/bulk", new { action = "addTags", tags = new[] { "none" }, flags = new[] { "a" } }, 400)).Get("errors", "0", "code"));
    }

    [Fact]
    public async Task A_flag_that_another_waits_for_is_archived_only_together_with_it()
    {
        var project = await ProjectAsync("base", "middle", "top", "other");
        await RequireAsync(project, "middle", "base");
        await RequireAsync(project, "top", "middle");
        Assert.Equal("base:refused:in_use middle:refused:in_use other:changed:", Outcomes(await BulkAsync(project, new { action = "archive", flags = new[] { "base", "middle", "other" }, dryRun = true })));
        Assert.Equal("base:refused:in_use middle:refused:in_use other:changed:", Outcomes(await BulkAsync(project, new { action = "archive", flags = new[] { "base", "middle", "other" } })));
        Assert.Equal("base:changed: middle:changed: top:changed:", Outcomes(await BulkAsync(project, new { action = "archive", flags = new[] { "base", "middle", "top" } })));
        Assert.Equal("base:changed: middle:changed: top:changed:", Outcomes(await BulkAsync(project, new { action = "restore", flags = new[] { "base", "middle", "top" } })));
    }

    [Fact]
    public async Task What_one_may_not_do_to_a_flag_one_may_not_do_to_many()
    {
        var project = await ProjectAsync("a");
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        foreach (var body in new object[]
        {
            new { action = "enable", environment = "prod", flags = new[] { "a" } }, new { action = "archive", flags = new[] { "a" } },
            new { action = "addTags", tags = new[] { "critical" }, flags = new[] { "a" } },
        })
            Assert.Equal("a:refused:forbidden", Outcomes(await viewer.PostAsync($"{project}/flags/bulk", body, 200)));
        var flag = await server.Admin.GetAsync($"{project}/flags/a");
        Assert.Equal("1", flag.Get("version"));
        Assert.Equal("False", flag.Get("environments", "prod", "enabled"));
    }

    [Theory]
    [InlineData("""{"action":"enable","flags":["a"]}""", "/environment")]
    [InlineData("""{"action":"archive","flags":["a"],"environment":"prod"}""", "/environment")]
    [InlineData("""{"action":"enable","flags":["a"],"environment":"nowhere"}""", "/environment")]
    [InlineData("""{"action":"enable","flags":["a"],"environment":"\u0000"}""", "/environment")]
    [InlineData("""{"action":"addTags","flags":["a"]}""", "/tags")]
    [InlineData("""{"action":"addTags","flags":["a"],"tags":["critical","\u0000"]}""", "/tags/1")]
    [InlineData("""{"action":"archive","flags":[]}""", "/flags")]
    [InlineData("""{"action":"archive","flags":["a","b c"]}""", "/flags/1")]
    [InlineData("""{"action":"archive","flags":["a",null]}""", "")]
    [InlineData("""{"action":"explode","flags":["a"]}""", "/action")]
    public async Task A_request_that_means_nothing_is_told_what_is_wrong(string body, string path)
    {
        var project = await ProjectAsync("a");
        Assert.Equal(path, (await server.Admin.PostAsync($"{project}/flags/bulk", body, 400)).Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Five_hundred_flags_are_changed_at_once_and_more_are_refused()
    {
        string[] keys = [.. Enumerable.Range(0, 500).Select(number => $"f{number}")];
        var project = await server.CreateProjectAsync();
        await Many.CreateAsync(server, project, keys);
        var clock = Stopwatch.StartNew();
        var done = await BulkAsync(project, new { action = "enable", environment = "dev", flags = keys });
        output.WriteLine($"500 flags in {clock.ElapsedMilliseconds} ms");
        Assert.Equal("500", done.Get("changed"));
        Assert.Equal("out_of_range", (await server.Admin.PostAsync($"{project}/flags/bulk", new { action = "archive", flags = keys.Append("one-more") }, 400)).Get("errors", "0", "code"));
    }

    private Task<Answer> BulkAsync(string project, object body) => server.Admin.PostAsync($"{project}/flags/bulk", body, 200);

    private async Task<string> ProjectAsync(params string[] flags)
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in flags)
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" }, 201);
        return project;
    }

    private async Task RequireAsync(string project, string flag, string needed)
    {
        var path = $"{project}/flags/{flag}/environments/prod";
        await server.Admin.PutAsync(path, new { prerequisites = new[] { new { flag = needed, variants = new[] { "on" } } }, @default = new { variant = "on" } }, 200, ("If-Match", "*"));
    }

    private async Task<string> EntriesAsync(string project) => (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={Key(project)}")).At("items").GetRawText();

    private static string Key(string project) => project[(project.LastIndexOf('/') + 1)..];

    private static string Outcomes(Answer answer) =>
        string.Join(' ', answer.At("results").EnumerateArray().Select(result => $"{result.GetProperty("flag")}:{result.GetProperty("outcome")}:{result.GetProperty("code")}"));
}
