using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Togglr.Conformance;

/// <summary>Runs a directory of vectors as its <c>index.json</c> lists them, and counts what was run.</summary>
public static class VectorFiles
{
    private static readonly JsonDocumentOptions s_options = new() { MaxDepth = 200 };

    /// <summary>A verdict for every vector, and one for every file whose count is wrong.</summary>
    public static IEnumerable<Verdict> Run(string directory, IVectorRunner runner)
    {
        ArgumentNullException.ThrowIfNull(runner);
        using var index = Read(Path.Combine(directory, "index.json"));
        var total = 0;
        foreach (var file in index.RootElement.GetProperty("files").EnumerateArray())
        {
            var name = file.GetProperty("file").GetString()!;
            var kind = file.GetProperty("kind").GetString()!;
            var expected = file.GetProperty("count").GetInt32();
            total += expected;
            if (!runner.Kinds.Contains(kind))
                continue;
            using var document = Read(Path.Combine(directory, name));
            var count = 0;
            foreach (var verdict in RunFile(document.RootElement, kind, runner))
            {
                count++;
                yield return verdict;
            }
            if (count != expected)
                yield return new Verdict(name, $"the index says {expected} vectors, {count} were run");
        }
        if (total != index.RootElement.GetProperty("count").GetInt32())
            yield return new Verdict("index.json", "the counts of the files do not add up to the total");
    }

    private static IEnumerable<Verdict> RunFile(JsonElement root, string kind, IVectorRunner runner) => kind switch
    {
        "evaluation" => RunCases(root, runner),
        "buckets" => Each(root, vector => Compare(
            vector.GetProperty("bucket").GetInt32(),
            runner.BucketOf(Text(vector, "salt"), Text(vector, "seed"), Text(vector, "unit")))),
        "weights" => Each(root, vector => CheckWeights(vector, runner)),
        "distribution" => Each(root, vector => CheckDistribution(vector, runner)),
        _ => [new Verdict(kind, "this kind of vectors is not known")],
    };

    private static IEnumerable<Verdict> Each(JsonElement root, Func<JsonElement, string?> check)
    {
        foreach (var vector in root.GetProperty("vectors").EnumerateArray())
            yield return new Verdict(Text(vector, "id"), Guard(() => check(vector)));
    }

    private static IEnumerable<Verdict> RunCases(JsonElement root, IVectorRunner runner)
    {
        using var evaluator = runner.Load(Encoding.UTF8.GetBytes(root.GetProperty("snapshot").GetRawText()));
        foreach (var test in root.GetProperty("cases").EnumerateArray())
        {
            var problem = Guard(() => Differences(test.GetProperty("expected"), evaluator.Evaluate(
                Text(test, "flag"),
                Encoding.UTF8.GetBytes(test.GetProperty("context").GetRawText()),
                DateTimeOffset.Parse(Text(test, "now"), CultureInfo.InvariantCulture))));
            yield return new Verdict(Text(test, "id"), problem is null ? null : $"{Text(test, "description")}: {problem}");
        }
    }

    private static string? Guard(Func<string?> check)
    {
        try
        {
            return check();
        }
        catch (Exception exception)
        {
            return $"threw {exception.GetType().Name}: {exception.Message}";
        }
    }

    private static string? Differences(JsonElement expected, Answer answer)
    {
        var differences = new List<string>();
        Check("variant", Optional(expected, "variant"), answer.Variant);
        Check("reason", Optional(expected, "reason"), answer.Reason);
        Check("errorCode", Optional(expected, "errorCode"), answer.ErrorCode);
        Check("ruleId", Optional(expected, "ruleId"), answer.RuleId);
        Check("experiment", Optional(expected, "experiment"), answer.Experiment);
        JsonElement? value = expected.TryGetProperty("value", out var found) ? found : null;
        if (value.HasValue != answer.Value.HasValue || (value is { } left && answer.Value is { } right && !JsonEquality.AreEqual(left, right)))
            differences.Add($"value should be {value?.GetRawText() ?? "absent"}, is {answer.Value?.GetRawText() ?? "absent"}");
        return differences.Count == 0 ? null : string.Join("; ", differences);

        void Check(string name, string? should, string? actual)
        {
            if (should != actual)
                differences.Add($"{name} should be {should ?? "absent"}, is {actual ?? "absent"}");
        }
    }

    private static string? CheckWeights(JsonElement vector, IVectorRunner runner)
    {
        var thresholds = runner.Thresholds(Integers(vector.GetProperty("weights")));
        if (!thresholds.AsSpan().SequenceEqual(Integers(vector.GetProperty("thresholds"))))
            return $"thresholds are {string.Join(", ", thresholds)}";
        foreach (var pick in vector.GetProperty("picks").EnumerateArray())
        {
            var bucket = pick.GetProperty("bucket").GetInt32();
            if (runner.Pick(thresholds, bucket) != pick.GetProperty("index").GetInt32())
                return $"bucket {bucket} goes to variation {runner.Pick(thresholds, bucket)}";
        }
        return null;
    }

    private static string? CheckDistribution(JsonElement vector, IVectorRunner runner)
    {
        var counts = new int[10_000];
        for (var i = vector.GetProperty("from").GetInt32(); i < vector.GetProperty("to").GetInt32(); i++)
            counts[runner.BucketOf(Text(vector, "salt"), Text(vector, "seed"), Text(vector, "unitPrefix") + i.ToString(CultureInfo.InvariantCulture))]++;
        foreach (var range in vector.GetProperty("ranges").EnumerateArray())
        {
            var from = range.GetProperty("from").GetInt32();
            var actual = counts.AsSpan(from, range.GetProperty("to").GetInt32() - from).ToArray().Sum();
            if (actual != range.GetProperty("count").GetInt32())
                return $"range {range.GetRawText()} has {actual}";
        }
        foreach (var entry in vector.GetProperty("weights").EnumerateArray())
        {
            var thresholds = runner.Thresholds(Integers(entry.GetProperty("weights")));
            var actual = new int[thresholds.Length];
            for (var bucket = 0; bucket < counts.Length; bucket++)
                actual[runner.Pick(thresholds, bucket)] += counts[bucket];
            if (!actual.AsSpan().SequenceEqual(Integers(entry.GetProperty("counts"))))
                return $"weights {entry.GetRawText()} give {string.Join(", ", actual)}";
        }
        return null;
    }

    private static string? Compare(int expected, int actual) => expected == actual ? null : $"should be {expected}, is {actual}";

    private static int[] Integers(JsonElement array) => [.. array.EnumerateArray().Select(item => item.GetInt32())];

    private static string Text(JsonElement element, string name) => element.GetProperty(name).GetString()!;

    private static string? Optional(JsonElement element, string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? value.GetString() : null;

    private static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(path), s_options);
}
