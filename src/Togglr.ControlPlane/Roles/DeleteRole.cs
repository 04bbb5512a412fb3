using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Roles;

/// <summary>Deletes a role that nobody has and that nothing would give.</summary>
internal static class DeleteRole
{
    private const int Told = 100;

    public static async Task<Results<NoContent, Problem>> HandleAsync(string role, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (GrantResolver.BuiltInOf(role) is not null)
            return RoleEndpoints.BuiltIn();
        if (await db.Roles.SingleOrDefaultAsync(row => row.Key == role, cancel) is not { } row)
            return RoleEndpoints.NotThere(role);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (current.CheckConfer(row.Permissions, new Scope(current.OrganizationId)) is { } refusal)
            return refusal;
        var uses = await UsesAsync(row, db, time.GetUtcNow(), cancel);
        if (uses.Count > 0)
            return Problem.InUse("The role is still given to somebody.", uses);
        db.Roles.Remove(row);
        // A grant of the same moment is seen by the database.
        if (await current.SaveAsync("role.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<ProblemUse>> UsesAsync(Role role, TogglrDbContext db, DateTimeOffset now, CancellationToken cancel)
    {
        var grants = await db.RoleGrants.AsNoTracking().Where(row => row.RoleId == role.Id).OrderBy(row => row.CreatedAt).Take(Told).ToListAsync(cancel);
        var uses = (await GrantViews.ReadAsync(db, grants, cancel)).Select(static grant => new ProblemUse(
            grant.Principal.Kind switch { PrincipalKind.User => "user", PrincipalKind.Group => "group", _ => "service_account" },
            Principals.LabelOf(grant.Principal), grant.Environment is { } environment ? [environment] : [])).ToList();
        foreach (var invitation in await db.Invitations.AsNoTracking().Where(row => row.AcceptedAt == null && row.RevokedAt == null && row.ExpiresAt > now).ToListAsync(cancel))
        {
            if (Names(invitation.Grants, role.Key))
                uses.Add(new ProblemUse("invitation", invitation.Email, []));
        }
        foreach (var provider in await db.IdentityProviders.AsNoTracking().ToListAsync(cancel))
        {
            if (Names(provider.Mappings, role.Key))
                uses.Add(new ProblemUse("identity_provider", provider.Key, []));
        }
        return uses;
    }

    /// <summary>Whether a list of <c>{role, …}</c> has a role.</summary>
    private static bool Names(JsonElement list, string role) =>
        list.ValueKind == JsonValueKind.Array && list.EnumerateArray().Any(item => item.ValueKind == JsonValueKind.Object
            && item.TryGetProperty("role", out var named) && named.ValueKind == JsonValueKind.String && named.ValueEquals(role));
}
