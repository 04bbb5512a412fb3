using Microsoft.EntityFrameworkCore;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class ReferenceTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_prerequisite_must_exist_and_not_be_archived()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        var missing = await RequireAsync(shop, "a", "nothing");
        Assert.Equal((ErrorCodes.ValidationFailed, "prerequisites"), (missing.Error?.Code, missing.Error?.Path));

        await shop.CreateFlagAsync("old");
        await using (var db = shop.Open())
        {
            (await db.Flags.SingleAsync(flag => flag.Key == "old")).Archive(DateTimeOffset.UnixEpoch);
            TestStore.Ok(await db.CommitAsync(shop.Change("flag.archived", "old")));
        }

        Assert.Equal(ErrorCodes.ValidationFailed, (await RequireAsync(shop, "a", "old")).Error?.Code);
    }

    [Fact]
    public async Task Prerequisites_cannot_lead_back_to_themselves()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        foreach (var key in (string[])["a", "b", "c"])
            await shop.CreateFlagAsync(key);
        TestStore.Ok(await RequireAsync(shop, "a", "b"));
        TestStore.Ok(await RequireAsync(shop, "b", "c"));
        var circle = await RequireAsync(shop, "c", "a");
        Assert.Equal((ErrorCodes.ValidationFailed, "prerequisites"), (circle.Error?.Code, circle.Error?.Path));
        // In another environment it is no circle.
        TestStore.Ok(await RequireAsync(shop, "c", "a", "dev"));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_variant_cannot_go_while_somebody_else_begins_to_serve_it(bool removalFirst)
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        Variant[] variants = [.. "abc".Select(letter => new Variant($"{letter}", System.Text.Json.JsonSerializer.SerializeToElement($"{letter}")))];
        await shop.CreateFlagAsync("color", FlagType.String, new FlagDetails { Variants = variants });
        await using var remover = shop.Open();
        await using var server = shop.Open();
        var removed = await remover.Flags.Include(flag => flag.Environments).SingleAsync();
        var served = await server.Flags.Include(flag => flag.Environments).SingleAsync();
        Assert.True(removed.Change(removed.Details with { Variants = variants[..2] }).IsOk);
        Assert.True(served.Environments.Single(state => state.EnvironmentKey == "prod").Configure(FlagConfiguration.Serving("c")).IsOk);
        var (first, second) = removalFirst ? (remover, server) : (server, remover);
        TestStore.Ok(await first.CommitAsync(shop.Change("flag.updated", "color")));
        Assert.Equal(ErrorCodes.PreconditionFailed, (await second.CommitAsync(shop.Change("flag.updated", "color"))).Error?.Code);
        Assert.Equal(3, await store.ScalarAsync<long>("SELECT revision FROM environments WHERE key = 'prod'"));
    }

    [Fact]
    public async Task Two_halves_of_a_circle_saved_at_once_cannot_both_succeed()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        await shop.CreateFlagAsync("b");
        var results = await Task.WhenAll(RequireAsync(shop, "a", "b"), RequireAsync(shop, "b", "a"));
        Assert.Single(results, result => result.IsOk);
    }

    [Fact]
    public async Task A_flag_that_others_require_cannot_be_archived()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        await shop.CreateFlagAsync("b");
        TestStore.Ok(await RequireAsync(shop, "a", "b"));
        await using var db = shop.Open();
        (await db.Flags.SingleAsync(flag => flag.Key == "b")).Archive(DateTimeOffset.UnixEpoch);
        var refused = await db.CommitAsync(shop.Change("flag.archived", "b"));
        Assert.Equal(ErrorCodes.InUse, refused.Error?.Code);
        Assert.Equal(["flags/a/environments/prod"], refused.Error!.UsedBy);
    }

    [Fact]
    public async Task A_segment_in_use_cannot_be_deleted_and_says_where_it_is_used()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a");
        await using (var db = shop.Open())
        {
            db.Add(Segment.Create(shop.Project, "inner", "").Value!);
            db.Add(Segment.Create(shop.Project, "outer", "", "", JsonColumn.Parse("""{"not":{"or":[{"segment":"inner"}]}}""")).Value!);
            TestStore.Ok(await db.CommitAsync(shop.Change("segment.created", "outer")));
        }

        await using (var db = shop.Open())
        {
            var flag = await db.Flags.Include(row => row.Environments).SingleAsync();
            var state = flag.Environments.Single(row => row.EnvironmentKey == "prod");
            var rules = JsonColumn.Parse("""[{"id":"r","if":{"and":[{"segment":"inner"}]},"then":{"variant":"off"}}]""");
            Assert.True(state.Configure(state.Configuration with { Rules = rules }).IsOk);
            TestStore.Ok(await db.CommitAsync(shop.Change("flag.configured", "a")));
        }

        await using (var db = shop.Open())
        {
            db.Remove(await db.Segments.SingleAsync(segment => segment.Key == "inner"));
            var refused = await db.CommitAsync(shop.Change("segment.deleted", "inner"));
            Assert.Equal(ErrorCodes.InUse, refused.Error?.Code);
            Assert.Equal(["flags/a/environments/prod", "segments/outer"], refused.Error!.UsedBy);
        }
    }

    [Fact]
    public async Task Segments_cannot_contain_themselves_by_a_detour()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using (var db = shop.Open())
        {
            db.Add(Segment.Create(shop.Project, "a", "").Value!);
            db.Add(Segment.Create(shop.Project, "b", "", "", JsonColumn.Parse("""{"segment":"a"}""")).Value!);
            TestStore.Ok(await db.CommitAsync(shop.Change("segment.created", "b")));
        }

        await using (var db = shop.Open())
        {
            var segment = await db.Segments.SingleAsync(row => row.Key == "a");
            Assert.True(segment.Change("a", "", JsonColumn.Parse("""{"segment":"b"}""")).IsOk);
            Assert.Equal("if", (await db.CommitAsync(shop.Change("segment.updated", "a"))).Error?.Path);
        }
    }

    [Fact]
    public async Task Tags_and_categories_in_use_cannot_be_deleted_and_unknown_ones_not_used()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using (var db = shop.Open())
        {
            db.Add(Category.Create(shop.Project, "payments", "Payments", CategoryKind.Domain).Value!);
            TestStore.Ok(await db.CommitAsync(shop.Change("category.created", "payments")));
        }

        await shop.CreateFlagAsync("a", details: new FlagDetails { Tags = ["critical"], Category = "payments" });
        await using (var db = shop.Open())
        {
            db.Remove(await db.Tags.SingleAsync(tag => tag.Key == "critical"));
            var refused = await db.CommitAsync(shop.Change("tag.deleted", "critical"));
            Assert.Equal((ErrorCodes.InUse, "flags/a"), (refused.Error?.Code, refused.Error?.UsedBy.Single()));
        }

        await using (var db = shop.Open())
        {
            db.Remove(await db.Categories.SingleAsync());
            Assert.Equal(ErrorCodes.InUse, (await db.CommitAsync(shop.Change("category.deleted", "payments"))).Error?.Code);
        }

        foreach (var details in (FlagDetails[])[new() { Tags = ["nothing"] }, new() { Category = "nothing" }, new() { OwnerId = Guid.CreateVersion7() }])
        {
            await using var db = shop.Open();
            db.Add(Flag.Create(shop.Project, shop.Environments, "b", FlagType.Boolean, details).Value!);
            Assert.Equal(ErrorCodes.ValidationFailed, (await db.CommitAsync(shop.Change("flag.created", "b"))).Error?.Code);
        }
    }

    [Fact]
    public async Task A_flag_made_while_an_environment_is_made_has_a_state_in_it()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        var environments = Enumerable.Range(0, 5).Select(async i =>
        {
            await using var db = shop.Open();
            db.Add(ProjectEnvironment.Create(shop.Project, $"e{i}", "E", "#000000", critical: false, 3 + i).Value!);
            TestStore.Ok(await db.CommitAsync(shop.Change("environment.created", $"e{i}")));
        });
        await Task.WhenAll([.. Enumerable.Range(0, 5).Select(i => shop.CreateFlagAsync($"f{i}")), .. environments]);
        Assert.Equal(5 * 8, await store.ScalarAsync<long>("SELECT count(*) FROM flag_environments"));
        Assert.Equal(5 * 8, await store.ScalarAsync<long>("SELECT count(*) FROM snapshot_entries WHERE kind = 'flag' AND superseded_at_revision IS NULL"));
    }

    private static async Task<Result<Committed>> RequireAsync(Shop shop, string key, string prerequisite, string environment = "prod")
    {
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Key == key);
        var state = flag.Environments.Single(row => row.EnvironmentKey == environment);
        var configured = state.Configure(state.Configuration with { Prerequisites = JsonColumn.Parse($$"""[{"flag":"{{prerequisite}}","variants":["on"]}]""") });
        Assert.True(configured.IsOk);
        return await db.CommitAsync(shop.Change("flag.configured", key) with { Environment = environment });
    }
}
