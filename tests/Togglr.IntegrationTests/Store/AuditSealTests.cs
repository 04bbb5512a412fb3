using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

/// <summary>What somebody can do who has every right on the database and knows how the chain is made, but not the keys.</summary>
public sealed class AuditSealTests(PostgresFixture postgres) : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("togglr-seal-").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public async Task An_untouched_signed_chain_verifies_also_after_a_restart()
    {
        var database = await postgres.CreateDatabaseAsync();
        Guid organization;
        await using (var store = await TestStore.StartSignedAsync(database, _directory))
            organization = (await HistoryAsync(store)).Organization.Id;
        await using var again = await TestStore.StartSignedAsync(database, _directory);
        Assert.Equal(new AuditVerification(7, null, null) { SignedFrom = 1 }, await VerifyAsync(again, organization));
    }

    [Fact]
    public async Task A_rewritten_chain_with_right_hashes_and_head_is_found_at_the_rewritten_entry()
    {
        await using var store = await TestStore.StartSignedAsync(await postgres.CreateDatabaseAsync(), _directory);
        var shop = await HistoryAsync(store);
        await RewriteAsync(store, shop.Organization.Id, from: 4, "nothing happened");
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id)).Problem);
        var verdict = await VerifyAsync(store, shop.Organization.Id);
        Assert.Equal(4, verdict.FirstBad);
        Assert.Contains("rewritten", verdict.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_written_later_does_not_cover_up_a_chain_that_was_cut_off()
    {
        await using var store = await TestStore.StartSignedAsync(await postgres.CreateDatabaseAsync(), _directory);
        var shop = await HistoryAsync(store);
        await CrimeAsync(
            store, "DELETE FROM audit_entries WHERE sequence > 5; UPDATE audit_chains SET sequence = 5, hash = (SELECT hash FROM audit_entries WHERE sequence = 5)");
        Assert.NotNull((await VerifyAsync(store, shop.Organization.Id)).Problem);
        for (var i = 0; i < 4; i++)
            await ToggleAsync(shop, i);
        var verdict = await VerifyAsync(store, shop.Organization.Id);
        Assert.Equal(6, verdict.FirstBad);
    }

    [Fact]
    public async Task A_chain_that_is_set_back_to_an_earlier_rightly_signed_state_is_found()
    {
        var database = await postgres.CreateDatabaseAsync();
        Guid organization;
        await using (var store = await TestStore.StartSignedAsync(database, _directory))
        {
            var shop = await HistoryAsync(store);
            organization = shop.Organization.Id;
            await store.ExecuteAsync("CREATE TABLE backup AS SELECT * FROM audit_chains");
            await ToggleAsync(shop, 0);
            await ToggleAsync(shop, 1);
        }

        await using var again = await TestStore.StartSignedAsync(database, _directory);
        await CrimeAsync(again, "DELETE FROM audit_entries WHERE sequence > 7; DELETE FROM audit_chains; INSERT INTO audit_chains SELECT * FROM backup");
        Assert.Contains("had come to entry 9", (await VerifyAsync(again, organization)).Problem, StringComparison.Ordinal);
        // Two other entries in their place do not help.
        await using (var db = again.Open(organization))
        {
            for (var i = 0; i < 3; i++)
            {
                var row = await db.Organizations.SingleAsync();
                Assert.True(row.Rename($"Name {i}").IsOk);
                TestStore.Ok(await db.CommitAsync(new Change(TestStore.Somebody, "organization.updated", "acme")));
            }
        }

        Assert.NotNull((await VerifyAsync(again, organization)).Problem);
    }

    [Theory]
    [InlineData("DELETE FROM audit_entries; DELETE FROM audit_chains")]
    [InlineData("DELETE FROM audit_chains")]
    [InlineData("UPDATE audit_chains SET signature = NULL")]
    [InlineData("UPDATE audit_chains SET base_sequence = 6, base_hash = (SELECT hash FROM audit_entries WHERE sequence = 6)")]
    [InlineData("UPDATE audit_chains SET signed_from = 7; UPDATE audit_entries SET signature = NULL WHERE sequence < 7")]
    [InlineData("UPDATE audit_entries SET signature = NULL WHERE sequence = 3")]
    public async Task Heads_and_signatures_cannot_be_taken_away(string crime)
    {
        await using var store = await TestStore.StartSignedAsync(await postgres.CreateDatabaseAsync(), _directory);
        var shop = await HistoryAsync(store);
        await CrimeAsync(store, crime);
        Assert.NotNull((await VerifyAsync(store, shop.Organization.Id)).Problem);
        Assert.Contains(await AuditChain.ListAsync(store.DataSource, store.Get<AuditSeal>()), chain => chain.OrganizationId == shop.Organization.Id);
    }

    [Fact]
    public async Task Chains_from_before_there_were_signatures_are_signed_once_and_protected_from_then_on()
    {
        var database = await postgres.CreateDatabaseAsync();
        Shop shop;
        await using (var unsigned = await TestStore.StartAsync(database))
            shop = await HistoryAsync(unsigned);
        await using var store = await TestStore.StartSignedAsync(database, _directory);
        await ToggleAsync(shop with { Store = store }, 0);
        Assert.Equal(new AuditVerification(8, null, null) { SignedFrom = 8 }, await VerifyAsync(store, shop.Organization.Id));
        await RewriteAsync(store, shop.Organization.Id, from: 2, "nothing happened");
        Assert.NotNull((await VerifyAsync(store, shop.Organization.Id)).Problem);
    }

    [Fact]
    public async Task Another_key_is_told_from_a_forgery_and_an_accepted_chain_goes_on()
    {
        var database = await postgres.CreateDatabaseAsync();
        Shop shop;
        await using (var first = await TestStore.StartSignedAsync(database, _directory))
            shop = await HistoryAsync(first);
        await using var store = await TestStore.StartSignedAsync(database, _directory, key: 2);
        Assert.Contains("a key that this server does not have", (await VerifyAsync(store, shop.Organization.Id)).Problem, StringComparison.Ordinal);

        Assert.Equal("acme", Assert.Single(await store.Get<AuditAcceptance>().RunAsync()).Name);
        await ToggleAsync(shop with { Store = store }, 0);
        Assert.Equal(new AuditVerification(9, null, null) { SignedFrom = 8, UncheckedThrough = 7 }, await VerifyAsync(store, shop.Organization.Id));
        Assert.Equal("audit.accepted", await store.ScalarAsync<string>("SELECT action FROM audit_entries WHERE sequence = 8"));
        await CrimeAsync(store, "UPDATE audit_entries SET reason = 'x' WHERE sequence = 8");
        Assert.Equal(8, (await VerifyAsync(store, shop.Organization.Id)).FirstBad);
    }

    [Fact]
    public async Task An_older_key_still_verifies()
    {
        var database = await postgres.CreateDatabaseAsync();
        await using var store = await TestStore.StartSignedAsync(database, _directory);
        var shop = await HistoryAsync(store);
        var rotated = new AuditSeal(new StoreOptions { AuditKeys = new AuditKeys(TestStore.Key(9), TestStore.Key(1)) }, Microsoft.Extensions.Logging.Abstractions.NullLogger<AuditSeal>.Instance);
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id, rotated)).Problem);
    }

    private static Task<AuditVerification> VerifyAsync(TestStore store, Guid organization) => AuditChain.VerifyAsync(store.DataSource, organization, store.Get<AuditSeal>());

    private static Task CrimeAsync(TestStore store, string sql) => store.ExecuteAsync($"BEGIN; SET LOCAL session_replication_role = replica; {sql}; COMMIT");

    /// <summary>Does what the program does when it writes entries, with another reason, but without the keys.</summary>
    private static async Task RewriteAsync(TestStore store, Guid organization, long from, string reason)
    {
        List<AuditEntry> entries;
        await using (var db = store.Open(organization))
            entries = await db.AuditEntries.AsNoTracking().Where(row => row.Sequence >= from).OrderBy(row => row.Sequence).ToListAsync();
        var previous = entries[0].PreviousHash;
        await using var connection = await store.DataSource.OpenConnectionAsync();
        await new NpgsqlCommand("SET session_replication_role = replica", connection).ExecuteNonQueryAsync();
        foreach (var entry in entries)
        {
            var forged = new AuditEntry
            {
                OrganizationId = entry.OrganizationId, Sequence = entry.Sequence, Id = entry.Id, At = entry.At, ActorKind = entry.ActorKind, ActorId = entry.ActorId,
                ActorName = entry.ActorName, OnBehalfOfId = entry.OnBehalfOfId, OnBehalfOfName = entry.OnBehalfOfName, TokenId = entry.TokenId, TokenName = entry.TokenName,
                Action = entry.Action, Entity = entry.Entity, EntityId = entry.EntityId, EntityKey = entry.EntityKey, Project = entry.Project, Environment = entry.Environment,
                Reason = entry.Sequence == from ? reason : entry.Reason, RequestId = entry.RequestId, Address = entry.Address, UserAgent = entry.UserAgent,
                Before = entry.Before, After = entry.After, Format = entry.Format, PreviousHash = previous,
            };
            previous = AuditChain.HashOf(forged);
            // The words of the reason go along.
            string[] words = [.. reason.Split(' ')];
            await using var update = new NpgsqlCommand(
                """
                UPDATE audit_entries SET reason = $2, previous_hash = $3, hash = $4,
                    search = CASE WHEN sequence = $5 THEN array_to_tsvector(ARRAY(SELECT unnest(tsvector_to_array(search)) EXCEPT SELECT unnest(ARRAY['step', '0', '1', '2', '3']) UNION SELECT unnest($6::text[])))
                        ELSE search END
                WHERE sequence = $1;
                """,
                connection);
            update.Parameters.Add(new NpgsqlParameter { Value = forged.Sequence });
            update.Parameters.Add(new NpgsqlParameter { Value = (object?)forged.Reason ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
            update.Parameters.Add(new NpgsqlParameter { Value = forged.PreviousHash });
            update.Parameters.Add(new NpgsqlParameter { Value = previous });
            update.Parameters.Add(new NpgsqlParameter { Value = from });
            update.Parameters.Add(new NpgsqlParameter { Value = words });
            await update.ExecuteNonQueryAsync();
        }

        await using var head = new NpgsqlCommand("UPDATE audit_chains SET hash = $1", connection) { Parameters = { new NpgsqlParameter { Value = previous } } };
        await head.ExecuteNonQueryAsync();
        await new NpgsqlCommand("RESET session_replication_role", connection).ExecuteNonQueryAsync();
    }

    internal static async Task<Shop> HistoryAsync(TestStore store)
    {
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        for (var i = 0; i < 4; i++)
            await ToggleAsync(shop, i);
        return shop;
    }

    internal static async Task ToggleAsync(Shop shop, int step)
    {
        await using var db = shop.Open();
        var flag = await db.Flags.Include(row => row.Environments).SingleAsync();
        flag.Environments[0].Toggle(!flag.Environments[0].Enabled);
        TestStore.Ok(await db.CommitAsync(shop.Change("flag.toggled", "checkout") with { Reason = $"step {step}" }));
    }
}
