using Npgsql;
using NpgsqlTypes;
using Togglr.Evaluation;

namespace Togglr.Store;

/// <summary>Keeps about how many different users flags were evaluated for, by the hour and by the day.</summary>
internal static class EvaluationUsers
{
    /// <summary>For how long there is one for every hour.</summary>
    public static readonly TimeSpan HourRetention = TimeSpan.FromHours(30);

    /// <summary>For how long there is one for every day.</summary>
    public static readonly TimeSpan DayRetention = TimeSpan.FromDays(33);

    /// <summary>Adds what a batch says. Nobody else adds at the same time, so reading first and writing then loses nothing.</summary>
    public static async Task AddAsync(
        NpgsqlConnection connection, CountBatch batch, Dictionary<(Guid Environment, string Flag), (Guid Id, HashSet<string> Variants)> flags, CancellationToken cancellationToken)
    {
        var sketches = new Dictionary<SketchRow, UserSketch>();
        foreach (var (key, sketch) in batch.Users)
        {
            if (!flags.TryGetValue((key.Environment, key.Flag), out var flag))
                continue;
            AddTo(sketches, new SketchRow(flag.Id, key.Environment, "hour", key.Hour), sketch);
            AddTo(sketches, new SketchRow(flag.Id, key.Environment, "day", new DateTimeOffset(key.Hour.UtcDateTime.Date, TimeSpan.Zero)), sketch);
        }
        if (sketches.Count == 0)
            return;
        await MergeAsync(connection, sketches, cancellationToken).ConfigureAwait(false);
        // After the first minutes of an hour most bring nobody new.
        if (sketches.Count > 0)
            await WriteAsync(connection, sketches, cancellationToken).ConfigureAwait(false);
    }

    private static void AddTo(Dictionary<SketchRow, UserSketch> sketches, SketchRow row, UserSketch sketch)
    {
        if (!sketches.TryGetValue(row, out var all))
            sketches.Add(row, all = new UserSketch());
        all.Merge(sketch);
    }

    /// <summary>Adds what is there already, and drops what would change nothing.</summary>
    private static async Task MergeAsync(NpgsqlConnection connection, Dictionary<SketchRow, UserSketch> sketches, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            """
            SELECT u.flag_id, u.environment_id, u.step, u.at, u.sketch FROM unnest($1, $2, $3, $4) a(flag_id, environment_id, step, at)
            JOIN evaluation_users u ON u.flag_id = a.flag_id AND u.environment_id = a.environment_id AND u.step = a.step AND u.at = a.at
            """, connection);
        AddKeys(command, sketches);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            var row = new SketchRow(reader.GetGuid(0), reader.GetGuid(1), reader.GetString(2), reader.GetFieldValue<DateTimeOffset>(3));
            if (UserSketch.FromBytes(reader.GetFieldValue<byte[]>(4)) is not { } known)
                continue;
            if (known.Merge(sketches[row]))
                sketches[row] = known;
            else
                sketches.Remove(row);
        }
    }

    private static async Task WriteAsync(NpgsqlConnection connection, Dictionary<SketchRow, UserSketch> sketches, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            """
            INSERT INTO evaluation_users (flag_id, environment_id, step, at, sketch) SELECT * FROM unnest($1, $2, $3, $4, $5)
            ON CONFLICT (flag_id, environment_id, step, at) DO UPDATE SET sketch = excluded.sketch
            """, connection);
        AddKeys(command, sketches);
        Add(command, NpgsqlDbType.Bytea, sketches.Values.Select(static sketch => sketch.ToBytes()).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static void AddKeys(NpgsqlCommand command, Dictionary<SketchRow, UserSketch> sketches)
    {
        Add(command, NpgsqlDbType.Uuid, sketches.Keys.Select(static row => row.Flag).ToArray());
        Add(command, NpgsqlDbType.Uuid, sketches.Keys.Select(static row => row.Environment).ToArray());
        Add(command, NpgsqlDbType.Text, sketches.Keys.Select(static row => row.Step).ToArray());
        Add(command, NpgsqlDbType.TimestampTz, sketches.Keys.Select(static row => row.At.UtcDateTime).ToArray());
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type });

    /// <summary>What a sketch is kept by.</summary>
    private readonly record struct SketchRow(Guid Flag, Guid Environment, string Step, DateTimeOffset At);
}
