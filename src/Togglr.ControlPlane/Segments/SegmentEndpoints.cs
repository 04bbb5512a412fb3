using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http.Metadata;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Security;

namespace Togglr.ControlPlane.Segments;

internal static class SegmentEndpoints
{
    public static void MapSegments(this IEndpointRouteBuilder project, ControlPlaneOptions options)
    {
        var segments = project.MapGroup("/segments").WithTags("Segments");
        segments.MapGet("", ListSegments.HandleAsync).WithName("listSegments").WithSummary("The segments of a project").RequirePermission(Permissions.FlagView);
        segments.MapPost("", CreateSegment.HandleAsync).WithName("createSegment").WithSummary("Create a segment").RequirePermission(Permissions.SegmentManage);
        segments.MapGet("/{segment}", GetSegment.HandleAsync).WithName("getSegment").WithSummary("A segment").RequirePermission(Permissions.FlagView);
        segments.MapPut("/{segment}", PutSegment.HandleAsync).WithName("putSegment").WithSummary("Change a segment").RequirePermission(Permissions.SegmentManage);
        segments.MapDelete("/{segment}", DeleteSegment.HandleAsync).WithName("deleteSegment").WithSummary("Delete a segment that nothing uses")
            .RequirePermission(Permissions.SegmentManage);
        segments.MapPost("/{segment}/analyze", AnalyzeSegment.HandleAsync).WithName("analyzeSegment").WithSummary("What a draft of a segment's condition would be told")
            .RequirePermission(Permissions.FlagView).WithMetadata(new NeverRequested());
        segments.MapGet("/{segment}/references", GetSegment.ReferencesAsync).WithName("getSegmentReferences").WithSummary("What uses a segment")
            .RequirePermission(Permissions.FlagView);
        segments.MapGet("/{segment}/keys", SegmentKeyLists.ListAsync).WithName("listSegmentKeys").WithSummary("The keys of a list of a segment")
            .RequirePermission(Permissions.FlagView);
        segments.MapPost("/{segment}/keys", SegmentKeyLists.EditAsync).WithName("editSegmentKeys").WithSummary("Add keys to and remove keys from a list of a segment")
            .RequirePermission(Permissions.SegmentManage);
        segments.MapPut("/{segment}/keys", UploadSegmentKeys.HandleAsync).WithName("uploadSegmentKeys")
            .WithSummary("Replace a list of a segment, or add to it or remove from it: one key a line, up to 1,000,000").RequirePermission(Permissions.SegmentManage)
            .Accepts<string>("text/plain").WithMetadata(new RequestSizeLimitAttribute(options.MaxUploadBytes));
        segments.MapPost("/{segment}/keys/compare", CompareSegmentKeys.HandleAsync).WithName("compareSegmentKeys")
            .WithSummary("What an upload would do to a list of a segment").RequirePermission(Permissions.SegmentManage)
            .Accepts<string>("text/plain").WithMetadata(new RequestSizeLimitAttribute(options.MaxUploadBytes)).WithMetadata(new NeverRequested());
    }
}
