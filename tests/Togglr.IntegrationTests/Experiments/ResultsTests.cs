using System.Globalization;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Events;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Statistics.Numerics;
using Togglr.Store;

namespace Togglr.IntegrationTests.Experiments;

/// <summary>From events over HTTP to results over HTTP, by a server with all roles.</summary>
public sealed class ResultsTests(EventsServer server) : IClassFixture<EventsServer>
{
    private const int Units = 3000;

    [Fact]
    public async Task A_planted_effect_is_found_in_every_kind_of_metric()
    {
        var project = await StartAsync(
        [
            ("bought", "primary", """{"kind":"conversion","event":"purchase"}"""),
            ("revenue", "secondary", """{"kind":"sum","event":"purchase","cap":80}"""),
            ("purchases", "secondary", """{"kind":"count","event":"purchase","filters":[{"property":"country","operator":"eq","value":"DE"}]}"""),
            ("basket", "secondary", """{"kind":"mean","event":"purchase"}"""),
            ("perview", "secondary", """{"kind":"ratio","event":"purchase","numerator":"count","denominator":{"event":"view","aggregation":"count"}}"""),
            ("latency", "guardrail", """{"kind":"quantile","event":"view","quantile":0.9,"direction":"decrease"}"""),
        ]);
        var random = new RandomSource(20);
        var events = new List<string>();
        var (bought, capped, german, views) = (new int[2], new double[2], new int[2], new int[2]);
        for (var unit = 0; unit < Units; unit++)
        {
            var arm = unit % 2;
            var name = $"user-{unit.ToString(CultureInfo.InvariantCulture)}";
            // Before the exposure: counts for nobody's result.
            events.Add(At(EventsProject.Metric("purchase", name, "1000"), -2));
            events.Add(At(Exposure(project, name, arm == 0 ? "off" : "on"), -1));
            events.Add(EventsProject.Metric("view", name, (100 + 10 * random.Normal()).ToString(CultureInfo.InvariantCulture)));
            views[arm]++;
            if (random.Uniform() >= (arm == 0 ? 0.2 : 0.3))
                continue;
            bought[arm]++;
            var value = unit % 50 == 1 ? 5000 : 20 + unit % 7;
            capped[arm] += Math.Min(value, 80);
            var isGerman = unit % 3 == 0;
            german[arm] += isGerman ? 1 : 0;
            events.Add(EventsProject.Metric("purchase", name, value.ToString(CultureInfo.InvariantCulture), more: isGerman ? ""","properties":{"country":"DE"}""" : ""","properties":{"country":"FR"}"""));
        }
        // Somebody who was given both is in neither.
        events.Add(Exposure(project, "both", "off"));
        events.Add(Exposure(project, "both", "on"));
        events.Add(EventsProject.Metric("purchase", "both", "1"));
        await SendAsync(project, events);

        var answer = await ResultsAsync(project, 2 * Units / 2);
        Assert.Equal("ship", answer.Get("result", "decision", "state"));
        Assert.Equal("on", answer.Get("result", "decision", "variant"));
        Assert.Equal(("running", "1", "alwaysValid", "False"), (answer.Get("state"), answer.Get("phase"), answer.Get("result", "method"), answer.Get("result", "health", "isMismatch")));
        var half = Units / 2.0;
        Near(bought[0] / half, answer, 0, "controlValue");
        Near(bought[1] / half, answer, 0, "comparisons", "0", "value");
        Assert.True(double.Parse(answer.Get("result", "metrics", "0", "comparisons", "0", "pValue")!, CultureInfo.InvariantCulture) < 0.001);
        Near(capped[1] / half, answer, 1, "comparisons", "0", "value");
        Near(german[1] / half, answer, 2, "comparisons", "0", "value");
        Near(bought[1] / (double)views[1], answer, 4, "comparisons", "0", "value");
        Assert.InRange(double.Parse(answer.Get("result", "metrics", "5", "controlValue")!, CultureInfo.InvariantCulture), 111, 115);
        Assert.Equal("passes", answer.Get("result", "metrics", "5", "comparisons", "0", "guardrail", "verdict"));
        Assert.True(double.Parse(answer.Get("result", "health", "mixedShare")!, CultureInfo.InvariantCulture) > 0);
        // The same numbers seen the other way, which decides nothing.
        Assert.Equal("bayesian", answer.Get("result", "otherMethod"));
        Assert.True(answer.At("result", "metrics", "0", "comparisons", "0", "bayesian", "chanceToWin").GetDouble() > 0.999);
        // How numbers are spread: nobody in two variants, values cut, those who did not buy among the zeros, no ratio without anything below the line.
        (long Units, long Zeros, long Counted) Spread(int metric, int variant)
        {
            var spread = answer.At("result", "metrics", metric.ToString(CultureInfo.InvariantCulture), "distribution", "variants", variant.ToString(CultureInfo.InvariantCulture));
            return (spread.GetProperty("units").GetInt64(), spread.GetProperty("zeros").GetInt64(), spread.GetProperty("counts").EnumerateArray().Sum(count => count.GetInt64()));
        }
        Assert.Equal("", answer.Get("result", "metrics", "0", "distribution"));
        Assert.Equal((Units / 2, Units / 2 - bought[0], bought[0]), Spread(1, 0));
        Assert.True(answer.At("result", "metrics", "1", "distribution", "edges").EnumerateArray().All(edge => edge.GetDouble() <= 81));
        Assert.Equal((bought[1], 0, bought[1]), Spread(3, 1));
        Assert.Equal((views[1], 0, views[1]), Spread(5, 1));

        var before = await server.Admin.GetAsync($"{project.Path}/experiments/test/results?asOf={Uri.EscapeDataString(EventsProject.Now(-1))}");
        Assert.Equal("", before.Get("at"));
        var look = await server.Admin.GetAsync($"{project.Path}/experiments/test/results?look={answer.Get("result", "look")}");
        Assert.Equal(("true", answer.Get("result", "look")), (look.Get("result", "isLook").ToLowerInvariant(), look.Get("result", "look")));
        Assert.Equal("", (await server.Admin.GetAsync($"{project.Path}/experiments/test/results?look=999")).Get("at"));
    }

