using System.Globalization;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Validation;

/// <summary>Warnings about the weights of a rollout or an experiment.</summary>
internal static class WeightAnalysis
{
    // Sums that look as if they were meant to be these.
    private static readonly long[] s_wholes = [100, 1000, 10_000, 100_000, 1_000_000];

    /// <param name="variations">The variations.</param>
    /// <param name="at">Their array.</param>
    /// <param name="diagnostics">Where problems go.</param>
    /// <param name="serve">The serve that they belong to, which a fixed variant could replace; missing for an experiment.</param>
    public static void Run(Variations variations, JsonValue at, Diagnostics diagnostics, JsonValue serve = default)
    {
        var items = new List<JsonValue>();
        foreach (var item in at.Items)
            items.Add(item);
        var total = variations.Weights.Sum(weight => (long)weight);
        for (var i = 0; i < variations.Keys.Length; i++)
        {
            if (Array.IndexOf(variations.Keys, variations.Keys[i]) < i)
                diagnostics.Warning(items[i], "duplicate_variation", $"The variation '{variations.Keys[i]}' is there twice; their weights add up.", new() { ["variant"] = variations.Keys[i] });
        }
        if (variations.Weights.Count(weight => weight > 0) == 1)
        {
            var only = variations.Keys[Array.FindIndex(variations.Weights, weight => weight > 0)];
            diagnostics.Warning(
                at, "degenerate_weights", $"Only '{only}' has a weight: this is a fixed variant with detours.", new() { ["variant"] = only },
                serve.IsPresent ? [Fixes.Replace("serve_variant", $"Serve '{only}'", serve.Pointer, $$"""{"variant":{{Fixes.Text(only)}}}""")] : null);
        }
        else
        {
            CheckShares(variations, items, total, diagnostics);
        }
        var whole = Array.Find(s_wholes, whole => total != whole && total >= whole * 0.9 && total <= whole * 1.1);
        if (whole > 0)
        {
            var shares = string.Join(", ", variations.Keys.Zip(variations.Weights).Select(pair => string.Create(CultureInfo.InvariantCulture, $"'{pair.First}' gets {pair.Second * 100.0 / total:0.##} %")));
            diagnostics.Warning(
                at, "weights_sum", string.Create(CultureInfo.InvariantCulture, $"The weights add up to {total}, not to {whole}: {shares}."),
                new() { ["sum"] = total.ToString(CultureInfo.InvariantCulture), ["whole"] = whole.ToString(CultureInfo.InvariantCulture), ["shares"] = shares });
        }
    }

    private static void CheckShares(Variations variations, List<JsonValue> items, long total, Diagnostics diagnostics)
    {
        for (var i = 0; i < variations.Keys.Length; i++)
        {
            var (key, weight) = (variations.Keys[i], variations.Weights[i]);
            if (weight > 0 && variations.Thresholds[i] > (i == 0 ? 0 : variations.Thresholds[i - 1]))
                continue;
            var message = weight == 0
                ? $"The variation '{key}' has the weight 0: nobody gets it."
                : string.Create(CultureInfo.InvariantCulture, $"The weight {weight} of '{key}' is less than 0.01 % of {total}: nobody gets it.");
            diagnostics.Warning(
                items[i], "zero_weight", message,
                new() { ["variant"] = key, ["weight"] = weight.ToString(CultureInfo.InvariantCulture), ["sum"] = total.ToString(CultureInfo.InvariantCulture) },
                weight == 0 ? [Fixes.Remove("remove_variation", $"Remove '{key}' from the split", items[i].Pointer)] : null);
        }
    }
}
