using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What to list.</summary>
/// <param name="State"><c>open</c> or <c>resolved</c>; all if absent.</param>
/// <param name="Flag">Key of a flag.</param>
/// <param name="Environment">Key of an environment.</param>
public sealed record IncidentQuery(
    [property: FromQuery(Name = "state")] string? State, [property: FromQuery(Name = "flag")] string? Flag, [property: FromQuery(Name = "environment")] string? Environment);

/// <summary>Incidents of a project. Talking about one and saying that it is over changes nothing that is served, so it needs no approval.</summary>
internal static class IncidentEndpoints
{
    private static readonly SortKey<Incident>[] Sorts = [SortKey<Incident>.Number("number", row => row.Number, row => row.Id), SortKey<Incident>.Time("openedAt", row => row.OpenedAt, row => row.Id)];

    public static void MapIncidents(this IEndpointRouteBuilder project)
    {
        var incidents = project.MapGroup("/incidents").WithTags("Health").WithMetadata(new NeverRequested());
        incidents.MapGet("", ListAsync).WithName("listIncidents").WithSummary("Times in which flags did harm").RequirePermission(Permissions.FlagView);
        incidents.MapGet("/{incident:int}", GetAsync).WithName("getIncident").WithSummary("An incident with its timeline").RequirePermission(Permissions.FlagView);
        incidents.MapPost("/{incident:int}/comments", CommentAsync).WithName("commentOnIncident").WithSummary("Say something; needs flag.toggle in the environment").RequirePermission(Permissions.FlagView);
        incidents.MapPost("/{incident:int}/resolve", ResolveAsync).WithName("resolveIncident").WithSummary("Say that it is over; needs flag.toggle in the environment").RequirePermission(Permissions.FlagView);
    }

    private static async Task<Results<Ok<Page<IncidentView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, [AsParameters] IncidentQuery filter, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Incidents.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        if (filter.State is not (null or "open" or "resolved"))
            return Problem.Invalid(new ProblemItem("invalid", "state", "state is open or resolved."));
        if (filter.State is { } state)
            query = query.Where(row => row.ResolvedAt == null == (state == "open"));
        if (filter.Flag is { } flag)
            query = query.Where(row => row.FlagKey == flag);
        if (filter.Environment is { } environment)
            query = query.Where(row => row.EnvironmentKey == environment);
        query = query.Search(list.Search, row => row.FlagKey);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, current, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Versioned<IncidentDetailView>, Problem>> GetAsync(int incident, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(incident, current, db, cancel) is { } row ? new Versioned<IncidentDetailView>(await DetailAsync(db, row, current, cancel), row.Version) : NotThere;

    private static async Task<Results<Versioned<IncidentDetailView>, Problem>> CommentAsync(int incident, IncidentCommentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(incident, current, db, cancel) is not { } row)
            return NotThere;
        if (NotAllowed(row, current) is { } forbidden)
            return forbidden;
        if (string.IsNullOrWhiteSpace(request.Text) || request.Text.Length > Incident.MaximumText)
            return Problem.Invalid(new ProblemItem("out_of_range", "/text", $"A text of 1 to {Incident.MaximumText} characters is needed."));
        if (Texts.Fault(request.Text, "/text") is { } fault)
            return Problem.Invalid(fault);
        db.IncidentEvents.Add(row.Event(current.Actor, "comment", request.Text, db.Now));
        var committed = await db.CommitAsync(
            new Change(current.Actor, "incident.commented", HealthTexts.Key(row)) { EntityId = row.Id, Project = current.Project, Environment = row.EnvironmentKey, Always = true }, cancel);
        return committed.IsOk ? new Versioned<IncidentDetailView>(await DetailAsync(db, row, current, cancel), row.Version) : committed.Error.ToProblem();
    }

