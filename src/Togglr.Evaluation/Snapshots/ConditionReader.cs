using System.Text;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles conditions. A condition that is malformed is reported and stands as one that never holds.</summary>
internal static class ConditionReader
{
    /// <summary>How deep conditions may nest, the innermost one included.</summary>
    public const int MaxDepth = 32;

    public static Condition Read(JsonValue value, CompileScope scope, int depth = 1) => scope.Diagnostics.Placed(Compile(value, scope, depth), value);

    private static Condition Compile(JsonValue value, CompileScope scope, int depth)
    {
        var diagnostics = scope.Diagnostics;
        if (value.Kind != JsonKind.Object)
        {
            diagnostics.Error(value, "wrong_type", "A condition must be an object.");
            return new Never();
        }
        if (depth > MaxDepth)
        {
            diagnostics.Error(value, "too_deep", $"Conditions nest deeper than {MaxDepth}.");
            return new Never();
        }
        JsonValue kind = default;
        var kinds = 0;
        foreach (var (name, member) in value.Members)
        {
            if (member.IsPresent && IsKind(name))
            {
                kind = name;
                kinds++;
            }
        }
        if (kinds != 1)
        {
            var problem = kinds == 0 ? "A condition needs one of 'and', 'or', 'not', 'segment', 'percentage' and 'attribute'." : "A condition has more than one kind.";
            diagnostics.Error(value, kinds == 0 ? "unknown_condition" : "ambiguous_condition", problem);
            return new Never();
        }
        switch (kind.Text())
        {
            case "and":
                diagnostics.CheckMembers(value, "and");
                return new AllOf(Parts(value, "and"u8, scope, depth));
            case "or":
                diagnostics.CheckMembers(value, "or");
                return new AnyOf(Parts(value, "or"u8, scope, depth));
            case "not":
                diagnostics.CheckMembers(value, "not");
                return new Not(Read(value["not"u8], scope, depth + 1));
            case "segment":
                return ReadSegment(value, scope);
            case "percentage":
                return ReadPercentage(value, scope);
            default:
                return (Condition?)ClauseReader.Read(value, scope) ?? new Never();
        }
    }

    /// <summary>A percentage times 100, or null where it is outside 0 to 100 or has more than two decimals.</summary>
    public static int? Hundredths(JsonValue percentage)
    {
        if (!percentage.TryGetNumber(out var number) || number is < 0 or > 100)
            return null;
        var hundredths = Math.Round(number * 100);
        return hundredths / 100 == number ? (int)hundredths : null;
    }

    private static bool IsKind(JsonValue name) => name.TextEquals("and"u8) || name.TextEquals("or"u8) || name.TextEquals("not"u8)
        || name.TextEquals("segment"u8) || name.TextEquals("percentage"u8) || name.TextEquals("attribute"u8);

    private static Condition[] Parts(JsonValue value, ReadOnlySpan<byte> name, CompileScope scope, int depth)
    {
        var parts = new List<Condition>();
        foreach (var part in scope.Diagnostics.Optional(value, name, JsonKind.Array).Items)
            parts.Add(Read(part, scope, depth + 1));
        return [.. parts];
    }

    private static Condition ReadSegment(JsonValue value, CompileScope scope)
    {
        scope.Diagnostics.CheckMembers(value, "segment");
        if (!scope.Diagnostics.Optional(value, "segment"u8, JsonKind.Text).TryGetText(out var key))
            return new Never();
        var reference = new InSegment(key);
        scope.SegmentReferences.Add(reference);
        return reference;
    }

    private static Condition ReadPercentage(JsonValue value, CompileScope scope)
    {
        var diagnostics = scope.Diagnostics;
        diagnostics.CheckMembers(value, "percentage", "bucketBy", "seed");
        var limit = Hundredths(value["percentage"u8]);
        if (limit is null)
            diagnostics.Error(value["percentage"u8], "invalid_percentage", "A percentage is a number from 0 to 100 with at most two decimals.");
        var seed = diagnostics.OptionalText(value, "seed"u8) ?? $"percentage:{scope.OwnerKey}:";
        var bucketBy = diagnostics.OptionalText(value, "bucketBy"u8);
        return limit is null ? new Never() : new Percentage(limit.Value, scope.Seed(seed), seed, bucketBy is null ? null : scope.Attribute(bucketBy));
    }
}
