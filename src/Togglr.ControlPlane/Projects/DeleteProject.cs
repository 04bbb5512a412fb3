using Microsoft.AspNetCore.Http.HttpResults;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Projects;

/// <summary>Deletes a project with everything in it; the audit log stays.</summary>
internal static class DeleteProject
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var project = current.Project;
        if (EntityTags.Check(current.Http.Request, project.Version) is { } stale)
            return stale;
        db.Projects.Remove(project);
        if (await current.SaveAsync("project.deleted", project.Key, project.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
