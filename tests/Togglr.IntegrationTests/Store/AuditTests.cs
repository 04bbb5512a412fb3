using Microsoft.EntityFrameworkCore;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class AuditTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Changes_of_people_have_a_chain_that_is_verified_too()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using (var db = store.Open(Guid.Empty))
        {
            db.Add(User.Create("ada@example.com", "Ada").Value!);
            TestStore.Ok(await db.CommitAsync(new Change(TestStore.Somebody, "user.created", "ada@example.com")));
        }

        Assert.Equal([(Guid.Empty, "(people)"), (shop.Organization.Id, "acme")], await AuditChain.ListAsync(store.DataSource));
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, Guid.Empty)).Problem);
    }

    [Fact]
    public async Task An_untouched_chain_verifies()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await ShopWithHistoryAsync(store);
        Assert.Equal(new AuditVerification(7, null, null), await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id));
        Assert.Equal(new AuditVerification(0, null, null), await AuditChain.VerifyAsync(store.DataSource, Guid.CreateVersion7()));
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET reason = 'nothing happened' WHERE sequence = 4", 4)]
    [InlineData("UPDATE audit_entries SET after = '{}' WHERE sequence = 4", 4)]
    [InlineData("UPDATE audit_entries SET at = at + interval '1 microsecond' WHERE sequence = 7", 7)]
    [InlineData("UPDATE audit_entries SET user_agent = '' WHERE sequence = 2", 2)]
    [InlineData("UPDATE audit_entries SET token_name = 'somebody else' WHERE sequence = 5", 5)]
    [InlineData("UPDATE audit_entries SET format = 1, on_behalf_of_name = 'Ada' WHERE sequence = 5", 5)]
    [InlineData("UPDATE audit_entries SET search = '' WHERE sequence = 5", 5)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4", 4)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 7", 7)]
    [InlineData("DELETE FROM audit_entries WHERE sequence = 4; UPDATE audit_entries SET sequence = sequence - 1 WHERE sequence > 4", 4)]
    [InlineData("INSERT INTO audit_entries SELECT organization_id, 8, gen_random_uuid(), at, actor_kind, actor_id, actor_name, action, entity, entity_id, entity_key, project, environment, reason, request_id, address, user_agent, before, after, hash, hash, on_behalf_of_id, on_behalf_of_name, token_id, token_name, format, search, signature FROM audit_entries WHERE sequence = 7", 8)]
    [InlineData("UPDATE audit_entries SET sequence = -sequence WHERE sequence IN (3, 4); UPDATE audit_entries SET sequence = 7 + sequence WHERE sequence < 0", 3)]
    public async Task What_a_superuser_alters_removes_or_inserts_is_found(string crime, long place)
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await ShopWithHistoryAsync(store);
        await store.ExecuteAsync($"BEGIN; SET LOCAL session_replication_role = replica; {crime}; COMMIT");
        var verification = await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id);
        Assert.NotNull(verification.Problem);
        Assert.Equal(place, verification.FirstBad);
    }

    [Theory]
    [InlineData("UPDATE audit_entries SET reason = 'x'")]
    [InlineData("DELETE FROM audit_entries")]
    [InlineData("TRUNCATE audit_entries")]
    public async Task The_database_itself_refuses_changes_of_entries(string crime)
    {
        await using var store = await TestStore.StartAsync(postgres);
        await ShopWithHistoryAsync(store);
        await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(crime));
    }

    [Fact]
    public async Task Secrets_do_not_reach_the_log()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using (var db = store.Open(Organization.Installation))
        {
            var user = User.Create("ada@example.org", "Ada").Value!;
            user.SetPassword("$hash$of$password", mustChange: true);
            db.Add(user);
            TestStore.Ok(await db.CommitAsync(new Change(TestStore.Somebody, "user.created", user.Email)));
        }

        await using (var db = shop.Open())
        {
            var (key, secret) = SdkKey.Create(shop.Prod, SdkKeyKind.Server, "backend", null, DateTimeOffset.UnixEpoch).Value;
            db.Add(key);
            TestStore.Ok(await db.CommitAsync(shop.Change("sdk_key.created", key.Prefix)));
            var log = await store.ScalarAsync<string>("SELECT string_agg(coalesce(before::text, '') || coalesce(after::text, ''), '') FROM audit_entries");
            Assert.Contains("backend", log, StringComparison.Ordinal);
            Assert.Contains("ada@example.org", log, StringComparison.Ordinal);
            Assert.DoesNotContain(secret, log, StringComparison.Ordinal);
            Assert.DoesNotContain("$hash$", log, StringComparison.Ordinal);
            Assert.DoesNotContain(Convert.ToBase64String(key.Hash), log, StringComparison.Ordinal);
        }

        Assert.Equal(new AuditVerification(1, null, null), await AuditChain.VerifyAsync(store.DataSource, Organization.Installation));
    }

    [Fact]
    public async Task Texts_that_the_database_cannot_hold_do_not_stop_a_change()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using var db = shop.Open();
        db.Add(Flag.Create(shop.Project, shop.Environments, "a", FlagType.Boolean, new FlagDetails()).Value!);
        var actor = TestStore.Somebody with { UserAgent = "nul \0 and half \ud800 of a pair" };
        TestStore.Ok(await db.CommitAsync(shop.Change("flag.created", "a") with { Actor = actor, Reason = "\0" }));
        Assert.Null((await AuditChain.VerifyAsync(store.DataSource, shop.Organization.Id)).Problem);
    }

    private static async Task<Shop> ShopWithHistoryAsync(TestStore store)
    {
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("checkout");
        for (var i = 0; i < 4; i++)
        {
            await using var db = shop.Open();
            var flag = await db.Flags.Include(row => row.Environments).SingleAsync();
            flag.Environments[0].Toggle(i % 2 == 0);
            TestStore.Ok(await db.CommitAsync(shop.Change("flag.toggled", "checkout") with { Reason = $"step {i}" }));
        }

        return shop;
    }
}
