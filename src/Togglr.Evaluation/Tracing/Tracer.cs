using System.Buffers;
using System.Text;
using System.Text.Json;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Snapshots;

namespace Togglr.Evaluation.Tracing;

/// <summary>
/// Walks the same compiled flags as the evaluator and asks the same conditions and serves, so that a trace cannot say something else than the answer; the answer in it is the evaluator's own.
/// </summary>
internal static class Tracer
{
    // Values of the context are shown up to here; a trace is for people.
    private const int MaxShownText = 1000;
    private const int MaxShownItems = 100;
    private const int MaxShownDepth = 16;

    public static EvaluationTrace Trace(Snapshot snapshot, Flag flag, in Inquiry inquiry) => Trace(snapshot, flag, inquiry, []);

    public static EvaluationTrace NotFound(Snapshot snapshot, string key, Outcome outcome, in Inquiry inquiry) => new()
    {
        Flag = key,
        Revision = snapshot.Revision,
        Now = inquiry.Now,
        TargetingKey = TargetingKey(inquiry),
        Result = Describe(outcome),
        DecidedBy = "not_found",
    };

    public static ResultTrace Describe(Outcome outcome) => new()
    {
        Variant = outcome.Variant?.Key,
        Value = outcome.Variant is { } variant ? Element(variant.Utf8Json) : null,
        Reason = outcome.Reason.WireName(),
        ErrorCode = outcome.ErrorCode.WireName(),
        RuleId = outcome.RuleId,
        Experiment = outcome.Experiment,
    };

    // What was shown once is shown again by its result only: a graph of prerequisites may have more paths than anybody can read.
    private static EvaluationTrace Trace(Snapshot snapshot, Flag flag, in Inquiry inquiry, HashSet<object> shown)
    {
        var outcome = flag.Decide(inquiry);
        var trace = new EvaluationTrace
        {
            Flag = flag.Key,
            Revision = snapshot.Revision,
            Now = inquiry.Now,
            TargetingKey = TargetingKey(inquiry),
            Result = Describe(outcome),
            DecidedBy = flag.IsOff ? "disabled" : "malformed",
            Problem = flag.Problem,
        };
        if (flag.IsOff || flag.Malformed || !shown.Add(flag))
            return flag.IsOff || flag.Malformed ? trace : trace with { DecidedBy = DecidedBy(outcome) };

        var prerequisites = new List<PrerequisiteTrace>();
        foreach (var prerequisite in flag.Prerequisites)
        {
            var other = prerequisite.Evaluate(inquiry);
            var satisfied = prerequisite.Accepts(other);
            prerequisites.Add(new PrerequisiteTrace(
                prerequisite.FlagKey, prerequisite.Variants, other.Variant?.Key, satisfied, Trace(snapshot, prerequisite.Flag!, inquiry, shown)));
            if (!satisfied)
                return trace with { Prerequisites = prerequisites, DecidedBy = "prerequisite" };
        }
        var target = flag.TargetOutcome(inquiry);
        trace = trace with { Prerequisites = prerequisites, Targets = new TargetTrace(target is not null, target?.Variant?.Key, flag.TargetKeys.Count) };
        if (target is not null)
            return trace with { DecidedBy = "target" };

        var rules = new List<RuleTrace>();
        for (var i = 0; i < flag.Rules.Length; i++)
        {
            var rule = flag.Rules[i];
            var condition = Trace(rule.Condition, inquiry, shown);
            var serve = condition.Holds ? Trace(rule.Serve, inquiry) : null;
            var matched = serve is { Applies: true };
            rules.Add(new RuleTrace(i, rule.Id, matched, condition, serve));
            if (matched)
                return trace with { Rules = rules, DecidedBy = "rule" };
        }
        return trace with { Rules = rules, DecidedBy = "default", Default = Trace(flag.Default!, inquiry) };
    }

    private static string DecidedBy(Outcome outcome) => outcome.Reason switch
    {
        EvaluationReason.PrerequisiteFailed => "prerequisite",
        EvaluationReason.TargetingMatch when outcome.RuleId is null => "target",
        EvaluationReason.TargetingMatch => "rule",
        EvaluationReason.Split when outcome.RuleId is not null => "rule",
        _ => "default",
    };

    private static ConditionTrace Trace(Condition condition, in Inquiry inquiry, HashSet<object> shown)
    {
        switch (condition)
        {
            case AllOf all:
                return Composite("and", condition, all.Parts, inquiry, shown);
            case AnyOf any:
                return Composite("or", condition, any.Parts, inquiry, shown);
            case Not not:
                return Composite("not", condition, [not.Part], inquiry, shown);
            case InSegment segment:
                return Trace(segment, inquiry, shown);
            case Percentage percentage:
                return new ConditionTrace
                {
                    Kind = "percentage",
                    Holds = percentage.Holds(inquiry),
                    Attribute = percentage.BucketBy?.Name,
                    Seed = percentage.Seed,
                    Bucket = percentage.BucketOf(inquiry),
                    Limit = percentage.Limit,
                };
            default:
                var clause = (Clause)condition;
                return new ConditionTrace
                {
                    Kind = "clause",
                    Holds = clause.Holds(inquiry),
                    Attribute = clause.Text.Attribute.Name,
                    Operator = clause.Text.Operator,
                    Expected = clause.Text.Value.IsEmpty ? null : Element(clause.Text.Value),
                    Actual = Actual(inquiry.Find(clause.Text.Attribute), inquiry.Context),
                    IgnoreCase = clause.Text.IgnoreCase ? true : null,
                };
        }
    }

