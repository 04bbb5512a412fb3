using System.Net;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class ReportingTests : SdkTest
{
    private async Task<TogglrClient> CountingClientAsync(Action<TogglrClientOptions>? configure = null)
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: true), Flag("off", on: true, enabled: false), Flag("text", "string", "\"x\"")), 1);
            await stream.StayOpenAsync();
        };
        return await ReadyClientAsync(options =>
        {
            options.CountsInterval = TimeSpan.FromHours(1);
            configure?.Invoke(options);
        });
    }

    [Fact]
    public async Task Disposal_sends_the_counts_by_flag_variant_and_reason()
    {
        var client = await CountingClientAsync();
        for (var i = 0; i < 12; i++)
            client.BooleanVariation("a", Somebody, false);
        client.BooleanVariationDetail("off", Somebody, false);
        client.StringVariation("text", Somebody, "");
        client.StringVariation("text", Somebody, "");
        await client.DisposeAsync();

        var (path, body) = Edge.Posts.Single();
        Assert.Equal("/sdk/v1/counts", path);
        Assert.StartsWith("dotnet/", body.GetProperty("sdk").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(body.GetProperty("instance").GetString()!);
        Assert.True(body.GetProperty("from").GetDateTimeOffset() <= body.GetProperty("to").GetDateTimeOffset());
        Assert.EndsWith("Z", body.GetProperty("to").GetString(), StringComparison.Ordinal);
        Assert.Equal(
            ["a/on/STATIC/12", "off/off/DISABLED/1", "text/only/STATIC/2"],
            Rows(body).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Reports_tell_how_many_users_there_were_and_which_flags_are_missing()
    {
        var client = await CountingClientAsync();
        for (var i = 0; i < 30; i++)
            client.BooleanVariation("a", EvaluationContext.Of($"user-{i % 10}"), false);
        client.BooleanVariation("a", EvaluationContext.Empty, false);
        client.BooleanVariation("mispelled", Somebody, false);
        client.BooleanVariation("mispelled", Somebody, false);
        await client.DisposeAsync();

        var (_, body) = Edge.Posts.Single();
        var users = Assert.Single(body.GetProperty("users").EnumerateArray());
        Assert.Equal("a", users.GetProperty("flag").GetString());
        Assert.Equal(10, UserSketch.FromBytes(users.GetProperty("sketch").GetBytesFromBase64())!.Estimate());
        var unknown = Assert.Single(body.GetProperty("unknown").EnumerateArray());
        Assert.Equal(("mispelled", 2), (unknown.GetProperty("flag").GetString(), unknown.GetProperty("count").GetInt32()));
    }

    [Fact]
    public async Task Counts_are_sent_every_interval_and_not_twice()
    {
        var time = new ManualTime();
        var client = await CountingClientAsync(options =>
        {
            options.TimeProvider = time;
            options.CountsInterval = TimeSpan.FromSeconds(20);
        });
        client.BooleanVariation("a", Somebody, false);
        time.Advance(TimeSpan.FromSeconds(20));
        await Until(() => Edge.Posts.Count == 1, "the first report");
        client.BooleanVariation("a", Somebody, false);
        client.BooleanVariation("a", Somebody, false);
        for (var step = 0; step < 100 && Edge.Posts.Count < 2; step++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await Until(() => Edge.Posts.Count == 2, "the second report");
        await client.DisposeAsync();
        Assert.Equal(["a/on/STATIC/1", "a/on/STATIC/2"], Edge.Posts.SelectMany(post => Rows(post.Body)));
    }

    [Fact]
    public async Task A_report_that_failed_is_sent_again_as_it_was()
    {
        var time = new ManualTime();
        var client = await CountingClientAsync(options =>
        {
            options.TimeProvider = time;
            options.CountsInterval = TimeSpan.FromSeconds(20);
        });
        var usual = Edge.OnPost;
        Edge.OnPost = context => ScriptedEdge.Answer(context, HttpStatusCode.BadGateway);
        client.BooleanVariation("a", Somebody, false);
        time.Advance(TimeSpan.FromSeconds(20));
        await Until(() => Edge.Posts.Count == 1, "the first try");
        client.BooleanVariation("a", Somebody, false);
        Edge.OnPost = usual;
        await client.DisposeAsync();

        var posts = Edge.Posts.Select(post => post.Body).ToList();
        Assert.Equal(3, posts.Count);
        Assert.Equal(posts[0].GetRawText(), posts[1].GetRawText());
        Assert.Equal(["a/on/STATIC/1"], Rows(posts[2]));
    }

    [Fact]
    public async Task Changes_of_the_snapshot_lose_no_counts()
    {
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            live = stream;
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.CountsInterval = TimeSpan.FromHours(1));
        await Until(() => live is not null, "the stream");
        using var end = new CancellationTokenSource();
        var evaluated = 0L;
        var caller = Task.Run(() =>
        {
            while (!end.IsCancellationRequested)
            {
                client.BooleanVariation("a", Somebody, false);
                evaluated++;
            }
        }, CancellationToken.None);
        for (var revision = 2; revision < 100; revision++)
            await live!.PatchAsync(Patch(revision - 1, revision, Flag("a", on: revision % 2 == 1)), revision);
        await Until(() => client.Status.Revision == 99, "the changes");
        await end.CancelAsync();
        await caller;
        await client.DisposeAsync();
        Assert.Equal(evaluated, Edge.Posts.SelectMany(post => post.Body.GetProperty("counts").EnumerateArray()).Sum(row => row.GetProperty("count").GetInt64()));
    }

    [Fact]
    public async Task Disposal_does_not_wait_longer_than_it_was_told()
    {
        var client = await CountingClientAsync(options => options.ShutdownTimeout = TimeSpan.FromMilliseconds(300));
        Edge.OnPost = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        client.BooleanVariation("a", Somebody, false);
        client.Track("a", Somebody, FeedbackKind.Success);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await client.DisposeAsync();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0.2, 3);
    }

    [Fact]
    public async Task Feedback_and_errors_reach_their_endpoints_with_the_context()
    {
        var client = await CountingClientAsync(options => options.CountsInterval = TimeSpan.Zero);
        var context = EvaluationContext.Builder("user-1").Set("country", "US").Set("age", 42).Set("beta", true).Build();
        client.Track("a b", context, FeedbackKind.Failure, variant: "on", reward: 2.5);
        client.ReportError("a", context, new InvalidOperationException("broken"));
        await client.DisposeAsync();

        var track = Edge.Posts.Single(post => post.Path == "/sdk/v1/features/a b/track").Body;
        Assert.Equal("on", track.GetProperty("variant_key").GetString());
        Assert.Equal("failure", track.GetProperty("event_type").GetString());
        Assert.Equal(2.5, track.GetProperty("reward").GetDouble());
        Assert.NotEmpty(track.GetProperty("dedup_key").GetString()!);
        Assert.EndsWith("Z", track.GetProperty("created_at").GetString(), StringComparison.Ordinal);
        Assert.Equal("""{"user.id":"user-1","country":"US","age":42,"beta":true}""", track.GetProperty("context").GetRawText());
        var error = Edge.Posts.Single(post => post.Path == "/sdk/v1/features/a/report-error").Body;
        Assert.Equal("System.InvalidOperationException", error.GetProperty("error_type").GetString());
        Assert.Equal("broken", error.GetProperty("error_message").GetString());
        Assert.NotEqual(Guid.Empty, error.GetProperty("dedup_key").GetGuid());
    }

    [Fact]
    public async Task An_error_names_the_variant_that_is_served_and_lets_counts_follow_soon()
    {
        var client = await CountingClientAsync(options => options.CountsInterval = TimeSpan.FromHours(1));
        client.BooleanVariation("a", Somebody, false);
        client.ReportError("a", Somebody, "timeout", "late");
        client.ReportError("a", Somebody, "timeout", "late", variant: "other");
        await Until(() => Edge.Posts.Any(post => post.Path == "/sdk/v1/counts"), "the counts");
        await client.FlushAsync(TestContext.Current.CancellationToken);
        var counted = Edge.Posts.Single(post => post.Path == "/sdk/v1/counts").Body.GetProperty("counts")[0];
        Assert.Equal(
            [counted.GetProperty("variant").GetString(), "other"],
            Edge.Posts.Where(post => post.Path == "/sdk/v1/features/a/report-error").Select(post => post.Body.GetProperty("variant_key").GetString()).Order(StringComparer.Ordinal));
        await client.DisposeAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task An_event_is_retried_with_the_same_key_until_it_is_taken(bool isError)
    {
        var client = await CountingClientAsync(options => options.CountsInterval = TimeSpan.Zero);
        var left = 3;
        Edge.OnPost = context => ScriptedEdge.Answer(context, Interlocked.Decrement(ref left) >= 0 ? HttpStatusCode.ServiceUnavailable : HttpStatusCode.Accepted);
        if (isError)
            client.ReportError("a", Somebody, "timeout", "late");
        else
            client.Track("a", Somebody, FeedbackKind.Success);
        await Until(() => Edge.Posts.Count == 4, "the fourth try");
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Single(Edge.Posts.Select(post => post.Body.GetProperty("dedup_key").GetString()).Distinct());
        Assert.Equal(4, Edge.Posts.Count);
    }

    [Fact]
    public async Task A_refused_event_is_not_retried_but_logged()
    {
        var client = await CountingClientAsync(options => options.CountsInterval = TimeSpan.Zero);
        Edge.OnPost = context => ScriptedEdge.Answer(context, HttpStatusCode.BadRequest);
        client.Track("a", Somebody, FeedbackKind.Success);
        await client.FlushAsync(TestContext.Current.CancellationToken);
        Assert.Single(Edge.Posts);
        Assert.True(Log.Has(202));
    }

    [Fact]
    public async Task More_events_than_there_is_room_for_are_dropped_not_kept()
    {
        var client = await CountingClientAsync(options =>
        {
            options.CountsInterval = TimeSpan.Zero;
            options.EventCapacity = 10;
            options.ShutdownTimeout = TimeSpan.FromMilliseconds(100);
        });
        Edge.OnPost = context => Task.Delay(Timeout.Infinite, context.RequestAborted);
        for (var i = 0; i < 1000; i++)
            client.Track("a", Somebody, FeedbackKind.Success);
        Assert.True(Log.Has(201));
        await client.DisposeAsync();
        Assert.InRange(Edge.Posts.Count, 0, 14);
        Assert.True(Log.Has(204));
    }

    private static IEnumerable<string> Rows(JsonElement body) => body.GetProperty("counts").EnumerateArray().Select(row =>
        $"{row.GetProperty("flag").GetString()}/{row.GetProperty("variant").GetString() ?? "-"}/{row.GetProperty("reason").GetString()}/{row.GetProperty("count").GetInt64()}");
}
