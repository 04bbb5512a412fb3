using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Formats;
using Togglr.Evaluation.Json;

namespace Togglr.Evaluation.Snapshots;

/// <summary>Compiles one flag. What it refers to is linked when everything has been read.</summary>
internal static class FlagReader
{
    public static Flag Read(string key, JsonValue value, string salt, AttributeTable.Builder attributes, Diagnostics diagnostics)
    {
        if (value.Kind != JsonKind.Object)
            return new Flag(key, value.Raw) { Enabled = true, Problem = "A flag must be an object." };

        diagnostics.CheckMembers(
            value, "key", "type", "version", "enabled", "killed", "variants", "offVariant", "prerequisites", "targets", "rules", "default", "clientVisible");
        if (diagnostics.Optional(value, "key"u8, JsonKind.Text).TryGetText(out var innerKey) && innerKey != key)
            diagnostics.Error(value["key"u8], "key_mismatch", $"The inner key '{innerKey}' differs from '{key}'.");
        var type = ReadType(value, diagnostics);
        var variants = ReadVariants(value, type, diagnostics);
        var enabled = diagnostics.Optional(value, "enabled"u8, JsonKind.True);
        var killed = diagnostics.Optional(value, "killed"u8, JsonKind.True);
        var offKey = diagnostics.Optional(value, "offVariant"u8, JsonKind.Text);
        var version = diagnostics.Optional(value, "version"u8, JsonKind.Number);
        var visible = diagnostics.Optional(value, "clientVisible"u8, JsonKind.True);
        Variant? off = null;
        if (offKey.TryGetText(out var offName) && (off = variants.Find(variant => variant.Key == offName)) is null)
            diagnostics.Error(offKey, "unknown_variant", $"The off variant '{offName}' does not exist.");

        // An 'enabled' of another kind is malformed, not off.
        var flag = new Shell(key, value.Raw, type, variants, off, diagnostics, attributes, salt)
            .Fill(value, enabled.Kind == JsonKind.True || value["enabled"u8].IsPresent && !enabled.IsPresent, killed.Kind == JsonKind.True, visible.Kind == JsonKind.True,
                version.TryGetNumber(out var number) && Math.Abs(number) < 9e15 ? (long)number : 0);
        flag.Problem = diagnostics.FirstError;
        return flag;
    }

    private static FlagType ReadType(JsonValue value, Diagnostics diagnostics)
    {
        if (!diagnostics.Required(value, "type"u8, JsonKind.Text).TryGetText(out var name))
            return FlagType.Unknown;
        var type = name switch
        {
            "boolean" => FlagType.Boolean,
            "string" => FlagType.Text,
            "number" => FlagType.Number,
            "json" => FlagType.Json,
            _ => FlagType.Unknown,
        };
        if (type == FlagType.Unknown)
            diagnostics.Error(value["type"u8], "unknown_type", $"The type '{name}' is not known.");
        return type;
    }

    private static List<Variant> ReadVariants(JsonValue value, FlagType type, Diagnostics diagnostics)
    {
        var variants = new List<Variant>();
        var container = diagnostics.Required(value, "variants"u8, JsonKind.Object);
        foreach (var (name, member) in container.Members)
        {
            var key = name.Text();
            var at = variants.FindIndex(variant => variant.Key == key);
            var variant = new Variant(key, at < 0 ? variants.Count : at, type, member);
            if (type != FlagType.Unknown && variant.Type != type)
                diagnostics.Error(member, "wrong_type", $"The value of variant '{key}' must be {Describe(type)}.");
            // Of two members of one name the last counts, as everywhere.
            if (at < 0)
                variants.Add(variant);
            else
                variants[at] = variant;
        }
        return variants;
    }

    private static string Describe(FlagType type) => type switch
    {
        FlagType.Boolean => "true or false",
        FlagType.Text => "a text",
        _ => "a number",
    };

