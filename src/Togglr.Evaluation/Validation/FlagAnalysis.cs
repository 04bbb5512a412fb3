using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Validation;

/// <summary>Warnings about a flag: what can never be reached, is never used, or decides otherwise than it looks.</summary>
internal static class FlagAnalysis
{
    public static void Run(Flag flag, JsonValue root, ReferenceSet references, Diagnostics diagnostics)
    {
        var conditions = new ConditionAnalysis(references, diagnostics);
        foreach (var rule in flag.Rules)
        {
            conditions.Run(rule.Condition);
            CheckServe(rule.Serve, flag, conditions, diagnostics);
        }
        if (flag.Default is not null)
            CheckServe(flag.Default, flag, conditions, diagnostics);
        CheckOrder(flag.Rules, conditions.Logic, diagnostics);
        CheckTargets(root["targets"u8], diagnostics);
        CheckUnused(flag, root, references, diagnostics);
    }

    public static void CheckVariations(Variations variations, JsonValue at, Diagnostics diagnostics)
    {
        for (var i = 0; i < variations.Keys.Length; i++)
        {
            if (variations.Weights[i] == 0)
                diagnostics.Warning(at, "zero_weight", $"The variation '{variations.Keys[i]}' has the weight 0: nobody gets it.");
            else if (variations.Thresholds[i] == (i == 0 ? 0 : variations.Thresholds[i - 1]))
                diagnostics.Warning(at, "zero_weight", $"The weight of '{variations.Keys[i]}' is less than 0.01 % of the total: nobody gets it.");
            if (Array.IndexOf(variations.Keys, variations.Keys[i]) < i)
                diagnostics.Warning(at, "duplicate_variation", $"The variation '{variations.Keys[i]}' is there twice.");
        }
        if (variations.Weights.Count(weight => weight > 0) == 1)
            diagnostics.Warning(at, "degenerate_weights", "Only one variation has a weight: serve it as a fixed variant.");
    }

    private static void CheckServe(Serve serve, Flag flag, ConditionAnalysis conditions, Diagnostics diagnostics)
    {
        var at = diagnostics.PositionOf(serve);
        switch (serve)
        {
            case RolloutServe rollout:
                CheckVariations(rollout.Variations, at["rollout"u8]["variations"u8], diagnostics);
                conditions.CheckAttribute(rollout.BucketBy, null, at);
                break;
            case FixedServe { VariantKey: null } when flag.OffVariant is null:
                diagnostics.Warning(at, "no_off_variant", "The flag has no off variant: callers get their own default.");
                break;
        }
    }

    private static void CheckOrder(Rule[] rules, ConditionLogic logic, Diagnostics diagnostics)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var at = diagnostics.PositionOf(rules[i]);
            if (logic.CertaintyOf(rules[i].Condition) == Certainty.Never)
            {
                diagnostics.Warning(at, "unreachable_rule", "The condition of this rule never holds.");
                continue;
            }
            for (var j = 0; j < i; j++)
            {
                // Rollouts and experiments may pass somebody on to the next rule.
                if (rules[j].Serve is not FixedServe || !logic.Implies(rules[i].Condition, rules[j].Condition))
                    continue;
                var name = rules[j].Id is { } id ? $"rule '{id}'" : $"rule {j + 1}";
                var always = logic.CertaintyOf(rules[j].Condition) == Certainty.Always;
                diagnostics.Warning(
                    at,
                    always ? "unreachable_rule" : "shadowed_rule",
                    always ? $"This rule is never reached: {name} always holds." : $"This rule never decides: whenever it holds, {name} holds before it.");
                break;
            }
        }
    }

    private static void CheckTargets(JsonValue targets, Diagnostics diagnostics)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in targets.Items)
        {
            foreach (var key in target["keys"u8].Items)
            {
                if (key.TryGetText(out var text) && !seen.Add(text))
                    diagnostics.Warning(key, "duplicate_target_key", $"The key '{text}' is in the lists twice; the first one counts.");
                else if (text is { Length: 0 })
                    diagnostics.Warning(key, "empty_key", "An empty key never matches.");
            }
        }
    }

    private static void CheckUnused(Flag flag, JsonValue root, ReferenceSet references, Diagnostics diagnostics)
    {
        var used = new HashSet<string>(StringComparer.Ordinal);
        if (flag.OffVariant is { } off)
            used.Add(off.Key);
        // The keys of a list whose variant does not exist have no outcome.
        foreach (var outcome in flag.TargetOutcomes)
        {
            if (outcome?.Variant is { } variant)
                used.Add(variant.Key);
        }

        foreach (var serve in flag.Rules.Select(rule => rule.Serve).Append(flag.Default))
        {
            used.UnionWith(serve switch
            {
                FixedServe { VariantKey: { } key } => [key],
                RolloutServe rollout => rollout.Variations.Keys,
                ExperimentServe experiment => references.Experiments.GetValueOrDefault(experiment.Key) ?? [],
                _ => [],
            });
        }
        foreach (var (name, _) in root["variants"u8].Members)
        {
            if (!used.Contains(name.Text()))
                diagnostics.Warning(name, "unused_variant", $"The variant '{name.Text()}' is never served.");
        }
    }
}
