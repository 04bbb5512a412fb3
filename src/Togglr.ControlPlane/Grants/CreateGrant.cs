using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Grants;

/// <summary>Grants a role somewhere to somebody of the organization.</summary>
internal static class CreateGrant
{
    public static async Task<Results<CreatedVersion<GrantView>, Problem>> HandleAsync(CreateGrantRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (resolved, problem) = await current.ResolveAsync(db, request.Role, request.Project, request.Environment, cancel);
        if (resolved is null)
            return problem!;
        var principal = new PrincipalId(request.Principal.Kind, request.Principal.Id);
        if (await Principals.FindAsync(db, principal, cancel) is not { } found)
            return Problem.Invalid(new ProblemItem("invalid", "/principal/id", "There is nobody with this id in the organization."));
        var grant = resolved.To(principal);
        db.RoleGrants.Add(grant);
        if (resolved.Scope.Project is { } project)
            current.Project = await db.Projects.SingleAsync(row => row.Id == project, cancel);
        if (await current.SaveAsync("grant.created", $"{resolved.RoleKey} for {Principals.LabelOf(found)}", grant.Id, request.Reason, cancel, request.Environment) is { } failed)
            return failed.Code == ErrorCodes.AlreadyExists ? Problem.AlreadyExists("They have this role there already.") : failed;
        return new CreatedVersion<GrantView>((await GrantViews.ReadAsync(db, [grant], cancel))[0], grant.Version, grant.Id.ToString());
    }
}
