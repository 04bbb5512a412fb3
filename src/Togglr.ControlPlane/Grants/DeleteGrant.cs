using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Grants;

/// <summary>Takes a granted role away; only who could grant it can.</summary>
internal static class DeleteGrant
{
    public static async Task<Results<NoContent, Problem>> HandleAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await new PeopleInSight(current, db).Grants().Include(row => row.Role).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } grant)
            return Problem.NotFound("There is no such grant.");
        if (EntityTags.Check(current.Http.Request, grant.Version) is { } stale)
            return stale;
        if (grant.ProviderId is not null)
            return ManagedByProvider();
        var given = Conferring.Of(grant);
        if (current.CheckConfer(given.Permissions, given.Scope) is { } refusal)
            return refusal;
        var view = (await GrantViews.ReadAsync(db, [grant], cancel))[0];
        if (grant.ProjectId is { } project)
            current.Project = await db.Projects.SingleAsync(row => row.Id == project, cancel);
        db.RoleGrants.Remove(grant);
        if (await current.SaveAsync("grant.deleted", $"{view.Role} for {Principals.LabelOf(view.Principal)}", grant.Id, reason: null, cancel, view.Environment) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    /// <summary>The answer to a change by hand of what an identity provider manages.</summary>
    public static Problem ManagedByProvider() => Problem.Conflict("An identity provider manages this: change it there, or change the provider's mappings.", "managed_by_provider");
}
