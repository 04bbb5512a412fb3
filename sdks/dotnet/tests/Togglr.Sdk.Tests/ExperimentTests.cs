using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

/// <summary>Exposures and metrics: what is sent, once, and what becomes of it while nobody answers.</summary>
public sealed class ExperimentTests : SdkTest
{
    [Fact]
    public async Task The_first_evaluation_of_a_unit_reports_its_exposure_and_no_other_does()
    {
        var client = await TestingClientAsync();
        var details = new[] { "user-1", "user-2", "user-1" }.Select(unit => client.BooleanVariationDetail("tested", EvaluationContext.Of(unit), false)).ToList();
        client.BooleanVariation("tested", EvaluationContext.Of("user-2"), false);
        client.BooleanVariation("plain", EvaluationContext.Of("user-3"), false);
        client.AllFlags(EvaluationContext.Of("user-4"));
        await client.FlushAsync(TestContext.Current.CancellationToken);

        var events = Events();
        Assert.Equal(["user-1", "user-2"], events.Select(sent => Text(sent, "unit")).Order(StringComparer.Ordinal));
        var first = events.Single(sent => Text(sent, "unit") == "user-1");
        Assert.Equal(("exposure", "exp", "tested", details[0].Variant, 3), (Text(first, "type"), Text(first, "experiment"), Text(first, "flag"), Text(first, "variant"), first.GetProperty("phase").GetInt32()));
        Assert.True(Guid.TryParse(Text(first, "id"), out _));
        Assert.True(first.TryGetProperty("at", out var at) && at.TryGetDateTimeOffset(out _));
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(2, Events().Count);
    }

    [Fact]
    public async Task Another_phase_is_another_exposure()
    {
        var again = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(WithExperiment(3), 1);
            await again.Task;
            await stream.FullAsync(WithExperiment(4).Replace("\"revision\":1", "\"revision\":2", StringComparison.Ordinal), 2);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        client.BooleanVariation("tested", Somebody, false);
        again.SetResult();
        await Until(() => client.Status.Revision == 2, "the next phase");
        client.BooleanVariation("tested", Somebody, false);
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal([3, 4], Events().Select(sent => sent.GetProperty("phase").GetInt32()));
    }

    [Fact]
    public async Task The_unit_is_what_the_experiment_buckets_by()
    {
        var client = await TestingClientAsync(bucketBy: "company");
        foreach (var user in new[] { "a", "b" })
            client.BooleanVariation("tested", EvaluationContext.Builder(user).Set("company", 17).Build(), false);
        client.BooleanVariation("tested", EvaluationContext.Of("nobody's"), false);
        client.Track("seats", 4, EvaluationContext.Of("a"), unit: "17");
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal(["exposure 17", "metric 17"], Events().Select(sent => $"{Text(sent, "type")} {Text(sent, "unit")}"));
    }

    [Fact]
    public async Task Metrics_are_sent_with_value_and_properties_and_nothing_of_the_context()
    {
        var client = await TestingClientAsync();
        var context = EvaluationContext.Builder("user-1").Set("email", "anna@example.com").Build();
        client.Track("purchase", 19.9, context, new Dictionary<string, object?> { ["currency"] = "EUR", ["items"] = 3, ["gift"] = true, ["who"] = new object(), ["nan"] = double.NaN, ["none"] = null });
        client.Track("signup", null, context);
        client.Track("broken", double.NaN, context);
        client.Track("nobody", 1, EvaluationContext.Empty);
        client.Track("", 1, context);
        await client.FlushAsync(TestContext.Current.CancellationToken);
        var events = Events();
        Assert.Equal(["purchase", "signup"], events.Select(sent => Text(sent, "event")));
        Assert.Equal(("user-1", 19.9), (Text(events[0], "unit"), events[0].GetProperty("value").GetDouble()));
        Assert.Equal("""{"currency":"EUR","items":3,"gift":true}""", events[0].GetProperty("properties").ToString());
        Assert.False(events[1].TryGetProperty("value", out _));
        Assert.DoesNotContain(Edge.Posts, post => post.Body.ToString().Contains("anna", StringComparison.Ordinal));
        Assert.Equal(3, Log.Entries.Count(entry => entry.Id == 221));
    }

