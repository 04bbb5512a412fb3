using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Evaluation;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Contexts;

/// <summary>A context that a project's people keep for the evaluation debugger.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Unique in the project.</param>
/// <param name="Context">The context: <c>targetingKey</c> and any attributes. The audit log does not repeat it.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was saved first.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
public sealed record SavedContextView(
    Guid Id,
    string Name,
    [property: ApiSchema("EvaluationContext")] JsonElement Context,
    int Version,
    DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy);

/// <summary>A context to keep.</summary>
public sealed record CreateContextRequest
{
    /// <summary>1 to 200 characters; unique in the project.</summary>
    public required string Name { get; init; }

    /// <summary>The context: <c>targetingKey</c> and any attributes; at most 16 KB.</summary>
    [ApiSchema("EvaluationContext")]
    public required JsonElement Context { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a saved context.</summary>
public sealed record UpdateContextRequest
{
    /// <summary>1 to 200 characters; unique in the project.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>The context: <c>targetingKey</c> and any attributes; at most 16 KB.</summary>
    [ApiSchema("EvaluationContext")]
    public Optional<JsonElement> Context { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class ContextEndpoints
{
    private static readonly SortKey<SavedContext>[] Sorts =
    [
        SortKey<SavedContext>.Text("name", row => row.Name, row => row.Id),
        SortKey<SavedContext>.Time("updatedAt", row => row.UpdatedAt, row => row.Id),
    ];

    public static void MapContexts(this IEndpointRouteBuilder project)
    {
        var contexts = project.MapGroup("/contexts").WithTags("Evaluation").WithMetadata(new NeverRequested());
        contexts.MapGet("", ListAsync).WithName("listContexts").WithSummary("The saved contexts of a project").RequirePermission(Permissions.FlagView);
        contexts.MapPost("", CreateAsync).WithName("createContext").WithSummary("Keep a context for the evaluation debugger").RequirePermission(Permissions.FlagManage);
        contexts.MapGet("/{id:guid}", GetAsync).WithName("getContext").WithSummary("A saved context").RequirePermission(Permissions.FlagView);
        contexts.MapPatch("/{id:guid}", UpdateAsync).WithName("updateContext").WithSummary("Change a saved context").RequirePermission(Permissions.FlagManage);
        contexts.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteContext").WithSummary("Delete a saved context").RequirePermission(Permissions.FlagManage);
    }

    private static async Task<Results<Ok<Page<SavedContextView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.SavedContexts.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Name);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<SavedContextView>, Problem>> CreateAsync(
        CreateContextRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (Fault(request.Context) is { } fault)
            return fault;
        if (await db.SavedContexts.CountAsync(row => row.ProjectId == current.Project.Id, cancel) >= SavedContext.MaximumInProject)
            return Problem.Conflict($"A project keeps at most {SavedContext.MaximumInProject} contexts. Delete one first.", "too_many");
        var created = SavedContext.Create(current.Project, request.Name, request.Context);
        if (!created.IsOk)
            return created.Error.ToProblem();
        db.SavedContexts.Add(created.Value);
        if (await SaveAsync("context.created", created.Value, request.Reason, current, cancel) is { } problem)
            return problem;
        return new CreatedVersion<SavedContextView>((await ViewsAsync(db, [created.Value], cancel))[0], created.Value.Version, created.Value.Id.ToString());
    }

    private static async Task<Results<Versioned<SavedContextView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(id, current, db, cancel) is { } row ? new Versioned<SavedContextView>((await ViewsAsync(db, [row], cancel))[0], row.Version) : NotThere(id);

    private static async Task<Results<Versioned<SavedContextView>, Problem>> UpdateAsync(
        Guid id, UpdateContextRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(id, current, db, cancel) is not { } row)
            return NotThere(id);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var content = request.Context.Or(row.Content);
        if (Fault(content) is { } fault)
            return fault;
        var changed = row.Change(request.Name.Or(row.Name), content);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (await SaveAsync("context.updated", row, request.Reason, current, cancel) is { } problem)
            return problem;
        return new Versioned<SavedContextView>((await ViewsAsync(db, [row], cancel))[0], row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(id, current, db, cancel) is not { } row)
            return NotThere(id);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.SavedContexts.Remove(row);
        if (await SaveAsync("context.deleted", row, reason: null, current, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static async Task<Problem?> SaveAsync(string action, SavedContext row, string? reason, Current current, CancellationToken cancel) =>
        await current.SaveAsync(action, row.Name, row.Id, reason, cancel) is not { } problem
            ? null
            : problem.Code == "already_exists" ? Problem.AlreadyExists($"There is a saved context {row.Name} already.") : problem;

    /// <summary>What evaluation would say of it.</summary>
    private static Problem? Fault(JsonElement context) =>
        EvaluationContext.TryParse(JsonSerializer.SerializeToUtf8Bytes(context), null, out _, out var fault)
            ? null
            : Problem.Invalid(new ProblemItem(fault.Code(), "/context", fault.Describe()));

    private static async Task<IReadOnlyList<SavedContextView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<SavedContext> rows, CancellationToken cancel)
    {
        var people = await People.ReadAsync(db, rows.Select(row => row.UpdatedBy), cancel);
        return [.. rows.Select(row => new SavedContextView(row.Id, row.Name, row.Content, row.Version, row.CreatedAt, row.UpdatedAt, people[row.UpdatedBy]))];
    }

    private static Task<SavedContext?> FindAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.SavedContexts.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Id == id, cancel);

    private static Problem NotThere(Guid id) => Problem.NotFound($"There is no saved context {id}.");
}