    /// <summary>The reading of everything that needs the variants.</summary>
    private sealed class Shell(
        string key, ReadOnlyMemory<byte> raw, FlagType type, List<Variant> variants, Variant? off, Diagnostics diagnostics, AttributeTable.Builder attributes, string salt)
    {
        public Flag Fill(JsonValue value, bool enabled, bool killed, bool visible, long version)
        {
            var scope = new CompileScope(salt, attributes, diagnostics, key);
            var prerequisites = ReadPrerequisites(value);
            var targetKeys = new KeyIndex.Builder();
            var targets = new List<(Variant Variant, int FirstKey)>();
            ReadTargets(value, targetKeys, targets);
            var rules = diagnostics.Optional(value, "rules"u8, JsonKind.Array);
            // The lists being empty decides, not what is in them.
            var isStatic = prerequisites.Length == 0 && rules.Items.Count() == 0 && !HasItems(value, "targets"u8);

            Flag flag = null!;
            flag = new Flag(key, raw, type, variants)
            {
                Enabled = enabled,
                Killed = killed,
                ClientVisible = visible,
                Version = version,
                OffVariant = off,
                Prerequisites = prerequisites,
                TargetKeys = targetKeys.Build(),
                SegmentReferences = scope.SegmentReferences,
                ExperimentReferences = scope.ExperimentReferences,
            };
            flag.Complete(
                disabled: new Outcome(flag, off, EvaluationReason.Disabled),
                prerequisiteFailed: new Outcome(flag, off, EvaluationReason.PrerequisiteFailed),
                targetOutcomes: TargetOutcomes(flag, targets),
                rules: ReadRules(flag, rules, scope),
                serve: ReadDefault(flag, value, scope, isStatic, out var missed),
                missed);
            return flag;
        }

        private static bool HasItems(JsonValue value, ReadOnlySpan<byte> name) => value[name].Items.Count() > 0;

        private Prerequisite[] ReadPrerequisites(JsonValue value)
        {
            var list = new List<Prerequisite>();
            foreach (var item in diagnostics.Optional(value, "prerequisites"u8, JsonKind.Array).Items)
            {
                if (item.Kind != JsonKind.Object)
                {
                    diagnostics.Error(item, "wrong_type", "A prerequisite must be an object.");
                    continue;
                }
                diagnostics.CheckMembers(item, "flag", "variants");
                var flag = diagnostics.Required(item, "flag"u8, JsonKind.Text);
                var names = ReadTexts(item, "variants"u8);
                if (flag.TryGetText(out var flagKey))
                    list.Add(diagnostics.Placed(new Prerequisite(flagKey, [.. names.Select(name => name.Text())]), item));
            }
            return [.. list];
        }

        private void ReadTargets(JsonValue value, KeyIndex.Builder keys, List<(Variant Variant, int FirstKey)> targets)
        {
            foreach (var item in diagnostics.Optional(value, "targets"u8, JsonKind.Array).Items)
            {
                if (item.Kind != JsonKind.Object)
                {
                    diagnostics.Error(item, "wrong_type", "A target must be an object.");
                    continue;
                }
                diagnostics.CheckMembers(item, "variant", "keys");
                var name = diagnostics.Required(item, "variant"u8, JsonKind.Text);
                Variant? variant = null;
                if (name.TryGetText(out var variantKey) && (variant = variants.Find(v => v.Key == variantKey)) is null)
                    diagnostics.Error(name, "unknown_variant", $"The flag has no variant '{variantKey}'.");
                var first = keys.Count;
                foreach (var text in ReadTexts(item, "keys"u8))
                    keys.Add(text.Utf8Text());
                if (variant is not null)
                    targets.Add((variant, first));
            }
        }

        private List<JsonValue> ReadTexts(JsonValue container, ReadOnlySpan<byte> name)
        {
            var texts = new List<JsonValue>();
            foreach (var item in diagnostics.Required(container, name, JsonKind.Array).Items)
            {
                if (item.Kind == JsonKind.Text)
                    texts.Add(item);
                else
                    diagnostics.Error(item, "wrong_type", "The list must hold texts only.");
            }
            return texts;
        }

        // Keys are numbered in the order of their first list, so a list's outcome holds from its first new key on. In a flag that is malformed because a list's
        // variant does not exist, keys before the first good list have none.
        private static Outcome[] TargetOutcomes(Flag flag, List<(Variant Variant, int FirstKey)> targets)
        {
            var outcomes = new Outcome[flag.TargetKeys.Count];
            var next = 0;
            for (var list = 0; list < targets.Count; list++)
            {
                var outcome = new Outcome(flag, targets[list].Variant, EvaluationReason.TargetingMatch);
                next = targets[list].FirstKey;
                var end = list + 1 < targets.Count ? targets[list + 1].FirstKey : outcomes.Length;
                outcomes.AsSpan(next, end - next).Fill(outcome);
            }
            return outcomes;
        }

        private Rule[] ReadRules(Flag flag, JsonValue rules, CompileScope scope)
        {
            var list = new List<Rule>();
            var ids = new HashSet<string>(StringComparer.Ordinal);
            foreach (var item in rules.Items)
            {
                if (item.Kind != JsonKind.Object)
                {
                    diagnostics.Error(item, "wrong_type", "A rule must be an object.");
                    continue;
                }
                diagnostics.CheckMembers(item, "id", "name", "if", "then");
                var id = diagnostics.Optional(item, "id"u8, JsonKind.Text).TryGetText(out var text) ? text : null;
                if (string.IsNullOrEmpty(id))
                    diagnostics.StrictError(item, "missing_property", "A rule needs an 'id'.");
                else if (!ids.Add(id))
                    diagnostics.StrictError(item["id"u8], "duplicate_rule_id", $"Two rules have the id '{id}'.");
                var condition = diagnostics.Required(item, "if"u8, JsonKind.Object);
                var then = diagnostics.Required(item, "then"u8, JsonKind.Object);
                var compiled = condition.IsPresent ? ConditionReader.Read(condition, scope) : null;
                var serve = then.IsPresent ? new ServeReader(flag, scope, isDefault: false, isStatic: false, id).Read(then) : null;
                if (compiled is not null && serve is not null)
                    list.Add(diagnostics.Placed(new Rule(id, compiled, serve), item));
            }
            return [.. list];
        }

        private Serve? ReadDefault(Flag flag, JsonValue value, CompileScope scope, bool isStatic, out Outcome missed)
        {
            var container = diagnostics.Required(value, "default"u8, JsonKind.Object);
            var serve = container.IsPresent ? new ServeReader(flag, scope, isDefault: true, isStatic, null).Read(container) : null;
            missed = serve is RolloutServe
                ? new Outcome(flag, null, EvaluationReason.Error, EvaluationErrorCode.TargetingKeyMissing)
                : new Outcome(flag, off, EvaluationReason.Default);
            return serve;
        }
    }
}
