using System.Globalization;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Analytics;
using Togglr.Evaluation;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Events;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Sdk;

namespace Togglr.IntegrationTests.Algorithms;

/// <summary>From feedback over HTTP to weights in the snapshot, by a server with all roles.</summary>
public sealed class AlgorithmTests(EventsServer server) : IClassFixture<EventsServer>
{
    [Fact]
    public async Task What_comes_back_counts_once_and_moves_the_weights_that_every_snapshot_has()
    {
        var (project, path) = await CreateAsync();
        var put = await server.Admin.PutAsync(path, new { kind = "thompson", intervalSeconds = 1, settings = new { coldStart = 20 } });
        Assert.Equal(("1", "False", "1", "\"1\""), (put.Get("weightsVersion"), put.Get("learned"), put.Get("version"), put.ETag));
        Assert.Equal((0.5, 0.5), (Share(put.At("weights", "0"), 0), Share(put.At("weights", "0"), 1)));
        var first = await RolloutAsync(project);
        Assert.Equal(("thompson", 1, "5000,5000"), (first.GetProperty("algorithm").GetString(), first.GetProperty("weightsVersion").GetInt32(), Weights(first)));

        List<string> events =
        [
            .. Enumerable.Range(0, 60).Select(i => Feedback("off", i < 6 ? "success" : "failure")), .. Enumerable.Range(0, 60).Select(i => Feedback("on", i < 40 ? "success" : i < 55 ? "failure" : "error")),
            .. Enumerable.Range(0, 10).Select(i => $$"""{"type":"exposure","id":"{{Guid.CreateVersion7()}}","at":"{{EventsProject.Now()}}","flag":"checkout","variant":"on","unit":"u{{i}}","propensity":0.5,"weightsVersion":1}"""),
            Feedback("never", "success"),
        ];
        var body = EventsProject.Batch(events);
        Assert.Equal((131, 0, 0), (await project.SendAsync(body)).Verdicts);
        Assert.Equal((0, 131, 0), (await project.SendAsync(body)).Verdicts);

        var state = await UntilAsync(path, answer => answer.Get("state", "outcomes") == "120" && answer.Get("weightsVersion") != "1");
        var on = state.At("state", "arms").EnumerateArray().Single(arm => arm.GetProperty("variant").GetString() == "on");
        Assert.Equal((10, 60, 40, 15, 5), (Total(on, "exposures"), Total(on, "outcomes"), Total(on, "successes"), Total(on, "failures"), Total(on, "errors")));
        Assert.Equal(41.0 / 62, on.GetProperty("belief").GetProperty("mean").GetDouble(), 12);
        Assert.True(on.GetProperty("bestProbability").GetDouble() > 0.999);
        // Both were served half of the time: what an arm is worth to everybody is its mean.
        Assert.Equal(40.0 / 60, on.GetProperty("value").GetProperty("ips").GetDouble(), 9);
        Assert.Equal(60, on.GetProperty("value").GetProperty("effectiveSampleSize").GetDouble(), 9);
        Assert.Equal(("True", "0"), (state.Get("state", "isWarm"), state.Get("state", "outcomesNeeded")));
        await Eventually.TrueAsync(async () => Weights(await RolloutAsync(project)) == "100,9900", 10);

        var summary = (await server.Admin.GetAsync($"{project.Path}/flags/checkout")).At("environments", "prod");
        Assert.Equal(("99% on, 1% off", "thompson"), (summary.GetProperty("serves").GetString(), summary.GetProperty("algorithm").GetProperty("kind").GetString()));
        var listed = (await server.Admin.GetAsync($"{project.Path}/flag-list?flag=checkout")).At("items", "0", "environments", "prod");
        Assert.Equal("99% on, 1% off", listed.GetProperty("serves").GetString());
        Assert.Equal([99.0, 1.0], listed.GetProperty("rollout").EnumerateArray().Select(share => share.GetProperty("percent").GetDouble()));
        Assert.Equal(JsonValueKind.Null, (await server.Admin.GetAsync($"{project.Path}/flags/banner")).At("environments", "prod", "algorithm").ValueKind);

        var history = await server.Admin.GetAsync(path + "/history?hours=1");
        Assert.Equal((2, "1", "2"), (history.At("steps").GetArrayLength(), history.Get("steps", "0", "version"), history.Get("steps", "1", "version")));
        Assert.Equal(120, history.At("periods").EnumerateArray().Sum(period => period.GetProperty("arms").EnumerateArray().Sum(arm => arm.GetProperty("outcomes").GetInt32())));
        Assert.Equal(state.At("state", "regret", "estimate").GetDouble(), history.At("periods").EnumerateArray().Last().GetProperty("regret").GetDouble(), 9);

        // Once with the flag's own name for it, as the protocol of a feature sends it.
        for (var i = 0; i < 2; i++)
            await PostAsync(project, "/sdk/v1/features/checkout/track", """{"event_type":"success","variant_key":"off","dedup_key":"once"}""");
        await UntilAsync(path, answer => answer.Get("state", "outcomes") == "121");

        // Who knows flags by their values only tells for whom it was: that of the variant that they are served. For whom nothing is told, and with weights that never were, nothing counts.
        await PostAsync(project, "/sdk/v1/features/checkout/track", """{"event_type":"failure","context":{"targetingKey":"somebody"},"dedup_key":"a"}""");
        await PostAsync(project, "/sdk/v1/features/checkout/track", """{"event_type":"failure","context":{"user.id":"somebody"},"weights_version":2,"dedup_key":"b"}""");
        await PostAsync(project, "/sdk/v1/features/checkout/track", """{"event_type":"success","dedup_key":"c"}""");
        await PostAsync(project, "/sdk/v1/features/checkout/track", """{"event_type":"success","variant_key":"on","weights_version":9999,"dedup_key":"d"}""");
        await UntilAsync(path, answer => answer.Get("state", "outcomes") == "123");
        var (mine, served) = (await EvaluateAsync(project, "somebody"), await server.Admin.GetAsync(path + "/state"));
        Assert.Equal(mine ? 17 : 56, Total(Arm(served, mine ? "on" : "off"), "failures"));
    }

