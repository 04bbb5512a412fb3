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
            events.Add(new LogEvent(EventKind.Counts, environment.Id, flag.Key, to, null, EventReader.Write(writer =>
            {
                writer.WriteString("instance"u8, instance.Value);
                if (sdk.Value is not null)
                    writer.WriteString("sdk"u8, sdk.Value);
                writer.WriteString("from"u8, from);
                if (counted.Variant is not null)
                    writer.WriteString("variant"u8, counted.Variant);
                writer.WriteString("reason"u8, counted.Reason);
                writer.WriteNumber("count"u8, counted.Count);
            })));
        }
        return (events, null);
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
