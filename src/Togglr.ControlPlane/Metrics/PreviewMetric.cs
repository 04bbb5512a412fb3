using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Metrics;

/// <summary>Tries a metric on events that are there, before it is saved.</summary>
internal static class PreviewMetric
{
    private const int UsualDays = 7;
    private const int MostDays = 30;

    public static async Task<Results<Ok<MetricPreviewView>, Problem>> HandleAsync(
        PreviewMetricRequest request, Current current, TogglrDbContext db, MetricSurvey survey, CancellationToken cancel)
    {
        if (MetricDefinition.FaultOf(request.Definition) is { } fault)
            return MetricEndpoints.Place(fault).ToProblem();
        var days = request.Days ?? UsualDays;
        if (days is < 1 or > MostDays)
            return Problem.Invalid(new ProblemItem("out_of_range", "/days", $"1 to {MostDays} days can be looked at."));
        var environment = await db.Environments.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == request.Environment, cancel);
        if (environment is null || !current.May(Permissions.FlagView, current.Project.Id, environment.Id))
            return Problem.Invalid(new ProblemItem("unknown_environment", "/environment", $"There is no environment {request.Environment}."));
        var to = db.Now;
        var from = to.AddDays(-days);
        return await survey.ReadAsync(environment.Id, request.Definition, from, to, inDetail: true, cancel) is { } found
            ? TypedResults.Ok(new MetricPreviewView(
                environment.Key, from, to, found.Units, found.Active, found.Events, found.Share, found.Value, found.Deviation, found.Histogram, found.Daily))
            : Problem.Conflict("There are too many events to look at within ten seconds. Ask for fewer days.", "too_many_events");
    }
}
