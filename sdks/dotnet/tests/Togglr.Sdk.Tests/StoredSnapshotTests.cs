using System.Collections.Concurrent;
using System.Net;
using Togglr.Evaluation;
using Togglr.Sdk.Tests.Support;
using static Togglr.Sdk.Tests.Support.Documents;

namespace Togglr.Sdk.Tests;

public sealed class StoredSnapshotTests : SdkTest
{
    [Fact]
    public async Task A_restart_without_a_server_serves_the_last_snapshot_from_disk()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(5, Flag("a", on: false)), 5);
            await stream.PatchAsync(Patch(5, 6, Flag("a", on: true), Flag("b", on: true)), 6);
            await stream.StayOpenAsync();
        };
        var first = await ReadyClientAsync(options => options.SnapshotDirectory = TemporaryDirectory);
        await Until(() => first.Status.Revision == 6, "the patch");
        await first.DisposeAsync();
        await Edge.DisposeAsync();

        var second = Client(options => options.SnapshotDirectory = TemporaryDirectory);
        Assert.Equal(SnapshotSource.Disk, second.Status.Source);
        Assert.Equal(ClientState.Stale, second.Status.State);
        Assert.Equal(6, second.Status.Revision);
        Assert.True(second.BooleanVariation("a", Somebody, false));
        Assert.True(second.BooleanVariation("b", Somebody, false));
        Assert.False(await second.WaitUntilReadyAsync(TimeSpan.FromMilliseconds(100), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task A_snapshot_from_disk_is_never_resumed_but_asked_for_anew()
    {
        await StoreAsync(Snapshot(6, Flag("a", on: false)));
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(6, Flag("a", on: false)), 6);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.SnapshotDirectory = TemporaryDirectory);
        Assert.Null(Edge.Streams.Single().LastEventId);
        Assert.Equal(SnapshotSource.Network, client.Status.Source);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{\"schemaVersion\":1,\"project\":\"shop\"")]
    [InlineData("\0\0\0\0")]
    [InlineData("[]")]
    public async Task A_corrupted_file_is_ignored_with_a_log_line(string content)
    {
        await StoreAsync(content);
        var client = Client(options => options.SnapshotDirectory = TemporaryDirectory);
        Assert.Equal(ClientState.Initializing, client.Status.State);
        Assert.Equal("PROVIDER_NOT_READY", client.BooleanVariationDetail("a", Somebody, false).ErrorCode.WireName());
        Assert.True(Log.Has(502));
    }

    [Fact]
    public async Task The_file_does_not_tell_the_key_and_only_its_owner_reads_it()
    {
        await StoreAsync(null);
        var file = System.IO.Directory.GetFiles(TemporaryDirectory).Single();
        Assert.DoesNotContain("tgs_", Path.GetFileName(file), StringComparison.Ordinal);
        Assert.DoesNotContain("kkkk", await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        if (!OperatingSystem.IsWindows())
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
    }

    [Fact]
    public async Task The_file_is_written_at_most_once_a_second_and_at_the_end()
    {
        var time = new ManualTime();
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            live = stream;
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options =>
        {
            options.TimeProvider = time;
            options.SnapshotDirectory = TemporaryDirectory;
        });
        await Until(() => live is not null, "the stream");
        Assert.Empty(System.IO.Directory.GetFiles(TemporaryDirectory));
        for (var revision = 2; revision <= 50; revision++)
            await live!.PatchAsync(Patch(revision - 1, revision, Flag("a", on: revision % 2 == 0)), revision);
        await Until(() => client.Status.Revision == 50, "the changes");
        Assert.Empty(System.IO.Directory.GetFiles(TemporaryDirectory));
        time.Advance(TimeSpan.FromSeconds(1));
        Assert.Contains("\"revision\":50", await ReadStoredAsync(), StringComparison.Ordinal);

        await live!.PatchAsync(Patch(50, 51, Flag("a", on: false)), 51);
        await Until(() => client.Status.Revision == 51, "the last change");
        Assert.Contains("\"revision\":50", await ReadStoredAsync(), StringComparison.Ordinal);
        await client.DisposeAsync();
        Assert.Contains("\"revision\":51", await ReadStoredAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Several_clients_share_a_directory_and_the_file_is_whole_at_every_moment()
    {
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            await stream.StayOpenAsync();
        };
        var torn = 0;
        using var end = new CancellationTokenSource();
        var reader = Task.Run(async () =>
        {
            while (!end.IsCancellationRequested)
            {
                foreach (var file in System.IO.Directory.GetFiles(TemporaryDirectory, "*.json"))
                {
                    try
                    {
                        System.Text.Json.JsonDocument.Parse(await File.ReadAllBytesAsync(file)).Dispose();
                    }
                    catch (System.Text.Json.JsonException)
                    {
                        Interlocked.Increment(ref torn);
                    }
                }
            }
        }, CancellationToken.None);
        for (var round = 0; round < 10; round++)
        {
            var clients = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => ReadyClientAsync(options => options.SnapshotDirectory = TemporaryDirectory)));
            await Task.WhenAll(clients.Select(client => client.DisposeAsync().AsTask()));
        }

        await end.CancelAsync();
        await reader;
        Assert.Equal(0, torn);
        Assert.EndsWith(".json", System.IO.Directory.GetFiles(TemporaryDirectory).Single(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_cannot_be_written_costs_a_log_line_and_nothing_else()
    {
        var file = Path.Combine(TemporaryDirectory, "not-a-directory");
        await File.WriteAllTextAsync(file, "", TestContext.Current.CancellationToken);
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("a", on: true)), 1);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.SnapshotDirectory = Path.Combine(file, "below"));
        await client.DisposeAsync();
        Assert.True(Log.Has(401));
    }

    [Fact]
    public async Task A_bootstrap_file_serves_until_the_network_does_whatever_its_revision()
    {
        var file = await BootstrapAsync(Snapshot(999, Flag("a", on: true)));
        var go = new TaskCompletionSource();
        Edge.OnStream = async stream =>
        {
            await go.Task;
            await stream.FullAsync(Snapshot(3, Flag("a", on: false)), 3);
            await stream.StayOpenAsync();
        };
        var client = Client(options => options.BootstrapFile = file);
        Assert.Equal(SnapshotSource.Bootstrap, client.Status.Source);
        Assert.True(client.BooleanVariation("a", Somebody, false));
        var changes = new ConcurrentQueue<FlagsChangedEventArgs>();
        client.FlagsChanged += (_, change) => changes.Enqueue(change);
        go.SetResult();
        await Until(() => client.Status is { State: ClientState.Ready, Revision: 3 }, "the network's snapshot");
        Assert.False(client.BooleanVariation("a", Somebody, true));
        Assert.Null(Edge.Streams.Single().LastEventId);
        await Until(() => changes.Count == 1, "the change from bootstrap to network");
        Assert.Equal(["a"], changes.Single().Keys);
    }

    [Fact]
    public async Task Offline_serves_the_bootstrap_file_and_never_connects()
    {
        var file = await BootstrapAsync(Snapshot(1, Flag("a", on: true)));
        var client = Client(options =>
        {
            options.Offline = true;
            options.SdkKey = "";
            options.BootstrapFile = file;
        });
        Assert.True(await client.WaitUntilReadyAsync(cancellation: TestContext.Current.CancellationToken));
        Assert.Equal(ClientState.Offline, client.Status.State);
        Assert.True(client.BooleanVariation("a", Somebody, false));
        client.Track("a", Somebody, FeedbackKind.Success);
        await client.DisposeAsync();
        Assert.Empty(Edge.Streams);
        Assert.Empty(Edge.Polls);
        Assert.Empty(Edge.Posts);
    }

    [Fact]
    public void A_missing_bootstrap_file_is_logged_and_gives_defaults()
    {
        var client = Client(options =>
        {
            options.Offline = true;
            options.BootstrapFile = Path.Combine(TemporaryDirectory, "missing.json");
        });
        Assert.True(client.BooleanVariation("a", Somebody, true));
        Assert.True(Log.Has(502));
    }

    [Fact]
    public async Task A_server_that_is_behind_does_not_take_the_flags_back_in_time()
    {
        await StoreAsync(Snapshot(10, Flag("a", on: true)));
        StreamConnection? live = null;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(8, Flag("a", on: false)), 8);
            live = stream;
            await stream.StayOpenAsync();
        };
        var client = Client(options => options.SnapshotDirectory = TemporaryDirectory);
        await Until(() => Log.Has(504), "the older snapshot to be noticed");
        Assert.Equal(10, client.Status.Revision);
        Assert.Equal(ClientState.Stale, client.Status.State);
        Assert.True(client.BooleanVariation("a", Somebody, false));

        await Until(() => live is not null, "the stream");
        await live!.PatchAsync(Patch(8, 9, Flag("a", on: false)), 9);
        await live.PatchAsync(Patch(9, 10, Flag("a", on: true)), 10);
        await Until(() => client.Status.State == ClientState.Ready, "the server to have caught up");
        await live.PatchAsync(Patch(10, 11, Flag("a", on: false)), 11);
        await Until(() => client.Status.Revision == 11, "the first news");
        Assert.False(client.BooleanVariation("a", Somebody, true));
        Assert.Single(Edge.Streams);
    }

    [Fact]
    public async Task An_environment_that_was_made_anew_starts_over()
    {
        Edge.OnStream = async stream =>
        {
            if (Edge.Streams.Count == 1)
            {
                await stream.FullAsync(SaltedSnapshot("old", 100, Flag("a", on: true)), 100);
                return;
            }

            await stream.FullAsync(SaltedSnapshot("new", 2, Flag("a", on: false)), 2);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync();
        await Until(() => client.Status.Revision == 2, "the new environment");
        Assert.False(client.BooleanVariation("a", Somebody, true));
    }

    private async Task<string> BootstrapAsync(string document)
    {
        var file = Path.Combine(TemporaryDirectory, "bootstrap.json");
        await File.WriteAllTextAsync(file, document);
        return file;
    }

    private async Task<string> ReadStoredAsync() => await File.ReadAllTextAsync(System.IO.Directory.GetFiles(TemporaryDirectory, "*.json").Single());

    /// <summary>Lets a client write its file, then replaces what is in it.</summary>
    private async Task StoreAsync(string? content)
    {
        var usual = Edge.OnStream;
        Edge.OnStream = async stream =>
        {
            await stream.FullAsync(Snapshot(1, Flag("stored", on: true)), 1);
            await stream.StayOpenAsync();
        };
        var client = await ReadyClientAsync(options => options.SnapshotDirectory = TemporaryDirectory);
        await client.DisposeAsync();
        Edge.OnStream = usual;
        Edge.Streams.Clear();
        if (content is not null)
            await File.WriteAllTextAsync(System.IO.Directory.GetFiles(TemporaryDirectory).Single(), content);
    }
}