    [Fact]
    public async Task Numbers_that_nobody_earns_move_no_weights_to_infinity()
    {
        var (project, path) = await CreateAsync();
        await server.Admin.PutAsync(path, new { kind = "linearThompson", intervalSeconds = 1, reward = new { source = "value" }, settings = new { coldStart = 5 }, context = new[] { new { attribute = "plan", values = new[] { "pro" } } } });
        await project.SendAsync(EventsProject.Batch(
        [
            .. Enumerable.Range(0, 10).Select(i => Feedback("on", "success", ""","reward":1e308""")), .. Enumerable.Range(0, 10).Select(i => Feedback("off", "success", ""","reward":-1e308,"attributes":{"plan":"pro"}""")),
            Feedback("on", "success", ""","reward":1,"attributes":{"plan":12}"""), Feedback("off", "success", ""","reward":1,"weightsVersion":9223372036854775807"""),
        ]));
        var state = await UntilAsync(path, answer => answer.Get("state", "outcomes") == "21" && answer.Get("weightsVersion") != "1");
        Assert.All(state.At("state", "arms").EnumerateArray(), arm => Assert.InRange(arm.GetProperty("weight").GetDouble(), 0.01, 0.99));
        Assert.Equal(1e12, Arm(state, "on").GetProperty("mean").GetDouble(), 1e12 / 10);
    }

