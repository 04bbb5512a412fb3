using System.Text.Json;
using Togglr.Evaluation;
using Togglr.Hosting.Problems;
using Togglr.Messaging.Configuration;
using Togglr.Messaging.Events;

namespace Togglr.Ingest;

/// <summary>Reads the evaluation counts of one SDK instance.</summary>
internal static class CountsReader
{
    private const int RowLimit = 10_000;
    private const int SketchLimit = 500;
    private const long CountLimit = 1_000_000_000_000;

    private static readonly HashSet<string> Reasons =
        new([.. Enum.GetValues<EvaluationReason>().Select(static reason => reason.WireName())], StringComparer.Ordinal);

    /// <summary>Checks a body and makes one event of each row whose flag the key may see; rows about other flags are dropped. What was read is added to <paramref name="read"/>.</summary>
    public static (List<LogEvent>? Events, Problem? Problem) Read(
        JsonElement body, EnvironmentReplica environment, EnvironmentState state, bool clientOnly, DateTimeOffset now, List<(Flag Flag, string? Variant, long Count)> read)
    {
        if (EventReader.Text(body, "instance", 200) is not { Value.Length: > 0 } instance)
            return (null, EventReader.Invalid("invalid", "/instance", "instance is a text of 1 to 200 characters."));
        if (EventReader.Text(body, "sdk", 100) is not { } sdk)
            return (null, EventReader.Invalid("invalid", "/sdk", "sdk is a text of at most 100 characters."));
        if (!EventReader.TryTime(body, "from", now, out var from))
            return (null, EventReader.Invalid("out_of_range", "/from", "from is an RFC 3339 time, at most 24 hours old."));
        if (!EventReader.TryTime(body, "to", now, out var to) || to < from)
            return (null, EventReader.Invalid("out_of_range", "/to", "to is an RFC 3339 time, not before from and at most 5 minutes ahead."));
        if (!body.TryGetProperty("counts", out var rows) || rows.ValueKind != JsonValueKind.Array)
            return (null, EventReader.Invalid("required", "/counts", "counts is a list."));
        if (rows.GetArrayLength() > RowLimit)
            return (null, EventReader.Invalid("too_many", "/counts", $"At most {RowLimit} rows are accepted at once."));
        var report = new Report(environment.Id, instance.Value, sdk.Value, from, to);
        var events = new List<LogEvent>(rows.GetArrayLength());
        var index = -1;
        foreach (var row in rows.EnumerateArray())
        {
            index++;
            if (ReadRow(row) is not { } counted)
                return (null, EventReader.Invalid("invalid", $"/counts/{index}", "A row has a flag, a variant (or null), a reason and a whole count of at least 1."));
            if (!state.Snapshot.TryGetFlag(counted.Flag, out var flag) || (clientOnly && !flag.ClientVisible))
                continue;
            read.Add((flag, counted.Variant, counted.Count));
            events.Add(report.Event(flag.Key, writer =>
            {
                if (counted.Variant is not null)
                    writer.WriteString("variant"u8, counted.Variant);
                writer.WriteString("reason"u8, counted.Reason);
                writer.WriteNumber("count"u8, counted.Count);
            }));
        }
        var problem = ReadUsers(body, report, state, clientOnly, events) ?? ReadUnknown(body, report, state, events);
        return (problem is null ? events : null, problem);
    }

    /// <summary>Whom flags were evaluated for: <c>[{flag, sketch}]</c>.</summary>
    private static Problem? ReadUsers(JsonElement body, in Report report, EnvironmentState state, bool clientOnly, List<LogEvent> events)
    {
        if (!body.TryGetProperty("users", out var rows) || rows.ValueKind == JsonValueKind.Null)
            return null;
        if (rows.ValueKind != JsonValueKind.Array || rows.GetArrayLength() > SketchLimit)
            return EventReader.Invalid("invalid", "/users", $"users is a list of at most {SketchLimit} rows.");
        var index = -1;
        foreach (var row in rows.EnumerateArray())
        {
            index++;
            if (row.ValueKind != JsonValueKind.Object || EventReader.Text(row, "flag", 100) is not { Value: { Length: > 0 } flag }
                || !row.TryGetProperty("sketch", out var text) || text.ValueKind != JsonValueKind.String || !text.TryGetBytesFromBase64(out var bytes)
                || bytes.Length == 0 || UserSketch.FromBytes(bytes) is not { } sketch)
                return EventReader.Invalid("invalid", $"/users/{index}", "A row has a flag and a sketch of 2,048 registers in base64.");
            if (state.Snapshot.TryGetFlag(flag, out var found) && (!clientOnly || found.ClientVisible))
                events.Add(report.Event(found.Key, writer => writer.WriteBase64String("users"u8, sketch.ToBytes())));
        }
        return null;
    }

    /// <summary>Flags that were asked for and are not there: <c>[{flag, count}]</c>. What is there but hidden from the key is not told apart from what is not.</summary>
    private static Problem? ReadUnknown(JsonElement body, in Report report, EnvironmentState state, List<LogEvent> events)
    {
        if (!body.TryGetProperty("unknown", out var rows) || rows.ValueKind == JsonValueKind.Null)
            return null;
        if (rows.ValueKind != JsonValueKind.Array || rows.GetArrayLength() > UnknownFlagCounter.Most)
            return EventReader.Invalid("invalid", "/unknown", $"unknown is a list of at most {UnknownFlagCounter.Most} rows.");
        var index = -1;
        foreach (var row in rows.EnumerateArray())
        {
            index++;
            if (row.ValueKind != JsonValueKind.Object || EventReader.Text(row, "flag", 100) is not { Value: { Length: > 0 } flag }
                || !row.TryGetProperty("count", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var count) || count is < 1 or > CountLimit)
                return EventReader.Invalid("invalid", $"/unknown/{index}", "A row has a flag and a whole count of at least 1.");
            if (UnknownFlagCounter.IsName(flag) && !state.Snapshot.TryGetFlag(flag, out _))
                events.Add(report.Event(flag, writer => WriteUnknown(writer, count)));
        }
        return null;
    }

    private static void WriteUnknown(Utf8JsonWriter writer, long count)
    {
        writer.WriteBoolean("unknown"u8, true);
        writer.WriteString("reason"u8, EvaluationReason.Error.WireName());
        writer.WriteNumber("count"u8, count);
    }

    /// <summary>What all rows of a report have in common.</summary>
    private readonly record struct Report(Guid Environment, string Instance, string? Sdk, DateTimeOffset From, DateTimeOffset To)
    {
        public LogEvent Event(string flag, Action<Utf8JsonWriter> write)
        {
            var report = this;
            return new LogEvent(EventKind.Counts, Environment, flag, To, null, EventReader.Write(writer =>
            {
                writer.WriteString("instance"u8, report.Instance);
                if (report.Sdk is not null)
                    writer.WriteString("sdk"u8, report.Sdk);
                writer.WriteString("from"u8, report.From);
                write(writer);
            }));
        }
    }

    private static (string Flag, string? Variant, string Reason, long Count)? ReadRow(JsonElement row)
    {
        if (row.ValueKind != JsonValueKind.Object
            || EventReader.Text(row, "flag", 100) is not { Value: { Length: > 0 } flag }
            || EventReader.Text(row, "variant", 100) is not { } variant
            || EventReader.Text(row, "reason", 40) is not { Value: { } reason } || !Reasons.Contains(reason)
            || !row.TryGetProperty("count", out var number) || number.ValueKind != JsonValueKind.Number || !number.TryGetInt64(out var count) || count is < 1 or > CountLimit)
            return null;
        return (flag, variant.Value, reason, count);
    }
}
