using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Organizations;

/// <summary>The deletion of an organization, confirmed by its key.</summary>
public sealed record DeleteOrganizationRequest
{
    /// <summary>The organization's key, so that nobody deletes another one than they think.</summary>
    public required string Key { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Deletes an organization with everything in it. Its audit chain stays, and the installation's own chain tells of the deletion.</summary>
internal static class DeleteOrganization
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);

    public static async Task<Results<NoContent, Problem>> HandleAsync([FromBody] DeleteOrganizationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (!Authorization.IsOwner(current.Caller.Grants, current.OrganizationId))
            return Problem.Forbidden("Only an owner deletes the organization.");
        if (current.Caller.Session is null)
            return Problem.Forbidden("This can be done in person only, not with a token.", "in_person_only");
        var organization = await db.Organizations.SingleAsync(row => row.Id == current.OrganizationId, cancel);
        if (request.Key != organization.Key)
            return Problem.Invalid(new ProblemItem("invalid", "/key", "This is not the key of the organization that would be deleted."));
        if (EntityTags.Check(current.Http.Request, organization.Version) is { } stale)
            return stale;
        db.Organizations.Remove(organization);
        db.Database.SetCommandTimeout(Patience);
        if (await current.SaveAsync("organization.deleted", organization.Key, organization.Id, request.Reason, cancel, alsoIn: [Organization.Installation]) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
