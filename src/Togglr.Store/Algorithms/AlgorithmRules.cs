using System.Globalization;
using System.Text.Json;

namespace Togglr.Store;

/// <summary>What an algorithm has to be like.</summary>
internal static class AlgorithmRules
{
    private const int MaximumAttributes = 4;
    private const int MaximumValues = 16;
    private const int MaximumText = 100;
    private const int MaximumInterval = 86_400;
    private const int MaximumWindow = 30 * 1440;

    /// <summary>What is wrong; null when nothing is. Settings are judged elsewhere.</summary>
    internal static StoreError? Fault(Flag flag, FlagEnvironment state, AlgorithmDesign design)
    {
        if (Ramp.Serve(state.Configuration, design.RuleId) is not { } serve)
            return Result.Invalid("rule", $"There is no rule {design.RuleId}.");
        if (serve.TryGetProperty("experiment", out _))
            return new StoreError(ErrorCodes.Conflict, "An experiment is served there.", "rule");
        if (design.Arms.Count is < 2 or > FlagAlgorithm.MaximumArms)
            return Result.Invalid("arms", $"An algorithm chooses from 2 to {FlagAlgorithm.MaximumArms} variants.");
        for (var i = 0; i < design.Arms.Count; i++)
        {
            var at = $"arms/{i.ToString(CultureInfo.InvariantCulture)}";
            if (flag.Variants.All(variant => variant.Key != design.Arms[i]))
                return Result.Invalid(at, $"The flag has no variant {design.Arms[i]}.");
            if (design.Arms.Take(i).Contains(design.Arms[i], StringComparer.Ordinal))
                return Result.Invalid(at, "A variant is named once.");
        }

        if (design.Holdout is < 0 or > 5000)
            return Result.Invalid("holdout", "Up to 50 % can be held out.");
        if (design.IntervalSeconds is < 1 or > MaximumInterval)
            return Result.Invalid("intervalSeconds", $"Weights are renewed after 1 to {MaximumInterval} seconds.");
        if (design.BucketBy is { } unit && Name(unit, "bucketBy") is { } bad)
            return bad;
        return RewardFault(design.Reward) ?? ContextFault(design);
    }

    private static StoreError? RewardFault(AlgorithmReward reward)
    {
        if (reward.Source != RewardSource.Metric)
            return reward is { Metric: null, WindowMinutes: 0 } ? null : Result.Invalid("reward", "Only a metric has a key and a window.");
        if (string.IsNullOrEmpty(reward.Metric))
            return Result.Invalid("reward/metric", "Say which metric.");
        return reward.WindowMinutes is < 1 or > MaximumWindow ? Result.Invalid("reward/windowMinutes", $"A window has 1 to {MaximumWindow} minutes.") : null;
    }

    private static StoreError? ContextFault(AlgorithmDesign design)
    {
        if (design.Kind is AlgorithmKind.LinUcb or AlgorithmKind.LinearThompson && design.Context.Count == 0)
            return Result.Invalid("context", "A linear model needs attributes to tell units apart by.");
        if (design.Context.Count > MaximumAttributes)
            return Result.Invalid("context", $"Units are told apart by at most {MaximumAttributes} attributes.");
        for (var i = 0; i < design.Context.Count; i++)
        {
            var (attribute, values) = design.Context[i];
            var at = $"context/{i.ToString(CultureInfo.InvariantCulture)}";
            if (Name(attribute, $"{at}/attribute") is { } bad)
                return bad;
            if (design.Context.Take(i).Any(other => other.Attribute == attribute))
                return Result.Invalid($"{at}/attribute", "An attribute is named once.");
            if (values.Count is 0 or > MaximumValues)
                return Result.Invalid($"{at}/values", $"1 to {MaximumValues} values are told apart.");
            for (var j = 0; j < values.Count; j++)
            {
                if (Name(values[j], $"{at}/values/{j.ToString(CultureInfo.InvariantCulture)}") is { } wrong)
                    return wrong;
                if (values.Take(j).Contains(values[j], StringComparer.Ordinal))
                    return Result.Invalid($"{at}/values/{j.ToString(CultureInfo.InvariantCulture)}", "A value is named once.");
            }
        }

        return design.Context.Aggregate(1, (cells, part) => cells * (part.Values.Count + 1)) > FlagAlgorithm.MaximumCells
            ? Result.Invalid("context", $"At most {FlagAlgorithm.MaximumCells} combinations of values are told apart.") : null;
    }

    private static StoreError? Name(string? text, string path) =>
        string.IsNullOrWhiteSpace(text) || text.Length > MaximumText ? Result.Invalid(path, $"A text of 1 to {MaximumText} characters is needed.") : KeyFormat.Text(text, path);
}
