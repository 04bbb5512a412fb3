using Npgsql;
using NpgsqlTypes;
using Togglr.ControlPlane.Events;
using Togglr.Evaluation;
using Togglr.Store;

namespace Togglr.ControlPlane.Usage;

/// <summary>Reads figures of an environment. Callers say which one, so nothing of another tenant can be asked for.</summary>
internal sealed class AnalyticsReader(TogglrDatabase database)
{
    private const string MostText = "9007199254740991";

    /// <summary>Evaluations of all flags by reason and step.</summary>
    public async Task<List<AnalyticsReasonView>> ReadReasonsAsync(Guid environment, AnalyticsSpan span, CancellationToken cancel)
    {
        var reasons = new Dictionary<string, long[]>(StringComparer.Ordinal);
        using var command = database.DataSource.CreateCommand(
            $"""
            SELECT reason, (extract(epoch FROM {Column(span)} - $2)::bigint / $4)::integer, least({MostText}, sum(count))::bigint
            FROM {Table(span)} WHERE environment_id = $1 AND {Column(span)} >= $2 AND {Column(span)} < $3 GROUP BY 1, 2
            """);
        Add(command, environment, span.From, span.To);
        command.Parameters.Add(new NpgsqlParameter { Value = (long)span.StepSeconds });
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (!reasons.TryGetValue(reader.GetString(0), out var counts))
                reasons.Add(reader.GetString(0), counts = new long[span.Steps]);
            counts[reader.GetInt32(1)] = reader.GetInt64(2);
        }
        return [.. reasons.Select(static pair => new AnalyticsReasonView(pair.Key, pair.Value.Sum(), pair.Value)).OrderByDescending(static row => row.Total).ThenBy(static row => row.Reason, StringComparer.Ordinal)];
    }

    /// <summary>One flag by variant, reason and step.</summary>
    public async Task<List<UsageSeriesView>> ReadSeriesAsync(Guid environment, Guid flag, AnalyticsSpan span, CancellationToken cancel)
    {
        var series = new Dictionary<(string Variant, string Reason), long[]>();
        using var command = database.DataSource.CreateCommand(
            $"""
            SELECT variant, reason, (extract(epoch FROM {Column(span)} - $2)::bigint / $4)::integer, least({MostText}, sum(count))::bigint
            FROM {Table(span)} WHERE environment_id = $1 AND {Column(span)} >= $2 AND {Column(span)} < $3 AND flag_id = $5 GROUP BY 1, 2, 3
            """);
        Add(command, environment, span.From, span.To);
        command.Parameters.Add(new NpgsqlParameter { Value = (long)span.StepSeconds });
        command.Parameters.Add(new NpgsqlParameter { Value = flag });
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var key = (reader.GetString(0), reader.GetString(1));
            if (!series.TryGetValue(key, out var counts))
                series.Add(key, counts = new long[span.Steps]);
            counts[reader.GetInt32(2)] = reader.GetInt64(3);
        }
        return
        [
            .. series.Select(static pair => new UsageSeriesView(pair.Key.Variant.Length == 0 ? null : pair.Key.Variant, pair.Key.Reason, pair.Value.Sum(), pair.Value))
                .OrderByDescending(static row => row.Total).ThenBy(static row => row.Variant, StringComparer.Ordinal).ThenBy(static row => row.Reason, StringComparer.Ordinal),
        ];
    }

    /// <summary>Evaluations by flag, now and in the time before.</summary>
    public async Task<Dictionary<Guid, (long Total, long Before)>> ReadTotalsAsync(Guid environment, AnalyticsSpan span, Guid? flag, CancellationToken cancel)
    {
        var totals = new Dictionary<Guid, (long, long)>();
        using var command = database.DataSource.CreateCommand(
            $"""
            SELECT flag_id, least({MostText}, coalesce(sum(count) FILTER (WHERE {Column(span)} >= $4), 0))::bigint, least({MostText}, coalesce(sum(count) FILTER (WHERE {Column(span)} < $4), 0))::bigint
            FROM {Table(span)} WHERE environment_id = $1 AND {Column(span)} >= $2 AND {Column(span)} < $3 AND ($5::uuid IS NULL OR flag_id = $5) GROUP BY 1
            """);
        Add(command, environment, span.Before, span.To);
        command.Parameters.Add(new NpgsqlParameter { Value = span.From.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)flag ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
            totals.Add(reader.GetGuid(0), (reader.GetInt64(1), reader.GetInt64(2)));
        return totals;
    }

    /// <summary>Whom flags were evaluated for: all flags, or one.</summary>
    public async Task<Dictionary<Guid, UserSketch>> ReadUsersAsync(Guid environment, AnalyticsSpan span, Guid? flag, CancellationToken cancel)
    {
        var users = new Dictionary<Guid, UserSketch>();
        var unit = span.IsByDay ? TimeSpan.TicksPerDay : TimeSpan.TicksPerHour;
        using var command = database.DataSource.CreateCommand(
            "SELECT flag_id, sketch FROM evaluation_users WHERE environment_id = $1 AND at >= $2 AND at < $3 AND step = $4 AND ($5::uuid IS NULL OR flag_id = $5)");
        Add(command, environment, new DateTimeOffset(span.From.UtcTicks - span.From.UtcTicks % unit, TimeSpan.Zero), span.To);
        command.Parameters.Add(new NpgsqlParameter { Value = span.IsByDay ? "day" : "hour" });
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)flag ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Uuid });
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            if (UserSketch.FromBytes(reader.GetFieldValue<byte[]>(1)) is not { } sketch)
                continue;
            if (users.TryGetValue(reader.GetGuid(0), out var known))
                known.Merge(sketch);
            else
                users.Add(reader.GetGuid(0), sketch);
        }
        return users;
    }

    /// <summary>How it ended, by flag and variant.</summary>
    public async Task<List<(string Flag, string Variant, string Outcome, long Count)>> ReadOutcomesAsync(Guid environment, AnalyticsSpan span, string? flag, CancellationToken cancel)
    {
        using var command = database.DataSource.CreateCommand(
            $"""
            SELECT name, detail, least({MostText}, sum(count))::bigint FROM {(span.IsByMinute ? "event_minutes" : "event_hours")}
            WHERE environment_id = $1 AND at >= $2 AND at < $3 AND kind = '{EventOutcomes.Kind}' AND ($4::text IS NULL OR name = $4) GROUP BY 1, 2
            """);
        Add(command, environment, span.From, span.To);
        command.Parameters.Add(new NpgsqlParameter { Value = (object?)flag ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Text });
        var outcomes = new List<(string, string, string, long)>();
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var (outcome, variant) = EventOutcomes.Read(reader.GetString(1));
            outcomes.Add((reader.GetString(0), variant, outcome, reader.GetInt64(2)));
        }
        return outcomes;
    }

    /// <summary>Flags that are asked for in some environments and that are not there.</summary>
    public async Task<List<(Guid Environment, string Flag, UnknownFlagCause Cause, long Count, DateTimeOffset FirstAt, DateTimeOffset LastAt, string? Sdk)>> ReadUnknownAsync(
        Guid project, Guid[] environments, CancellationToken cancel)
    {
        using var command = database.DataSource.CreateCommand(
            """
            SELECT u.environment_id, u.flag, f.id IS NOT NULL, EXISTS (SELECT FROM snapshot_entries s WHERE s.environment_id = u.environment_id AND s.kind = 'flag' AND s.key = u.flag), u.count, u.first_at, u.last_at, u.sdk
            FROM unknown_flags u LEFT JOIN flags f ON f.project_id = $1 AND f.key = u.flag
            WHERE u.environment_id = ANY ($2) AND (f.id IS NULL OR f.archived_at IS NOT NULL) ORDER BY u.last_at DESC, u.flag
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = project });
        command.Parameters.Add(new NpgsqlParameter { Value = environments, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        var unknown = new List<(Guid, string, UnknownFlagCause, long, DateTimeOffset, DateTimeOffset, string?)>();
        using var reader = await command.ExecuteReaderAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var cause = reader.GetBoolean(2) ? UnknownFlagCause.Archived : reader.GetBoolean(3) ? UnknownFlagCause.Deleted : UnknownFlagCause.NeverExisted;
            unknown.Add((reader.GetGuid(0), reader.GetString(1), cause, reader.GetInt64(4), reader.GetFieldValue<DateTimeOffset>(5), reader.GetFieldValue<DateTimeOffset>(6),
                await reader.IsDBNullAsync(7, cancel) ? null : reader.GetString(7)));
        }
        return unknown;
    }

    private static string Table(AnalyticsSpan span) => span.IsByMinute ? "evaluation_minutes" : "evaluation_counts";

    private static string Column(AnalyticsSpan span) => span.IsByMinute ? "minute" : "hour";

    private static void Add(NpgsqlCommand command, Guid environment, DateTimeOffset from, DateTimeOffset to)
    {
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        command.Parameters.Add(new NpgsqlParameter { Value = from.UtcDateTime });
        command.Parameters.Add(new NpgsqlParameter { Value = to.UtcDateTime });
    }
}
