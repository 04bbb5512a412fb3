using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.IntegrationTests.Edge;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.IntegrationTests.Store;
using Togglr.Messaging.Configuration;
using Togglr.Store;

namespace Togglr.IntegrationTests.Publishing;

public sealed class PublisherTests(PostgresFixture postgres)
{
    [Fact]
    public async Task After_any_edits_an_edge_that_followed_patches_equals_one_that_starts_from_scratch()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        var key = await shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        await using var first = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        await using var second = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        await first.UntilRevisionAsync(key, 1);
        await using var stream = await EventStream.OpenAsync(first, "/sdk/v1/stream", key);
        var followed = EnvironmentDocument.Parse(System.Text.Encoding.UTF8.GetBytes((await stream.NextAsync())!.Data!));
        var compiled = Togglr.Evaluation.Snapshot.Load(followed.ToUtf8());

        var revision = await EditAtRandomAsync(shop, new Random(20261121), 60);
        while (followed.Revision < revision)
        {
            var next = await stream.NextAsync();
            if (next!.Name != "patch")
                continue;
            var bytes = System.Text.Encoding.UTF8.GetBytes(next.Data!);
            followed = followed.Apply(EnvironmentPatch.Parse(bytes));
            compiled = compiled.Apply(bytes);
        }

        await using var scratch = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        await scratch.UntilRevisionAsync(key, revision);
        await second.UntilRevisionAsync(key, revision);
        var expected = (await scratch.GetAsync("/sdk/v1/config", key)).Text;
        Assert.Equal(expected, System.Text.Encoding.UTF8.GetString(followed.ToUtf8().Span));
        Assert.Equal(expected, (await first.GetAsync("/sdk/v1/config", key)).Text);
        Assert.Equal(expected, (await second.GetAsync("/sdk/v1/config", key)).Text);

