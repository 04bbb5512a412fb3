using System.ComponentModel;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>One's own inbox, over all organizations that the sign-in opens. What somebody may not see any more is not shown any more.</summary>
internal static class InboxEndpoints
{
    private const int MostCounted = 1000;
    private const string Order = "-id";

    public static void MapInbox(this IEndpointRouteBuilder api)
    {
        var inbox = api.MapGroup("/me/inbox").WithTags("Inbox");
        inbox.MapGet("", ListAsync).WithName("listInbox").WithSummary("What concerns the caller, newest first").RequireSignIn();
        inbox.MapGet("/unread", CountAsync).WithName("countUnread").WithSummary("How many things are unread").RequireSignIn();
        inbox.MapPost("/{id:guid}/read", ReadAsync).WithName("readInboxItem").WithSummary("Mark something as read").RequireSignIn();
        inbox.MapPost("/read", ReadAllAsync).WithName("readInbox").WithSummary("Mark everything as read, or what leads to one page").RequireSignIn();
        var preferences = api.MapGroup("/me/notifications").WithTags("Inbox");
        preferences.MapGet("", NotificationPreferences.GetAsync).WithName("getMyNotifications").WithSummary("How the caller is told").RequireSignIn();
        preferences.MapPut("", NotificationPreferences.PutAsync).WithName("putMyNotifications").WithSummary("Decide how one is told").RequireInPerson();
    }

    public static void MapWatches(this IEndpointRouteBuilder project)
    {
        var watch = project.MapGroup("/watch").WithTags("Inbox");
        watch.MapGet("", WatchProject.GetAsync).WithName("getWatch").WithSummary("What the caller watches in a project").RequirePermission(Permissions.FlagView);
        watch.MapPut("", WatchProject.PutAsync).WithName("putWatch").WithSummary("Watch a project or a flag, or watch it no more").RequirePermission(Permissions.FlagView).WithMetadata(new NeverRequested());
    }

    private static async Task<Results<Ok<InboxPage>, Problem>> ListAsync(
        [FromQuery(Name = "limit"), Description("Items on a page, 1 to 100; 20 if absent")] int? limit,
        [FromQuery(Name = "cursor"), Description("nextCursor of the page before")] string? cursor,
        [FromQuery(Name = "unread"), Description("Only what is unread")] bool? unread,
        Current current,
        TogglrDbContext db,
        CancellationToken cancel)
    {
        var size = limit ?? 20;
        if (size is < 1 or > 100)
            return Problem.Invalid(new ProblemItem("out_of_range", "limit", "limit must be from 1 to 100."));
        var query = Visible(db, current.Caller);
        if (unread == true)
            query = query.Where(row => row.ReadAt == null);
        if (cursor is not null)
        {
            if (ListCursor.Decode(cursor) is not { Sort: Order } place)
                return Problem.Invalid(new ProblemItem("bad_cursor", "cursor", "cursor is not a nextCursor of this list."));
            query = query.Where(row => row.Id.CompareTo(place.Id) < 0);
        }
        var rows = await query.OrderByDescending(row => row.Id).Take(size + 1).ToListAsync(cancel);
        var hasMore = rows.Count > size;
        var items = rows.Take(size).Select(View).ToList();
        return TypedResults.Ok(new InboxPage(items, hasMore ? new ListCursor(Order, "", items[^1].Id).Encode() : null, await UnreadAsync(db, current.Caller, cancel)));
    }

    private static async Task<Ok<UnreadView>> CountAsync(Current current, TogglrDbContext db, CancellationToken cancel) =>
        TypedResults.Ok(new UnreadView(await UnreadAsync(db, current.Caller, cancel)));

    private static async Task<Results<NoContent, Problem>> ReadAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (!await Visible(db, current.Caller).AnyAsync(row => row.Id == id, cancel))
            return Problem.NotFound("There is nothing like that in the inbox.");
        await MarkAsync(Visible(db, current.Caller).Where(row => row.Id == id), db, current.Caller, time, cancel);
        return TypedResults.NoContent();
    }

    private static async Task<Ok<UnreadView>> ReadAllAsync(
        [FromQuery(Name = "path"), Description("Only what leads to this page, as in the items' path")] string? path,
        Current current,
        TogglrDbContext db,
        TimeProvider time,
        CancellationToken cancel)
    {
        var rows = Visible(db, current.Caller);
        if (path is not null)
        {
            var unread = await rows.Where(row => row.ReadAt == null).OrderByDescending(row => row.Id).Take(MostCounted).Select(row => new { row.Id, row.Body }).ToListAsync(cancel);
            Guid[] there = [.. unread.Where(row => EventDocument.Read(row.Body).Url is { } url && PathOf(url) == path).Select(row => row.Id)];
            rows = rows.Where(row => there.Contains(row.Id));
        }
        await MarkAsync(rows, db, current.Caller, time, cancel);
        return TypedResults.Ok(new UnreadView(await UnreadAsync(db, current.Caller, cancel)));
    }

    /// <summary>Marks as read, and tells the person's other pages.</summary>
    private static async Task MarkAsync(IQueryable<InboxItem> rows, TogglrDbContext db, Caller caller, TimeProvider time, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var unread = rows.Where(row => row.ReadAt == null);
        var organizations = await unread.Select(row => row.OrganizationId).Distinct().ToListAsync(cancel);
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await unread.ExecuteUpdateAsync(row => row.SetProperty(it => it.ReadAt, now), cancel);
        var notices = new List<ChangeNotice>();
        foreach (var organization in organizations)
        {
            db.UseOrganization(organization);
            notices.Add(await db.AnnounceAsync("notification.read", [caller.Id], cancel));
        }
        await transaction.CommitAsync(cancel);
        foreach (var notice in notices)
            db.Tell(notice);
    }

    private static Task<int> UnreadAsync(TogglrDbContext db, Caller caller, CancellationToken cancel) => Visible(db, caller).Where(row => row.ReadAt == null).Take(MostCounted).CountAsync(cancel);

    /// <summary>What is in the caller's inbox and about something that they may see now.</summary>
    private static IQueryable<InboxItem> Visible(TogglrDbContext db, Caller caller)
    {
        var seen = caller.Grants.Where(grant => grant.Permissions.Contains(Permissions.ProjectView) && !caller.Requirements.ContainsKey(grant.Scope.Organization)).Select(grant => grant.Scope).ToList();
        Guid[] organizations = [.. seen.Where(static scope => scope.Project is null).Select(static scope => scope.Organization).Distinct()];
        Guid[] projects = [.. seen.Where(static scope => scope.Environment is null).Select(static scope => scope.Project).OfType<Guid>().Distinct()];
        return db.InboxItems.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .Where(row => row.UserId == caller.Id && (organizations.Contains(row.OrganizationId) || (row.ProjectId != null && projects.Contains(row.ProjectId.Value))));
    }

    private static InboxItemView View(InboxItem row)
    {
        var told = EventDocument.Read(row.Body);
        return new InboxItemView(
            row.Id, row.Event, told.Group, row.Concern, told.Summary, told.Reason, told.Organization.Key, told.Project?.Key, told.Environment, told.Url is { } url ? PathOf(url) : null, row.CreatedAt, row.ReadAt);
    }

    /// <summary>The page without where the server is: that may be elsewhere by now.</summary>
    private static string PathOf(Uri url)
    {
        var path = url.PathAndQuery;
        var start = path.IndexOf("/p/", StringComparison.Ordinal) is var project and >= 0 ? project : path.IndexOf("/o/", StringComparison.Ordinal);
        return start >= 0 ? path[start..] : path;
    }
}