    [Fact]
    public async Task Events_that_come_later_are_taken_in_and_a_mismatch_withholds_the_verdict()
    {
        var project = await StartAsync([("bought", "primary", """{"kind":"conversion","event":"purchase"}""")]);
        await SendAsync(project, Enumerable.Range(0, 400).Select(unit => Exposure(project, $"u{unit.ToString(CultureInfo.InvariantCulture)}", unit % 2 == 0 ? "off" : "on")));
        var first = await ResultsAsync(project, 400);
        Assert.Equal("keepRunning", first.Get("result", "decision", "state"));
        await SendAsync(project, Enumerable.Range(400, 200).Select(unit => Exposure(project, $"u{unit.ToString(CultureInfo.InvariantCulture)}", "on")));
        var second = await ResultsAsync(project, 600);
        Assert.Equal(("unhealthy", "sampleRatioMismatch"), (second.Get("result", "decision", "state"), second.Get("result", "decision", "reasons", "0")));
    }

    [Fact]
    public async Task Nothing_is_known_before_the_start_and_of_what_is_not_there()
    {
        var project = await server.CreateProjectAsync();
        await CreateAsync(project, [("bought", "primary", """{"kind":"conversion","event":"purchase"}""")]);
        var answer = await server.Admin.GetAsync($"{project.Path}/experiments/test/results");
        Assert.Equal(("draft", ""), (answer.Get("state"), answer.Get("at")));
        Assert.Equal("not_found", (await server.Admin.GetAsync($"{project.Path}/experiments/nope/results", 404)).Code);
    }

