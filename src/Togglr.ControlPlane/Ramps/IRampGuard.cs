using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Ramps;

/// <summary>Totals of a flag in an environment, by variant.</summary>
/// <param name="Ramped">The variant that a ramp brings.</param>
/// <param name="Rest">All others.</param>
internal readonly record struct RampSample(RampCounts Ramped, RampCounts Rest);

/// <summary>Where the numbers come from by which a ramp is watched.</summary>
internal interface IRampGuard
{
    /// <summary>Totals from some time on, which never become less while a ramp runs.</summary>
    Task<RampSample> ReadAsync(Ramp ramp, CancellationToken cancel);
}

/// <summary>Evaluations as SDKs reported them, and errors that came as feedback with the variant that was served.</summary>
internal sealed class ReportedErrors(TogglrDatabase database) : IRampGuard
{
    public async Task<RampSample> ReadAsync(Ramp ramp, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            """
            SELECT coalesce(sum(count) FILTER (WHERE variant = $4), 0)::bigint, coalesce(sum(count) FILTER (WHERE variant <> $4), 0)::bigint,
                (SELECT count(*) FROM event_log WHERE kind IN (2, 3) AND environment_id = $2 AND flag = $5 AND at >= $6 AND kind = 2 AND payload ->> 'type' = 'error' AND payload ->> 'variant' = $4),
                (SELECT count(*) FROM event_log WHERE kind IN (2, 3) AND environment_id = $2 AND flag = $5 AND at >= $6 AND kind = 2 AND payload ->> 'type' = 'error' AND payload ->> 'variant' <> $4)
            FROM evaluation_counts WHERE flag_id = $1 AND environment_id = $2 AND hour >= $3
            """);
        Add(command, NpgsqlDbType.Uuid, ramp.FlagId);
        Add(command, NpgsqlDbType.Uuid, ramp.EnvironmentId);
        Add(command, NpgsqlDbType.TimestampTz, ramp.CreatedAt.UtcDateTime.AddHours(-1));
        Add(command, NpgsqlDbType.Text, ramp.ToVariant);
        Add(command, NpgsqlDbType.Text, ramp.FlagKey);
        Add(command, NpgsqlDbType.TimestampTz, ramp.CreatedAt.UtcDateTime);
        await using var reader = await command.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        return new RampSample(new RampCounts(reader.GetInt64(0), reader.GetInt64(2)), new RampCounts(reader.GetInt64(1), reader.GetInt64(3)));
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });
}
