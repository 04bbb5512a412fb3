using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Messaging.Health;
using Togglr.Store;

namespace Togglr.IntegrationTests.Health;

/// <summary>What happens when errors come in, seen through the API; they are delivered as nodes deliver them.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class HealthTests(ControlPlaneServer server)
{
    private readonly Guid _node = Guid.CreateVersion7();
    private long _sequence;

    [Fact]
    public async Task A_flag_that_fails_is_switched_off_once_with_an_incident_that_tells_why()
    {
        var flag = await CreateAsync(new { windowSeconds = 60, minEvaluations = 100, maxErrorRate = 0.05, action = "disable" });
        await CountAsync(flag, "on", 1000, 20);
        await StateAsync(flag, "healthy");
        await CountAsync(flag, "on", 0, 20);
        await StateAsync(flag, "degraded");
        await CountAsync(flag, "on", 0, 60);
        await StateAsync(flag, "disabled");
        var incident = (await server.Admin.GetAsync($"{flag.Project}/incidents")).At("items", "0");
        Assert.Equal("disable rate  100 1000 0.1 0.05", $"{incident.GetProperty("measure").GetString()} {Join(incident.GetProperty("cause"), "rule", "variant", "errors", "evaluations", "errorRate", "threshold")}");
        var state = await server.Admin.GetAsync(flag.State);
        Assert.Equal("True", state.Get("killed"));
        Assert.Equal("Switched off by the watch over errors: 100 errors in 1000 evaluations (10 %) within 60 s; more than 5 % is too many.", state.Get("killReason"));
        // More errors change nothing any more.
        await CountAsync(flag, "on", 0, 500);
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.Equal((1, 1), ((await AuditAsync(flag, "flag.auto_disabled")).Count, (await AuditAsync(flag, "incident.opened")).Count));
        Assert.Equal("emergency", (await AuditAsync(flag, "flag.auto_disabled"))[0].GetProperty("authority").GetString());
        Assert.Equal(["opened", "disabled"], await TimelineAsync(flag));
    }

    [Fact]
    public async Task A_delivery_that_is_made_again_counts_once()
    {
        var flag = await CreateAsync(new { maxErrors = 1000, action = "none" });
        for (var i = 0; i < 3; i++)
            await DeliverAsync(flag, 7, new HealthDelta(flag.EnvironmentId, flag.Key, "on", 5, 3, 2, 1));
        await DeliverAsync(flag, 6, new HealthDelta(flag.EnvironmentId, flag.Key, "on", 5, 3, 2, 1));
        await DeliverAsync(flag, 8, new HealthDelta(flag.EnvironmentId, flag.Key, "on", 1, 0, 0, 0), new HealthDelta(flag.EnvironmentId, "no-such-flag", "on", 1, 0, 0, 0));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM health_totals WHERE environment_id = '{flag.EnvironmentId}' AND evaluations = 6 AND errors = 3 AND client_evaluations = 2 AND client_errors = 1"));
        Assert.Equal(6, await server.CountAsync($"SELECT sum(evaluations) FROM health_slots WHERE environment_id = '{flag.EnvironmentId}'"));
    }

    [Fact]
    public async Task Public_keys_have_no_say_unless_they_are_given_one()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "disable" });
        await DeliverAsync(flag, 1, new HealthDelta(flag.EnvironmentId, flag.Key, "on", 0, 0, 100, 100));
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM health_watches WHERE environment_id = '{flag.EnvironmentId}' AND (due_at IS NULL OR due_at > now())") == 1);
        Assert.Equal("healthy", (await ReadAsync(flag)).GetProperty("state").GetString());
        await server.Admin.PutAsync(flag.Settings, new { maxErrors = 10, action = "disable", sources = "all" }, 200, ("If-Match", "*"));
        await StateAsync(flag, "disabled");
    }

    [Fact]
    public async Task An_announced_incident_ends_when_errors_have_been_few_for_a_window()
    {
        var flag = await CreateAsync(new { windowSeconds = 10, maxErrors = 10, action = "announce" });
        await CountAsync(flag, null, 0, 10);
        await StateAsync(flag, "failing");
        Assert.Equal("False", (await server.Admin.GetAsync(flag.State)).Get("killed"));
        await BackAsync(flag, 20);
        await Eventually.TrueAsync(async () => (await TimelineAsync(flag)).Contains("recovering"));
        await CalmAsync(flag);
        await StateAsync(flag, "healthy");
        Assert.Equal(["opened", "recovering", "resolved"], await TimelineAsync(flag));
        Assert.Single(await AuditAsync(flag, "incident.resolved"));
        Assert.Equal(0, (await server.Admin.GetAsync($"{flag.Project}/incidents?state=open")).At("items").GetArrayLength());
    }

    [Fact]
    public async Task A_flag_that_somebody_switches_on_again_is_watched_anew()
    {
        var flag = await CreateAsync(new { windowSeconds = 10, maxErrors = 10, action = "disable" });
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "disabled");
        await server.Admin.PostAsync($"{flag.Path}/revive", new { reason = "fixed", environments = new[] { "prod" } });
        await StateAsync(flag, "degraded");
        await StateAsync(flag, "healthy", calm: true);
        Assert.Equal(["opened", "disabled", "reopened", "recovering", "resolved"], await TimelineAsync(flag));
        // And again: a new incident.
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "disabled");
        Assert.Equal(2, (await server.Admin.GetAsync($"{flag.Project}/incidents")).At("items").GetArrayLength());
    }

    [Fact]
    public async Task A_trial_opens_for_a_few_and_then_for_all_or_waits_twice_as_long()
    {
        var flag = await CreateAsync(new { windowSeconds = 10, maxErrors = 10, action = "disable", trial = new { afterMinutes = 5, percentage = 2.5, minutes = 10, then = "open" } });
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "disabled");
        await DueAsync(flag, "trial_at");
        await StateAsync(flag, "trial");
        var tried = await server.Admin.GetAsync(flag.State);
        Assert.Equal("""{"id":"health-trial","name":"Trial after errors","if":{"not":{"percentage":2.5,"seed":"health-trial:"}},"then":{"off":true}}""", tried.At("rules")[0].GetRawText());
        Assert.Equal("False", tried.Get("killed"));
        // It fails again: off, and later next time.
        await BackAsync(flag, 2, "judged_from");
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "disabled");
        var next = (await ReadAsync(flag)).GetProperty("trialAt").GetDateTimeOffset() - TimeProvider.System.GetUtcNow();
        Assert.InRange(next, TimeSpan.FromMinutes(9), TimeSpan.FromMinutes(10));
        await BackAsync(flag, 60);
        await DueAsync(flag, "trial_at");
        await StateAsync(flag, "trial");
        // It does well.
        await BackAsync(flag, 5, "judged_from");
        await CountAsync(flag, "on", 100, 0);
        await DueAsync(flag, "trial_until");
        await StateAsync(flag, "healthy", calm: true);
        Assert.Equal(0, (await server.Admin.GetAsync(flag.State)).At("rules").GetArrayLength());
        Assert.Equal(
            ["disabled", "disabled", "failed", "opened", "reopened", "resolved", "trial", "trial"], (await TimelineAsync(flag)).Where(kind => kind != "recovering").Order(StringComparer.Ordinal));
        Assert.Single(await AuditAsync(flag, "flag.trial_passed"));
    }

    [Fact]
    public async Task Where_it_is_asked_for_a_change_request_waits_instead()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "request" });
        await server.Admin.PostAsync($"{flag.Project}/change-policies", new { environment = "prod" }, 201);
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "failing");
        await Eventually.TrueAsync(async () => (await TimelineAsync(flag)).Contains("requested"));
        var number = (await server.Admin.GetAsync($"{flag.Project}/incidents/1")).Get("incident", "changeRequest");
        var request = await server.Admin.GetAsync($"{flag.Project}/change-requests/{number}");
        Assert.Equal("pending Switch checkout off in prod", $"{request.Get("state")} {request.Get("title")}");
    }

    [Fact]
    public async Task A_change_request_that_fails_after_the_incident_was_written_is_made_later_and_once()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "request" });
        await server.Admin.PostAsync($"{flag.Project}/change-policies", new { environment = "prod" }, 201);
        var name = $"refuse_{flag.EnvironmentId:n}";
        await ExecuteAsOwnerAsync($"""
            CREATE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'not now'; END $$;
            CREATE TRIGGER {name} BEFORE INSERT ON change_requests FOR EACH ROW WHEN (NEW.project_id = '{flag.ProjectId}'::uuid) EXECUTE FUNCTION {name}();
            """);
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "failing");
        var owed = $"SELECT count(*) FROM incidents WHERE flag_id = '{flag.Id}' AND change_request IS NULL AND ask_at > now()";
        await Eventually.TrueAsync(async () => await server.CountAsync(owed) == 1);
        Assert.Equal(["opened"], await TimelineAsync(flag));
        await ExecuteAsOwnerAsync($"DROP TRIGGER {name} ON change_requests; DROP FUNCTION {name}; UPDATE incidents SET ask_at = now() WHERE flag_id = '{flag.Id}'");
        await Eventually.TrueAsync(async () => (await TimelineAsync(flag)).Contains("requested"));
        Assert.Equal(["opened", "requested"], await TimelineAsync(flag));
        Assert.Equal("1", (await server.Admin.GetAsync($"{flag.Project}/incidents/1")).Get("incident", "changeRequest"));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM change_requests WHERE project_id = '{flag.ProjectId}'"));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM incidents WHERE flag_id = '{flag.Id}' AND ask_at IS NOT NULL"));
    }

    [Fact]
    public async Task A_change_request_that_cannot_be_made_is_told_once()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "request" });
        await server.ExecuteAsync($"UPDATE health_settings SET updated_by = NULL WHERE flag_id = '{flag.Id}'");
        await CountAsync(flag, "on", 0, 50);
        await Eventually.TrueAsync(async () => await server.CountAsync($"SELECT count(*) FROM incidents WHERE flag_id = '{flag.Id}' AND ask_at IS NULL AND change_request IS NULL") == 1);
        Assert.Equal(["opened", "requested"], await TimelineAsync(flag));
    }

    [Fact]
    public async Task A_guarded_environment_keeps_nobody_from_switching_off_and_settings_from_being_loosened()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "disable" });
        await server.Admin.PostAsync($"{flag.Project}/change-policies", new { environment = "prod" }, 201);
        await server.Admin.PutAsync(flag.Settings, new { maxErrors = 1_000_000, action = "none" }, 202, ("If-Match", "*"));
        await server.Admin.PutAsync($"{flag.Project}/health/settings", new { maxErrors = 1_000_000, action = "none" }, 202);
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "disabled");
    }

    [Fact]
    public async Task The_variant_that_is_served_when_off_is_announced_only()
    {
        var flag = await CreateAsync(new { maxErrorRate = 0.05, action = "disable" });
        await DeliverAsync(flag, 1, new HealthDelta(flag.EnvironmentId, flag.Key, "off", 500, 100, 0, 0), new HealthDelta(flag.EnvironmentId, flag.Key, "on", 10_000, 1, 0, 0));
        await StateAsync(flag, "failing");
        Assert.Equal("announce", (await server.Admin.GetAsync($"{flag.Project}/incidents/1")).Get("incident", "measure"));
    }

    [Fact]
    public async Task The_nearest_settings_hold_and_a_tag_switches_off()
    {
        var flag = await CreateAsync(new { maxErrors = 7 });
        Assert.Equal("flag 7", await SourceAsync(flag));
        await server.Admin.SendAsync(HttpMethod.Delete, flag.Settings, null, 204);
        Assert.Equal("builtIn ", await SourceAsync(flag));
        await server.Admin.PutAsync($"{flag.Project}/health/settings", new { maxErrors = 9 });
        Assert.Equal("project 9", await SourceAsync(flag));
        await server.Admin.PutAsync($"{flag.Project}/environments/prod/health/settings", new { maxErrors = 8 });
        Assert.Equal("environment 8", await SourceAsync(flag));
        await server.Admin.PatchAsync(flag.Path, new { tags = new[] { "auto-disable" } });
        Assert.Equal("disable", (await ReadAsync(flag)).GetProperty("settings").GetProperty("action").GetString());
        var all = await server.Admin.GetAsync($"{flag.Project}/health/settings");
        Assert.Equal("9 8 False", $"{all.Get("project", "maxErrors")} {all.Get("environments", "0", "maxErrors")} {all.Get("isBuiltIn")}");
    }

    [Theory]
    [InlineData("""{}""", "/maxErrorRate")]
    [InlineData("""{"maxErrorRate":0}""", "/maxErrorRate")]
    [InlineData("""{"maxErrorRate":1.01}""", "/maxErrorRate")]
    [InlineData("""{"maxErrors":0}""", "/maxErrors")]
    [InlineData("""{"maxErrors":1,"windowSeconds":9}""", "/windowSeconds")]
    [InlineData("""{"maxErrors":1,"windowSeconds":3601}""", "/windowSeconds")]
    [InlineData("""{"maxErrors":1,"minEvaluations":0}""", "/minEvaluations")]
    [InlineData("""{"maxErrors":1,"trial":{"afterMinutes":1,"percentage":5,"minutes":1}}""", "/trial")]
    [InlineData("""{"maxErrors":1,"action":"disable","trial":{"afterMinutes":0,"percentage":5,"minutes":1}}""", "/trial/afterMinutes")]
    [InlineData("""{"maxErrors":1,"action":"disable","trial":{"afterMinutes":1,"percentage":51,"minutes":1}}""", "/trial/percentage")]
    [InlineData("""{"maxErrors":1,"action":"disable","trial":{"afterMinutes":1,"percentage":0.001,"minutes":1}}""", "/trial/percentage")]
    [InlineData("""{"maxErrors":1,"action":"disable","trial":{"afterMinutes":1,"percentage":5,"minutes":1441}}""", "/trial/minutes")]
    public async Task Settings_that_make_no_sense_are_refused(string body, string pointer)
    {
        var project = await server.CreateProjectAsync();
        Assert.Equal(pointer, (await server.Admin.PutAsync($"{project}/health/settings", body, 400)).Get("errors", "0", "path"));
    }

    [Fact]
    public async Task People_talk_about_an_incident_and_say_that_it_is_over()
    {
        var flag = await CreateAsync(new { windowSeconds = 60, maxErrors = 10, action = "announce" });
        await CountAsync(flag, "on", 0, 50);
        await StateAsync(flag, "failing");
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var path = $"{flag.Project}/incidents/1";
        await viewer.PostAsync($"{path}/comments", new { text = "no" }, 403);
        await viewer.PostAsync($"{path}/resolve", new { }, 403);
        await server.Admin.PostAsync($"{path}/comments", new { text = "" }, 400);
        await server.Admin.PostAsync($"{path}/comments", new { text = "It is the payment service." });
        Assert.Equal("healthy", (await server.Admin.PostAsync($"{path}/resolve", new { comment = "rolled back" })).Get("incident", "state"));
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{path}/resolve", new { }, 409)).Code);
        Assert.Equal(["opened", "comment", "resolved"], await TimelineAsync(flag));
        // What was counted before does not open another one.
        await CountAsync(flag, "on", 0, 1);
        await Task.Delay(1200, TestContext.Current.CancellationToken);
        Assert.Equal("1", (await server.Admin.GetAsync($"{flag.Project}/incidents")).Get("total"));
    }

    [Fact]
    public async Task The_board_shows_the_worst_first_and_the_report_adds_up()
    {
        var flag = await CreateAsync(new { maxErrors = 10, action = "disable" });
        await server.Admin.PostAsync($"{flag.Project}/flags", new { key = "fine", type = "boolean", environments = new { prod = new { enabled = true } } }, 201);
        Assert.Equal("False", (await server.Admin.GetAsync($"{flag.Project}/health")).Get("hasErrors"));
        await DeliverAsync(flag, 1, new HealthDelta(flag.EnvironmentId, "fine", "on", 1000, 1, 0, 0));
        await CountAsync(flag, "on", 100, 50);
        await StateAsync(flag, "disabled");
        var board = await server.Admin.GetAsync($"{flag.Project}/health?environment=prod");
        Assert.Equal("checkout disabled 50 1, fine healthy 1 ", string.Join(", ", board.At("items").EnumerateArray().Select(item => Join(item, "flag", "state", "errors", "incident"))));
        await server.Admin.GetAsync($"{flag.Project}/health?environment=nowhere", 400);

        await server.ExecuteAsync($"UPDATE flags SET created_at = now() - interval '10 hours' WHERE id = '{flag.Id}'; UPDATE health_transitions SET at = now() - interval '1 hour' WHERE flag_id = '{flag.Id}'; UPDATE incidents SET began_at = now() - interval '70 seconds', opened_at = now() - interval '1 minute', resolved_at = now() WHERE flag_id = '{flag.Id}'");
        var report = await server.Admin.GetAsync($"{flag.Project}/health/sla?environment=prod");
        var worst = report.At("items")[0];
        Assert.Equal("checkout", worst.GetProperty("flag").GetString());
        Assert.InRange(worst.GetProperty("healthyShare").GetDouble(), 0.89, 0.91);
        Assert.InRange(worst.GetProperty("disabledSeconds").GetDouble(), 3590, 3620);
        Assert.Equal("1 10 60", $"{worst.GetProperty("incidents").GetInt32()} {worst.GetProperty("detectSeconds").GetDouble():0} {worst.GetProperty("recoverSeconds").GetDouble():0}");
        using var table = await server.Admin.Http.GetAsync($"{flag.Project}/health/sla.csv", TestContext.Current.CancellationToken);
        Assert.Equal("text/csv", table.Content.Headers.ContentType?.MediaType);
        Assert.Contains("\r\ncheckout,prod,", await table.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await server.Admin.GetAsync($"{flag.Project}/health/sla?from=2020-01-01T00:00:00Z", 400);
    }

    [Fact]
    public async Task The_last_minutes_are_told_by_variant()
    {
        var flag = await CreateAsync(new { maxErrors = 1000, action = "none" });
        await CountAsync(flag, "on", 40, 3);
        await CountAsync(flag, null, 0, 2);
        var series = await server.Admin.GetAsync($"{flag.State}/health?minutes=5");
        Assert.Equal("10 30", $"{series.Get("stepSeconds")} {series.Get("steps")}");
        Assert.Equal([" 0 2", "on 40 3"], series.At("series").EnumerateArray().Select(item =>
            $"{item.GetProperty("variant").GetString()} {item.GetProperty("evaluations").EnumerateArray().Sum(count => count.GetInt64())} {item.GetProperty("errors").EnumerateArray().Sum(count => count.GetInt64())}").Order(StringComparer.Ordinal));
        await server.Admin.GetAsync($"{flag.State}/health?minutes=61", 400);
    }

    private static string Join(System.Text.Json.JsonElement item, params string[] names) => string.Join(' ', names.Select(name => item.GetProperty(name).ToString()));

    private async Task ExecuteAsOwnerAsync(string sql)
    {
        await using var command = server.Owner.CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    private async Task<Place> CreateAsync(object settings)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "checkout", type = "boolean", defaultVariant = "on", environments = new { prod = new { enabled = true } } }, 201);
        var path = $"{project}/flags/checkout";
        await server.Admin.PutAsync($"{path}/environments/prod/health/settings", settings);
        var key = project[(project.LastIndexOf('/') + 1)..];
        await using var command = server.Owner.CreateCommand($"SELECT f.id, e.id, p.id FROM flags f JOIN projects p ON p.id = f.project_id JOIN environments e ON e.project_id = p.id AND e.key = 'prod' WHERE p.key = '{key}' AND f.key = 'checkout'");
        await using var reader = await command.ExecuteReaderAsync();
        await reader.ReadAsync();
        return new Place(project, key, path, reader.GetGuid(0), reader.GetGuid(1), reader.GetGuid(2));
    }

    private Task CountAsync(Place flag, string? variant, long evaluations, long errors) =>
        DeliverAsync(flag, ++_sequence + 1000, new HealthDelta(flag.EnvironmentId, flag.Key, variant ?? "", evaluations, errors, 0, 0));

    private Task DeliverAsync(Place flag, long sequence, params HealthDelta[] rows) => server.Services.GetRequiredService<IHealthLog>().AddAsync(_node, sequence, rows);

    private async Task<System.Text.Json.JsonElement> ReadAsync(Place flag) =>
        (await server.Admin.GetAsync($"{flag.Path}/health")).At("environments").EnumerateArray().Single(item => item.GetProperty("environment").GetString() == "prod");

    private Task StateAsync(Place flag, string state, bool calm = false) => Eventually.TrueAsync(async () =>
    {
        if (calm)
            await CalmAsync(flag);
        return (await ReadAsync(flag)).GetProperty("state").GetString() == state;
    }, 20);

    /// <summary>Lets everything that was counted be older.</summary>
    private Task BackAsync(Place flag, int seconds) => server.ExecuteAsync($"UPDATE health_slots SET slot = slot - interval '{seconds} seconds' WHERE flag_id = '{flag.Id}'; {Wake(flag)}");

    private Task BackAsync(Place flag, int seconds, string what) => server.ExecuteAsync($"UPDATE flag_health SET {what} = {what} - interval '{seconds} seconds', tick = tick + 1 WHERE flag_id = '{flag.Id}'; {Wake(flag)}");

    private Task DueAsync(Place flag, string what) => server.ExecuteAsync($"UPDATE flag_health SET {what} = now(), tick = tick + 1 WHERE flag_id = '{flag.Id}' AND {what} IS NOT NULL; {Wake(flag)}");

    /// <summary>Lets it have been calm for long enough.</summary>
    private Task CalmAsync(Place flag) => server.ExecuteAsync(
        $"UPDATE flag_health SET calm_since = calm_since - interval '2 minutes', tick = tick + 1 WHERE flag_id = '{flag.Id}' AND calm_since > now() - interval '1 minute'; {Wake(flag)}");

    private static string Wake(Place flag) => $"UPDATE health_watches SET due_at = now() WHERE environment_id = '{flag.EnvironmentId}'";

    private async Task<string[]> TimelineAsync(Place flag) =>
        [.. (await server.Admin.GetAsync($"{flag.Project}/incidents/1")).At("timeline").EnumerateArray().Select(item => item.GetProperty("kind").GetString()!)];

    private async Task<string> SourceAsync(Place flag)
    {
        var view = await ReadAsync(flag);
        return $"{view.GetProperty("source").GetString()} {view.GetProperty("settings").GetProperty("maxErrors")}";
    }

    private async Task<List<System.Text.Json.JsonElement>> AuditAsync(Place flag, string action) =>
        [.. (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={flag.ProjectKey}&action={action}")).At("items").EnumerateArray()];

    private sealed record Place(string Project, string ProjectKey, string Path, Guid Id, Guid EnvironmentId, Guid ProjectId)
    {
        public string Key { get; } = "checkout";

        public string State => $"{Path}/environments/prod";

        public string Settings => $"{State}/health/settings";
    }
}
