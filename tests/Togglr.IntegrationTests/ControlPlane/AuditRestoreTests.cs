using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class AuditRestoreTests(ControlPlaneServer server)
{
    private const string Audit = "/api/v1/orgs/default/audit";

    private async Task<string> EntryAsync(string project, string query) =>
        (await server.Admin.GetAsync($"{Audit}?project={project.Split('/')[^1]}&{query}")).Get("items", "0", "id");

    [Fact]
    public async Task A_configuration_comes_back_after_a_dry_run_that_changed_nothing()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var state = $"{project}/flags/f/environments/prod";
        await server.Admin.PutAsync(state, new { @default = new { variant = "off" }, enabled = true }, 200, ("If-Match", "*"), ("Togglr-Reason", "wanted"));
        var wanted = await EntryAsync(project, "search=wanted");
        await server.Admin.PutAsync(state, new { @default = new { variant = "on" }, enabled = false }, 200, ("If-Match", "*"));

        var dry = await server.Admin.PostAsync($"{Audit}/{wanted}/restore", new { dryRun = true });
        Assert.False(dry.At("applied").GetBoolean());
        string[] Paths(Answer answer) => [.. answer.At("changes").EnumerateArray().Select(change => change.GetProperty("path").GetString()!)];
        Assert.Equal(["flags/f/environments/prod/default/variant", "flags/f/environments/prod/enabled"], Paths(dry).Order());
        Assert.Equal("on", (await server.Admin.GetAsync(state)).Get("default", "variant"));

        var done = await server.Admin.PostAsync($"{Audit}/{wanted}/restore", new { reason = "back again" });
        Assert.True(done.At("applied").GetBoolean());
        Assert.Equal(Paths(dry), Paths(done));
        var restored = await server.Admin.GetAsync(state);
        Assert.Equal(("off", true), (restored.Get("default", "variant"), restored.At("enabled").GetBoolean()));
        var entry = (await server.Admin.GetAsync($"{Audit}?project={project.Split('/')[^1]}&limit=1")).At("items", "0");
        Assert.Equal(("flag.reverted", "back again", "prod"), (entry.GetProperty("action").GetString(), entry.GetProperty("reason").GetString(), entry.GetProperty("environment").GetString()));
        Assert.False((await server.Admin.PostAsync($"{Audit}/{wanted}/restore")).At("applied").GetBoolean());
        var undone = await server.Admin.PostAsync($"{Audit}/{wanted}/restore", new { to = "before" });
        Assert.Equal("on", (await server.Admin.GetAsync(state)).Get("default", "variant"));
        Assert.True(undone.At("applied").GetBoolean());
    }

    [Fact]
    public async Task A_deleted_flag_comes_back_with_its_configuration()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "string", name = "Colour", variants = new[] { new { key = "red", value = "#f00" }, new { key = "blue", value = "#00f" } } });
        await server.Admin.PutAsync($"{project}/flags/f/environments/stage", new { @default = new { variant = "blue" }, enabled = true }, 200, ("If-Match", "*"));
        await server.Admin.PostAsync($"{project}/flags/f/archive");
        await server.Admin.DeleteAsync($"{project}/flags/f", 204);
        var deletion = await EntryAsync(project, "action=flag.deleted");
        Assert.Equal("not_restorable", (await server.Admin.PostAsync($"{Audit}/{deletion}/restore", new { to = "after" }, 409)).Code);
        await server.Admin.PostAsync($"{Audit}/{deletion}/restore");
        var flag = await server.Admin.GetAsync($"{project}/flags/f");
        Assert.Equal(("Colour", "string"), (flag.Get("name"), flag.Get("type")));
        Assert.NotEqual("", flag.Get("archivedAt"));
        await server.Admin.PostAsync($"{project}/flags/f/restore");
        Assert.Equal("blue", (await server.Admin.GetAsync($"{project}/flags/f/environments/stage")).Get("default", "variant"));
    }

    [Fact]
    public async Task Variants_change_back_only_where_nothing_needs_them()
    {
        var project = await server.CreateProjectAsync();
        object Variants(params string[] keys) => keys.Select(key => new { key, value = key });
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "string", variants = Variants("a", "b") });
        var created = await EntryAsync(project, "action=flag.created");
        await server.Admin.PatchAsync($"{project}/flags/f", new { variants = Variants("a", "b", "c"), name = "New" });
        var widened = await EntryAsync(project, "action=flag.updated");
        await server.Admin.PutAsync($"{project}/flags/f/environments/prod", new { @default = new { variant = "c" } }, 200, ("If-Match", "*"));
        Assert.Equal("in_use", (await server.Admin.PostAsync($"{Audit}/{widened}/restore", new { to = "before" }, 409)).Code);
        // The entry about the creation tells of all environments, so nothing needs the third variant any more.
        await server.Admin.PostAsync($"{Audit}/{created}/restore");
        Assert.Equal(2, (await server.Admin.GetAsync($"{project}/flags/f")).At("variants").GetArrayLength());
    }

    [Fact]
    public async Task What_refers_to_something_that_is_gone_is_refused_with_a_reason()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", @if = new { attribute = "a", @operator = "eq", value = "x" } });
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var rules = new { rules = new[] { new { @if = new { segment = "s" }, then = new { variant = "off" } } }, @default = new { variant = "on" } };
        await server.Admin.PutAsync($"{project}/flags/f/environments/prod", rules, 200, ("If-Match", "*"), ("Togglr-Reason", "with-segment"));
        var entry = await EntryAsync(project, "search=with-segment");
        await server.Admin.PutAsync($"{project}/flags/f/environments/prod", new { @default = new { variant = "on" } }, 200, ("If-Match", "*"));
        await server.Admin.DeleteAsync($"{project}/segments/s", 204);
        Assert.Equal("not_restorable", (await server.Admin.PostAsync($"{Audit}/{entry}/restore", new { }, 409)).Code);

        await server.Admin.PostAsync($"{Audit}/{await EntryAsync(project, "action=segment.deleted")}/restore");
        Assert.Equal("a", (await server.Admin.GetAsync($"{project}/segments/s")).Get("if", "attribute"));
        await server.Admin.PostAsync($"{Audit}/{entry}/restore");

        await server.Admin.PostAsync($"{project}/segments/s/keys", new { list = "included", add = new[] { "u" } });
        Assert.Equal("not_restorable", (await server.Admin.PostAsync($"{Audit}/{await EntryAsync(project, "entity=segment")}/restore", new { }, 409)).Code);
        await server.Admin.DeleteAsync($"{project}/environments/prod", 204);
        Assert.Equal("not_restorable", (await server.Admin.PostAsync($"{Audit}/{entry}/restore", new { }, 409)).Code);
        await server.Admin.PostAsync($"{Audit}/{Guid.Empty}/restore", new { }, 404);
    }

    [Fact]
    public async Task Small_things_change_back_and_labels_come_back()
    {
        var project = await server.CreateProjectAsync();
        foreach (var (list, key, created, change, member) in new[]
        {
            ("tags", "t", (object)new { key = "t", name = "First", color = "#112233" }, (object)new { name = "Second" }, "name"),
            ("categories", "c", new { key = "c", name = "First" }, new { name = "Second" }, "name"),
            ("attributes", "a", new { name = "a", type = "string", description = "First" }, new { description = "Second" }, "description"),
            ("environments", "dev", new { }, new { name = "Second" }, "name"),
        })
        {
            if (list != "environments")
                await server.Admin.PostAsync($"{project}/{list}", created);
            var first = (await server.Admin.GetAsync($"{project}/{list}/{key}")).Get(member);
            await server.Admin.PatchAsync($"{project}/{list}/{key}", change);
            var update = await EntryAsync(project, "");
            await server.Admin.PostAsync($"{Audit}/{update}/restore", new { to = "before" });
            Assert.Equal(first, (await server.Admin.GetAsync($"{project}/{list}/{key}")).Get(member));
            await server.Admin.DeleteAsync($"{project}/{list}/{key}", 204);
            var deletion = await EntryAsync(project, "");
            var back = await server.Admin.PostAsync($"{Audit}/{deletion}/restore", new { }, list == "environments" ? 409 : 200);
            if (list != "environments")
                Assert.Equal(first, (await server.Admin.GetAsync($"{project}/{list}/{key}")).Get(member));
            else
                Assert.Equal("not_restorable", back.Code);
        }

        await server.Admin.PatchAsync(project, new { description = "new" });
        await server.Admin.PostAsync($"{Audit}/{await EntryAsync(project, "action=project.updated")}/restore", new { to = "before" });
        Assert.Equal("", (await server.Admin.GetAsync(project)).Get("description"));
    }

    [Fact]
    public async Task Reading_the_log_is_not_enough_to_restore()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PatchAsync(project, new { description = "new" });
        var entry = await EntryAsync(project, "action=project.updated");
        // Members read the log and change flags, but not projects.
        var member = await server.CreateMemberAsync("default", BuiltInRole.Member);
        await member.PostAsync($"{Audit}/{entry}/restore", new { to = "before", dryRun = true }, 403);
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.PostAsync($"{Audit}/{entry}/restore", new { to = "before" }, 403);
        var stranger = await server.CreateMemberAsync("elsewhere", BuiltInRole.Owner);
        await stranger.PostAsync($"{Audit}/{entry}/restore", new { to = "before" }, 404);
    }
}
