using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Audit;

/// <summary>Which entries somebody may see.</summary>
internal static class AuditScope
{
    /// <summary>
    /// Keys of the projects whose entries the caller may see; null: all entries. Whoever may read the log in some projects only sees what happened in them, never
    /// what belongs to the organization.
    /// </summary>
    public static async Task<IReadOnlyCollection<string>?> VisibleProjectsAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (current.May(Permissions.AuditView))
            return null;
        Guid[] projects =
        [
            .. current.Caller.ScopesOf(Permissions.AuditView, current.OrganizationId)
                .Where(scope => scope is { Project: not null, Environment: null }).Select(scope => scope.Project!.Value).Distinct(),
        ];
        return await db.Projects.Where(row => projects.Contains(row.Id)).Select(row => row.Key).ToListAsync(cancel);
    }

    /// <summary>The filter of a request, confined to what the caller may see; or what is wrong with it.</summary>
    public static async Task<(AuditFilter? Filter, Problem? Problem)> FilterAsync(AuditQuery query, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (query.Search is { Length: > 200 })
            return (null, Problem.Invalid(new ProblemItem("too_long", "search", "A search has at most 200 characters.")));
        string?[] texts = [query.Project, query.Environment, query.Entity, query.EntityKey, query.Actor, query.ActorKind, query.Action, query.Ip, query.Search];
        if (texts.OfType<string>().Select(text => Api.Texts.Fault(text, "")).FirstOrDefault(fault => fault is not null) is { } fault)
            return (null, Problem.Invalid(fault));
        var isId = Guid.TryParse(query.Actor, out var actor);
        return (new AuditFilter
        {
            VisibleProjects = await VisibleProjectsAsync(current, db, cancel),
            Project = query.Project, Environment = query.Environment, Entity = query.Entity, EntityKey = query.EntityKey, Action = query.Action,
            ActorKind = query.ActorKind, ActorId = isId ? actor : null, ActorName = isId ? null : query.Actor, TokenId = query.Token, Address = query.Ip,
            From = query.From, To = query.To, Search = query.Search,
        }, null);
    }
}
