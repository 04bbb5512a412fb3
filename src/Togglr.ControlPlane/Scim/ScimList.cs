using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Togglr.ControlPlane.Scim;

/// <summary>What a client wants of a list (RFC 7644, 3.4.2): in the query, or in the body of a search.</summary>
/// <param name="Filter">Which resources.</param>
/// <param name="StartIndex">From which place on, 1 or more.</param>
/// <param name="Count">How many at most.</param>
/// <param name="Only">The attributes to show.</param>
/// <param name="Without">The attributes not to show.</param>
internal sealed record ScimList(ScimFilter? Filter, int StartIndex, int Count, IReadOnlyList<ScimPath>? Only, IReadOnlyList<ScimPath> Without)
{
    /// <summary>Most resources of one answer.</summary>
    public const int MostResults = 200;

    private const string ListUrn = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
    private const int UsualResults = 100;
    private const int MostAttributes = 100;

    /// <summary>Reads the query.</summary>
    public static ScimList Of(ScimRequest request, ScimSchema schema)
    {
        var query = request.Http.Request.Query;
        string? One(string name) => query.TryGetValue(name, out var values) && values.Count > 0 ? values[0] : null;
        return Of(One("filter"), Number(One("startIndex"), "startIndex"), Number(One("count"), "count"), One("attributes")?.Split(','), One("excludedAttributes")?.Split(','), schema);
    }

    /// <summary>Reads the body of a search.</summary>
    public static ScimList Of(JsonElement body, ScimSchema schema)
    {
        if (body.ValueKind != JsonValueKind.Object)
            throw ScimFaultException.Syntax("A search is an object.");
        string? Text(string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.String ? ScimDocument.TextOf(value, name) : null;
        int? Whole(string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) ? number : null;
        string[]? Names(string name) => body.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Array
            ? [.. value.EnumerateArray().Where(static item => item.ValueKind == JsonValueKind.String).Select(item => ScimDocument.TextOf(item, name))] : null;
        return Of(Text("filter"), Whole("startIndex"), Whole("count"), Names("attributes"), Names("excludedAttributes"), schema);
    }

    /// <summary>The answer with one page of resources.</summary>
    public ScimAnswer Answer(int total, IEnumerable<JsonObject> resources)
    {
        var page = new JsonArray([.. resources.Select(resource => (JsonNode)ScimDocument.Project(resource, Only, Without))]);
        return new ScimAnswer(200, new JsonObject
        {
            ["schemas"] = new JsonArray(ListUrn), ["totalResults"] = total, ["startIndex"] = StartIndex, ["itemsPerPage"] = page.Count, ["Resources"] = page,
        });
    }

    private static ScimList Of(string? filter, int? startIndex, int? count, string[]? only, string[]? without, ScimSchema schema) => new(
        string.IsNullOrWhiteSpace(filter) ? null : ScimFilter.Parse(filter, schema), Math.Max(1, startIndex ?? 1), Math.Clamp(count ?? UsualResults, 0, MostResults),
        only is null || only.All(string.IsNullOrWhiteSpace) ? null : Paths(only, schema), without is null ? [] : Paths(without, schema));

    private static ScimPath[] Paths(string[] names, ScimSchema schema) => names.Length > MostAttributes
        ? throw ScimFaultException.Value($"At most {MostAttributes} attributes are chosen.")
        : [.. names.Select(name => ScimPath.Resolve(name.Trim(), schema)).OfType<ScimPath>()];

    private static int? Number(string? text, string name) =>
        string.IsNullOrEmpty(text) ? null
            : int.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) ? number : throw ScimFaultException.Value($"{name} is a number.");
}
