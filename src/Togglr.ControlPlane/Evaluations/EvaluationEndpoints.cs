using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Evaluations;

internal static class EvaluationEndpoints
{
    public static void MapEvaluations(this IEndpointRouteBuilder project)
    {
        var environment = project.MapGroup("/environments/{env}").WithTags("Evaluation");
        environment.MapPost("/evaluate", Evaluate.HandleAsync).WithName("evaluate").WithSummary("What flags give for a context, now or in the past")
            .RequirePermission(Permissions.FlagView).Produces<EvaluationView>().WithMetadata(new NeverRequested());
        environment.MapPost("/evaluate-segment", EvaluateSegment.HandleAsync).WithName("evaluateSegment").WithSummary("Whether a context is in a segment, as it is saved or with another condition")
            .RequirePermission(Permissions.FlagView).Produces<SegmentResultView>().WithMetadata(new NeverRequested());
        environment.MapGet("/snapshot", GetSnapshotAsync).WithName("getSnapshot").WithSummary("The snapshot as it is, or as it was")
            .RequirePermission(Permissions.FlagView).Produces<JsonElement>();
        environment.MapGet("/revisions", ListRevisionsAsync).WithName("listRevisions").WithSummary("The revisions of an environment, newest first")
            .RequirePermission(Permissions.FlagView);
    }

    private static async Task<IResult> GetSnapshotAsync(
        [FromQuery(Name = "revision"), Description("As of this revision")] long? revision,
        [FromQuery(Name = "at"), Description("As of this time")] DateTimeOffset? at,
        Current current,
        PastRevisions revisions,
        SnapshotReader reader,
        CancellationToken cancel)
    {
        var (number, missing) = await revisions.ResolveAsync(current.Environment, revision, at, cancel);
        if (missing is not null)
            return missing;
        if (await reader.ReadAsync(current.Environment.Id, number, cancel) is not { } snapshot)
            return PastRevisions.NotThere(number);
        current.Http.Response.Headers.ETag = EntityTags.Format(snapshot.Revision);
        return TypedResults.Bytes(snapshot.Utf8, "application/json");
    }

    private static async Task<Results<Ok<Page<RevisionView>>, Problem>> ListRevisionsAsync(
        [FromQuery(Name = "limit"), Description("Items on a page, 1 to 200; 50 if absent")] int? limit,
        [FromQuery(Name = "cursor"), Description("nextCursor of the page before")] string? cursor,
        Current current,
        SnapshotReader reader,
        CancellationToken cancel)
    {
        var size = limit ?? Paging.DefaultLimit;
        if (size is < 1 or > Paging.MaxLimit)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", $"limit must be from 1 to {Paging.MaxLimit}."));
        long? before = null;
        if (cursor is not null)
        {
            if (ListCursor.Decode(cursor) is not { Sort: "-revision" } position || !long.TryParse(position.Value, out var number))
                return Problem.Invalid(new ProblemItem("bad_cursor", "cursor", "cursor is not a nextCursor of this list."));
            before = number;
        }
        var revisions = await reader.ListRevisionsAsync(current.Environment.Id, before, size, cancel);
        var next = revisions.Count == size && revisions[^1].Revision > 1 ? new ListCursor("-revision", revisions[^1].Revision.ToString(), Guid.Empty).Encode() : null;
        return TypedResults.Ok(new Page<RevisionView>(
            [.. revisions.Select(row => new RevisionView(
                row.Revision, row.At, row.ActorName, row.Summary, [.. row.Changes.Select(change => new RevisionChangeView(change.Kind, change.Key))]))],
            next, current.Environment.Revision));
    }
}
