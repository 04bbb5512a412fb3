using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;

namespace Togglr.IntegrationTests.Events;

/// <summary><c>POST /sdk/v1/events</c>, and where events end up.</summary>
public sealed partial class EventsTests(EventsServer server) : IClassFixture<EventsServer>
{
    [Fact]
    public async Task Exposures_and_metric_events_are_stored_with_hashed_units()
    {
        var project = await server.CreateProjectAsync();
        var answer = await project.SendAsync(EventsProject.Batch(
            EventsProject.Exposure("anna@example.com", more: ""","phase":3,"propensity":0.25,"weightsVersion":7,"attributes":{"plan":"pro","age":44,"beta":true,"email":"anna@example.com","none":null}"""),
            EventsProject.Metric(unit: "anna@example.com", more: ""","properties":{"currency":"EUR"}""")));
        Assert.Equal((HttpStatusCode.Accepted, (2, 0, 0)), (answer.Status, answer.Verdicts));
        await project.UntilAsync("events_exposure", 1);
        await project.UntilAsync("events_metric", 1);
        var key = server.Server.Services.GetRequiredService<ConfigurationReplica>().Find(project.EnvironmentId)!.Units!;
        var unit = key.StandInOf("anna@example.com"u8);
        Assert.Equal(1, await project.CountAsync("events_exposure", $"unit = '{unit}' AND experiment = 'checkout-test' AND flag = 'checkout' AND variant = 'treatment' AND phase = 3 AND propensity = 0.25 AND weights_version = 7 AND batch > 0"));
        Assert.Equal(1, await project.CountAsync("events_metric", $$"""unit = '{{unit}}' AND event = 'purchase' AND value = 12.5 AND properties = '{"currency":"EUR"}' AND at > now() - interval '1 minute' AND received_at > now() - interval '1 minute'"""));
        Assert.Equal($$"""{"age": 44, "beta": true, "plan": "pro", "email": "{{unit:N}}"}""", await server.ScalarAsync<string>("SELECT attributes::text FROM events_exposure WHERE environment_id = $1", project.EnvironmentId));
        // Nowhere in the database is there anything of the person.
        Assert.Equal(0, await server.ScalarAsync<long>("SELECT count(*) FROM events_exposure e WHERE e::text LIKE '%anna%'"));
        Assert.Equal(0, await server.ScalarAsync<long>("SELECT count(*) FROM event_groups WHERE position('anna'::bytea IN payload) > 0"));
    }

    [Fact]
    public async Task An_event_that_comes_again_counts_once()
    {
        var project = await server.CreateProjectAsync();
        var events = new[] { EventsProject.Metric(id: "order-1"), EventsProject.Metric(id: "order-2"), EventsProject.Metric(id: "order-1") };
        Assert.Equal((2, 1, 0), (await project.SendAsync(EventsProject.Batch(events))).Verdicts);
        Assert.Equal((0, 3, 0), (await project.SendAsync(EventsProject.Batch(events))).Verdicts);
        await project.UntilAsync("events_metric", 2);

        // What no process remembers: another node took it. The same bytes are put into the log a second time.
        var log = server.Server.Services.GetRequiredService<IEventBatchLog>();
        var repeated = new EventBatch(project.EnvironmentId, TimeProvider.System.GetUtcNow(), 100);
        foreach (var id in new[] { "order-1", "order-2", "order-3", "order-3" })
        {
            repeated.Add(new RecordedEvent
            {
                Kind = RecordedKind.Metric, Id = EventBatch.IdOf(project.EnvironmentId, Encoding.UTF8.GetBytes(id)), At = EventBatch.Microseconds(TimeProvider.System.GetUtcNow()), Name = "purchase"u8,
            });
        }
        Assert.Equal(AppendResult.Durable, await log.AppendAsync(repeated, TestContext.Current.CancellationToken));
        await project.UntilAsync("events_metric", 3);
        await Eventually.TrueAsync(async () => await project.CountAsync("event_minutes", "kind = 'duplicate'") > 0);
        Assert.Equal(3, await server.ScalarAsync<long>("SELECT sum(count)::bigint FROM event_minutes WHERE environment_id = $1 AND kind = 'duplicate'", project.EnvironmentId));
    }

    [Fact]
    public async Task The_same_id_in_another_environment_is_another_event()
    {
        var (first, second) = (await server.CreateProjectAsync(), await server.CreateProjectAsync());
        foreach (var project in new[] { first, second })
        {
            Assert.Equal((1, 0, 0), (await project.SendAsync(EventsProject.Batch(EventsProject.Metric(id: "same")))).Verdicts);
            await project.UntilAsync("events_metric", 1);
        }
    }

