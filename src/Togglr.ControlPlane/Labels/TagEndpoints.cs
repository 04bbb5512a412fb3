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

/// <summary>A coloured label of flags.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Color">Written <c>#rrggbb</c>.</param>
/// <param name="Description">For people.</param>
/// <param name="Safety">Whether it changes what may be done to a flag; such tags cannot be deleted.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record TagView(
    Guid Id, string Key, string Name, string Color, string Description, bool Safety, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new tag.</summary>
public sealed record CreateTagRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>Written <c>#rrggbb</c>; grey if absent.</summary>
    public string? Color { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a tag.</summary>
public sealed record UpdateTagRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>Written <c>#rrggbb</c>.</summary>
    public Optional<string> Color { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class TagEndpoints
{
    private static readonly SortKey<Tag>[] Sorts =
    [
        SortKey<Tag>.Text("key", row => row.Key, row => row.Id),
        SortKey<Tag>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapTags(this IEndpointRouteBuilder project)
    {
        var tags = project.MapGroup("/tags").WithTags("Categories and tags");
        tags.MapGet("", ListAsync).WithName("listTags").WithSummary("The tags of a project").RequirePermission(Permissions.ProjectView);
        tags.MapPost("", CreateAsync).WithName("createTag").WithSummary("Create a tag").RequirePermission(Permissions.TagManage);
        tags.MapGet("/{tag}", GetAsync).WithName("getTag").WithSummary("A tag").RequirePermission(Permissions.ProjectView);
        tags.MapPatch("/{tag}", UpdateAsync).WithName("updateTag").WithSummary("Change a tag").RequirePermission(Permissions.TagManage);
        tags.MapDelete("/{tag}", DeleteAsync).WithName("deleteTag").WithSummary("Delete a tag that no flag has").RequirePermission(Permissions.TagManage);
    }

    private static async Task<Results<Ok<Page<TagView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Tags.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    internal static async Task<Results<CreatedVersion<TagView>, Problem>> CreateAsync(
        CreateTagRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var created = Tag.Create(current.Project, request.Key, request.Name ?? request.Key, request.Color ?? "#868e96", request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        var tag = created.Value;
        db.Tags.Add(tag);
        if (await current.SaveAsync("tag.created", tag.Key, tag.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<TagView>(View(tag), tag.Version, tag.Key);
    }

    private static async Task<Results<Versioned<TagView>, Problem>> GetAsync(string tag, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(tag, current, db, cancel) is { } row ? new Versioned<TagView>(View(row), row.Version) : NotThere(tag);

    private static async Task<Results<Versioned<TagView>, Problem>> UpdateAsync(
        string tag, UpdateTagRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(tag, current, db, cancel) is not { } row)
            return NotThere(tag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var described = row.Describe(request.Name.Or(row.Name), request.Color.Or(row.Color), request.Description.Or(row.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("tag.updated", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<TagView>(View(row), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string tag, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(tag, current, db, cancel) is not { } row)
            return NotThere(tag);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (row.IsSafety)
            return Problem.Conflict("Safety tags stay.", "read_only");
        var users = await db.Flags.Where(flag => flag.ProjectId == row.ProjectId && flag.Tags.Contains(row.Key)).OrderBy(flag => flag.Key).Select(flag => flag.Key).Take(100).ToListAsync(cancel);
        if (users.Count > 0)
            return Problem.InUse("Flags have this tag.", [.. users.Select(key => new ProblemUse("flag", key, []))]);
        db.Tags.Remove(row);
        if (await current.SaveAsync("tag.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static Task<Tag?> FindAsync(string key, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Tags.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel);

    private static Problem NotThere(string key) => Problem.NotFound($"There is no tag {key}.");

    private static TagView View(Tag row) =>
        new(row.Id, row.Key, row.Name, row.Color, row.Description, row.IsSafety, row.Version, row.CreatedAt, row.UpdatedAt);
}
