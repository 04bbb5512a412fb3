using System.Text.Json;
using System.Text.RegularExpressions;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.JsonSchemas;

/// <summary>Reads schemas strictly: what is not understood is a fault, because ignoring it would promise a check that never happens.</summary>
internal sealed class JsonSchemaReader(List<ProblemItem> faults)
{
    private const int MaxPatternLength = 1000;
    private static readonly string[] TypeNames = ["null", "boolean", "string", "number", "integer", "array", "object"];

    public JsonSchemaNode? Read(JsonElement schema, string path, int depth)
    {
        if (depth > JsonSchema.MaxDepth)
            return Fault(path, $"Schemas nest at most {JsonSchema.MaxDepth} deep.");
        if (schema.ValueKind is JsonValueKind.True or JsonValueKind.False)
            return new JsonSchemaNode { Never = schema.ValueKind == JsonValueKind.False };
        if (schema.ValueKind != JsonValueKind.Object)
            return Fault(path, "A schema is an object, true or false.");
        var node = new JsonSchemaNode();
        foreach (var keyword in schema.EnumerateObject())
            ReadKeyword(node, keyword.Name, keyword.Value, $"{path}/{keyword.Name}", depth);
        return node;
    }

    private void ReadKeyword(JsonSchemaNode node, string name, JsonElement value, string path, int depth)
    {
        switch (name)
        {
            case "type": node.Types = ReadTypes(value, path); break;
            case "enum": node.Enum = value.ValueKind == JsonValueKind.Array ? [.. value.EnumerateArray()] : FaultNull<IReadOnlyList<JsonElement>>(path, "must be an array"); break;
            case "const": node.Enum = [value]; break;
            case "properties": node.Properties = ReadMap(value, path, depth); break;
            case "required": node.Required = ReadTexts(value, path); break;
            case "additionalProperties": node.AdditionalProperties = Read(value, path, depth + 1); break;
            case "items": node.Items = Read(value, path, depth + 1); break;
            case "allOf": node.AllOf = ReadList(value, path, depth); break;
            case "anyOf": node.AnyOf = ReadList(value, path, depth); break;
            case "oneOf": node.OneOf = ReadList(value, path, depth); break;
            case "not": node.Not = Read(value, path, depth + 1); break;
            case "uniqueItems": node.UniqueItems = ReadBoolean(value, path); break;
            case "minProperties": node.MinProperties = ReadCount(value, path); break;
            case "maxProperties": node.MaxProperties = ReadCount(value, path); break;
            case "minItems": node.MinItems = ReadCount(value, path); break;
            case "maxItems": node.MaxItems = ReadCount(value, path); break;
            case "minLength": node.MinLength = ReadCount(value, path); break;
            case "maxLength": node.MaxLength = ReadCount(value, path); break;
            case "minimum": node.Minimum = ReadNumber(value, path); break;
            case "maximum": node.Maximum = ReadNumber(value, path); break;
            case "exclusiveMinimum": node.ExclusiveMinimum = ReadNumber(value, path); break;
            case "exclusiveMaximum": node.ExclusiveMaximum = ReadNumber(value, path); break;
            case "multipleOf":
                node.MultipleOf = ReadNumber(value, path);
                if (node.MultipleOf <= 0)
                    Fault(path, $"{path} must be above zero.");
                break;
            case "pattern": node.Pattern = ReadPattern(value, path); break;
            case "$schema" or "$id" or "$comment" or "title" or "description" or "default" or "examples" or "format" or "deprecated": break;
            default: Fault(path, $"The keyword '{name}' is not supported."); break;
        }
    }

    private string[]? ReadTypes(JsonElement value, string path)
    {
        string[]? names = value.ValueKind == JsonValueKind.String ? [value.GetString()!] : ReadTexts(value, path);
        if (names is null || (names.Length > 0 && names.All(name => TypeNames.Contains(name, StringComparer.Ordinal))))
            return names;
        Fault(path, $"A type is one of {string.Join(", ", TypeNames)}.");
        return null;
    }

    private string[]? ReadTexts(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Array && value.EnumerateArray().All(item => item.ValueKind == JsonValueKind.String))
            return [.. value.EnumerateArray().Select(item => item.GetString()!)];
        Fault(path, $"{path} must be an array of texts.");
        return null;
    }

    private Dictionary<string, JsonSchemaNode>? ReadMap(JsonElement value, string path, int depth)
    {
        if (value.ValueKind != JsonValueKind.Object)
            return FaultNull<Dictionary<string, JsonSchemaNode>>(path, "must be an object");
        var map = new Dictionary<string, JsonSchemaNode>(StringComparer.Ordinal);
        foreach (var property in value.EnumerateObject())
        {
            if (Read(property.Value, $"{path}/{property.Name}", depth + 1) is { } schema)
                map[property.Name] = schema;
        }
        return map;
    }

    private List<JsonSchemaNode>? ReadList(JsonElement value, string path, int depth)
    {
        if (value.ValueKind != JsonValueKind.Array || value.GetArrayLength() == 0)
            return FaultNull<List<JsonSchemaNode>>(path, "must be an array of schemas");
        var list = new List<JsonSchemaNode>();
        foreach (var item in value.EnumerateArray())
        {
            if (Read(item, $"{path}/{list.Count}", depth + 1) is { } schema)
                list.Add(schema);
        }
        return list;
    }

    private bool ReadBoolean(JsonElement value, string path)
    {
        if (value.ValueKind is not (JsonValueKind.True or JsonValueKind.False))
            Fault(path, $"{path} must be true or false.");
        return value.ValueKind == JsonValueKind.True;
    }

    private int? ReadCount(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var count) && count >= 0)
            return count;
        Fault(path, $"{path} must be a whole number from zero.");
        return null;
    }

    private double? ReadNumber(JsonElement value, string path)
    {
        if (value.ValueKind == JsonValueKind.Number && double.IsFinite(value.GetDouble()))
            return value.GetDouble();
        Fault(path, $"{path} must be a number.");
        return null;
    }

    private Func<string, bool>? ReadPattern(JsonElement value, string path)
    {
        if (value.ValueKind != JsonValueKind.String || value.GetString() is not { Length: <= MaxPatternLength } text)
        {
            Fault(path, $"A pattern is a text of at most {MaxPatternLength} characters.");
            return null;
        }
        try
        {
            var pattern = new Regex(text, RegexOptions.NonBacktracking | RegexOptions.CultureInvariant, TimeSpan.FromMilliseconds(200));
            return candidate => pattern.IsMatch(candidate);
        }
        catch (Exception exception) when (exception is ArgumentException or NotSupportedException)
        {
            Fault(path, "The pattern is not a regular expression that can be matched in linear time.");
            return null;
        }
    }

    private JsonSchemaNode? Fault(string path, string message)
    {
        faults.Add(new ProblemItem("schema_invalid", path, message));
        return null;
    }

    private T? FaultNull<T>(string path, string message)
        where T : class
    {
        Fault(path, $"{path} {message}.");
        return null;
    }
}
