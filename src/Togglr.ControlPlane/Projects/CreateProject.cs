using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Projects;

internal static class CreateProject
{
    public static async Task<Results<CreatedVersion<ProjectView>, Problem>> HandleAsync(
        CreateProjectRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = await db.Organizations.SingleAsync(row => row.Id == current.OrganizationId, cancel);
        var created = Project.Create(organization, request.Key, request.Name ?? request.Key, request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        var project = created.Value;
        db.Projects.Add(project);
        db.Environments.AddRange(project.StandardEnvironments());
        db.Tags.AddRange(Tag.SafetyTags(project));
        current.Project = project;
        if (await current.SaveAsync("project.created", project.Key, project.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<ProjectView>(ProjectEndpoints.View(project), project.Version, project.Key);
    }
}
