using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;
using Togglr.Evaluation.Validation.Reasoning;

namespace Togglr.Evaluation.Validation;

/// <summary>Warnings about a flag: what can never be reached, is never used, or decides otherwise than it looks.</summary>
internal sealed class FlagAnalysis(Flag flag, JsonValue root, ReferenceSet references, Reasoner reasoner, Diagnostics diagnostics)
{
    private readonly ConditionAnalysis _conditions = new(references, reasoner, diagnostics);

    public void Run()
    {
        foreach (var rule in flag.Rules)
        {
            _conditions.Run(rule.Condition);
            CheckServe(rule.Serve);
        }
        if (flag.Default is not null)
            CheckServe(flag.Default);
        // Conclusions from what cannot be read would be wrong ones.
        if (diagnostics.FirstError is null)
            CheckOrder(flag.Rules);
        PrerequisiteAnalysis.Run(flag, references, reasoner, diagnostics);
        CheckTargets(root["targets"u8]);
        CheckUnused();
        if (flag.ClientVisible)
            CheckPrivacy();
        ReportLimits(reasoner, root, diagnostics);
    }

    /// <summary>Says where the analysis gave up.</summary>
    public static void ReportLimits(Reasoner reasoner, JsonValue root, Diagnostics diagnostics)
    {
        if (reasoner.GivenUp > 0)
        {
            diagnostics.Info(
                root, "analysis_incomplete", $"There is too much here to compare everything: {reasoner.GivenUp} questions were left open. What is reported holds, but there may be more.",
                new() { ["questions"] = reasoner.GivenUp.ToString(System.Globalization.CultureInfo.InvariantCulture) });
        }
    }

    private void CheckServe(Serve serve)
    {
        var at = diagnostics.PositionOf(serve);
        switch (serve)
        {
            case RolloutServe rollout:
                // An algorithm keeps changing its weights: what they are now says nothing.
                if (!at["rollout"u8]["algorithm"u8].IsPresent)
                    WeightAnalysis.Run(rollout.Variations, at["rollout"u8]["variations"u8], diagnostics, at);
                _conditions.CheckAttribute(rollout.BucketBy, null, at);
                break;
            case FixedServe { VariantKey: null } when flag.OffVariant is null:
                diagnostics.Warning(at, "no_off_variant", "The flag has no off variant: callers get their own default.");
                break;
        }
    }

    private void CheckOrder(Rule[] rules)
    {
        for (var i = 0; i < rules.Length; i++)
        {
            var at = diagnostics.PositionOf(rules[i]);
            if (reasoner.Never(rules[i].Condition))
                diagnostics.Warning(at, "unreachable_rule", $"The condition of rule {NameOf(i)} never holds.", new() { ["rule"] = NameOf(i) }, [RemovalOf(i)]);
            else
                CheckEarlier(rules, i, at);
        }
        var deciding = Deciding(rules, rules.Length);
        if (deciding.Count > 0 && flag.Default is not null && reasoner.Covered(null, deciding.Select(rule => rule.Condition)))
        {
            var names = Names(deciding.FindAll(rule => !reasoner.Never(rule.Condition)));
            diagnostics.Info(diagnostics.PositionOf(flag.Default), "default_unreachable", $"Nobody gets the default: everybody is decided by rule {names}.", new() { ["rules"] = names });
        }
    }

    private void CheckEarlier(Rule[] rules, int i, JsonValue at)
    {
        var rule = rules[i];
        for (var j = 0; j < i; j++)
        {
            // Rollouts and experiments may pass somebody on to the next rule.
            if (rules[j].Serve is not FixedServe || !reasoner.Implies(rule.Condition, rules[j].Condition))
                continue;
            var always = reasoner.Always(rules[j].Condition);
            diagnostics.Warning(
                at,
                always ? "unreachable_rule" : "shadowed_rule",
                always ? $"Rule {NameOf(i)} is never reached: rule {NameOf(j)} always holds." : $"Rule {NameOf(i)} never decides: whenever it holds, rule {NameOf(j)} holds before it ({ConditionAnalysis.Describe(rules[j].Condition)}).",
                new() { ["rule"] = NameOf(i), ["by"] = NameOf(j), ["first"] = NameOf(j), ["condition"] = ConditionAnalysis.Describe(rules[j].Condition) },
                [MoveBefore(i, j), RemovalOf(i)]);
            return;
        }
        var earlier = Deciding(rules, i).FindAll(other => !reasoner.Never(other.Condition));
        if (earlier.Count > 1 && reasoner.Covered(rule.Condition, earlier.Select(other => other.Condition)))
        {
            var needed = Needed(rule, earlier);
            var names = Names(needed);
            diagnostics.Warning(
                at, "shadowed_rule", $"Rule {NameOf(i)} never decides: whenever it holds, one of the rules {names} holds before it.", new() { ["rule"] = NameOf(i), ["by"] = names, ["first"] = NameOf(Array.IndexOf(rules, needed[0])) },
                [MoveBefore(i, Array.IndexOf(rules, needed[0])), RemovalOf(i)]);
            return;
        }
        for (var j = 0; j < i; j++)
        {
            if (rules[j].Serve is not RolloutServe rollout || !reasoner.Implies(rule.Condition, rules[j].Condition))
                continue;
            var unit = rollout.BucketBy?.Name ?? "targetingKey";
            diagnostics.Info(
                at, "reached_without_unit_only", $"Rule {NameOf(i)} decides only for contexts without '{unit}': all others are in the split of rule {NameOf(j)}.",
                new() { ["rule"] = NameOf(i), ["by"] = NameOf(j), ["first"] = NameOf(j), ["attribute"] = unit }, [MoveBefore(i, j), RemovalOf(i)]);
            return;
        }
    }

