using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Metrics;

internal static class MetricEndpoints
{
    private static readonly SortKey<Metric>[] Sorts =
    [
        SortKey<Metric>.Text("name", row => row.Name, row => row.Id),
        SortKey<Metric>.Text("key", row => row.Key, row => row.Id),
        SortKey<Metric>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Metric>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static void MapMetrics(this IEndpointRouteBuilder project)
    {
        var metrics = project.MapGroup("/metrics").WithTags("Metrics");
        metrics.MapGet("", ListAsync).WithName("listMetrics").WithSummary("The metrics of a project").RequirePermission(Permissions.FlagView);
        metrics.MapPost("", CreateAsync).WithName("createMetric").WithSummary("Create a metric").RequirePermission(Permissions.ExperimentManage);
        metrics.MapPost("/preview", PreviewMetric.HandleAsync).WithName("previewMetric").WithSummary("Try a metric on events of the last days").RequirePermission(Permissions.FlagView);
        metrics.MapGet("/{metric}", GetAsync).WithName("getMetric").WithSummary("A metric").RequirePermission(Permissions.FlagView);
        metrics.MapPatch("/{metric}", UpdateAsync).WithName("updateMetric").WithSummary("Change, archive or restore a metric").RequirePermission(Permissions.ExperimentManage);
        metrics.MapDelete("/{metric}", DeleteAsync).WithName("deleteMetric").WithSummary("Delete a metric that no experiment uses").RequirePermission(Permissions.ExperimentManage);
    }

    private static async Task<Results<Ok<Page<MetricView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list,
        [FromQuery(Name = "kind"), Description("How events become a number")] Choice<MetricKind>? kind,
        [FromQuery(Name = "event"), Description("Name of the event that it looks at")] string? eventName,
        [FromQuery(Name = "archived"), Description("false if absent")] Choice<ArchivedFilter>? archived,
        Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Metrics.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        if (kind is { Value: var wanted })
            query = query.Where(row => row.Kind == wanted);
        if (eventName is not null)
            query = query.Where(row => row.Event == eventName);
        var shown = archived?.Value ?? ArchivedFilter.False;
        if (shown != ArchivedFilter.All)
            query = query.Where(row => row.ArchivedAt != null == (shown == ArchivedFilter.True));
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description, row => row.Event);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    internal static async Task<Results<CreatedVersion<MetricView>, Problem>> CreateAsync(CreateMetricRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var owner = request.Owner ?? current.Actor.UserId;
        if (await Owners.FaultAsync(db, request.Owner, cancel) is { } unknown)
            return unknown;
        var created = Metric.Create(current.Project, request.Key, request.Name ?? "", request.Description ?? "", owner, request.Definition);
        if (!created.IsOk)
            return Place(created.Error).ToProblem();
        var metric = created.Value;
        db.Metrics.Add(metric);
        if (await current.SaveAsync("metric.created", metric.Key, metric.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<MetricView>((await ViewsAsync(db, [metric], cancel))[0], metric.Version, metric.Key);
    }

    private static async Task<Results<Versioned<MetricView>, Problem>> GetAsync(string metric, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(metric, current, db, cancel) is { } row ? new Versioned<MetricView>((await ViewsAsync(db, [row], cancel))[0], row.Version) : NotThere(metric);

    private static async Task<Results<Versioned<MetricView>, Problem>> UpdateAsync(
        string metric, UpdateMetricRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (await FindAsync(metric, current, db, cancel) is not { } row)
            return NotThere(metric);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (await Owners.FaultAsync(db, request.Owner.Or(null), cancel) is { } unknown)
            return unknown;
        var changed = row.Change(request.Name.Or(row.Name), request.Description.Or(row.Description), request.Owner.Or(row.OwnerId), request.Definition.Or(row.Details));
        if (!changed.IsOk)
            return Place(changed.Error).ToProblem();
        if (request.Archived.IsSet && request.Archived.Value)
            row.Archive(time.GetUtcNow());
        else if (request.Archived.IsSet)
            row.Restore();
        if (await current.SaveAsync("metric.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<MetricView>((await ViewsAsync(db, [row], cancel))[0], row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string metric, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(metric, current, db, cancel) is not { } row)
            return NotThere(metric);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.Metrics.Remove(row);
        return await current.SaveAsync("metric.deleted", row.Key, row.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<MetricView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<Metric> rows, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.Select(row => row.OwnerId), cancel);
        string[] keys = [.. rows.Select(row => row.Key)];
        var projects = rows.Select(row => row.ProjectId).Distinct().ToArray();
        var used = rows.Count == 0 ? [] : await db.Experiments.AsNoTracking().Where(row => projects.Contains(row.ProjectId) && row.MetricKeys.Any(key => keys.Contains(key))).Select(row => row.MetricKeys).ToListAsync(cancel);
        return [.. rows.Select(row => new MetricView(
            row.Id, row.Key, row.Name, row.Description, people[row.OwnerId], row.Details, used.Count(metrics => metrics.Contains(row.Key, StringComparer.Ordinal)), row.ArchivedAt, row.Version, row.CreatedAt,
            row.UpdatedAt))];
    }

    /// <summary>Where a fault is in the body.</summary>
    internal static StoreError Place(StoreError error) => error.Path is null or "key" or "name" or "description" ? error : error with { Path = $"definition/{error.Path}" };

    private static Task<Metric?> FindAsync(string metric, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Metrics.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == metric, cancel);

    private static Problem NotThere(string metric) => Problem.NotFound($"There is no metric {metric}.");
}
