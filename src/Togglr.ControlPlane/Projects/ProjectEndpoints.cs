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

namespace Togglr.ControlPlane.Projects;

/// <summary>What is switched together: a product, a service, a site.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the organization; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record ProjectView(Guid Id, string Key, string Name, string Description, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new project; it begins with the environments <c>prod</c>, <c>stage</c> and <c>dev</c>.</summary>
public sealed record CreateProjectRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a project.</summary>
public sealed record UpdateProjectRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class ProjectEndpoints
{
    private static readonly SortKey<Project>[] Sorts =
    [
        SortKey<Project>.Text("key", row => row.Key, row => row.Id),
        SortKey<Project>.Text("name", row => row.Name, row => row.Id),
        SortKey<Project>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<Project>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static void MapProjects(this IEndpointRouteBuilder organization)
    {
        var projects = organization.MapGroup("/projects").WithTags("Projects");
        projects.MapGet("", ListAsync).WithName("listProjects").WithSummary("The projects of an organization").RequirePermission(Permissions.OrganizationView);
        projects.MapPost("", CreateProject.HandleAsync).WithName("createProject").WithSummary("Create a project with its environments")
            .RequirePermission(Permissions.ProjectCreate);
        projects.MapGet("/{project}", Get).WithName("getProject").WithSummary("A project").RequirePermission(Permissions.ProjectView);
        projects.MapPatch("/{project}", UpdateAsync).WithName("updateProject").WithSummary("Change a project").RequirePermission(Permissions.ProjectManage);
        projects.MapDelete("/{project}", DeleteProject.HandleAsync).WithName("deleteProject").WithSummary("Delete a project and everything in it")
            .RequirePermission(Permissions.ProjectManage);
    }

    internal static ProjectView View(Project row) => new(row.Id, row.Key, row.Name, row.Description, row.Version, row.CreatedAt, row.UpdatedAt);

    private static async Task<Results<Ok<Page<ProjectView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Projects.AsNoTracking();
        if (!current.May(Permissions.ProjectView))
        {
            var mine = current.Caller.ScopesOf(Permissions.ProjectView, current.OrganizationId).Select(scope => scope.Project).ToArray();
            query = query.Where(row => mine.Contains(row.Id));
        }
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static Versioned<ProjectView> Get(Current current) => new(View(current.Project), current.Project.Version);

    private static async Task<Results<Versioned<ProjectView>, Problem>> UpdateAsync(UpdateProjectRequest request, Current current, CancellationToken cancel)
    {
        var project = current.Project;
        if (EntityTags.Check(current.Http.Request, project.Version) is { } stale)
            return stale;
        var described = project.Describe(request.Name.Or(project.Name), request.Description.Or(project.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("project.updated", project.Key, project.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<ProjectView>(View(project), project.Version);
    }
}
