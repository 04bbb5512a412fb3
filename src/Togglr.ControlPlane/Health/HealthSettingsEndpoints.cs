using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Flags;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>When errors are too many: for the project, an environment of it, or a flag in an environment.</summary>
internal static class HealthSettingsEndpoints
{
    public static void MapHealthSettings(this IEndpointRouteBuilder project)
    {
        var settings = project.MapGroup("").WithTags("Health");
        settings.MapGet("/health/settings", ListAsync).WithName("listHealthSettings").WithSummary("When errors are too many, and what happens then").RequirePermission(Permissions.FlagView);
        settings.MapPut("/health/settings", PutProjectAsync).WithName("putProjectHealthSettings").WithSummary("Set what holds in a project unless something nearer is said").RequirePermission(Permissions.ProjectManage);
        settings.MapDelete("/health/settings", DeleteProjectAsync).WithName("deleteProjectHealthSettings").WithSummary("Let the built-in settings hold in a project").RequirePermission(Permissions.ProjectManage);
        settings.MapPut("/environments/{env}/health/settings", PutEnvironmentAsync).WithName("putEnvironmentHealthSettings").WithSummary("Set what holds in an environment").RequirePermission(Permissions.ProjectManage);
        settings.MapDelete("/environments/{env}/health/settings", DeleteEnvironmentAsync).WithName("deleteEnvironmentHealthSettings").WithSummary("Let the project's settings hold in an environment").RequirePermission(Permissions.ProjectManage);
        settings.MapPut("/flags/{flag}/environments/{env}/health/settings", PutFlagAsync).WithName("putFlagHealthSettings").WithSummary("Set what holds for a flag in an environment").RequirePermission(Permissions.FlagManage);
        settings.MapDelete("/flags/{flag}/environments/{env}/health/settings", DeleteFlagAsync).WithName("deleteFlagHealthSettings").WithSummary("Let the environment's settings hold for a flag").RequirePermission(Permissions.FlagManage);
    }

    private static async Task<Ok<ProjectHealthSettingsView>> ListAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await db.HealthSettings.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToListAsync(cancel);
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToDictionaryAsync(row => row.Id, row => (row.Key, row.Position), cancel);
        Guid[] ids = [.. rows.Where(row => row.FlagId is not null).Select(row => row.FlagId!.Value)];
        var flags = await db.Flags.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var own = rows.Find(row => row.EnvironmentId is null);
        return TypedResults.Ok(new ProjectHealthSettingsView(
            HealthSettingsView.Of(own?.Terms ?? HealthTerms.Default, null, null, own?.Version ?? 0), own is null,
            [.. rows.Where(row => row is { EnvironmentId: not null, FlagId: null }).OrderBy(row => environments[row.EnvironmentId!.Value].Position).Select(View)],
            [.. rows.Where(row => row.FlagId is not null).OrderBy(row => flags[row.FlagId!.Value], StringComparer.Ordinal).ThenBy(row => environments[row.EnvironmentId!.Value].Position).Select(View)]));

        HealthSettingsView View(HealthSettings row) => HealthSettingsView.Of(
            row.Terms, row.EnvironmentId is { } place ? environments[place].Key : null, row.FlagId is { } flag ? flags[flag] : null, row.Version);
    }

    private static Task<Results<Versioned<HealthSettingsView>, Problem>> PutProjectAsync(PutHealthSettingsRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        PutAsync(request, null, null, current, db, cancel);

    private static Task<Results<NoContent, Problem>> DeleteProjectAsync(Current current, TogglrDbContext db, CancellationToken cancel) => DeleteAsync(null, null, current, db, cancel);

    private static Task<Results<Versioned<HealthSettingsView>, Problem>> PutEnvironmentAsync(PutHealthSettingsRequest request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        PutAsync(request, current.Environment, null, current, db, cancel);

    private static Task<Results<NoContent, Problem>> DeleteEnvironmentAsync(Current current, TogglrDbContext db, CancellationToken cancel) => DeleteAsync(current.Environment, null, current, db, cancel);

    private static async Task<Results<Versioned<HealthSettingsView>, Problem>> PutFlagAsync(string flag, PutHealthSettingsRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FlagStore.FindAsync(db, current, flag, cancel) is not { } row)
            return FlagStore.NotThere(flag);
        return await PutAsync(request, current.Environment, row, current, db, cancel);
    }

    private static async Task<Results<NoContent, Problem>> DeleteFlagAsync(string flag, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FlagStore.FindAsync(db, current, flag, cancel) is { } row ? await DeleteAsync(current.Environment, row, current, db, cancel) : FlagStore.NotThere(flag);

    private static async Task<Results<Versioned<HealthSettingsView>, Problem>> PutAsync(
        PutHealthSettingsRequest request, ProjectEnvironment? environment, Flag? flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var row = await FindAsync(environment, flag, current, db, cancel);
        if (row is not null && EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var isNew = row is null;
        if (row is null)
        {
            var created = HealthSettings.Create(current.Project, environment, flag, request.Terms);
            if (!created.IsOk)
                return created.Error.ToProblem();
            db.HealthSettings.Add(row = created.Value);
        }
        else if (row.Change(request.Terms) is { IsOk: false } changed)
        {
            return changed.Error!.ToProblem();
        }
        if (await current.SaveAsync(isNew ? "health.configured" : "health.updated", KeyOf(environment, flag), row.Id, request.Reason, cancel, environment?.Key) is { } problem)
            return problem;
        return new Versioned<HealthSettingsView>(HealthSettingsView.Of(row.Terms, environment?.Key, flag?.Key, row.Version), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(ProjectEnvironment? environment, Flag? flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(environment, flag, current, db, cancel) is not { } row)
            return Problem.NotFound("Nothing is set here.");
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.HealthSettings.Remove(row);
        if (await current.SaveAsync("health.reset", KeyOf(environment, flag), row.Id, reason: null, cancel, environment?.Key) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static Task<HealthSettings?> FindAsync(ProjectEnvironment? environment, Flag? flag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (place, one) = (environment?.Id, flag?.Id);
        return db.HealthSettings.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.EnvironmentId == place && row.FlagId == one, cancel);
    }

    /// <summary>What it is about is what people call it.</summary>
    private static string KeyOf(ProjectEnvironment? environment, Flag? flag) => flag?.Key ?? environment?.Key ?? "project";
}
