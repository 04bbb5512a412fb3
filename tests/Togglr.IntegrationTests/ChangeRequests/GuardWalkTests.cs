using System.Text.Json;
using System.Text.RegularExpressions;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.ChangeRequests;

/// <summary>
/// No way around an approval: every mutating call of <c>spec/openapi.json</c> inside a project whose policy guards everything turns into a pending request and changes nothing. A new operation needs a
/// line in <see cref="Every_mutating_call_of_a_guarded_project_becomes_a_request"/>, or one with its reason in <see cref="Free"/>.
/// </summary>
[Collection(ControlPlaneTests.Name)]
public sealed partial class GuardWalkTests(ControlPlaneServer server)
{
    /// <summary>Operations inside a project (or on what is in one) that no policy holds up, each with its reason.</summary>
    private static readonly Dictionary<string, string> Free = new(StringComparer.Ordinal)
    {
        ["killFlag"] = "the kill switch never waits",
        ["createSdkKey"] = "a credential, governed by rights and an end of its own; its secret is shown once, to whoever asked",
        ["updateSdkKey"] = "a credential",
        ["rotateSdkKey"] = "a credential",
        ["revokeSdkKey"] = "a credential, and taking one away cannot wait",
        ["createContext"] = "kept for the debugger, serves nobody",
        ["updateContext"] = "kept for the debugger, serves nobody",
        ["deleteContext"] = "kept for the debugger, serves nobody",
        ["createView"] = "how somebody looks at the list",
        ["updateView"] = "how somebody looks at the list",
        ["deleteView"] = "how somebody looks at the list",
        ["evaluate"] = "reads",
        ["previewSchedule"] = "reads",
        ["previewImpact"] = "tries and undoes",
        ["previewDraftImpact"] = "reads",
        ["analyzeFlag"] = "reads",
        ["analyzeSegment"] = "reads",
        ["previewMetric"] = "reads",
        ["evaluateSegment"] = "reads",
        ["pauseRamp"] = "stops what was approved",
        ["rollBackRamp"] = "stops what was approved, and serves what was served before",
        ["cancelRamp"] = "stops what was approved",
        ["approveRampStep"] = "is the approval that was approved with the ramp",
        ["compareSegmentKeys"] = "reads",
        ["createMetric"] = "measures, serves nobody",
        ["updateMetric"] = "measures, serves nobody, and experiments that were started keep what they were started with",
        ["deleteMetric"] = "measures, serves nobody",
        ["createLayer"] = "serves nobody",
        ["updateLayer"] = "serves nobody: what people see of it only",
        ["deleteLayer"] = "serves nobody: no experiment is in it",
        ["createHoldout"] = "serves nobody",
        ["updateHoldout"] = "serves nobody: its share stays while an experiment that names it runs",
        ["deleteHoldout"] = "serves nobody: no experiment names it",
        ["createExperiment"] = "a draft serves nobody",
        ["updateExperiment"] = "a draft serves nobody, and of one that was started only what people see can be changed",
        ["deleteExperiment"] = "a draft or put away: serves nobody",
        ["pauseExperiment"] = "stops what was approved",
        ["stopExperiment"] = "stops what was approved, and serves what was served before",
        ["archiveExperiment"] = "is over: serves nobody",
        ["createChangeRequest"] = "asks",
        ["updateChangeRequest"] = "asks",
        ["addRequestedChange"] = "asks",
        ["putRequestedChange"] = "asks",
        ["deleteRequestedChange"] = "asks",
        ["submitChangeRequest"] = "asks",
        ["approveChangeRequest"] = "is the approval",
        ["rejectChangeRequest"] = "is the approval",
        ["cancelChangeRequest"] = "asks no more",
        ["applyChangeRequest"] = "does what was approved and nothing else",
        ["rebaseChangeRequest"] = "asks",
        ["commentOnChangeRequest"] = "talks",
        ["createProjectDestination"] = "tells people, serves nobody",
        ["updateProjectDestination"] = "tells people, serves nobody",
        ["deleteProjectDestination"] = "tells people, serves nobody",
        ["testProjectDestination"] = "tells people, serves nobody",
        ["resendAllProjectDeliveries"] = "tells people, serves nobody",
        ["resendProjectDelivery"] = "tells people, serves nobody",
        ["putWatch"] = "one's own inbox",
        ["commentOnIncident"] = "talks",
        ["resolveIncident"] = "talks",
        ["createProject"] = "there is no policy in it yet",
    };

