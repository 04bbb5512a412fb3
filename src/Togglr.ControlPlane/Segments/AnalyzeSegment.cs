using Microsoft.AspNetCore.Http.HttpResults;
using System.Text.Json;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Analysis;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Evaluation.Validation;
using Togglr.Store;
using Problem = Togglr.Hosting.Problems.Problem;

namespace Togglr.ControlPlane.Segments;

/// <summary>A draft of a segment's condition.</summary>
public sealed record AnalyzeSegmentRequest
{
    /// <summary>Who is to be in it besides the lists; nobody if absent.</summary>
    [ApiSchema("Condition", isNullable: true)]
    public JsonElement? If { get; init; }
}

internal static class AnalyzeSegment
{
    public static async Task<Results<Ok<AnalysisView>, Problem>> HandleAsync(string segment, AnalyzeSegmentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await SegmentStore.FindAsync(db, current, segment, cancel) is not { } row)
            return SegmentStore.NotThere(segment);
        var isUsed = (await ProjectAnalysis.UsedAsync(db, current.Project.Id, cancel)).Contains(row.Key);
        return TypedResults.Ok(new AnalysisView(
            await ProjectAnalysis.CheckAsync(db, current.Project.Id, row.Key, SegmentStore.Condition(request.If), new SegmentFacts(row.IncludedCount > 0, isUsed), cancel)));
    }
}
