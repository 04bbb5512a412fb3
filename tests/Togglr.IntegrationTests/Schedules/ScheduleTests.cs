using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Schedules;

/// <summary>Schedules through the API, done by the worker of the same process.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ScheduleTests(ControlPlaneServer server)
{
    [Fact]
    public async Task What_happens_once_happens_at_its_time_with_one_entry()
    {
        var (project, states) = await CreateFlagAsync("launch");
        var made = await server.Admin.PostAsync($"{states}/schedules", new { name = "Launch <b>", kind = "once", action = "enable", at = TimeProvider.System.GetUtcNow().AddSeconds(1.5), timeZone = "Europe/Berlin" }, 201);
        Assert.Equal("waiting", made.Get("state"));
        Assert.Equal("True", (await server.Admin.GetAsync($"{states}/schedules")).Get("next", "enabled"));
        await EnabledAsync(states, true);
        var done = await server.Admin.GetAsync($"{states}/schedules/{made.Get("id")}");
        Assert.Equal("done", done.Get("state"));
        Assert.True(done.At("happenedAt").GetDateTimeOffset() >= made.At("at").GetDateTimeOffset(), "It was early.");
        var entry = Assert.Single(await AuditAsync(project, "flag.enabled"));
        Assert.Equal("schedule", entry.GetProperty("actor").GetProperty("name").GetString());
        Assert.Equal("Schedule “Launch <b>”", entry.GetProperty("reason").GetString());
        Assert.Equal("conflict", (await server.Admin.PutAsync($"{states}/schedules/{made.Get("id")}", Once("Again", "enable", 5), 409)).Code);
        await server.Admin.DeleteAsync($"{states}/schedules/{made.Get("id")}", 204);
    }

    [Fact]
    public async Task A_window_opens_and_closes_and_leaves_the_flag_as_it_was()
    {
        var (project, states) = await CreateFlagAsync("window");
        var from = TimeProvider.System.GetUtcNow().AddSeconds(1);
        await server.Admin.PostAsync($"{states}/schedules", Windows("Sale", "enable", from, from.AddSeconds(2)), 201);
        await EnabledAsync(states, true);
        var open = await server.Admin.GetAsync($"{states}/schedules");
        Assert.Equal("open", open.Get("items", "0", "state"));
        Assert.Equal("False", open.Get("baseEnabled"));
        var next = Assert.Single((await server.Admin.GetAsync($"{project}/schedules/next")).At("items").EnumerateArray());
        Assert.Equal("window prod True", $"{next.GetProperty("flag")} {next.GetProperty("environment")} {next.GetProperty("isOpen")}");
        Assert.Equal(open.Get("items", "0", "id"), open.Get("openSchedule"));
        await EnabledAsync(states, false);
        Assert.Equal("Window “Sale” opened", Assert.Single(await AuditAsync(project, "flag.enabled")).GetProperty("reason").GetString());
        Assert.Equal("Window “Sale” closed", Assert.Single(await AuditAsync(project, "flag.disabled")).GetProperty("reason").GetString());
        Assert.Equal("done", (await server.Admin.GetAsync($"{states}/schedules")).Get("items", "0", "state"));
    }

    [Fact]
    public async Task What_a_person_switches_in_a_window_holds_until_the_next_edge()
    {
        var (_, states) = await CreateFlagAsync("manual");
        var now = TimeProvider.System.GetUtcNow();
        await server.Admin.PostAsync($"{states}/schedules", Windows("Day", "enable", null, now.AddHours(1)), 201);
        await EnabledAsync(states, true);
        await server.Admin.PostAsync($"{states}/toggle", new { enabled = false });
        // Work on the same flag that moves no edge leaves it alone.
        await server.Admin.PostAsync($"{states}/schedules", Once("Later", "enable", 3600), 201);
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM schedule_clocks WHERE next_at <= now()") == 0);
        await EnabledAsync(states, false);
        var night = await server.Admin.PostAsync($"{states}/schedules", Windows("Stronger", "enable", TimeProvider.System.GetUtcNow().AddSeconds(1), now.AddHours(1), priority: 1), 201);
        await EnabledAsync(states, true);
        await server.Admin.DeleteAsync($"{states}/schedules/{night.Get("id")}", 204);
        await EnabledAsync(states, true);
    }

    [Fact]
    public async Task Of_open_windows_the_greater_priority_decides_and_then_off()
    {
        var (_, states) = await CreateFlagAsync("several");
        var on = await server.Admin.PostAsync($"{states}/schedules", Windows("On", "enable"), 201);
        await EnabledAsync(states, true);
        var off = await server.Admin.PostAsync($"{states}/schedules", Windows("Off", "disable"), 201);
        await EnabledAsync(states, false);
        await server.Admin.PutAsync($"{states}/schedules/{on.Get("id")}", Windows("On", "enable", priority: 1), 200);
        await EnabledAsync(states, true);
        // The same schedule may want something else from then on.
        await server.Admin.PutAsync($"{states}/schedules/{on.Get("id")}", Windows("On", "disable", priority: 1), 200);
        await EnabledAsync(states, false);
        await server.Admin.PutAsync($"{states}/schedules/{on.Get("id")}", Windows("On", "enable", priority: 1), 200);
        await EnabledAsync(states, true);
        await server.Admin.DeleteAsync($"{states}/schedules/{on.Get("id")}", 204);
        await EnabledAsync(states, false);
        await server.Admin.DeleteAsync($"{states}/schedules/{off.Get("id")}", 204);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{states}/schedules")).Get("openSchedule").Length == 0);
        await EnabledAsync(states, false);
    }

    [Fact]
    public async Task What_happens_once_in_a_window_shows_when_the_window_closes()
    {
        var (_, states) = await CreateFlagAsync("inside");
        var window = await server.Admin.PostAsync($"{states}/schedules", Windows("Maintenance", "disable"), 201);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{states}/schedules")).Get("openSchedule").Length > 0);
        await server.Admin.PostAsync($"{states}/schedules", Once("Launch", "enable", 1), 201);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{states}/schedules")).Get("baseEnabled") == "True");
        await EnabledAsync(states, false);
        await server.Admin.DeleteAsync($"{states}/schedules/{window.Get("id")}", 204);
        await EnabledAsync(states, true);
    }

    [Fact]
    public async Task A_configuration_changes_at_its_time_or_says_why_not()
    {
        var (project, states) = await CreateFlagAsync("rollout");
        await server.Admin.PutAsync(states, new
        {
            rules = new[] { new { id = "beta", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "on" } } }, @default = new { variant = "off" },
        }, 200, ("If-Match", "\"1\""));
        var serve = new { rollout = new { variations = new[] { new { key = "on", weight = 30 }, new { key = "off", weight = 70 } } } };
        var at = TimeProvider.System.GetUtcNow().AddSeconds(1);
        await server.Admin.PostAsync($"{states}/schedules", new { name = "30 %", kind = "once", action = "configure", at, change = new { enabled = true, @default = serve } }, 201);
        await EnabledAsync(states, true);
        var state = await server.Admin.GetAsync(states);
        Assert.Equal("30", state.Get("default", "rollout", "variations", "0", "weight"));
        Assert.Equal("beta", state.Get("rules", "0", "id"));
        Assert.Single(await AuditAsync(project, "flag.configured"), entry => entry.GetProperty("actor").GetProperty("name").GetString() == "schedule");

        // Refused at once where it makes no sense today …
        foreach (var change in new object[] { new { @default = new { variant = "nowhere" } }, new { rules = new[] { new { id = "gone", then = new { variant = "on" } } } }, new { }, new { @default = 5 } })
            await server.Admin.PostAsync($"{states}/schedules", new { name = "x", kind = "once", action = "configure", at = TimeProvider.System.GetUtcNow().AddHours(1), change }, 400);
        // … and given up where it makes none at its time.
        var late = await server.Admin.PostAsync($"{states}/schedules", new { name = "Beta off", kind = "once", action = "configure", at = TimeProvider.System.GetUtcNow().AddSeconds(2), change = new { rules = new[] { new { id = "beta", then = new { variant = "off" } } } } }, 201);
        await server.Admin.PutAsync(states, new { @default = new { variant = "off" }, enabled = true }, 200, ("If-Match", state.ETag!));
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync($"{states}/schedules/{late.Get("id")}")).Get("state") == "failed");
        Assert.Equal("There is no rule beta.", (await server.Admin.GetAsync($"{states}/schedules/{late.Get("id")}")).Get("detail"));
        Assert.Single(await AuditAsync(project, "schedule.failed"));
    }

    [Fact]
    public async Task What_was_missed_is_caught_up_once_and_given_up_when_it_is_too_late()
    {
        var (project, states) = await CreateFlagAsync("late");
        var late = await server.Admin.PostAsync($"{states}/schedules", Once("Late", "enable", 3600), 201);
        var lost = await server.Admin.PostAsync($"{states}/schedules", Once("Lost", "disable", 7200), 201);
        await server.ExecuteAsync($"UPDATE schedules SET at = now() - interval '125 minutes 30 seconds' WHERE id = '{late.Get("id")}'; UPDATE schedules SET at = now() - interval '25 hours' WHERE id = '{lost.Get("id")}'");
        await server.ExecuteAsync($"UPDATE schedule_clocks SET next_at = now() - interval '25 hours', tick = tick + 1 WHERE flag_id = (SELECT flag_id FROM schedules WHERE id = '{late.Get("id")}')");
        await EnabledAsync(states, true);
        Assert.Equal("Schedule “Late”, 2 h 5 min late", Assert.Single(await AuditAsync(project, "flag.enabled")).GetProperty("reason").GetString());
        Assert.Single(await AuditAsync(project, "schedule.missed"));
        Assert.Equal("missed", (await server.Admin.GetAsync($"{states}/schedules/{lost.Get("id")}")).Get("state"));
        Assert.Empty(await AuditAsync(project, "flag.disabled"));
    }

    [Fact]
    public async Task Edges_that_nobody_saw_are_made_up_for_once()
    {
        var (project, states) = await CreateFlagAsync("edges");
        var made = await server.Admin.PostAsync($"{states}/schedules", Windows("Open", "enable"), 201);
        await EnabledAsync(states, true);
        await server.Admin.PostAsync($"{states}/toggle", new { enabled = false });
        // As if the window had closed and opened again since: what was switched by hand is over.
        await server.ExecuteAsync($"UPDATE schedule_clocks SET edge_at = now() - interval '3 hours', next_at = now() - interval '3 hours', tick = tick + 1 WHERE flag_id = (SELECT flag_id FROM schedules WHERE id = '{made.Get("id")}')");
        await EnabledAsync(states, true);
        Assert.Equal(2, (await AuditAsync(project, "flag.enabled")).Count);
        Assert.Contains("3 h 0 min late", (await AuditAsync(project, "flag.enabled"))[0].GetProperty("reason").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_archived_flag_rests_and_catches_up_when_it_comes_back()
    {
        var (project, states) = await CreateFlagAsync("archived");
        await server.Admin.PostAsync($"{states}/schedules", Once("Launch", "enable", 2), 201);
        await server.Admin.PostAsync($"{project}/flags/archived/archive");
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM schedules s JOIN schedule_clocks c USING (flag_id, environment_id) WHERE s.name = 'Launch' AND s.at < now() AND c.next_at IS NULL") > 0);
        Assert.Equal("archived", (await server.Admin.PostAsync($"{states}/schedules", Once("More", "enable", 2), 409)).Code);
        Assert.Empty((await server.Admin.GetAsync($"{project}/schedules/timeline")).At("lanes").EnumerateArray());
        await server.Admin.PostAsync($"{project}/flags/archived/restore");
        await EnabledAsync(states, true);
    }

    [Fact]
    public async Task A_paused_schedule_does_nothing()
    {
        var (_, states) = await CreateFlagAsync("paused");
        var made = await server.Admin.PostAsync($"{states}/schedules", Windows("Paused", "enable", enabled: false), 201);
        Assert.Equal("paused", made.Get("state"));
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM schedule_clocks WHERE next_at IS NULL AND flag_id = (SELECT flag_id FROM schedules WHERE id = '{made.Get("id")}')") == 1);
        await EnabledAsync(states, false);
        await server.Admin.PutAsync($"{states}/schedules/{made.Get("id")}", Windows("Paused", "enable"), 200);
        await EnabledAsync(states, true);
        await server.Admin.SendAsync(HttpMethod.Put, $"{states}/schedules/{made.Get("id")}", Windows("Lost", "enable"), 412, ("If-Match", "\"1\""));
    }

    [Theory]
    [InlineData("""{"name":"","kind":"once","action":"enable","at":"2100-01-01T00:00:00Z"}""", "/name")]
    [InlineData("""{"name":"x","kind":"once","action":"enable"}""", "/at")]
    [InlineData("""{"name":"x","kind":"once","action":"enable","at":"2020-01-01T00:00:00Z"}""", "/at")]
    [InlineData("""{"name":"x","kind":"once","action":"enable","at":"9999-01-01T00:00:00Z"}""", "/at")]
    [InlineData("""{"name":"x","kind":"once","action":"enable","at":"2100-01-01T00:00:00Z","cron":"* * * * *"}""", "/kind")]
    [InlineData("""{"name":"x","kind":"once","action":"configure","at":"2100-01-01T00:00:00Z"}""", "/change")]
    [InlineData("""{"name":"x","kind":"once","action":"enable","at":"2100-01-01T00:00:00Z","timeZone":"../../etc/passwd"}""", "/timeZone")]
    [InlineData("""{"name":"x","kind":"once","action":"enable","at":"2100-01-01T00:00:00Z","catchUpMinutes":-1}""", "/catchUpMinutes")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"61 * * * *","timeZone":"UTC","durationMinutes":5}""", "/cron")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"0 0 30 2 *","timeZone":"UTC","durationMinutes":5}""", "/cron")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"* * * * *","timeZone":"Mars/Olympus","durationMinutes":5}""", "/timeZone")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"* * * * *","timeZone":"UTC"}""", "/durationMinutes")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"* * * * *","timeZone":"UTC","durationMinutes":527041}""", "/durationMinutes")]
    [InlineData("""{"name":"x","kind":"recurring","action":"configure","cron":"* * * * *","timeZone":"UTC","durationMinutes":5,"change":{"enabled":true}}""", "/action")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"* * * * *","timeZone":"UTC","durationMinutes":5,"from":"2026-01-02T00:00:00Z","until":"2026-01-01T00:00:00Z"}""", "/until")]
    [InlineData("""{"name":"x","kind":"recurring","action":"enable","cron":"* * * * *","timeZone":"UTC","durationMinutes":5,"priority":1001}""", "/priority")]
    public async Task What_makes_no_sense_is_refused(string body, string pointer)
    {
        var (_, states) = await CreateFlagAsync("refused");
        foreach (var path in new[] { "schedules", "schedules/preview" })
            Assert.Equal(pointer, (await server.Admin.PostAsync($"{states}/{path}", body, 400)).Get("errors", "0", "path"));
    }

    [Fact]
    public async Task A_preview_tells_the_next_windows_and_what_they_meet()
    {
        var (_, states) = await CreateFlagAsync("preview");
        var off = await server.Admin.PostAsync($"{states}/schedules", Windows("Off", "disable"), 201);
        var preview = await server.Admin.PostAsync($"{states}/schedules/preview", new { name = "Mornings", kind = "recurring", action = "enable", cron = "0 9 * * 1-5", timeZone = "America/New_York", durationMinutes = 30 });
        var windows = preview.At("windows").EnumerateArray().ToList();
        Assert.Equal(5, windows.Count);
        Assert.All(windows, window => Assert.InRange(window.GetProperty("to").GetDateTimeOffset() - window.GetProperty("from").GetDateTimeOffset(), TimeSpan.Zero, TimeSpan.FromMinutes(30)));
        Assert.Equal(off.Get("id"), preview.Get("overlaps", "0", "schedule"));
        Assert.Equal("True", preview.Get("overlaps", "0", "wins"));
        Assert.Equal("True", (await server.Admin.PostAsync($"{states}/schedules/preview", Windows("Always", "disable"))).Get("isAlwaysOpen"));
        Assert.Equal("1", (await server.Admin.GetAsync($"{states}/schedules")).At("items").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task The_timeline_tells_who_decides_when()
    {
        var (project, states) = await CreateFlagAsync("timeline");
        await server.Admin.PostAsync($"{states}/schedules", new { name = "Noon", kind = "recurring", action = "enable", cron = "0 12 * * *", timeZone = "UTC", durationMinutes = 60 }, 201);
        await server.Admin.PostAsync($"{states}/schedules", new { name = "Launch", kind = "once", action = "enable", at = "2100-05-02T18:00:00Z" }, 201);
        var lane = (await server.Admin.GetAsync($"{project}/schedules/timeline?from=2100-05-01T00:00:00Z&to=2100-05-04T00:00:00Z&environment=prod")).At("lanes", "0");
        Assert.Equal(
            ["05-01 00:00 False", "05-01 12:00 True Noon", "05-01 13:00 False", "05-02 12:00 True Noon", "05-02 13:00 False", "05-02 18:00 True", "05-03 12:00 True Noon", "05-03 13:00 True"],
            lane.GetProperty("spans").EnumerateArray().Select(span => $"{span.GetProperty("from").GetDateTimeOffset():MM-dd HH:mm} {span.GetProperty("enabled")} {span.GetProperty("name")}".Trim()));
        Assert.Equal("Launch", lane.GetProperty("moments")[0].GetProperty("name").GetString());
        Assert.Empty((await server.Admin.GetAsync($"{project}/schedules/timeline?environment=dev")).At("lanes").EnumerateArray());
        await server.Admin.GetAsync($"{project}/schedules/timeline?environment=nowhere", 404);
        await server.Admin.GetAsync($"{project}/schedules/timeline?from=2100-01-01T00:00:00Z&to=2102-01-01T00:00:00Z", 400);
        await server.Admin.GetAsync($"{project}/schedules/timeline?from=2100-01-02T00:00:00Z&to=2100-01-01T00:00:00Z", 400);
    }

    [Fact]
    public async Task Schedules_need_the_right_to_make_the_change_itself()
    {
        var (_, states) = await CreateFlagAsync("rights");
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.PostAsync($"{states}/schedules", Once("x", "enable", 60), 403);
        await viewer.PostAsync($"{states}/schedules/preview", Once("x", "enable", 60), 200);
        var planner = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var key = $"planner-{Guid.CreateVersion7():n}";
        await server.Admin.PostAsync("/api/v1/orgs/default/roles", new { key, name = "Planner", permissions = new[] { "organization.view", "project.view", "flag.view", "schedule.manage" } }, 201);
        var id = (await planner.GetAsync("/api/v1/me")).Get("id");
        await server.Admin.PostAsync("/api/v1/orgs/default/grants", new { principal = new { kind = "user", id }, role = key }, 201);
        Assert.Contains("flag.toggle", (await planner.PostAsync($"{states}/schedules", Once("x", "enable", 60), 403)).Get("detail"), StringComparison.Ordinal);
        Assert.Contains("flag.manage", (await planner.PostAsync($"{states}/schedules", new { name = "x", kind = "once", action = "configure", at = "2100-01-01T00:00:00Z", change = new { enabled = true } }, 403)).Get("detail"), StringComparison.Ordinal);
        var made = await server.Admin.PostAsync($"{states}/schedules", Once("x", "enable", 3600), 201);
        await planner.DeleteAsync($"{states}/schedules/{made.Get("id")}", 403);
        await planner.PutAsync($"{states}/schedules/{made.Get("id")}", Once("y", "enable", 3600), 403);
    }

    [Fact]
    public async Task A_flag_has_at_most_fifty()
    {
        var (_, states) = await CreateFlagAsync("many");
        for (var i = 0; i < 50; i++)
            await server.Admin.PostAsync($"{states}/schedules", Once($"Schedule {i}", "enable", 3600 + i), 201);
        Assert.Equal("too_many", (await server.Admin.PostAsync($"{states}/schedules", Once("One more", "enable", 3600), 409)).Code);
    }

    private static object Once(string name, string action, double seconds) => new { name, kind = "once", action, at = TimeProvider.System.GetUtcNow().AddSeconds(seconds) };

    private static object Windows(string name, string action, DateTimeOffset? from = null, DateTimeOffset? until = null, int priority = 0, bool enabled = true) =>
        new { name, kind = "recurring", action, cron = "* * * * *", timeZone = "UTC", durationMinutes = 1, from, until, priority, enabled };

    private async Task<(string Project, string States)> CreateFlagAsync(string key)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key, type = "boolean" }, 201);
        return (project, $"{project}/flags/{key}/environments/prod");
    }

    private Task EnabledAsync(string states, bool enabled) => Eventually.TrueAsync(async () => (await server.Admin.GetAsync(states)).At("enabled").GetBoolean() == enabled, 20);

    private async Task<List<System.Text.Json.JsonElement>> AuditAsync(string project, string action) =>
        [.. (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project[(project.LastIndexOf('/') + 1)..]}&action={action}")).At("items").EnumerateArray()];
}
