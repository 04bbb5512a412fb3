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