    [Theory]
    [InlineData("gzip")]
    [InlineData("br")]
    [InlineData("deflate")]
    [InlineData("identity")]
    public async Task Bodies_may_be_compressed(string coding)
    {
        var project = await server.CreateProjectAsync();
        var answer = await project.SendAsync(EventsProject.Batch(Enumerable.Range(0, 500).Select(i => EventsProject.Metric(unit: $"u{i}"))), coding);
        Assert.Equal((HttpStatusCode.Accepted, (500, 0, 0)), (answer.Status, answer.Verdicts));
        await project.UntilAsync("events_metric", 500);
    }

    [Fact]
    public async Task A_body_that_unpacks_to_something_enormous_is_refused()
    {
        var project = await server.CreateProjectAsync();
        var bomb = """{"events":[],"x":" """ + new string(' ', 64 * 1024 * 1024) + "\"}";
        Assert.Equal((HttpStatusCode.RequestEntityTooLarge, "body_too_large"), Of(await project.SendAsync(bomb, "gzip")));
        Assert.Equal((HttpStatusCode.BadRequest, "malformed_encoding"), Of(await project.SendAsync("not packed", "zip", null) is var other && other.Status == HttpStatusCode.UnsupportedMediaType
            ? await SendRawAsync(project, "gzip", "this is no gzip") : other));
        Assert.Equal((HttpStatusCode.UnsupportedMediaType, "unsupported_encoding"), Of(await project.SendAsync("{}", "zip")));
    }

    [Fact]
    public async Task Good_events_are_taken_although_others_are_refused()
    {
        var project = await server.CreateProjectAsync();
        var answer = await project.SendAsync(EventsProject.Batch(
            EventsProject.Metric(value: "1e999"), EventsProject.Metric(), "17", EventsProject.Metric(unit: ""), EventsProject.Metric()));
        Assert.Equal((HttpStatusCode.Accepted, (2, 0, 3)), (answer.Status, answer.Verdicts));
        Assert.Equal(
            ["out_of_range /events/0/value", "wrong_type /events/2", "invalid /events/3/unit"],
            answer.Json.GetProperty("rejected").EnumerateArray().Select(row => $"{row.GetProperty("code").GetString()} {row.GetProperty("path").GetString()}"));
        await project.UntilAsync("events_metric", 2);
        await project.UntilAsync("event_dead_letters", 3);
    }

