using System.Buffers;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Togglr.Benchmarks;

/// <summary>Snapshots like the ones of large projects.</summary>
internal static class SampleSnapshots
{
    public const int Flags = 5000;
    public const int Segments = 500;

    /// <summary>5,000 flags, a third static, a third with three rules of two clauses, a third rollouts, and 500 segments of 100 keys and a condition.</summary>
    public static byte[] Large()
    {
        var buffer = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(buffer);
        json.WriteStartObject();
        json.WriteString("salt", "5b0c7d9e21f04b6f8d");
        json.WriteNumber("revision", 1);
        json.WriteStartObject("flags");
        for (var i = 0; i < Flags; i++)
        {
            json.WritePropertyName(Key(i));
            json.WriteRawValue(Flag(i));
        }
        json.WriteEndObject();
        json.WriteStartObject("segments");
        for (var i = 0; i < Segments; i++)
        {
            var keys = string.Join(',', Enumerable.Range(0, 100).Select(k => $"\"user-{(i * 1000) + k}\""));
            json.WritePropertyName($"segment-{i}");
            json.WriteRawValue($$$"""{"key":"segment-{{{i}}}","included":[{{{keys}}}],"if":{"and":[{"attribute":"plan","operator":"in","value":["pro","team"]},{"attribute":"age","operator":"gte","value":{{{i % 80}}} }]}}""");
        }
        json.WriteEndObject();
        json.WriteEndObject();
        json.Flush();
        return buffer.WrittenSpan.ToArray();
    }

    /// <summary>One flag that asks for one segment of a million keys.</summary>
    public static byte[] MillionKeys()
    {
        var text = new StringBuilder("""{"salt":"s","flags":{"f":{"key":"f","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","rules":[{"id":"r","if":{"segment":"m"},"then":{"variant":"on"}}],"default":{"variant":"off"}}},"segments":{"m":{"key":"m","included":[""");
        for (var i = 0; i < 1_000_000; i++)
            text.Append(i == 0 ? "" : ",").Append("\"user-").Append(i.ToString("D7", CultureInfo.InvariantCulture)).Append('"');
        return Encoding.UTF8.GetBytes(text.Append("]}}}").ToString());
    }

    public static string Key(int i) => (i % 3) switch
    {
        0 => $"static-flag-{i}",
        1 => $"rules-flag-{i}",
        _ => $"rollout-flag-{i}",
    };

    private static string Flag(int i) => $$$"""{"key":"{{{Key(i)}}}","type":"boolean","version":1,"enabled":true,"killed":false,"variants":{"on":true,"off":false},"offVariant":"off","prerequisites":[],"targets":[],"rules":[{{{(i % 3 == 1 ? Rules(i) : "")}}}],"default":{{{(i % 3 == 2 ? """{"rollout":{"variations":[{"key":"on","weight":50},{"key":"off","weight":50}]}}""" : """{"variant":"on"}""")}}},"clientVisible":true}""";

    // Of the flag that is measured, the first two rules fail at their second clause and the third one matches.
    private static string Rules(int i)
    {
        var segment = i % 30 == 1 && i != 1 ? $$$""",{"id":"r4","if":{"segment":"segment-{{{i % Segments}}}"},"then":{"variant":"off"}}""" : "";
        return """{"id":"r1","if":{"and":[{"attribute":"country","operator":"in","value":["US","CA","GB"]},{"attribute":"age","operator":"gte","value":65}]},"then":{"variant":"off"}},{"id":"r2","if":{"and":[{"attribute":"plan","operator":"eq","value":"pro"},{"attribute":"email","operator":"ends_with","value":"@example.org"}]},"then":{"variant":"off"}},{"id":"r3","if":{"and":[{"attribute":"country","operator":"eq","value":"US"},{"attribute":"age","operator":"gt","value":18}]},"then":{"variant":"on"}}""" + segment;
    }
}
