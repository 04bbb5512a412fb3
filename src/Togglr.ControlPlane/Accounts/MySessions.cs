using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>One place where the person is signed in.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Current">Whether it is the one that asks.</param>
/// <param name="Method">How the person signed in.</param>
/// <param name="SecondFactor">Whether with a second factor.</param>
/// <param name="Organization">The only organization that it opens, by key; absent for all.</param>
/// <param name="Address">Where it was last used from.</param>
/// <param name="UserAgent">The program it was last used by.</param>
/// <param name="CreatedAt">When the person signed in.</param>
/// <param name="LastSeenAt">When its tokens were last exchanged.</param>
/// <param name="ExpiresAt">When it ends unless it is used before.</param>
public sealed record SessionView(
    Guid Id, bool Current, SignInMethod Method, bool SecondFactor, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Organization,
    string? Address, string? UserAgent, DateTimeOffset CreatedAt, DateTimeOffset LastSeenAt, DateTimeOffset ExpiresAt);

internal static class MySessions
{
    private static readonly SortKey<Session>[] Sorts =
    [
        SortKey<Session>.Time("lastSeenAt", row => row.LastSeenAt, row => row.Id),
        SortKey<Session>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void MapMySessions(this IEndpointRouteBuilder me)
    {
        me.MapGet("/sessions", ListAsync).WithName("listMySessions").WithSummary("Where the person is signed in").RequireInPerson();
        me.MapDelete("/sessions/{id:guid}", RevokeAsync).WithName("revokeMySession").WithSummary("End one sign-in").RequireInPerson();
        me.MapDelete("/sessions", RevokeAllAsync).WithName("revokeMySessions").WithSummary("End all other sign-ins, or all").RequireInPerson();
    }

    private static async Task<Results<Ok<Page<SessionView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var query = Mine(db, current, time.GetUtcNow()).AsNoTracking();
        query = query.Search(list.Search, row => row.UserAgent!, row => row.Address!);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, async rows =>
        {
            var ids = rows.Select(row => row.OrganizationId).OfType<Guid>().Distinct().ToArray();
            var keys = ids.Length == 0 ? [] : await db.Organizations.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
            return (IReadOnlyList<SessionView>)[.. rows.Select(row => new SessionView(
                row.Id, row.Id == current.Caller.Session!.Id, row.Method, row.SecondFactor, row.OrganizationId is { } only ? keys.GetValueOrDefault(only) : null,
                row.Address, row.UserAgent, row.CreatedAt, row.LastSeenAt, row.ExpiresAt))];
        }, cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(Guid id, Current current, TogglrDbContext db, Sessions sessions, TimeProvider time, CancellationToken cancel)
    {
        var session = await Mine(db, current, time.GetUtcNow()).Include(row => row.User).SingleOrDefaultAsync(row => row.Id == id, cancel);
        if (session is null)
            return Problem.NotFound("There is no such sign-in of yours.");
        session.Revoke(time.GetUtcNow());
        return await sessions.SaveAsync(session.User!, "session.revoked", session.Id, reason: null, cancel, only: session.OrganizationId) is { } problem ? problem : TypedResults.NoContent();
    }

    private static async Task<Results<NoContent, Problem>> RevokeAllAsync(
        bool? all, Current current, TogglrDbContext db, Sessions sessions, TimeProvider time, CancellationToken cancel)
    {
        var mine = await Mine(db, current, time.GetUtcNow()).Include(row => row.User).ToListAsync(cancel);
        var ending = mine.Where(row => all == true || row.Id != current.Caller.Session!.Id).ToList();
        if (ending.Count == 0)
            return TypedResults.NoContent();
        foreach (var session in ending)
            session.Revoke(time.GetUtcNow());
        return await sessions.SaveAsync(ending[0].User!, all == true ? "session.revoked_all" : "session.revoked_others", current.Caller.Id, reason: null, cancel, only: current.Caller.Session!.Organization) is { } problem
            ? problem : TypedResults.NoContent();
    }

    /// <summary>The person's live sign-ins. One that an organization's identity provider vouched for sees that organization's only.</summary>
    private static IQueryable<Session> Mine(TogglrDbContext db, Current current, DateTimeOffset now)
    {
        var only = current.Caller.Session!.Organization;
        return db.Sessions.Where(row => row.UserId == current.Caller.Id && row.RevokedAt == null && row.ExpiresAt > now && (only == null || row.OrganizationId == only));
    }
}
