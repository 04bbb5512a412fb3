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

namespace Togglr.ControlPlane.Environments;

/// <summary>A place where flags have a state of their own.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Color">Written <c>#rrggbb</c>.</param>
/// <param name="Critical">Whether changes here deserve a second thought.</param>
/// <param name="Position">Place in the project's list, from 0.</param>
/// <param name="Revision">Grows with every change of the snapshot.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="Sampling">What is kept of the contexts that are evaluated here.</param>
public sealed record EnvironmentView(
    Guid Id, string Key, string Name, string Color, bool Critical, int Position, long Revision, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, SamplingView Sampling);

/// <summary>A new environment, placed last.</summary>
public sealed record CreateEnvironmentRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>Written <c>#rrggbb</c>; grey if absent.</summary>
    public string? Color { get; init; }

    /// <summary>Whether changes here deserve a second thought.</summary>
    public bool? Critical { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an environment.</summary>
public sealed record UpdateEnvironmentRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>Written <c>#rrggbb</c>.</summary>
    public Optional<string> Color { get; init; }

    /// <summary>Whether changes here deserve a second thought.</summary>
    public Optional<bool> Critical { get; init; }

    /// <summary>What is kept of the contexts that are evaluated here; stays if absent.</summary>
    public SamplingBody? Sampling { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>The order of a project's environments.</summary>
public sealed record OrderEnvironmentsRequest
{
    /// <summary>The keys of all environments, each once.</summary>
    public required IReadOnlyList<string> Keys { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class EnvironmentEndpoints
{
    private static readonly SortKey<ProjectEnvironment>[] Sorts =
    [
        SortKey<ProjectEnvironment>.Number("position", row => row.Position, row => row.Id),
        SortKey<ProjectEnvironment>.Text("key", row => row.Key, row => row.Id),
        SortKey<ProjectEnvironment>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapEnvironments(this IEndpointRouteBuilder project)
    {
        var environments = project.MapGroup("/environments").WithTags("Environments");
        environments.MapGet("", ListAsync).WithName("listEnvironments").WithSummary("The environments of a project, in their order").RequirePermission(Permissions.ProjectView);
        environments.MapPost("", CreateEnvironment.HandleAsync).WithName("createEnvironment").WithSummary("Add an environment").RequirePermission(Permissions.ProjectManage);
        environments.MapPost("/order", OrderEnvironments.HandleAsync).WithName("orderEnvironments").WithSummary("Put the environments in order")
            .RequirePermission(Permissions.ProjectManage);
        environments.MapGet("/{env}", Get).WithName("getEnvironment").WithSummary("An environment").RequirePermission(Permissions.ProjectView);
        environments.MapPatch("/{env}", UpdateAsync).WithName("updateEnvironment").WithSummary("Change an environment").RequirePermission(Permissions.ProjectManage);
        environments.MapDelete("/{env}", DeleteEnvironment.HandleAsync).WithName("deleteEnvironment").WithSummary("Delete an environment with its keys and its state of all flags")
            .RequirePermission(Permissions.ProjectManage);
        environments.MapGet("/{env}/compare", CompareEnvironments.HandleAsync).WithName("compareEnvironments").WithSummary("What two environments do differently, flag by flag")
            .RequirePermission(Permissions.FlagView);
        environments.MapPost("/{env}/promote", PromoteEnvironment.HandleAsync).WithName("promoteEnvironment")
            .WithSummary("Copy what flags do from another environment to this one").RequirePermission(Permissions.FlagManage);
        environments.MapPost("/{env}/promote/undo", UndoPromotion.HandleAsync).WithName("undoPromotion")
            .WithSummary("Bring back what flags did here before they were promoted").RequirePermission(Permissions.FlagManage);
    }

    internal static EnvironmentView View(ProjectEnvironment row) =>
        new(row.Id, row.Key, row.Name, row.Color, row.Critical, row.Position, row.Revision, row.Version, row.CreatedAt, row.UpdatedAt,
            new SamplingView(row.SampleContexts, row.SampleAttributes, row.SampleMinutes, row.SampleSize));

    private static async Task<Results<Ok<Page<EnvironmentView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static Versioned<EnvironmentView> Get(Current current) => new(View(current.Environment), current.Environment.Version);

    private static async Task<Results<Versioned<EnvironmentView>, Problem>> UpdateAsync(UpdateEnvironmentRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var environment = current.Environment;
        if (EntityTags.Check(current.Http.Request, environment.Version) is { } stale)
            return stale;
        var changed = environment.Change(
            request.Name.Or(environment.Name), request.Color.Or(environment.Color), request.Critical.Or(environment.Critical));
        if (changed.IsOk && request.Sampling is { } sampling)
        {
            if (await PrivateAsync(db, environment, sampling.Attributes ?? [], cancel) is { } secret)
                return secret;
            changed = environment.Sample(
                sampling.Enabled ?? environment.SampleContexts, sampling.Attributes ?? environment.SampleAttributes, sampling.Minutes ?? environment.SampleMinutes, sampling.Size ?? environment.SampleSize);
        }
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await current.SaveAsync("environment.updated", environment.Key, environment.Id, request.Reason, cancel, environment.Key) is { } problem)
            return problem;
        return new Versioned<EnvironmentView>(View(environment), environment.Version);
    }

    /// <summary>Attributes that must not leave the server's side are not kept of anybody.</summary>
    private static async Task<Problem?> PrivateAsync(TogglrDbContext db, ProjectEnvironment environment, IReadOnlyList<string> attributes, CancellationToken cancel)
    {
        if (attributes.Count == 0)
            return null;
        var hidden = await db.Attributes.AsNoTracking().Where(row => row.ProjectId == environment.ProjectId && row.Private && attributes.Contains(row.Name)).Select(row => row.Name).FirstOrDefaultAsync(cancel);
        return hidden is null ? null : Problem.Invalid(new ProblemItem("private_attribute", $"/sampling/attributes/{attributes.ToList().IndexOf(hidden)}", $"{hidden} is marked as private and is never kept."));
    }
}
