using System.Text.Json.Nodes;
using Microsoft.OpenApi;

namespace Togglr.ControlPlane.Api;

/// <summary>The schemas of conditions and serves, which travel as free JSON and are judged by Togglr.Evaluation.</summary>
internal static class TargetingSchemas
{
    private static readonly string[] Operators =
    [
        "eq", "neq", "in", "not_in", "gt", "gte", "lt", "lte", "contains", "starts_with", "ends_with", "not_contains", "not_starts_with", "not_ends_with",
        "matches", "not_matches", "exists", "not_exists", "before", "after", "semver_eq", "semver_gt", "semver_gte", "semver_lt", "semver_lte", "ip_in", "not_ip_in",
    ];

    public static IEnumerable<(string Name, IOpenApiSchema Schema)> Create(OpenApiDocument document)
    {
        var condition = new OpenApiSchemaReference("Condition", document);
        var conditions = new OpenApiSchema { Type = JsonSchemaType.Array, Items = condition };
        var text = new OpenApiSchema { Type = JsonSchemaType.String };
        yield return ("Operator", new OpenApiSchema { Type = JsonSchemaType.String, Enum = [.. Operators.Select(name => (JsonNode)JsonValue.Create(name))] });
        yield return ("AndCondition", Object("True when all are true.", ("and", conditions, true)));
        yield return ("OrCondition", Object("True when one is true.", ("or", conditions, true)));
        yield return ("NotCondition", Object("True when the other is false.", ("not", condition, true)));
        yield return ("SegmentCondition", Object("True for members of a segment.", ("segment", text, true)));
        yield return ("PercentageCondition", Object(
            "True for a share of the units, 0 to 100 with at most two decimals.",
            ("percentage", new OpenApiSchema { Type = JsonSchemaType.Number, Minimum = "0", Maximum = "100" }, true), ("bucketBy", text, false), ("seed", text, false)));
        yield return ("AttributeCondition", Object(
            "Compares an attribute of the context.",
            ("attribute", text, true), ("operator", new OpenApiSchemaReference("Operator", document), true), ("value", new OpenApiSchema(), false),
            ("ignoreCase", new OpenApiSchema { Type = JsonSchemaType.Boolean }, false)));
        yield return ("Condition", Union(document, "A condition; they nest at most 32 deep.",
            "AndCondition", "OrCondition", "NotCondition", "SegmentCondition", "PercentageCondition", "AttributeCondition"));

        yield return ("Variation", Object(
            "A share of a rollout.",
            ("key", text, true), ("weight", new OpenApiSchema { Type = JsonSchemaType.Integer, Minimum = "0", Maximum = "1000000" }, true)));
        var variations = new OpenApiSchema { Type = JsonSchemaType.Array, Items = new OpenApiSchemaReference("Variation", document) };
        yield return ("Rollout", Object(
            "Variants by weight.", ("variations", variations, true), ("bucketBy", text, false), ("seed", text, false)));
        yield return ("EvaluationContext", new OpenApiSchema { Type = JsonSchemaType.Object, Description = "targetingKey and any attributes.", Properties = new Dictionary<string, IOpenApiSchema>(StringComparer.Ordinal) { ["targetingKey"] = text }, AdditionalProperties = new OpenApiSchema() });
        yield return ("VariantServe", Object("Serves one variant.", ("variant", text, true)));
        yield return ("RolloutServe", Object("Serves variants by weight.", ("rollout", new OpenApiSchemaReference("Rollout", document), true)));
        yield return ("ExperimentServe", Object("Serves what an experiment assigns.", ("experiment", text, true)));
        yield return ("OffServe", Object("Serves the off variant.", ("off", new OpenApiSchema { Type = JsonSchemaType.Boolean, Enum = [JsonValue.Create(true)] }, true)));
        yield return ("Serve", Union(document, "What is served.", "VariantServe", "RolloutServe", "ExperimentServe", "OffServe"));
    }

    private static OpenApiSchema Object(string description, params (string Name, IOpenApiSchema Schema, bool Required)[] members) => new()
    {
        Type = JsonSchemaType.Object,
        Description = description,
        Properties = members.ToDictionary(member => member.Name, member => member.Schema, StringComparer.Ordinal),
        Required = members.Where(member => member.Required).Select(member => member.Name).ToHashSet(StringComparer.Ordinal),
        AdditionalPropertiesAllowed = false,
    };

    private static OpenApiSchema Union(OpenApiDocument document, string description, params string[] names) => new()
    {
        Description = description,
        AnyOf = [.. names.Select(name => (IOpenApiSchema)new OpenApiSchemaReference(name, document))],
    };
}
