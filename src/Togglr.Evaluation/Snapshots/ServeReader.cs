using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles what a rule (<paramref name="ruleId"/> may still be null) or the default of a flag serves.</summary>
internal readonly struct ServeReader(Flag flag, CompileScope scope, bool isDefault, bool isStatic, string? ruleId)
{
    /// <summary>Null when the serve is malformed, which was reported.</summary>
    public Serve? Read(JsonValue value) => Compile(value) is { } serve ? scope.Diagnostics.Placed(serve, value) : null;

    private Serve? Compile(JsonValue value)
    {
        var diagnostics = scope.Diagnostics;
        if (value.Kind != JsonKind.Object)
        {
            diagnostics.Error(value, "wrong_type", "A serve must be an object.");
            return null;
        }
        diagnostics.CheckMembers(value, "variant", "rollout", "experiment", "off");
        JsonValue kind = default;
        var kinds = 0;
        foreach (var (name, member) in value.Members)
        {
            if (member.IsPresent && (name.TextEquals("variant"u8) || name.TextEquals("rollout"u8) || name.TextEquals("experiment"u8) || name.TextEquals("off"u8)))
            {
                kind = name;
                kinds++;
            }
        }
        if (kinds != 1)
        {
            var problem = kinds == 0 ? "A serve needs one of 'variant', 'rollout', 'experiment' and 'off'." : "A serve has more than one kind.";
            diagnostics.Error(value, kinds == 0 ? "unknown_serve" : "ambiguous_serve", problem);
            return null;
        }
        switch (kind.Text())
        {
            case "variant":
                return ReadVariant(diagnostics.Optional(value, "variant"u8, JsonKind.Text));
            case "off":
                if (diagnostics.Optional(value, "off"u8, JsonKind.True).Kind == JsonKind.True)
                    return new FixedServe(null, Fixed(flag.OffVariant, isOff: true));
                diagnostics.Error(value["off"u8], "invalid_value", "'off' can only be true.");
                return null;
            case "experiment":
                if (!diagnostics.Optional(value, "experiment"u8, JsonKind.Text).TryGetText(out var experiment))
                    return null;
                var serve = new ExperimentServe(experiment, ruleId);
                scope.ExperimentReferences.Add(serve);
                return serve;
            default:
                return ReadRollout(diagnostics.Optional(value, "rollout"u8, JsonKind.Object));
        }
    }

    /// <summary>Reads <c>variations</c>; null when they are malformed, which was reported.</summary>
    public static Variations? ReadVariations(JsonValue container, Diagnostics diagnostics)
    {
        var variations = diagnostics.Required(container, "variations"u8, JsonKind.Array);
        if (!variations.IsPresent)
            return null;
        var keys = new List<string>();
        var weights = new List<int>();
        var isGood = true;
        foreach (var variation in variations.Items)
        {
            if (variation.Kind != JsonKind.Object)
            {
                diagnostics.Error(variation, "wrong_type", "A variation must be an object.");
                return null;
            }
            diagnostics.CheckMembers(variation, "key", "weight");
            var key = diagnostics.Required(variation, "key"u8, JsonKind.Text);
            var weight = diagnostics.Required(variation, "weight"u8, JsonKind.Number);
            isGood &= key.IsPresent && weight.IsPresent;
            if (!weight.TryGetInteger(0, Bucket.MaxWeight, out var integer) && weight.IsPresent)
            {
                diagnostics.Error(weight, "invalid_weight", $"A weight is an integer from 0 to {Bucket.MaxWeight}.");
                isGood = false;
            }
            keys.Add(key.IsPresent ? key.Text() : "");
            weights.Add((int)integer);
        }
        if (!isGood)
            return null;
        if (keys.Count == 0)
        {
            diagnostics.Error(variations, "no_variations", "There is no variation.");
            return null;
        }
        if (weights.TrueForAll(weight => weight == 0))
        {
            diagnostics.Error(variations, "zero_weights", "The weights add up to zero.");
            return null;
        }
        return new Variations([.. keys], [.. weights], Bucket.Thresholds([.. weights]));
    }

    private Outcome Fixed(Variant? variant, bool isOff)
    {
        var reason = !isDefault ? EvaluationReason.TargetingMatch : isStatic && !isOff ? EvaluationReason.Static : EvaluationReason.Default;
        return new Outcome(flag, variant, reason, ruleId: ruleId);
    }

    private FixedServe? ReadVariant(JsonValue value)
    {
        if (!value.TryGetText(out var key))
            return null;
        if (flag.FindVariant(key) is { } variant)
            return new FixedServe(key, Fixed(variant, isOff: false));
        scope.Diagnostics.Error(value, "unknown_variant", $"The flag has no variant '{key}'.");
        return null;
    }

    private RolloutServe? ReadRollout(JsonValue value)
    {
        if (!value.IsPresent)
            return null;
        var diagnostics = scope.Diagnostics;
        diagnostics.CheckMembers(value, "variations", "bucketBy", "seed", "algorithm", "weightsVersion", "context");
        var seed = diagnostics.OptionalText(value, "seed"u8) ?? scope.OwnerKey;
        var bucketBy = diagnostics.OptionalText(value, "bucketBy"u8);
        var variations = ReadVariations(value, diagnostics);
        if (variations is null)
            return null;
        var outcomes = new Outcome[variations.Keys.Length];
        for (var i = 0; i < outcomes.Length; i++)
        {
            if (flag.FindVariant(variations.Keys[i]) is not { } variant)
            {
                diagnostics.Error(value["variations"u8], "unknown_variant", $"The flag has no variant '{variations.Keys[i]}'.");
                return null;
            }
            outcomes[i] = new Outcome(flag, variant, EvaluationReason.Split, ruleId: ruleId) { Algorithm = ReadShare(value, variations, i), UnitAttribute = bucketBy is null ? null : scope.Attribute(bucketBy) };
        }
        return new RolloutServe(variations, outcomes, scope.Seed(seed), seed, bucketBy is null ? null : scope.Attribute(bucketBy));
    }

    /// <summary>What an algorithm says of its rollout. It decides nothing, so what cannot be read is left out.</summary>
    private AlgorithmShare? ReadShare(JsonValue rollout, Variations variations, int index)
    {
        var buckets = variations.Thresholds[index] - (index == 0 ? 0 : variations.Thresholds[index - 1]);
        if (!rollout["algorithm"u8].IsPresent || buckets <= 0 || !rollout["weightsVersion"u8].TryGetInteger(0, 1L << 53, out var version))
            return null;
        var attributes = new List<Contexts.AttributeReference>();
        if (rollout["context"u8] is { Kind: JsonKind.Array } context)
        {
            foreach (var item in context.Items)
            {
                if (item.TryGetText(out var name) && name.Length > 0)
                    attributes.Add(scope.Attribute(name));
            }
        }
        return new AlgorithmShare(version, buckets / 10_000.0, attributes);
    }
}
