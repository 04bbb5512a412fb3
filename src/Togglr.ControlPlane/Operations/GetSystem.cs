using System.Diagnostics;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Npgsql;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Operations;

/// <summary>How the installation does. Sums only: nothing in it belongs to one organization.</summary>
/// <param name="At">When it was read.</param>
/// <param name="Processes">The processes that share the database, by the time of their start; those that told of themselves in the last half minute.</param>
/// <param name="Edges">Edges that were heard of lately, those within the processes above too.</param>
/// <param name="Evaluations">Evaluations per second over the last five whole minutes, those of SDKs that evaluate by themselves included, as they were reported.</param>
/// <param name="Events">Events on their way into their tables.</param>
/// <param name="Database">The database.</param>
public sealed record SystemView(DateTimeOffset At, IReadOnlyList<SystemProcessView> Processes, int Edges, double Evaluations, SystemEventsView Events, SystemDatabaseView Database);

/// <summary>A process.</summary>
/// <param name="Id">Its id, which ends with it.</param>
/// <param name="Host">The machine that it runs on.</param>
/// <param name="Roles">What it does: <c>control</c>, <c>edge</c>, <c>ingest</c>.</param>
/// <param name="Version">The version of the program.</param>
/// <param name="StartedAt">When it started.</param>
/// <param name="SeenAt">When it told of itself last.</param>
/// <param name="Samples">How it did in the last quarter of an hour, every ten seconds, the latest last.</param>
public sealed record SystemProcessView(Guid Id, string Host, IReadOnlyList<string> Roles, string Version, DateTimeOffset StartedAt, DateTimeOffset SeenAt, IReadOnlyList<ProcessFigures> Samples);

/// <summary>Events on their way into their tables.</summary>
/// <param name="Waiting">Accepted and not sorted in yet.</param>
/// <param name="Limit">How many may wait before no more are accepted.</param>
/// <param name="LagSeconds">How long the oldest of them has waited; 0 where none does.</param>
/// <param name="SetAside">Groups that cannot be sorted in: see the log.</param>
/// <param name="UnreadableKeys">Organizations whose events are refused because their event key cannot be decrypted.</param>
/// <param name="RemovedEnvironments">Deleted environments whose events are still being removed.</param>
public sealed record SystemEventsView(long Waiting, long Limit, double LagSeconds, int SetAside, int UnreadableKeys, int RemovedEnvironments);

/// <summary>The database.</summary>
/// <param name="Version">PostgreSQL's version.</param>
/// <param name="SizeBytes">How much disk it takes.</param>
/// <param name="Connections">Open connections to it.</param>
/// <param name="ConnectionLimit">How many the server allows, for all its databases.</param>
/// <param name="AnswerMilliseconds">How long it took to answer a question that costs nothing.</param>
/// <param name="LongestTransactionSeconds">How long the oldest transaction has been open; 0 where none is.</param>
public sealed record SystemDatabaseView(string Version, long SizeBytes, int Connections, int ConnectionLimit, double AnswerMilliseconds, double LongestTransactionSeconds);

/// <summary>Tells whoever administers an organization how the installation does.</summary>
internal static class GetSystem
{
    private static readonly TimeSpan Silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan EdgeSilence = TimeSpan.FromSeconds(25);

    public static void MapSystem(this IEndpointRouteBuilder api) =>
        api.MapGet("/system", HandleAsync).WithTags("System").WithName("getSystem").WithSummary("How the processes and the database of the installation do").RequirePermissionAnywhere(Permissions.OrganizationManage);

    private static async Task<Ok<SystemView>> HandleAsync(TogglrDatabase database, Publishing.UnitKeyReader keys, ControlPlaneOptions options, TogglrDbContext db, CancellationToken cancel)
    {
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        var now = db.Now;
        var began = Stopwatch.GetTimestamp();
        await using (var ping = new NpgsqlCommand("SELECT 1", connection))
            await ping.ExecuteScalarAsync(cancel);
        var answered = Stopwatch.GetElapsedTime(began);
        var processes = await ReadProcessesAsync(connection, now, cancel);
        await using var command = new NpgsqlCommand(
            """
            SELECT (SELECT count(*)::int FROM edges WHERE seen_at >= $1),
                (SELECT coalesce(sum(count), 0)::float8 / 300 FROM evaluation_minutes WHERE minute >= $2 AND minute < $3),
                g.waiting, g.lag, (SELECT count(*)::int FROM event_groups WHERE failure IS NOT NULL), (SELECT count(*)::int FROM removed_environments),
                current_setting('server_version'), pg_database_size(current_database()), current_setting('max_connections')::int, a.connections, a.longest
            FROM (SELECT coalesce(sum(events), 0)::bigint AS waiting, greatest(0, coalesce(extract(epoch FROM now() - min(received_at)), 0))::float8 AS lag FROM event_groups WHERE failure IS NULL) g,
                (SELECT count(*)::int AS connections, greatest(0, coalesce(extract(epoch FROM now() - min(xact_start) FILTER (WHERE pid <> pg_backend_pid())), 0))::float8 AS longest
                 FROM pg_stat_activity WHERE datname = current_database()) a
            """, connection);
        var minute = now.Floor(TimeSpan.TicksPerMinute);
        foreach (var at in new[] { now - EdgeSilence, minute.AddMinutes(-5), minute })
            command.Parameters.Add(new NpgsqlParameter { Value = at });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return TypedResults.Ok(new SystemView(
            now, processes, reader.GetInt32(0), Math.Round(reader.GetDouble(1), 2),
            new SystemEventsView(reader.GetInt64(2), options.EventBacklog, Math.Round(reader.GetDouble(3), 1), reader.GetInt32(4), keys.Unreadable.Count, reader.GetInt32(5)),
            new SystemDatabaseView(
                reader.GetString(6), reader.GetInt64(7), reader.GetInt32(9), reader.GetInt32(8), Math.Round(answered.TotalMilliseconds, 2), Math.Round(reader.GetDouble(10), 1))));
    }

    private static async Task<List<SystemProcessView>> ReadProcessesAsync(NpgsqlConnection connection, DateTimeOffset now, CancellationToken cancel)
    {
        await using var command = new NpgsqlCommand(
            """
            SELECT process_id, min(host), min(roles), min(version), min(started_at), max(at), array_agg(figures::text ORDER BY at) FROM process_samples WHERE at >= $1
            GROUP BY process_id HAVING max(at) >= $2 ORDER BY min(started_at), process_id
            """, connection);
        command.Parameters.Add(new NpgsqlParameter { Value = now - ProcessReporter.Retention });
        command.Parameters.Add(new NpgsqlParameter { Value = now - Silence });
        var processes = new List<SystemProcessView>();
        await using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            processes.Add(new SystemProcessView(
                reader.GetGuid(0), reader.GetString(1), reader.GetString(2).Split(','), reader.GetString(3), reader.GetFieldValue<DateTimeOffset>(4), reader.GetFieldValue<DateTimeOffset>(5),
                [.. reader.GetFieldValue<string[]>(6).Select(static figures => JsonSerializer.Deserialize<ProcessFigures>(figures, JsonSerializerOptions.Web)!)]));
        }
        return processes;
    }
}