    [Fact]
    public async Task Old_counts_are_added_up_and_say_the_same()
    {
        var (project, path) = await CreateAsync();
        await server.Admin.PutAsync(path, new { kind = "thompson", intervalSeconds = 1, settings = new { discountMinutes = 1 } });
        var id = await server.ScalarAsync<Guid>("SELECT id FROM flag_algorithms WHERE environment_id = $1", project.EnvironmentId);
        await server.ExecuteAsync(
            """
            INSERT INTO algorithm_counts (algorithm_id, generation, at, held_out, cell, variant, exposures, outcomes, successes, failures, reward, reward_squares, batch)
            SELECT $1, 1, date_trunc('day', now()) - interval '30 days' + i * interval '1 minute', false, '', v, 2, 1, i % 2, 1 - i % 2, i % 2, i % 2, 1 FROM generate_series(0, 599) i, unnest(ARRAY['on', 'off']) v
            UNION ALL SELECT $1, 1, date_trunc('day', now()) - interval '90 days' + i * interval '1 minute', false, '', 'on', 2, 1, 1, 0, 1, 1, 1 FROM generate_series(0, 599) i
            UNION ALL SELECT $1, 0, now() - interval '3 days', false, '', 'on', 1, 1, 1, 0, 1, 1, 1
            """, id);
        await server.ExecuteAsync(
            "INSERT INTO algorithm_steps (algorithm_id, number, organization_id, generation, learned, weights, at) SELECT algorithm_id, -i, organization_id, 1, false, weights, now() - interval '5 days' - i * interval '3 seconds' FROM algorithm_steps, generate_series(1, 1000) i WHERE algorithm_id = $1",
            id);
        var folding = server.Server.Services.GetRequiredService<CountFolding>();
        var bandits = (await server.Server.Services.GetRequiredService<BanditStore>().ReadAsync(TestContext.Current.CancellationToken)).Where(bandit => bandit.Id == id).ToList();
        for (var i = 0; i < 2; i++)
        {
            await folding.FoldAsync(bandits, TimeProvider.System.GetUtcNow(), TestContext.Current.CancellationToken);
            Assert.Equal((21L, 1800L, 3600L, 1200L, 1200.0), (await SumAsync("count(*)"), await SumAsync("sum(outcomes)::bigint"), await SumAsync("sum(exposures)::bigint"), await SumAsync("sum(successes)::bigint"), await server.ScalarAsync<double>("SELECT sum(reward) FROM algorithm_counts WHERE algorithm_id = $1", id)));
            Assert.InRange(await server.ScalarAsync<long>("SELECT count(*) FROM algorithm_steps WHERE algorithm_id = $1 AND number < 0", id), 1, 2);
        }
        var history = await server.Admin.GetAsync(path + "/history?hours=2400");
        Assert.Equal(1800, history.At("periods").EnumerateArray().Sum(period => period.GetProperty("arms").EnumerateArray().Sum(arm => arm.GetProperty("outcomes").GetInt32())));

        Task<long> SumAsync(string what) => server.ScalarAsync<long>($"SELECT {what} FROM algorithm_counts WHERE algorithm_id = $1", id);
    }

    [Theory]
    [InlineData(1.0, 60, "1440@35")]
    [InlineData(1.0, 1, "60@2 1440@35")]
    [InlineData(0.9, 60, "1440@35")]
    [InlineData(0.9, 1, "60@2 1440@35")]
    [InlineData(0.9998, 1, "30@2 60@72 1440@72")]
    [InlineData(0.5, 10_080, "")]
    [InlineData(1.0, 7, "63@2 1449@35")]
    public void Spans_are_as_long_as_what_is_in_them_weighs_alike(double discount, int minutes, string expected) =>
        Assert.Equal(expected, string.Join(' ', CountFolding.Of(discount, TimeSpan.FromMinutes(minutes)).Select(fold => string.Create(CultureInfo.InvariantCulture, $"{fold.Span.TotalMinutes:0}@{fold.Age.TotalDays:0}"))));