    [Fact]
    public async Task What_was_before_the_start_or_in_a_pause_counts_nothing_and_a_phase_that_is_over_keeps_its_results()
    {
        var project = await StartAsync([("bought", "primary", """{"kind":"conversion","event":"purchase"}""")]);
        await server.Admin.PostAsync($"{project.Path}/experiments/test/pause", new { reason = "look" });
        var resumed = await server.Admin.PostAsync($"{project.Path}/experiments/test/resume", new { reason = "on" });
        Assert.True(resumed.At("phases", "0", "pauses", "0").TryGetProperty("to", out _));
        await server.ExecuteAsync(
            "UPDATE experiment_phases SET pauses = json_build_array(json_build_object('from', now() - interval '60 minutes', 'to', now() - interval '30 minutes')) WHERE experiment_id = (SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = $1)", project.Key);
        var events = new List<string> { At(Exposure(project, "early", "on"), -2.2), At(Exposure(project, "skewed", "on"), -2.02), At(Exposure(project, "paused", "on"), -0.75) };
        for (var unit = 0; unit < 40; unit++)
        {
            var name = $"u{unit.ToString(CultureInfo.InvariantCulture)}";
            events.Add(At(Exposure(project, name, unit % 2 == 0 ? "off" : "on"), -1.5));
            // Half of them buy in the pause, a quarter outside of it.
            if (unit % 4 < 2)
                events.Add(At(EventsProject.Metric("purchase", name, "1"), -0.75));
            if (unit % 8 < 2)
                events.Add(At(EventsProject.Metric("purchase", name, "1"), -0.25));
        }
        await SendAsync(project, events);
        var running = await ResultsAsync(project, 41);
        Near(0.25, running, 0, "controlValue");
        Near(5 / 21.0, running, 0, "comparisons", "0", "value");
        Assert.Equal(1.5 / 24, double.Parse(running.Get("result", "days")!, CultureInfo.InvariantCulture), 2);

        await server.Admin.PostAsync($"{project.Path}/experiments/test/phases", new { traffic = 50, reason = "less" });
        await SendAsync(project, [At(EventsProject.Metric("purchase", "u2", "1"), -0.2)]);
        // The closing analysis is made anyway; that of the late event follows.
        await Eventually.TrueAsync(async () =>
            (await server.Admin.GetAsync($"{project.Path}/experiments/test/results?phase=1")).Get("result", "metrics", "0", "controlValue") == "0.3");
        Assert.Equal("not_found", (await server.Admin.GetAsync($"{project.Path}/experiments/test/results?phase=3", 404)).Code);
    }

