using Microsoft.AspNetCore.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Sdk;
using Togglr.Messaging.Reach;
using Togglr.Store;

namespace Togglr.ControlPlane.Publishing;

/// <summary>Keeps what edges report in the database, where every control plane finds it.</summary>
internal sealed class StoredEdgeReports(RevisionReachStore store) : IEdgeReports
{
    public Task ReportAsync(EdgeReport report, CancellationToken cancellationToken) => store.WriteAsync(
        report.EdgeId,
        [.. report.Revisions.Select(static row => new EdgeReach(row.EnvironmentId, row.Revision, row.Total, row.Reached, row.Left, row.Milliseconds, row.Polling, row.PollSeconds))],
        cancellationToken);
}

/// <summary>Takes what edges in other processes report, see <c>spec/streaming.md</c>.</summary>
internal sealed class EdgeReportsEndpoint(IEdgeReports reports, string? token, TimeProvider time)
{
    public async Task ServeAsync(HttpContext context)
    {
        if (EdgeToken.Check(context, token) is { } refused)
        {
            await refused.ExecuteAsync(context);
            return;
        }
        var body = await RequestBody.ReadAsync(context, HttpEdgeReports.MaximumBytes);
        if (body.Refusal is { } refusal)
        {
            await refusal.ExecuteAsync(context);
            return;
        }
        var report = HttpEdgeReports.Read(body.Bytes);
        body.Release();
        if (report is null)
        {
            await Problem.Invalid(new ProblemItem("invalid", "/revisions", "A report tells of an edge and its revisions.")).ExecuteAsync(context);
            return;
        }
        // Where the edge's clock is slow or fast, its times are set right by ours; the way of the report counts as time of the change, so the figure is never too good.
        var behind = (time.GetUtcNow() - report.SentAt).TotalMilliseconds;
        report = report with { Revisions = [.. report.Revisions.Select(row => row with { Milliseconds = (int)Math.Clamp(row.Milliseconds + behind, 0, int.MaxValue) })] };
        try
        {
            await reports.ReportAsync(report, context.RequestAborted);
            context.Response.StatusCode = StatusCodes.Status204NoContent;
        }
        catch (Exception exception) when (TogglrDbContext.IsUnavailable(exception))
        {
            await Problem.Unavailable("The database does not answer. Try again.").ExecuteAsync(context);
        }
    }
}