    private static async Task<Results<Versioned<IncidentDetailView>, Problem>> ResolveAsync(int incident, ResolveIncidentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(incident, current, db, cancel) is not { } row)
            return NotThere;
        if (NotAllowed(row, current) is { } forbidden)
            return forbidden;
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (request.Comment is { Length: > 1000 })
            return Problem.Invalid(new ProblemItem("too_long", "/comment", "A comment has at most 1,000 characters."));
        var resolved = row.Resolve(request.Comment ?? "", current.Actor.UserId, db.Now);
        if (!resolved.IsOk)
            return resolved.Error.ToProblem();
        db.IncidentEvents.Add(row.Event(current.Actor, "resolved", request.Comment ?? "", db.Now));
        // What was counted before is dealt with: errors that go on open another one.
        if (await db.FlagHealth.SingleOrDefaultAsync(item => item.IncidentId == row.Id, cancel) is { } health)
        {
            health.Belong(null);
            if (health.State is HealthState.Failing or HealthState.Degraded)
            {
                health.JudgeFrom(db.Now);
                if (health.Enter(HealthState.Healthy, db.Now) is { } transition)
                    db.HealthTransitions.Add(transition);
            }
            else
            {
                health.Try(health.TrialUntil);
            }
        }
        if (await current.SaveAsync("incident.resolved", HealthTexts.Key(row), row.Id, request.Comment is { Length: > 0 } comment ? comment : null, cancel, row.EnvironmentKey) is { } problem)
            return problem;
        return new Versioned<IncidentDetailView>(await DetailAsync(db, row, current, cancel), row.Version);
    }

    private static Problem? NotAllowed(Incident row, Current current) =>
        current.May(Permissions.FlagToggle, current.Project.Id, row.EnvironmentId) ? null : Problem.Forbidden($"This needs the permission {Permissions.FlagToggle} in {row.EnvironmentKey}.");

    private static async Task<IncidentDetailView> DetailAsync(TogglrDbContext db, Incident row, Current current, CancellationToken cancel)
    {
        var events = await db.IncidentEvents.AsNoTracking().Where(item => item.IncidentId == row.Id).OrderBy(item => item.At).ThenBy(item => item.Id).ToListAsync(cancel);
        return new IncidentDetailView(
            (await ViewsAsync(db, [row], current, cancel))[0],
            [.. events.Select(item => new IncidentEventView(item.At, item.Kind, new AuditActorView(item.ActorKind, item.ActorId, item.ActorName), item.Text))]);
    }

    private static async Task<IReadOnlyList<IncidentView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Incident> rows, Current current, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.Select(row => row.ResolvedBy), cancel);
        Guid[] flags = [.. rows.Select(row => row.FlagId).Distinct()];
        var health = (await db.FlagHealth.AsNoTracking().Where(row => flags.Contains(row.FlagId)).ToListAsync(cancel)).ToDictionary(row => (row.FlagId, row.EnvironmentId), row => row.State);
        var killed = (await db.FlagEnvironments.AsNoTracking().Where(row => flags.Contains(row.FlagId) && row.Killed).Select(row => new { row.FlagId, row.EnvironmentId }).ToListAsync(cancel))
            .Select(row => (row.FlagId, row.EnvironmentId)).ToHashSet();
        return [.. rows.Select(row =>
        {
            var found = row.Finding;
            return new IncidentView(
                row.Number, row.FlagKey, row.EnvironmentKey,
                new IncidentCauseView(found.Rule, found.Variant, found.Seconds, found.Errors, found.Evaluations, found.Rate, found.Threshold, HealthTexts.Of(found)), row.Measure,
                health.GetValueOrDefault((row.FlagId, row.EnvironmentId)), killed.Contains((row.FlagId, row.EnvironmentId)), row.BeganAt, row.OpenedAt, row.ResolvedAt, people[row.ResolvedBy], row.Resolution,
                row.ChangeRequest, current.May(Permissions.FlagToggle, current.Project.Id, row.EnvironmentId), row.Version);
        })];
    }

    private static Task<Incident?> FindAsync(int number, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Incidents.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Number == number, cancel);

    private static Problem NotThere => Problem.NotFound("There is no such incident.");
}