    private readonly Dictionary<string, (HttpMethod Method, string Path, bool TellsOfRequests)> _operations = Read();
    private readonly HashSet<string> _walked = new(StringComparer.Ordinal);
    private string _project = "";

    [Fact]
    public async Task Every_mutating_call_of_a_guarded_project_becomes_a_request()
    {
        var path = await server.CreateProjectAsync();
        _project = path.Split('/')[^1];
        await server.Admin.PostAsync($"{path}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{path}/flags", new { key = "old", type = "boolean" });
        await server.Admin.PostAsync($"{path}/flags/old/archive");
        await server.Admin.PostAsync($"{path}/flags", new { key = "dead", type = "boolean" });
        await server.Admin.PostAsync($"{path}/flags/dead/kill", new { reason = "x" });
        await server.Admin.PostAsync($"{path}/flags/f/environments/stage/toggle", new { enabled = true });
        await server.Admin.PostAsync($"{path}/flags", new { key = "moved", type = "boolean" });
        await server.Admin.PostAsync($"{path}/flags/moved/environments/dev/toggle", new { enabled = true });
        var promoted = await server.Admin.PostAsync($"{path}/environments/prod/promote", new { from = "dev", flags = new[] { "moved" }, reason = "x" });
        var moved = int.Parse(promoted.Get("flags", "0", "version")!, System.Globalization.CultureInfo.InvariantCulture);
        await server.Admin.PostAsync($"{path}/segments", new { key = "s" });
        await server.Admin.PostAsync($"{path}/segments", new { key = "spare" });
        await server.Admin.PostAsync($"{path}/categories", new { key = "c" });
        await server.Admin.PostAsync($"{path}/tags", new { key = "t" });
        await server.Admin.PostAsync($"{path}/attributes", new { name = "a", type = "string" });
        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={_project}&action=flag.enabled&limit=1")).Get("items", "0", "id");
        var schedule = (await server.Admin.PostAsync($"{path}/flags/f/environments/dev/schedules", new { name = "s", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, 201)).Get("id");
        await server.Admin.PostAsync($"{path}/flags/f/environments/prod/toggle", new { enabled = true });
        var ramp = (await server.Admin.PostAsync($"{path}/flags/f/environments/prod/ramps", new { from = "on", to = "off", preset = "careful" }, 201)).Get("id");
        foreach (var place in new[] { "", "/environments/dev", "/flags/f/environments/dev" })
            await server.Admin.PutAsync($"{path}{place}/health/settings", new { maxErrors = 10 });
        await server.Admin.PostAsync($"{path}/metrics", new { key = "m", definition = new { kind = "conversion", @event = "bought" } }, 201);
        await server.Admin.PostAsync($"{path}/flags", new { key = "tried", type = "boolean", environments = new { stage = new { enabled = true } } }, 201);
        foreach (var experiment in new[] { "draft", "runs", "idle" })
            await server.Admin.PostAsync($"{path}/experiments", new { key = experiment, flag = "tried", environment = "stage", plan = new { metrics = new[] { new { metric = "m", role = "primary" } } } }, 201);
        await server.Admin.PostAsync($"{path}/experiments/runs/start");
        await server.Admin.PostAsync($"{path}/experiments/idle/start");
        await server.Admin.PostAsync($"{path}/experiments/idle/pause");
        await server.Admin.PutAsync($"{path}/flags/moved/environments/dev/algorithm", new { kind = "thompson" });
        var policy = (await server.Admin.PostAsync($"{path}/change-policies", new { minApprovals = 2 }, 201)).Get("id");

        await AsksAsync("updateProject", new { description = "d" });
        await AsksAsync("deleteProject", null);
        await AsksAsync("createEnvironment", new { key = "qa" });
        await AsksAsync("updateEnvironment", new { name = "Quality" }, ("env", "dev"));
        await AsksAsync("orderEnvironments", new { keys = new[] { "stage", "prod", "dev" } });
        await AsksAsync("deleteEnvironment", null, ("env", "dev"));
        await AsksAsync("createCategory", new { key = "d" });
        await AsksAsync("updateCategory", new { name = "C" }, ("category", "c"));
        await AsksAsync("deleteCategory", null, ("category", "c"));
        await AsksAsync("createTag", new { key = "u" });
        await AsksAsync("updateTag", new { name = "T" }, ("tag", "t"));
        await AsksAsync("deleteTag", null, ("tag", "t"));
        await AsksAsync("createAttribute", new { name = "b", type = "string" });
        await AsksAsync("updateAttribute", new { description = "d" }, ("name", "a"));
        await AsksAsync("deleteAttribute", null, ("name", "a"));
        await AsksAsync("createSegment", new { key = "v" });
        await AsksAsync("putSegment", new { name = "S" }, ("segment", "s"));
        await AsksAsync("editSegmentKeys", new { list = "included", add = new[] { "u" } }, ("segment", "s"));
        await AsksAsync("uploadSegmentKeys", new StringContent("v\nw\n", System.Text.Encoding.UTF8, "text/plain"), ("segment", "s"));
        await AsksAsync("deleteSegment", null, ("segment", "spare"));
        await AsksAsync("createFlag", new { key = "g", type = "boolean" });
        await AsksAsync("updateFlag", new { name = "F" }, ("flag", "f"));
        await AsksAsync("configureFlag", new { @default = new { variant = "off" } }, ("flag", "f"), ("env", "dev"));
        await AsksAsync("toggleFlag", new { enabled = true }, ("flag", "f"), ("env", "dev"));
        await AsksAsync("createSchedule", new { name = "t", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, ("flag", "f"), ("env", "dev"));
        await AsksAsync("updateSchedule", new { name = "t", kind = "once", action = "enable", at = "2100-01-01T00:00:00Z" }, ("flag", "f"), ("env", "dev"), ("id", schedule));
        await AsksAsync("deleteSchedule", null, ("flag", "f"), ("env", "dev"), ("id", schedule));
        await AsksAsync("startRamp", new { from = "on", to = "off", preset = "careful" }, ("flag", "f"), ("env", "stage"));
        await AsksAsync("skipRampStep", new { }, ("flag", "f"), ("env", "prod"), ("id", ramp));
        await server.Admin.PostAsync($"{path}/flags/f/environments/prod/ramps/{ramp}/pause", new { }, 200);
        await AsksAsync("resumeRamp", new { }, ("flag", "f"), ("env", "prod"), ("id", ramp));
        await AsksAsync("startExperiment", new { }, ("experiment", "draft"));
        await AsksAsync("beginExperimentPhase", new { traffic = 50 }, ("experiment", "runs"));
        await AsksAsync("putExperimentOverrides", new { overrides = new[] { new { variant = "on", keys = new[] { "tester" } } } }, ("experiment", "runs"));
        await AsksAsync("decideExperiment", new { decision = "ship", ship = "on", reason = "better" }, ("experiment", "runs"));
        await AsksAsync("resumeExperiment", new { }, ("experiment", "idle"));
        await AsksAsync("putAlgorithm", new { kind = "ucb1" }, ("flag", "tried"), ("env", "dev"));
        await AsksAsync("deleteAlgorithm", null, ("flag", "moved"), ("env", "dev"));
        await AsksAsync("bulkFlags", new { action = "enable", environment = "dev", flags = new[] { "f" } });
        await AsksAsync("promoteEnvironment", new { from = "stage", conflictPolicy = "overwrite" }, ("env", "dev"));
        await AsksAsync("undoPromotion", new { flags = new Dictionary<string, int> { ["moved"] = moved }, reason = "x" }, ("env", "prod"));
        await AsksAsync("restoreAuditEntry", new { to = "before" }, ("id", entry));
        await AsksAsync("reviveFlag", new { reason = "x" }, ("flag", "dead"));
        await AsksAsync("archiveFlag", new { }, ("flag", "f"));
        await AsksAsync("restoreFlag", new { }, ("flag", "old"));
        await AsksAsync("deleteFlag", null, ("flag", "old"));
        await AsksAsync("putProjectHealthSettings", new { maxErrors = 11 });
        await AsksAsync("putEnvironmentHealthSettings", new { maxErrors = 11 }, ("env", "dev"));
        await AsksAsync("putFlagHealthSettings", new { maxErrors = 11 }, ("flag", "f"), ("env", "dev"));
        await AsksAsync("deleteProjectHealthSettings", null);
        await AsksAsync("deleteEnvironmentHealthSettings", null, ("env", "dev"));
        await AsksAsync("deleteFlagHealthSettings", null, ("flag", "f"), ("env", "dev"));
        await AsksAsync("createChangePolicy", new { environment = "dev" });
        await AsksAsync("updateChangePolicy", new { enabled = false }, ("id", policy));
        await AsksAsync("deleteChangePolicy", null, ("id", policy));

        var inProjects = _operations.Where(operation => operation.Value.Path.Contains("/projects/{project}", StringComparison.Ordinal) || operation.Key is "restoreAuditEntry" or "createProject").Select(operation => operation.Key);
        string[] missing = [.. inProjects.Where(operation => !_walked.Contains(operation) && !Free.ContainsKey(operation)).Order(StringComparer.Ordinal)];
        Assert.True(missing.Length == 0, $"Nothing shows that {string.Join(", ", missing)} cannot go around an approval: add a line to this test, or one with the reason to {nameof(Free)}.");
        Assert.Empty(Free.Keys.Except(_operations.Keys));
        // The description says so of all of these, and besides only of calls that can be a part of somebody's draft.
        string[] told = [.. _operations.Where(operation => operation.Value.TellsOfRequests).Select(operation => operation.Key)];
        Assert.Empty(_walked.Except(told));
        Assert.Empty(told.Except(_walked).Except(Free.Keys));
    }

    [Theory]
    [InlineData("a segment that it asks for", "segments/inner", "PUT", """{"name":"S","if":{"attribute":"x","operator":"eq","value":"1"}}""", 202)]
    [InlineData("a segment of no flag", "segments/lone", "PUT", """{"name":"S","if":{"attribute":"x","operator":"eq","value":"1"}}""", 200)]
    [InlineData("a prerequisite", "flags/needed/environments/prod/toggle", "POST", """{"enabled":true}""", 202)]
    [InlineData("a prerequisite's variants", "flags/needed", "PATCH", """{"offVariant":null}""", 202)]
    [InlineData("another flag", "flags/other/environments/prod/toggle", "POST", """{"enabled":true}""", 200)]
    [InlineData("the flag's name", "flags/guarded", "PATCH", """{"name":"New"}""", 202)]
    [InlineData("the tag on the flag", "flags/guarded", "PATCH", """{"tags":[]}""", 202)]
    [InlineData("the tag on another flag", "flags/other", "PATCH", """{"tags":["guarded"]}""", 202)]
    [InlineData("many flags", "flags/bulk", "POST", """{"action":"removeTags","tags":["guarded"],"flags":["guarded"]}""", 202)]
    [InlineData("the tag", "tags/guarded", "PATCH", """{"name":"Free"}""", 202)]
    [InlineData("an environment with its state", "environments/dev", "DELETE", null, 202)]
    [InlineData("the project", "", "DELETE", null, 202)]
    public async Task What_a_tagged_flag_depends_on_is_guarded_with_it(string what, string path, string method, string? body, int expected)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/segments", new { key = "inner" });
        await server.Admin.PostAsync($"{project}/segments", new { key = "lone" });
        await server.Admin.PostAsync($"{project}/segments", """{"key":"outer","if":{"segment":"inner"}}""");
        foreach (var flag in new[] { "guarded", "needed", "other" })
            await server.Admin.PostAsync($"{project}/flags", new { key = flag, type = "boolean" });
        await server.Admin.SendAsync(
            HttpMethod.Put, $"{project}/flags/guarded/environments/prod",
            """{"prerequisites":[{"flag":"needed","variants":["on"]}],"rules":[{"if":{"segment":"outer"},"then":{"variant":"on"}}],"default":{"variant":"off"}}""", 200, ("If-Match", "*"));
        await server.Admin.SendAsync(HttpMethod.Patch, $"{project}/flags/guarded", new { tags = new[] { "guarded" }, reason = "guard it" }, 200, ("Togglr-Bypass", "true"));
        var answer = await server.Admin.SendAsync(new HttpMethod(method), $"{project}/{path}".TrimEnd('/'), body, -1, ("If-Match", "*"));
        Assert.True(expected == answer.Status, $"{what}: {answer.Status} {answer.Json}");
    }

    /// <summary>Makes a call and expects a pending request, and nothing in the log but that it was made.</summary>
    private async Task AsksAsync(string operation, object? body, params (string Name, string Value)[] values)
    {
        Assert.True(_operations.TryGetValue(operation, out var known), $"There is no operation {operation} any more: remove its line.");
        var path = Placeholder().Replace(known.Path, match => match.Groups["name"].Value switch
        {
            "org" => "default",
            "project" => _project,
            var name => values.First(value => value.Name == name).Value,
        });
        var before = await CountAsync();
        var answer = await server.Admin.SendAsync(known.Method, path, body, -1, ("If-Match", "*"));
        Assert.True(answer.Status == 202, $"{operation} answered {answer.Status}: {answer.Json}");
        Assert.Equal("pending", answer.Get("state"));
        Assert.Equal(operation, answer.Get("changes", "0", "operation"));
        Assert.Equal(2, answer.At("requirements", "0", "minApprovals").GetInt32());
        Assert.Equal((before.Requests + 1, before.Others), await CountAsync());
        _walked.Add(operation);
    }

    private async Task<(long Requests, long Others)> CountAsync() => (
        await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE project = '{_project}' AND action = 'changerequest.created'"),
        await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE project = '{_project}' AND action <> 'changerequest.created'"));

    private static Dictionary<string, (HttpMethod, string, bool)> Read()
    {
        using var description = JsonDocument.Parse(File.ReadAllText(Path.Combine(RepositoryRoot.Path, "spec", "openapi.json")));
        return description.RootElement.GetProperty("paths").EnumerateObject().SelectMany(path => path.Value.EnumerateObject().Where(operation => operation.Name is "post" or "put" or "patch" or "delete")
            .Select(operation => (Name: operation.Value.GetProperty("operationId").GetString()!, Method: new HttpMethod(operation.Name.ToUpperInvariant()), Path: path.Name, TellsOfRequests: operation.Value.GetProperty("responses").TryGetProperty("202", out var answer) && answer.GetRawText().Contains("/ChangeRequestView\"", StringComparison.Ordinal))))
            .ToDictionary(operation => operation.Name, operation => (operation.Method, operation.Path, operation.TellsOfRequests), StringComparer.Ordinal);
    }

    [GeneratedRegex("\\{(?<name>[a-zA-Z]+)\\}", RegexOptions.ExplicitCapture, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Placeholder();
}
