using Npgsql;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Store;

/// <summary>A log that is longer than what is looked through in order, compared with what reading all of it finds.</summary>
public sealed class AuditLogTests(PostgresFixture postgres)
{
    private static readonly Guid Organization = Guid.Parse("01900000-0000-7000-8000-000000000001");
    private static readonly DateTimeOffset Start = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public static TheoryData<string, AuditFilter> Filters => new()
    {
        { "true", new AuditFilter() },
        { "project = 'legacy'", new AuditFilter { Project = "legacy" } },
        { "project = 'legacy' AND reason ILIKE '%rare%'", new AuditFilter { Project = "legacy", Search = "RAR" } },
        { "reason ILIKE '%rare%'", new AuditFilter { Search = "rare" } },
        { "environment = 'stage' AND action = 'flag.updated'", new AuditFilter { Environment = "stage", Action = "flag.updated" } },
        { "entity = 'flag' AND entity_key = 'flag-7'", new AuditFilter { Entity = "flag", EntityKey = "flag-7" } },
        { "entity_key = 'flag-7'", new AuditFilter { EntityKey = "flag-7" } },
        { "address = '10.0.0.3' AND actor_name = 'Person 3'", new AuditFilter { Address = "10.0.0.3", ActorName = "Person 3" } },
        { "at >= '2026-01-01 01:00Z' AND at < '2026-01-01 01:30Z'", new AuditFilter { From = Start.AddHours(1), To = Start.AddHours(1.5) } },
        { "at < '2026-01-01 00:10Z' AND environment = 'stage'", new AuditFilter { To = Start.AddMinutes(10), Environment = "stage" } },
        { "at >= '2026-01-01 03:19Z' AND reason ILIKE '%rare%'", new AuditFilter { From = Start.AddHours(3).AddMinutes(19), Search = "rare" } },
        { "project IN ('p-1', 'p-2') AND environment = 'prod'", new AuditFilter { VisibleProjects = ["p-1", "p-2"], Environment = "prod" } },
        { "false", new AuditFilter { VisibleProjects = ["p-1"], Project = "legacy" } },
        { "false", new AuditFilter { VisibleProjects = [] } },
        { "false", new AuditFilter { ActorKind = "system" } },
        { "false", new AuditFilter { EntityKey = "it's \\ odd' | '=plegacy" } },
    };

    [Fact]
    public async Task Every_filter_finds_what_reading_everything_finds_page_by_page()
    {
        await using var store = await TestStore.StartAsync(postgres);
        await FillAsync(store);
        var log = new AuditLog(store.DataSource, Organization);
        foreach (var (condition, filter) in Filters.Select(row => row.Data))
        {
            var expected = await ReadAllAsync(store, condition);
            var found = new List<long>();
            for (long? before = null; ;)
            {
                var page = await log.ReadAsync(filter, before, 700);
                found.AddRange(page.Select(entry => entry.Sequence));
                if (page.Count < 700)
                    break;
                before = found[^1];
            }

            Assert.True(expected.SequenceEqual(found), $"{condition}: {expected.Count} expected, {found.Count} found");
            Assert.Equal(expected.Take(3), (await log.ReadAsync(filter, null, 3)).Select(entry => entry.Sequence));
        }

        Assert.Equal(12_000, await log.CountAsync());
        Assert.Empty(await new AuditLog(store.DataSource, Guid.CreateVersion7()).ReadAsync(new AuditFilter { Search = "rare" }, null, 10));
    }

    [Fact]
    public async Task Values_to_filter_by_are_each_there_once()
    {
        await using var store = await TestStore.StartAsync(postgres);
        await FillAsync(store);
        var values = await new AuditLog(store.DataSource, Organization).ReadValuesAsync(null);
        Assert.Equal(["flag.created", "flag.updated", "tag.created"], values.Actions);
        Assert.Equal(["legacy", "p-0", "p-1", "p-2"], values.Projects);
        Assert.Equal(7, values.Actors.Count);
        var some = await new AuditLog(store.DataSource, Organization).ReadValuesAsync(["legacy"]);
        Assert.Equal(["legacy"], some.Projects);
        Assert.NotEmpty(some.Actors);
    }

    private static async Task<List<long>> ReadAllAsync(TestStore store, string condition)
    {
        var all = new List<long>();
        await using var command = store.DataSource.CreateCommand($"SELECT sequence FROM audit_entries WHERE organization_id = '{Organization}' AND {condition} ORDER BY sequence DESC");
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            all.Add(reader.GetInt64(0));
        return all;
    }

    /// <summary>12,000 entries, one a second, every hundredth from an hour earlier; <c>legacy</c> has the oldest quarter; two organizations.</summary>
    private static Task FillAsync(TestStore store) => store.ExecuteAsync(
        $$"""
        INSERT INTO audit_chains (organization_id, sequence, hash, latest_at, skew) VALUES ('{{Organization}}', 12000, '\x00', '2026-01-02Z', '61 minutes');
        INSERT INTO audit_entries (organization_id, sequence, id, at, actor_kind, actor_id, actor_name, action, entity, entity_key, project, environment, reason, address,
            previous_hash, hash, format, search)
        SELECT o, g, gen_random_uuid(), at, 'user', actor, actor_name, action, split_part(action, '.', 1), key, project, environment, reason, address, '\x00', '\x00', 2,
            array_to_tsvector(ARRAY(SELECT DISTINCT w FROM unnest(
                ARRAY['=o' || o, '=cuser', '=u' || actor, '=l' || actor_name, '=a' || action, '=n' || split_part(action, '.', 1), '=k' || key, '=p' || project, '=e' || environment, '=i' || address]
                || regexp_split_to_array(lower(concat_ws(' ', key, actor_name, action, project, environment, reason)), '[ .\-]+')) w WHERE w <> ''))
        FROM (
            SELECT o, g, timestamptz '2026-01-01Z' + g * interval '1 second' - CASE WHEN g % 100 = 0 THEN interval '1 hour' ELSE interval '0' END AS at,
                ('00000000-0000-0000-0000-00000000000' || g % 7)::uuid AS actor, 'Person ' || g % 7 AS actor_name,
                (ARRAY['flag.created', 'flag.updated', 'flag.updated', 'tag.created'])[1 + g % 4] AS action, 'flag-' || g % 400 AS key,
                CASE WHEN g < 3000 THEN 'legacy' ELSE 'p-' || g % 3 END AS project, (ARRAY['prod', 'stage', NULL])[1 + g * 5 % 3] AS environment,
                CASE WHEN g % 1111 = 5 THEN 'a Rare thing' WHEN g % 2 = 0 THEN 'often' END AS reason, '10.0.0.' || g % 50 AS address
            FROM generate_series(1, 12000) g, unnest(ARRAY['{{Organization}}', '01900000-0000-7000-8000-000000000002']::uuid[]) o) e;
        ANALYZE audit_entries;
        """);
}
