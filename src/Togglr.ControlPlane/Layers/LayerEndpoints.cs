using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Layers;

internal static class LayerEndpoints
{
    private static readonly SortKey<Layer>[] Sorts =
    [
        SortKey<Layer>.Text("key", row => row.Key, row => row.Id),
        SortKey<Layer>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapLayers(this IEndpointRouteBuilder project)
    {
        var layers = project.MapGroup("/layers").WithTags("Experiments");
        layers.MapGet("", ListAsync).WithName("listLayers").WithSummary("The layers of a project with what has which part of them").RequirePermission(Permissions.FlagView);
        layers.MapPost("", CreateAsync).WithName("createLayer").WithSummary("Create a layer").RequirePermission(Permissions.ExperimentManage);
        layers.MapGet("/{layer}", GetAsync).WithName("getLayer").WithSummary("A layer").RequirePermission(Permissions.FlagView);
        layers.MapPatch("/{layer}", UpdateAsync).WithName("updateLayer").WithSummary("Change what people see of a layer").RequirePermission(Permissions.ExperimentManage);
        layers.MapDelete("/{layer}", DeleteAsync).WithName("deleteLayer").WithSummary("Delete a layer that no experiment is in").RequirePermission(Permissions.ExperimentManage);
    }

    private static async Task<Results<Ok<Page<LayerView>>, Problem>> ListAsync([AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Layers.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, current, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<LayerView>, Problem>> CreateAsync(CreateLayerRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var created = Layer.Create(current.Project, request.Key, request.Name ?? "", request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        var layer = created.Value;
        db.Layers.Add(layer);
        if (await current.SaveAsync("layer.created", layer.Key, layer.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<LayerView>((await ViewsAsync(db, current, [layer], cancel))[0], layer.Version, layer.Key);
    }

    private static async Task<Results<Versioned<LayerView>, Problem>> GetAsync(string layer, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(layer, current, db, cancel) is { } row ? new Versioned<LayerView>((await ViewsAsync(db, current, [row], cancel))[0], row.Version) : NotThere(layer);

    private static async Task<Results<Versioned<LayerView>, Problem>> UpdateAsync(string layer, UpdateLayerRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(layer, current, db, cancel) is not { } row)
            return NotThere(layer);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var described = row.Describe(request.Name.Or(row.Name), request.Description.Or(row.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("layer.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<LayerView>((await ViewsAsync(db, current, [row], cancel))[0], row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string layer, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(layer, current, db, cancel) is not { } row)
            return NotThere(layer);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (await UsesAsync(db, current, experiment => experiment.LayerKey == layer, "Experiments are in the layer.", cancel) is { } used)
            return used;
        db.Layers.Remove(row);
        return await current.SaveAsync("layer.deleted", row.Key, row.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    /// <summary>Which experiments stand in the way of a removal; null for none.</summary>
    internal static async Task<Problem?> UsesAsync(
        TogglrDbContext db, Current current, System.Linq.Expressions.Expression<Func<Experiment, bool>> isUser, string message, CancellationToken cancel)
    {
        var users = await db.Experiments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).Where(isUser).OrderBy(row => row.Key).Take(20)
            .Select(row => new ProblemUse("experiment", row.Key, new[] { row.EnvironmentKey })).ToListAsync(cancel);
        return users.Count == 0 ? null : Problem.InUse(message, users);
    }

    private static async Task<IReadOnlyList<LayerView>> ViewsAsync(TogglrDbContext db, Current current, IReadOnlyList<Layer> rows, CancellationToken cancel)
    {
        string[] keys = [.. rows.Select(row => row.Key)];
        var parts = await db.Experiments.AsNoTracking()
            .Where(row => row.ProjectId == current.Project.Id && row.LayerKey != null && keys.Contains(row.LayerKey)
                && (row.State == ExperimentState.Draft || row.State == ExperimentState.Running || row.State == ExperimentState.Paused))
            .OrderBy(row => row.LayerFrom).ThenBy(row => row.Key).ToListAsync(cancel);
        return [.. rows.Select(row => new LayerView(
            row.Id, row.Key, row.Name, row.Description,
            [.. parts.Where(part => part.LayerKey == row.Key).Select(part => new LayerPartView(part.Key, part.Name, part.EnvironmentKey, part.State, part.LayerFrom!.Value / 100.0, part.LayerTo!.Value / 100.0))],
            row.Version, row.CreatedAt, row.UpdatedAt))];
    }

    private static Task<Layer?> FindAsync(string layer, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Layers.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == layer, cancel);

    private static Problem NotThere(string layer) => Problem.NotFound($"There is no layer {layer}.");
}
