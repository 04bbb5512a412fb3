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

namespace Togglr.ControlPlane.Attributes;

/// <summary>An entry of the project's catalogue of context attributes, which the targeting editor offers.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">Unique in the project; never changes.</param>
/// <param name="Type">What its values are.</param>
/// <param name="Description">For people.</param>
/// <param name="Values">Declared values, then values that were seen.</param>
/// <param name="Private">Whether it must not leave the server's side: flags that clients see should not look at it.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record AttributeView(
    Guid Id, string Name, AttributeType Type, string Description, IReadOnlyList<string> Values, bool Private, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new entry of the catalogue.</summary>
public sealed record CreateAttributeRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Name { get; init; }

    /// <summary>What its values are.</summary>
    public required AttributeType Type { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Values to offer, at most 1,000.</summary>
    public IReadOnlyList<string>? Values { get; init; }

    /// <summary>Whether it must not leave the server's side; false if absent.</summary>
    public bool? Private { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an entry of the catalogue.</summary>
public sealed record UpdateAttributeRequest
{
    /// <summary>What its values are.</summary>
    public Optional<AttributeType> Type { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Values to offer, at most 1,000.</summary>
    public Optional<IReadOnlyList<string>> Values { get; init; }

    /// <summary>Whether it must not leave the server's side.</summary>
    public Optional<bool> Private { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class AttributeEndpoints
{
    private static readonly SortKey<AttributeDefinition>[] Sorts = [SortKey<AttributeDefinition>.Text("name", row => row.Name, row => row.Id)];

    public static void MapAttributes(this IEndpointRouteBuilder project)
    {
        project.MapGet("/observed-attributes", ListObservedAttributes.HandleAsync).WithName("listObservedAttributes").WithSummary("Attributes and values that were seen in contexts")
            .WithTags("Attributes").RequirePermission(Permissions.FlagView);
        var attributes = project.MapGroup("/attributes").WithTags("Attributes");
        attributes.MapGet("", ListAsync).WithName("listAttributes").WithSummary("The attribute catalogue of a project").RequirePermission(Permissions.ProjectView);
        attributes.MapPost("", CreateAsync).WithName("createAttribute").WithSummary("Add an attribute to the catalogue").RequirePermission(Permissions.FlagManage);
        attributes.MapGet("/{name}", GetAsync).WithName("getAttribute").WithSummary("An attribute of the catalogue").RequirePermission(Permissions.ProjectView);
        attributes.MapGet("/{name}/references", GetAttributeReferences.HandleAsync).WithName("getAttributeReferences").WithSummary("What reads an attribute")
            .RequirePermission(Permissions.FlagView);
        attributes.MapPatch("/{name}", UpdateAsync).WithName("updateAttribute").WithSummary("Change an attribute of the catalogue").RequirePermission(Permissions.FlagManage);
        attributes.MapDelete("/{name}", DeleteAsync).WithName("deleteAttribute").WithSummary("Remove an attribute from the catalogue; rules may still use it")
            .RequirePermission(Permissions.FlagManage);
    }

    private static async Task<Results<Ok<Page<AttributeView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = db.Attributes.AsNoTracking().Where(row => row.ProjectId == current.Project.Id);
        query = query.Search(list.Search, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    internal static async Task<Results<CreatedVersion<AttributeView>, Problem>> CreateAsync(
        CreateAttributeRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var created = AttributeDefinition.Create(current.Project, request.Name, request.Type, request.Description ?? "", request.Values, request.Private ?? false);
        if (!created.IsOk)
            return created.Error.ToProblem();
        var attribute = created.Value;
        db.Attributes.Add(attribute);
        if (await current.SaveAsync("attribute.created", attribute.Name, attribute.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<AttributeView>(View(attribute), attribute.Version, attribute.Name);
    }

    private static async Task<Results<Versioned<AttributeView>, Problem>> GetAsync(string name, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await FindAsync(name, current, db, cancel) is { } row ? new Versioned<AttributeView>(View(row), row.Version) : NotThere(name);

    private static async Task<Results<Versioned<AttributeView>, Problem>> UpdateAsync(
        string name, UpdateAttributeRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(name, current, db, cancel) is not { } row)
            return NotThere(name);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        var described = row.Describe(request.Type.Or(row.Type), request.Description.Or(row.Description), request.Values.Or(row.DeclaredValues), request.Private.Or(row.Private));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("attribute.updated", row.Name, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<AttributeView>(View(row), row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string name, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(name, current, db, cancel) is not { } row)
            return NotThere(name);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.Attributes.Remove(row);
        if (await current.SaveAsync("attribute.deleted", row.Name, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    internal static Task<AttributeDefinition?> FindAsync(string name, Current current, TogglrDbContext db, CancellationToken cancel) =>
        db.Attributes.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Name == name, cancel);

    internal static Problem NotThere(string name) => Problem.NotFound($"There is no attribute {name} in the catalogue.");

    private static AttributeView View(AttributeDefinition row) => new(
        row.Id, row.Name, row.Type, row.Description, row.DeclaredValues, row.Private,
        row.Version, row.CreatedAt, row.UpdatedAt);
}
