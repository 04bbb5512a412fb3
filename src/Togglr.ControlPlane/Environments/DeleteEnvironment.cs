using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Environments;

/// <summary>Deletes an environment, its keys and its state of all flags. A project keeps at least one.</summary>
internal static class DeleteEnvironment
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var environment = current.Environment;
        if (EntityTags.Check(current.Http.Request, environment.Version) is { } stale)
            return stale;
        if (!await db.Environments.AnyAsync(row => row.ProjectId == current.Project.Id && row.Id != environment.Id, cancel))
            return Problem.Conflict("A project keeps at least one environment.", "last_environment");
        db.Environments.Remove(environment);
        if (await current.SaveAsync("environment.deleted", environment.Key, environment.Id, reason: null, cancel, environment.Key) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
