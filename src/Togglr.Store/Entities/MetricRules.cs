using System.Globalization;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>What a definition of a metric may say.</summary>
internal static class MetricRules
{
    internal const int MaximumFilters = 20;
    internal const int MaximumValues = 100;
    internal const int MaximumTextLength = 200;
    internal const int MaximumWindowHours = 24 * 365;
    private const int MaximumDays = 365;

    internal static StoreError? Fault(MetricDefinition definition) =>
        NameFault(definition.Event, "event")
        ?? (definition.Value is { } value ? NameFault(value, "value") : null)
        ?? FiltersFault(definition.Filters, "filters")
        ?? RatioFault(definition)
        ?? QuantileFault(definition)
        ?? RetentionFault(definition)
        ?? (definition is { Value: not null, Kind: MetricKind.Conversion or MetricKind.Count or MetricKind.Retention }
            ? Result.Invalid("value", "This kind of metric counts events and looks at no value.") : null)
        ?? (definition.WindowHours is < 1 or > MaximumWindowHours ? Result.Invalid("windowHours", $"A window is 1 to {MaximumWindowHours} hours.") : null)
        ?? OutlierFault(definition)
        ?? (definition.Unit.Length > 20 ? Result.Invalid("unit", "A unit has at most 20 characters.") : KeyFormat.Text(definition.Unit, "unit"));

    private static StoreError? NameFault(string name, string path) => name switch
    {
        "" => Result.Invalid(path, "A name is needed."),
        { Length: > MaximumTextLength } => Result.Invalid(path, $"A name has at most {MaximumTextLength} characters."),
        _ => KeyFormat.Text(name, path),
    };

    private static StoreError? FiltersFault(IReadOnlyList<MetricFilter> filters, string path)
    {
        if (filters.Count > MaximumFilters)
            return Result.Invalid(path, $"A metric has at most {MaximumFilters} filters.");
        for (var i = 0; i < filters.Count; i++)
        {
            var at = $"{path}/{i.ToString(CultureInfo.InvariantCulture)}";
            if ((NameFault(filters[i].Property, $"{at}/property") ?? ValueFault(filters[i], $"{at}/value")) is { } fault)
                return fault;
        }

        return null;
    }

    private static StoreError? ValueFault(MetricFilter filter, string path)
    {
        var kind = filter.Value?.ValueKind ?? JsonValueKind.Undefined;
        switch (filter.Operator)
        {
            case MetricOperator.Exists or MetricOperator.NotExists:
                return kind is JsonValueKind.Undefined or JsonValueKind.Null ? null : Result.Invalid(path, "There is nothing to compare with.");
            case MetricOperator.Gt or MetricOperator.Gte or MetricOperator.Lt or MetricOperator.Lte:
                return IsNumber(filter.Value) ? null : Result.Invalid(path, "A finite number is needed.");
            case MetricOperator.Contains:
                return kind == JsonValueKind.String && filter.Value!.Value.GetString() is { Length: > 0 } ? ScalarFault(filter.Value.Value, path) : Result.Invalid(path, "A text is needed.");
            case MetricOperator.In or MetricOperator.NotIn:
                if (kind != JsonValueKind.Array || filter.Value!.Value.GetArrayLength() is 0 or > MaximumValues)
                    return Result.Invalid(path, $"A list of 1 to {MaximumValues} values is needed.");
                foreach (var item in filter.Value.Value.EnumerateArray())
                {
                    if (ScalarFault(item, path) is { } fault)
                        return fault;
                }

                return null;
            default:
                return filter.Value is { } value ? ScalarFault(value, path) : Result.Invalid(path, "A value is needed.");
        }
    }

    private static StoreError? ScalarFault(JsonElement value, string path) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False => null,
        JsonValueKind.Number => IsNumber(value) ? null : Result.Invalid(path, "A finite number is needed."),
        JsonValueKind.String => value.GetString() is { Length: <= MaximumTextLength } text ? KeyFormat.Text(text, path) : Result.Invalid(path, $"A value has at most {MaximumTextLength} characters."),
        _ => Result.Invalid(path, "A text, a number or a boolean is needed."),
    };

    private static bool IsNumber(JsonElement? value) => value is { ValueKind: JsonValueKind.Number } number && number.TryGetDouble(out var parsed) && double.IsFinite(parsed);

    private static StoreError? RatioFault(MetricDefinition definition)
    {
        if (definition.Kind != MetricKind.Ratio)
        {
            return definition.Denominator is not null ? Result.Invalid("denominator", "Only a ratio is divided by something.")
                : definition.Numerator is not null ? Result.Invalid("numerator", "Only a ratio says how its numerator is made.") : null;
        }

        if (definition.Denominator is not { } denominator)
            return Result.Invalid("denominator", "A ratio is divided by something.");
        return NameFault(denominator.Event, "denominator/event")
            ?? (denominator.Value is { } value ? NameFault(value, "denominator/value") : null)
            ?? (denominator is { Value: not null, Aggregation: MetricAggregation.Count } ? Result.Invalid("denominator/value", "Counting looks at no value.") : null)
            ?? (definition is { Value: not null, Numerator: MetricAggregation.Count } ? Result.Invalid("value", "Counting looks at no value.") : null)
            ?? FiltersFault(denominator.Filters, "denominator/filters");
    }

    private static StoreError? QuantileFault(MetricDefinition definition) => definition switch
    {
        { Kind: not MetricKind.Quantile, Quantile: null } => null,
        { Kind: not MetricKind.Quantile } => Result.Invalid("quantile", "Only a quantile says which."),
        { Quantile: >= 0.01 and <= 0.99 } => null,
        _ => Result.Invalid("quantile", "A quantile is between 0.01 and 0.99."),
    };

    private static StoreError? RetentionFault(MetricDefinition definition)
    {
        if (definition.Kind != MetricKind.Retention)
            return definition is { FromDay: null, ToDay: null } ? null : Result.Invalid("fromDay", "Only retention looks at days.");
        if (definition.FromDay is not (>= 1 and <= MaximumDays))
            return Result.Invalid("fromDay", $"A day is 1 to {MaximumDays}.");
        if (definition.ToDay is not (>= 1 and <= MaximumDays) || definition.ToDay < definition.FromDay)
            return Result.Invalid("toDay", $"The last day is not before the first and at most {MaximumDays}.");
        return definition.WindowHours is null ? null : Result.Invalid("windowHours", "Retention has its days instead of a window.");
    }

    private static StoreError? OutlierFault(MetricDefinition definition)
    {
        if (definition.Kind is MetricKind.Conversion or MetricKind.Retention or MetricKind.Quantile && (definition.Cap ?? definition.Winsorize) is not null)
            return Result.Invalid(definition.Cap is not null ? "cap" : "winsorize", "This kind of metric has no outliers to bound.");
        if (definition.Cap is { } cap && !(double.IsFinite(cap) && cap > 0))
            return Result.Invalid("cap", "A bound is a number above 0.");
        if (definition.Winsorize is not (null or (>= 0.5 and <= 0.9999)))
            return Result.Invalid("winsorize", "A quantile to bound at is between 0.5 and 0.9999.");
        return definition is { Cap: not null, Winsorize: not null } ? Result.Invalid("winsorize", "Bound by a number or by a quantile, not by both.") : null;
    }
}
