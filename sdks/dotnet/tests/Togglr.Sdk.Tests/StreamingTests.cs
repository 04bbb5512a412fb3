using System.Collections.Concurrent;
using System.Net;
using Microsoft.AspNetCore.Http;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class StreamingTests : SdkTest
{
    [Fact]
    public async Task The_first_snapshot_makes_the_client_ready_and_the_key_travels_in_the_header()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(7, Flag("checkout", on: true)), 7);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();

        Assert.Equal(ClientState.Ready, client.Status.State);
        Assert.Equal(7, client.Status.Revision);
        Assert.Equal(SnapshotSource.Network, client.Status.Source);
        Assert.True(client.BooleanVariation("checkout", Somebody, false));
        Assert.Equal("tgs_" + new string('k', 32), Edge.Streams.Single().Authorization);
        Assert.Null(Edge.Streams.Single().LastEventId);
    }

    [Fact]
    public async Task A_patch_changes_removes_and_adds_flags_and_says_which()
    {
        var go = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: false), Flag("b", on: true), Flag("same", on: true)), 1);
            await go.Task;
            await stream.PatchAsync(Patch(1, 2, Flag("a", on: true), Gone("b"), Flag("c", on: true), Flag("same", on: true)), 2);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        var changes = new ConcurrentQueue<FlagsChangedEventArgs>();
        client.FlagsChanged += (_, change) => changes.Enqueue(change);
        go.SetResult();
        await Until(() => !changes.IsEmpty, "a change event");

        var change = changes.Single();
        Assert.Equal(["a", "b", "c"], change.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(2, change.Revision);
        Assert.True(client.BooleanVariation("a", Somebody, false));
        Assert.Equal("FLAG_NOT_FOUND", client.BooleanVariationDetail("b", Somebody, true).ErrorCode.WireName());
        Assert.True(client.BooleanVariation("c", Somebody, false));
    }

    [Fact]
    public async Task A_thousand_changes_in_a_burst_all_arrive_in_order()
    {
        var go = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: false)), 1);
            await go.Task;
            for (var revision = 2; revision <= 1001; revision++)
                await stream.PatchAsync(Patch(revision - 1, revision, Flag("a", on: revision % 2 == 0)), revision);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        var revisions = new ConcurrentQueue<long>();
        client.FlagsChanged += (_, change) => revisions.Enqueue(change.Revision);
        go.SetResult();
        await Until(() => revisions.Count == 1000, "1,000 change events", 30);

        Assert.Equal(Enumerable.Range(2, 1000).Select(revision => (long)revision), revisions);
        Assert.Equal(1001, client.Status.Revision);
        Assert.False(client.BooleanVariation("a", Somebody, true));
    }

    [Fact]
    public async Task A_dropped_stream_resumes_from_the_revision_it_had()
    {
        var go = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            if (stream.LastEventId is null)
            {
                await stream.FullAsync(Snapshot(5, Flag("a", on: false)), 5);
                await go.Task;
                stream.Cut();
                return;
            }

            await stream.PatchAsync(Patch(5, 6, Flag("a", on: true)), 6);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        go.SetResult();
        await Until(() => client.BooleanVariation("a", Somebody, false), "the change after the reconnect");

        Assert.Equal(new[] { null, "5" }, Edge.Streams.Select(stream => stream.LastEventId));
        Assert.Equal(ClientState.Ready, client.Status.State);
    }

    [Fact]
    public async Task Resuming_at_the_current_revision_is_ready_again_with_a_heartbeat_alone()
    {
        Edge.OnStream = async stream =>
        {
            if (stream.LastEventId is null)
            {
                await stream.FullAsync(Snapshot(5, Flag("a", on: true)), 5);
                return;
            }

            await stream.HeartbeatAsync();
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => Edge.Streams.Count == 2 && client.Status.State == ClientState.Ready, "ready after the reconnect");
        Assert.Equal(5, client.Status.Revision);
    }

    [Fact]
    public async Task A_gap_asks_for_the_whole_snapshot()
    {
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
            {
                await stream.FullAsync(Snapshot(5, Flag("a", on: false)), 5);
                await stream.PatchAsync(Patch(8, 9, Flag("b", on: true)), 9);
            }
            else
            {
                await stream.FullAsync(Snapshot(9, Flag("a", on: true), Flag("b", on: true)), 9);
            }

            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => client.Status.Revision == 9, "the snapshot after the gap");

        Assert.All(Edge.Streams, stream => Assert.Null(stream.LastEventId));
        Assert.True(client.BooleanVariation("a", Somebody, false));
        Assert.True(client.BooleanVariation("b", Somebody, false));
    }

    [Theory]
    [InlineData("event: patch\nid: 6\ndata: {\"from\":5,\"revision\":6,\"fla\n\n")]
    [InlineData("event: patch\nid: 6\ndata: []\n\n")]
    [InlineData("event: patch\nid: 6\ndata: {\"from\":\"5\",\"revision\":6}\n\n")]
    [InlineData("event: full\nid: 6\ndata: not json\n\n")]
    [InlineData("event: full\nid: 6\ndata: {\"schemaVersion\":99,\"revision\":6,\"salt\":\"x\",\"flags\":{}}\n\n")]
    public async Task Garbage_keeps_the_last_good_snapshot_and_starts_over(string garbage)
    {
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
            {
                await stream.FullAsync(Snapshot(5, Flag("a", on: true)), 5);
                await stream.RawAsync(garbage);
            }
            else if (Edge.Streams.Count >= 3)
            {
                await stream.FullAsync(Snapshot(7, Flag("a", on: true), Flag("b", on: true)), 7);
            }

            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        await Until(() => Edge.Streams.Count >= 2, "a second stream");
        Assert.True(client.BooleanVariation("a", Somebody, false));
        await Until(() => client.BooleanVariation("b", Somebody, false), "the good snapshot");
    }

    [Fact]
    public async Task Half_an_event_at_the_end_of_a_stream_is_not_an_event()
    {
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
            {
                await stream.FullAsync(Snapshot(5, Flag("a", on: false)), 5);
                await stream.RawAsync("event: patch\nid: 6\ndata: " + Patch(5, 6, Flag("a", on: true)) + "\n");
                return;
            }

            await stream.HeartbeatAsync();
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => Edge.Streams.Count == 2 && client.Status.State == ClientState.Ready, "the second stream");
        Assert.Equal(5, client.Status.Revision);
        Assert.Equal("5", Edge.Streams.Last().LastEventId);
    }

    [Fact]
    public async Task Events_may_arrive_byte_by_byte_with_unknown_ones_and_comments_in_between()
    {
        Edge.OnStream = async stream =>
        {
            var text = $": hello\n\nevent: weather\ndata: rain\n\nevent: full\nid: 3\ndata: {Snapshot(3, Flag("ä", on: true))}\n\n";
            await stream.BeginAsync();
            foreach (var one in System.Text.Encoding.UTF8.GetBytes(text))
            {
                await stream.Context.Response.Body.WriteAsync(new[] { one });
                await stream.Context.Response.Body.FlushAsync();
            }

            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        Assert.True(client.BooleanVariation("ä", Somebody, false));
    }

    [Fact]
    public async Task A_huge_snapshot_arrives_and_one_beyond_the_limit_is_refused()
    {
        var padding = new string('x', 20_000_000);
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
                await stream.FullAsync(Snapshot(5, Flag("a", on: true), Flag("big", "string", $"\"{padding}\"")), 5);
            else
                await stream.FullAsync(Snapshot(6, Flag("a", on: false), Flag("big", "string", $"\"{padding}{padding}\"")), 6);
            if (Edge.Streams.Count > 1)
                await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.MaxSnapshotBytes = 30_000_000);
        Assert.Equal(padding.Length, client.StringVariation("big", Somebody, "").Length);
        await Until(() => client.Status.Error?.Contains("MaxSnapshotBytes", StringComparison.Ordinal) == true, "the refusal", 30);
        Assert.Equal(5, client.Status.Revision);
        Assert.True(client.BooleanVariation("a", Somebody, false));
    }

    [Fact]
    public async Task A_revoked_key_ends_the_connection_for_good_and_the_last_flags_stay()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(5, Flag("a", on: true)), 5);
            await stream.RawAsync("event: revoked\ndata: {}\n\n");
        };
        var client = Client();
        await Until(() => client.Status.State == ClientState.Failed, "the failed state");
        await Task.Delay(300, TestContext.Current.CancellationToken);

        Assert.Single(Edge.Streams);
        Assert.Contains("revoked", client.Status.Error, StringComparison.Ordinal);
        Assert.True(client.BooleanVariation("a", Somebody, false));
        Assert.True(Log.Has(103));
    }

    [Theory]
    [InlineData(HttpStatusCode.Unauthorized)]
    [InlineData(HttpStatusCode.Forbidden)]
    public async Task A_refused_key_is_reported_and_hardly_retried(HttpStatusCode status)
    {
        var time = new ManualTime();
        Edge.OnStream = stream => ScriptedEdge.Answer(stream.Context, status);
        var client = Client(options => options.TimeProvider = time);
        await StepsAsync(time, 100, () => client.Status.State == ClientState.Failed);
        Assert.False(await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken));

        Assert.Equal(2, Edge.Streams.Count);
        Assert.Empty(Edge.Polls);
        var detail = client.BooleanVariationDetail("a", Somebody, true);
        Assert.True(detail.Value);
        Assert.Equal("PROVIDER_NOT_READY", detail.ErrorCode.WireName());
        // 10, 20, 40, 80, 160 and 300 seconds, or half of that: ten minutes see ten tries at most.
        await StepsAsync(time, 600, () => false);
        Assert.InRange(Edge.Streams.Count, 4, 12);

        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: false)), 1);
            await stream.StayOpenAsync();
        };
        await StepsAsync(time, 400, () => client.Status.State == ClientState.Ready);
        await Until(() => client.Status.State == ClientState.Ready, "the key to be accepted at last");
        Assert.False(client.BooleanVariation("a", Somebody, true));
    }

    [Fact]
    public async Task A_key_that_the_server_learns_a_moment_later_is_not_a_failure()
    {
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
            {
                await ScriptedEdge.Answer(stream.Context, HttpStatusCode.Unauthorized);
                return;
            }

            await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        Assert.True(client.BooleanVariation("a", Somebody, false));
    }

    /// <summary>Lets seconds pass one by one, as the timeouts of requests run on the same clock.</summary>
    private static async Task StepsAsync(ManualTime time, int seconds, Func<bool> until)
    {
        for (var second = 0; second < seconds && !until(); second++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }

    [Fact]
    public async Task Silence_of_45_seconds_reconnects_and_heartbeats_prevent_it()
    {
        var time = new ManualTime();
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            live = stream;
            if (stream.LastEventId is null)
                await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            else
                await stream.HeartbeatAsync();
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.TimeProvider = time);
        for (var beat = 0; beat < 6; beat++)
        {
            time.Advance(TimeSpan.FromSeconds(15));
            await live!.HeartbeatAsync();
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Single(Edge.Streams);
        time.Advance(TimeSpan.FromSeconds(44));
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(ClientState.Ready, client.Status.State);
        time.Advance(TimeSpan.FromSeconds(2));
        await Until(() => client.Status.State == ClientState.Stale, "the silence to be noticed");
        Assert.Contains("silent", client.Status.Error, StringComparison.Ordinal);
        for (var step = 0; step < 100 && Edge.Streams.Count < 2; step++)
        {
            time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        await Until(() => Edge.Streams.Count == 2 && client.Status.State == ClientState.Ready, "the reconnect");
    }

    [Fact]
    public async Task A_stream_that_never_says_anything_falls_back_to_polling()
    {
        Edge.OnConfig = context => ScriptedEdge.Config(context, Snapshot(3, Flag("a", on: true)), 3);
        var client = await ReadyClientAsync(options => options.RequestTimeout = TimeSpan.FromMilliseconds(200));
        Assert.True(client.BooleanVariation("a", Somebody, false));
        Assert.NotEmpty(Edge.Streams);
    }

    [Theory]
    [InlineData(404)]
    [InlineData(503)]
    [InlineData(200)]
    [InlineData(302)]
    public async Task Where_no_stream_can_be_had_the_configuration_is_polled_until_one_can(int status)
    {
        var revision = 3L;
        var streaming = false;
        Edge.OnConfig = context => ScriptedEdge.Config(context, Snapshot(Volatile.Read(ref revision), Flag("a", on: revision > 3)), Volatile.Read(ref revision));
        Edge.OnStream = async stream =>
        {
            if (!Volatile.Read(ref streaming))
            {
                stream.Context.Response.StatusCode = status;
                stream.Context.Response.Headers.Location = "/elsewhere";
                await stream.Context.Response.WriteAsync("<html>");
                return;
            }

            await stream.FullAsync(Snapshot(9, Flag("a", on: false), Flag("b", on: true)), 9);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        Assert.False(client.BooleanVariation("a", Somebody, true));
        Volatile.Write(ref revision, 4);
        await Until(() => client.BooleanVariation("a", Somebody, false), "the polled change");
        await Until(() => Edge.Polls.Any(tag => tag == "\"4\""), "a conditional request");
        Assert.Equal(ClientState.Ready, client.Status.State);

        Volatile.Write(ref streaming, true);
        await Until(() => client.BooleanVariation("b", Somebody, false), "the stream");
        var polls = Edge.Polls.Count;
        await Task.Delay(1500, TestContext.Current.CancellationToken);
        Assert.Equal(polls, Edge.Polls.Count);
    }

    [Fact]
    public async Task A_server_that_goes_away_leaves_the_flags_and_is_found_again_on_the_same_address()
    {
        async Task Serve(StreamConnection stream)
        {
            await stream.FullAsync(Snapshot(5, Flag("a", on: true)), 5);
            await stream.StayOpenAsync();
        }

        Edge.OnStream = Serve;
        var client = await ReadyClientAsync();
        var port = Edge.Address.Port;
        await Edge.DisposeAsync();
        await Until(() => client.Status.State == ClientState.Stale, "stale");
        Assert.True(client.BooleanVariation("a", Somebody, false));

        await using var second = await ScriptedEdge.StartAsync(port);
        second.OnStream = async stream =>
        {
            await stream.PatchAsync(Patch(5, 6, Flag("a", on: false)), 6);
            await stream.StayOpenAsync();
        };
        await Until(() => client.Status is { State: ClientState.Ready, Revision: 6 }, "the second server");
        Assert.Equal("5", second.Streams.Single().LastEventId);
        Assert.False(client.BooleanVariation("a", Somebody, true));
    }

    [Fact]
    public async Task Retry_after_is_respected()
    {
        var time = new ManualTime();
        Edge.OnStream = stream => Busy(stream.Context);
        Edge.OnConfig = Busy;
        var client = Client(options => options.TimeProvider = time);
        await Until(() => !Edge.Polls.IsEmpty && time.Waiting > 0 && client.Status.Error!.Contains("503", StringComparison.Ordinal), "the first refusal");
        var streams = Edge.Streams.Count;
        time.Advance(TimeSpan.FromSeconds(19));
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(streams, Edge.Streams.Count);
        time.Advance(TimeSpan.FromSeconds(2));
        await Until(() => Edge.Streams.Count > streams, "the next try");

        static Task Busy(HttpContext context)
        {
            context.Response.Headers.RetryAfter = "20";
            return ScriptedEdge.Answer(context, HttpStatusCode.ServiceUnavailable);
        }
    }
}
