using System.Buffers;
using System.Text;
using System.Text.Json;
using Togglr.Messaging.Sampling;

namespace Togglr.ControlPlane.Impact;

/// <summary>
/// A snapshot or patch in which every targeting key is written as its stand-in, as in a sample: in lists of individual targets, in the lists of segments, and where conditions compare the targeting key
/// by equality or membership. With both sides renamed alike, these come out as they do for the people themselves.
/// </summary>
internal static class StandInDocument
{
    /// <summary>Longer lists are renamed by several threads.</summary>
    private const int LongList = 5_000;

    private static readonly string[] Aliases = ["targetingKey", "user.id", "user_id", "userId", "key"];
    private static readonly string[] Equalities = ["eq", "neq", "in", "not_in"];

    /// <summary>Whether a name stands for the targeting key.</summary>
    public static bool IsKey(string? attribute) => Aliases.Contains(attribute, StringComparer.Ordinal);

    /// <summary>Whether a clause about the targeting key can be asked of a stand-in.</summary>
    public static bool IsEquality(JsonElement clause) =>
        clause.TryGetProperty("operator", out var name) && name.ValueKind == JsonValueKind.String && Equalities.Contains(name.GetString(), StringComparer.Ordinal)
        && !(clause.TryGetProperty("ignoreCase", out var folds) && folds.ValueKind == JsonValueKind.True);

    /// <summary>Rewrites a snapshot or a patch.</summary>
    public static ReadOnlyMemory<byte> Write(ReadOnlyMemory<byte> utf8Json, SamplingTerms terms)
    {
        using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = 1000 });
        var output = new ArrayBufferWriter<byte>(utf8Json.Length + 1024);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = 1000, SkipValidation = true });
        WriteMembers(writer, document.RootElement, (name, value) => name switch
        {
            "flags" => () => WriteMembers(writer, value, (_, flag) => () => WriteFlag(writer, flag, terms)),
            "segments" => () => WriteMembers(writer, value, (_, segment) => () => WriteSegment(writer, segment, terms)),
            _ => null,
        });
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void WriteFlag(Utf8JsonWriter writer, JsonElement flag, SamplingTerms terms) => WriteMembers(writer, flag, (name, value) => (name, value.ValueKind) switch
    {
        ("targets", JsonValueKind.Array) => () => WriteItems(writer, value, target => WriteMembers(writer, target, (member, keys) => member == "keys" ? () => WriteKeys(writer, keys, terms) : null)),
        ("rules", JsonValueKind.Array) => () => WriteItems(writer, value, rule => WriteMembers(writer, rule, (member, condition) => member == "if" ? () => WriteCondition(writer, condition, terms) : null)),
        _ => null,
    });

    private static void WriteSegment(Utf8JsonWriter writer, JsonElement segment, SamplingTerms terms) => WriteMembers(writer, segment, (name, value) => name switch
    {
        "included" or "excluded" => () => WriteKeys(writer, value, terms),
        "if" => () => WriteCondition(writer, value, terms),
        _ => null,
    });

    private static void WriteCondition(Utf8JsonWriter writer, JsonElement condition, SamplingTerms terms)
    {
        var isClause = condition.ValueKind == JsonValueKind.Object && condition.TryGetProperty("attribute", out var attribute) && attribute.ValueKind == JsonValueKind.String
            && IsKey(attribute.GetString()) && IsEquality(condition);
        WriteMembers(writer, condition, (name, value) => (name, value.ValueKind) switch
        {
            ("and" or "or", JsonValueKind.Array) => () => WriteItems(writer, value, part => WriteCondition(writer, part, terms)),
            ("not", JsonValueKind.Object) => () => WriteCondition(writer, value, terms),
            ("value", _) when isClause => () => WriteKeys(writer, value, terms),
            _ => null,
        });
    }

    /// <summary>A key or a list of keys.</summary>
    private static void WriteKeys(Utf8JsonWriter writer, JsonElement keys, SamplingTerms terms)
    {
        if (keys.ValueKind == JsonValueKind.String)
        {
            writer.WriteStringValue(terms.StandInOf(keys.GetString()!));
            return;
        }
        if (keys.ValueKind != JsonValueKind.Array)
        {
            keys.WriteTo(writer);
            return;
        }
        var items = keys.EnumerateArray().ToArray();
        var names = new string?[items.Length];
        if (items.Length < LongList)
        {
            for (var i = 0; i < items.Length; i++)
                names[i] = Name(items[i]);
        }
        else
        {
            Parallel.For(0, items.Length, i => names[i] = Name(items[i]));
        }
        writer.WriteStartArray();
        for (var i = 0; i < items.Length; i++)
        {
            if (names[i] is { } name)
                writer.WriteStringValue(name);
            else
                items[i].WriteTo(writer);
        }
        writer.WriteEndArray();

        string? Name(JsonElement item) => item.ValueKind == JsonValueKind.String ? terms.StandInOf(item.GetString()!) : null;
    }

    private static void WriteItems(Utf8JsonWriter writer, JsonElement list, Action<JsonElement> write)
    {
        writer.WriteStartArray();
        foreach (var item in list.EnumerateArray())
            write(item);
        writer.WriteEndArray();
    }

    /// <summary>An object with some members written otherwise; anything else as it is.</summary>
    private static void WriteMembers(Utf8JsonWriter writer, JsonElement value, Func<string, JsonElement, Action?> rewrite)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            value.WriteTo(writer);
            return;
        }
        writer.WriteStartObject();
        foreach (var member in value.EnumerateObject())
        {
            writer.WritePropertyName(member.Name);
            if (rewrite(member.Name, member.Value) is { } write)
                write();
            else
                member.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }
}
