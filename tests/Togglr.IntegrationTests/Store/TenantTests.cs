using Microsoft.EntityFrameworkCore;
using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class TenantTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Nothing_of_another_organization_is_visible()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var mine = await store.CreateShopAsync("mine");
        var theirs = await store.CreateShopAsync("theirs");
        await theirs.CreateFlagAsync("secret");
        await using var db = mine.Open();
        Assert.Empty(await db.Flags.ToListAsync());
        Assert.Empty(await db.FlagEnvironments.ToListAsync());
        Assert.Null(await db.Projects.FirstOrDefaultAsync(project => project.Id == theirs.Project.Id));
        Assert.All(await db.Environments.ToListAsync(), environment => Assert.Equal(mine.Organization.Id, environment.OrganizationId));
        Assert.All(await db.AuditEntries.ToListAsync(), entry => Assert.Equal(mine.Organization.Id, entry.OrganizationId));
        Assert.Equal(2, await db.AuditEntries.CountAsync());
        await using var nobody = store.Open(Guid.Empty);
        Assert.Empty(await nobody.Projects.ToListAsync());
    }

    [Fact]
    public async Task Every_tenant_row_type_has_the_filter()
    {
        await using var store = await TestStore.StartAsync(postgres);
        await using var db = store.Open(Guid.Empty);
        var unfiltered = db.Model.GetEntityTypes()
            // A session belongs to a person; its organization confines what the person sees.
            .Where(type => type.ClrType != typeof(Session) && type.FindProperty("OrganizationId") is not null && type.FindDeclaredQueryFilter(TogglrDbContext.TenantFilter) is null)
            .Select(type => type.ClrType.Name);
        Assert.Empty(unfiltered);
    }

    [Fact]
    public async Task Writing_into_another_organization_is_refused_before_it_reaches_the_database()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var mine = await store.CreateShopAsync("mine");
        var theirs = await store.CreateShopAsync("theirs");
        await using var db = mine.Open();
        db.Add(Flag.Create(theirs.Project, theirs.Environments, "intruder", FlagType.Boolean, new FlagDetails()).Value!);
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.CommitAsync(mine.Change("flag.created", "intruder")));
    }

    [Fact]
    public async Task The_database_refuses_references_across_organizations_and_projects()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var mine = await store.CreateShopAsync("mine");
        var theirs = await store.CreateShopAsync("theirs");
        var flag = await mine.CreateFlagAsync("a");
        // A state of my flag in their environment, and an environment of mine in their project.
        var state = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(
            $"UPDATE flag_environments SET environment_id = '{theirs.Prod.Id}' WHERE flag_id = '{flag.Id}' AND environment_id = '{mine.Prod.Id}'"));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, state.SqlState);
        var moved = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(
            $"UPDATE environments SET project_id = '{theirs.Project.Id}', key = 'moved' WHERE id = '{mine.Environments[1].Id}'"));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, moved.SqlState);
        var key = await Assert.ThrowsAsync<PostgresException>(() => store.ExecuteAsync(
            $"""
            INSERT INTO sdk_keys (id, organization_id, project_id, environment_id, kind, name, hash, prefix, version, created_at, updated_at)
            VALUES (gen_random_uuid(), '{mine.Organization.Id}', '{mine.Project.Id}', '{theirs.Prod.Id}', 'server', 'x', sha256('x'), 'x', 1, now(), now())
            """));
        Assert.Equal(PostgresErrorCodes.ForeignKeyViolation, key.SqlState);
    }

    [Fact]
    public async Task Audited_rows_cannot_be_saved_past_the_log()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await using var db = shop.Open();
        db.Add(Flag.Create(shop.Project, shop.Environments, "a", FlagType.Boolean, new FlagDetails()).Value!);
        await Assert.ThrowsAsync<InvalidOperationException>(() => db.SaveChangesAsync());
    }

    [Fact]
    public async Task A_deleted_project_takes_everything_with_it_and_says_so()
    {
        await using var store = await TestStore.StartAsync(postgres);
        var shop = await store.CreateShopAsync();
        await shop.CreateFlagAsync("a", details: new FlagDetails { Tags = ["critical"] });
        await using (var db = shop.Open())
        {
            var segment = Segment.Create(shop.Project, "beta", "").Value!;
            Assert.True(segment.EditKeys(SegmentList.Included, ["u1"], []).IsOk);
            db.Add(segment);
            TestStore.Ok(await db.CommitAsync(shop.Change("segment.created", "beta")));
        }

        Assert.Equal(1, await store.ScalarAsync<long>("SELECT count(*) FROM segment_keys"));
        using var notices = store.Get<ChangeSignal>().Subscribe();
        await using (var db = shop.Open())
        {
            db.Remove(await db.Projects.SingleAsync());
            TestStore.Ok(await db.CommitAsync(shop.Change("project.deleted", "shop")));
        }

        Assert.Empty(await store.Snapshots.ListEnvironmentsAsync());
        Assert.Equal(0, await store.ScalarAsync<long>("SELECT (SELECT count(*) FROM flags) + (SELECT count(*) FROM segments) + (SELECT count(*) FROM segment_keys)"));
        var notice = await notices.Notices.ReadAsync();
        Assert.Equal(shop.Environments.Select(environment => environment.Id).Order(), notice.RemovedEnvironments.Order());
        Assert.True(notice.KeysChanged);
    }
}
