using System.Text;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class ResourceTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_project_begins_with_environments_and_safety_tags_and_goes_with_all_it_has()
    {
        var project = await server.CreateProjectAsync();
        var environments = await server.Admin.GetAsync($"{project}/environments");
        Assert.Equal(["prod", "stage", "dev"], environments.At("items").EnumerateArray().Select(row => row.GetProperty("key").GetString()));
        Assert.Equal("3", (await server.Admin.GetAsync($"{project}/tags")).Get("total"));
        var read = await server.Admin.GetAsync(project);
        var patched = await server.Admin.PatchAsync(project, new { description = "new" }, 200, ("If-Match", read.ETag!));
        Assert.Equal("new", patched.Get("description"));
        Assert.Equal("precondition_failed", (await server.Admin.PatchAsync(project, new { description = "late" }, 412, ("If-Match", read.ETag!))).Code);
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/segments", new { key = "s", included = new[] { "u" } });
        await server.Admin.DeleteAsync(project, 204);
        await server.Admin.GetAsync(project, 404);
    }

    [Fact]
    public async Task Environments_are_added_ordered_and_removed_but_the_last()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/environments", new { key = "qa", color = "#123456", critical = true }, 201);
        await server.Admin.PostAsync($"{project}/environments", new { key = "bad", color = "red" }, 400);
        Assert.Contains("qa", (await server.Admin.GetAsync($"{project}/flags/f")).At("environments").EnumerateObject().Select(member => member.Name));
        await server.Admin.PostAsync($"{project}/environments/order", new { keys = new[] { "qa", "prod" } }, 400);
        var ordered = await server.Admin.PostAsync($"{project}/environments/order", new { keys = new[] { "qa", "dev", "stage", "prod" } });
        Assert.Equal("qa", ordered.Get("items", "0", "key"));
        foreach (var key in new[] { "qa", "dev", "stage" })
            await server.Admin.DeleteAsync($"{project}/environments/{key}", 204);
        Assert.Equal("last_environment", (await server.Admin.DeleteAsync($"{project}/environments/prod", 409)).Code);
    }

    [Fact]
    public async Task Labels_and_attributes_are_kept_and_refused_to_go_while_in_use()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/categories", new { key = "c", kind = "system" }, 400);
        await server.Admin.PostAsync($"{project}/categories", new { key = "c", kind = "domain", description = "d" }, 201);
        await server.Admin.PostAsync($"{project}/tags", new { key = "t", color = "#00ff00" }, 201);
        await server.Admin.PostAsync($"{project}/attributes", new { name = "country", type = "string", values = new[] { "DE" } }, 201);
        var unknown = await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean", category = "x", tags = new[] { "t", "y" } }, 400);
        Assert.Equal("/category", unknown.Get("errors", "0", "path"));
        Assert.Equal("/tags/1", unknown.Get("errors", "1", "path"));
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean", category = "c", tags = new[] { "t" } });
        Assert.Equal("f", (await server.Admin.DeleteAsync($"{project}/categories/c", 409)).Get("usedBy", "0", "key"));
        Assert.Equal("in_use", (await server.Admin.DeleteAsync($"{project}/tags/t", 409)).Code);
        Assert.Equal("read_only", (await server.Admin.DeleteAsync($"{project}/tags/critical", 409)).Code);
        await server.Admin.PatchAsync($"{project}/flags/f", """{"category":null,"tags":[]}""");
        await server.Admin.DeleteAsync($"{project}/categories/c", 204);
        await server.Admin.DeleteAsync($"{project}/tags/t", 204);
        Assert.Equal("semver", (await server.Admin.PatchAsync($"{project}/attributes/country", new { type = "semver" })).Get("type"));
        await server.Admin.DeleteAsync($"{project}/attributes/country", 204);
    }

    [Fact]
    public async Task Segments_say_where_they_are_used_and_never_lead_back_to_themselves()
    {
        var project = await server.CreateProjectAsync();
        var segments = $"{project}/segments";
        await server.Admin.PostAsync(segments, new { key = "a", included = new[] { "u1", "u2" }, @if = new { attribute = "plan", @operator = "eq", value = "pro" } }, 201);
        await server.Admin.PostAsync(segments, new { key = "b", @if = new { segment = "a" } }, 201);
        var circle = await server.Admin.PutAsync($"{segments}/a", new { name = "A", @if = new { segment = "b" } }, 400);
        Assert.Equal("cycle", circle.Get("errors", "0", "code"));
        Assert.Equal("/if", circle.Get("errors", "0", "path"));
        await server.Admin.PostAsync(segments, new { key = "with:colon" }, 400);
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PutAsync($"{project}/flags/f/environments/dev", new { rules = new[] { new { @if = new { segment = "a" }, then = new { variant = "on" } } }, @default = new { variant = "off" } }, 200, ("If-Match", "*"));
        var inUse = await server.Admin.DeleteAsync($"{segments}/a", 409);
        Assert.Equal(["f", "b"], inUse.At("usedBy").EnumerateArray().Select(use => use.GetProperty("key").GetString()));
        var view = await server.Admin.GetAsync($"{segments}/a");
        Assert.Equal("dev", view.Get("usedBy", "flags", "0", "environments", "0"));
        Assert.Equal("b", view.Get("usedBy", "segments", "0"));
        Assert.Equal("2", view.Get("includedCount"));
        await server.Admin.PutAsync($"{segments}/b", new { name = "B" });
        await server.Admin.DeleteAsync($"{segments}/b", 204);
    }

    [Fact]
    public async Task A_list_of_a_hundred_thousand_keys_is_uploaded_and_counted_once()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "s" });
        var keys = $"{project}/segments/s/keys";
        var text = new StringBuilder();
        for (var i = 0; i < 100_000; i++)
            text.Append("user-").Append(i).Append('\n');
        text.Append("user-1\n\n  user-2  \r\n");
        var uploaded = await server.Admin.PutAsync($"{keys}?list=included", new StringContent(text.ToString(), Encoding.UTF8, "text/plain"));
        Assert.Equal("100000", uploaded.Get("includedCount"));
        var edited = await server.Admin.PostAsync(keys, new { list = "included", add = new[] { "new" }, remove = new[] { "user-1", "never" } });
        Assert.Equal("100000", edited.Get("includedCount"));
        var page = await server.Admin.GetAsync($"{keys}?list=included&search=USER-9999&limit=5");
        Assert.Equal("11", page.Get("total"));
        Assert.Equal(5, page.At("items").GetArrayLength());
        Assert.Equal(6, (await server.Admin.GetAsync($"{keys}?list=included&search=USER-9999&limit=10&cursor={page.Get("nextCursor")}")).At("items").GetArrayLength());
        await server.Admin.PutAsync($"{keys}?list=nope", new StringContent("x", Encoding.UTF8, "text/plain"), 400);
        await server.Admin.PutAsync(keys, new StringContent(new string('x', 600), Encoding.UTF8, "text/plain"), 400);
        await server.Admin.PutAsync(keys, new ByteArrayContent([0xff, 0xfe, 0x80]) { Headers = { ContentType = new("text/plain") } }, 400);
    }

    [Fact]
    public async Task Pages_stay_where_they_are_when_rows_come_in_between()
    {
        var project = await server.CreateProjectAsync();
        for (var i = 0; i < 10; i++)
            await server.Admin.PostAsync($"{project}/flags", new { key = $"k{i}", name = i % 2 == 0 ? "even" : "odd_%", type = "boolean", environments = new { prod = new { enabled = i < 3 } } });
        foreach (var sort in new[] { "key", "-key", "name", "-name", "createdAt", "-updatedAt" })
        {
            var first = await server.Admin.GetAsync($"{project}/flags?limit=4&sort={sort}");
            Assert.Equal("10", first.Get("total"));
            await server.Admin.PostAsync($"{project}/flags", new { key = "a-first", type = "boolean", name = "a" });
            var second = await server.Admin.GetAsync($"{project}/flags?limit=200&sort={sort}&cursor={first.Get("nextCursor")}");
            await server.Admin.PostAsync($"{project}/flags/a-first/archive");
            await server.Admin.DeleteAsync($"{project}/flags/a-first", 204);
            var keys = first.At("items").EnumerateArray().Concat(second.At("items").EnumerateArray()).Select(row => row.GetProperty("key").GetString()).Where(key => key != "a-first").ToList();
            Assert.Equal(10, keys.Count);
            Assert.Equal(10, keys.Distinct().Count());
            await server.Admin.GetAsync($"{project}/flags?sort=kind", 400);
            await server.Admin.GetAsync($"{project}/flags?sort={(sort == "key" ? "name" : "key")}&cursor={first.Get("nextCursor")}", 400);
        }
        Assert.Equal("5", (await server.Admin.GetAsync($"{project}/flags?search=ODD_%25")).Get("total"));
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/flags?search=even_")).Get("total"));
        Assert.Equal("3", (await server.Admin.GetAsync($"{project}/flags?environment=prod&enabled=true")).Get("total"));
        Assert.Equal("7", (await server.Admin.GetAsync($"{project}/flags?environment=prod&enabled=false&type=boolean&kind=release")).Get("total"));
        foreach (var bad in new[] { "limit=0", "limit=201", "limit=x", "cursor=zzz", "type=colour", "enabled=true", "archived=maybe" })
            await server.Admin.GetAsync($"{project}/flags?{bad}", 400);
    }

    [Fact]
    public async Task Every_change_is_one_audit_entry_and_a_revision_where_the_snapshot_changes()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "s" });
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var flag = $"{project}/flags/f";
        foreach (var (what, change, revisions) in new (string, Func<Task>, int)[]
        {
            ("toggle", () => server.Admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true }), 1),
            ("toggle again", () => server.Admin.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true }), -1),
            ("configure", () => server.Admin.PutAsync($"{flag}/environments/prod", new { @default = new { variant = "off" } }, 200, ("If-Match", "*")), 1),
            ("rename", () => server.Admin.PatchAsync(flag, new { name = "Another" }), 0),
            ("visible", () => server.Admin.PatchAsync(flag, new { clientVisible = true }), 3),
            ("kill", () => server.Admin.PostAsync($"{flag}/kill", new { reason = "x" }), 3),
            ("revive", () => server.Admin.PostAsync($"{flag}/revive", new { reason = "x", environments = new[] { "dev" } }), 1),
            ("segment", () => server.Admin.PutAsync($"{project}/segments/s", new { name = "S", included = new[] { "u" } }), 3),
            ("segment keys", () => server.Admin.PostAsync($"{project}/segments/s/keys", new { list = "excluded", add = new[] { "v" } }), 3),
            ("tag", () => server.Admin.PostAsync($"{project}/tags", new { key = "t" }), 0),
            ("attribute", () => server.Admin.PostAsync($"{project}/attributes", new { name = "a", type = "string" }), 0),
            ("key", () => server.Admin.PostAsync($"{project}/environments/prod/keys", new { name = "k", kind = "server" }), 0),
            ("archive", () => server.Admin.PostAsync($"{flag}/archive"), 3),
            ("delete", () => server.Admin.DeleteAsync(flag), 0),
            ("refused", () => server.Admin.PostAsync($"{project}/flags", new { key = "!" , type = "boolean" }, 400), -1),
        })
        {
            var (entries, before) = (await server.CountAsync("SELECT count(*) FROM audit_entries"), await server.CountAsync("SELECT count(*) FROM environment_revisions"));
            await change();
            Assert.True(entries + (revisions < 0 ? 0 : 1) == await server.CountAsync("SELECT count(*) FROM audit_entries"), $"{what}: audit entries");
            Assert.True(before + Math.Max(0, revisions) == await server.CountAsync("SELECT count(*) FROM environment_revisions"), $"{what}: revisions");
        }
    }

    [Fact]
    public async Task The_same_idempotency_key_runs_a_request_once_even_at_the_same_time()
    {
        var project = await server.CreateProjectAsync();
        var body = new { key = "once", type = "boolean" };
        var answers = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => server.Admin.PostAsync($"{project}/flags", body, 201, ("Idempotency-Key", "k-1"))));
        Assert.Single(answers.Select(answer => answer.Json.GetRawText()).Distinct());
        Assert.Single(answers.Select(answer => answer.ETag).Distinct());
        Assert.Equal(7, answers.Count(answer => answer.Response.Headers.Contains("Idempotency-Replayed")));
        Assert.Equal("idempotency_conflict", (await server.Admin.PostAsync($"{project}/flags", new { key = "twice", type = "boolean" }, 409, ("Idempotency-Key", "k-1"))).Code);
        await server.Admin.PostAsync($"{project}/flags", "{", 400, ("Idempotency-Key", "k-2"));
        await server.Admin.PostAsync($"{project}/flags", new { key = "after", type = "boolean" }, 201, ("Idempotency-Key", "k-2"));
        await server.Admin.PostAsync($"{project}/flags", body, 400, ("Idempotency-Key", new string('k', 101)));
    }

    [Fact]
    public async Task Changes_without_a_version_that_meet_are_made_one_after_the_other()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await Task.WhenAll(Enumerable.Range(0, 4).Select(i => server.Admin.PatchAsync($"{project}/flags/f", new { name = $"Name {i}" })));
        Assert.Equal("5", (await server.Admin.GetAsync($"{project}/flags/f")).Get("version"));
    }

    [Fact]
    public async Task The_reason_of_a_change_comes_from_its_header_where_the_body_has_none()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/tags", new { key = "t" }, 201, ("Togglr-Reason", "because"));
        var entry = await server.Admin.GetAsync($"/api/v1/orgs/default/audit?action=tag.created&project={project.Split('/')[^1]}&limit=1");
        Assert.Equal("because", entry.Get("items", "0", "reason"));
        Assert.Equal("Administrator", entry.Get("items", "0", "actor", "name"));
        await server.Admin.PostAsync($"{project}/tags", new { key = "u", reason = new string('x', 1001) }, 400);
    }
}