        const string Context = """{"context":{"targetingKey":"u1","country":"US"}}""";
        var answers = (await scratch.PostAsync("/sdk/v1/evaluate", key, Context)).Json.GetProperty("flags");
        var others = (await first.PostAsync("/sdk/v1/evaluate", key, Context)).Json.GetProperty("flags");
        Assert.Equal(answers.EnumerateObject().Count(), compiled.Flags.Count);
        foreach (var answer in answers.EnumerateObject())
        {
            Assert.Equal(answer.Value.GetRawText(), others.GetProperty(answer.Name).GetRawText());
            Assert.Equal(answer.Value.GetProperty("reason").GetString(), Togglr.Evaluation.WireNames.WireName(compiled.Evaluate(answer.Name,
                Togglr.Evaluation.EvaluationContext.Parse("""{"targetingKey":"u1","country":"US"}"""u8.ToArray()), 0).Reason));
        }
    }

    [Fact]
    public async Task Environments_made_and_deleted_while_it_runs_come_and_go()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using var server = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        var hub = server.Get<ConfigurationHub>();
        await Soon.TrueAsync(() => hub.Revisions().Count == 3, "the first environments were not published");
        var other = await store.CreateShopAsync("umbrella", "lab");
        await Soon.TrueAsync(() => hub.Revisions().Count == 6, "the new environments were not published");
        await using (var db = shop.Open())
        {
            var dev = await db.Environments.SingleAsync(row => row.ProjectId == shop.Project.Id && row.Key == "dev");
            db.Remove(dev);
            TestStore.Ok(await db.CommitAsync(shop.Change("environment.deleted", "dev")));
        }
        await Soon.TrueAsync(() => hub.Revisions().Count == 5, "the deleted environment is still published");
        Assert.Contains(other.Prod.Id, hub.Revisions().Keys);
    }

    [Fact]
    public async Task A_burst_of_commits_becomes_few_patches_and_none_is_lost()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        var key = await shop.CreateKeyAsync(Togglr.Store.SdkKeyKind.Server);
        await using var server = await TestServer.StartAsync("control,edge", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        await server.UntilRevisionAsync(key, 2);
        await using var stream = await EventStream.OpenAsync(server, "/sdk/v1/stream?revision=2", key);
        await stream.NextAsync();
        var revision = 2L;
        for (var i = 0; i < 30; i++)
            revision = await shop.ToggleAsync("checkout", i % 2 == 0);
        var at = 2L;
        while (at < revision)
        {
            var patch = (await stream.NextAsync())!.Json;
            Assert.Equal(at, patch.GetProperty("from").GetInt64());
            at = patch.GetProperty("revision").GetInt64();
        }
        Assert.Equal(revision, at);
    }

    [Fact]
    public async Task The_feed_needs_the_edge_token_and_reads_what_the_edge_knows()
    {
        await using var store = await TestStore.StartAsync(postgres);
        await store.CreateShopAsync();
        await using var server = await TestServer.StartAsync("control", ("TOGGLR_DATABASE_URL", store.ConnectionString));
        Assert.Equal(401, (await server.GetAsync(HttpConfigurationFeed.Path, null)).Status);
        Assert.Equal(401, (await server.GetAsync(HttpConfigurationFeed.Path, "Bearer wrong-token-of-length")).Status);
        Assert.Equal(400, (await server.GetAsync(HttpConfigurationFeed.Path + "?known=x", "Bearer " + TestServer.EdgeToken)).Status);
        using var request = new HttpRequestMessage(HttpMethod.Get, HttpConfigurationFeed.Path);
        request.Headers.TryAddWithoutValidation("Authorization", "Bearer " + TestServer.EdgeToken);
        using var response = await server.Client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        using var lines = new StreamReader(await response.Content.ReadAsStreamAsync());
        var types = new List<string?>();
        for (var i = 0; i < 9; i++)
            types.Add(JsonDocument.Parse((await lines.ReadLineAsync())!).RootElement.GetProperty("type").GetString());
        Assert.Equal(["hello", "environment", "environment", "environment", "keys", "sampling", "units", "synced", "heartbeat"], types);
    }

    private static async Task<long> EditAtRandomAsync(Shop shop, Random random, int edits)
    {
        var flags = new List<string>();
        for (var i = 0; i < edits; i++)
        {
            await using var db = shop.Open();
            var kind = random.Next(6);
            if (flags.Count == 0 || kind == 0)
            {
                flags.Add($"flag-{i}");
                await shop.CreateFlagAsync(flags[^1]);
                continue;
            }
            var key = flags[random.Next(flags.Count)];
            if (kind == 1)
            {
                var segment = Segment.Create(shop.Project, $"segment-{i}", "S", "", ShopActions.Json("""{"attribute":"country","operator":"in","value":["US","DE"]}""")).Value!;
                segment.ReplaceKeys(SegmentList.Included, ["u7", $"u{i}"]);
                db.Add(segment);
                TestStore.Ok(await db.CommitAsync(shop.Change("segment.created", segment.Key)));
                await shop.ConfigureAsync(key, "[{\"id\":\"r\",\"if\":{\"segment\":\"segment-" + i + "\"},\"then\":{\"variant\":\"on\"}}]", """{"variant":"off"}""");
            }
            else if (kind == 2)
            {
                await shop.ConfigureAsync(key, "[]", """{"rollout":{"variations":[{"key":"on","weight":50},{"key":"off","weight":50}]}}""");
            }
            else if (kind == 3)
            {
                var flag = await db.Flags.SingleAsync(row => row.Key == key);
                flag.Archive(TimeProvider.System.GetUtcNow());
                if ((await db.CommitAsync(shop.Change("flag.archived", key))).IsOk)
                    flags.Remove(key);
            }
            else
            {
                await shop.ToggleAsync(key, random.Next(2) == 0);
            }
        }
        return (await shop.Store.Snapshots.ReadAsync(shop.Prod.Id))!.Revision;
    }
}
