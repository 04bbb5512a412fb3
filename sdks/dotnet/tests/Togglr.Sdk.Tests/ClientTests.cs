using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class ClientTests : SdkTest
{
    private static readonly string[] Flags =
    [
        Flag("bool", on: true),
        Flag("text", "string", "\"hello\""),
        Flag("half", "number", "0.5"),
        Flag("seven", "number", "7.0"),
        Flag("huge", "number", "1e300"),
        Flag("json", "json", """{"Name":"Ann","Tags":["a","b"]}"""),
        Flag("null", "json", "null"),
        Flag("off", on: true, enabled: false),
        """
        "broken":{"key":"broken","type":"boolean","enabled":true,"variants":{"on":true},"default":{"magic":1}}
        """,
        """
        "rules":{"key":"rules","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","rules":[{"id":"r1","if":{"attribute":"country","operator":"eq","value":"US"},"then":{"variant":"on"}}],"default":{"variant":"off"},"clientVisible":true}
        """,
    ];

    private TogglrClient OfflineClient()
    {
        var file = Path.Combine(TemporaryDirectory, Guid.CreateVersion7() + ".json");
        File.WriteAllText(file, Snapshot(42, Flags));
        return Client(options =>
        {
            options.Offline = true;
            options.BootstrapFile = file;
        });
    }

    [Fact]
    public void Every_type_has_a_getter()
    {
        var client = OfflineClient();
        Assert.True(client.BooleanVariation("bool", Somebody, false));
        Assert.Equal("hello", client.StringVariation("text", Somebody, ""));
        Assert.Equal(0.5, client.DoubleVariation("half", Somebody, 0));
        Assert.Equal(7, client.IntegerVariation("seven", Somebody, 0));
        Assert.Equal("Ann", client.JsonVariation("json", Somebody, default).GetProperty("Name").GetString());
        Assert.Equal(new Person("Ann", ["a", "b"]), client.JsonVariation<Person>("json", Somebody, new Person("", [])));
        Assert.Equal(JsonValueKind.Null, client.JsonVariation("null", Somebody, default).ValueKind);
    }

    [Fact]
    public void A_detail_tells_value_variant_reason_rule_and_revision()
    {
        var detail = OfflineClient().BooleanVariationDetail("rules", EvaluationContext.Builder("user-1").Set("country", "US").Build(), false);
        Assert.Equal(
            new EvaluationDetail<bool> { FlagKey = "rules", Value = true, Variant = "on", Reason = EvaluationReason.TargetingMatch, RuleId = "r1", Revision = 42 }, detail);
        Assert.False(detail.IsError);
        Assert.Equal(EvaluationReason.Disabled, OfflineClient().BooleanVariationDetail("off", Somebody, true).Reason);
    }

    [Fact]
    public void Bad_calls_give_the_default_and_say_why()
    {
        var client = OfflineClient();
        Expect("GENERAL", client.BooleanVariationDetail(null!, Somebody, true));
        Expect("INVALID_CONTEXT", client.BooleanVariationDetail("bool", null!, false));
        Expect("FLAG_NOT_FOUND", client.BooleanVariationDetail("", Somebody, true));
        Expect("FLAG_NOT_FOUND", client.BooleanVariationDetail("missing", Somebody, true));
        Expect("PARSE_ERROR", client.BooleanVariationDetail("broken", Somebody, true));
        Expect("TYPE_MISMATCH", client.BooleanVariationDetail("text", Somebody, true));
        Expect("TYPE_MISMATCH", client.StringVariationDetail("bool", Somebody, "d"));
        Expect("TYPE_MISMATCH", client.DoubleVariationDetail("json", Somebody, 1));
        Expect("TYPE_MISMATCH", client.IntegerVariationDetail("half", Somebody, 1));
        Expect("TYPE_MISMATCH", client.IntegerVariationDetail("huge", Somebody, 1));
        Expect("TYPE_MISMATCH", client.JsonVariationDetail("bool", Somebody, default));
        Expect("TYPE_MISMATCH", client.JsonVariationDetail<int[]>("json", Somebody, [1]));

        static void Expect<T>(string code, EvaluationDetail<T> detail)
        {
            Assert.Equal(EvaluationReason.Error, detail.Reason);
            Assert.Equal(code, detail.ErrorCode.WireName());
            Assert.NotEmpty(detail.ErrorMessage!);
            Assert.Null(detail.Variant);
            Assert.Null(detail.RuleId);
        }
    }

    [Fact]
    public async Task A_disposed_client_gives_defaults_and_nothing_throws()
    {
        var client = OfflineClient();
        await client.DisposeAsync();
        await client.DisposeAsync();
        client.Dispose();
        var detail = client.BooleanVariationDetail("bool", Somebody, false);
        Assert.False(detail.Value);
        Assert.Equal("PROVIDER_NOT_READY", detail.ErrorCode.WireName());
        Assert.Equal(ClientState.Disposed, client.Status.State);
        Assert.Empty(client.AllFlags(Somebody).Flags);
        Assert.False(await client.WaitUntilReadyAsync(cancellation: TestContext.Current.CancellationToken));
        client.Track("bool", Somebody, FeedbackKind.Success);
        client.ReportError("bool", null, new InvalidOperationException());
        await client.FlushAsync(TestContext.Current.CancellationToken);
        client.Watch("bool", Somebody, false, _ => { }).Dispose();
    }

    [Fact]
    public void Hostile_arguments_of_every_method_throw_nothing()
    {
        var client = OfflineClient();
        client.Track(null!, null!, (FeedbackKind)99, variant: "\ud800", reward: double.NaN);
        client.Track("bool", Somebody, FeedbackKind.Success, reward: double.PositiveInfinity);
        client.ReportError(null!, null, null!, null!);
        client.ReportError("bool", null, (Exception)null!);
        client.Watch(null!, null!, false, null!).Dispose();
        Assert.Empty(client.AllFlags(null!).Flags);
        Assert.Equal("d", client.StringVariation("\ud800", Somebody, "d"));
        Assert.Null(client.StringVariation("missing", Somebody, null!));
    }

    [Fact]
    public void All_flags_have_the_shape_of_remote_evaluation_and_can_be_limited_to_what_browsers_may_see()
    {
        var client = OfflineClient();
        var all = client.AllFlags(Somebody);
        Assert.Equal(42, all.Revision);
        Assert.Equal(10, all.Flags.Count);
        Assert.Equal("PARSE_ERROR", all.Flags["broken"].ErrorCode.WireName());

        var visible = JsonDocument.Parse(client.AllFlags(Somebody, clientVisibleOnly: true).ToJson()).RootElement;
        Assert.Equal(42, visible.GetProperty("revision").GetInt64());
        Assert.Equal(["bool", "off", "rules"], visible.GetProperty("flags").EnumerateObject().Select(flag => flag.Name).Order(StringComparer.Ordinal));
        Assert.Equal("""{"value":true,"variant":"on","reason":"STATIC"}""", visible.GetProperty("flags").GetProperty("bool").GetRawText());
    }

    [Fact]
    public async Task A_watch_tells_values_not_changes_of_rules_and_ends_with_its_handle()
    {
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: false)), 1);
            live = stream;
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => live is not null, "the stream");
        var values = new ConcurrentQueue<FlagValueChange<bool>>();
        var watch = client.Watch("a", Somebody, false, values.Enqueue);
        await live!.PatchAsync(Patch(1, 2, Flag("a", on: true)), 2);
        await live.PatchAsync(Patch(2, 3, Flag("a", on: true).Replace("\"version\":1", "\"version\":2", StringComparison.Ordinal)), 3);
        await live.PatchAsync(Patch(3, 4, Gone("a")), 4);
        await Until(() => values.Count == 2, "two changes of the value");
        Assert.Equal([new("a", false, true), new("a", true, false)], values);

        watch.Dispose();
        await live.PatchAsync(Patch(4, 5, Flag("a", on: true)), 5);
        await Until(() => client.Status.Revision == 5, "the last change");
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(2, values.Count);
    }

    [Fact]
    public async Task Handlers_that_throw_or_block_harm_neither_the_others_nor_the_stream()
    {
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: false)), 1);
            live = stream;
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => live is not null, "the stream");
        using var block = new ManualResetEventSlim();
        var heard = 0;
        client.FlagsChanged += (_, _) => throw new InvalidOperationException("mine");
        client.FlagsChanged += (_, _) => Interlocked.Increment(ref heard);
        client.FlagsChanged += (_, _) => block.Wait(5000);
        await live!.PatchAsync(Patch(1, 2, Flag("a", on: true)), 2);
        await live.PatchAsync(Patch(2, 3, Flag("a", on: false)), 3);
        await Until(() => client.Status.Revision == 3, "both changes in spite of the handler");
        block.Set();
        await Until(() => Volatile.Read(ref heard) == 2, "both events at the other handler");
        Assert.True(Log.Has(301));
    }

    [Fact]
    public async Task Disposal_leaves_no_stream_no_thread_and_no_unobserved_exception()
    {
        var unobserved = new ConcurrentQueue<Exception>();
        void OnUnobserved(object? sender, UnobservedTaskExceptionEventArgs exception) => unobserved.Enqueue(exception.Exception);
        TaskScheduler.UnobservedTaskException += OnUnobserved;
        try
        {
            Edge.OnStream = async stream =>
            {
                await stream.FullAsync(Snapshot(1, Flag("a", on: false)), 1);
                if (Edge.Streams.Count % 3 == 0)
                    stream.Cut();
                await stream.StayOpenAsync();
            };
            var references = new List<WeakReference>();
            for (var round = 0; round < 30; round++)
                references.Add(await UseOnceAsync());
            await Until(() => Edge.Open == 0, "every stream closed");
            await Until(
                () =>
                {
                    GC.Collect();
                    GC.WaitForPendingFinalizers();
                    return references.Count(reference => reference.IsAlive) <= 1;
                },
                "the clients to be collected");
            Assert.Empty(unobserved);
        }
        finally
        {
            TaskScheduler.UnobservedTaskException -= OnUnobserved;
        }
    }

    private async Task<WeakReference> UseOnceAsync()
    {
        var client = new TogglrClient(Options(options => options.CountsInterval = TimeSpan.FromMinutes(1)));
        await client.WaitUntilReadyAsync(TimeSpan.FromSeconds(5));
        client.BooleanVariation("a", Somebody, false);
        client.Track("a", Somebody, FeedbackKind.Success);
        await client.DisposeAsync();
        return new WeakReference(client);
    }

    [Fact]
    public void Disposal_without_await_works_too()
    {
        var client = Client(options => options.Endpoint = new Uri("http://127.0.0.1:9"));
        var clock = Stopwatch.StartNew();
        client.Dispose();
        Assert.InRange(clock.Elapsed.TotalSeconds, 0, 5);
        Assert.Equal(ClientState.Disposed, client.Status.State);
    }

    [Theory]
    [InlineData(nameof(TogglrClientOptions.SdkKey), "")]
    [InlineData(nameof(TogglrClientOptions.SdkKey), "tgs_\n")]
    [InlineData(nameof(TogglrClientOptions.SdkKey), "tgc_aaaaaaaaaaaaaaaa")]
    [InlineData(nameof(TogglrClientOptions.Endpoint), "ftp://x")]
    [InlineData(nameof(TogglrClientOptions.Endpoint), "relative")]
    [InlineData(nameof(TogglrClientOptions.Endpoint), "http://x?y=1")]
    [InlineData(nameof(TogglrClientOptions.PollInterval), "0")]
    [InlineData(nameof(TogglrClientOptions.CountsInterval), "-1")]
    [InlineData(nameof(TogglrClientOptions.EventCapacity), "0")]
    [InlineData(nameof(TogglrClientOptions.SnapshotDirectory), " ")]
    public void Invalid_options_are_refused_by_name(string option, string value)
    {
        var options = Options();
        object typed = option switch
        {
            nameof(TogglrClientOptions.Endpoint) => new Uri(value, UriKind.RelativeOrAbsolute),
            nameof(TogglrClientOptions.EventCapacity) => int.Parse(value),
            nameof(TogglrClientOptions.PollInterval) or nameof(TogglrClientOptions.CountsInterval) => TimeSpan.FromSeconds(int.Parse(value)),
            _ => value,
        };
        typeof(TogglrClientOptions).GetProperty(option)!.SetValue(options, typed);
        var error = Assert.Throws<ArgumentException>(() => new TogglrClient(options));
        Assert.Contains(option, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("kkkk", error.Message, StringComparison.Ordinal);
    }

    private sealed record Person(string Name, string[] Tags)
    {
        public bool Equals(Person? other) => other is not null && Name == other.Name && Tags.SequenceEqual(other.Tags);

        public override int GetHashCode() => Name.GetHashCode(StringComparison.Ordinal);
    }
}
