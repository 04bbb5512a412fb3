namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class PromotionTests(ControlPlaneServer server)
{
    private static readonly object Rules = new
    {
        rules = new[] { new { name = "Beta", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "on" } } },
        @default = new { variant = "off" }, enabled = true,
    };

    [Fact]
    public async Task A_comparison_tells_which_flags_differ_and_in_what()
    {
        var project = await CreateAsync("same", "ruled", "on");
        await ConfigureAsync(project, "ruled", "stage", Rules);
        await server.Admin.PostAsync($"{project}/flags/on/environments/stage/toggle", new { enabled = true });
        var comparison = await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage");
        Assert.Equal("1", comparison.Get("same"));
        Assert.Equal(["on", "ruled"], comparison.At("flags").EnumerateArray().Select(flag => flag.GetProperty("flag").GetString()));
        Assert.Equal("""["enabled"]""", comparison.At("flags", "0", "differences").GetRawText());
        Assert.Equal("""["enabled","rules","default"]""", comparison.At("flags", "1", "differences").GetRawText());
        Assert.Equal("False", comparison.Get("flags", "1", "touched"));
        Assert.Equal("Beta", comparison.Get("flags", "1", "from", "rules", "0", "name"));
        Assert.Equal("0", comparison.At("flags", "1", "to", "rules").GetArrayLength().ToString());

        // The same rules written in another environment have other ids, and are the same.
        await ConfigureAsync(project, "ruled", "dev", Rules);
        Assert.Equal("2", (await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage")).Get("same"));
        await server.Admin.GetAsync($"{project}/environments/dev/compare?from=dev", 400);
        await server.Admin.GetAsync($"{project}/environments/dev/compare?from=nowhere", 400);
        await server.Admin.GetAsync($"{project}/environments/dev/compare", 400);
    }

    [Fact]
    public async Task A_promotion_copies_what_differs_with_an_entry_for_each_flag()
    {
        var project = await CreateAsync("a", "b", "c");
        foreach (var flag in new[] { "a", "b" })
            await ConfigureAsync(project, flag, "stage", Rules);
        var rehearsal = await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage", dryRun = true });
        Assert.Equal("False", rehearsal.Get("applied"));
        Assert.Equal(["copied", "copied", "unchanged"], Outcomes(rehearsal));
        Assert.Equal("1", (await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage")).Get("same"));

        var done = await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage", reason = "release 7", fromRevision = long.Parse(rehearsal.Get("fromRevision")) });
        Assert.Equal("True", done.Get("applied"));
        Assert.Equal("3", (await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage")).Get("same"));
        var key = project[(project.LastIndexOf('/') + 1)..];
        var audit = await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={key}&action=flag.promoted");
        var entries = audit.At("items").EnumerateArray().ToList();
        Assert.Equal(["a", "b"], entries.Select(entry => entry.GetProperty("entityKey").GetString()).Order(StringComparer.Ordinal));
        Assert.Single(entries.Select(entry => entry.GetProperty("requestId").GetString()).Distinct());
        Assert.All(entries, entry => Assert.Equal(("dev", "release 7"), (entry.GetProperty("environment").GetString(), entry.GetProperty("reason").GetString())));
        var whole = await server.Admin.GetAsync($"/api/v1/orgs/default/audit/{entries[0].GetProperty("id").GetString()}");
        Assert.DoesNotContain(entries[1].GetProperty("entityKey").GetString() == "a" ? "flags/a/" : "flags/b/", whole.Json.GetRawText(), StringComparison.Ordinal);

        // Each can be taken back alone, and the chain holds.
        await server.Admin.PostAsync($"/api/v1/orgs/default/audit/{entries[0].GetProperty("id").GetString()}/restore", new { to = "before" });
        Assert.Equal("2", (await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage")).Get("same"));
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
        var again = await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage", flags = new[] { "c" } });
        Assert.Equal("False", again.Get("applied"));
    }

    [Fact]
    public async Task What_somebody_set_up_in_the_target_is_overwritten_only_when_asked_for()
    {
        var project = await CreateAsync("mine", "new");
        await ConfigureAsync(project, "mine", "stage", Rules);
        await ConfigureAsync(project, "new", "stage", Rules);
        await server.Admin.PostAsync($"{project}/flags/mine/environments/dev/toggle", new { enabled = true });
        var promote = $"{project}/environments/dev/promote";
        Assert.Equal(["conflict", "copied"], Outcomes(await server.Admin.PostAsync(promote, new { from = "stage", dryRun = true })));
        var refused = await server.Admin.PostAsync(promote, new { from = "stage" }, 409);
        Assert.Equal("promotion_conflict", refused.Code);
        Assert.Contains("mine", refused.Get("detail"), StringComparison.Ordinal);
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage")).Get("same"));
        Assert.Equal(["skipped", "copied"], Outcomes(await server.Admin.PostAsync(promote, new { from = "stage", conflictPolicy = "skip" })));
        Assert.Equal(["overwritten", "unchanged"], Outcomes(await server.Admin.PostAsync(promote, new { from = "stage", conflictPolicy = "overwrite" })));
        await server.Admin.PostAsync(promote, new { from = "stage", conflictPolicy = "perhaps" }, 400);
        await server.Admin.PostAsync(promote, new { from = "stage", flags = new[] { "nothing" } }, 400);
    }

    [Fact]
    public async Task A_critical_target_needs_a_reason_and_the_kill_switch_stays_where_it_is()
    {
        var project = await CreateAsync("f");
        await server.Admin.PatchAsync($"{project}/environments/prod", new { critical = true });
        await ConfigureAsync(project, "f", "stage", Rules);
        await server.Admin.PostAsync($"{project}/flags/f/kill", new { reason = "fire", environments = new[] { "prod" } });
        var promote = $"{project}/environments/prod/promote";
        Assert.Equal("/reason", (await server.Admin.PostAsync(promote, new { from = "stage" }, 400)).Get("errors", "0", "path"));
        await server.Admin.PostAsync(promote, new { from = "stage", reason = "go" });
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/flags/f/environments/prod")).Get("killed"));
        await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "prod" });
        Assert.Equal("False", (await server.Admin.GetAsync($"{project}/flags/f/environments/dev")).Get("killed"));
    }

    [Fact]
    public async Task A_dry_run_finds_what_would_fail_and_a_change_in_between_is_noticed()
    {
        var project = await CreateAsync("a", "b");
        static object Needs(string flag) => new { prerequisites = new[] { new { flag, variants = new[] { "on" } } }, @default = new { variant = "on" } };
        await ConfigureAsync(project, "a", "stage", Needs("b"));
        await ConfigureAsync(project, "b", "dev", Needs("a"));
        var promote = $"{project}/environments/dev/promote";
        var circular = await server.Admin.PostAsync(promote, new { from = "stage", flags = new[] { "a" }, dryRun = true }, 400);
        Assert.Contains("lead back", circular.Get("detail"), StringComparison.Ordinal);
        var shown = await server.Admin.GetAsync($"{project}/environments/dev/compare?from=stage");
        await server.Admin.PostAsync($"{project}/flags/b/environments/dev/toggle", new { enabled = true });
        await server.Admin.PostAsync(promote, new { from = "stage", conflictPolicy = "overwrite", toRevision = long.Parse(shown.Get("toRevision")) }, 412);
    }

    [Fact]
    public async Task A_promotion_is_undone_at_once_for_all_its_flags()
    {
        var project = await CreateAsync("a", "b");
        await ConfigureAsync(project, "a", "stage", Rules);
        await ConfigureAsync(project, "b", "stage", Rules);
        await ConfigureAsync(project, "b", "dev", new { @default = new { variant = "on" }, offVariant = "on" });
        var before = await StatesAsync(project);
        var done = await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage", conflictPolicy = "overwrite" });
        Assert.NotEqual(before, await StatesAsync(project));

        var undone = await server.Admin.PostAsync($"{project}/environments/dev/promote/undo", new { flags = Versions(done), reason = "too early" });
        Assert.Equal("""["a","b"]""", undone.At("flags").GetRawText());
        Assert.Equal(before, await StatesAsync(project));
        var audit = await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project[(project.LastIndexOf('/') + 1)..]}&action=flag.reverted");
        Assert.Equal(["a", "b"], audit.At("items").EnumerateArray().Select(entry => entry.GetProperty("entityKey").GetString()).Order(StringComparer.Ordinal));
        Assert.All(audit.At("items").EnumerateArray(), entry => Assert.Equal(("dev", "too early"), (entry.GetProperty("environment").GetString(), entry.GetProperty("reason").GetString())));
        // It is undone once.
        Assert.Equal("changed_meanwhile", (await server.Admin.PostAsync($"{project}/environments/dev/promote/undo", new { flags = Versions(done) }, 409)).Code);
    }

    [Fact]
    public async Task Nothing_of_a_promotion_is_undone_once_somebody_changed_a_part_of_it()
    {
        var project = await CreateAsync("a", "b", "never");
        await ConfigureAsync(project, "a", "stage", Rules);
        await ConfigureAsync(project, "b", "stage", Rules);
        var promotion = await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage" });
        await server.Admin.PostAsync($"{project}/flags/b/environments/dev/toggle", new { enabled = false });
        var promoted = await StatesAsync(project);
        var undo = $"{project}/environments/dev/promote/undo";
        var refused = await server.Admin.PostAsync(undo, new { flags = Versions(promotion) }, 409);
        Assert.Equal("changed_meanwhile", refused.Code);
        Assert.Contains("changed b since", refused.Get("detail"), StringComparison.Ordinal);
        Assert.Equal(promoted, await StatesAsync(project));

        // What was not promoted has nothing to go back to.
        Assert.Equal("not_restorable", (await server.Admin.PostAsync(undo, new { flags = new Dictionary<string, int> { ["never"] = Versions(promotion)["never"] } }, 409)).Code);
        Assert.Equal("changed_meanwhile", (await server.Admin.PostAsync(undo, new { flags = new Dictionary<string, int> { ["gone"] = 1 } }, 409)).Code);
        await server.Admin.PostAsync(undo, new { flags = new Dictionary<string, int>() }, 400);
        await server.Admin.PatchAsync($"{project}/environments/dev", new { critical = true });
        Assert.Equal("/reason", (await server.Admin.PostAsync(undo, new { flags = Versions(promotion) }, 400)).Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Saved_contexts_are_named_limited_and_not_repeated_in_the_log()
    {
        var project = await server.CreateProjectAsync();
        var saved = await server.Admin.PostAsync($"{project}/contexts", new { name = "A customer", context = new { targetingKey = "zanzibar-77", plan = "pro" } }, 201);
        Assert.Equal("already_exists", (await server.Admin.PostAsync($"{project}/contexts", new { name = "A customer", context = new { } }, 409)).Code);
        await server.Admin.PostAsync($"{project}/contexts", new { name = "b", context = new[] { 1 } }, 400);
        await server.Admin.PostAsync($"{project}/contexts", new { name = "b", context = new { text = new string('x', 17_000) } }, 400);
        await server.Admin.PostAsync($"{project}/contexts", new { name = "", context = new { } }, 400);
        var changed = await server.Admin.PatchAsync($"{project}/contexts/{saved.Get("id")}", new { context = new { targetingKey = "zanzibar-78" } }, 200, ("If-Match", saved.ETag!));
        Assert.Equal("zanzibar-78", changed.Get("context", "targetingKey"));
        await server.Admin.PatchAsync($"{project}/contexts/{saved.Get("id")}", new { name = "late" }, 412, ("If-Match", saved.ETag!));
        Assert.Equal("A customer", (await server.Admin.GetAsync($"{project}/contexts?search=custom")).Get("items", "0", "name"));
        await server.Admin.DeleteAsync($"{project}/contexts/{saved.Get("id")}", 204);
        var key = project[(project.LastIndexOf('/') + 1)..];
        var entries = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={key}&entity=context")).At("items").EnumerateArray().ToList();
        Assert.Equal(3, entries.Count);
        foreach (var entry in entries)
            Assert.DoesNotContain("zanzibar", (await server.Admin.GetAsync($"/api/v1/orgs/default/audit/{entry.GetProperty("id").GetString()}")).Json.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_upload_is_compared_with_the_list_before_it_changes_it()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", included = new[] { "a", "b", "c" } });
        static StringContent Text(string text) => new(text, System.Text.Encoding.UTF8, "text/plain");
        var keys = $"{project}/segments/s/keys";
        var replace = await server.Admin.SendAsync(HttpMethod.Post, $"{keys}/compare", Text("b\nc\nd\nd\n\ne"), 200);
        Assert.Equal(
            """{"before":3,"after":4,"uploaded":4,"repeated":1,"added":2,"removed":1,"addedSample":["d","e"],"removedSample":["a"],"version":1}""", replace.Json.GetRawText());
        var add = await server.Admin.SendAsync(HttpMethod.Post, $"{keys}/compare?mode=add", Text("c\nd"), 200);
        Assert.Equal(("4", "1", "0"), (add.Get("after"), add.Get("added"), add.Get("removed")));
        var remove = await server.Admin.SendAsync(HttpMethod.Post, $"{keys}/compare?mode=remove", Text("a\nz"), 200);
        Assert.Equal(("2", "0", "1"), (remove.Get("after"), remove.Get("added"), remove.Get("removed")));
        await server.Admin.SendAsync(HttpMethod.Post, $"{keys}/compare", Text($"ok\n{new string('x', 501)}"), 400);
        await server.Admin.SendAsync(HttpMethod.Put, $"{keys}?mode=add", Text("c\nd"), 200, ("If-Match", "\"1\""));
        await server.Admin.SendAsync(HttpMethod.Put, $"{keys}?mode=remove", Text("a"), 412, ("If-Match", "\"1\""));
        var left = await server.Admin.SendAsync(HttpMethod.Put, $"{keys}?mode=remove", Text("a\nz"), 200);
        Assert.Equal("3", left.Get("includedCount"));
        await server.Admin.SendAsync(HttpMethod.Put, $"{keys}?mode=shuffle", Text("a"), 400);
    }

    private static Dictionary<string, int> Versions(Answer promotion) =>
        promotion.At("flags").EnumerateArray().ToDictionary(flag => flag.GetProperty("flag").GetString()!, flag => flag.GetProperty("version").GetInt32(), StringComparer.Ordinal);

    /// <summary>What the flags a and b do in dev.</summary>
    private async Task<string> StatesAsync(string project)
    {
        var texts = new List<string>();
        foreach (var flag in new[] { "a", "b" })
        {
            var state = await server.Admin.GetAsync($"{project}/flags/{flag}/environments/dev");
            texts.AddRange(new[] { "enabled", "prerequisites", "targets", "rules", "default", "offVariant" }.Select(member => state.At(member).GetRawText()));
        }
        return string.Join(' ', texts);
    }

    private static IEnumerable<string?> Outcomes(Answer promotion) => promotion.At("flags").EnumerateArray().Select(flag => flag.GetProperty("outcome").GetString());

    private async Task<string> CreateAsync(params string[] flags)
    {
        var project = await server.CreateProjectAsync();
        foreach (var key in flags)
            await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" }, 201);
        return project;
    }

    private Task<Answer> ConfigureAsync(string project, string flag, string environment, object configuration) =>
        server.Admin.PutAsync($"{project}/flags/{flag}/environments/{environment}", configuration, 200, ("If-Match", "*"));
}
