using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.Evaluation;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>A context in both forms.</summary>
internal sealed record Sample(string Json, long Now)
{
    public bool HasKey { get; } = JsonNode.Parse(Json)!["targetingKey"] is JsonValue key && key.TryGetValue<string>(out var text) && text.Length > 0;

    public EvaluationContext Context { get; } = EvaluationContext.Parse(Encoding.UTF8.GetBytes(Json));
}

/// <summary>What problems say of contexts, so that the evaluator can judge it.</summary>
internal static class Claims
{
    /// <summary>Whether a context agrees with a problem; null for problems that say nothing of contexts.</summary>
    public static Func<Sample, bool>? Of(Problem problem, JsonNode flag, Snapshot snapshot)
    {
        var key = flag["key"]!.GetValue<string>();
        var rule = problem.Path.StartsWith("/rules/", StringComparison.Ordinal) ? flag["rules"]![int.Parse(problem.Path.Split('/')[2], System.Globalization.CultureInfo.InvariantCulture)]!["id"]?.GetValue<string>() : null;
        switch (problem.Code)
        {
            case "contradiction" or "contradiction_unless_list":
                var group = problem.Path;
                while (group.Split('/') is [.., "and", _])
                    group = group[..group.LastIndexOf("/and/", StringComparison.Ordinal)];
                return Holds(group, false);
            case "never_holds":
                return Holds(problem.Path, false);
            case "always_holds":
                return Holds(problem.Path, true);
            case "redundant_condition":
                var place = $"/rules/{problem.Path.Split('/')[2]}/if";
                var before = Probe(flag, place, snapshot);
                var after = Probe(QuickFixes.Apply(flag, Assert.Single(problem.Fixes)), place, snapshot);
                return sample => before(sample) == after(sample);
            case "unreachable_rule" or "shadowed_rule":
                return sample => snapshot.Evaluate(key, sample.Context, sample.Now).RuleId != rule;
            case "reached_without_unit_only" when problem.Values["attribute"] == "targetingKey":
                return sample => !sample.HasKey || snapshot.Evaluate(key, sample.Context, sample.Now).RuleId != rule;
            case "default_unreachable":
                return sample => snapshot.Evaluate(key, sample.Context, sample.Now) is { Reason: EvaluationReason.PrerequisiteFailed or EvaluationReason.Disabled or EvaluationReason.TargetingMatch or EvaluationReason.Error } or { RuleId: not null };
            case "prerequisite_never_met":
                return sample => snapshot.Evaluate(key, sample.Context, sample.Now).Reason is EvaluationReason.PrerequisiteFailed or EvaluationReason.Disabled or EvaluationReason.Error;
            case "prerequisite_always_met" when flag["prerequisites"]!.AsArray().Count == 1:
                return sample => snapshot.Evaluate(key, sample.Context, sample.Now).Reason != EvaluationReason.PrerequisiteFailed;
            default:
                return null;
        }

        Func<Sample, bool> Holds(string path, bool expected)
        {
            var probe = Probe(flag, path, snapshot);
            return sample => probe(sample) == expected;
        }
    }

    // A flag of its own for the condition, in the same environment. The default seed of a percentage is the flag's, so the probe has to say it.
    private static Func<Sample, bool> Probe(JsonNode flag, string path, Snapshot snapshot)
    {
        const string Key = "probe of a condition";
        var condition = QuickFixes.Find(flag, path).DeepClone();
        Seed(condition, $"percentage:{flag["key"]!.GetValue<string>()}:");
        var probe = new JsonObject
        {
            ["key"] = Key, ["type"] = "boolean", ["enabled"] = true, ["variants"] = new JsonObject { ["on"] = true, ["off"] = false },
            ["rules"] = new JsonArray(new JsonObject { ["id"] = "r", ["if"] = condition, ["then"] = new JsonObject { ["variant"] = "on" } }), ["default"] = new JsonObject { ["variant"] = "off" },
        };
        var patch = new JsonObject { ["from"] = snapshot.Revision, ["revision"] = snapshot.Revision, ["flags"] = new JsonObject { [Key] = probe } };
        var probed = snapshot.Apply(Encoding.UTF8.GetBytes(patch.ToJsonString(new JsonSerializerOptions { MaxDepth = 200 })));
        return sample => probed.Evaluate(Key, sample.Context, sample.Now).Variant!.Key == "on";
    }

    private static void Seed(JsonNode? node, string seed)
    {
        if (node is JsonArray array)
        {
            foreach (var item in array)
                Seed(item, seed);
        }
        else if (node is JsonObject value)
        {
            if (value.ContainsKey("percentage") && value["seed"] is null)
                value["seed"] = seed;
            foreach (var (_, inner) in value.ToList())
                Seed(inner, seed);
        }
    }
}
