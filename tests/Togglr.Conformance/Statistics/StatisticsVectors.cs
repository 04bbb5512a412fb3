using System.Text.Json;

namespace Togglr.Conformance.Statistics;

/// <summary>
/// Runs a directory of statistics vectors: every JSON file with a <c>vectors</c> list. A method that is not known fails, it is not skipped.
/// </summary>
public static class StatisticsVectors
{
    private static readonly JsonSerializerOptions s_json = new() { NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals };

    /// <summary>A verdict for every vector, and one for every file whose count is wrong.</summary>
    public static IEnumerable<Verdict> Run(string directory)
    {
        foreach (var file in Directory.GetFiles(directory, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file));
            if (document.RootElement.ValueKind != JsonValueKind.Object || !document.RootElement.TryGetProperty("vectors", out var vectors))
                continue;
            foreach (var vector in vectors.EnumerateArray())
                yield return new Verdict(vector.GetProperty("id").GetString()!, Check(vector));
            var count = vectors.GetArrayLength();
            if (document.RootElement.TryGetProperty("count", out var expected) && expected.GetInt32() != count)
                yield return new Verdict(Path.GetFileName(file), $"the file says {expected.GetInt32()} vectors and has {count}");
        }
    }

    /// <summary>What is wrong with one vector; null when it passes.</summary>
    public static string? Check(JsonElement vector)
    {
        var method = vector.GetProperty("method").GetString()!;
        var inputs = vector.GetProperty("inputs");
        try
        {
            if (Simulations.Knows(method))
                return Simulations.Check(vector.GetProperty("id").GetString()!, method, inputs, vector.GetProperty("expected"), SimulationSize.Small);
            return Methods.All.TryGetValue(method, out var compute)
                ? Compare(vector, JsonSerializer.SerializeToElement(compute(inputs), s_json))
                : $"the method {method} is not known";
        }
        catch (Exception exception)
        {
            return $"{method} threw {exception.GetType().Name}: {exception.Message}";
        }
    }

    private static string? Compare(JsonElement vector, JsonElement actual)
    {
        var tolerance = vector.GetProperty("tolerance");
        var problems = new List<string>();
        foreach (var field in vector.GetProperty("expected").EnumerateObject())
        {
            var own = vector.TryGetProperty("field_tolerance", out var fields) && fields.TryGetProperty(field.Name, out var found) ? found : tolerance;
            if (!actual.TryGetProperty(field.Name, out var value))
                problems.Add($"{field.Name} is missing");
            else if (Difference(field.Value, value, own.GetProperty("rel").GetDouble(), own.GetProperty("abs").GetDouble(), field.Name) is { } problem)
                problems.Add(problem);
        }
        return problems.Count == 0 ? null : string.Join("; ", problems);
    }

    private static string? Difference(JsonElement expected, JsonElement actual, double relative, double absolute, string path)
    {
        switch (expected.ValueKind)
        {
            case JsonValueKind.Number when actual.ValueKind == JsonValueKind.Number:
                var (should, value) = (expected.GetDouble(), actual.GetDouble());
                var isInteger = expected.TryGetInt64(out var whole) && actual.TryGetInt64(out var other) && whole == other;
                return isInteger || Math.Abs(value - should) <= absolute + relative * Math.Abs(should) ? null : $"{path} should be {should:R}, is {value:R}";
            case JsonValueKind.Array when actual.ValueKind == JsonValueKind.Array && actual.GetArrayLength() == expected.GetArrayLength():
                return expected.EnumerateArray().Select((item, i) => Difference(item, actual[i], relative, absolute, $"{path}[{i}]")).FirstOrDefault(problem => problem is not null);
            case JsonValueKind.Object when actual.ValueKind == JsonValueKind.Object:
                return expected.EnumerateObject()
                    .Select(member => actual.TryGetProperty(member.Name, out var found)
                        ? Difference(member.Value, found, relative, absolute, $"{path}.{member.Name}")
                        : $"{path}.{member.Name} is missing")
                    .FirstOrDefault(problem => problem is not null);
            default:
                return JsonEquality.AreEqual(expected, actual) ? null : $"{path} should be {expected.GetRawText()}, is {actual.GetRawText()}";
        }
    }
}
