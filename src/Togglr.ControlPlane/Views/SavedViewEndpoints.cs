using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Views;

/// <summary>Search, filters, order and columns of the flag list under a name.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="Query">What stands behind the question mark in the list's address.</param>
/// <param name="Shared">Whether everybody in the project sees it.</param>
/// <param name="Owner">Who made it; null for somebody who is no member any more, and for a service account.</param>
/// <param name="Mine">Whether the caller made it.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record SavedViewView(
    Guid Id, string Name, string Query, bool Shared, PersonRef? Owner, bool Mine, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new view.</summary>
public sealed record CreateSavedViewRequest
{
    /// <summary>For people: 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>What stands behind the question mark in the list's address: at most 2,000 characters.</summary>
    public required string Query { get; init; }

    /// <summary>Whether everybody in the project sees it, which needs <c>flag.manage</c>; only its owner does if absent.</summary>
    public bool? Shared { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a view.</summary>
public sealed record UpdateSavedViewRequest
{
    /// <summary>For people: 1 to 200 characters.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>What stands behind the question mark in the list's address: at most 2,000 characters.</summary>
    public Optional<string> Query { get; init; }

    /// <summary>Whether everybody in the project sees it, which needs <c>flag.manage</c>.</summary>
    public Optional<bool> Shared { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A private view is its owner's alone, and nobody else learns that it exists. A shared one is changed by whoever manages the project's flags.</summary>
internal static class SavedViewEndpoints
{
    /// <summary>How many of each: shared in a project, and private of one person in it.</summary>
    private const int MaximumViews = 100;

    public static void MapSavedViews(this IEndpointRouteBuilder project)
    {
        var views = project.MapGroup("/views").WithTags("Views").WithMetadata(new NeverRequested());
        views.MapGet("", ListAsync).WithName("listViews").WithSummary("The saved views that one sees: one's own and those that are shared").RequirePermission(Permissions.FlagView);
        views.MapPost("", CreateAsync).WithName("createView").WithSummary("Save a view of the flag list").RequirePermission(Permissions.FlagView);
        views.MapPatch("/{id:guid}", UpdateAsync).WithName("updateView").WithSummary("Change a saved view").RequirePermission(Permissions.FlagView);
        views.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteView").WithSummary("Delete a saved view").RequirePermission(Permissions.FlagView);
    }

    private static async Task<Ok<Page<SavedViewView>>> ListAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await Visible(current, db).AsNoTracking().OrderBy(row => row.Name).ThenBy(row => row.Id).ToListAsync(cancel);
        var people = await People.ReadAsync(db, rows.Select(row => (Guid?)row.OwnerId), cancel);
        return TypedResults.Ok(new Page<SavedViewView>([.. rows.Select(row => View(row, people, current))], null, rows.Count));
    }

    private static async Task<Results<CreatedVersion<SavedViewView>, Problem>> CreateAsync(
        CreateSavedViewRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var isShared = request.Shared ?? false;
        if (isShared && !current.May(Permissions.FlagManage, current.Project.Id))
            return NotForAll;
        var created = SavedView.Create(current.Project, current.Caller.Id, request.Name, request.Query, isShared);
        if (!created.IsOk)
            return created.Error.ToProblem();
        if (await IsFullAsync(isShared, current, db, cancel))
            return Full;
        var view = created.Value;
        db.SavedViews.Add(view);
        if (await current.SaveAsync("view.created", KeyOf(view), view.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<SavedViewView>(await ViewAsync(view, current, db, cancel), view.Version, view.Id.ToString());
    }

    private static async Task<Results<Versioned<SavedViewView>, Problem>> UpdateAsync(
        Guid id, UpdateSavedViewRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await Visible(current, db).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } view)
            return NotThere;
        if (EntityTags.Check(current.Http.Request, view.Version) is { } stale)
            return stale;
        var isShared = request.Shared.Or(view.Shared);
        if ((view.Shared || isShared) && !current.May(Permissions.FlagManage, current.Project.Id))
            return NotForAll;
        // What somebody shared would vanish for everybody else, and appear in the list of a person who did not ask for it.
        if (view.Shared && !isShared && view.OwnerId != current.Caller.Id)
            return Problem.Conflict("Only its owner can make a shared view private.", "not_owner");
        var isMoved = isShared != view.Shared;
        var changed = view.Change(request.Name.Or(view.Name), request.Query.Or(view.Query), isShared);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (isMoved && await IsFullAsync(isShared, current, db, cancel))
            return Full;
        if (await current.SaveAsync("view.updated", KeyOf(view), view.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<SavedViewView>(await ViewAsync(view, current, db, cancel), view.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await Visible(current, db).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } view)
            return NotThere;
        if (EntityTags.Check(current.Http.Request, view.Version) is { } stale)
            return stale;
        if (view.Shared && !current.May(Permissions.FlagManage, current.Project.Id))
            return NotForAll;
        db.SavedViews.Remove(view);
        if (await current.SaveAsync("view.deleted", KeyOf(view), view.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static IQueryable<SavedView> Visible(Current current, TogglrDbContext db) =>
        db.SavedViews.Where(row => row.ProjectId == current.Project.Id && (row.Shared || row.OwnerId == current.Caller.Id));

    private static async Task<bool> IsFullAsync(bool isShared, Current current, TogglrDbContext db, CancellationToken cancel) =>
        await db.SavedViews.CountAsync(row => row.ProjectId == current.Project.Id && (isShared ? row.Shared : !row.Shared && row.OwnerId == current.Caller.Id), cancel) >= MaximumViews;

    private static async Task<SavedViewView> ViewAsync(SavedView row, Current current, TogglrDbContext db, CancellationToken cancel) =>
        View(row, await People.ReadAsync(db, [row.OwnerId], cancel), current);

    private static SavedViewView View(SavedView row, People people, Current current) =>
        new(row.Id, row.Name, row.Query, row.Shared, people[row.OwnerId], row.OwnerId == current.Caller.Id, row.Version, row.CreatedAt, row.UpdatedAt);

    /// <summary>Live events and the log's search name a private view by its id: its name is its owner's.</summary>
    private static string KeyOf(SavedView view) => view.Shared ? view.Name : view.Id.ToString();

    private static Problem NotThere => Problem.NotFound("There is no such view.");

    private static Problem NotForAll => Problem.Forbidden($"Sharing a view, and changing a shared one, needs the permission {Permissions.FlagManage}.");

    private static Problem Full => Problem.Conflict($"There are {MaximumViews} views already. Delete one first.", "too_many");
}
