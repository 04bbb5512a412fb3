using System.Diagnostics;
using System.Globalization;
using Npgsql;
using Togglr.LoadBench.Load;
using Togglr.LoadBench.Processes;

namespace Togglr.LoadBench.Parts;

/// <summary>
/// The first page of the audit log with 1,000,000 entries in one organization, for filters that are frequent, rare, old, and frequent each but never together. The
/// entries are written by SQL, as the database's superuser: what is measured is finding them.
/// </summary>
internal static class AuditPages
{
    private const double LimitMilliseconds = 100;
    private const int Entries = 1_000_000;
    private const int Times = 20;

    /// <summary>
    /// Entry i of a million is from (1,000,000 − i) × 30 seconds ago. The project <c>legacy</c> has the oldest 30 %, nothing since; a rare word comes 20 times, among the
    /// oldest half; environments, actors and actions have skewed shares.
    /// </summary>
    private const string Fill =
        """
        SET session_replication_role = replica;
        INSERT INTO audit_entries (organization_id, sequence, id, at, actor_kind, actor_id, actor_name, action, entity, entity_key, project, environment, reason, address,
            before, after, previous_hash, hash, format, search)
        SELECT o, s, gen_random_uuid(), at, 'user', actor, actor_name, action, split_part(action, '.', 1), key, project, environment, reason, address, body, body, '\x00', '\x00', 2,
            array_to_tsvector(ARRAY(SELECT DISTINCT w FROM unnest(
                ARRAY['=o' || o, '=cuser', '=u' || actor, '=l' || actor_name, '=a' || action, '=n' || split_part(action, '.', 1), '=k' || key, '=p' || project, '=e' || environment, '=i' || address]
                || regexp_split_to_array(lower(concat_ws(' ', key, actor_name, action, project, environment, reason)), '[ .\-]+')) w WHERE w <> ''))
        FROM (
            SELECT o.id AS o, g + h.sequence AS s, now() - (@n - g) * interval '30 seconds' AS at,
                ('00000000-0000-0000-0000-' || lpad((g * 7919 % 211 * (g % 3))::text, 12, '0'))::uuid AS actor, 'Person ' || (g * 7919 % 211 * (g % 3)) AS actor_name,
                (ARRAY['flag.configured', 'flag.enabled', 'flag.disabled', 'flag.updated', 'flag.configured', 'segment.updated', 'flag.configured', 'flag.enabled', 'flag.disabled', 'tag.created'])[1 + (g * 31 % 10)::int] AS action,
                'flag-' || (g * 104729 % 5000) AS key,
                CASE WHEN g < @n * 0.3 AND g % 2 = 0 THEN 'legacy' ELSE 'project-' || (g * 13 % 19) END AS project,
                CASE WHEN g < @n * 0.3 AND g % 2 = 0 THEN 'prod' ELSE (ARRAY['prod', 'stage', 'dev', NULL])[1 + (g * 17 % 4)::int] END AS environment,
                CASE WHEN g < @n / 2 AND g % (@n / 40) = 1 THEN 'incident zanzibar' WHEN g % 3 = 0 THEN 'ticket OPS-' || (g % 9000) || ' rollout' END AS reason,
                '10.0.' || (g % 7) || '.' || (g % 200) AS address, ('{"flags/x":{"name":"x","value":' || g || ',"text":"' || repeat('lorem ipsum ', 30) || '"}}')::json AS body
            FROM generate_series(1::bigint, @n) g, organizations o, audit_chains h WHERE o.key = 'default' AND h.organization_id = o.id) e;
        UPDATE audit_chains c SET sequence = (SELECT max(sequence) FROM audit_entries e WHERE e.organization_id = c.organization_id), latest_at = now() WHERE organization_id = (SELECT id FROM organizations WHERE key = 'default');
        RESET session_replication_role;
        """;

    public static async Task<IReadOnlyList<Goal>> RunAsync(Management management, string data)
    {
        await using (var database = NpgsqlDataSource.Create(await Programs.DatabaseOfAsync(data)))
        {
            await using var fill = database.CreateCommand(Fill.Replace("@n", Entries.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal));
            await fill.ExecuteNonQueryAsync();
            // What autovacuum does by itself some minutes later.
            await using var analyze = database.CreateCommand("VACUUM ANALYZE audit_entries");
            await analyze.ExecuteNonQueryAsync();
        }

        var (month, older) = (Ago(TimeSpan.FromDays(200)), Ago(TimeSpan.FromDays(230)));
        (string Name, string Query)[] filters =
        [
            ("none", ""), ("a project", "project=project-7"), ("a project without new entries", "project=legacy"), ("an environment", "environment=stage"),
            ("a kind of entity", "entity=tag"), ("an entity", "entity=flag&entityKey=flag-4711"), ("a key of any entity", "entityKey=flag-4711"),
            ("a person", "actor=00000000-0000-0000-0000-000000000042"), ("a person by name", "actor=Person 42"), ("an action", "action=tag.created"), ("an address", "ip=10.0.3.33"),
            ("a frequent word", "search=rollout"), ("a rare word", "search=zanzibar"), ("no word of the log", "search=nowhere"), ("the beginning of words", "search=OPS zan"),
            ("beginnings of frequent words", "search=r f p"), ("project, environment and action", "project=project-7&environment=prod&action=flag.enabled"),
            ("project without new entries and person", "project=legacy&actor=00000000-0000-0000-0000-000000000042"), ("project without new entries and frequent word", "project=legacy&search=rollout"),
            ("two frequent values that never meet", "project=legacy&environment=dev"), ("two frequent values and a word that never meet", "environment=stage&action=segment.updated&search=legacy"),
            ("a month half a year ago", $"from={older}&to={month}"), ("that month and a rare word", $"from={older}&to={month}&search=zanzibar"), ("that month, an environment and a person", $"from={older}&to={month}&environment=stage&actor=Person 42"),
            ("that month and a project that has nothing in it", $"from={older}&to={month}&project=legacy"),
        ];
        var goals = new List<Goal>();
        foreach (var (name, query) in filters)
        {
            var samples = new Samples();
            var found = 0;
            for (var i = 0; i < Times; i++)
            {
                var start = Stopwatch.GetTimestamp();
                var page = await management.GetAsync($"orgs/{management.Organization}/audit?limit=50&{query}");
                samples.Add(Stopwatch.GetElapsedTime(start).TotalMilliseconds);
                found = page["items"]!.AsArray().Count;
            }

            goals.Add(new Goal($"audit log of 1,000,000, first page p95: {name}", LimitMilliseconds, samples.Percentile(95), "ms", $"p50 {samples.Median:0.0} ms, {Times} times, {found} entries"));
        }

        return goals;
    }

    private static string Ago(TimeSpan time) => TimeProvider.System.GetUtcNow().Subtract(time).ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);
}
