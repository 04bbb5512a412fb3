using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Schedules;

/// <summary>Progressive rollouts through the API, taken on by the worker of the same process.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class RampTests(ControlPlaneServer server)
{
    private static readonly object[] Steps = [new { percentage = 0.5, holdMinutes = 60 }, new { percentage = 25, holdMinutes = 60, gate = true }, new { percentage = 100 }];

    [Fact]
    public async Task A_ramp_goes_from_step_to_step_and_ends_with_the_variant_for_all()
    {
        var (project, states) = await CreateFlagAsync();
        var ramp = await StartAsync(states, new { to = "on", steps = Steps });
        Assert.Equal("running 0 0.5 off", $"{ramp.Get("state")} {ramp.Get("step")} {ramp.Get("percentage")} {ramp.Get("from")}");
        Assert.Equal("""{"rollout":{"variations":[{"key":"off","weight":9950},{"key":"on","weight":50}]}}""", (await server.Admin.GetAsync(states)).At("default").GetRawText());
        var path = $"{states}/ramps/{ramp.Get("id")}";
        var active = await server.Admin.GetAsync($"{project}/ramps");
        Assert.Equal((ramp.Get("id"), "False"), (Assert.Single(active.At("items").EnumerateArray()).GetProperty("ramp").GetProperty("id").GetString(), active.Get("hasMore")));
        Assert.Equal(0, (await server.Admin.GetAsync($"{project}/ramps?environment=stage")).At("items").GetArrayLength() - (ramp.Get("environment") == "stage" ? 1 : 0));

        await OverAsync(ramp);
        await StateAsync(path, "running", 1);
        Assert.Equal("2500", (await server.Admin.GetAsync(states)).Get("default", "rollout", "variations", "1", "weight"));
        await OverAsync(ramp);
        await StateAsync(path, "waiting", 1);
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{path}/skip", new { }, 409)).Code);
        await server.Admin.PostAsync($"{path}/approve");
        await StateAsync(path, "completed", 2);
        Assert.Equal("""{"variant":"on"}""", (await server.Admin.GetAsync(states)).At("default").GetRawText());
        Assert.Equal(2, (await AuditAsync(project, "flag.configured")).Count(entry => entry.GetProperty("actor").GetProperty("name").GetString() == "ramp"));
        Assert.Single(await AuditAsync(project, "ramp.completed"));
        Assert.Equal(0, (await server.Admin.GetAsync($"{project}/ramps")).At("items").GetArrayLength());
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{path}/rollback", new { }, 409)).Code);
    }

    [Fact]
    public async Task A_ramp_is_paused_resumed_skipped_and_rolled_back()
    {
        var (_, states) = await CreateFlagAsync();
        await server.Admin.PutAsync(states, new { enabled = true, @default = new { rollout = new { variations = new[] { new { key = "on", weight = 1 }, new { key = "off", weight = 99 } }, bucketBy = "company" } } }, 200, ("If-Match", "*"));
        var before = (await server.Admin.GetAsync(states)).At("default").GetRawText();
        var ramp = await StartAsync(states, new { to = "on", preset = "normal" });
        var path = $"{states}/ramps/{ramp.Get("id")}";
        // Whoever has the new variant keeps it: the order and the unit stay.
        Assert.Equal("""{"rollout":{"variations":[{"key":"on","weight":500},{"key":"off","weight":9500}],"bucketBy":"company"}}""", (await server.Admin.GetAsync(states)).At("default").GetRawText());
        Assert.Equal("ramp_active", (await server.Admin.PostAsync($"{states}/ramps", new { to = "on", preset = "fast" }, 409)).Code);
        await server.Admin.PostAsync($"{path}/pause", new { reason = "lunch" });
        Assert.Equal("lunch", (await server.Admin.GetAsync(path)).Get("ramp", "detail"));
        await server.Admin.PostAsync($"{path}/resume");
        var resumed = (await server.Admin.GetAsync(path)).At("ramp", "holdUntil").GetDateTimeOffset();
        Assert.InRange(resumed - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        await server.Admin.PostAsync($"{path}/skip");
        await StateAsync(path, "running", 1);
        await server.Admin.SendAsync(HttpMethod.Post, $"{path}/rollback", new { }, 412, ("If-Match", "\"1\""));
        await server.Admin.PostAsync($"{path}/rollback", new { reason = "worse" });
        await StateAsync(path, "rolledBack", 1);
        Assert.Equal(before, (await server.Admin.GetAsync(states)).At("default").GetRawText());
        await StartAsync(states, new { to = "on", preset = "fast" });
    }

    [Fact]
    public async Task A_ramp_goes_on_by_itself_after_a_window_that_had_the_flag_off()
    {
        var (project, states) = await CreateFlagAsync();
        var ramp = await StartAsync(states, new { to = "on", preset = "normal" });
        var path = $"{states}/ramps/{ramp.Get("id")}";
        var window = await CloseAsync(states);
        await StateAsync(path, "paused", 0);
        Assert.Equal("The window “Night” has the flag off; the ramp goes on by itself when it is over.", (await server.Admin.GetAsync(path)).Get("ramp", "detail"));
        // Looked at again, it still waits.
        await NowAsync(ramp);
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM ramp_clocks WHERE ramp_id = '{ramp.Get("id")}' AND due_at > now() + interval '5 seconds'") == 1);
        Assert.Single(await AuditAsync(project, "ramp.paused"));
        await server.Admin.DeleteAsync(window, 204);
        await StateAsync(path, "running", 0);
        Assert.InRange((await server.Admin.GetAsync(path)).At("ramp", "holdUntil").GetDateTimeOffset() - TimeProvider.System.GetUtcNow(), TimeSpan.FromMinutes(55), TimeSpan.FromMinutes(60));
        Assert.Equal("The window is over, and the flag is on again.", Assert.Single(await AuditAsync(project, "ramp.resumed")).GetProperty("reason").GetString());
    }

    [Theory]
    [InlineData("ramps/{0}/pause", """{"reason":"wait"}""", "wait")]
    [InlineData("../../kill", """{"reason":"fire"}""", "The kill switch is pulled.")]
    public async Task A_ramp_that_something_else_stopped_as_well_stays_paused_after_a_window(string way, string body, string why)
    {
        var (_, states) = await CreateFlagAsync();
        var ramp = await StartAsync(states, new { to = "on", preset = "normal" });
        var path = $"{states}/ramps/{ramp.Get("id")}";
        var window = await CloseAsync(states);
        await StateAsync(path, "paused", 0);
        await server.Admin.PostAsync(new Uri(new Uri($"http://localhost{states}/"), string.Format(System.Globalization.CultureInfo.InvariantCulture, way, ramp.Get("id"))).AbsolutePath, body, 200);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(path)).Get("ramp", "detail") == why);
        await server.Admin.DeleteAsync(window, 204);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(states)).Get("enabled") == "True");
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM ramps WHERE id = '{ramp.Get("id")}' AND (paused_by_window OR state <> 'paused')"));
        await StateAsync(path, "paused", 0);
    }

    [Theory]
    [InlineData("toggle", """{"enabled":false}""", "The flag is off.")]
    [InlineData("", """{"enabled":true,"default":{"variant":"on"}}""", "Somebody changed by hand what the ramp serves.")]
    public async Task A_ramp_stands_still_when_somebody_interferes(string way, string body, string why)
    {
        var (_, states) = await CreateFlagAsync();
        var ramp = await StartAsync(states, new { to = "on", steps = Steps });
        await server.Admin.SendAsync(way.Length == 0 ? HttpMethod.Put : HttpMethod.Post, way.Length == 0 ? states : $"{states}/{way}", body, 200, ("If-Match", "*"));
        await OverAsync(ramp);
        await StateAsync($"{states}/ramps/{ramp.Get("id")}", "paused", 0);
        Assert.Equal(why, (await server.Admin.GetAsync($"{states}/ramps/{ramp.Get("id")}")).Get("ramp", "detail"));
    }

    [Fact]
    public async Task A_rule_is_ramped_and_a_ramp_of_a_rule_that_is_gone_stands_still()
    {
        var (_, states) = await CreateFlagAsync();
        var rules = new[] { new { id = "beta", @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "off" } } };
        await server.Admin.PutAsync(states, new { enabled = true, rules, @default = new { variant = "off" } }, 200, ("If-Match", "*"));
        var ramp = await StartAsync(states, new { rule = "beta", to = "on", steps = Steps });
        Assert.Equal("50", (await server.Admin.GetAsync(states)).Get("rules", "0", "then", "rollout", "variations", "1", "weight"));
        await server.Admin.PutAsync(states, new { enabled = true, @default = new { variant = "off" } }, 200, ("If-Match", "*"));
        await OverAsync(ramp);
        await StateAsync($"{states}/ramps/{ramp.Get("id")}", "paused", 0);
        await server.Admin.PostAsync($"{states}/ramps/{ramp.Get("id")}/resume", new { }, 409);
        await server.Admin.PostAsync($"{states}/ramps/{ramp.Get("id")}/cancel");
    }

    [Theory]
    [InlineData("rollBack", "rolledBack")]
    [InlineData("pause", "paused")]
    public async Task A_guarded_ramp_that_brings_errors_stops_by_itself_with_the_evidence(string action, string end)
    {
        var (project, states) = await CreateFlagAsync();
        var ramp = await StartAsync(states, new { to = "on", steps = Steps, guard = new { maxIncrease = 0.5, minEvaluations = 50, action } });
        var path = $"{states}/ramps/{ramp.Get("id")}";
        await WatchedAsync(path, 1);
        // As many as usual: it goes on.
        await CountAsync(ramp, "on", 100, 1);
        await CountAsync(ramp, "off", 9900, 90);
        await WatchedAsync(path, 2);
        await StateAsync(path, "running", 0);
        await CountAsync(ramp, "on", 100, 30);
        await CountAsync(ramp, "off", 9900, 90);
        await NowAsync(ramp);
        await StateAsync(path, end, 0);
        var detail = (await server.Admin.GetAsync(path)).Get("ramp", "detail");
        Assert.StartsWith("31 errors in 200 evaluations (15.5 %) against 180 in 19800 (0.91 %) of the rest", detail, StringComparison.Ordinal);
        Assert.Equal(detail, Assert.Single(await AuditAsync(project, $"ramp.{end.ToLowerInvariant()}")).GetProperty("reason").GetString());
        Assert.Equal(end == "paused" ? "50" : "", end == "paused" ? (await server.Admin.GetAsync(states)).Get("default", "rollout", "variations", "1", "weight") : "");
        if (end != "paused")
            Assert.Equal("""{"variant":"off"}""", (await server.Admin.GetAsync(states)).At("default").GetRawText());
    }

    [Theory]
    [InlineData("""{"to":"nowhere","preset":"fast"}""", "/to")]
    [InlineData("""{"to":"on","from":"on","preset":"fast"}""", "/from")]
    [InlineData("""{"to":"on"}""", "/steps")]
    [InlineData("""{"to":"on","steps":[]}""", "/steps")]
    [InlineData("""{"to":"on","preset":"fast","steps":[{"percentage":5}]}""", "/steps")]
    [InlineData("""{"to":"on","steps":[{"percentage":5},{"percentage":5}]}""", "/steps/1/percentage")]
    [InlineData("""{"to":"on","steps":[{"percentage":0.001}]}""", "/steps/0/percentage")]
    [InlineData("""{"to":"on","steps":[{"percentage":101}]}""", "/steps/0/percentage")]
    [InlineData("""{"to":"on","steps":[{"percentage":5,"holdMinutes":-1}]}""", "/steps/0/holdMinutes")]
    [InlineData("""{"to":"on","rule":"gone","preset":"fast"}""", "/rule")]
    [InlineData("""{"to":"on","preset":"fast","guard":{}}""", "/guard")]
    [InlineData("""{"to":"on","preset":"fast","guard":{"maxErrorRate":1}}""", "/guard/maxErrorRate")]
    [InlineData("""{"to":"on","preset":"fast","guard":{"maxIncrease":-1}}""", "/guard/maxIncrease")]
    public async Task What_makes_no_sense_is_refused(string body, string pointer)
    {
        var (_, states) = await CreateFlagAsync();
        Assert.Equal(pointer, (await server.Admin.PostAsync($"{states}/ramps", body, 400)).Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Rights_are_those_of_schedules_and_of_changing_what_is_served()
    {
        var (_, states) = await CreateFlagAsync();
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.PostAsync($"{states}/ramps", new { to = "on", preset = "fast" }, 403);
        var member = await server.CreateMemberAsync("default", BuiltInRole.Member);
        var ramp = await member.PostAsync($"{states}/ramps", new { to = "on", steps = new object[] { new { percentage = 1, gate = true }, new { percentage = 2 } } }, 201);
        var path = $"{states}/ramps/{ramp.Get("id")}";
        await StateAsync(path, "waiting", 0);
        // Members do not approve, and in a critical environment nobody lets through what they started.
        await member.PostAsync($"{path}/approve", new { }, 403);
        await viewer.PostAsync($"{path}/pause", new { }, 403);
        Assert.Equal("True", (await server.Admin.GetAsync(path)).Get("ramp", "mayPass"));
        await server.Admin.PostAsync($"{path}/approve");
        await StateAsync(path, "completed", 1);
        await server.Admin.PatchAsync(states[..states.IndexOf("/flags/", StringComparison.Ordinal)] + "/environments/dev", new { critical = true });
        var own = await StartAsync(states, new { to = "on", from = "off", steps = new object[] { new { percentage = 3, gate = true }, new { percentage = 4 } } });
        await StateAsync($"{states}/ramps/{own.Get("id")}", "waiting", 0);
        Assert.Equal("own_ramp", (await server.Admin.PostAsync($"{states}/ramps/{own.Get("id")}/approve", new { }, 403)).Code);
    }

    [Fact]
    public async Task A_flag_that_is_off_is_not_ramped()
    {
        var (_, states) = await CreateFlagAsync();
        await server.Admin.PostAsync($"{states}/toggle", new { enabled = false });
        Assert.Equal("flag_off", (await server.Admin.PostAsync($"{states}/ramps", new { to = "on", preset = "fast" }, 409)).Code);
    }

    /// <summary>Lets a window have the flag off; where its schedule is.</summary>
    private async Task<string> CloseAsync(string states)
    {
        var made = await server.Admin.PostAsync($"{states}/schedules", new { name = "Night", kind = "recurring", action = "disable", cron = "* * * * *", timeZone = "UTC", durationMinutes = 5 }, 201);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(states)).Get("enabled") == "False");
        return $"{states}/schedules/{made.Get("id")}";
    }

    private Task<Answer> StartAsync(string states, object body) => server.Admin.PostAsync($"{states}/ramps", body, 201);

    /// <summary>Lets the time of the step be over.</summary>
    private Task OverAsync(Answer ramp) =>
        server.ExecuteAsync($"UPDATE ramps SET hold_until = now() WHERE id = '{ramp.Get("id")}'; UPDATE ramp_clocks SET due_at = now(), tick = tick + 1 WHERE ramp_id = '{ramp.Get("id")}'");

    private Task NowAsync(Answer ramp) => server.ExecuteAsync($"UPDATE ramp_clocks SET due_at = now(), tick = tick + 1 WHERE ramp_id = '{ramp.Get("id")}'");

    private Task CountAsync(Answer ramp, string variant, int evaluations, int errors) => server.ExecuteAsync(
        $$"""
        INSERT INTO health_totals AS t (flag_id, environment_id, variant, evaluations, errors, client_evaluations, client_errors) SELECT flag_id, environment_id, '{{variant}}', {{evaluations}}, {{errors}}, 0, 0 FROM ramps WHERE id = '{{ramp.Get("id")}}'
        ON CONFLICT (flag_id, environment_id, variant) DO UPDATE SET evaluations = t.evaluations + excluded.evaluations, errors = t.errors + excluded.errors
        """);

    private Task WatchedAsync(string path, int times) => Eventually.TrueAsync(async () => (await server.Admin.GetAsync(path)).At("observations").GetArrayLength() >= times);

    private Task StateAsync(string path, string state, int step) => Eventually.TrueAsync(async () =>
        (await server.Admin.GetAsync(path)).At("ramp") is var ramp && ramp.GetProperty("state").GetString() == state && ramp.GetProperty("step").GetInt32() == step, 20);

    private async Task<(string Project, string States)> CreateFlagAsync()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "ramp", type = "boolean", defaultVariant = "off", environments = new { dev = new { enabled = true } } }, 201);
        return (project, $"{project}/flags/ramp/environments/dev");
    }

    private async Task<List<System.Text.Json.JsonElement>> AuditAsync(string project, string action) =>
        [.. (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project[(project.LastIndexOf('/') + 1)..]}&action={action}")).At("items").EnumerateArray()];
}