    [Theory]
    [InlineData("""{"type":"metric"}""", "required /events/0/id")]
    [InlineData("""{"type":"pageview","id":"1","at":"$now"}""", "unknown_type /events/0/type")]
    [InlineData("""{"id":"1","at":"$now"}""", "required /events/0/type")]
    [InlineData("""{"type":"metric","id":"","at":"$now","event":"e","unit":"u"}""", "invalid /events/0/id")]
    [InlineData("""{"type":"metric","id":17,"at":"$now","event":"e","unit":"u"}""", "wrong_type /events/0/id")]
    [InlineData("""{"type":"metric","id":"1","event":"e","unit":"u"}""", "required /events/0/at")]
    [InlineData("""{"type":"metric","id":"1","at":"2026-11-21","event":"e","unit":"u"}""", "invalid /events/0/at")]
    [InlineData("""{"type":"metric","id":"1","at":"2020-01-01T00:00:00Z","event":"e","unit":"u"}""", "out_of_range /events/0/at")]
    [InlineData("""{"type":"metric","id":"1","at":"2999-01-01T00:00:00Z","event":"e","unit":"u"}""", "out_of_range /events/0/at")]
    [InlineData("""{"type":"metric","id":"1","at":1700000000,"event":"e","unit":"u"}""", "wrong_type /events/0/at")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"a\u0000b","unit":"u"}""", "invalid /events/0/event")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"\ud800","unit":"u"}""", "invalid /events/0/event")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":5}""", "wrong_type /events/0/unit")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","value":"12"}""", "wrong_type /events/0/value")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","value":-1e400}""", "out_of_range /events/0/value")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","properties":[]}""", "wrong_type /events/0/properties")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","properties":{"a/b":{}}}""", "wrong_type /events/0/properties/a~1b")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","properties":{"a":"\u0000"}}""", "too_long /events/0/properties/a")]
    [InlineData("""{"type":"metric","id":"1","at":"$now","event":"e","unit":"u","properties":{"a":1,"a":2}}""", "duplicate /events/0/properties/a")]
    [InlineData("""{"type":"exposure","id":"1","at":"$now","experiment":"x","flag":"f","unit":"u"}""", "required /events/0/variant")]
    [InlineData("""{"type":"exposure","id":"1","at":"$now","experiment":"x","flag":"f","variant":"v","unit":"u","propensity":0}""", "out_of_range /events/0/propensity")]
    [InlineData("""{"type":"exposure","id":"1","at":"$now","experiment":"x","flag":"f","variant":"v","unit":"u","propensity":1.01}""", "out_of_range /events/0/propensity")]
    [InlineData("""{"type":"exposure","id":"1","at":"$now","experiment":"x","flag":"f","variant":"v","unit":"u","phase":0}""", "invalid /events/0/phase")]
    [InlineData("""{"type":"exposure","id":"1","at":"$now","experiment":"x","flag":"f","variant":"v","unit":"u","weightsVersion":1.5}""", "invalid /events/0/weightsVersion")]
    [InlineData("""{"type":"feedback","id":"1","at":"$now","flag":"nope","outcome":"success"}""", "unknown_flag /events/0/flag")]
    [InlineData("""{"type":"feedback","id":"1","at":"$now","flag":"checkout","outcome":"great"}""", "invalid /events/0/outcome")]
    [InlineData("""{"type":"error","id":"1","at":"$now","flag":"checkout"}""", "required /events/0/errorType")]
    [InlineData("""{"type":"error","id":"1","at":"$now","flag":"checkout","errorType":"t","count":-5}""", "out_of_range /events/0/count")]
    public async Task A_bad_event_is_told_what_is_wrong_with_it(string item, string expected)
    {
        var project = await Shared();
        var answer = await project.SendAsync(EventsProject.Batch(item.Replace("$now", EventsProject.Now(), StringComparison.Ordinal)));
        Assert.Equal((HttpStatusCode.BadRequest, "validation_failed"), Of(answer));
        Assert.Equal(expected, answer.First);
    }

    [Theory]
    [InlineData("", "malformed_json")]
    [InlineData("[]", "validation_failed")]
    [InlineData("{}", "validation_failed")]
    [InlineData("""{"events":{}}""", "validation_failed")]
    [InlineData("""{"events":[]""", "malformed_json")]
    [InlineData("""{"events":[]} x""", "malformed_json")]
    [InlineData("""{"events":[],"events":[]}""", "validation_failed")]
    [InlineData("""{"events":[{"type":"metric","value":NaN}]}""", "malformed_json")]
    [InlineData("""{"events":[{"x":[[[[[[[[[[[[[[[[[[]]]]]]]]]]]]]]]]]]}]}""", "too_deep")]
    public async Task A_body_that_is_no_batch_is_refused_as_a_whole(string body, string code)
    {
        var project = await Shared();
        Assert.Equal((HttpStatusCode.BadRequest, code), Of(await project.SendAsync(body)));
    }

    [Fact]
    public async Task A_batch_has_ten_thousand_events_at_most_and_an_event_fifty_properties()
    {
        var project = await Shared();
        var at = EventsProject.Now();
        var many = EventsProject.Batch(Enumerable.Range(0, 10_001).Select(i => $$"""{"type":"metric","id":"m{{i}}","at":"{{at}}","event":"e","unit":"u"}"""));
        Assert.Equal("too_many /events", (await project.SendAsync(many)).First);
        var bomb = string.Join(',', Enumerable.Range(0, 51).Select(i => $"\"p{i}\":{i}"));
        Assert.Equal("too_many /events/0/properties", (await project.SendAsync(EventsProject.Batch(EventsProject.Metric(more: $$""","properties":{{{bomb}}}""")))).First);
    }

    [Fact]
    public async Task An_exposure_of_an_experiment_that_never_was_is_a_dead_letter()
    {
        var project = await server.CreateProjectAsync();
        var answer = await project.SendAsync(EventsProject.Batch(EventsProject.Exposure().Replace("checkout-test", "nonsense", StringComparison.Ordinal), EventsProject.Exposure()));
        Assert.Equal((2, 0, 0), answer.Verdicts);
        await project.UntilAsync("events_exposure", 1);
        await project.UntilAsync("event_dead_letters", 1, "code = 'unknown_experiment' AND content ->> 'experiment' = 'nonsense'");
        Assert.Equal(1, await project.CountAsync("event_hours", "kind = 'exposure' AND name = 'checkout-test' AND detail = 'treatment' AND count = 1"));
    }

    [Fact]
    public async Task Feedback_and_errors_go_where_track_and_report_error_put_them()
    {
        var project = await server.CreateProjectAsync();
        var (at, id) = (EventsProject.Now(), Guid.CreateVersion7());
        var body = EventsProject.Batch(
            $$"""{"type":"feedback","id":"f{{id}}","at":"{{at}}","flag":"checkout","variant":"on","outcome":"success","reward":1.5,"unit":"u1"}""",
            $$"""{"type":"error","id":"e{{id}}","at":"{{at}}","flag":"checkout","variant":"on","errorType":"timeout","message":"5 s","count":40}""");
        Assert.Equal((2, 0, 0), (await project.SendAsync(body)).Verdicts);
        Assert.Equal((0, 2, 0), (await project.SendAsync(body)).Verdicts);
        await project.UntilAsync("event_log", 2, "kind IN (2, 3)");
        Assert.Equal(1, await project.CountAsync("event_log", "kind = 2 AND flag = 'checkout' AND payload ->> 'type' = 'success' AND payload ->> 'reward' = '1.5' AND length(payload ->> 'unit') = 36"));
        Assert.Equal(1, await project.CountAsync("event_log", "kind = 3 AND payload ->> 'type' = 'timeout' AND payload ->> 'message' = '5 s' AND payload ->> 'count' = '40'"));
        await Eventually.TrueAsync(async () => await server.ScalarAsync<long>("SELECT coalesce(sum(errors), 0)::bigint FROM health_totals WHERE environment_id = $1", project.EnvironmentId) == 40, 20);
    }

    [Fact]
    public async Task A_client_key_speaks_of_flags_that_clients_see_only()
    {
        var project = await Shared();
        Assert.Equal("unknown_flag /events/0/flag", (await project.SendAsync(EventsProject.Batch(EventsProject.Exposure()), key: project.ClientKey)).First);
        Assert.Equal((2, 0, 0), (await project.SendAsync(
            EventsProject.Batch(EventsProject.Exposure().Replace("\"checkout\"", "\"banner\"", StringComparison.Ordinal), EventsProject.Metric()), key: project.ClientKey)).Verdicts);
        Assert.Equal((HttpStatusCode.Unauthorized, "sdk_key_invalid"), Of(await project.SendAsync(EventsProject.Batch(), key: "tgs_nobody")));
    }

    [Fact]
    public async Task Names_that_somebody_makes_up_do_not_fill_the_tables_of_counts()
    {
        var project = await server.CreateProjectAsync();
        var answer = await project.SendAsync(EventsProject.Batch(Enumerable.Range(0, 3_000).Select(i => EventsProject.Metric($"made-up-{i}"))));
        Assert.Equal((3_000, 0, 0), answer.Verdicts);
        await project.UntilAsync("events_metric", 3_000);
        Assert.InRange(await project.CountAsync("event_hours", "kind = 'metric'"), 1_000, 2_001);
        Assert.Equal(3_000, await server.ScalarAsync<long>("SELECT sum(count)::bigint FROM event_hours WHERE environment_id = $1 AND kind = 'metric'", project.EnvironmentId));
    }

    [Fact]
    public async Task A_group_that_cannot_be_sorted_in_is_set_aside_and_keeps_nobody_else()
    {
        var project = await server.CreateProjectAsync();
        await server.ExecuteAsync("INSERT INTO event_groups (events, payload) VALUES (1, '\\x0102')");
        Assert.Equal((1, 0, 0), (await project.SendAsync(EventsProject.Batch(EventsProject.Metric()))).Verdicts);
        await project.UntilAsync("events_metric", 1);
        await Eventually.TrueAsync(async () => await server.ScalarAsync<long>("SELECT count(*) FROM event_groups WHERE failure IS NOT NULL") == 1);
        await server.ExecuteAsync("DELETE FROM event_groups WHERE failure IS NOT NULL");
    }

    [Fact]
    public async Task Events_are_seen_with_their_rates_properties_and_dead_letters()
    {
        var project = await server.CreateProjectAsync();
        var path = $"{project.Path}/environments/prod/events";
        var empty = await server.Admin.GetAsync(path);
        Assert.Equal((JsonValueKind.Null, 0), (empty.At("lastAt").ValueKind, empty.At("recent").GetArrayLength()));
        await project.SendAsync(EventsProject.Batch(
            EventsProject.Exposure(), EventsProject.Exposure("user-2", "control"), EventsProject.Metric(value: "10", more: ""","properties":{"currency":"EUR"}"""),
            EventsProject.Metric(value: "20", more: ""","properties":{"currency":"USD","items":3}"""), EventsProject.Metric("signup", value: "null"), EventsProject.Metric(value: "\"x\"")));
        await project.UntilAsync("events_metric", 3);

        var seen = await server.Admin.GetAsync(path);
        Assert.Equal((2, 3, 1), (seen.At("kinds").GetProperty("exposure").GetProperty("lastHour").GetInt32(), seen.At("kinds").GetProperty("metric").GetProperty("lastDay").GetInt32(), seen.At("kinds").GetProperty("dead").GetProperty("lastHour").GetInt32()));
        Assert.Equal(2, seen.At("kinds").GetProperty("exposure").GetProperty("series").EnumerateArray().Sum(minute => minute.GetInt32()));
        var names = seen.At("names").EnumerateArray().ToDictionary(row => $"{row.GetProperty("kind").GetString()} {row.GetProperty("name").GetString()}", StringComparer.Ordinal);
        Assert.Equal((2, 15.0), (names["metric purchase"].GetProperty("lastHour").GetInt32(), names["metric purchase"].GetProperty("mean").GetDouble()));
        Assert.Equal("""{"control":1,"treatment":1}""", JsonSerializer.Serialize(names["exposure checkout-test"].GetProperty("details").Deserialize<SortedDictionary<string, int>>()));
        Assert.Equal(5, seen.At("recent").GetArrayLength());
        Assert.NotEqual(JsonValueKind.Null, seen.At("lastAt").ValueKind);

        var purchases = await server.Admin.GetAsync($"{path}?kind=metric&name=purchase&limit=10");
        Assert.Equal(2, purchases.At("recent").GetArrayLength());
        Assert.Equal(["currency", "items"], purchases.At("properties").EnumerateArray().Select(row => row.GetProperty("name").GetString()));
        Assert.DoesNotContain("user-1", JsonSerializer.Serialize(purchases.At("recent")), StringComparison.Ordinal);

        await project.SendAsync(EventsProject.Batch(Enumerable.Range(0, 4).Select(_ => EventsProject.Metric(value: "true"))));
        await project.UntilAsync("event_dead_letters", 5);
        var first = await server.Admin.GetAsync($"{path}/dead-letters?limit=3");
        Assert.Equal((3, 5), (first.At("items").GetArrayLength(), first.At("codes").GetProperty("wrong_type").GetInt32()));
        Assert.Equal(("metric", "/value", "value is a finite number."), (first.At("items")[0].GetProperty("kind").GetString(), first.At("items")[0].GetProperty("path").GetString(), first.At("items")[0].GetProperty("message").GetString()));
        var rest = await server.Admin.GetAsync($"{path}/dead-letters?limit=3&cursor={first.Get("nextCursor")}");
        Assert.Equal((2, JsonValueKind.Null), (rest.At("items").GetArrayLength(), rest.At("nextCursor").ValueKind));
        Assert.Empty(first.At("items").EnumerateArray().Select(Id).Intersect(rest.At("items").EnumerateArray().Select(Id)));
        foreach (var bad in new[] { "?kind=nonsense", "?limit=-1", "?limit=201", "/dead-letters?limit=0", "/dead-letters?cursor=x" })
            await server.Admin.GetAsync(path + bad, 400);

        static string? Id(JsonElement row) => row.GetProperty("id").GetString();
    }

    private static (HttpStatusCode Status, string? Code) Of(BatchAnswer answer) => (answer.Status, answer.Json.GetProperty("code").GetString());

    private static EventsProject? s_shared;

    /// <summary>A project for tests that leave nothing behind.</summary>
    private async Task<EventsProject> Shared() => s_shared ??= await server.CreateProjectAsync();

    private async Task<BatchAnswer> SendRawAsync(EventsProject project, string coding, string body)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/events") { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        request.Content.Headers.ContentEncoding.Add(coding);
        request.Headers.TryAddWithoutValidation("Authorization", project.SdkKey);
        using var answer = await server.Server.Anonymous.SendAsync(request, TestContext.Current.CancellationToken);
        return new BatchAnswer(answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync()).RootElement);
    }
}
