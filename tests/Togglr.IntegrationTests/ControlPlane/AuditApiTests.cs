using System.Net.Http.Headers;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class AuditApiTests(ControlPlaneServer server)
{
    private const string Audit = "/api/v1/orgs/default/audit";

    private static string KeyOf(string project) => project.Split('/')[^1];

    private async Task<string> ProjectWithHistoryAsync()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "beta-people" });
        await server.Admin.PostAsync($"{project}/flags", new { key = "dark-mode", name = "Dark mode", type = "boolean", reason = "Оплата begins" });
        await server.Admin.PutAsync($"{project}/flags/dark-mode/environments/prod", Rules("r1", "on"), 200, ("If-Match", "*"));
        await server.Admin.PutAsync($"{project}/flags/dark-mode/environments/prod", Rules("r2", "on", "r1", "off"), 200, ("If-Match", "*"), ("Togglr-Reason", "second thoughts"));
        await server.Admin.PostAsync($"{project}/flags/dark-mode/environments/prod/toggle", new { enabled = true });
        return project;
    }

    private static object Rules(params string[] idsAndVariants) => new
    {
        rules = idsAndVariants.Chunk(2).Select(pair => new { id = pair[0], @if = new { attribute = "country", @operator = "eq", value = "SE" }, then = new { variant = pair[1] } }),
        @default = new { variant = "on" },
    };

    [Fact]
    public async Task Filters_narrow_the_log_alone_and_together()
    {
        var project = KeyOf(await ProjectWithHistoryAsync());
        var me = (await server.Admin.GetAsync("/api/v1/me")).Get("id");
        async Task<int> Count(string query) => (await server.Admin.GetAsync($"{Audit}?limit=200&project={project}&{query}")).At("items").GetArrayLength();
        Assert.Equal(6, await Count(""));
        Assert.Equal(3, await Count("environment=prod"));
        Assert.Equal(4, await Count("entity=flag"));
        Assert.Equal(4, await Count("entity=flag&entityKey=dark-mode"));
        Assert.Equal(1, await Count("entityKey=beta-people"));
        Assert.Equal(2, await Count("action=flag.configured"));
        Assert.Equal(6, await Count($"actor={me}"));
        Assert.Equal(6, await Count("actor=Administrator&actorKind=user&ip=127.0.0.1"));
        Assert.Equal(0, await Count("actorKind=system"));
        Assert.Equal(0, await Count($"actor={Guid.Empty}"));
        Assert.Equal(0, await Count($"token={Guid.Empty}"));
        Assert.Equal(4, await Count("search=dark"));
        Assert.Equal(4, await Count("search=Dark-Mo"));
        Assert.Equal(1, await Count("search=%D0%BE%D0%BF%D0%BB%D0%B0"));
        Assert.Equal(1, await Count("search=thought SECOND"));
        Assert.Equal(0, await Count("search=thoughtless"));
        Assert.Equal(0, await Count("search=--"));
        Assert.Equal(4, await Count("search='%20|%20!dark:*"));
        Assert.Equal(1, await Count("action=flag.configured&environment=prod&search=thoughts&entity=flag"));
        Assert.Equal(6, await Count("from=2020-01-01T00:00:00Z&to=2120-01-01T00:00:00Z"));
        Assert.Equal(0, await Count("to=2020-01-01T00:00:00Z"));
        Assert.Equal(0, await Count("from=2120-01-01T00:00:00Z"));
        foreach (var bad in new[] { "limit=0", "limit=201", "cursor=x", "from=yesterday", "token=x", "search=%00", "actor=%00", $"search={new string('x', 201)}" })
            await server.Admin.GetAsync($"{Audit}?{bad}", 400);
    }

    [Fact]
    public async Task Pages_follow_one_another_without_gaps_and_count_honestly()
    {
        var project = KeyOf(await ProjectWithHistoryAsync());
        var seen = new List<string>();
        string? cursor = null;
        do
        {
            var page = await server.Admin.GetAsync($"{Audit}?project={project}&limit=2{(cursor is null ? "" : $"&cursor={cursor}")}");
            seen.AddRange(page.At("items").EnumerateArray().Select(item => item.GetProperty("sequence").ToString()));
            Assert.True(page.At("totalAtLeast").GetInt64() >= 2);
            cursor = page.At("nextCursor").GetString();
        }
        while (cursor is not null);
        Assert.Equal(6, seen.Distinct().Count());
        Assert.Equal(seen.OrderByDescending(long.Parse), seen);
        var all = await server.Admin.GetAsync($"{Audit}?limit=1");
        Assert.Equal(all.Get("items", "0", "sequence"), all.Get("total"));
        Assert.Equal("6", (await server.Admin.GetAsync($"{Audit}?project={project}")).Get("total"));
        Assert.Equal("", (await server.Admin.GetAsync($"{Audit}?project={project}&limit=2")).Get("total"));
    }

    [Fact]
    public async Task An_entry_tells_member_by_member_what_changed()
    {
        var project = KeyOf(await ProjectWithHistoryAsync());
        var entry = (await server.Admin.GetAsync($"{Audit}?project={project}&search=second")).At("items", "0");
        Assert.Equal("second thoughts", entry.GetProperty("reason").GetString());
        var one = await server.Admin.GetAsync($"{Audit}/{entry.GetProperty("id").GetString()}");
        string[] changes = [.. one.At("changes").EnumerateArray().Select(change => $"{change.GetProperty("path")}: {change.GetProperty("before")} → {change.GetProperty("after")}")];
        const string row = "flags/dark-mode/environments/prod";
        Assert.Equal(2, changes.Length);
        Assert.Contains($"{row}/rules/r1/then/variant: on → off", changes);
        Assert.Contains(changes, change => change.StartsWith($"{row}/rules/r2:  → {{", StringComparison.Ordinal));
        Assert.Equal("127.0.0.1", one.Get("address"));
        var toggled = (await server.Admin.GetAsync($"{Audit}?project={project}&action=flag.enabled")).At("items", "0", "changes", "0");
        Assert.Equal($"{row}/enabled False True", $"{toggled.GetProperty("path")} {toggled.GetProperty("before")} {toggled.GetProperty("after")}");
        await server.Admin.GetAsync($"{Audit}/{Guid.Empty}", 404);
    }

    [Fact]
    public async Task Who_reads_the_log_of_one_project_sees_nothing_of_others_or_of_the_organization()
    {
        var (mine, others) = (KeyOf(await ProjectWithHistoryAsync()), KeyOf(await ProjectWithHistoryAsync()));
        var reader = await CreateProjectMemberAsync(mine);
        var entries = (await reader.GetAsync($"{Audit}?limit=200")).At("items").EnumerateArray().ToList();
        Assert.Equal(6, entries.Count);
        Assert.All(entries, entry => Assert.Equal(mine, entry.GetProperty("project").GetString()));
        Assert.Equal("0", (await reader.GetAsync($"{Audit}?project={others}")).Get("total"));
        Assert.Equal("3", (await reader.GetAsync($"{Audit}?environment=prod")).Get("total"));
        var foreign = (await server.Admin.GetAsync($"{Audit}?project={others}&limit=1")).Get("items", "0", "id");
        await reader.GetAsync($"{Audit}/{foreign}", 404);
        await reader.GetAsync($"{Audit}/{entries[0].GetProperty("id")}", 200);
        Assert.Equal([mine], (await reader.GetAsync($"{Audit}/filters")).At("projects").EnumerateArray().Select(key => key.GetString()));
        var export = await reader.Http.GetStringAsync($"{Audit}/export?format=ndjson");
        Assert.Equal(6, export.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
        Assert.DoesNotContain($"\"{others}\"", export, StringComparison.Ordinal);
        await reader.GetAsync($"{Audit}/verify", 403);
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.GetAsync(Audit, 403);
        await viewer.GetAsync($"{Audit}/export", 403);
    }

    [Fact]
    public async Task Filters_offer_what_the_log_has()
    {
        var project = KeyOf(await ProjectWithHistoryAsync());
        var filters = await server.Admin.GetAsync($"{Audit}/filters");
        string[] Texts(string name) => [.. filters.At(name).EnumerateArray().Select(value => value.GetString()!)];
        Assert.Contains("flag.configured", Texts("actions"));
        Assert.Contains("segment", Texts("entities"));
        Assert.Contains(project, Texts("projects"));
        Assert.Contains("stage", Texts("environments"));
        Assert.Contains(filters.At("actors").EnumerateArray(), actor => actor.GetProperty("name").GetString() == "Administrator");
        Assert.Equal(Texts("actions").Distinct().Count(), Texts("actions").Length);
    }

    [Fact]
    public async Task An_export_is_a_file_that_no_spreadsheet_runs_and_is_itself_in_the_log()
    {
        var project = await ProjectWithHistoryAsync();
        await server.Admin.PostAsync($"{project}/tags", new { key = "t" }, 201, ("Togglr-Reason", "=HYPERLINK(\"http://evil.example\",\"a\"),b"));
        using var answer = await server.Admin.Http.GetAsync($"{Audit}/export?format=csv&project={KeyOf(project)}");
        Assert.Equal("text/csv", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal("attachment", answer.Content.Headers.ContentDisposition?.DispositionType);
        Assert.EndsWith(".csv", answer.Content.Headers.ContentDisposition?.FileName, StringComparison.Ordinal);
        var csv = await answer.Content.ReadAsStringAsync();
        Assert.StartsWith("sequence,id,at,actorKind", csv, StringComparison.Ordinal);
        Assert.Contains("\"'=HYPERLINK(\"\"http://evil.example\"\",\"\"a\"\"),b\"", csv, StringComparison.Ordinal);
        var lines = (await server.Admin.Http.GetStringAsync($"{Audit}/export?format=ndjson&project={KeyOf(project)}")).Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal(7, lines.Length);
        Assert.All(lines, line => System.Text.Json.JsonDocument.Parse(line).Dispose());
        var entry = (await server.Admin.GetAsync($"{Audit}?action=audit.exported&limit=1")).At("items", "0");
        Assert.Equal("ndjson", entry.GetProperty("entityKey").GetString());
        await server.Admin.GetAsync($"{Audit}/export?format=xml", 400);
    }

    [Fact]
    public async Task An_export_goes_on_page_by_page_to_the_last_entry()
    {
        var project = await server.CreateProjectAsync();
        for (var i = 0; i < 120; i++)
            await server.Admin.PostAsync($"{project}/tags", new { key = $"t-{i}" });
        var export = await server.Admin.Http.GetStringAsync($"{Audit}/export?format=ndjson&project={KeyOf(project)}");
        Assert.Equal(121, export.Split('\n', StringSplitOptions.RemoveEmptyEntries).Length);
    }

    [Fact]
    public async Task The_chain_can_be_verified_while_others_write()
    {
        var project = await server.CreateProjectAsync();
        var writing = Task.WhenAll(Enumerable.Range(0, 10).Select(i => server.Admin.PostAsync($"{project}/tags", new { key = $"w-{i}" })));
        var verdict = await server.Admin.GetAsync($"{Audit}/verify");
        await writing;
        Assert.True(verdict.At("intact").GetBoolean(), verdict.Get("problem"));
        Assert.Equal("1", verdict.Get("signedFrom"));
    }

    private async Task<Api> CreateProjectMemberAsync(string project)
    {
        var email = $"{Guid.CreateVersion7():n}@example.com";
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var organization = await db.Organizations.SingleAsync(row => row.Key == "default");
        db.UseOrganization(organization.Id);
        var user = User.Create(email, email).Value!;
        user.SetPassword(scope.ServiceProvider.GetRequiredService<Togglr.Hosting.Security.Passwords>().Hash("correct horse"), mustChange: false);
        db.Users.Add(user);
        db.Memberships.Add(Membership.Create(organization.Id, user));
        var row = await db.Projects.SingleAsync(it => it.Key == project);
        db.RoleGrants.Add(RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, user.Id), GrantedRole.Of(BuiltInRole.Member), row.Id));
        var committed = await db.CommitAsync(new Change(ChangeActor.System(), "member.added", email));
        Assert.True(committed.IsOk, committed.Error?.Message);
        return await server.SignInAsync(email, "correct horse");
    }
}
