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

namespace Togglr.ControlPlane.Labels;

/// <summary>A drawer that flags are sorted into.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">Where it comes from.</param>
/// <param name="Description">For people.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record CategoryView(
    Guid Id, string Key, string Name, CategoryKind Kind, string Description, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new category.</summary>
public sealed record CreateCategoryRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary><c>user</c> if absent; <c>system</c> is Togglr's own.</summary>
    public CategoryKind? Kind { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a category.</summary>
public sealed record UpdateCategoryRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class CategoryEndpoints
{
    private static readonly SortKey<Category>[] Sorts =
    [
        SortKey<Category>.Text("key", row => row.Key, row => row.Id),
        SortKey<Category>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapCategories(this IEndpointRouteBuilder project)
    {
        var categories = project.MapGroup("/categories").WithTags("Categories and tags");
        categories.MapGet("", ListAsync).WithName("listCategories").WithSummary("The categories of a project").RequirePermission(Permissions.ProjectView);
        categories.MapPost("", CreateAsync).WithName("createCategory").WithSummary("Create a category").RequirePermission(Permissions.CategoryManage);
        categories.MapGet("/{category}", GetAsync).WithName("getCategory").WithSummary("A category").RequirePermission(Permissions.ProjectView);
        categories.MapPatch("/{category}", UpdateAsync).WithName("updateCategory").WithSummary("Change a category").RequirePermission(Permissions.CategoryManage);
        categories.MapDelete("/{category}", DeleteAsync).WithName("deleteCategory").WithSummary("Delete a category that no flag is in")
            .RequirePermission(Permissions.CategoryManage);
    }

    private static async Task<Results<Ok<Page<CategoryView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Categories.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    internal static async Task<Results<CreatedVersion<CategoryView>, Problem>> CreateAsync(
        CreateCategoryRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (request.Kind == CategoryKind.System)
            return Problem.Invalid(new ProblemItem("reserved", "/kind", "System categories are Togglr's own."));
        var created = Category.Create(current.Project, request.Key, request.Name ?? request.Key, request.Kind ?? CategoryKind.User, request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        var category = created.Value;
        db.Categories.Add(category);
        if (await current.SaveAsync("category.created", category.Key, category.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<CategoryView>(View(category), category.Version, category.Key);
    }

    private static async Task<Results<Versioned<CategoryView>, Problem>> GetAsync(string category, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(category, current, db, cancel) is { } row ? new Versioned<CategoryView>(View(row), row.Version) : NotThere(category);

    private static async Task<Results<Versioned<CategoryView>, Problem>> UpdateAsync(
        string category, UpdateCategoryRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(category, current, db, cancel) is not { } row)
            return NotThere(category);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var described = row.Describe(request.Name.Or(row.Name), request.Description.Or(row.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("category.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<CategoryView>(View(row), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string category, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(category, current, db, cancel) is not { } row)
            return NotThere(category);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (row.Kind == CategoryKind.System)
            return Problem.Conflict("System categories stay.", "read_only");
        var users = await db.Flags.Where(flag => flag.ProjectId == row.ProjectId && flag.Category == row.Key).OrderBy(flag => flag.Key).Select(flag => flag.Key).Take(100).ToListAsync(cancel);
        if (users.Count > 0)
            return Problem.InUse("Flags are in this category.", [.. users.Select(key => new ProblemUse("flag", key, []))]);
        db.Categories.Remove(row);
        if (await current.SaveAsync("category.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static Task<Category?> FindAsync(string key, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Categories.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel);

    private static Problem NotThere(string key) => Problem.NotFound($"There is no category {key}.");

    private static CategoryView View(Category row) => new(row.Id, row.Key, row.Name, row.Kind, row.Description, row.Version, row.CreatedAt, row.UpdatedAt);
}