    private static List<Rule> Deciding(Rule[] rules, int count) => rules.Take(count).Where(rule => rule.Serve is FixedServe).ToList();

    // Leaves out what is not needed to cover the rule, while there are few.
    private List<Rule> Needed(Rule rule, List<Rule> covering)
    {
        const int MaxReduced = 12;
        var needed = covering.ToList();
        for (var i = needed.Count - 1; i >= 0 && covering.Count <= MaxReduced; i--)
        {
            var without = needed.Where((_, index) => index != i).ToList();
            if (without.Count > 0 && reasoner.Covered(rule.Condition, without.Select(other => other.Condition)))
                needed = without;
        }
        return needed;
    }

    // The number that people count by, and the name where there is one.
    private string NameOf(int index) => flag.Rules[index].Id is { } id && diagnostics.PositionOf(flag.Rules[index])["name"u8].TryGetText(out var name) && name.Length > 0
        ? $"{index + 1} '{name}'"
        : $"{index + 1}";

    private string Names(List<Rule> rules)
    {
        const int Most = 5;
        return string.Join(", ", rules.Take(Most).Select(rule => NameOf(Array.IndexOf(flag.Rules, rule)))) + (rules.Count > Most ? ", …" : "");
    }

    private QuickFix RemovalOf(int index) => Fixes.Remove("remove_rule", $"Remove rule {NameOf(index)}", diagnostics.PositionOf(flag.Rules[index]).Pointer);

    private QuickFix MoveBefore(int index, int other) => Fixes.Move(
        "move_rule", $"Move rule {NameOf(index)} before rule {NameOf(other)}", diagnostics.PositionOf(flag.Rules[index]).Pointer, diagnostics.PositionOf(flag.Rules[other]).Pointer);

    private void CheckTargets(JsonValue targets)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var target in targets.Items)
        {
            foreach (var key in target["keys"u8].Items)
            {
                if (!key.TryGetText(out var text))
                    continue;
                if (text.Length == 0)
                    diagnostics.Warning(key, "empty_key", "An empty key never matches.", fixes: [Fixes.Remove("remove_key", "Remove the empty key", key.Pointer)]);
                else if (!seen.Add(text))
                    diagnostics.Warning(key, "duplicate_target_key", $"The key '{text}' is in the lists twice; the first one counts.", new() { ["key"] = text }, [Fixes.Remove("remove_key", $"Remove '{text}' here", key.Pointer)]);
            }
        }
    }

    private void CheckUnused()
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
                diagnostics.Info(name, "unused_variant", $"The variant '{name.Text()}' is never served.", new() { ["variant"] = name.Text() });
        }
    }

    private void CheckPrivacy()
    {
        if (references.PrivateAttributes.Count == 0)
            return;
        foreach (var rule in flag.Rules)
        {
            foreach (var leaf in Reasoner.Leaves(rule.Condition))
            {
                var at = diagnostics.PositionOf(leaf);
                switch (leaf)
                {
                    case Clause clause:
                        CheckPrivate(at, clause.Text.Attribute.Name, null);
                        break;
                    case Percentage { BucketBy: { } by }:
                        CheckPrivate(at, by.Name, null);
                        break;
                    case InSegment segment:
                        foreach (var name in reasoner.AttributesOf(segment.Key).Distinct(StringComparer.Ordinal))
                            CheckPrivate(at, name, segment.Key);
                        break;
                }
            }
        }
        foreach (var serve in flag.Rules.Select(rule => rule.Serve).Append(flag.Default))
        {
            if (serve is RolloutServe { BucketBy: { } by })
                CheckPrivate(diagnostics.PositionOf(serve), by.Name, null);
        }
    }

    private void CheckPrivate(JsonValue at, string attribute, string? segment)
    {
        if (!references.PrivateAttributes.Contains(attribute))
            return;
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["attribute"] = attribute };
        if (segment is not null)
            values["segment"] = segment;
        var by = segment is null ? "this looks at" : $"the segment '{segment}' looks at";
        diagnostics.Warning(
            at, "private_attribute", $"Clients see this flag, and {by} '{attribute}', which is private: browsers and devices would have to send it, and learn from the answer whether it matches.", values);
    }
}
