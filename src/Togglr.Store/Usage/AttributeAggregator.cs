using System.Text.Json;
using Npgsql;
using NpgsqlTypes;

namespace Togglr.Store;

/// <summary>
/// Takes attributes that were seen in contexts out of <c>event_log</c> and keeps, for each project, their names and some of their values. Processes take turns.
/// </summary>
public sealed class AttributeAggregator(TogglrDatabase database)
{
    /// <summary>The most rows of one transaction.</summary>
    public const int BatchSize = 2_000;

    /// <summary>The most attributes of a project.</summary>
    public const int MaximumAttributes = 200;

    /// <summary>The most values of an attribute; one that has more keeps none.</summary>
    public const int MaximumValues = 100;

    private const long TurnLock = 128022223939427;
    private const int MaximumLength = 100;
    private static readonly string[] Types = ["string", "number", "boolean", "array"];

    /// <summary>Takes one batch.</summary>
    /// <returns>How many rows of the log were consumed; 0 also when another process has its turn.</returns>
    public async Task<int> ConsumeAsync(CancellationToken cancellationToken = default)
    {
        using var connection = await database.DataSource.OpenConnectionAsync(cancellationToken).ConfigureAwait(false);
        using var transaction = await connection.BeginTransactionAsync(cancellationToken).ConfigureAwait(false);
        var (seen, taken) = await TakeAsync(connection, cancellationToken).ConfigureAwait(false);
        if (taken == 0)
            return 0;
        foreach (var (project, attributes) in seen)
        {
            await MergeAsync(connection, project, attributes, cancellationToken).ConfigureAwait(false);
            await WriteAsync(connection, project, attributes, cancellationToken).ConfigureAwait(false);
        }
        await transaction.CommitAsync(cancellationToken).ConfigureAwait(false);
        return taken;
    }

