using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

public sealed class ChangeListenerTests(PostgresFixture postgres)
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    [Fact]
    public async Task Other_nodes_hear_of_a_change_and_its_own_node_hears_it_once()
    {
        await using var here = await TestStore.StartAsync(postgres);
        await using var there = await TestStore.StartAsync(here.ConnectionString);
        var shop = await here.CreateShopAsync();
        using var local = here.Get<ChangeSignal>().Subscribe();
        using var remote = there.Get<ChangeSignal>().Subscribe();
        await shop.CreateFlagAsync("first");
        await shop.CreateFlagAsync("second");
        Assert.Equal(["first", "second"], await KeysAsync(local, 2));
        Assert.Equal(["first", "second"], await KeysAsync(remote, 2));
        await Task.Delay(200);
        Assert.False(local.Notices.TryRead(out _));
    }

    [Fact]
    public async Task A_notice_too_long_for_a_notification_arrives_all_the_same()
    {
        await using var here = await TestStore.StartAsync(postgres);
        await using var there = await TestStore.StartAsync(here.ConnectionString);
        var shop = await here.CreateShopAsync();
        await using (var db = shop.Open())
        {
            for (var i = 0; i < 120; i++)
                db.Add(ProjectEnvironment.Create(shop.Project, $"environment-number-{i}", "E", "#000000", critical: false, 3 + i).Value!);
            TestStore.Ok(await db.CommitAsync(shop.Change("environment.created", "many")));
        }

        using var remote = there.Get<ChangeSignal>().Subscribe();
        await shop.CreateFlagAsync("everywhere");
        while (true)
        {
            var notice = await remote.Notices.ReadAsync().AsTask().WaitAsync(Patience);
            if (notice.EntityKey != "everywhere")
                continue;
            Assert.Equal(123, notice.Environments.Count);
            break;
        }
    }

    [Fact]
    public async Task A_broken_connection_is_made_again_and_asks_everybody_to_compare()
    {
        await using var here = await TestStore.StartAsync(postgres);
        await using var there = await TestStore.StartAsync(here.ConnectionString);
        var shop = await here.CreateShopAsync();
        using var remote = there.Get<ChangeSignal>().Subscribe();
        // Both nodes lose their listening connections.
        await here.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'LISTEN%' AND datname = current_database() AND pid <> pg_backend_pid()");
        while (!(await remote.Notices.ReadAsync().AsTask().WaitAsync(Patience)).Resync)
        {
        }

        await shop.CreateFlagAsync("after");
        Assert.Equal(["after"], await KeysAsync(remote, 1));
    }

    private static async Task<List<string>> KeysAsync(ChangeSignal.Subscription subscription, int count)
    {
        var keys = new List<string>();
        while (keys.Count < count)
        {
            var notice = await subscription.Notices.ReadAsync().AsTask().WaitAsync(Patience);
            if (notice.Entity == "flag")
                keys.Add(notice.EntityKey);
        }

        return keys;
    }
}
