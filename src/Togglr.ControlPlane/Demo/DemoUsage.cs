using Microsoft.EntityFrameworkCore;
using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Demo;

/// <summary>
/// A week of made-up evaluations for the demo shop, so that its charts have something to show: days and nights, a lot in production and little elsewhere, shared out
/// as the flags are configured. Only for the demo with its well-known keys, whose data nobody takes for real.
/// </summary>
internal static class DemoUsage
{
    private const int Hours = 7 * 24;

    private static readonly Dictionary<string, double> Loads = new(StringComparer.Ordinal) { ["prod"] = 1, ["stage"] = 0.06, ["dev"] = 0.015 };

    public static async Task SeedAsync(TogglrDbContext db, NpgsqlDataSource database, Guid project, CancellationToken cancel)
    {
        var flags = await db.Flags.AsNoTracking().Include(flag => flag.Environments).Where(flag => flag.ProjectId == project && flag.ArchivedAt == null).ToListAsync(cancel);
        var now = db.Now;
        var last = now.Floor(TimeSpan.TicksPerHour);
        var rows = new List<(Guid Flag, Guid Environment, DateTimeOffset Hour, string Variant, string Reason, long Count)>();
        foreach (var flag in flags)
        {
            foreach (var state in flag.Environments)
            {
                var load = Loads.GetValueOrDefault(state.EnvironmentKey) * (150 + Noise(flag.Key, 0) * 4_000);
                for (var hour = 0; hour < Hours; hour++)
                    AddHour(rows, flag, state, last.AddHours(hour - Hours + 1), load);
            }
        }
        using var command = database.CreateCommand(
            """
            WITH added AS (
                INSERT INTO evaluation_counts (flag_id, environment_id, hour, variant, reason, count) SELECT * FROM unnest($1, $2, $3, $4, $5, $6) ON CONFLICT DO NOTHING RETURNING *),
                used AS (
                    INSERT INTO flag_usage (organization_id, project_id, flag_id, environment_id, first_at, last_at, variant, variant_since)
                    SELECT f.organization_id, f.project_id, f.id, a.environment_id, min(a.hour), max(a.hour), NULL, max(a.hour) FROM added a JOIN flags f ON f.id = a.flag_id
                    GROUP BY f.id, a.environment_id ON CONFLICT DO NOTHING RETURNING environment_id, first_at, last_at)
            INSERT INTO environment_usage (environment_id, first_at, last_at, sdk) SELECT environment_id, min(first_at), max(last_at), 'demo data' FROM used GROUP BY 1 ON CONFLICT DO NOTHING
            """);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Flag).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Environment).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Hour.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Variant).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Reason).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Bigint, rows.ConvertAll(static row => row.Count).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void AddHour(
        List<(Guid Flag, Guid Environment, DateTimeOffset Hour, string Variant, string Reason, long Count)> rows, Flag flag, FlagEnvironment state, DateTimeOffset hour, double load)
    {
        // Most is evaluated in the evening, least before dawn, and less at the weekend.
        var day = 0.55 + 0.45 * Math.Sin((hour.Hour - 12) / 24.0 * 2 * Math.PI);
        var week = hour.DayOfWeek is DayOfWeek.Saturday or DayOfWeek.Sunday ? 0.7 : 1;
        var all = load * day * week * (0.9 + 0.2 * Noise(flag.Key, (int)(hour.ToUnixTimeSeconds() / 3600)));
        foreach (var (variant, reason, share) in Shares(flag, state))
        {
            if ((long)(all * share) is > 0 and var count)
                rows.Add((flag.Id, state.EnvironmentId, hour, variant, reason, count));
        }
    }

    private static List<(string Variant, string Reason, double Share)> Shares(Flag flag, FlagEnvironment state)
    {
        if (!state.Enabled || state.Killed)
            return [(state.OffVariant ?? flag.OffVariant ?? "", "DISABLED", 1)];
        if (state.Default.TryGetProperty("rollout", out var rollout))
        {
            var parts = rollout.GetProperty("variations").EnumerateArray().Select(part => (Key: part.GetProperty("key").GetString()!, Weight: part.GetProperty("weight").GetDouble())).ToList();
            var total = parts.Sum(part => part.Weight);
            return [.. parts.Where(part => part.Weight > 0).Select(part => (part.Key, "SPLIT", part.Weight / total))];
        }
        var served = state.Default.TryGetProperty("variant", out var variant) ? variant.GetString()! : flag.OffVariant ?? "";
        var targeted = state.Rules.GetArrayLength() > 0 ? 0.12 : 0;
        var other = flag.Variants.Select(item => item.Key).FirstOrDefault(key => key != served) ?? served;
        return targeted > 0
            ? [(served, "DEFAULT", 1 - targeted), (other, "TARGETING_MATCH", targeted)]
            : [(served, "STATIC", 1)];
    }

    /// <summary>The same number from 0 to 1 for the same flag and hour, so that every demo looks alike.</summary>
    private static double Noise(string key, int step)
    {
        var hash = 2166136261u ^ (uint)step;
        foreach (var letter in key)
            hash = (hash ^ letter) * 16777619u;
        hash ^= hash >> 15;
        hash *= 0x2c1b3c6d;
        return (hash ^ (hash >> 13)) / (double)uint.MaxValue;
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
