using System.Text.Json;
using Togglr.Evaluation.Conditions;
using Togglr.Evaluation.Contexts;
using Togglr.Evaluation.Json;
using Togglr.Evaluation.Snapshots;
using Togglr.Evaluation.Validation.Reasoning;

namespace Togglr.Evaluation.Validation;

/// <summary>
/// Checks documents before they are saved. Errors are everything that would make a flag malformed, and what a snapshot ignores but nobody should write; warnings come from analysing what the rules mean.
/// </summary>
public static class Configuration
{
    /// <summary>More problems than this are not listed.</summary>
    public const int MaxProblems = 200;

    /// <summary>Checks a flag's document as it will stand in the snapshot.</summary>
    /// <param name="key">The flag's key.</param>
    /// <param name="utf8Flag">The document <c>{"type","variants","offVariant","prerequisites","targets","rules","default",…}</c>.</param>
    /// <param name="references">What it may refer to.</param>
    public static IReadOnlyList<Problem> CheckFlag(string key, ReadOnlyMemory<byte> utf8Flag, ReferenceSet references)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(references);
        return Check(utf8Flag, (root, diagnostics) =>
        {
            var attributes = new AttributeTable.Builder();
            var flag = FlagReader.Read(key, root, "", attributes, diagnostics);
            ReferenceCheck.Check(flag, references, diagnostics);
            new FlagAnalysis(flag, root, references, new Reasoner(references, attributes), diagnostics).Run();
        });
    }

    /// <summary>Checks a segment's document <c>{"included","excluded","if"}</c>.</summary>
    /// <param name="key">The segment's key.</param>
    /// <param name="utf8Segment">The document.</param>
    /// <param name="references">What it may refer to.</param>
    /// <param name="facts">What is known of it besides; nothing special if absent.</param>
    public static IReadOnlyList<Problem> CheckSegment(string key, ReadOnlyMemory<byte> utf8Segment, ReferenceSet references, SegmentFacts? facts = null)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(references);
        return Check(utf8Segment, (root, diagnostics) =>
        {
            ReferenceCheck.CheckKey(key, root, "segment", diagnostics);
            var attributes = new AttributeTable.Builder();
            var segment = SegmentReader.Read(key, root, "", attributes, diagnostics);
            ReferenceCheck.Check(segment, references, diagnostics);
            var reasoner = new Reasoner(references, attributes);
            if (segment.Condition is { } condition && segment.Problem is null)
                new ConditionAnalysis(references, reasoner, diagnostics).Run(condition);
            if (facts is not { HasIncluded: true } && segment.Included.Count == 0 && segment.Problem is null && (segment.Condition is null || reasoner.Never(segment.Condition)))
                diagnostics.Warning(root, "empty_segment", $"Nobody is in the segment '{key}': no key is included, and {(segment.Condition is null ? "there is no condition" : "its condition never holds")}.", new() { ["segment"] = key });
            if (facts is { IsUsed: false })
                diagnostics.Info(root, "unused_segment", $"No flag and no other segment uses the segment '{key}'.", new() { ["segment"] = key });
            FlagAnalysis.ReportLimits(reasoner, root, diagnostics);
        });
    }

    /// <summary>Checks an experiment's document as it will stand in the snapshot.</summary>
    public static IReadOnlyList<Problem> CheckExperiment(string key, ReadOnlyMemory<byte> utf8Experiment, ReferenceSet references)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(references);
        return Check(utf8Experiment, (root, diagnostics) =>
        {
            ReferenceCheck.CheckKey(key, root, "experiment", diagnostics);
            var experiment = ExperimentReader.Read(key, root, "", new AttributeTable.Builder(), diagnostics);
            if (experiment.Layer is { } layer)
                ReferenceCheck.CheckKey(layer.Key, root["layer"u8], "layer", diagnostics);
            if (experiment.Holdout is { } holdout)
                ReferenceCheck.CheckKey(holdout.Key, root["holdout"u8], "holdout", diagnostics);
            if (experiment.Variations is { } variations)
                WeightAnalysis.Run(variations, root["variations"u8], diagnostics);
        });
    }

    private static List<Problem> Check(ReadOnlyMemory<byte> utf8Json, Action<JsonValue, Diagnostics> check)
    {
        JsonValue root;
        try
        {
            root = JsonTape.Parse(utf8Json).Root;
        }
        catch (JsonException)
        {
            return [new Problem(ProblemSeverity.Error, "malformed_json", "", "The text is not JSON.")];
        }
        var diagnostics = new Diagnostics(strict: true);
        if (root.Kind == JsonKind.Object)
            check(root, diagnostics);
        else
            diagnostics.Error(root, "wrong_type", "The document must be an object.");
        var problems = diagnostics.Items
            .Select(item => new Problem(item.Severity, item.Code, item.At.Pointer, item.Message)
            {
                Values = item.Values ?? new Dictionary<string, string>(StringComparer.Ordinal),
                Fixes = item.Fixes ?? [],
            })
            .DistinctBy(problem => (problem.Severity, problem.Code, problem.Path, problem.Message))
            .OrderBy(problem => problem.Severity).ToList();
        // That something is missing must not be missing itself.
        return problems.Count <= MaxProblems ? problems : [.. problems.Take(MaxProblems - 1), problems.Find(problem => problem.Code == "analysis_incomplete") ?? problems[MaxProblems - 1]];
    }
}