    [Fact]
    public async Task A_ramp_rolls_back_when_a_guardrail_metric_is_worse_with_its_variant_and_only_then()
    {
        var project = await StartAsync([("bought", "primary", """{"kind":"conversion","event":"purchase"}"""), ("calm", "guardrail", """{"kind":"conversion","event":"complaint","direction":"decrease"}""")]);
        var states = $"{project.Path}/flags/checkout/environments/prod";
        var served = (await server.Admin.GetAsync(states)).At("default").GetRawText();
        var ramps = $"{states}/ramps";
        var ramp = $"{ramps}/{(await server.Admin.PostAsync(ramps, new { to = "on", from = "off", steps = new[] { new { percentage = 5, holdMinutes = 60 } }, guard = new { metrics = true, action = "rollBack" } }, 201)).Get("id")}";
        async Task SendUnitsAsync(int from, Func<int, bool> complains)
        {
            var events = new List<string>();
            for (var unit = from; unit < from + 400; unit++)
            {
                var name = $"u{unit.ToString(CultureInfo.InvariantCulture)}";
                events.Add(Exposure(project, name, unit % 2 == 0 ? "off" : "on"));
                if (complains(unit))
                    events.Add(EventsProject.Metric("complaint", name, "1"));
            }
            await SendAsync(project, events);
        }
        await SendUnitsAsync(0, unit => unit % 20 < 2);
        var first = await ResultsAsync(project, 400);
        Assert.Equal("passes", first.Get("result", "metrics", "1", "comparisons", "0", "guardrail", "verdict"));
        // Looked at again, with those results.
        var seen = (await server.Admin.GetAsync(ramp)).At("observations").GetArrayLength();
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(ramp)).At("observations").GetArrayLength() > seen + 1);
        Assert.Equal("running", (await server.Admin.GetAsync(ramp)).Get("ramp", "state"));
        Assert.Contains("\"weight\":500", (await server.Admin.GetAsync(states)).At("default").GetRawText(), StringComparison.Ordinal);

        await SendUnitsAsync(400, unit => unit % 20 == 0 || unit % 2 == 1);
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(ramp)).Get("ramp", "state") == "rolledBack");
        Assert.StartsWith("The experiment test shows harm by on: calm +", (await server.Admin.GetAsync(ramp)).Get("ramp", "detail"), StringComparison.Ordinal);
        Assert.Equal(served, (await server.Admin.GetAsync(states)).At("default").GetRawText());
    }

    [Fact]
    public async Task Adding_what_is_new_says_the_same_as_computing_everything_again()
    {
        var project = await StartAsync(
        [
            ("bought", "primary", """{"kind":"conversion","event":"purchase","windowHours":1}"""),
            ("revenue", "secondary", """{"kind":"sum","event":"purchase","cap":80}"""),
            ("big", "secondary", """{"kind":"sum","event":"purchase","winsorize":0.9}"""),
            ("basket", "secondary", """{"kind":"mean","event":"purchase"}"""),
            ("perview", "secondary", """{"kind":"ratio","event":"purchase","numerator":"sum","denominator":{"event":"view","aggregation":"count"}}"""),
        ], ""","cuped":true,"cupedDays":2,"dimensions":["country"],"stratifyBy":"country" """);
        var random = new RandomSource(4);
        string Visit(int unit, double hours, string? variant = null) => At(Exposure(project, Name(unit), variant ?? (unit % 2 == 0 ? "off" : "on"), Land(unit)), hours);
        IEnumerable<string> Deeds(int unit)
        {
            yield return At(EventsProject.Metric("purchase", Name(unit), Math.Round(10 + 30 * random.Uniform()).ToString(CultureInfo.InvariantCulture)), -1.9 + 1.8 * random.Uniform());
            yield return At(EventsProject.Metric("view", Name(unit), "1"), -1.9 + 1.8 * random.Uniform());
        }
        // What comes before the exposure arrives before it or after it, some are seen earlier than was known, some in both variants, and all of them do more later.
        await SendAsync(project, Enumerable.Range(0, 300).SelectMany(Deeds).Concat(Enumerable.Range(0, 200).Select(unit => Visit(unit, -0.5))));
        await ResultsAsync(project, 200);
        await SendAsync(project, Enumerable.Range(150, 150).Select(unit => Visit(unit, -1)).Concat(Enumerable.Range(100, 150).SelectMany(Deeds)));
        await ResultsAsync(project, 300);
        await SendAsync(project, Enumerable.Range(0, 10).Select(unit => Visit(unit, -0.2, "on")).Concat(Enumerable.Range(20, 200).SelectMany(Deeds)).Append(EventsProject.Metric("purchase", Name(31), "1e12")));
        await ResultsAsync(project, 295);
        await SendAsync(project, Enumerable.Range(20, 200).SelectMany(Deeds).Append(EventsProject.Metric("purchase", Name(31), "-1e12")));
        var added = await NewerAsync(project, await ResultsAsync(project, 295));

        await server.ExecuteAsync("DELETE FROM experiment_moments m USING experiments e, projects p WHERE e.id = m.experiment_id AND p.id = e.project_id AND p.key = $1", project.Key);
        await SendAsync(project, [Visit(40, -0.1)]);
        var made = await NewerAsync(project, added);
        foreach (var path in (string[][])[["metrics"], ["dimensions"]])
            Same(added.At(["result", .. path]), made.At(["result", .. path]), path[0]);
        Assert.Equal(["DE", "FR", "US"], made.At("result", "dimensions").EnumerateArray().Select(row => row.GetProperty("value").GetString()!).Distinct().Order());
        Assert.Contains("stratified", made.Get("result", "metrics", "1", "comparisons", "0", "test"), StringComparison.OrdinalIgnoreCase);

        // What was kept for the next time goes with the experiment.
        const string Kept = "SELECT count(*) FROM experiment_units WHERE experiment_id = $1";
        var experiment = await server.ScalarAsync<Guid>("SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = $1", project.Key);
        Assert.Equal(300, await server.ScalarAsync<long>(Kept, experiment));
        await server.ExecuteAsync("DELETE FROM experiments WHERE id = $1", experiment);
        await Eventually.TrueAsync(async () => await server.ScalarAsync<long>(Kept, experiment) == 0);
    }

    [Fact]
    public async Task What_units_did_before_they_came_is_found_on_days_with_an_index_and_on_days_without()
    {
        var project = await StartAsync(
        [
            ("revenue", "primary", """{"kind":"sum","event":"purchase"}"""),
            ("orders", "secondary", """{"kind":"count","event":"purchase"}"""),
        ], ""","cuped":true,"cupedDays":7 """);
        var random = new RandomSource(9);
        string Spend(int unit, double least, double hours) => At(EventsProject.Metric("purchase", Name(unit), Math.Round(least + 9 * random.Uniform()).ToString(CultureInfo.InvariantCulture)), hours);
        string Visit(int unit, double hours) => At(Exposure(project, Name(unit), unit % 2 == 0 ? "off" : "on", Land(unit)), hours);
        await SendAsync(project, Enumerable.Range(0, 300).SelectMany(unit => (string[])[Spend(unit, 10, -1), Spend(unit, 40, -1), Spend(unit, 70, -0.2)]));
        await project.UntilAsync("events_metric", 900);

        // Of each unit something happened four days ago, on a day that is over, something before it came, and something after that.
        await server.ExecuteAsync("SELECT add_event_partitions(day - 5, day - 4) FROM (SELECT (now() AT TIME ZONE 'UTC')::date AS day) d");
        await server.ExecuteAsync("UPDATE events_metric SET at = at - interval '4 days' WHERE environment_id = $1 AND value < 30", project.EnvironmentId);
        var days = server.Server.Services.GetRequiredService<IEventStore>();
        const string Indexed = "SELECT count(DISTINCT tablename) FROM pg_indexes WHERE tablename LIKE 'events_metric_%' AND indexdef LIKE '% (unit)'";
        var cancel = TestContext.Current.CancellationToken;
        while (await days.IndexAsync(DateOnly.MaxValue, cancel))
        {
            // One day each time.
        }
        Assert.Equal(0, await server.ScalarAsync<long>($"{Indexed} AND right(tablename, 8) >= to_char((now() AT TIME ZONE 'UTC')::date - 1, 'YYYYMMDD')"));
        var old = await server.ScalarAsync<long>("SELECT count(DISTINCT tableoid) FROM events_metric WHERE environment_id = $1 AND at < now() - interval '3 days'", project.EnvironmentId);
        Assert.InRange(old, 1, await server.ScalarAsync<long>(Indexed));

        await SendAsync(project, Enumerable.Range(0, 200).Select(unit => Visit(unit, -0.5)));
        await ResultsAsync(project, 200);
        await SendAsync(project, Enumerable.Range(200, 100).Select(unit => Visit(unit, -0.5)));
        var added = await ResultsAsync(project, 300);

        // Three purchases of everybody: one from after the exposure, and two from before.
        var experiment = await server.ScalarAsync<Guid>("SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = $1", project.Key);
        Assert.Equal(300, await server.ScalarAsync<long>("SELECT count(*) FROM experiment_units WHERE experiment_id = $1 AND numbers[4:6] = '{1,0,2}'", experiment));
        await server.ExecuteAsync("DELETE FROM experiment_moments WHERE experiment_id = $1", experiment);
        await SendAsync(project, [Visit(40, -0.1)]);
        Same(added.At("result", "metrics"), (await NewerAsync(project, added)).At("result", "metrics"), "metrics");
    }

    [Fact]
    public async Task Made_up_values_one_user_who_floods_and_people_without_exposure_neither_fill_the_page_nor_decide()
    {
        var project = await StartAsync([("orders", "primary", """{"kind":"count","event":"purchase"}""")], ""","cuped":false,"dimensions":["session"]""");
        var events = new List<string>();
        for (var unit = 0; unit < 200; unit++)
        {
            events.Add(At(Exposure(project, Name(unit), unit % 2 == 0 ? "off" : "on", $$""","attributes":{"session":"made-up-{{unit.ToString(CultureInfo.InvariantCulture)}}"}"""), -0.5));
            if (unit % 4 < 2)
                events.Add(EventsProject.Metric("purchase", Name(unit), "1"));
        }
        events.AddRange(Enumerable.Range(0, 300).Select(_ => EventsProject.Metric("purchase", Name(1), "1")));
        events.AddRange(Enumerable.Range(0, 100).Select(unit => EventsProject.Metric("purchase", $"stranger-{unit.ToString(CultureInfo.InvariantCulture)}", "1")));
        await SendAsync(project, events);
        Answer? answer = null;
        await Eventually.TrueAsync(async () => (answer = await server.Admin.GetAsync($"{project.Path}/experiments/test/results")).Get("at") is { Length: > 0 }
            && answer.Get("result", "metrics", "0", "comparisons", "0", "value") is { Length: > 0 } value && Math.Abs(double.Parse(value, CultureInfo.InvariantCulture) - 3.5) < 1e-9);
        Near(0.5, answer!, 0, "controlValue");
        Assert.Contains("dominatedByOneUnit", answer!.At("result", "metrics", "0", "comparisons", "0", "warnings").EnumerateArray().Select(warning => warning.GetString()));
        Assert.NotEqual("ship", answer.Get("result", "decision", "state"));
        Assert.InRange(answer.At("result", "dimensions").EnumerateArray().Select(row => row.GetProperty("value").GetRawText()).Distinct().Count(), 1, 21);
    }

    [Fact]
    public async Task A_metric_is_tried_on_recent_events_and_a_plan_is_held_against_real_traffic()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project.Path}/metrics", """{"key":"bought","definition":{"kind":"conversion","event":"purchase"}}""", 201);
        await server.Admin.PostAsync(
            $"{project.Path}/experiments",
            """{"key":"test","flag":"checkout","environment":"prod","traffic":50,"plan":{"lookDays":[14],"metrics":[{"metric":"bought","role":"primary","minimumEffect":0.5}]}}""", 201);
        var unknown = await server.Admin.GetAsync($"{project.Path}/experiments/test/power");
        Assert.Equal(("none", "", ""), (unknown.Get("source"), unknown.Get("daysNeeded"), unknown.Get("metrics", "0", "baseline")));

        // 400 people look, a quarter of them buy for 1, 2, 3 or 4.
        await SendAsync(project, Enumerable.Range(0, 400).SelectMany(unit => (IEnumerable<string>)
            [EventsProject.Metric("view", Name(unit), "1"), .. unit % 4 == 0 ? [EventsProject.Metric("purchase", Name(unit), (1 + unit / 4 % 4).ToString(CultureInfo.InvariantCulture))] : (string[])[]]));
        await project.UntilAsync("events_metric", 500);
        Task<Answer> PreviewAsync(string definition, int status = 200, string more = "") =>
            server.Admin.PostAsync($"{project.Path}/metrics/preview", $$"""{"environment":"prod","definition":{{definition}}{{more}}}""", status);
        var share = await PreviewAsync("""{"kind":"conversion","event":"purchase"}""");
        Assert.Equal(("400", "100", "100", "0.25", "1"), (share.Get("units"), share.Get("active"), share.Get("events"), share.Get("value"), share.Get("sampledShare")));
        var sum = await PreviewAsync("""{"kind":"sum","event":"purchase","filters":[{"property":"none","operator":"notExists"}]}""");
        Assert.Equal(0.625, double.Parse(sum.Get("value")!, CultureInfo.InvariantCulture), 9);
        Assert.Equal(100, sum.At("histogram").EnumerateArray().Sum(bucket => bucket.GetProperty("units").GetInt64()));
        Assert.Equal("100", sum.Get("days", "0", "events"));
        Assert.Equal("2.5", (await PreviewAsync("""{"kind":"mean","event":"purchase"}""")).Get("value"));
        Assert.Equal("2.5", (await PreviewAsync("""{"kind":"quantile","event":"purchase","quantile":0.5}""")).Get("value"));
        Assert.Equal("0.25", (await PreviewAsync("""{"kind":"ratio","event":"purchase","numerator":"count","denominator":{"event":"view","aggregation":"count"}}""")).Get("value"));
        Assert.Equal(0, (await PreviewAsync("""{"kind":"sum","event":"nobody"}""")).At("histogram").GetArrayLength());
        Assert.Equal("/definition/quantile", (await PreviewAsync("""{"kind":"quantile","event":"purchase"}""", 400)).Get("errors", "0", "path"));
        Assert.Equal("/days", (await PreviewAsync("""{"kind":"count","event":"purchase"}""", 400, ",\"days\":31")).Get("errors", "0", "path"));
        Assert.Equal("unknown_environment", (await server.Admin.PostAsync($"{project.Path}/metrics/preview", """{"environment":"nope","definition":{"kind":"count","event":"x"}}""", 400)).Get("errors", "0", "code"));

        // Half of 400 a day take part; 0.25 against 0.375 takes 2·(1.96 + 0.84)²·(0.1875 + 0.2344)/2/0.125² = 424.
        var power = await server.Admin.GetAsync($"{project.Path}/experiments/test/power");
        Assert.Equal(("environment", "200", "14", "424"), (power.Get("source"), power.Get("unitsPerDay"), power.Get("plannedDays"), power.Get("metrics", "0", "unitsNeeded")));
        // Three days would do, but the plan wants a week.
        Assert.Equal(("7", "7"), (power.Get("metrics", "0", "daysNeeded"), power.Get("daysNeeded")));
        Assert.InRange(double.Parse(power.Get("metrics", "0", "detectableEffect")!, CultureInfo.InvariantCulture), 0.1, 0.3);
        var checks = (await server.Admin.GetAsync($"{project.Path}/experiments/test/checklist")).At("checks").EnumerateArray().Select(check => check.GetProperty("code").GetString());
        Assert.Contains("powered", checks);
    }

    private static string Name(int unit) => $"u{unit.ToString(CultureInfo.InvariantCulture)}";

    private static string Land(int unit) => $$""","attributes":{"country":"{{(unit % 3) switch { 0 => "DE", 1 => "FR", _ => "US" }}}"}""";

    private async Task<Answer> NewerAsync(EventsProject project, Answer than)
    {
        Answer? answer = null;
        await Eventually.TrueAsync(async () => (answer = await server.Admin.GetAsync($"{project.Path}/experiments/test/results")).Get("at") != than.Get("at"));
        return answer!;
    }

    private static void Same(JsonElement left, JsonElement right, string at)
    {
        Assert.Equal(left.ValueKind, right.ValueKind);
        switch (left.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var member in left.EnumerateObject().Where(member => member.Name is not ("pValue" or "adjustedPValue" or "lower" or "upper" or "significantSince" or "isSignificant")))
                    Same(member.Value, right.GetProperty(member.Name), $"{at}/{member.Name}");
                break;
            case JsonValueKind.Array:
                Assert.Equal(left.GetArrayLength(), right.GetArrayLength());
                foreach (var (one, other) in left.EnumerateArray().Zip(right.EnumerateArray()))
                    Same(one, other, at);
                break;
            case JsonValueKind.Number:
                Assert.True(Math.Abs(left.GetDouble() - right.GetDouble()) <= 1e-8 * Math.Max(1e-3, Math.Abs(right.GetDouble())), $"{at}: {left.GetDouble()} is not {right.GetDouble()}");
                break;
            default:
                Assert.Equal(left.GetRawText(), right.GetRawText());
                break;
        }
    }

    private static void Near(double expected, Answer answer, int metric, params string[] path) =>
        Assert.Equal(expected, double.Parse(answer.Get(["result", "metrics", metric.ToString(CultureInfo.InvariantCulture), .. path])!, CultureInfo.InvariantCulture), 9);

    private static string Exposure(EventsProject project, string unit, string variant, string more = "") =>
        $$"""{"type":"exposure","id":"{{Guid.CreateVersion7()}}","at":"{{EventsProject.Now()}}","experiment":"test","phase":1,"flag":"checkout","variant":"{{variant}}","unit":"{{unit}}"{{more}}}""";

    private static string At(string json, double hours)
    {
        const string Name = "\"at\":\"";
        var start = json.IndexOf(Name, StringComparison.Ordinal) + Name.Length;
        return string.Concat(json.AsSpan(0, start), EventsProject.Now(hours), json.AsSpan(json.IndexOf('"', start)));
    }

    private async Task<EventsProject> StartAsync((string Key, string Role, string Definition)[] metrics, string plan = ""","cuped":false""")
    {
        var project = await server.CreateProjectAsync();
        await CreateAsync(project, metrics, plan);
        await server.Admin.PostAsync($"{project.Path}/experiments/test/start", new { reason = "go" });
        // The phase began a while ago, so that exposures may have, too.
        await server.ExecuteAsync("UPDATE experiment_phases SET started_at = started_at - interval '2 hours' WHERE experiment_id = (SELECT e.id FROM experiments e JOIN projects p ON p.id = e.project_id WHERE p.key = $1)", project.Key);
        return project;
    }

    private async Task CreateAsync(EventsProject project, (string Key, string Role, string Definition)[] metrics, string plan = "")
    {
        foreach (var (key, _, definition) in metrics)
            await server.Admin.PostAsync($"{project.Path}/metrics", $$"""{"key":"{{key}}","definition":{{definition}}}""", 201);
        var planned = string.Join(',', metrics.Select(metric => $$"""{"metric":"{{metric.Key}}","role":"{{metric.Role}}"}"""));
        await server.Admin.PostAsync(
            $"{project.Path}/experiments",
            $$$"""{"key":"test","flag":"checkout","environment":"prod","variations":[{"key":"off","weight":1},{"key":"on","weight":1}],"control":"off","plan":{"method":"alwaysValid","lookDays":[],"minimumDays":0{{{plan}}},"metrics":[{{{planned}}}]}}""",
            201);
    }

    private static async Task SendAsync(EventsProject project, IEnumerable<string> events)
    {
        foreach (var batch in events.Chunk(500))
        {
            var answer = await project.SendAsync(EventsProject.Batch(batch));
            Assert.Equal(HttpStatusCode.Accepted, answer.Status);
            Assert.Equal((batch.Length, 0, 0), answer.Verdicts);
        }
    }

    private async Task<Answer> ResultsAsync(EventsProject project, int units)
    {
        Answer? answer = null;
        await Eventually.TrueAsync(
            async () =>
            {
                answer = await server.Admin.GetAsync($"{project.Path}/experiments/test/results");
                return answer.Get("at") is { Length: > 0 } && answer.At("result", "health", "shares").EnumerateArray().Sum(share => share.GetProperty("units").GetInt64()) == units;
            });
        return answer!;
    }
}