    private static ConditionTrace Composite(string kind, Condition condition, IReadOnlyList<Condition> parts, in Inquiry inquiry, HashSet<object> shown)
    {
        var traces = new List<ConditionTrace>(parts.Count);
        foreach (var part in parts)
            traces.Add(Trace(part, inquiry, shown));
        return new ConditionTrace { Kind = kind, Holds = condition.Holds(inquiry), Parts = traces };
    }

    private static ConditionTrace Trace(InSegment reference, in Inquiry inquiry, HashSet<object> shown)
    {
        var segment = reference.Segment!;
        var decidedBy = segment.DecidedBy(inquiry);
        return new ConditionTrace
        {
            Kind = "segment",
            Holds = reference.Holds(inquiry),
            Segment = reference.Key,
            SegmentDecidedBy = decidedBy,
            Parts = decidedBy == "condition" && shown.Add(segment) ? [Trace(segment.Condition!, inquiry, shown)] : null,
        };
    }

    private static ServeTrace Trace(Serve serve, in Inquiry inquiry)
    {
        var outcome = serve.Choose(inquiry);
        var trace = new ServeTrace { Kind = "variant", Applies = outcome is not null, Variant = outcome?.Variant?.Key };
        switch (serve)
        {
            case FixedServe fixedServe:
                return fixedServe.VariantKey is null ? trace with { Kind = "off" } : trace;
            case RolloutServe rollout:
                return trace with
                {
                    Kind = "rollout",
                    BucketBy = rollout.BucketBy?.Name,
                    Seed = rollout.Seed,
                    Bucket = rollout.BucketOf(inquiry) is var bucket and >= 0 ? bucket : null,
                    Variations = Describe(rollout.Variations),
                };
            default:
                var experiment = ((ExperimentServe)serve).Experiment!;
                var steps = experiment.Walk(inquiry);
                return trace with
                {
                    Kind = "experiment",
                    Experiment = experiment.Key,
                    BucketBy = experiment.BucketBy?.Name,
                    Bucket = steps.Variation,
                    Variations = Describe(experiment.Variations!),
                    Stages = Stages(experiment, steps),
                };
        }
    }

    private static List<StageTrace> Stages(Experiment experiment, in ExperimentSteps steps)
    {
        var stages = new List<StageTrace>();
        if (!steps.HasUnit)
            stages.Add(new StageTrace("unit", null, null, 0, Bucket.Count, false));
        if (steps.Layer is { } layer && experiment.Layer is { } bounds)
            stages.Add(new StageTrace("layer", bounds.Key, layer, bounds.From, bounds.To, layer >= bounds.From && layer < bounds.To));
        if (steps.Holdout is { } held && experiment.Holdout is { } holdout)
            stages.Add(new StageTrace("holdout", holdout.Key, held, holdout.Limit, Bucket.Count, held >= holdout.Limit));
        if (steps.Traffic is { } traffic)
            stages.Add(new StageTrace("traffic", null, traffic, 0, experiment.Traffic, traffic < experiment.Traffic));
        return stages;
    }

    private static List<VariationTrace> Describe(Variations variations)
    {
        var list = new List<VariationTrace>();
        for (var i = 0; i < variations.Keys.Length; i++)
            list.Add(new VariationTrace(variations.Keys[i], variations.Weights[i], i == 0 ? 0 : variations.Thresholds[i - 1], variations.Thresholds[i]));
        return list;
    }

    private static string? TargetingKey(in Inquiry inquiry) =>
        inquiry.Context.TargetingKey.Kind == ContextKind.Missing ? null : Encoding.UTF8.GetString(inquiry.Context.TextOf(inquiry.Context.TargetingKey));

    private static JsonElement? Element(ReadOnlyMemory<byte> utf8Json)
    {
        using var document = JsonDocument.Parse(utf8Json, new JsonDocumentOptions { MaxDepth = Json.JsonTape.MaxDepth });
        return document.RootElement.Clone();
    }

    private static JsonElement? Actual(in ContextValue value, ContextData context)
    {
        if (value.Kind == ContextKind.Missing)
            return null;
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
            Write(json, value, context, 0);
        return Element(buffer.WrittenMemory);
    }

    private static void Write(Utf8JsonWriter json, in ContextValue value, ContextData context, int depth)
    {
        switch (value.Kind)
        {
            case ContextKind.Text:
                var text = Encoding.UTF8.GetString(context.TextOf(value));
                json.WriteStringValue(text.Length <= MaxShownText ? text : string.Concat(text.AsSpan(0, MaxShownText), "…"));
                break;
            case ContextKind.Number:
                json.WriteNumberValue(value.Number);
                break;
            case ContextKind.True or ContextKind.False:
                json.WriteBooleanValue(value.Kind == ContextKind.True);
                break;
            case ContextKind.Array when depth < MaxShownDepth:
                json.WriteStartArray();
                foreach (ref readonly var element in context.Elements.AsSpan(value.Start, Math.Min(value.Length, MaxShownItems)))
                    Write(json, element, context, depth + 1);
                json.WriteEndArray();
                break;
            case ContextKind.Object when depth < MaxShownDepth && context.Slots is null:
                json.WriteStartObject();
                foreach (ref readonly var member in context.Members.AsSpan(value.Start, Math.Min(value.Length, MaxShownItems)))
                {
                    json.WritePropertyName(context.Text.AsSpan(member.NameStart, member.NameLength));
                    Write(json, member.Value, context, depth + 1);
                }
                json.WriteEndObject();
                break;
            case ContextKind.Object:
                json.WriteStartObject();
                json.WriteEndObject();
                break;
            default:
                json.WriteNullValue();
                break;
        }
    }
}
