using System.Globalization;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation;
using Togglr.Evaluation.Snapshots;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Experiments;

/// <summary>The life of experiments through the API, seen by those who evaluate the snapshot.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ExperimentTests(ControlPlaneServer server)
{
    private const int People = 2000;

    [Fact]
    public async Task A_started_experiment_is_assigned_from_the_snapshot_and_a_stopped_one_leaves_nothing_behind()
    {
        var (project, states) = await CreateFlagAsync();
        var before = await server.Admin.GetAsync(states);
        await CreateAsync(project, "test", new { audience = Parse("""{"attribute":"plan","operator":"eq","value":"pro"}"""), traffic = 50 });
        var started = await server.Admin.PostAsync($"{project}/experiments/test/start", new { reason = "go" });
        Assert.Equal(("running", "1", "go"), (started.Get("state"), started.Get("phase"), started.Get("phases", "0", "reason")));
        Assert.Equal("experiment:test", (await server.Admin.GetAsync(states)).Get("rules", "0", "id"));

        var snapshot = await SnapshotAsync(project);
        var inside = Evaluate(snapshot, "pro").Where(result => result.ExperimentKey == "test").ToList();
        Assert.InRange(inside.Count, People * 0.45, People * 0.55);
        Assert.InRange(inside.Count(result => result.Variant?.Key == "on"), inside.Count * 0.42, inside.Count * 0.58);
        Assert.All(inside, result => Assert.Equal(EvaluationReason.Split, result.Reason));
        Assert.All(Evaluate(snapshot, "free"), result => Assert.Equal(("off", null), (result.Variant?.Key, result.ExperimentKey)));
        Assert.Equal("1", snapshot.Text("experiments", "test", "phase"));
        Assert.Equal("off", snapshot.Text("experiments", "test", "control"));

        await server.Admin.PostAsync($"{project}/experiments/test/stop", new { reason = "enough" });
        var after = await server.Admin.GetAsync(states);
        Assert.Equal(before.At("rules").GetRawText(), after.At("rules").GetRawText());
        Assert.Equal(before.At("default").GetRawText(), after.At("default").GetRawText());
        Assert.False((await SnapshotAsync(project)).Json.TryGetProperty("experiments", out _));
        Assert.NotNull((await server.Admin.GetAsync($"{project}/experiments/test")).Get("phases", "0", "endedAt"));
    }

    [Fact]
    public async Task Assignments_stay_put_while_traffic_grows_and_everybody_is_dealt_anew_only_when_asked()
    {
        var (project, _) = await CreateFlagAsync();
        await CreateAsync(project, "grow", new { traffic = 20 });
        await server.Admin.PostAsync($"{project}/experiments/grow/start");
        var small = Assignments(await SnapshotAsync(project), "grow");
        Assert.InRange(small.Count, People * 0.16, People * 0.24);

        var grown = await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { traffic = 80, reason = "all well" });
        Assert.Equal(("2", "80", "all well"), (grown.Get("phase"), grown.Get("traffic"), grown.Get("phases", "0", "reason")));
        Assert.Equal(grown.Get("phases", "0", "startedAt"), grown.Get("phases", "1", "endedAt"));
        var large = Assignments(await SnapshotAsync(project), "grow");
        Assert.InRange(large.Count, People * 0.75, People * 0.85);
        Assert.All(small, pair => Assert.Equal(pair.Value, large[pair.Key]));

        await server.Admin.PostAsync($"{project}/experiments/grow/pause", new { reason = "lunch" });
        Assert.Empty(Assignments(await SnapshotAsync(project), "grow"));
        await server.Admin.PostAsync($"{project}/experiments/grow/resume");
        Assert.Equal(large, Assignments(await SnapshotAsync(project), "grow"));

        await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { variations = Weights(3, 1) });
        var moved = Assignments(await SnapshotAsync(project), "grow");
        Assert.All(large.Where(pair => pair.Value == "on"), pair => Assert.Equal("on", moved[pair.Key]));
        await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { reshuffle = true });
        var dealt = Assignments(await SnapshotAsync(project), "grow");
        Assert.Equal(moved.Keys.Order(StringComparer.Ordinal), dealt.Keys.Order(StringComparer.Ordinal));
        Assert.NotEqual(moved, dealt);
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { }, 409)).Code);
        Assert.Equal("validation_failed", (await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { traffic = 0 }, 400)).Code);
        Assert.Equal("validation_failed", (await server.Admin.PostAsync($"{project}/experiments/grow/phases", new { variations = Weights(1, 0) }, 400)).Code);
        Assert.Equal(4, (await server.Admin.GetAsync($"{project}/experiments/grow")).At("phases").GetArrayLength());
    }

    [Fact]
    public async Task Shipping_serves_the_winner_to_the_audience_and_keeps_the_holdout_out()
    {
        var (project, states) = await CreateFlagAsync();
        await server.Admin.PostAsync($"{project}/holdouts", new { key = "global", percentage = 10 }, 201);
        await CreateAsync(project, "held", new { holdout = "global" });
        await server.Admin.PostAsync($"{project}/experiments/held/start");
        var held = Range().Except(Assignments(await SnapshotAsync(project), "held").Keys).ToHashSet(StringComparer.Ordinal);
        Assert.InRange(held.Count, People * 0.08, People * 0.12);
        Assert.Equal("in_use", (await server.Admin.PatchAsync($"{project}/holdouts/global", new { percentage = 20 }, 409)).Code);

        Assert.Equal("/ship", (await server.Admin.PostAsync($"{project}/experiments/held/decide", new { decision = "ship", reason = "x" }, 400)).Get("errors", "0", "path"));
        var decided = await server.Admin.PostAsync($"{project}/experiments/held/decide", new { decision = "ship", ship = "on", reason = "8 % more sales" });
        Assert.Equal(("decided", "ship", "on", "8 % more sales"), (decided.Get("state"), decided.Get("decision", "decision"), decided.Get("decision", "shipped"), decided.Get("decision", "reason")));
        var snapshot = await SnapshotAsync(project);
        foreach (var (person, result) in Range().Zip(Evaluate(snapshot, "pro")))
            Assert.Equal((held.Contains(person) ? "off" : "on", null), (result.Variant?.Key, result.ExperimentKey));
        Assert.Single((await server.Admin.GetAsync(states)).At("rules").EnumerateArray());

        await CreateAsync(project, "plain", new { });
        await server.Admin.PostAsync($"{project}/experiments/plain/start", new { beforeRule = "experiment:held" });
        await server.Admin.PostAsync($"{project}/experiments/plain/decide", new { decision = "rollBack", reason = "no better" });
        Assert.Single((await server.Admin.GetAsync(states)).At("rules").EnumerateArray());
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{project}/experiments/plain/start", new { }, 409)).Code);
        await server.Admin.PostAsync($"{project}/experiments/plain/archive");
        Assert.Equal(1, (await server.Admin.GetAsync($"{project}/experiments")).At("items").GetArrayLength());
        Assert.Equal("plain", (await server.Admin.GetAsync($"{project}/experiments?state=archived")).Get("items", "0", "key"));
    }

    [Fact]
    public async Task Shipping_to_everybody_behind_all_rules_becomes_the_default()
    {
        var (project, states) = await CreateFlagAsync();
        await CreateAsync(project, "all", new { });
        await server.Admin.PostAsync($"{project}/experiments/all/start");
        await server.Admin.PostAsync($"{project}/experiments/all/decide", new { decision = "ship", ship = "on", reason = "better" });
        var state = await server.Admin.GetAsync(states);
        Assert.Equal((0, """{"variant":"on"}"""), (state.At("rules").GetArrayLength(), state.At("default").GetRawText()));
    }

    [Fact]
    public async Task Testers_always_get_their_variant_and_are_not_counted()
    {
        var (project, states) = await CreateFlagAsync();
        await CreateAsync(project, "seen", new { overrides = new[] { new { variant = "on", keys = new[] { "user-1", "user-2" } } } });
        await server.Admin.PostAsync($"{project}/experiments/seen/start");
        var tester = Evaluate(await SnapshotAsync(project), "pro")[1];
        Assert.Equal(("on", null, EvaluationReason.TargetingMatch), (tester.Variant?.Key, tester.ExperimentKey, tester.Reason));
        await server.Admin.PutAsync($"{project}/experiments/seen/overrides", new { overrides = new[] { new { variant = "off", keys = new[] { "user-1" } } } });
        Assert.Equal("off", Evaluate(await SnapshotAsync(project), "pro")[1].Variant?.Key);
        Assert.Equal("seen", Evaluate(await SnapshotAsync(project), "pro")[2].ExperimentKey);
        Assert.Equal("/overrides/0/keys/1", (await server.Admin.PutAsync($"{project}/experiments/seen/overrides", new { overrides = new[] { new { variant = "on", keys = new[] { "a", "a" } } } }, 400)).Get("errors", "0", "path"));
        await server.Admin.PostAsync($"{project}/experiments/seen/stop");
        Assert.Equal(0, (await server.Admin.GetAsync(states)).At("rules").GetArrayLength());
    }

    [Fact]
    public async Task Nobody_changes_the_rule_of_an_experiment_that_runs_by_whatever_way()
    {
        var (project, states) = await CreateFlagAsync();
        await CreateAsync(project, "kept", new { audience = Parse("""{"attribute":"plan","operator":"eq","value":"pro"}""") });
        await server.Admin.PostAsync($"{project}/experiments/kept/start");
        var own = new { id = "experiment:kept", name = "Kept", @if = Parse("""{"attribute":"plan","operator":"eq","value":"pro"}"""), then = new { experiment = "kept" } };
        var other = new { id = "other", @if = Parse("""{"attribute":"country","operator":"eq","value":"US"}"""), then = new { variant = "on" } };
        Task<Answer> PutAsync(int status, object serve, params object[] rules) => server.Admin.PutAsync(states, new { rules, @default = serve, enabled = true }, status, ("If-Match", "*"));
        var off = new { variant = "off" };

        var refused = await PutAsync(409, off, other);
        Assert.Equal(("in_use", "experiment", "kept"), (refused.Code, refused.Get("usedBy", "0", "kind"), refused.Get("usedBy", "0", "key")));
        await PutAsync(409, off, new { own.id, own.name, @if = other.@if, own.then });
        await PutAsync(409, new { experiment = "kept" }, own);
        await PutAsync(409, off, own, new { id = "twice", @if = other.@if, own.then });
        await PutAsync(400, new { experiment = "unknown" }, own);
        await PutAsync(200, off, other, own);
        await server.Admin.PutAsync(states.Replace("/dev", "/stage", StringComparison.Ordinal), new { @default = new { experiment = "kept" } }, 400, ("If-Match", "*"));
        Assert.Equal("in_use", (await server.Admin.PostAsync($"{project}/flags/f/archive", null, 409)).Code);
        // An experiment stays where it is: what is promoted goes without it, and does not take it away.
        await server.Admin.PostAsync($"{project}/environments/stage/promote", new { from = "dev", conflictPolicy = "overwrite", reason = "x" });
        Assert.Equal("other", Assert.Single((await server.Admin.GetAsync(states.Replace("/dev", "/stage", StringComparison.Ordinal))).At("rules").EnumerateArray()).GetProperty("id").GetString());
        Assert.Equal("in_use", (await server.Admin.PostAsync($"{project}/environments/dev/promote", new { from = "stage", conflictPolicy = "overwrite", reason = "x" }, 409)).Code);
        Assert.Equal("in_use", (await server.Admin.DeleteAsync($"{project}/metrics/sales", 409)).Code);
        Assert.Equal("not_archived", (await server.Admin.DeleteAsync($"{project}/experiments/kept", 409)).Code);
        Assert.Equal("experiment_started", (await server.Admin.PatchAsync($"{project}/experiments/kept", new { traffic = 1 }, 409)).Code);
        Assert.Equal("Kept safe", (await server.Admin.PatchAsync($"{project}/experiments/kept", new { name = "Kept safe" })).Get("name"));
        await server.Admin.PostAsync($"{project}/flags/f/kill", new { reason = "on fire" });
    }

    [Fact]
    public async Task A_variant_that_an_experiment_compares_stays()
    {
        var project = await server.CreateProjectAsync();
        object[] variants = [new { key = "a", value = "A" }, new { key = "b", value = "B" }, new { key = "c", value = "C" }];
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "string", variants, environments = new { dev = new { enabled = true } } }, 201);
        await CreateMetricAsync(project);
        await CreateAsync(project, "abc", new { });
        await server.Admin.PostAsync($"{project}/experiments/abc/start");
        var refused = await server.Admin.PatchAsync($"{project}/flags/f", new { variants = variants[..2] }, 409);
        Assert.Equal(("in_use", "abc"), (refused.Code, refused.Get("usedBy", "0", "key")));
        await server.Admin.PostAsync($"{project}/experiments/abc/stop");
        await server.Admin.PatchAsync($"{project}/flags/f", new { variants = variants[..2] });
        Assert.Equal("in_use", (await ArchiveAndDeleteAsync(project)).Code);
    }

    [Fact]
    public async Task Experiments_of_a_layer_never_share_a_unit()
    {
        var (project, _) = await CreateFlagAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "g", type = "boolean", defaultVariant = "off", environments = new { dev = new { enabled = true } } }, 201);
        await server.Admin.PostAsync($"{project}/layers", new { key = "checkout" }, 201);
        var first = await CreateAsync(project, "first", new { layer = new { key = "checkout", percentage = 60 } });
        Assert.Equal(("0", "60"), (first.Get("layer", "from"), first.Get("layer", "to")));
        var full = await CreateAsync(project, "second", new { flag = "g", layer = new { key = "checkout", percentage = 50 } }, 409);
        Assert.Equal("layer_full", full.Code);
        var second = await CreateAsync(project, "second", new { flag = "g", layer = new { key = "checkout", percentage = 40 } });
        Assert.Equal(("60", "100"), (second.Get("layer", "from"), second.Get("layer", "to")));
        await CreateAsync(project, "third", new { flag = "g", layer = new { key = "checkout", from = 50, to = 70 } });
        await server.Admin.PostAsync($"{project}/experiments/first/start");
        await server.Admin.PostAsync($"{project}/experiments/second/start");
        var snapshot = await SnapshotAsync(project);
        var (one, two) = (Assignments(snapshot, "first"), Assignments(snapshot, "second", "g"));
        Assert.Empty(one.Keys.Intersect(two.Keys));
        Assert.Equal(People, one.Count + two.Count);
        var blocked = await server.Admin.PostAsync($"{project}/experiments/third/start", new { }, 409);
        Assert.Contains("layer_overlap", blocked.At("errors").EnumerateArray().Select(error => error.GetProperty("code").GetString()));
        Assert.Equal(3, (await server.Admin.GetAsync($"{project}/layers/checkout")).At("experiments").GetArrayLength());
        Assert.Equal("in_use", (await server.Admin.DeleteAsync($"{project}/layers/checkout", 409)).Code);
    }

    [Fact]
    public async Task The_checklist_says_what_is_missing_and_nothing_starts_before()
    {
        var (project, states) = await CreateFlagAsync();
        await server.Admin.PostAsync($"{states}/toggle", new { enabled = false });
        await CreateAsync(project, "bare", new { traffic = 0, variations = Weights(1, 0), plan = new { minimumDays = 1 } });
        var list = await server.Admin.GetAsync($"{project}/experiments/bare/checklist");
        string[] Codes(string severity) => [.. list.At("checks").EnumerateArray().Where(check => check.GetProperty("severity").GetString() == severity).Select(check => check.GetProperty("code").GetString()!)];
        Assert.Equal("False", list.Get("canStart"));
        Assert.Equal(["flag_off", "no_primary_metric", "no_traffic", "too_few_variations"], Codes("blocking").Order(StringComparer.Ordinal));
        Assert.Equal(["no_guardrail", "no_hypothesis", "short_minimum"], Codes("warning").Order(StringComparer.Ordinal));
        Assert.Equal("not_ready", (await server.Admin.PostAsync($"{project}/experiments/bare/start", new { }, 409)).Code);
        Assert.Equal(0, (await server.Admin.GetAsync(states)).At("rules").GetArrayLength());

        await server.Admin.PostAsync($"{states}/toggle", new { enabled = true });
        await server.Admin.PatchAsync($"{project}/experiments/bare", new { traffic = 100, variations = Weights(1, 1), plan = new { metrics = new[] { new { metric = "sales", role = "primary" } } } });
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/experiments/bare/checklist")).Get("canStart"));
        Assert.Equal("draft", (await server.Admin.GetAsync($"{project}/experiments/bare")).Get("state"));
    }

    [Fact]
    public async Task A_rule_before_that_catches_everybody_is_warned_of()
    {
        var (project, states) = await CreateFlagAsync();
        await server.Admin.PutAsync(states, new { rules = new[] { new { id = "all", @if = Parse("""{"and":[]}"""), then = new { variant = "on" } } }, @default = new { variant = "off" }, enabled = true }, 200, ("If-Match", "*"));
        await CreateAsync(project, "late", new { });
        var after = await server.Admin.GetAsync($"{project}/experiments/late/checklist");
        Assert.Contains("warning", after.At("checks").EnumerateArray().Where(check => check.GetProperty("path").GetString() == "/audience").Select(check => check.GetProperty("severity").GetString()));
        var before = await server.Admin.GetAsync($"{project}/experiments/late/checklist?beforeRule=all");
        Assert.DoesNotContain("/audience", before.At("checks").EnumerateArray().Select(check => check.GetProperty("path").GetString()));
        await server.Admin.PostAsync($"{project}/experiments/late/start", new { beforeRule = "all" });
        Assert.Equal("experiment:late", (await server.Admin.GetAsync(states)).Get("rules", "0", "id"));
    }

    [Fact]
    public async Task Metrics_are_kept_as_they_were_when_the_experiment_was_started()
    {
        var (project, _) = await CreateFlagAsync();
        await CreateAsync(project, "frozen", new { });
        await server.Admin.PatchAsync($"{project}/metrics/sales", new { definition = new { kind = "sum", @event = "sold" } });
        Assert.Equal("sold", (await server.Admin.GetAsync($"{project}/experiments/frozen")).Get("metrics", "0", "definition", "event"));
        await server.Admin.PostAsync($"{project}/experiments/frozen/start");
        await server.Admin.PatchAsync($"{project}/metrics/sales", new { definition = new { kind = "count", @event = "returned" }, archived = true });
        var frozen = await server.Admin.GetAsync($"{project}/experiments/frozen");
        Assert.Equal(("sum", "sold"), (frozen.Get("metrics", "0", "definition", "kind"), frozen.Get("metrics", "0", "definition", "event")));
    }

    [Fact]
    public async Task A_guarded_experiment_ships_by_a_change_request_and_stops_without_one()
    {
        var (project, states) = await CreateFlagAsync();
        await CreateAsync(project, "safe", new { });
        await CreateAsync(project, "free", new { });
        await server.Admin.PostAsync($"{project}/experiments/free/start");
        await server.Admin.PostAsync($"{project}/change-policies", new { environment = "dev" }, 201);
        Assert.Equal("paused", (await server.Admin.PostAsync($"{project}/experiments/free/pause")).Get("state"));
        Assert.Equal("stopped", (await server.Admin.PostAsync($"{project}/experiments/free/stop")).Get("state"));
        Assert.Equal("decided", (await server.Admin.PostAsync($"{project}/experiments/free/decide", new { decision = "inconclusive", reason = "too few people" })).Get("state"));
        var asked = await server.Admin.PostAsync($"{project}/experiments/safe/start", new { }, 202);
        Assert.Equal("draft", (await server.Admin.GetAsync($"{project}/experiments/safe")).Get("state"));
        var approver = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        await approver.PostAsync($"{asked.Get("url")}/approve");
        await server.Admin.PostAsync($"{asked.Get("url")}/apply");
        Assert.Equal("running", (await server.Admin.GetAsync($"{project}/experiments/safe")).Get("state"));
        await server.Admin.PatchAsync($"{project}/experiments/safe", new { description = "free" });

        asked = await server.Admin.PostAsync($"{project}/experiments/safe/decide", new { decision = "ship", ship = "on", reason = "better" }, 202);
        await approver.PostAsync($"{asked.Get("url")}/approve");
        await server.Admin.PostAsync($"{asked.Get("url")}/apply");
        Assert.Equal("""{"variant":"on"}""", (await server.Admin.GetAsync(states)).At("default").GetRawText());
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
    }

    [Fact]
    public async Task What_the_flag_serves_is_changed_by_those_only_who_may_change_it_there()
    {
        var (project, _) = await CreateFlagAsync();
        await CreateAsync(project, "own", new { });
        var member = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        Assert.Equal("forbidden", (await member.PostAsync($"{project}/experiments/own/start", new { }, 403)).Code);
        Assert.Equal("False", (await member.GetAsync($"{project}/experiments/own")).Get("mayServe"));
        Assert.Equal("412", (await server.Admin.SendAsync(HttpMethod.Post, $"{project}/experiments/own/start", new { }, 412, ("If-Match", "\"9\""))).Get("status"));
    }

    [Theory]
    [InlineData("""{"key":"a:b","flag":"f","environment":"dev"}""", "/key")]
    [InlineData("""{"key":"x","flag":"nope","environment":"dev"}""", "/flag")]
    [InlineData("""{"key":"x","flag":"f","environment":"nope"}""", "/environment")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","traffic":100.5}""", "/traffic")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","traffic":0.001}""", "/traffic")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","variations":[{"key":"on","weight":-1},{"key":"off","weight":1}]}""", "/variations/0/weight")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","variations":[{"key":"on","weight":1},{"key":"on","weight":1}]}""", "/variations/1/key")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","variations":[{"key":"on","weight":0},{"key":"off","weight":0}]}""", "/variations")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","variations":[{"key":"maybe","weight":1}]}""", "/variations/0/key")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","control":"maybe"}""", "/control")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","audience":{"attribute":"a","operator":"like","value":1}}""", "/audience/operator")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","audience":{"segment":"nope"}}""", "/audience")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","holdout":"nope"}""", "/holdout")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","layer":{"key":"nope","percentage":5}}""", "/layer/key")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"alpha":0.9}}""", "/plan/alpha")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"method":"pocock","lookDays":[7,7]}}""", "/plan/lookDays/1")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"method":"fixed","lookDays":[7,14]}}""", "/plan/lookDays")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"prior":{"mean":0,"deviation":1}}}""", "/plan/prior")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"metrics":[{"metric":"nope","role":"primary"}]}}""", "/plan/metrics/0/metric")]
    [InlineData("""{"key":"x","flag":"f","environment":"dev","plan":{"metrics":[{"metric":"sales","role":"primary","margin":0.1}]}}""", "/plan/metrics/0/margin")]
    public async Task A_design_that_makes_no_sense_is_refused_where_it_does_not(string body, string path)
    {
        var (project, _) = await CreateFlagAsync();
        Assert.Equal(path, (await server.Admin.PostAsync($"{project}/experiments", body, 400)).Get("errors", "0", "path"));
    }

    private async Task<(string Project, string States)> CreateFlagAsync()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean", defaultVariant = "off", environments = new { dev = new { enabled = true } } }, 201);
        await CreateMetricAsync(project);
        return (project, $"{project}/flags/f/environments/dev");
    }

    private Task<Answer> CreateMetricAsync(string project) => server.Admin.PostAsync($"{project}/metrics", new { key = "sales", definition = new { kind = "conversion", @event = "bought" } }, 201);

    private Task<Answer> CreateAsync(string project, string key, object more, int status = 201)
    {
        var body = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["key"] = key, ["flag"] = "f", ["environment"] = "dev", ["plan"] = new { metrics = new[] { new { metric = "sales", role = "primary" } } },
        };
        foreach (var member in JsonSerializer.SerializeToElement(more).EnumerateObject())
            body[member.Name] = member.Value;
        return server.Admin.PostAsync($"{project}/experiments", body, status);
    }

    private async Task<Answer> ArchiveAndDeleteAsync(string project)
    {
        await server.Admin.PostAsync($"{project}/flags/f/archive");
        return await server.Admin.DeleteAsync($"{project}/flags/f", 409);
    }

    private static object[] Weights(int on, int off) => [new { key = "on", weight = on }, new { key = "off", weight = off }];

    private static JsonElement Parse(string json) => JsonSerializer.Deserialize<JsonElement>(json);

    private async Task<Seen> SnapshotAsync(string project) => new((await server.Admin.GetAsync($"{project}/environments/dev/snapshot")).Json.Clone());

    private static IEnumerable<string> Range() => Enumerable.Range(0, People).Select(i => $"user-{i.ToString(CultureInfo.InvariantCulture)}");

    private static List<EvaluationResult> Evaluate(Seen seen, string plan, string flag = "f")
    {
        var snapshot = Snapshot.Load(Encoding.UTF8.GetBytes(seen.Json.GetRawText()));
        return [.. Range().Select(person => snapshot.Evaluate(flag, EvaluationContext.Parse(Encoding.UTF8.GetBytes($$"""{"targetingKey":"{{person}}","plan":"{{plan}}"}""")), 0))];
    }

    private static Dictionary<string, string> Assignments(Seen seen, string experiment, string flag = "f") =>
        Range().Zip(Evaluate(seen, "pro", flag)).Where(pair => pair.Second.ExperimentKey == experiment).ToDictionary(pair => pair.First, pair => pair.Second.Variant!.Key, StringComparer.Ordinal);

    private sealed record Seen(JsonElement Json)
    {
        public string Text(params string[] path) => path.Aggregate(Json, (element, name) => element.GetProperty(name)).ToString();
    }
}
