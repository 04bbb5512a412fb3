using System.Text.Json;
using Togglr.ControlPlane.Flags;
using Togglr.Evaluation.Validation;
using Togglr.Store;
using Problem = Togglr.Hosting.Problems.Problem;

namespace Togglr.ControlPlane.Segments;

/// <summary>Runs the analysis of Togglr.Evaluation over a segment's condition.</summary>
internal static class ConditionCheck
{
    /// <summary>The answer to a condition with errors; null when it has none.</summary>
    public static async Task<Problem?> RunAsync(TogglrDbContext db, Project project, string segment, JsonElement? condition, CancellationToken cancel)
    {
        if (condition is not { } present)
            return null;
        var references = await TargetingReferences.ReadAsync(db, project.Id, condition, cancel);
        var document = JsonSerializer.SerializeToUtf8Bytes(new Dictionary<string, JsonElement>(StringComparer.Ordinal) { ["if"] = present });
        return TargetingCheck.Refusal([.. Configuration.CheckSegment(segment, document, references).Select(TargetingCheck.View)]);
    }
}
