using Npgsql;
using NpgsqlTypes;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>A flag in an environment.</summary>
internal readonly record struct HealthPlace(Guid FlagId, Guid EnvironmentId);

/// <summary>What was counted of a variant in a second, told by the kind of key.</summary>
internal readonly record struct CountedSlot(string Variant, int Age, long Evaluations, long Errors, long ClientEvaluations, long ClientErrors)
{
    /// <summary>As the settings want it counted.</summary>
    public HealthSlot For(HealthTerms terms) =>
        terms.CountClients ? new HealthSlot(Variant, Age, Evaluations + ClientEvaluations, Errors + ClientErrors) : new HealthSlot(Variant, Age, Evaluations, Errors);
}

/// <summary>Reads what all nodes have counted. Callers say which environments, so nothing of another tenant can be asked for.</summary>
internal sealed class HealthWindows(TogglrDatabase database)
{
    /// <summary>Slots are kept for this long.</summary>
    public static TimeSpan Kept { get; } = TimeSpan.FromHours(2);

    /// <summary>What was counted of flags within a time; those of which nothing was are absent.</summary>
    /// <param name="environments">Where.</param>
    /// <param name="flags">The flags; null for all.</param>
    /// <param name="seconds">How far back.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<(DateTimeOffset Now, Dictionary<HealthPlace, List<CountedSlot>> Slots)> ReadAsync(Guid[] environments, Guid[]? flags, int seconds, CancellationToken cancel)
    {
        var slots = new Dictionary<HealthPlace, List<CountedSlot>>();
        await using var connection = await database.DataSource.OpenConnectionAsync(cancel);
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("SELECT now()"));
        var read = new NpgsqlBatchCommand(
            """
            SELECT flag_id, environment_id, variant, extract(epoch FROM date_trunc('second', now()) - slot)::integer, evaluations, errors, client_evaluations, client_errors
            FROM health_slots WHERE environment_id = ANY ($1) AND ($2::uuid[] IS NULL OR flag_id = ANY ($2)) AND slot > now() - make_interval(secs => $3)
            """);
        read.Parameters.Add(new NpgsqlParameter { Value = environments, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        read.Parameters.Add(new NpgsqlParameter { Value = (object?)flags ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Uuid });
        read.Parameters.Add(new NpgsqlParameter { Value = (double)seconds + 1, NpgsqlDbType = NpgsqlDbType.Double });
        batch.BatchCommands.Add(read);
        await using var reader = await batch.ExecuteReaderAsync(cancel);
        await reader.ReadAsync(cancel);
        var now = reader.GetFieldValue<DateTimeOffset>(0);
        await reader.NextResultAsync(cancel);
        while (await reader.ReadAsync(cancel))
        {
            var place = new HealthPlace(reader.GetGuid(0), reader.GetGuid(1));
            if (!slots.TryGetValue(place, out var list))
                slots.Add(place, list = []);
            list.Add(new CountedSlot(reader.GetString(2), reader.GetInt32(3), reader.GetInt64(4), reader.GetInt64(5), reader.GetInt64(6), reader.GetInt64(7)));
        }

        return (now, slots);
    }

    /// <summary>The flags of an environment for which errors came in within a time.</summary>
    public async Task<HashSet<Guid>> FlagsWithErrorsAsync(Guid environment, int seconds, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand(
            "SELECT DISTINCT flag_id FROM health_slots WHERE environment_id = $1 AND slot > now() - make_interval(secs => $2) AND (errors > 0 OR client_errors > 0)");
        command.Parameters.Add(new NpgsqlParameter { Value = environment, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = (double)seconds + 1, NpgsqlDbType = NpgsqlDbType.Double });
        await using var reader = await command.ExecuteReaderAsync(cancel);
        var flags = new HashSet<Guid>();
        while (await reader.ReadAsync(cancel))
            flags.Add(reader.GetGuid(0));
        return flags;
    }

    /// <summary>When an error of a flag was delivered last; null: never.</summary>
    public async Task<DateTimeOffset?> LastErrorAsync(Guid flag, Guid environment, CancellationToken cancel)
    {
        await using var command = database.DataSource.CreateCommand("SELECT max(last_error_at) FROM health_totals WHERE flag_id = $1 AND environment_id = $2");
        command.Parameters.Add(new NpgsqlParameter { Value = flag });
        command.Parameters.Add(new NpgsqlParameter { Value = environment });
        return await command.ExecuteScalarAsync(cancel) is DateTime at ? new DateTimeOffset(at, TimeSpan.Zero) : null;
    }

    /// <summary>For how many seconds a flag has been counted that was looked at anew at an instant.</summary>
    public static int Known(DateTimeOffset? judgedFrom, DateTimeOffset now) => judgedFrom is { } from ? (int)Math.Clamp(Math.Floor((now - from).TotalSeconds), 0, int.MaxValue) : int.MaxValue;

    /// <summary>When the errors of the judged time began.</summary>
    public static DateTimeOffset BeganAt(IEnumerable<HealthSlot> slots, HealthFinding finding, DateTimeOffset now)
    {
        var oldest = slots.Where(slot => slot.Errors > 0 && slot.Age < finding.Seconds && (finding.Variant is null || slot.Variant == finding.Variant)).Select(slot => (int?)slot.Age).Max() ?? 0;
        return now.Floor(TimeSpan.TicksPerSecond).AddSeconds(-oldest);
    }
}
