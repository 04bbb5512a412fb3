using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Experiments;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Layers;

internal static class HoldoutEndpoints
{
    private static readonly SortKey<Holdout>[] Sorts =
    [
        SortKey<Holdout>.Text("key", row => row.Key, row => row.Id),
        SortKey<Holdout>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapHoldouts(this IEndpointRouteBuilder project)
    {
        var holdouts = project.MapGroup("/holdouts").WithTags("Experiments");
        holdouts.MapGet("", ListAsync).WithName("listHoldouts").WithSummary("The holdouts of a project").RequirePermission(Permissions.FlagView);
        holdouts.MapPost("", CreateAsync).WithName("createHoldout").WithSummary("Create a holdout").RequirePermission(Permissions.ExperimentManage);
        holdouts.MapGet("/{holdout}", GetAsync).WithName("getHoldout").WithSummary("A holdout").RequirePermission(Permissions.FlagView);
        holdouts.MapPatch("/{holdout}", UpdateAsync).WithName("updateHoldout").WithSummary("Change a holdout").RequirePermission(Permissions.ExperimentManage);
        holdouts.MapDelete("/{holdout}", DeleteAsync).WithName("deleteHoldout").WithSummary("Delete a holdout that no experiment names").RequirePermission(Permissions.ExperimentManage);
    }

    private static async Task<Results<Ok<Page<HoldoutView>>, Problem>> ListAsync([AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Holdouts.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, current, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<HoldoutView>, Problem>> CreateAsync(CreateHoldoutRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var created = Holdout.Create(current.Project, request.Key, request.Name ?? "", request.Description ?? "", Shares.Of(request.Percentage));
        if (!created.IsOk)
            return created.Error.ToProblem();
        var holdout = created.Value;
        db.Holdouts.Add(holdout);
        if (await current.SaveAsync("holdout.created", holdout.Key, holdout.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<HoldoutView>((await ViewsAsync(db, current, [holdout], cancel))[0], holdout.Version, holdout.Key);
    }

    private static async Task<Results<Versioned<HoldoutView>, Problem>> GetAsync(string holdout, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(holdout, current, db, cancel) is { } row ? new Versioned<HoldoutView>((await ViewsAsync(db, current, [row], cancel))[0], row.Version) : NotThere(holdout);

    private static async Task<Results<Versioned<HoldoutView>, Problem>> UpdateAsync(string holdout, UpdateHoldoutRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(holdout, current, db, cancel) is not { } row)
            return NotThere(holdout);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var changed = row.Change(request.Name.Or(row.Name), request.Description.Or(row.Description), request.Percentage.IsSet ? Shares.Of(request.Percentage.Value) : row.Share);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync("holdout.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<HoldoutView>((await ViewsAsync(db, current, [row], cancel))[0], row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string holdout, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(holdout, current, db, cancel) is not { } row)
            return NotThere(holdout);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (await LayerEndpoints.UsesAsync(db, current, experiment => experiment.HoldoutKey == holdout, "Experiments name the holdout.", cancel) is { } used)
            return used;
        db.Holdouts.Remove(row);
        return await current.SaveAsync("holdout.deleted", row.Key, row.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<HoldoutView>> ViewsAsync(TogglrDbContext db, Current current, IReadOnlyList<Holdout> rows, CancellationToken cancel)
    {
        string[] keys = [.. rows.Select(row => row.Key)];
        var users = await db.Experiments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id && row.HoldoutKey != null && keys.Contains(row.HoldoutKey) && row.State != ExperimentState.Archived)
            .OrderBy(row => row.Key).ToListAsync(cancel);
        return [.. rows.Select(row => new HoldoutView(
            row.Id, row.Key, row.Name, row.Description, row.Share / 100.0,
            [.. users.Where(user => user.HoldoutKey == row.Key).Select(user => new HeldOutView(user.Key, user.Name, user.EnvironmentKey, user.State))], row.Version, row.CreatedAt, row.UpdatedAt))];
    }

    private static Task<Holdout?> FindAsync(string holdout, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Holdouts.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == holdout, cancel);

    private static Problem NotThere(string holdout) => Problem.NotFound($"There is no holdout {holdout}.");
}