    [Fact]
    public async Task Batches_go_by_themselves_and_come_again_with_the_same_ids_until_they_are_taken()
    {
        var failures = 3;
        Edge.OnPost = context => ScriptedEdge.Answer(context, Interlocked.Decrement(ref failures) >= 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.Accepted);
        var client = await TestingClientAsync();
        for (var i = 0; i < 700; i++)
            client.Track("click", i, Somebody);
        await Until(() => Edge.Posts.Count >= 5, "both batches after three failures");
        var batches = Edge.Posts.Select(post => string.Join(',', post.Body.GetProperty("events").EnumerateArray().Select(sent => Text(sent, "id")))).ToList();
        Assert.Equal(2, batches.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(700, Events().DistinctBy(sent => Text(sent, "id")).Count());
        Assert.All(Edge.Posts, post => Assert.InRange(post.Body.GetProperty("events").GetArrayLength(), 1, 500));
    }

    [Fact]
    public async Task What_cannot_be_sent_waits_on_disk_and_goes_with_the_next_process()
    {
        Edge.OnPost = context => ScriptedEdge.Answer(context, HttpStatusCode.ServiceUnavailable);
        var folder = Path.Combine(TemporaryDirectory, "events");
        var client = await TestingClientAsync(options => options.EventDirectory = folder);
        client.Track("purchase", 1, Somebody);
        await client.FlushAsync(TestContext.Current.CancellationToken);
        client.Track("purchase", 2, Somebody);
        await client.DisposeAsync();
        var files = Directory.GetFiles(folder);
        Assert.Equal(2, files.Length);
        Assert.All(files, file => Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, OperatingSystem.IsWindows() ? UnixFileMode.UserRead | UnixFileMode.UserWrite : File.GetUnixFileMode(file)));
        Assert.DoesNotContain(files, file => file.Contains("kkkk", StringComparison.Ordinal));
        var refused = Events().Select(sent => Text(sent, "id")).Distinct(StringComparer.Ordinal).ToList();

        Edge.Posts.Clear();
        Edge.OnPost = context => ScriptedEdge.Answer(context, HttpStatusCode.Accepted);
        await TestingClientAsync(options => options.EventDirectory = folder);
        await Until(() => Directory.GetFiles(folder).Length == 0, "both files");
        var sent = Events();
        Assert.Equal([1, 2], sent.Select(each => each.GetProperty("value").GetDouble()));
        Assert.Contains(refused, id => id == Text(sent[0], "id"));
    }

    [Fact]
    public async Task The_folder_and_the_memory_have_an_end()
    {
        Edge.OnPost = context => ScriptedEdge.Answer(context, HttpStatusCode.ServiceUnavailable);
        var folder = Path.Combine(TemporaryDirectory, "full");
        var client = await TestingClientAsync(options =>
        {
            options.EventDirectory = folder;
            options.MaxEventDirectoryBytes = 64 * 1024;
            options.EventCapacity = 1000;
            options.EventsInterval = TimeSpan.FromMinutes(1);
        });
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 450; i++)
                client.Track("click", i, Somebody);
            await client.FlushAsync(TestContext.Current.CancellationToken);
        }
        Assert.InRange(Directory.GetFiles(folder).Sum(file => new FileInfo(file).Length), 1, 64 * 1024);
        Assert.True(Log.Has(233));

        var lonely = await TestingClientAsync(options =>
        {
            options.EventCapacity = 100;
            options.EventsInterval = TimeSpan.FromMinutes(1);
        });
        for (var i = 0; i < 300; i++)
            lonely.Track("click", i, Somebody);
        Assert.True(Log.Has(222));
    }

    [Fact]
    public async Task Exposures_can_be_switched_off_and_rejected_events_are_told()
    {
        Edge.OnPost = async context =>
        {
            context.Response.StatusCode = 202;
            await context.Response.WriteAsync("""{"accepted":0,"duplicates":0,"rejected":[{"index":0,"code":"out_of_range","path":"/events/0/at","message":"at is more than 24 hours ago."}]}""");
        };
        var client = await TestingClientAsync(options => options.ExposuresEnabled = false);
        client.BooleanVariation("tested", Somebody, false);
        client.Track("purchase", 1, Somebody);
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Equal("metric", Text(Assert.Single(Events()), "type"));
        Assert.Contains(Log.Entries, entry => entry.Id == 225 && entry.Text.Contains("more than 24 hours ago", StringComparison.Ordinal));
    }

    private static string WithExperiment(int phase, string? bucketBy = null) => Snapshot(
        1, Flag("plain", on: true), """
        "tested":{"key":"tested","type":"boolean","version":1,"enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","default":{"experiment":"exp"}}
        """.Trim()).Replace(
        "\"experiments\":{}",
        $$$"""
        "experiments":{"exp":{"key":"exp","phase":{{{phase}}},{{{(bucketBy is null ? "" : $"\"bucketBy\":\"{bucketBy}\",")}}}"traffic":10000,"variations":[{"key":"on","weight":1},{"key":"off","weight":1}]} }
        """.Trim(),
        StringComparison.Ordinal);

    private static string? Text(JsonElement sent, string member) => sent.GetProperty(member).GetString();

    private List<JsonElement> Events() => [.. Edge.Posts.Where(post => post.Path == "/sdk/v1/events").SelectMany(post => post.Body.GetProperty("events").EnumerateArray())];

    private async Task<TogglrClient> TestingClientAsync(Action<TogglrClientOptions>? configure = null, string? bucketBy = null)
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(WithExperiment(3, bucketBy), 1);
            await stream.StayOpenAsync();
        };
        return await ReadyClientAsync(options =>
        {
            options.EventsInterval = TimeSpan.FromMilliseconds(20);
            configure?.Invoke(options);
        });
    }
}
