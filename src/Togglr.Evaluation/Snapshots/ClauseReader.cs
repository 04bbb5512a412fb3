using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Patterns;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles clauses: an attribute, an operator and a value that the operator can use.</summary>
internal static class ClauseReader
{
    /// <summary>Null when the clause is malformed, which was reported.</summary>
    public static Clause? Read(JsonValue value, CompileScope scope)
    {
        var diagnostics = scope.Diagnostics;
        diagnostics.CheckMembers(value, "attribute", "operator", "value", "ignoreCase");
        var attribute = diagnostics.Optional(value, "attribute"u8, JsonKind.Text);
        var name = diagnostics.Required(value, "operator"u8, JsonKind.Text);
        var ignoreCase = diagnostics.Optional(value, "ignoreCase"u8, JsonKind.True);
        if (!attribute.TryGetText(out var attributeName) || !name.TryGetText(out var operation))
            return null;
        if (attributeName.Length == 0)
            diagnostics.StrictError(attribute, "empty_name", "The attribute has no name.");
        var operand = value["value"u8];
        var folds = ignoreCase.Kind == JsonKind.True;
        var text = new ClauseText(scope.Attribute(attributeName), operation, operand.IsPresent ? operand.Raw : default, folds);
        if (folds && !Folds(operation))
            diagnostics.StrictError(ignoreCase, "ignore_case_without_effect", $"'ignoreCase' has no effect on '{operation}'.");
        var clause = Build(text, name, operand, diagnostics, folds, out var expected);
        if (clause is null && expected is not null)
            diagnostics.Error(operand.IsPresent ? operand : value, "invalid_value", $"The value of '{operation}' must be {expected}.");
        return clause;
    }

    private static bool Folds(string operation) => operation is "eq" or "neq" or "in" or "not_in" or "contains" or "not_contains"
        or "starts_with" or "not_starts_with" or "ends_with" or "not_ends_with";

    private static Clause? Build(ClauseText text, JsonValue name, JsonValue operand, Diagnostics diagnostics, bool folds, out string? expected)
    {
        expected = null;
        switch (text.Operator)
        {
            case "eq" or "neq":
                expected = "one text, number or boolean";
                return Equality(text, [operand], folds, text.Operator == "neq");
            case "in" or "not_in":
                expected = "an array of texts, numbers and booleans";
                return operand.Kind == JsonKind.Array ? Equality(text, Items(operand), folds, text.Operator == "not_in") : null;
            case "gt" or "gte" or "lt" or "lte":
                expected = "a number";
                return TryNumber(operand, out var limit) ? new NumberClause(text, OrderingOf(text.Operator), limit) : null;
            case "contains" or "starts_with" or "ends_with" or "not_contains" or "not_starts_with" or "not_ends_with":
                expected = "a text or an array of texts";
                return Texts(text, operand, folds);
            case "matches" or "not_matches":
                return Matching(text, operand, diagnostics, out expected);
            case "exists" or "not_exists":
                return new ExistenceClause(text, text.Operator == "exists");
            case "before" or "after":
                expected = "an instant: RFC 3339, a date, or Unix milliseconds";
                return TryInstant(operand, out var instant)
                    ? new InstantClause(text, text.Operator == "before" ? Ordering.Less : Ordering.Greater, instant)
                    : null;
            case "semver_eq" or "semver_gt" or "semver_gte" or "semver_lt" or "semver_lte":
                expected = "a semantic version";
                return operand.Kind == JsonKind.Text && SemanticVersion.TryParse(operand.Utf8Text(), out _)
                    ? new VersionClause(text, OrderingOf(text.Operator["semver_".Length..]), operand.Utf8Text().ToArray())
                    : null;
            case "ip_in" or "not_ip_in":
                expected = "an address, a range, or an array of them";
                return Addresses(text, operand);
            default:
                diagnostics.Error(name, "unknown_operator", $"The operator '{text.Operator}' is not known.");
                return null;
        }
    }

    private static Ordering OrderingOf(string name) => name switch
    {
        "gt" => Ordering.Greater,
        "gte" => Ordering.Greater | Ordering.Equal,
        "lt" => Ordering.Less,
        "lte" => Ordering.Less | Ordering.Equal,
        _ => Ordering.Equal,
    };

    private static List<JsonValue> Items(JsonValue array)
    {
        var items = new List<JsonValue>();
        foreach (var item in array.Items)
            items.Add(item);
        return items;
    }

    private static EqualityClause? Equality(ClauseText text, List<JsonValue> scalars, bool folds, bool isNegative)
    {
        var builder = new EqualityClause.Builder(folds);
        foreach (var scalar in scalars)
        {
            if (scalar.Kind == JsonKind.Text)
                builder.Add(scalar.Utf8Text());
            else if (scalar.IsBoolean)
                builder.Add(scalar.Kind == JsonKind.True);
            else if (scalar.TryGetNumber(out var number))
                builder.Add(number);
            else
                return null;
        }
        return builder.Build(text, isNegative);
    }

    private static bool TryNumber(JsonValue operand, out double number)
    {
        number = 0;
        return operand.TryGetNumber(out number) || (operand.Kind == JsonKind.Text && JsonNumber.TryParse(operand.Utf8Text(), out number));
    }

    private static bool TryInstant(JsonValue operand, out long instant)
    {
        instant = 0;
        return operand.Kind == JsonKind.Text
            ? Instant.TryParse(operand.Utf8Text(), out instant)
            : operand.TryGetNumber(out var number) && Instant.TryFromNumber(number, out instant);
    }

    private static TextClause? Texts(ClauseText text, JsonValue operand, bool folds)
    {
        if (operand.Kind is not (JsonKind.Text or JsonKind.Array))
            return null;
        var parts = new List<byte[]>();
        foreach (var item in operand.Kind == JsonKind.Text ? [operand] : Items(operand))
        {
            if (item.Kind != JsonKind.Text)
                return null;
            parts.Add(folds ? AsciiCase.Fold(item.Utf8Text()) : item.Utf8Text().ToArray());
        }
        var isNegative = text.Operator.StartsWith("not_", StringComparison.Ordinal);
        var place = text.Operator[(isNegative ? 4 : 0)..] switch
        {
            "contains" => TextPlace.Anywhere,
            "starts_with" => TextPlace.Start,
            _ => TextPlace.End,
        };
        return new TextClause(text, isNegative, place, [.. parts]);
    }

    private static PatternClause? Matching(ClauseText text, JsonValue operand, Diagnostics diagnostics, out string? expected)
    {
        expected = null;
        if (!operand.TryGetText(out var source))
        {
            expected = "a pattern";
            return null;
        }
        if (!diagnostics.MayHaveOneMorePattern(operand))
            return null;
        if (Pattern.Parse(source, out var problem) is { } pattern)
            return new PatternClause(text, text.Operator == "not_matches", pattern);
        diagnostics.Error(operand, "invalid_pattern", problem!);
        return null;
    }

    private static AddressClause? Addresses(ClauseText text, JsonValue operand)
    {
        if (operand.Kind is not (JsonKind.Text or JsonKind.Array))
            return null;
        var ranges = new IpRanges.Builder();
        foreach (var item in operand.Kind == JsonKind.Text ? [operand] : Items(operand))
        {
            if (item.Kind != JsonKind.Text || !ranges.TryAdd(item.Utf8Text()))
                return null;
        }
        return new AddressClause(text, text.Operator == "not_ip_in", ranges.Build());
    }
}
