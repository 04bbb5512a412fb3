using System.Diagnostics;
using System.Globalization;
using System.Text.Json.Nodes;
using Npgsql;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>
/// Schedules among 10,000 others, each of a flag in an environment of its own: how long it takes to find what is due, and how late it happens. The others are written by SQL, as the database's
/// superuser, and are due in the coming weeks; those that happen are made through the API.
/// </summary>
internal static class DueSchedules
{
    private const int Others = 10_000;
    private const int Apart = 30;
    private const int Together = 30;
    private const int Times = 500;
    private const string Project = "timed";

    private const string Fill =
        """
        SET session_replication_role = replica;
        CREATE TEMPORARY TABLE clones AS SELECT g, gen_random_uuid() AS id FROM generate_series(1, @n / 3 + 1) g;
        INSERT INTO flags SELECT (jsonb_populate_record(f, jsonb_build_object('id', c.id, 'key', 'clone-' || c.g))).*
            FROM flags f JOIN projects p ON p.id = f.project_id AND p.key = 'timed', clones c WHERE f.key = 'template';
        INSERT INTO flag_environments SELECT (jsonb_populate_record(s, jsonb_build_object('flag_id', c.id))).*
            FROM flag_environments s JOIN flags f ON f.id = s.flag_id AND f.key = 'template' JOIN projects p ON p.id = f.project_id AND p.key = 'timed', clones c;
        INSERT INTO schedules (id, organization_id, project_id, flag_id, environment_id, flag_key, environment_key, name, kind, action, enabled, priority, at, catch_up_minutes, outcome, version, created_at, updated_at)
            SELECT gen_random_uuid(), s.organization_id, s.project_id, s.flag_id, s.environment_id, f.key, s.environment_key, 'Later', 'once', 'enable', true, 0,
                now() + interval '1 day' + random() * interval '30 days', 1440, 'waiting', 1, now(), now()
            FROM flag_environments s JOIN clones c ON c.id = s.flag_id JOIN flags f ON f.id = s.flag_id;
        INSERT INTO schedule_clocks (organization_id, project_id, flag_id, environment_id, next_at, tick)
            SELECT organization_id, project_id, flag_id, environment_id, at, 1 FROM schedules WHERE name = 'Later';
        DROP TABLE clones;
        RESET session_replication_role;
        """;

    /// <summary>What the worker asks, see <c>DueSchedules</c> of the control plane.</summary>
    private const string Due =
        """
        SELECT organization_id, project_id, flag_id, environment_id FROM schedule_clocks WHERE next_at <= now() ORDER BY next_at LIMIT 500;
        SELECT now(), (SELECT min(next_at) FROM schedule_clocks WHERE next_at > now()) - now()
        """;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, string data)
    {
        await management.CreateProjectAsync(Project);
        await CreateFlagAsync(management, "template");
        for (var i = 0; i < Apart + Together; i++)
            await CreateFlagAsync(management, $"due-{i}");
        await using var database = NpgsqlDataSource.Create(await Programs.DatabaseOfAsync(data));
        await using (var fill = database.CreateCommand(Fill.Replace("@n", Others.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)))
            await fill.ExecuteNonQueryAsync();
        await using (var analyze = database.CreateCommand("VACUUM ANALYZE schedules, schedule_clocks, flags, flag_environments"))
            await analyze.ExecuteNonQueryAsync();

        var found = new Samples();
        await using (var connection = await database.OpenConnectionAsync())
        {
            for (var i = 0; i < Times; i++)
            {
                var start = Stopwatch.GetTimestamp();
                await using (var command = new NpgsqlCommand(Due, connection))
                await using (var reader = await command.ExecuteReaderAsync())
                {
                    while (await reader.NextResultAsync())
                    {
                    }
                }
                found.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
            }
        }

        var first = TimeProvider.System.GetUtcNow().AddSeconds(15);
        var planned = new Dictionary<string, DateTimeOffset>(StringComparer.Ordinal);
        for (var i = 0; i < Apart + Together; i++)
        {
            var at = i < Apart ? first.AddMilliseconds(i * 333) : first.AddSeconds(12);
            planned[$"due-{i}"] = at;
            await management.PostAsync($"{management.Project(Project)}/flags/due-{i}/environments/dev/schedules", new JsonObject { ["name"] = "Now", ["kind"] = "once", ["action"] = "enable", ["at"] = at.ToString("O", CultureInfo.InvariantCulture) });
        }

        var happened = await WaitAsync(management, planned.Count, first.AddSeconds(60));
        var apart = new Samples();
        var together = new Samples();
        foreach (var (flag, at) in happened)
            (planned[flag] == first.AddSeconds(12) ? together : apart).Add((at - planned[flag]).TotalMilliseconds);
        return
        [
            new Goal("finding what is due among 10,000 schedules, p99", 10, found.Percentile(99), "ms", $"p50 {found.Median:0.00} ms, {Times} times"),
            new Goal("a schedule among 10,000 happens late by at most", 1000, apart.Maximum, "ms", $"p50 {apart.Median:0} ms of {apart.Count}, three a second"),
            new Goal("30 schedules of one instant happen late by at most", 1000, together.Maximum, "ms", $"p50 {together.Median:0} ms"),
        ];
    }

    private static Task<JsonNode> CreateFlagAsync(Management management, string key) =>
        management.PostAsync($"{management.Project(Project)}/flags", new JsonObject { ["key"] = key, ["type"] = "boolean" });

    /// <summary>When each flag was switched on, by the audit log.</summary>
    private static async Task<Dictionary<string, DateTimeOffset>> WaitAsync(Management management, int count, DateTimeOffset until)
    {
        while (true)
        {
            var page = await management.GetAsync($"orgs/{management.Organization}/audit?project={Project}&action=flag.enabled&limit=200");
            var items = page["items"]!.AsArray();
            if (items.Count >= count)
                return items.ToDictionary(item => (string)item!["entityKey"]!, item => item!["at"]!.GetValue<DateTimeOffset>(), StringComparer.Ordinal);
            if (TimeProvider.System.GetUtcNow() > until)
                throw new InvalidOperationException($"Only {items.Count} of {count} schedules have happened.");
            await Task.Delay(500);
        }
    }
}
