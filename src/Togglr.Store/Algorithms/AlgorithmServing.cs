using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>An algorithm as far as it is served.</summary>
/// <param name="FlagKey">The flag's key.</param>
/// <param name="Kind">Which algorithm.</param>
/// <param name="RuleId">The rule whose serve it replaces; null for the default.</param>
/// <param name="Context">What it tells apart.</param>
/// <param name="Holdout">How many of 10,000 get equal shares.</param>
/// <param name="BucketBy">The attribute whose values are assigned.</param>
/// <param name="Number">The version of the weights.</param>
/// <param name="Table">The weights.</param>
internal sealed record ServedAlgorithm(string FlagKey, AlgorithmKind Kind, string? RuleId, IReadOnlyList<AlgorithmContext> Context, int Holdout, string? BucketBy, long Number, WeightTable Table)
{
    /// <summary>What stands before the number of a rule that an algorithm adds.</summary>
    internal const string RulePrefix = "algorithm:";
}

/// <summary>
/// Writes an algorithm into the rules and the default of a snapshot: where it decides, ordinary rollouts with its weights are served, so whoever reads snapshots serves it without knowing any. The held out come
/// first, then each context that is told apart, then everybody else.
/// </summary>
internal static class AlgorithmServing
{
    private static readonly JsonWriterOptions Options = new() { MaxDepth = 1000, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    internal static (string Rules, string Default) Apply(string rules, string served, ServedAlgorithm algorithm)
    {
        if (algorithm.RuleId is null)
            return (Text(writer => WriteRules(writer, rules, algorithm)), Text(writer => WriteRollout(writer, algorithm, Rest(algorithm))));
        return (Text(writer => WriteRules(writer, rules, algorithm)), served);
    }

    private static string Rest(ServedAlgorithm algorithm) => AlgorithmCells.All(algorithm.Context)[^1];

    private static void WriteRules(Utf8JsonWriter writer, string rules, ServedAlgorithm algorithm)
    {
        writer.WriteStartArray();
        foreach (var rule in JsonColumn.Parse(rules).EnumerateArray())
        {
            if (algorithm.RuleId is not { } id || !rule.TryGetProperty("id", out var own) || own.GetString() != id)
            {
                writer.WriteRawValue(rule.GetRawText(), skipInputValidation: true);
                continue;
            }

            var condition = rule.GetProperty("if").GetRawText();
            WriteParts(writer, algorithm, condition, id);
            writer.WriteStartObject();
            foreach (var member in rule.EnumerateObject())
            {
                writer.WritePropertyName(member.Name);
                if (member.NameEquals("then"))
                    WriteRollout(writer, algorithm, Rest(algorithm));
                else
                    writer.WriteRawValue(member.Value.GetRawText(), skipInputValidation: true);
            }

            writer.WriteEndObject();
        }

        if (algorithm.RuleId is null)
            WriteParts(writer, algorithm, null, "default");
        writer.WriteEndArray();
    }

    /// <summary>Everybody but those whom the place itself serves.</summary>
    private static void WriteParts(Utf8JsonWriter writer, ServedAlgorithm algorithm, string? condition, string place)
    {
        if (algorithm.Holdout > 0)
        {
            WriteRule(writer, $"{ServedAlgorithm.RulePrefix}{place}:holdout", condition, () => WriteHoldout(writer, algorithm), () => WriteRollout(writer, algorithm, null));
        }

        foreach (var cell in AlgorithmCells.All(algorithm.Context).SkipLast(1))
            WriteRule(writer, $"{ServedAlgorithm.RulePrefix}{place}:{cell}", condition, () => WriteCell(writer, algorithm.Context, AlgorithmCells.Parse(cell)), () => WriteRollout(writer, algorithm, cell));
    }

    private static void WriteRule(Utf8JsonWriter writer, string id, string? condition, Action part, Action serve)
    {
        writer.WriteStartObject();
        writer.WriteString("id", id);
        writer.WriteStartObject("if");
        writer.WriteStartArray("and");
        if (condition is not null)
            writer.WriteRawValue(condition, skipInputValidation: true);
        part();
        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WritePropertyName("then");
        serve();
        writer.WriteEndObject();
    }

    private static void WriteHoldout(Utf8JsonWriter writer, ServedAlgorithm algorithm)
    {
        writer.WriteStartObject();
        writer.WriteNumber("percentage", algorithm.Holdout / 100m);
        if (algorithm.BucketBy is { } unit)
            writer.WriteString("bucketBy", unit);
        // Apart from the buckets of the rollouts, lest those who are held out are all served the first arm.
        writer.WriteString("seed", $"algorithm-holdout:{algorithm.FlagKey}:");
        writer.WriteEndObject();
    }

    private static void WriteCell(Utf8JsonWriter writer, IReadOnlyList<AlgorithmContext> context, int[] values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            writer.WriteStartObject();
            if (values[i] == 0)
                writer.WriteStartObject("not");
            writer.WriteString("attribute", context[i].Attribute);
            writer.WriteString("operator", "in");
            writer.WriteStartArray("value");
            foreach (var value in values[i] == 0 ? context[i].Values : [context[i].Values[values[i] - 1]])
                writer.WriteStringValue(value);
            writer.WriteEndArray();
            if (values[i] == 0)
                writer.WriteEndObject();
            writer.WriteEndObject();
        }
    }

    /// <summary>The rollout of a cell; of the held out where that is null.</summary>
    private static void WriteRollout(Utf8JsonWriter writer, ServedAlgorithm algorithm, string? cell)
    {
        var weights = cell is null ? WeightTable.Rounded([.. algorithm.Table.Arms.Select(_ => 1.0)]) : algorithm.Table.Cells[cell];
        writer.WriteStartObject();
        writer.WriteStartObject("rollout");
        writer.WriteStartArray("variations");
        for (var i = 0; i < weights.Length; i++)
        {
            writer.WriteStartObject();
            writer.WriteString("key", algorithm.Table.Arms[i]);
            writer.WriteNumber("weight", weights[i]);
            writer.WriteEndObject();
        }

        writer.WriteEndArray();
        if (algorithm.BucketBy is { } unit)
            writer.WriteString("bucketBy", unit);
        writer.WriteString("algorithm", JsonNamingPolicy.CamelCase.ConvertName(algorithm.Kind.ToString()));
        writer.WriteNumber("weightsVersion", cell is null ? 0 : algorithm.Number);
        if (algorithm.Context.Count > 0)
        {
            writer.WriteStartArray("context");
            foreach (var part in algorithm.Context)
                writer.WriteStringValue(part.Attribute);
            writer.WriteEndArray();
        }

        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static string Text(Action<Utf8JsonWriter> write)
    {
        using var stream = new MemoryStream();
        using (var writer = new Utf8JsonWriter(stream, Options))
            write(writer);
        return Encoding.UTF8.GetString(stream.GetBuffer().AsSpan(0, (int)stream.Length));
    }
}
