using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>What a design of an experiment may say. A draft may be unfinished; what is missing is found when it is to be started.</summary>
internal static class ExperimentRulesOfDesign
{
    internal const int MaximumWeight = 1_000_000;
    private const int MaximumAudienceBytes = 64 * 1024;
    private const int MaximumTesters = 500;

    internal static StoreError? Fault(Flag flag, ExperimentDetails details) =>
        KeyFormat.Description(details.Hypothesis, "hypothesis")
        ?? AudienceFault(details.Audience)
        ?? (details.BucketBy is { } unit ? UnitFault(unit) : null)
        ?? TrafficFault(details.Traffic)
        ?? VariationsFault(flag, details.Variations, details.Control)
        ?? LayerFault(details.Layer)
        ?? OverridesFault(flag, details.Overrides)
        ?? details.Plan.Fault();

    internal static StoreError? TrafficFault(int traffic) => traffic is < 0 or > Experiment.Whole ? Result.Invalid("traffic", "The traffic is 0 to 100 %, with at most two decimals.") : null;

    internal static StoreError? VariationsFault(Flag flag, IReadOnlyList<ExperimentVariation> variations, string control)
    {
        var known = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < variations.Count; i++)
        {
            var (key, weight) = variations[i];
            var at = $"variations/{i.ToString(CultureInfo.InvariantCulture)}";
            if (flag.Variants.All(variant => variant.Key != key))
                return Result.Invalid($"{at}/key", $"The flag has no variant {key}.");
            if (!known.Add(key))
                return Result.Invalid($"{at}/key", "A variant is compared once.");
            if (weight is < 0 or > MaximumWeight)
                return Result.Invalid($"{at}/weight", $"A weight is 0 to {MaximumWeight}.");
        }

        if (variations.Count > 0 && variations.All(variation => variation.Weight == 0))
            return Result.Invalid("variations", "The weights add up to zero.");
        if (known.Count > 0 && !known.Contains(control))
            return Result.Invalid("control", "The control is one of the variations.");
        return null;
    }

    internal static StoreError? OverridesFault(Flag flag, IReadOnlyList<ExperimentOverride> overrides)
    {
        var variants = new HashSet<string>(StringComparer.Ordinal);
        var people = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < overrides.Count; i++)
        {
            var (variant, keys) = overrides[i];
            var at = $"overrides/{i.ToString(CultureInfo.InvariantCulture)}";
            if (flag.Variants.All(known => known.Key != variant))
                return Result.Invalid($"{at}/variant", $"The flag has no variant {variant}.");
            if (!variants.Add(variant))
                return Result.Invalid($"{at}/variant", "Name a variant once, with everybody who gets it.");
            if (keys.Count == 0)
                return Result.Invalid($"{at}/keys", "Say who gets it.");
            for (var j = 0; j < keys.Count; j++)
            {
                var where = $"{at}/keys/{j.ToString(CultureInfo.InvariantCulture)}";
                if (keys[j] is null or "" or { Length: > Segment.MaximumKeyLength })
                    return Result.Invalid(where, $"A key has 1 to {Segment.MaximumKeyLength} characters.");
                if (KeyFormat.Text(keys[j], where) is { } fault)
                    return fault;
                if (!people.Add(keys[j]))
                    return Result.Invalid(where, "Nobody gets two variants.");
            }
        }

        return people.Count > MaximumTesters ? Result.Invalid("overrides", $"There are at most {MaximumTesters} testers.") : null;
    }

    private static StoreError? AudienceFault(JsonElement? audience)
    {
        if (audience is not { } condition)
            return null;
        if (condition.ValueKind != JsonValueKind.Object)
            return Result.Invalid("audience", "A condition is an object.");
        return Encoding.UTF8.GetByteCount(condition.GetRawText()) > MaximumAudienceBytes ? Result.Invalid("audience", $"A condition has at most {MaximumAudienceBytes} bytes.") : null;
    }

    private static StoreError? UnitFault(string unit) => unit is "" or { Length: > 200 } ? Result.Invalid("bucketBy", "The name of an attribute has 1 to 200 characters.") : KeyFormat.Text(unit, "bucketBy");

    private static StoreError? LayerFault(LayerRange? layer) => layer is not null && (layer.From < 0 || layer.To > Experiment.Whole || layer.From >= layer.To)
        ? Result.Invalid("layer", "A part of a layer begins before it ends, between 0 and 100 %.") : null;
}
