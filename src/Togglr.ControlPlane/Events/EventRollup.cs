using Npgsql;
using NpgsqlTypes;
using System.Text;
using Togglr.Messaging.Events;

namespace Togglr.ControlPlane.Events;

/// <summary>Counts the events of one batch by minute and hour, kind, name and detail.</summary>
/// <param name="names">The names that were seen lately.</param>
internal sealed class EventRollup(KnownNames names)
{
    private const long Minute = 60_000_000;
    private const long Hour = 3_600_000_000;

    private readonly Dictionary<(Guid Environment, long Minute, NameSlot Slot), (long Count, double Total)> _minutes = [];

    /// <summary>Counts an event.</summary>
    /// <param name="environment">Where.</param>
    /// <param name="at">When, in microseconds since 2000.</param>
    /// <param name="kind">Its kind.</param>
    /// <param name="name">Its name, UTF-8.</param>
    /// <param name="detail">What distinguishes it from others of the name, UTF-8.</param>
    /// <param name="count">How many there were.</param>
    /// <param name="value">Its value, where it has one.</param>
    public void Add(Guid environment, long at, string kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> detail, long count = 1, double value = 0)
    {
        var key = (environment, at - Modulo(at, Minute), names.Find(environment, kind, name, detail));
        var known = _minutes.GetValueOrDefault(key);
        // A sum that leaves the range of numbers stays at its end.
        _minutes[key] = (known.Count + count, Math.Clamp(known.Total + value, double.MinValue, double.MaxValue));
    }

    /// <summary>Adds the counts to the tables.</summary>
    public async Task WriteAsync(NpgsqlConnection connection, CancellationToken cancel)
    {
        if (_minutes.Count == 0)
            return;
        await WriteAsync(connection, "event_minutes", _minutes.Select(static pair => (pair.Key.Environment, pair.Key.Minute, pair.Key.Slot, pair.Value.Count, pair.Value.Total)), cancel);
        var hours = _minutes.GroupBy(static pair => (pair.Key.Environment, Hour: pair.Key.Minute - Modulo(pair.Key.Minute, Hour), pair.Key.Slot))
            .Select(static group => (group.Key.Environment, group.Key.Hour, group.Key.Slot, group.Sum(static pair => pair.Value.Count), group.Sum(static pair => pair.Value.Total)));
        await WriteAsync(connection, "event_hours", hours, cancel);
    }

    private static async Task WriteAsync(
        NpgsqlConnection connection, string table, IEnumerable<(Guid Environment, long At, NameSlot Slot, long Count, double Total)> sums, CancellationToken cancel)
    {
        // In one order everywhere, so that nobody waits for somebody who waits for them.
        var rows = sums.OrderBy(static row => row.Environment).ThenBy(static row => row.At).ThenBy(static row => row.Slot.Kind, StringComparer.Ordinal)
            .ThenBy(static row => row.Slot.Name, StringComparer.Ordinal).ThenBy(static row => row.Slot.Detail, StringComparer.Ordinal).ToList();
        await using var command = new NpgsqlCommand(
            $"""
            INSERT INTO {table} AS t (environment_id, at, kind, name, detail, count, total) SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (environment_id, at, kind, name, detail) DO UPDATE SET
                count = least(9007199254740991, t.count + excluded.count),
                total = CASE WHEN abs(t.total / 2 + excluded.total / 2) < 8e307 THEN t.total + excluded.total ELSE t.total END
            """, connection);
        Add(command, NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.Environment).ToArray());
        Add(command, NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => EventBatch.Time(row.At).UtcDateTime).ToArray());
        Add(command, NpgsqlDbType.Text, rows.ConvertAll(static row => row.Slot.Kind).ToArray());
        Add(command, NpgsqlDbType.Text, rows.ConvertAll(static row => row.Slot.Name).ToArray());
        Add(command, NpgsqlDbType.Text, rows.ConvertAll(static row => row.Slot.Detail).ToArray());
        Add(command, NpgsqlDbType.Bigint, rows.ConvertAll(static row => row.Count).ToArray());
        Add(command, NpgsqlDbType.Double, rows.ConvertAll(static row => double.IsFinite(row.Total) ? row.Total : 0).ToArray());
        await command.ExecuteNonQueryAsync(cancel);
    }

    private static void Add(NpgsqlCommand command, NpgsqlDbType type, object value) => command.Parameters.Add(new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Array | type });

    private static long Modulo(long value, long divisor) => (value % divisor + divisor) % divisor;
}

/// <summary>What counts are kept by.</summary>
/// <param name="Kind">The kind of event.</param>
/// <param name="Name">Its name; <c>*</c> where there are too many.</param>
/// <param name="Detail">What distinguishes it; <c>*</c> where there are too many.</param>
internal sealed record NameSlot(string Kind, string Name, string Detail);

/// <summary>The names of events that were seen: as texts that are made once, and only so many for each environment, so that nobody makes any number of rows by inventing names.</summary>
internal sealed class KnownNames
{
    /// <summary>The most names of an environment.</summary>
    public const int Most = 2_000;

    private const int MostEnvironments = 10_000;

    private readonly Dictionary<Guid, Dictionary<int, List<(byte[] Name, byte[] Detail, NameSlot Slot)>>> _environments = [];
    private readonly Dictionary<Guid, int> _counts = [];

    /// <summary>The slot of a name.</summary>
    public NameSlot Find(Guid environment, string kind, ReadOnlySpan<byte> name, ReadOnlySpan<byte> detail)
    {
        if (!_environments.TryGetValue(environment, out var known))
        {
            if (_environments.Count >= MostEnvironments)
                Clear();
            _environments.Add(environment, known = []);
        }
        var hash = default(HashCode);
        hash.Add(kind, StringComparer.Ordinal);
        hash.AddBytes(name);
        hash.Add(0);
        hash.AddBytes(detail);
        var code = hash.ToHashCode();
        if (known.TryGetValue(code, out var same))
        {
            foreach (var (knownName, knownDetail, slot) in same)
            {
                if (slot.Kind == kind && name.SequenceEqual(knownName) && detail.SequenceEqual(knownDetail))
                    return slot;
            }
        }
        if (_counts.GetValueOrDefault(environment) >= Most)
            return new NameSlot(kind, "*", "*");
        _counts[environment] = _counts.GetValueOrDefault(environment) + 1;
        var added = new NameSlot(kind, Encoding.UTF8.GetString(name), Encoding.UTF8.GetString(detail));
        if (same is null)
            known.Add(code, same = []);
        same.Add((name.ToArray(), detail.ToArray(), added));
        return added;
    }

    /// <summary>Forgets everything, so that names that are not used any more make room.</summary>
    public void Clear()
    {
        _environments.Clear();
        _counts.Clear();
    }
}
