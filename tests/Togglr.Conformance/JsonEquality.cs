using System.Text.Json;

namespace Togglr.Conformance;

/// <summary>Equality of JSON values as the vectors define it: members in any order, numbers as IEEE doubles, kinds never mix.</summary>
public static class JsonEquality
{
    public static bool AreEqual(JsonElement left, JsonElement right)
    {
        if (left.ValueKind != right.ValueKind)
            return false;
        switch (left.ValueKind)
        {
            case JsonValueKind.Number:
                return left.GetDouble() == right.GetDouble();
            case JsonValueKind.String:
                return string.Equals(left.GetString(), right.GetString(), StringComparison.Ordinal);
            case JsonValueKind.Array:
                return left.GetArrayLength() == right.GetArrayLength() && left.EnumerateArray().Zip(right.EnumerateArray()).All(pair => AreEqual(pair.First, pair.Second));
            case JsonValueKind.Object:
                var members = right.EnumerateObject().ToDictionary(member => member.Name, member => member.Value, StringComparer.Ordinal);
                var count = 0;
                foreach (var member in left.EnumerateObject())
                {
                    count++;
                    if (!members.TryGetValue(member.Name, out var other) || !AreEqual(member.Value, other))
                        return false;
                }
                return count == members.Count;
            default:
                return true;
        }
    }
}
