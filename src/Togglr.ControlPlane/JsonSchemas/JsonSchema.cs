using System.Text.Json;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.JsonSchemas;

/// <summary>A JSON Schema of the subset in this folder's README, ready to check values.</summary>
internal sealed class JsonSchema
{
    /// <summary>How deep schemas may nest.</summary>
    public const int MaxDepth = 32;

    private readonly JsonSchemaNode _root;

    private JsonSchema(JsonSchemaNode root) => _root = root;

    /// <summary>
    /// Reads a schema. Returns null and fills <paramref name="faults"/> when it uses what is not supported or contradicts itself; their paths begin with
    /// <paramref name="path"/>.
    /// </summary>
    public static JsonSchema? Compile(JsonElement schema, string path, List<ProblemItem> faults)
    {
        var before = faults.Count;
        var root = new JsonSchemaReader(faults).Read(schema, path, 0);
        return faults.Count == before && root is not null ? new JsonSchema(root) : null;
    }

    /// <summary>Checks a value; every violation is added to <paramref name="faults"/> with its place below <paramref name="path"/>, at most 50.</summary>
    public void Validate(JsonElement value, string path, List<ProblemItem> faults)
    {
        var found = new List<ProblemItem>();
        _root.Check(value, path, found);
        faults.AddRange(found.Take(50));
    }
}
