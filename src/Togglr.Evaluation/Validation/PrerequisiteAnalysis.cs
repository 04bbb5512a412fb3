using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;
using Togglr.Evaluation.Validation.Reasoning;

namespace Togglr.Evaluation.Validation;

/// <summary>Finds prerequisites that decide nothing: those that are never met, and those that always are.</summary>
internal sealed class PrerequisiteAnalysis
{
    private readonly ReferenceSet _references;
    private readonly Reasoner _reasoner;
    private readonly Dictionary<string, Outcomes?> _known = new(StringComparer.Ordinal);

    private PrerequisiteAnalysis(ReferenceSet references, Reasoner reasoner)
    {
        _references = references;
        _reasoner = reasoner;
    }

    public static void Run(Flag flag, ReferenceSet references, Reasoner reasoner, Diagnostics diagnostics)
    {
        var analysis = new PrerequisiteAnalysis(references, reasoner);
        for (var i = 0; i < flag.Prerequisites.Length; i++)
            analysis.Check(flag, i, diagnostics);
    }

    private void Check(Flag flag, int index, Diagnostics diagnostics)
    {
        var prerequisite = flag.Prerequisites[index];
        var at = diagnostics.PositionOf(prerequisite);
        var key = prerequisite.FlagKey;
        var wanted = List(prerequisite.Variants);
        var values = new Dictionary<string, string>(StringComparer.Ordinal) { ["flag"] = key, ["wanted"] = Keys(prerequisite.Variants) };
        QuickFix[] fixes = [Fixes.Remove("remove_prerequisite", $"Do without '{key}'", at.Pointer)];
        if (prerequisite.Variants.Count == 0)
        {
            diagnostics.Warning(at, "never_satisfied", $"No variant of '{key}' will do.", values, fixes);
            return;
        }
        if (Array.Find(flag.Prerequisites[..index], other => other.FlagKey == key && !other.Variants.Intersect(prerequisite.Variants, StringComparer.Ordinal).Any()) is { } opposed)
        {
            (values["serves"], values["why"]) = (Keys(opposed.Variants), "opposed");
            diagnostics.Warning(at, "prerequisite_never_met", $"'{key}' cannot serve {wanted} and, as another prerequisite asks, {List(opposed.Variants)} at once.", values, fixes);
            return;
        }
        if (key == flag.Key || OutcomesOf(key, 0) is not { } outcomes)
            return;
        values["serves"] = Keys(outcomes.Variants);
        if (!outcomes.Variants.Any(prerequisite.Variants.Contains))
        {
            diagnostics.Warning(
                at, "prerequisite_never_met", $"'{key}' {outcomes.Why} and serves {(outcomes.Variants.Count == 0 ? "nothing" : List(outcomes.Variants))}, never {wanted}: this flag serves its off variant to everybody.",
                new(values, StringComparer.Ordinal) { ["why"] = outcomes.State }, fixes);
        }
        else if (!outcomes.MayBeNone && outcomes.Variants.All(prerequisite.Variants.Contains))
        {
            diagnostics.Info(at, "prerequisite_always_met", $"'{key}' serves {List(outcomes.Variants)} to everybody: this prerequisite is always met.", values, fixes);
        }
    }

    private static string List(IEnumerable<string> variants) => string.Join(" or ", variants.Order(StringComparer.Ordinal).Take(10).Select(variant => $"'{variant}'"));

    private static string Keys(IEnumerable<string> variants) => string.Join(", ", variants.Order(StringComparer.Ordinal).Take(10));

    // Null where it is not known; a flag with errors serves nothing, but says so itself.
    private Outcomes? OutcomesOf(string key, int depth)
    {
        if (_known.TryGetValue(key, out var known))
            return known;
        _known[key] = null;
        if (depth > SnapshotCompiler.MaxNesting || !_references.Flags.TryGetValue(key, out var other) || other.Utf8Document.IsEmpty)
            return null;
        var diagnostics = new Diagnostics(strict: false);
        var flag = FlagReader.Read(key, JsonTape.Parse(other.Utf8Document).Root, "", new AttributeTable.Builder(), diagnostics);
        return _known[key] = diagnostics.FirstError is null ? Read(flag, depth) : null;
    }

    private Outcomes? Read(Flag flag, int depth)
    {
        var off = flag.OffVariant?.Key;
        if (flag.IsOff)
            return new Outcomes(off is null ? [] : [off], off is null, flag.Killed ? "is killed" : "is off", flag.Killed ? "killed" : "off");
        var found = new HashSet<string>(StringComparer.Ordinal);
        var mayBeNone = false;
        foreach (var prerequisite in flag.Prerequisites)
        {
            if (OutcomesOf(prerequisite.FlagKey, depth + 1) is not { } needed)
                return null;
            if (!needed.Variants.Any(prerequisite.Variants.Contains))
                return new Outcomes(off is null ? [] : [off], off is null, $"needs '{prerequisite.FlagKey}', which never serves what it needs,", "blocked");
            if (needed.MayBeNone || !needed.Variants.All(prerequisite.Variants.Contains))
                AddOff();
        }
        foreach (var outcome in flag.TargetOutcomes)
            found.Add(outcome.Variant!.Key);
        foreach (var rule in flag.Rules)
        {
            if (!_reasoner.Never(rule.Condition) && !Add(rule.Serve))
                return null;
        }
        if (flag.Default is ExperimentServe)
            AddOff();
        // A default split serves nothing to those without a unit.
        mayBeNone |= flag.Default is RolloutServe;
        if (!Add(flag.Default!))
            return null;
        return new Outcomes(found, mayBeNone, "is on", "on");

        void AddOff()
        {
            if (off is null)
                mayBeNone = true;
            else
                found.Add(off);
        }

        bool Add(Serve serve)
        {
            switch (serve)
            {
                case FixedServe { VariantKey: { } variant }:
                    found.Add(variant);
                    return true;
                case FixedServe:
                    AddOff();
                    return true;
                case RolloutServe rollout:
                    // Those with a weight of 0 too: they may get one at any time.
                    found.UnionWith(rollout.Variations.Keys);
                    return true;
                case ExperimentServe experiment when _references.Experiments.TryGetValue(experiment.Key, out var variations):
                    found.UnionWith(variations);
                    return true;
                default:
                    return false;
            }
        }
    }

    /// <summary>What a flag may serve.</summary>
    /// <param name="Variants">Keys of variants.</param>
    /// <param name="MayBeNone">Whether it may serve none.</param>
    /// <param name="Why">A verb for people.</param>
    /// <param name="State">The same as a word: on, off, killed or blocked.</param>
    private sealed record Outcomes(IReadOnlyCollection<string> Variants, bool MayBeNone, string Why, string State);
}
