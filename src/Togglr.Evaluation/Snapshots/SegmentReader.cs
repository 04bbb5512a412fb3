using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles one segment. The segments that it names are linked when all have been read.</summary>
internal static class SegmentReader
{
    public static Segment Read(string key, JsonValue value, string salt, AttributeTable.Builder attributes, Diagnostics diagnostics)
    {
        if (value.Kind != JsonKind.Object)
            return new Segment(key, value.Raw) { Problem = "A segment must be an object." };
        diagnostics.CheckMembers(value, "key", "included", "excluded", "if");
        if (diagnostics.Optional(value, "key"u8, JsonKind.Text).TryGetText(out var innerKey) && innerKey != key)
            diagnostics.Error(value["key"u8], "key_mismatch", $"The inner key '{innerKey}' differs from '{key}'.");
        var scope = new CompileScope(salt, attributes, diagnostics, key);
        var condition = diagnostics.Optional(value, "if"u8, JsonKind.Object);
        return new Segment(key, value.Raw)
        {
            Included = ReadKeys(value, "included"u8, diagnostics),
            Excluded = ReadKeys(value, "excluded"u8, diagnostics),
            Condition = condition.IsPresent ? ConditionReader.Read(condition, scope) : null,
            References = scope.SegmentReferences,
            Problem = diagnostics.FirstError,
        };
    }

    private static KeyIndex ReadKeys(JsonValue value, ReadOnlySpan<byte> name, Diagnostics diagnostics)
    {
        var list = diagnostics.Optional(value, name, JsonKind.Array);
        if (!list.IsPresent)
            return KeyIndex.Empty;
        var keys = new KeyIndex.Builder();
        foreach (var item in list.Items)
        {
            if (item.Kind == JsonKind.Text)
                keys.Add(item.Utf8Text());
            else
                diagnostics.Error(item, "wrong_type", "A list of keys must hold texts only.");
        }
        return keys.Build();
    }
}