    private static async Task<(Dictionary<Guid, Dictionary<string, Attribute>> Seen, int Taken)> TakeAsync(NpgsqlConnection connection, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand(
            """
            WITH turn AS MATERIALIZED (SELECT pg_try_advisory_xact_lock($1) AS mine),
                next AS MATERIALIZED (SELECT id FROM event_log WHERE kind = 4 AND (SELECT mine FROM turn) ORDER BY id LIMIT $2),
                gone AS (DELETE FROM event_log l USING next WHERE l.id = next.id RETURNING l.id, l.environment_id, l.at, l.payload)
            SELECT e.project_id, g.at, g.payload FROM gone g LEFT JOIN environments e ON e.id = g.environment_id ORDER BY g.id
            """, connection);
        Add(command, NpgsqlDbType.Bigint, TurnLock);
        Add(command, NpgsqlDbType.Integer, BatchSize);
        var (seen, taken) = (new Dictionary<Guid, Dictionary<string, Attribute>>(), 0);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            taken++;
            // Environments may be gone by now.
            if (reader.IsDBNull(0) || Read(reader.GetFieldValue<byte[]>(2)) is not var (name, type, values))
                continue;
            var (project, at) = (reader.GetGuid(0), reader.GetFieldValue<DateTimeOffset>(1));
            if (!seen.TryGetValue(project, out var attributes))
                seen.Add(project, attributes = new Dictionary<string, Attribute>(StringComparer.Ordinal));
            if (!attributes.TryGetValue(name, out var attribute))
                attributes.Add(name, attribute = new Attribute());
            (attribute.Type, attribute.LastAt) = (type, at > attribute.LastAt ? at : attribute.LastAt);
            foreach (var value in values)
                attribute.Add(value, at);
        }
        return (seen, taken);
    }

    /// <summary>Adds what is known already.</summary>
    private static async Task MergeAsync(NpgsqlConnection connection, Guid project, Dictionary<string, Attribute> attributes, CancellationToken cancellationToken)
    {
        using var command = new NpgsqlCommand("SELECT name, last_at, seen, has_too_many FROM observed_attributes WHERE project_id = $1", connection);
        Add(command, NpgsqlDbType.Uuid, project);
        var known = new HashSet<string>(StringComparer.Ordinal);
        using var reader = await command.ExecuteReaderAsync(cancellationToken).ConfigureAwait(false);
        while (await reader.ReadAsync(cancellationToken).ConfigureAwait(false))
        {
            known.Add(reader.GetString(0));
            if (!attributes.TryGetValue(reader.GetString(0), out var attribute))
                continue;
            var lastAt = reader.GetFieldValue<DateTimeOffset>(1);
            attribute.LastAt = lastAt > attribute.LastAt ? lastAt : attribute.LastAt;
            attribute.HasTooMany |= reader.GetBoolean(3);
            foreach (var (value, at) in JsonSerializer.Deserialize<Dictionary<string, DateTimeOffset>>(reader.GetString(2))!)
                attribute.Add(value, at);
        }
        // Whoever makes names up does not fill the database.
        foreach (var name in attributes.Keys.Where(name => !known.Contains(name)).Skip(Math.Max(0, MaximumAttributes - known.Count)).ToList())
            attributes.Remove(name);
    }

    private static async Task WriteAsync(NpgsqlConnection connection, Guid project, Dictionary<string, Attribute> attributes, CancellationToken cancellationToken)
    {
        var rows = attributes.OrderBy(static pair => pair.Key, StringComparer.Ordinal).ToList();
        using var command = new NpgsqlCommand(
            """
            INSERT INTO observed_attributes (project_id, name, type, last_at, seen, has_too_many)
            SELECT p.id, a.name, a.type, a.last_at, a.seen, a.has_too_many
            FROM unnest($2, $3, $4, $5, $6) a(name, type, last_at, seen, has_too_many) JOIN projects p ON p.id = $1
            ON CONFLICT (project_id, name) DO UPDATE SET type = excluded.type, last_at = excluded.last_at, seen = excluded.seen, has_too_many = excluded.has_too_many
            """, connection);
        Add(command, NpgsqlDbType.Uuid, project);
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Key).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Text, rows.ConvertAll(static row => row.Value.Type).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => row.Value.LastAt.UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Jsonb, rows.ConvertAll(static row => row.Value.Json()).ToArray());
        Add(command, NpgsqlDbType.Array | NpgsqlDbType.Boolean, rows.ConvertAll(static row => row.Value.HasTooMany).ToArray());
        await command.ExecuteNonQueryAsync(cancellationToken).ConfigureAwait(false);
    }

    private static (string Name, string Type, List<string> Values)? Read(byte[] payload)
    {
        try
        {
            using var document = JsonDocument.Parse(payload);
            var body = document.RootElement;
            if (Text(body.GetProperty("name")) is not { } name || Text(body.GetProperty("type")) is not { } type || !Types.Contains(type, StringComparer.Ordinal))
                return null;
            return (name, type, [.. body.GetProperty("values").EnumerateArray().Select(Text).OfType<string>()]);
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or KeyNotFoundException)
        {
            return null;
        }
    }

    // U+0000 is a character to JSON and none to PostgreSQL.
    private static string? Text(JsonElement value) => value.GetString() is { Length: > 0 and <= MaximumLength } text && !text.Contains('\0') ? text : null;

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = type });

    private sealed class Attribute
    {
        private readonly Dictionary<string, DateTimeOffset> _values = new(StringComparer.Ordinal);

        public string Type { get; set; } = "";

        public DateTimeOffset LastAt { get; set; }

        public bool HasTooMany { get; set; }

        public void Add(string value, DateTimeOffset at)
        {
            if (at > _values.GetValueOrDefault(value))
                _values[value] = at;
            HasTooMany |= _values.Count > MaximumValues;
        }

        public string Json() => HasTooMany ? "{}" : JsonSerializer.Serialize(_values);
    }
}
