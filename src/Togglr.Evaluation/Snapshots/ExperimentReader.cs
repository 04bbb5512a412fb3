using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles one experiment.</summary>
internal static class ExperimentReader
{
    public static Experiment Read(string key, JsonValue value, string salt, AttributeTable.Builder attributes, Diagnostics diagnostics)
    {
        if (value.Kind != JsonKind.Object)
            return new Experiment(key, value.Raw) { Problem = "An experiment must be an object." };
        diagnostics.CheckMembers(value, "key", "seed", "bucketBy", "layer", "holdout", "traffic", "variations", "phase", "control");
        if (diagnostics.Optional(value, "key"u8, JsonKind.Text).TryGetText(out var innerKey) && innerKey != key)
            diagnostics.Error(value["key"u8], "key_mismatch", $"The inner key '{innerKey}' differs from '{key}'.");
        var scope = new CompileScope(salt, attributes, diagnostics, key);
        var seed = diagnostics.OptionalText(value, "seed"u8) ?? "";
        var bucketBy = diagnostics.OptionalText(value, "bucketBy"u8);
        var traffic = diagnostics.Required(value, "traffic"u8, JsonKind.Number);
        if (!traffic.TryGetInteger(0, Bucket.Count, out var share) && traffic.IsPresent)
            diagnostics.Error(traffic, "invalid_traffic", $"The traffic is an integer from 0 to {Bucket.Count}.");
        return new Experiment(key, value.Raw)
        {
            Variations = ServeReader.ReadVariations(value, diagnostics),
            BucketBy = bucketBy is null ? null : scope.Attribute(bucketBy),
            Layer = ReadLayer(diagnostics.Optional(value, "layer"u8, JsonKind.Object), scope),
            Holdout = ReadHoldout(diagnostics.Optional(value, "holdout"u8, JsonKind.Object), scope),
            TrafficSeed = scope.Seed($"traffic:{key}:"),
            Traffic = (int)share,
            // Of no meaning here, so a bad one makes nothing malformed.
            Phase = value["phase"u8].TryGetInteger(1, int.MaxValue, out var phase) ? (int)phase : 0,
            VariationSeed = scope.Seed($"experiment:{key}:{seed}:"),
            Problem = diagnostics.FirstError,
        };
    }

    private static (string, Buckets.BucketSeed, int, int)? ReadLayer(JsonValue layer, CompileScope scope)
    {
        if (!layer.IsPresent)
            return null;
        var diagnostics = scope.Diagnostics;
        diagnostics.CheckMembers(layer, "key", "from", "to");
        var key = diagnostics.Required(layer, "key"u8, JsonKind.Text);
        var from = diagnostics.Required(layer, "from"u8, JsonKind.Number);
        var to = diagnostics.Required(layer, "to"u8, JsonKind.Number);
        long last = 0;
        if (!from.TryGetInteger(0, Bucket.Count, out var first) || !to.TryGetInteger(0, Bucket.Count, out last) || first > last)
            diagnostics.Error(layer, "invalid_layer", $"The bounds of a layer are integers from 0 to {Bucket.Count}, 'from' not above 'to'.");
        return key.TryGetText(out var name) ? (name, scope.Seed($"layer:{name}:"), (int)first, (int)last) : null;
    }

    private static (string, Buckets.BucketSeed, int)? ReadHoldout(JsonValue holdout, CompileScope scope)
    {
        if (!holdout.IsPresent)
            return null;
        var diagnostics = scope.Diagnostics;
        diagnostics.CheckMembers(holdout, "key", "percentage");
        var key = diagnostics.Required(holdout, "key"u8, JsonKind.Text);
        var percentage = diagnostics.Required(holdout, "percentage"u8, JsonKind.Number);
        var limit = percentage.IsPresent ? ConditionReader.Hundredths(percentage) : null;
        if (percentage.IsPresent && limit is null)
            diagnostics.Error(percentage, "invalid_percentage", "A percentage is a number from 0 to 100 with at most two decimals.");
        return key.TryGetText(out var name) && limit is { } hundredths ? (name, scope.Seed($"holdout:{name}:"), hundredths) : null;
    }
}
