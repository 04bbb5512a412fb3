namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>Flags carried over from one project to another.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ProjectPromotionTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_flag_that_the_other_project_lacks_is_created_there_and_each_end_names_the_other()
    {
        var (from, to) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await server.Admin.PostAsync($"{from}/tags", new { key = "here-only" });
        await server.Admin.PostAsync($"{from}/flags", new
        {
            key = "colour", type = "string", name = "Colour", tags = new[] { "here-only" }, clientVisible = true,
            variants = new[] { new { key = "red", value = "#f00" }, new { key = "blue", value = "#00f" } }, offVariant = "blue",
        }, 201);
        await ConfigureAsync(from, "colour", "stage", new { rules = new[] { new { name = "Beta", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "red" } } }, @default = new { variant = "blue" }, enabled = true });

        var comparison = await server.Admin.GetAsync($"{to}/environments/dev/compare?from=stage&fromProject={Key(from)}");
        Assert.Equal((Key(from), "stage", "dev"), (comparison.Get("fromProject"), comparison.Get("from"), comparison.Get("to")));
        Assert.Equal("", comparison.Get("flags", "0", "to"));
        Assert.Equal("red", comparison.Get("flags", "0", "from", "variants", "0", "key"));

        var promote = $"{to}/environments/dev/promote";
        var rehearsal = await server.Admin.PostAsync(promote, new { fromProject = Key(from), from = "stage", dryRun = true });
        Assert.Equal(("created", "False"), (rehearsal.Get("flags", "0", "outcome"), rehearsal.Get("applied")));
        await server.Admin.GetAsync($"{to}/flags/colour", 404);
        var done = await server.Admin.PostAsync(promote, new { fromProject = Key(from), from = "stage", reason = "shared", fromRevision = long.Parse(rehearsal.Get("fromRevision")) });
        Assert.Equal("True", done.Get("applied"));

        var flag = await server.Admin.GetAsync($"{to}/flags/colour");
        Assert.Equal(("Colour", "string", "blue", "True"), (flag.Get("name"), flag.Get("type"), flag.Get("offVariant"), flag.Get("clientVisible")));
        Assert.Equal(0, flag.At("tags").GetArrayLength());
        Assert.Equal(("True", "Beta"), (await EnabledAsync(to, "colour", "dev"), (await server.Admin.GetAsync($"{to}/flags/colour/environments/dev")).Get("rules", "0", "name")));
        Assert.Equal("False", await EnabledAsync(to, "colour", "prod"));
        Assert.Equal("1", (await server.Admin.GetAsync($"{to}/environments/dev/compare?from=stage&fromProject={Key(from)}")).Get("same"));

        var here = await EntryAsync(to, "flag.promoted");
        Assert.Equal((Key(from), "stage", "colour", done.Get("fromRevision")), Link(here, "from"));
        Assert.Equal("shared", here.Get("reason"));
        var there = await EntryAsync(from, "flag.promoted_on");
        Assert.Equal((Key(to), "dev", "colour", ""), Link(there, "to"));
        Assert.Equal(("stage", here.Get("requestId")), (there.Get("environment"), there.Get("requestId")));
        // What only names the other end has nothing to restore, what was created can be taken back, and the chain holds.
        Assert.Equal("not_restorable", (await server.Admin.PostAsync($"/api/v1/orgs/default/audit/{there.Get("id")}/restore", new { to = "after" }, 409)).Code);
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
    }

    [Fact]
    public async Task Variants_are_replaced_when_asked_for_and_not_while_they_are_in_use()
    {
        var (from, to) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await server.Admin.PostAsync($"{from}/flags", new { key = "size", type = "number", variants = new[] { new { key = "s", value = 1 }, new { key = "m", value = 2 } } }, 201);
        await server.Admin.PostAsync($"{to}/flags", new { key = "size", type = "number", variants = new[] { new { key = "s", value = 1 }, new { key = "xl", value = 9 } } }, 201);
        await ConfigureAsync(to, "size", "dev", new { rules = Array.Empty<object>(), @default = new { variant = "xl" } });
        var promote = $"{to}/environments/dev/promote";
        object Wish(string policy, bool dryRun = false) => new { fromProject = Key(from), from = "dev", conflictPolicy = policy, dryRun };
        Assert.Equal("conflict", (await server.Admin.PostAsync(promote, Wish("fail", dryRun: true))).Get("flags", "0", "outcome"));
        Assert.Contains("\"variants\"", (await server.Admin.PostAsync(promote, Wish("skip"))).At("flags", "0", "differences").GetRawText(), StringComparison.Ordinal);

        // Another environment still serves what would go: nothing happens, and it is said where.
        await ConfigureAsync(to, "size", "prod", new { rules = Array.Empty<object>(), @default = new { variant = "xl" } });
        var used = await server.Admin.PostAsync(promote, Wish("overwrite", dryRun: true), 409);
        Assert.StartsWith("size: ", used.Get("detail"), StringComparison.Ordinal);
        Assert.Contains("prod", used.Get("detail"), StringComparison.Ordinal);
        await ConfigureAsync(to, "size", "prod", new { rules = Array.Empty<object>(), @default = new { variant = "s" } });
        Assert.Equal("overwritten", (await server.Admin.PostAsync(promote, Wish("overwrite"))).Get("flags", "0", "outcome"));
        Assert.Equal("m", (await server.Admin.GetAsync($"{to}/flags/size")).Get("variants", "1", "key"));
        Assert.Equal("unchanged", (await server.Admin.PostAsync(promote, Wish("fail"))).Get("flags", "0", "outcome"));
    }

    [Fact]
    public async Task What_a_promotion_created_goes_again_and_variants_come_back_unless_somebody_was_there()
    {
        var (from, to) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await server.Admin.PostAsync($"{from}/segments", new { key = "people", included = new[] { "ann" } }, 201);
        await server.Admin.PostAsync($"{from}/segments", new { key = "staff", @if = new { segment = "people" } }, 201);
        foreach (var key in new[] { "base", "user" })
            await server.Admin.PostAsync($"{from}/flags", new { key, type = "boolean" }, 201);
        await ConfigureAsync(from, "user", "dev", new
        {
            prerequisites = new[] { new { flag = "base", variants = new[] { "on" } } }, rules = new[] { new { @if = new { segment = "staff" }, then = new { variant = "on" } } }, @default = new { variant = "off" },
        });
        await server.Admin.PostAsync($"{from}/flags", new { key = "size", type = "number", variants = new[] { new { key = "s", value = 1 }, new { key = "m", value = 2 } } }, 201);
        await server.Admin.PostAsync($"{to}/flags", new { key = "size", type = "number", variants = new[] { new { key = "s", value = 1 }, new { key = "xl", value = 9 } } }, 201);
        await ConfigureAsync(to, "size", "dev", new { @default = new { variant = "xl" } });
        var before = (await server.Admin.GetAsync($"{to}/flags/size")).At("variants").GetRawText();

        var (promote, undo) = ($"{to}/environments/dev/promote", $"{to}/environments/dev/promote/undo");
        async Task<object> PromoteAsync()
        {
            var done = await server.Admin.PostAsync(promote, new { fromProject = Key(from), from = "dev", createSegments = true, conflictPolicy = "overwrite" });
            var flags = done.At("flags").EnumerateArray().ToList();
            Assert.Equal(["created", "overwritten", "created"], flags.Select(flag => flag.GetProperty("outcome").GetString()));
            return new
            {
                flags = flags.ToDictionary(flag => flag.GetProperty("flag").GetString()!, flag => flag.GetProperty("version").GetInt32()),
                flagVersions = flags.ToDictionary(flag => flag.GetProperty("flag").GetString()!, flag => flag.GetProperty("flagVersion").GetInt32()),
                segments = done.At("createdSegments").EnumerateArray().Select(key => key.GetString()),
            };
        }

        var traces = await PromoteAsync();
        Assert.NotEqual(before, (await server.Admin.GetAsync($"{to}/flags/size")).At("variants").GetRawText());
        var undone = await server.Admin.PostAsync(undo, traces);
        Assert.Equal(("""["base","size","user"]""", """["base","user"]""", """["people","staff"]"""), (undone.At("flags").GetRawText(), undone.At("removed").GetRawText(), undone.At("removedSegments").GetRawText()));
        foreach (var gone in new[] { "flags/base", "flags/user", "segments/people", "segments/staff" })
            await server.Admin.GetAsync($"{to}/{gone}", 404);
        Assert.Equal((before, "xl"), ((await server.Admin.GetAsync($"{to}/flags/size")).At("variants").GetRawText(), (await server.Admin.GetAsync($"{to}/flags/size/environments/dev")).Get("default", "variant")));
        Assert.Contains((await EntryAsync(to, "flag.deleted")).Get("entityKey"), new[] { "base", "user" });
        Assert.Equal("changed_meanwhile", (await server.Admin.PostAsync(undo, traces, 409)).Code);

        // Once somebody has set a part of it up elsewhere, renamed it, scheduled something or filled a list, everything stays, and it is said why.
        foreach (var (change, why) in new (Func<Task>, string)[]
        {
            (() => server.Admin.PostAsync($"{to}/flags/user/environments/prod/toggle", new { enabled = true }), "user was set up in prod."),
            (() => server.Admin.PatchAsync($"{to}/flags/base", new { name = "Base" }), "base was changed."),
            (() => server.Admin.PostAsync($"{to}/flags/base/environments/prod/schedules", new { name = "s", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, 201), "base has schedules."),
            (() => server.Admin.PostAsync($"{to}/segments/people/keys", new { list = "included", add = new[] { "bob" } }), "The segment people was changed."),
        })
        {
            traces = await PromoteAsync();
            await change();
            var refused = await server.Admin.PostAsync(undo, traces, 409);
            Assert.Equal(("changed_meanwhile", why), (refused.Code, refused.Get("errors", "0", "message")));
            await server.Admin.GetAsync($"{to}/flags/user");
            await ClearAsync(to);
        }

        // What others need by now stays as well.
        traces = await PromoteAsync();
        await server.Admin.PostAsync($"{to}/flags", new { key = "later", type = "boolean" }, 201);
        await ConfigureAsync(to, "later", "prod", new { prerequisites = new[] { new { flag = "base", variants = new[] { "on" } } }, @default = new { variant = "on" } });
        await server.Admin.PostAsync(undo, traces, 409);
        await server.Admin.GetAsync($"{to}/flags/base");
        // Whoever does not say which version of the flag they saw has not seen it.
        await server.Admin.DeleteAsync($"{to}/flags/later", 409);
        await server.Admin.PostAsync(undo, new { flags = new Dictionary<string, int> { ["user"] = 1 } }, 409);
    }

    [Fact]
    public async Task What_cannot_be_carried_over_is_named_before_anything_happens()
    {
        var (from, to) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await server.Admin.PostAsync($"{from}/segments", new { key = "people", included = new[] { "ann", "bob" }, excluded = new[] { "eve" } }, 201);
        await server.Admin.PostAsync($"{from}/segments", new { key = "staff", name = "Staff", @if = new { segment = "people" } }, 201);
        foreach (var key in new[] { "base", "user" })
            await server.Admin.PostAsync($"{from}/flags", new { key, type = "boolean" }, 201);
        await ConfigureAsync(from, "user", "dev", new
        {
            prerequisites = new[] { new { flag = "base", variants = new[] { "on" } } },
            rules = new[] { new { @if = new { segment = "staff" }, then = new { variant = "on" } } }, @default = new { variant = "off" },
        });
        var promote = $"{to}/environments/dev/promote";
        var refused = await server.Admin.PostAsync(promote, new { fromProject = Key(from), from = "dev", flags = new[] { "user" } }, 400);
        Assert.Equal(("unknown_segment", "unknown_segment", "unknown_flag"), (refused.Get("errors", "0", "code"), refused.Get("errors", "1", "code"), refused.Get("errors", "2", "code")));
        await server.Admin.GetAsync($"{to}/flags/user", 404);
        // Together both flags come, and the segments where that is asked for, those that segments need too.
        Assert.Equal("unknown_segment", (await server.Admin.PostAsync(promote, new { fromProject = Key(from), from = "dev" }, 400)).Get("errors", "0", "code"));
        object all = new { fromProject = Key(from), from = "dev", createSegments = true };
        var narrow = await JoinAsync(new { role = "viewer", project = Key(from) }, new { role = "manager", project = Key(to), environment = "dev" });
        await narrow.PostAsync(promote, all, 403);
        var done = await server.Admin.PostAsync(promote, all);
        Assert.Equal("""["people","staff"]""", string.Concat("[", string.Join(',', done.At("createdSegments").EnumerateArray().Select(key => key.GetRawText()).Order(StringComparer.Ordinal)), "]"));
        var people = await server.Admin.GetAsync($"{to}/segments/people");
        Assert.Equal(("2", "1"), (people.Get("includedCount"), people.Get("excludedCount")));
        Assert.Equal(("Staff", "people"), ((await server.Admin.GetAsync($"{to}/segments/staff")).Get("name"), (await server.Admin.GetAsync($"{to}/segments/staff")).Get("if", "segment")));
        Assert.Equal("segment", (await EntryAsync(to, "segment.created")).Get("entity"));

        // A flag of another type, and an archived one, is left alone or in the way, never replaced.
        await server.Admin.PostAsync($"{from}/flags", new { key = "typed", type = "string", variants = new[] { new { key = "a", value = "a" }, new { key = "b", value = "b" } } }, 201);
        await server.Admin.PostAsync($"{to}/flags", new { key = "typed", type = "boolean" }, 201);
        await server.Admin.PostAsync($"{to}/flags/base/archive", new { }, 409);
        object Typed(string policy) => new { fromProject = Key(from), from = "dev", flags = new[] { "typed" }, conflictPolicy = policy };
        Assert.Equal("promotion_conflict", (await server.Admin.PostAsync(promote, Typed("overwrite"), 409)).Code);
        Assert.Equal("skipped", (await server.Admin.PostAsync(promote, Typed("skip"))).Get("flags", "0", "outcome"));
        Assert.Equal("boolean", (await server.Admin.GetAsync($"{to}/flags/typed")).Get("type"));
    }

    [Fact]
    public async Task Nobody_takes_from_a_project_that_they_may_not_see_nor_creates_without_the_right()
    {
        var (from, to) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        await server.Admin.PostAsync($"{from}/flags", new { key = "secret", type = "boolean" }, 201);
        var person = await JoinAsync(new { role = "manager", project = Key(to) });
        foreach (var (project, environment) in new[] { (Key(from), "dev"), ("nowhere", "dev"), (Key(to), "dev") })
        {
            await person.PostAsync($"{to}/environments/dev/promote", new { fromProject = project, from = environment }, 400);
            await person.GetAsync($"{to}/environments/dev/compare?from={environment}&fromProject={project}", 400);
        }
        var narrow = await JoinAsync(new { role = "viewer", project = Key(from) }, new { role = "manager", project = Key(to), environment = "dev" });
        var refused = await narrow.PostAsync($"{to}/environments/dev/promote", new { fromProject = Key(from), from = "dev" }, 403);
        Assert.Contains("whole project", refused.Get("detail"), StringComparison.Ordinal);
        await server.Admin.GetAsync($"{to}/flags/secret", 404);
    }

    /// <summary>Takes everything away that a promotion brings.</summary>
    private async Task ClearAsync(string project)
    {
        foreach (var flag in new[] { "user", "base" })
        {
            await server.Admin.PostAsync($"{project}/flags/{flag}/archive");
            await server.Admin.DeleteAsync($"{project}/flags/{flag}", 204);
        }
        foreach (var segment in new[] { "staff", "people" })
            await server.Admin.DeleteAsync($"{project}/segments/{segment}", 204);
        await ConfigureAsync(project, "size", "dev", new { @default = new { variant = "s" } });
        await server.Admin.PatchAsync($"{project}/flags/size", new { variants = new[] { new { key = "s", value = 1 }, new { key = "xl", value = 9 } } });
    }

    private async Task<Api> JoinAsync(params object[] grants)
    {
        var email = $"{Guid.CreateVersion7():N}@example.com";
        var invitation = await server.Admin.PostAsync("/api/v1/orgs/default/invitations", new { email, grants }, 201);
        await server.Anonymous().PostAsync($"/api/v1/auth{new Uri(invitation.Get("link")).AbsolutePath}/accept", new { name = "Guest", password = "correct horse battery" }, 200);
        return await server.SignInAsync(email, "correct horse battery");
    }

    private static string Key(string project) => project[(project.LastIndexOf('/') + 1)..];

    private static (string, string, string, string) Link(Answer entry, string direction) =>
        (entry.Get("after", "promotion", direction, "project"), entry.Get("after", "promotion", direction, "environment"),
            entry.Get("after", "promotion", direction, "flag"), entry.Get("after", "promotion", direction, "revision"));

    private async Task<string> EnabledAsync(string project, string flag, string environment) => (await server.Admin.GetAsync($"{project}/flags/{flag}/environments/{environment}")).Get("enabled");

    private async Task<Answer> EntryAsync(string project, string action)
    {
        var audit = await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={Key(project)}&action={action}");
        return await server.Admin.GetAsync($"/api/v1/orgs/default/audit/{audit.Get("items", "0", "id")}");
    }

    private async Task ConfigureAsync(string project, string flag, string environment, object configuration)
    {
        var state = await server.Admin.GetAsync($"{project}/flags/{flag}/environments/{environment}");
        await server.Admin.PutAsync($"{project}/flags/{flag}/environments/{environment}", configuration, 200, ("If-Match", state.ETag!));
    }
}
