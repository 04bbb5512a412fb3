using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class CommitTests(PostgresFixture postgres)
{
    [Fact]
    public async Task A_new_project_has_three_environments_at_revision_one()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        var environments = await store.Snapshots.ListEnvironmentsAsync();
        Assert.Equal(["dev", "prod", "stage"], environments.Select(environment => environment.Environment).Order(StringComparer.Ordinal));
        Assert.All(environments, environment => Assert.Equal(1, environment.Revision));
        Assert.All(shop.Environments, environment => Assert.Equal(1, environment.Revision));
    }

    [Fact]
    public async Task A_new_flag_reaches_the_snapshots_of_all_environments()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        var snapshot = await store.Snapshots.ReadAsync(shop.Prod.Id);
        Assert.Equal(2, snapshot!.Revision);
        using var document = JsonDocument.Parse(snapshot.Utf8);
        Assert.Equal("shop", document.RootElement.GetProperty("project").GetString());
        Assert.Equal(shop.Prod.Salt, document.RootElement.GetProperty("salt").GetString());
        var flag = document.RootElement.GetProperty("flags").GetProperty("checkout");
        Assert.Equal(
            """{"key":"checkout","type":"boolean","version":1,"enabled":false,"killed":false,"variants":{"on":true,"off":false},"offVariant":"off","prerequisites":[],"targets":[],"rules":[],"default":{"variant":"on"},"clientVisible":false}""",
            flag.GetRawText());
    }

    [Fact]
    public async Task A_toggle_changes_one_environment_only()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Key == "checkout");
        Assert.True(flag.Environments.Single(state => state.EnvironmentKey == "prod").Toggle(true).IsOk);
        var committed = TestStore.Ok(await db.CommitAsync(shop.Change("flag.toggled", "checkout") with { Environment = "prod", Reason = "launch" }));
        Assert.Equal([new EnvironmentRevision(shop.Prod.Id, "prod", 3)], committed.Environments);
        Assert.Equal("""{"from":2,"revision":3,"flags":{"checkout":""", Text((await store.Snapshots.ReadPatchAsync(shop.Prod.Id, 2))!.Utf8)[..43]);
        Assert.Equal(2, (await store.Snapshots.ReadAsync(shop.Environments[1].Id))!.Revision);
    }

    [Fact]
    public async Task A_commit_without_changes_writes_nothing()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        var entries = await store.ScalarAsync<long>("SELECT count(*) FROM audit_entries");
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Key == "checkout");
        Assert.True(flag.Environments[0].Toggle(false).IsOk);
        Assert.True(flag.Change(flag.Details with { Variants = [.. flag.Variants] }).IsOk);
        Assert.False(TestStore.Ok(await db.CommitAsync(shop.Change("flag.updated", "checkout"))).Saved);
        Assert.Equal(entries, await store.ScalarAsync<long>("SELECT count(*) FROM audit_entries"));
    }

    [Fact]
    public async Task Renaming_a_flag_is_audited_but_makes_no_revision()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        await using var db = shop.Open();
        var flag = await db.Flags.SingleAsync(row => row.Key == "checkout");
        Assert.True(flag.Change(flag.Details with { Name = "New checkout" }).IsOk);
        var committed = TestStore.Ok(await db.CommitAsync(shop.Change("flag.updated", "checkout") with { EntityId = flag.Id, Reason = "clearer" }));
        Assert.Empty(committed.Environments);
        var entry = await db.AuditEntries.OrderByDescending(row => row.Sequence).FirstAsync();
        Assert.Equal(("flag.updated", "flag", "clearer", "shop"), (entry.Action, entry.Entity, entry.Reason, entry.Project));
        Assert.Contains("\"name\":\"checkout\"", entry.Before, StringComparison.Ordinal);
        Assert.Contains("\"name\":\"New checkout\"", entry.After, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_second_of_two_writers_is_told_that_it_is_late()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        await using var first = shop.Open();
        await using var second = shop.Open();
        var one = await first.Flags.SingleAsync();
        var two = await second.Flags.SingleAsync();
        one.Change(one.Details with { Description = "one" });
        two.Change(two.Details with { Description = "two" });
        TestStore.Ok(await first.CommitAsync(shop.Change("flag.updated", "checkout")));
        var late = await second.CommitAsync(shop.Change("flag.updated", "checkout"));
        Assert.Equal((ErrorCodes.PreconditionFailed, 2), (late.Error!.Code, late.Error.CurrentVersion));
    }

    [Fact]
    public async Task A_taken_key_is_a_value_and_not_an_exception()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        await using var db = shop.Open();
        db.Add(Flag.Create(shop.Project, shop.Environments, "checkout", FlagType.Boolean, new FlagDetails()).Value!);
        Assert.Equal(ErrorCodes.AlreadyExists, (await db.CommitAsync(shop.Change("flag.created", "checkout"))).Error?.Code);
    }

    [Theory]
    [InlineData("environment_revisions")]
    [InlineData("snapshot_documents")]
    [InlineData("snapshot_entries")]
    [InlineData("audit_entries")]
    [InlineData("outbox")]
    [InlineData("flag_environments")]
    public async Task A_failure_anywhere_leaves_nothing(string table)
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        const string fingerprint =
            """
            SELECT (SELECT count(*) FROM flags) || ' ' || (SELECT count(*) FROM flag_environments) || ' ' || (SELECT sum(revision) FROM environments) || ' ' ||
            (SELECT count(*) FROM audit_entries) || ' ' || (SELECT count(*) FROM outbox) || ' ' || (SELECT count(*) FROM snapshot_documents) || ' ' ||
            (SELECT count(*) FROM snapshot_entries) || ' ' || (SELECT sum(sequence) FROM audit_chains)
            """;
        var before = await store.ScalarAsync<string>(fingerprint);
        await store.ExecuteAsync(
            $"""
            CREATE FUNCTION sabotage() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'disk on fire'; END $$;
            CREATE TRIGGER sabotage AFTER INSERT ON {table} FOR EACH STATEMENT EXECUTE FUNCTION sabotage();
            """);
        await Assert.ThrowsAnyAsync<Exception>(() => shop.CreateFlagAsync("checkout"));
        Assert.Equal(before, await store.ScalarAsync<string>(fingerprint));
    }

    [Fact]
    public async Task Revisions_have_no_gaps_under_twenty_writers()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        var flags = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => shop.CreateFlagAsync($"flag-{i}")));
        await Task.WhenAll(flags.Select(async created =>
        {
            for (var i = 0; i < 5; i++)
            {
                await using var db = shop.Open();
                var flag = await db.Flags.Include(row => row.Environments).SingleAsync(row => row.Id == created.Id);
                Assert.True(flag.Environments.Single(state => state.EnvironmentKey == "prod").Toggle(i % 2 == 0).IsOk);
                TestStore.Ok(await db.CommitAsync(shop.Change("flag.toggled", flag.Key)));
            }
        }));
        const long expected = 1 + 20 + 100;
        var history = new List<RevisionSummary>();
        for (long? before = null; history.Count < expected; before = history[^1].Revision)
            history.AddRange(await store.Snapshots.ListRevisionsAsync(shop.Prod.Id, before, 50));
        Assert.Equal(Enumerable.Range(1, (int)expected).Reverse().Select(i => (long)i), history.Select(revision => revision.Revision));
        Assert.All(history.Take(100), revision => Assert.Single(revision.Changes));
        var audit = await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id);
        Assert.Equal(new AuditVerification(2 + 120, null, null), audit);
    }

    private static string Text(ReadOnlyMemory<byte> utf8) => System.Text.Encoding.UTF8.GetString(utf8.Span);
}