    [Fact]
    public async Task Contexts_have_weights_of_their_own_and_the_held_out_equal_ones()
    {
        var (project, path) = await CreateAsync();
        await server.Admin.PutAsync(path, new
        {
            kind = "linearThompson", intervalSeconds = 1, holdout = 10, settings = new { coldStart = 10, floor = 0.05 }, context = new[] { new { attribute = "country", values = new[] { "DE", "FR" } } },
        });
        var flag = await FlagAsync(project);
        Assert.Equal(
            ["algorithm:default:holdout", "algorithm:default:1", "algorithm:default:2"], flag.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("id").GetString()));
        Assert.Equal(0, flag.GetProperty("rules")[0].GetProperty("then").GetProperty("rollout").GetProperty("weightsVersion").GetInt32());
        await project.SendAsync(EventsProject.Batch(
        [
            .. Many(80, "on", "DE", 64), .. Many(80, "off", "DE", 16), .. Many(80, "on", "FR", 16), .. Many(80, "off", "FR", 64), .. Many(20, "on", "US", 10), .. Many(20, "off", null, 10),
            .. Enumerable.Range(0, 20).Select(i => Feedback("on", i < 10 ? "success" : "failure", ""","weightsVersion":0,"attributes":{"country":"US"}""")),
        ]));
        var state = await UntilAsync(path, answer => answer.Get("state", "outcomes") == "380" && answer.Get("weightsVersion") != "1");
        Assert.Equal(("20", "360"), (state.Get("state", "holdout", "outcomes"), state.Get("state", "holdout", "servedOutcomes")));
        Assert.Equal(["country=DE", "country=FR", "country=*"], state.At("state", "cells").EnumerateArray().Select(cell => cell.GetProperty("name").GetString()));
        JsonElement served = default;
        await Eventually.TrueAsync(async () => (served = await FlagAsync(project)).GetProperty("default").GetProperty("rollout").GetProperty("weightsVersion").GetInt32() > 1, 10);
        var rules = served.GetProperty("rules").EnumerateArray().Select(rule => rule.GetProperty("then").GetProperty("rollout")).ToList();
        Assert.Equal("5000,5000", Weights(rules[0]));
        Assert.Equal(("500,9500", "9500,500"), (Weights(rules[1]), Weights(rules[2])));
        Assert.True(await CountServedAsync(project, "DE") > 20);
        Assert.True(await CountServedAsync(project, "FR") < 10);

