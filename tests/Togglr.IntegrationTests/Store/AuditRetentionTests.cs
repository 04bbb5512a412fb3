using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class AuditRetentionTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-retention-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task The_oldest_entries_go_and_the_rest_still_verifies()
    {
        var owner = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory, owner: owner, time: new LaterTime(TimeSpan.FromDays(-40)));
        var shop = await AuditSealTests.HistoryAsync(store);
        await using var now = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory + "/now", owner: owner);
        await AuditSealTests.ToggleAsync(shop with { Store = now }, 9);
        Assert.Equal(0, await now.Get<AuditRetention>().RunAsync());

        await now.ExecuteAsync("UPDATE organizations SET audit_retention_days = 30");
        Assert.Equal(7, await now.Get<AuditRetention>().RunAsync());
        Assert.Equal(0, await now.Get<AuditRetention>().RunAsync());
        Assert.Equal(
            new AuditVerification(2, null, null) { SignedFrom = 1, UncheckedThrough = 7 },
            await AuditChain.VerifyAsync(now.DataSource, shop.Organization.Id, now.Get<AuditSeal>()));
        Assert.Equal("audit.entries_removed 1-7", await now.ScalarAsync<string>("SELECT action || ' ' || entity_key FROM audit_entries WHERE sequence = 9"));
        Assert.Equal(2, await new AuditLog(now.DataSource, shop.Organization.Id).CountAsync());
    }

    [Fact]
    public async Task Nodes_that_remove_at_once_remove_once()
    {
        var owner = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(owner, _directory, time: new LaterTime(TimeSpan.FromDays(-40)));
        var shop = await AuditSealTests.HistoryAsync(store);
        await store.ExecuteAsync("UPDATE organizations SET audit_retention_days = 30");
        var counts = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ =>
            new AuditRetention(store.Get<TogglrDatabase>(), store.Get<AuditSeal>(), TimeProvider.System, NullLogger<AuditRetention>.Instance).RunAsync()));
        // The newest entry stays in any case, so the first to come removes six, and the entry about that makes the seventh old.
        Assert.Equal(7, counts.Sum());
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id, store.Get<AuditSeal>())).Problem);
    }

    [Theory]
    [InlineData("SELECT remove_audit_entries((SELECT id FROM organizations), 3)")]
    [InlineData("UPDATE audit_chains SET base_sequence = 3; SELECT remove_audit_entries((SELECT id FROM organizations), 4)")]
    [InlineData("UPDATE audit_chains SET base_sequence = 7; SELECT remove_audit_entries((SELECT id FROM organizations), 7)")]
    [InlineData("UPDATE organizations SET audit_retention_days = NULL; UPDATE audit_chains SET base_sequence = 3; SELECT remove_audit_entries((SELECT id FROM organizations), 3)")]
    [InlineData("UPDATE organizations SET audit_retention_days = 50; UPDATE audit_chains SET base_sequence = 3; SELECT remove_audit_entries((SELECT id FROM organizations), 3)")]
    public async Task The_function_removes_nothing_else(string crime)
    {
        var owner = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory, owner: owner, time: new LaterTime(TimeSpan.FromDays(-40)));
        await AuditSealTests.HistoryAsync(store);
        await store.ExecuteAsync("UPDATE organizations SET audit_retention_days = 30");
        await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(crime));
        Assert.Equal(7, await store.ScalarAsync<long>("SELECT count(*) FROM audit_entries"));
    }

    [Fact]
    public async Task What_the_function_is_made_to_remove_without_a_signed_head_is_found_and_a_broken_chain_keeps_its_entries()
    {
        var owner = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(PostgresFixture.AsWorkRole(owner), _directory, owner: owner, time: new LaterTime(TimeSpan.FromDays(-40)));
        var shop = await AuditSealTests.HistoryAsync(store);
        await store.ExecuteAsync("UPDATE organizations SET audit_retention_days = 30");
        await store.ExecuteAsync(
            "UPDATE audit_chains SET base_sequence = 3, base_hash = (SELECT hash FROM audit_entries WHERE sequence = 3); SELECT remove_audit_entries((SELECT id FROM organizations), 3)");
        Assert.NotNull((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id, store.Get<AuditSeal>())).Problem);
        var retention = new AuditRetention(store.Get<TogglrDatabase>(), store.Get<AuditSeal>(), TimeProvider.System, NullLogger<AuditRetention>.Instance);
        Assert.Equal(0, await retention.RunAsync());
    }
}

/// <summary>A clock that is wrong by a fixed time.</summary>
internal sealed class LaterTime(TimeSpan by) : TimeProvider
{
    public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + by;
}
