using System.Globalization;
using System.Text.Json.Nodes;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>Applies quick fixes as a client would.</summary>
internal static class QuickFixes
{
    public static JsonNode Apply(JsonNode document, QuickFix fix)
    {
        var result = document.DeepClone();
        foreach (var operation in fix.Operations)
        {
            switch (operation.Kind)
            {
                case FixOperationKind.Remove:
                    Take(result, operation.Path);
                    break;
                case FixOperationKind.Replace:
                    Put(result, operation.Path, JsonNode.Parse(operation.Value!), insert: false);
                    break;
                default:
                    Put(result, operation.Path, Take(result, operation.From!), insert: true);
                    break;
            }
        }
        return result;
    }

    public static JsonNode Find(JsonNode document, string pointer) =>
        Parts(pointer).Aggregate(document, (node, part) => node is JsonArray array ? array[Index(part)]! : node[part]!);

    private static JsonNode Take(JsonNode document, string pointer)
    {
        var (parent, last) = Parent(document, pointer);
        var taken = Find(document, pointer);
        if (parent is JsonArray array)
            array.RemoveAt(Index(last));
        else
            ((JsonObject)parent).Remove(last);
        return taken;
    }

    private static void Put(JsonNode document, string pointer, JsonNode? value, bool insert)
    {
        var (parent, last) = Parent(document, pointer);
        if (parent is JsonArray array && insert)
            array.Insert(Index(last), value);
        else if (parent is JsonArray list)
            list[Index(last)] = value;
        else
            parent[last] = value;
    }

    private static (JsonNode Parent, string Last) Parent(JsonNode document, string pointer)
    {
        var end = pointer.LastIndexOf('/');
        return (Find(document, pointer[..end]), Parts(pointer)[^1]);
    }

    private static string[] Parts(string pointer) => pointer.Length == 0 ? [] : [.. pointer[1..].Split('/').Select(part => part.Replace("~1", "/", StringComparison.Ordinal).Replace("~0", "~", StringComparison.Ordinal))];

    private static int Index(string part) => int.Parse(part, CultureInfo.InvariantCulture);
}
