using System.Text.Json;
using Togglr.Evaluation;

namespace Togglr.Simulation;

/// <summary>Counts what was evaluated and for how many different people, as SDKs do; a report for every hour that people came in.</summary>
internal sealed class EvaluationCounts
{
    private readonly string _instance = Guid.CreateVersion7().ToString("N");
    private readonly SortedDictionary<DateTimeOffset, Hour> _hours = [];

    /// <summary>Counts an evaluation.</summary>
    /// <param name="flag">Of which flag.</param>
    /// <param name="person">For whom.</param>
    /// <param name="at">When.</param>
    /// <param name="result">What came out.</param>
    public void Add(string flag, Person person, DateTimeOffset at, EvaluationResult result)
    {
        var start = new DateTimeOffset(at.Ticks - at.Ticks % TimeSpan.TicksPerHour, at.Offset);
        if (!_hours.TryGetValue(start, out var hour))
            _hours.Add(start, hour = new Hour { From = at, To = at });
        (hour.From, hour.To) = (at < hour.From ? at : hour.From, at > hour.To ? at : hour.To);
        var key = (flag, result.Variant?.Key, result.Reason.WireName());
        hour.Counts[key] = hour.Counts.GetValueOrDefault(key) + 1;
        if (!hour.Users.TryGetValue(flag, out var users))
            hour.Users.Add(flag, users = new UserSketch());
        users.Add(person.Context.User);
    }

    /// <summary>The reports of what was counted since the last time.</summary>
    public IReadOnlyList<byte[]> Drain()
    {
        List<byte[]> reports = [.. _hours.Values.Select(Report)];
        _hours.Clear();
        return reports;
    }

    private byte[] Report(Hour hour)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            json.WriteString("instance"u8, _instance);
            json.WriteString("sdk"u8, "togglr-simulate");
            json.WriteString("from"u8, EventWriter.Text(hour.From));
            json.WriteString("to"u8, EventWriter.Text(hour.To));
            json.WriteStartArray("counts"u8);
            foreach (var ((flag, variant, reason), count) in hour.Counts)
            {
                json.WriteStartObject();
                json.WriteString("flag"u8, flag);
                json.WriteString("variant"u8, variant);
                json.WriteString("reason"u8, reason);
                json.WriteNumber("count"u8, count);
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteStartArray("users"u8);
            foreach (var (flag, users) in hour.Users)
            {
                json.WriteStartObject();
                json.WriteString("flag"u8, flag);
                json.WriteBase64String("sketch"u8, users.ToBytes());
                json.WriteEndObject();
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private sealed class Hour
    {
        public required DateTimeOffset From { get; set; }

        public required DateTimeOffset To { get; set; }

        public Dictionary<(string Flag, string? Variant, string Reason), long> Counts { get; } = [];

        public Dictionary<string, UserSketch> Users { get; } = new(StringComparer.Ordinal);
    }
}
