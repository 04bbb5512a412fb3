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

namespace Togglr.ControlPlane.Organizations;

/// <summary>How people must sign in to see an organization, and for how long its log is kept.</summary>
/// <param name="RequireTwoFactor">Whether a password alone opens nothing.</param>
/// <param name="PasswordSignIn">Who may come in with a password.</param>
/// <param name="AuditRetentionDays">For how many days audit entries are kept; null for ever.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="MembersWithoutTwoFactor">How many active members have no second factor.</param>
public sealed record SecurityView(bool RequireTwoFactor, PasswordSignIn PasswordSignIn, int? AuditRetentionDays, int Version, int MembersWithoutTwoFactor);

/// <summary>Changes of an organization's security settings; they act at once.</summary>
public sealed record UpdateSecurityRequest
{
    /// <summary>Whether a password alone opens nothing.</summary>
    public Optional<bool> RequireTwoFactor { get; init; }

    /// <summary>Who may come in with a password: everybody, or owners only; all others then come through an identity provider.</summary>
    public Optional<PasswordSignIn> PasswordSignIn { get; init; }

    /// <summary>For how many days audit entries are kept, 30 to 36,500; null for ever.</summary>
    public Optional<int?> AuditRetentionDays { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class SecurityEndpoints
{
    public static void MapSecurity(this IEndpointRouteBuilder organization)
    {
        var security = organization.MapGroup("/security").WithTags("Organizations");
        security.MapGet("", GetAsync).WithName("getSecurity").WithSummary("How people must sign in to see an organization").RequirePermission(Permissions.IdentityManage);
        security.MapPatch("", UpdateAsync).WithName("updateSecurity").WithSummary("Change how people must sign in").RequirePermission(Permissions.IdentityManage);
    }

    private static async Task<Versioned<SecurityView>> GetAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = await db.Organizations.AsNoTracking().SingleAsync(row => row.Id == current.OrganizationId, cancel);
        return new Versioned<SecurityView>(await ViewAsync(organization, db, cancel), organization.Version);
    }

    private static async Task<Results<Versioned<SecurityView>, Problem>> UpdateAsync(UpdateSecurityRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = await db.Organizations.SingleAsync(row => row.Id == current.OrganizationId, cancel);
        if (EntityTags.Check(current.Http.Request, organization.Version) is { } stale)
            return stale;
        var (twoFactor, password) = (request.RequireTwoFactor.Or(organization.RequireTwoFactor), request.PasswordSignIn.Or(organization.PasswordSignIn));
        if (twoFactor && !organization.RequireTwoFactor && await RefuseTwoFactorAsync(current, db, cancel) is { } unsafely)
            return unsafely;
        if (password == PasswordSignIn.Owners && organization.PasswordSignIn != PasswordSignIn.Owners && await RefuseOwnersOnlyAsync(current, db, cancel) is { } closed)
            return closed;
        organization.SetSignInPolicy(twoFactor, password);
        var retained = organization.SetAuditRetention(request.AuditRetentionDays.Or(organization.AuditRetentionDays));
        if (!retained.IsOk)
            return retained.Error.ToProblem();
        if (await current.SaveAsync("organization.security_updated", organization.Key, organization.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<SecurityView>(await ViewAsync(organization, db, cancel), organization.Version);
    }

    /// <summary>Nobody locks themselves out by the way.</summary>
    private static async Task<Problem?> RefuseTwoFactorAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (current.Caller.Session is not { SecondFactor: false, Id: var id })
            return null;
        var method = await db.Sessions.Where(row => row.Id == id).Select(row => row.Method).SingleAsync(cancel);
        return method is SignInMethod.Password or SignInMethod.Ldap
            ? Problem.Conflict("You would lock yourself out: set up a second factor for your own account and sign in with it first.", "would_lock_out")
            : null;
    }

    private static async Task<Problem?> RefuseOwnersOnlyAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (!await db.IdentityProviders.AnyAsync(row => row.Enabled && row.Kind != IdentityProviderKind.Scim, cancel))
            return Problem.Conflict("There is no enabled identity provider through which anybody but owners could come in.", "no_identity_provider");
        if (current.Caller.Session is not { Id: var id } || Authorization.IsOwner(current.Caller.Grants, current.OrganizationId))
            return null;
        return await db.Sessions.AnyAsync(row => row.Id == id && row.Method == SignInMethod.Password, cancel)
            ? Problem.Conflict("You would lock yourself out: sign in through the identity provider first.", "would_lock_out")
            : null;
    }

    private static async Task<SecurityView> ViewAsync(Organization organization, TogglrDbContext db, CancellationToken cancel)
    {
        var without = await db.Memberships.CountAsync(row => row.DisabledAt == null && row.User!.DisabledAt == null && row.User!.TotpConfirmedAt == null, cancel);
        return new SecurityView(organization.RequireTwoFactor, organization.PasswordSignIn, organization.AuditRetentionDays, organization.Version, without);
    }
}
