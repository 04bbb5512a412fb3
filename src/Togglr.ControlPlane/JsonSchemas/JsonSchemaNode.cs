using System.Text.Json;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.JsonSchemas;

/// <summary>One schema and the schemas in it. Keywords that are absent are null.</summary>
internal sealed class JsonSchemaNode
{
    public bool Never { get; init; }
    public IReadOnlyList<string>? Types { get; set; }
    public IReadOnlyList<JsonElement>? Enum { get; set; }
    public Dictionary<string, JsonSchemaNode>? Properties { get; set; }
    public IReadOnlyList<string>? Required { get; set; }
    public JsonSchemaNode? AdditionalProperties { get; set; }
    public JsonSchemaNode? Items { get; set; }
    public IReadOnlyList<JsonSchemaNode>? AllOf { get; set; }
    public IReadOnlyList<JsonSchemaNode>? AnyOf { get; set; }
    public IReadOnlyList<JsonSchemaNode>? OneOf { get; set; }
    public JsonSchemaNode? Not { get; set; }
    public bool UniqueItems { get; set; }
    public int? MinProperties { get; set; }
    public int? MaxProperties { get; set; }
    public int? MinItems { get; set; }
    public int? MaxItems { get; set; }
    public int? MinLength { get; set; }
    public int? MaxLength { get; set; }
    public double? Minimum { get; set; }
    public double? Maximum { get; set; }
    public double? ExclusiveMinimum { get; set; }
    public double? ExclusiveMaximum { get; set; }
    public double? MultipleOf { get; set; }
    public Func<string, bool>? Pattern { get; set; }

    public void Check(JsonElement value, string path, List<ProblemItem> faults)
    {
        if (Never)
        {
            Fault(faults, path, "no value is allowed here");
            return;
        }
        if (Types is not null && !Types.Any(type => IsOf(value, type)))
        {
            Fault(faults, path, $"must be {string.Join(" or ", Types)}");
            return;
        }
        if (Enum is not null && !Enum.Any(allowed => JsonElement.DeepEquals(allowed, value)))
            Fault(faults, path, $"must be one of {string.Join(", ", Enum.Take(10).Select(allowed => allowed.GetRawText()))}");
        switch (value.ValueKind)
        {
            case JsonValueKind.Object: CheckObject(value, path, faults); break;
            case JsonValueKind.Array: CheckArray(value, path, faults); break;
            case JsonValueKind.String: CheckString(value.GetString()!, path, faults); break;
            case JsonValueKind.Number: CheckNumber(value.GetDouble(), path, faults); break;
        }
        CheckCombined(value, path, faults);
    }

    private static bool IsOf(JsonElement value, string type) => type switch
    {
        "null" => value.ValueKind == JsonValueKind.Null,
        "boolean" => value.ValueKind is JsonValueKind.True or JsonValueKind.False,
        "string" => value.ValueKind == JsonValueKind.String,
        "array" => value.ValueKind == JsonValueKind.Array,
        "object" => value.ValueKind == JsonValueKind.Object,
        "number" => value.ValueKind == JsonValueKind.Number,
        _ => value.ValueKind == JsonValueKind.Number && double.IsInteger(value.GetDouble()),
    };

    private void CheckObject(JsonElement value, string path, List<ProblemItem> faults)
    {
        var count = 0;
        foreach (var property in value.EnumerateObject())
        {
            count++;
            var place = $"{path}/{Escape(property.Name)}";
            if (Properties is not null && Properties.TryGetValue(property.Name, out var schema))
                schema.Check(property.Value, place, faults);
            else if (AdditionalProperties is { Never: true })
                Fault(faults, place, "is not a property of the schema");
            else
                AdditionalProperties?.Check(property.Value, place, faults);
        }
        foreach (var name in Required ?? [])
        {
            if (!value.TryGetProperty(name, out _))
                Fault(faults, $"{path}/{Escape(name)}", "is required");
        }
        if (count < MinProperties)
            Fault(faults, path, $"must have at least {MinProperties} properties");
        if (count > MaxProperties)
            Fault(faults, path, $"must have at most {MaxProperties} properties");
    }

    private void CheckArray(JsonElement value, string path, List<ProblemItem> faults)
    {
        var length = value.GetArrayLength();
        if (length < MinItems)
            Fault(faults, path, $"must have at least {MinItems} items");
        if (length > MaxItems)
            Fault(faults, path, $"must have at most {MaxItems} items");
        var index = 0;
        foreach (var item in value.EnumerateArray())
        {
            Items?.Check(item, $"{path}/{index}", faults);
            if (UniqueItems && value.EnumerateArray().Take(index).Any(earlier => JsonElement.DeepEquals(earlier, item)))
                Fault(faults, $"{path}/{index}", "repeats an earlier item");
            index++;
        }
    }

    private void CheckString(string value, string path, List<ProblemItem> faults)
    {
        if (MinLength is not null || MaxLength is not null)
        {
            var length = value.EnumerateRunes().Count();
            if (length < MinLength)
                Fault(faults, path, $"must have at least {MinLength} characters");
            if (length > MaxLength)
                Fault(faults, path, $"must have at most {MaxLength} characters");
        }
        if (Pattern is not null && !Matches(Pattern, value))
            Fault(faults, path, "does not match the pattern of the schema");
    }

    private static bool Matches(Func<string, bool> pattern, string value)
    {
        try
        {
            return pattern(value);
        }
        catch (System.Text.RegularExpressions.RegexMatchTimeoutException)
        {
            return false;
        }
    }

    private void CheckNumber(double value, string path, List<ProblemItem> faults)
    {
        if (value < Minimum)
            Fault(faults, path, $"must be at least {Minimum}");
        if (value > Maximum)
            Fault(faults, path, $"must be at most {Maximum}");
        if (value <= ExclusiveMinimum)
            Fault(faults, path, $"must be greater than {ExclusiveMinimum}");
        if (value >= ExclusiveMaximum)
            Fault(faults, path, $"must be less than {ExclusiveMaximum}");
        if (MultipleOf is { } divisor && !IsMultiple(value, divisor))
            Fault(faults, path, $"must be a multiple of {divisor}");
    }

    /// <remarks>Decimal fractions such as 0.1 have no exact double, so a multiple is one within the precision of a double.</remarks>
    private static bool IsMultiple(double value, double divisor)
    {
        var quotient = value / divisor;
        return Math.Abs(quotient - Math.Round(quotient)) <= Math.Abs(quotient) * 1e-15;
    }

    private void CheckCombined(JsonElement value, string path, List<ProblemItem> faults)
    {
        foreach (var schema in AllOf ?? [])
            schema.Check(value, path, faults);
        if (AnyOf is not null && !AnyOf.Any(schema => schema.Accepts(value)))
            Fault(faults, path, "matches none of the alternatives of the schema");
        if (OneOf is not null && OneOf.Count(schema => schema.Accepts(value)) != 1)
            Fault(faults, path, "must match exactly one of the alternatives of the schema");
        if (Not is not null && Not.Accepts(value))
            Fault(faults, path, "matches what the schema excludes");
    }

    private bool Accepts(JsonElement value)
    {
        var faults = new List<ProblemItem>();
        Check(value, "", faults);
        return faults.Count == 0;
    }

    private static void Fault(List<ProblemItem> faults, string path, string message) =>
        faults.Add(new ProblemItem("schema_mismatch", path, $"{(path.Length == 0 ? "The value" : path)} {message}."));

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);
}
