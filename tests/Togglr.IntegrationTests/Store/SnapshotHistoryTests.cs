using System.Text.Json.Nodes;
using Microsoft.EntityFrameworkCore;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class SnapshotHistoryTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Every_revision_can_be_read_again_as_it_was_published()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        var published = new Dictionary<(Guid, long), string>();
        var random = new Random(20260101);
        for (var step = 0; step < 60; step++)
        {
            await ChangeSomethingAsync(shop, random, step);
            foreach (var environment in await store.Snapshots.ListEnvironmentsAsync())
            {
                var snapshot = await store.Snapshots.ReadAsync(environment.Id);
                Assert.Equal(environment.Revision, snapshot!.Revision);
                var text = Text(snapshot.Utf8);
                if (published.TryGetValue((environment.Id, environment.Revision), out var earlier))
                    Assert.Equal(earlier, text);
                else
                    published.Add((environment.Id, environment.Revision), text);
            }
        }

        Assert.True(published.Count > 60);
        foreach (var ((environment, revision), text) in published)
            Assert.Equal(text, Text((await store.Snapshots.ReadAsync(environment, revision))!.Utf8));

        // A patch from any of them leads to the newest.
        foreach (var ((environment, revision), text) in published)
        {
            var patch = await store.Snapshots.ReadPatchAsync(environment, revision);
            var newest = Text((await store.Snapshots.ReadAsync(environment))!.Utf8);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(newest), Apply(JsonNode.Parse(text)!, JsonNode.Parse(Text(patch!.Utf8))!)));
        }
    }

    [Fact]
    public async Task A_moment_has_the_revision_that_was_the_newest_then()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var before = DateTimeOffset.UnixEpoch;
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        var history = await store.Snapshots.ListRevisionsAsync(shop.Prod.Id, null, 10);
        Assert.Null(await store.Snapshots.RevisionAtAsync(shop.Prod.Id, before));
        Assert.Equal(1, await store.Snapshots.RevisionAtAsync(shop.Prod.Id, history[1].At));
        Assert.Equal(1, await store.Snapshots.RevisionAtAsync(shop.Prod.Id, history[0].At.AddMicroseconds(-1)));
        Assert.Equal(2, await store.Snapshots.RevisionAtAsync(shop.Prod.Id, history[0].At.AddYears(1)));
        Assert.Equal("flag.created a", history[0].Summary);
        Assert.Equal([new DocumentChange("flag", "a")], history[0].Changes);
    }

    [Fact]
    public async Task What_does_not_exist_is_null()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        Assert.Null(await store.Snapshots.ReadAsync(Guid.CreateVersion7()));
        Assert.Null(await store.Snapshots.ReadAsync(shop.Prod.Id, 2));
        Assert.Null(await store.Snapshots.ReadAsync(shop.Prod.Id, 0));
        Assert.Null(await store.Snapshots.ReadPatchAsync(shop.Prod.Id, 2));
        Assert.Equal("""{"from":1,"revision":1}""", Text((await store.Snapshots.ReadPatchAsync(shop.Prod.Id, 1))!.Utf8));
    }

    [Fact]
    public async Task A_new_environment_gets_all_flags_and_segments_of_its_project()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        await using (var db = shop.Open())
        {
            var segment = Segment.Create(shop.Project, "beta", "Beta").Value!;
            Assert.True(segment.ReplaceKeys(SegmentList.Included, ["u1", "u2", "u1"]).IsOk);
            db.Add(segment);
            TestStore.Ok(await db.CommitAsync(shop.Change("segment.created", "beta")));
            Assert.Equal(2, segment.IncludedCount);
        }

        var environment = ProjectEnvironment.Create(shop.Project, "qa", "QA", "#112233", critical: false, 3).Value!;
        await using (var db = shop.Open())
        {
            db.Add(environment);
            TestStore.Ok(await db.CommitAsync(shop.Change("environment.created", "qa")));
        }

        Assert.Equal(1, environment.Revision);
        var document = JsonNode.Parse(Text((await store.Snapshots.ReadAsync(environment.Id))!.Utf8))!;
        Assert.NotNull(document["flags"]!["a"]);
        Assert.Equal("""{"key":"beta","included":["u1","u2"],"excluded":[]}""", document["segments"]!["beta"]!.ToJsonString());
    }

    private static async Task ChangeSomethingAsync(Shop shop, Random random, int step)
    {
        await using var db = shop.Open();
        var flags = await db.Flags.Include(row => row.Environments).OrderBy(row => row.Key).ToListAsync();
        var segments = await db.Segments.OrderBy(row => row.Key).ToListAsync();
        var choice = flags.Count == 0 ? 0 : random.Next(9);
        var key = "";
        var action = "flag.updated";
        switch (choice)
        {
            case 0:
                key = $"flag-{step}";
                action = "flag.created";
                db.Add(Flag.Create(shop.Project, shop.Environments, key, FlagType.Boolean, new FlagDetails()).Value!);
                break;
            case 1 or 2:
                var toggled = Pick(flags.Where(flag => flag.ArchivedAt is null));
                if (toggled is null)
                    return;
                key = toggled.Key;
                var state = toggled.Environments[random.Next(toggled.Environments.Count)];
                Assert.True(state.Toggle(!state.Enabled).IsOk);
                break;
            case 3:
                var configured = Pick(flags.Where(flag => flag.ArchivedAt is null));
                if (configured is null)
                    return;
                key = configured.Key;
                var rules = JsonColumn.Parse($$$"""[{"id":"r{{{step}}}","if":{"attribute":"n","operator":"eq","value":1.50},"then":{"variant":"off"}}]""");
                var target = configured.Environments[random.Next(configured.Environments.Count)];
                Assert.True(target.Configure(target.Configuration with { Rules = rules }).IsOk);
                break;
            case 4:
                var archived = Pick(flags.Where(flag => flag.ArchivedAt is null));
                if (archived is null)
                    return;
                key = archived.Key;
                Assert.True(archived.Archive(DateTimeOffset.UnixEpoch).IsOk);
                break;
            case 5:
                var restored = Pick(flags.Where(flag => flag.ArchivedAt is not null));
                if (restored is null)
                    return;
                key = restored.Key;
                Assert.True(restored.Restore().IsOk);
                break;
            case 6:
                key = $"segment-{step}";
                action = "segment.created";
                db.Add(Segment.Create(shop.Project, key, "", "", JsonColumn.Parse("""{"attribute":"plan","operator":"eq","value":"pro"}""")).Value!);
                break;
            case 7 when segments.Count > 0:
                var edited = segments[random.Next(segments.Count)];
                (key, action) = (edited.Key, "segment.updated");
                Assert.True(edited.EditKeys((SegmentList)random.Next(2), [$"user-{step}", "always \"quoted\" \\ ü"], [$"user-{random.Next(step)}"]).IsOk);
                break;
            case 8 when segments.Count > 0:
                var removed = segments[random.Next(segments.Count)];
                (key, action) = (removed.Key, "segment.deleted");
                db.Remove(removed);
                break;
            default:
                return;
        }

        TestStore.Ok(await db.CommitAsync(shop.Change(action, key)));

        Flag? Pick(IEnumerable<Flag> candidates) => candidates.ToArray() is { Length: > 0 } some ? some[random.Next(some.Length)] : null;
    }

    /// <summary>What every reader does with a patch, by the words of spec/streaming.md.</summary>
    private static JsonNode Apply(JsonNode snapshot, JsonNode patch)
    {
        snapshot["revision"] = patch["revision"]!.DeepClone();
        foreach (var kind in (string[])["flags", "segments", "experiments"])
        {
            if (patch[kind] is not JsonObject changes)
                continue;
            var map = snapshot[kind] as JsonObject;
            if (map is null)
                snapshot[kind] = map = [];
            foreach (var (key, document) in changes)
            {
                map.Remove(key);
                if (document is not null)
                    map.Add(key, document.DeepClone());
            }

            if (map.Count == 0)
                snapshot.AsObject().Remove(kind);
        }

        return snapshot;
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8.Span);
}
