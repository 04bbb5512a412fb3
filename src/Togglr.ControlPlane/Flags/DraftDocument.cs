using System.Buffers;
using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.Flags;

/// <summary>A flag as it would stand in the snapshot if a draft were saved, see <c>spec/evaluation.md</c>.</summary>
internal static class DraftDocument
{
    /// <summary>The document alone.</summary>
    public static ReadOnlyMemory<byte> Write(Flag flag, FlagConfiguration draft, bool enabled, bool killed = false) => Write(writer => Write(writer, flag, draft, enabled, killed));

    /// <summary>A condition alone; empty for none.</summary>
    public static ReadOnlyMemory<byte> Write(JsonElement? condition) => condition is { } present ? Write(present.WriteTo) : default;

    /// <summary>A patch that puts the document in the place of the flag in a snapshot.</summary>
    public static ReadOnlyMemory<byte> WritePatch(Flag flag, FlagConfiguration draft, bool enabled, long revision, bool killed = false) => Write(writer =>
    {
        writer.WriteStartObject();
        writer.WriteNumber("from", revision);
        writer.WriteNumber("revision", revision);
        writer.WriteStartObject("flags");
        writer.WritePropertyName(flag.Key);
        Write(writer, flag, draft, enabled, killed);
        writer.WriteEndObject();
        writer.WriteEndObject();
    });

    private static ReadOnlyMemory<byte> Write(Action<Utf8JsonWriter> write)
    {
        var output = new ArrayBufferWriter<byte>(1024);
        using var writer = new Utf8JsonWriter(output, new JsonWriterOptions { MaxDepth = 1000, SkipValidation = true });
        write(writer);
        writer.Flush();
        return output.WrittenMemory;
    }

    private static void Write(Utf8JsonWriter writer, Flag flag, FlagConfiguration draft, bool enabled, bool killed = false)
    {
        writer.WriteStartObject();
        writer.WriteString("key", flag.Key);
        writer.WriteString("type", flag.Type.ToString().ToLowerInvariant());
        writer.WriteBoolean("enabled", enabled);
        writer.WriteBoolean("killed", killed);
        writer.WriteBoolean("clientVisible", flag.ClientVisible);
        writer.WriteStartObject("variants");
        foreach (var variant in flag.Variants)
        {
            writer.WritePropertyName(variant.Key);
            variant.Value.WriteTo(writer);
        }
        writer.WriteEndObject();
        if ((draft.OffVariant ?? flag.OffVariant) is { } off)
            writer.WriteString("offVariant", off);
        foreach (var (name, value) in new[] { ("prerequisites", draft.Prerequisites), ("targets", draft.Targets), ("rules", draft.Rules), ("default", draft.Default) })
        {
            writer.WritePropertyName(name);
            value.WriteTo(writer);
        }
        writer.WriteEndObject();
    }
}