        IEnumerable<string> Many(int count, string variant, string? country, int successes) => Enumerable.Range(0, count).Select(i => Feedback(
            variant, i < successes ? "success" : "failure", country is null ? "" : $$""","weightsVersion":1,"attributes":{"country":"{{country}}"}"""));
    }

    [Fact]
    public async Task What_units_did_in_the_window_after_their_exposure_counts_when_it_is_over()
    {
        var (project, path) = await CreateAsync();
        await server.Admin.PostAsync($"{project.Path}/metrics", new { key = "sales", definition = new { kind = "sum", @event = "purchase", cap = 50 } }, 201);
        await server.Admin.PostAsync($"{project.Path}/metrics", new { key = "speed", definition = new { kind = "quantile", @event = "view", quantile = 0.9 } }, 201);
        var refused = await server.Admin.PutAsync(path, new { kind = "thompson", reward = new { source = "metric", metric = "speed", windowMinutes = 60 } }, 400);
        Assert.Equal("/reward/metric", refused.Get("errors", "0", "path"));
        await server.Admin.PutAsync(path, new { kind = "thompson", intervalSeconds = 1, reward = new { source = "metric", metric = "sales", windowMinutes = 60 }, settings = new { coldStart = 20 } });
        Assert.Equal("in_use", (await server.Admin.DeleteAsync($"{project.Path}/metrics/sales", 409)).Code);
        // What it means is settled: whoever changes it for the experiments to come does not change what was counted half.
        var metric = await server.Admin.GetAsync($"{project.Path}/metrics/sales");
        await server.Admin.PatchAsync($"{project.Path}/metrics/sales", new { definition = new { kind = "count", @event = "view" } }, 200, ("If-Match", metric.ETag!));
        var again = await server.Admin.PutAsync(path, new { kind = "thompson", intervalSeconds = 1, reward = new { source = "metric", metric = "sales", windowMinutes = 60 }, settings = new { coldStart = 20 } }, 0, ("If-Match", "*"));
        Assert.Equal(("sum", "purchase", "50"), (again.Get("rewardMetric", "kind"), again.Get("rewardMetric", "event"), again.Get("rewardMetric", "cap")));
        List<string> events = [Exposure("late", "on", 0), Purchase("late", 0, 30)];
        for (var i = 0; i < 60; i++)
        {
            var unit = $"u{i.ToString(CultureInfo.InvariantCulture)}";
            // Twice: the first decides.
            events.AddRange([Exposure(unit, i % 2 == 0 ? "off" : "on", -3), Exposure(unit, i % 2 == 0 ? "off" : "on", -2.9)]);
            // Before the exposure, in the window, behind it.
            events.AddRange([Purchase(unit, -3.5, 7), Purchase(unit, -2.5, i % 2 == 0 ? 10 + i % 5 : 20 + i % 5), Purchase(unit, -1.5, 9)]);
        }
        events.Add(Purchase("u1", -2.4, 1000));
        Assert.Equal((303, 0, 0), (await project.SendAsync(EventsProject.Batch(events))).Verdicts);
        var state = await UntilAsync(path, answer => answer.Get("state", "outcomes") == "60" && answer.Get("weightsVersion") != "1");
        var (off, on) = (state.At("state", "arms", "0"), state.At("state", "arms", "1"));
        if (off.GetProperty("variant").GetString() == "on")
            (off, on) = (on, off);
        Assert.Equal((30, 30, 61), (Total(off, "outcomes"), Total(on, "outcomes"), Total(on, "exposures")));
        Assert.Equal(12.0, off.GetProperty("mean").GetDouble(), 9);
        Assert.Equal((30 * 22.0 - 21 + 50) / 30, on.GetProperty("mean").GetDouble(), 9);
        Assert.Equal(1, await server.ScalarAsync<long>("SELECT count(*) FROM algorithm_units u JOIN flag_algorithms a ON a.id = u.algorithm_id WHERE a.environment_id = $1", project.EnvironmentId));

        static string Exposure(string unit, string variant, double hours) =>
            $$"""{"type":"exposure","id":"{{Guid.CreateVersion7()}}","at":"{{EventsProject.Now(hours)}}","flag":"checkout","variant":"{{variant}}","unit":"{{unit}}","weightsVersion":1}""";
        static string Purchase(string unit, double hours, int value) =>
            $$"""{"type":"metric","id":"{{Guid.CreateVersion7()}}","at":"{{EventsProject.Now(hours)}}","event":"purchase","unit":"{{unit}}","value":{{value.ToString(CultureInfo.InvariantCulture)}}}""";
    }

    [Fact]
    public async Task The_SDK_tells_with_what_share_a_variant_was_served_and_how_it_did()
    {
        var (project, path) = await CreateAsync();
        await server.Admin.PutAsync(path, new { kind = "linearThompson", holdout = 20, context = new[] { new { attribute = "plan", values = new[] { "pro" } } }, settings = new { coldStart = 1000 } });
        await using var sdk = new TogglrClient(new TogglrClientOptions { SdkKey = project.SdkKey, Endpoint = server.Server.Address, CountsInterval = TimeSpan.Zero });
        Assert.True(await sdk.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));
        await Eventually.TrueAsync(() => Task.FromResult(sdk.BooleanVariationDetail("checkout", EvaluationContext.Of("first"), false).Reason == EvaluationReason.Split), 20);
        for (var i = 0; i < 100; i++)
        {
            var context = EvaluationContext.Builder($"person-{i.ToString(CultureInfo.InvariantCulture)}").Set("plan", i % 2 == 0 ? "pro" : "free").Set("email", "nobody@example.com").Build();
            var served = sdk.BooleanVariation("checkout", context, false);
            sdk.BooleanVariation("checkout", context, false);
            sdk.Track("checkout", context, served ? FeedbackKind.Success : FeedbackKind.Failure);
        }
        await sdk.FlushAsync(TestContext.Current.CancellationToken);
        await project.UntilAsync("events_exposure", 101, "experiment = 'algorithm:checkout' AND flag = 'checkout' AND propensity = 0.5 AND weights_version IN (0, 1) AND attributes ->> 'email' IS NULL");
        Assert.Equal(50, await project.CountAsync("events_exposure", "attributes ->> 'plan' = 'pro'"));
        Assert.InRange(await project.CountAsync("events_exposure", "weights_version = 0"), 8, 35);
        var state = await UntilAsync(path, answer => answer.Get("state", "outcomes") == "100");
        Assert.Equal(50, state.At("state", "cells", "0", "outcomes").GetInt32());
        Assert.Equal(100, state.At("state", "arms").EnumerateArray().Sum(arm => Total(arm, "successes") + Total(arm, "failures")));
        Assert.InRange(state.At("state", "holdout", "outcomes").GetInt32(), 8, 35);
    }

    [Theory]
    [InlineData("""{"kind":"thompson","settings":{"epsilon":0.1}}""", "validation_failed", "/settings/epsilon")]
    [InlineData("""{"kind":"epsilonGreedy","settings":{"epsilon":1.5}}""", "validation_failed", "/settings/epsilon")]
    [InlineData("""{"kind":"thompson","settings":{"floor":0.6}}""", "validation_failed", "/settings/floor")]
    [InlineData("""{"kind":"thompson","settings":{"discount":0}}""", "validation_failed", "/settings/discount")]
    [InlineData("""{"kind":"ucb1","settings":{"exploration":-1}}""", "validation_failed", "/settings/exploration")]
    [InlineData("""{"kind":"ucb1","arms":["on"]}""", "validation_failed", "/arms")]
    [InlineData("""{"kind":"ucb1","arms":["on","on"]}""", "validation_failed", "/arms/1")]
    [InlineData("""{"kind":"ucb1","arms":["on","blue"]}""", "validation_failed", "/arms/1")]
    [InlineData("""{"kind":"ucb1","rule":"nope"}""", "validation_failed", "/rule")]
    [InlineData("""{"kind":"ucb1","holdout":51}""", "validation_failed", "/holdout")]
    [InlineData("""{"kind":"ucb1","intervalSeconds":0}""", "validation_failed", "/intervalSeconds")]
    [InlineData("""{"kind":"linUcb"}""", "validation_failed", "/context")]
    [InlineData("""{"kind":"ucb1","context":[{"attribute":"a","values":[]}]}""", "validation_failed", "/context/0/values")]
    [InlineData("""{"kind":"ucb1","context":[{"attribute":"a","values":["x","x"]}]}""", "validation_failed", "/context/0/values/1")]
    [InlineData("""{"kind":"gradient"}""", "validation_failed", "/kind")]
    [InlineData("""{"kind":"thompson","settings":{"discountMinutes":1.5}}""", "validation_failed", "/settings")]
    [InlineData("""{"kind":"thompson","settings":{"discountMinutes":1e300}}""", "validation_failed", "/settings/discountMinutes")]
    [InlineData("""{"kind":"thompson","settings":{"priorSuccesses":-0.0}}""", "validation_failed", "/settings/priorSuccesses")]
    [InlineData("""{"kind":"ucb1","holdout":0.001}""", "validation_failed", "/holdout")]
    [InlineData("""{"kind":"ucb1","intervalSeconds":86401}""", "validation_failed", "/intervalSeconds")]
    [InlineData("""{"kind":"ucb1","bucketBy":"a\u0000b"}""", "validation_failed", "/bucketBy")]
    [InlineData("""{"kind":"ucb1","context":[{"attribute":"a","values":["1","2","3"]},{"attribute":"b","values":["1","2","3"]},{"attribute":"c","values":["1","2","3","4"]}]}""", "validation_failed", "/context")]
    [InlineData("""{"kind":"thompson","reward":{"source":"metric","metric":"none","windowMinutes":60}}""", "validation_failed", "/reward/metric")]
    [InlineData("""{"kind":"thompson","reward":{"source":"outcome","metric":"sales"}}""", "validation_failed", "/reward")]
    public async Task What_no_algorithm_can_be_is_refused_with_the_place(string body, string code, string path)
    {
        var (_, algorithm) = await SharedAsync();
        var refused = await server.Admin.PutAsync(algorithm, body, 400);
        Assert.Equal((code, path), (refused.Code, refused.Get("errors", "0", "path")));
        Assert.Equal("not_found", (await server.Admin.GetAsync(algorithm, 404)).Code);
    }

    [Fact]
    public async Task It_holds_its_place_and_its_variants_and_leaves_what_was_configured()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project.Path}/flags", new
        {
            key = "page", type = "string", environments = new { prod = new { enabled = true } }, variants = new[] { new { key = "a", value = "A" }, new { key = "b", value = "B" }, new { key = "c", value = "C" } },
        }, 201);
        var (state, path) = ($"{project.Path}/flags/page/environments/prod", $"{project.Path}/flags/page/environments/prod/algorithm");
        await server.Admin.PutAsync(state, """{"rules":[{"id":"vip","if":{"attribute":"plan","operator":"eq","value":"pro"},"then":{"variant":"c"}}],"default":{"variant":"a"}}""", 0, ("If-Match", "*"));
        var put = await server.Admin.PutAsync(path, new { kind = "epsilonGreedy", rule = "vip", arms = new[] { "a", "b" } });
        Assert.Equal("precondition_failed", (await server.Admin.PutAsync(path, new { kind = "ucb1" }, 412, ("If-Match", "\"7\""))).Code);
        Assert.Equal("in_use", (await server.Admin.PutAsync(state, """{"rules":[],"default":{"variant":"a"}}""", 409, ("If-Match", "*"))).Code);
        Assert.Equal("conflict", (await server.Admin.PostAsync($"{state}/ramps", new { rule = "vip", from = "c", to = "b", preset = "fast" }, 409)).Code);
        var flag = await server.Admin.GetAsync($"{project.Path}/flags/page");
        Assert.Equal("in_use", (await server.Admin.PatchAsync($"{project.Path}/flags/page", new { variants = new[] { new { key = "a", value = "A" }, new { key = "c", value = "C" } } }, 409, ("If-Match", flag.ETag!))).Code);
        Assert.Equal(("vip", "rollout"), await ServedAsync());

        var changed = await server.Admin.PutAsync(path, new { kind = "thompson", rule = "vip", arms = new[] { "a", "b", "c" }, paused = true }, 0, ("If-Match", put.ETag!));
        Assert.Equal(("2", "2", "True"), (changed.Get("version"), changed.Get("weightsVersion"), changed.Get("paused")));
        Assert.Equal(3, changed.At("weights", "0", "arms").GetArrayLength());
        await server.Admin.DeleteAsync(path, 204, ("If-Match", changed.ETag!));
        Assert.Equal(("vip", "variant"), await ServedAsync());
        Assert.Equal("not_found", (await server.Admin.GetAsync(path + "/state", 404)).Code);
        Assert.Equal("not_found", (await server.Admin.DeleteAsync(path, 404)).Code);

        async Task<(string? Id, string Kind)> ServedAsync()
        {
            var rule = (await DocumentAsync(project, "page")).GetProperty("rules").EnumerateArray().Last();
            return (rule.GetProperty("id").GetString(), rule.GetProperty("then").EnumerateObject().First().Name);
        }
    }

    [Fact]
    public async Task Exposures_of_flags_without_an_algorithm_are_told_as_what_they_are()
    {
        var project = await server.CreateProjectAsync();
        var exposure = $$"""{"type":"exposure","id":"x1","at":"{{EventsProject.Now()}}","flag":"checkout","variant":"on","unit":"u","weightsVersion":1}""";
        Assert.Equal((1, 0, 0), (await project.SendAsync(EventsProject.Batch(exposure))).Verdicts);
        await project.UntilAsync("event_dead_letters", 1, "code = 'unknown_algorithm' AND path = '/flag'");
        var nameless = await project.SendAsync(EventsProject.Batch($$"""{"type":"exposure","id":"x2","at":"{{EventsProject.Now()}}","flag":"checkout","variant":"on","unit":"u"}"""));
        Assert.Equal("required /events/0/experiment", nameless.First);
    }

    private static JsonElement Arm(Answer state, string variant) => state.At("state", "arms").EnumerateArray().Single(arm => arm.GetProperty("variant").GetString() == variant);

    private static string Feedback(string variant, string outcome, string more = "") =>
        $$"""{"type":"feedback","id":"{{Guid.CreateVersion7()}}","at":"{{EventsProject.Now()}}","flag":"checkout","variant":"{{variant}}","outcome":"{{outcome}}"{{more}}}""";

    private static double Share(JsonElement cell, int arm) => cell.GetProperty("arms")[arm].GetProperty("weight").GetDouble();

    private static int Total(JsonElement arm, string name) => arm.GetProperty("totals").GetProperty(name).GetInt32();

    /// <summary>The weights of the arms off and on.</summary>
    private static string Weights(JsonElement rollout) => string.Join(
        ',', rollout.GetProperty("variations").EnumerateArray().OrderBy(arm => arm.GetProperty("key").GetString(), StringComparer.Ordinal).Select(arm => arm.GetProperty("weight").GetInt32().ToString(CultureInfo.InvariantCulture)));

    private static EventsProject? s_shared;

    private async Task<(EventsProject Project, string Path)> SharedAsync()
    {
        s_shared ??= await server.CreateProjectAsync();
        return (s_shared, $"{s_shared.Path}/flags/checkout/environments/prod/algorithm");
    }

    private async Task<(EventsProject Project, string Path)> CreateAsync()
    {
        var project = await server.CreateProjectAsync();
        return (project, $"{project.Path}/flags/checkout/environments/prod/algorithm");
    }

    private async Task<Answer> UntilAsync(string path, Func<Answer, bool> condition)
    {
        Answer? answer = null;
        await Eventually.TrueAsync(async () => (answer = await server.Admin.GetAsync(path + "/state")).Get("at").Length > 0 && condition(answer), 30);
        return answer!;
    }

    private Task<JsonElement> FlagAsync(EventsProject project) => DocumentAsync(project, "checkout");

    private async Task<JsonElement> RolloutAsync(EventsProject project) => (await FlagAsync(project)).GetProperty("default").GetProperty("rollout");

    /// <summary>The flag as the newest snapshot has it.</summary>
    private async Task<JsonElement> DocumentAsync(EventsProject project, string flag)
    {
        using var document = JsonDocument.Parse(await server.ScalarAsync<string>(
            "SELECT d.body::text FROM snapshot_entries e JOIN snapshot_documents d ON d.id = e.document_id WHERE e.environment_id = $1 AND e.kind = 'flag' AND e.key = $2 AND e.superseded_at_revision IS NULL", project.EnvironmentId, flag));
        return document.RootElement.Clone();
    }

    /// <summary>Whether somebody is served "on" by the edge.</summary>
    private async Task<bool> EvaluateAsync(EventsProject project, string person, string more = "") =>
        (await PostAsync(project, "/sdk/v1/features/checkout/evaluate", $$"""{"user.id":"{{person}}"{{more}}}""")).Contains("\"value\":\"true\"", StringComparison.Ordinal);

    /// <summary>How many of thirty people of a country are served "on" by the edge.</summary>
    private async Task<int> CountServedAsync(EventsProject project, string country)
    {
        var served = 0;
        for (var i = 0; i < 30; i++)
        {
            served += await EvaluateAsync(project, $"p{i.ToString(CultureInfo.InvariantCulture)}", $",\"country\":\"{country}\"") ? 1 : 0;
        }
        return served;
    }

    private async Task<string> PostAsync(EventsProject project, string path, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = new StringContent(body) };
        request.Headers.TryAddWithoutValidation("Authorization", project.SdkKey);
        using var answer = await server.Server.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        Assert.True(answer.IsSuccessStatusCode, $"{path} answered {(int)answer.StatusCode}");
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }
}
