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

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>
/// The identity providers of an organization. A provider can vouch for anybody, its owners included, so that deciding whom to trust takes the right to give everything.
/// </summary>
internal static class IdentityProviderEndpoints
{
    private static readonly SortKey<IdentityProvider>[] Sorts =
    [
        SortKey<IdentityProvider>.Text("key", row => row.Key, row => row.Id),
        SortKey<IdentityProvider>.Text("name", row => row.Name, row => row.Id),
        SortKey<IdentityProvider>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void MapIdentityProviders(this IEndpointRouteBuilder organization)
    {
        var providers = organization.MapGroup("/identity-providers").WithTags("Identity providers");
        providers.MapGet("", ListAsync).WithName("listIdentityProviders").WithSummary("The identity providers of an organization").RequirePermission(Permissions.IdentityManage);
        providers.MapPost("", CreateIdentityProvider.HandleAsync).WithName("createIdentityProvider").WithSummary("Connect an identity provider").RequirePermission(Permissions.IdentityManage);
        providers.MapGet("/{provider}", GetAsync).WithName("getIdentityProvider").WithSummary("An identity provider; never its secrets").RequirePermission(Permissions.IdentityManage);
        providers.MapPatch("/{provider}", UpdateIdentityProvider.HandleAsync).WithName("updateIdentityProvider").WithSummary("Change an identity provider").RequirePermission(Permissions.IdentityManage);
        providers.MapDelete("/{provider}", DeleteAsync).WithName("deleteIdentityProvider").WithSummary("Remove an identity provider with all that it gave; people stay members")
            .RequirePermission(Permissions.IdentityManage);
        providers.MapPost("/{provider}/test", TestAsync).WithName("testIdentityProvider").WithSummary("Try an identity provider step by step").RequirePermission(Permissions.IdentityManage);
    }

    /// <summary>The provider with this key in the organization of the route, tracked.</summary>
    public static Task<IdentityProvider?> FindAsync(string key, TogglrDbContext db, CancellationToken cancel) =>
        db.IdentityProviders.SingleOrDefaultAsync(row => row.Key == key, cancel);

    /// <summary>There is none.</summary>
    public static Problem NotThere(string key) => Problem.NotFound($"There is no identity provider {key}.");

    /// <summary>Deciding whom an organization trusts: null when the caller may.</summary>
    public static Problem? MayTrust(Current current) => current.MayConfer(Permissions.All)
        ? null
        : Problem.Forbidden("An identity provider can vouch for anybody, owners included. Only who may give everything in the organization decides whom it trusts.");

    /// <summary>The implementation of a protocol.</summary>
    public static IProviderKind? KindOf(this IEnumerable<IProviderKind> kinds, IdentityProviderKind kind) => kinds.SingleOrDefault(candidate => candidate.Kind == kind);

    /// <summary>As the API shows it.</summary>
    public static IdentityProviderView View(IdentityProvider row, IProviderKind? kind, ProviderSecrets secrets, PublicAddress address)
    {
        var known = secrets.Read(row);
        return new IdentityProviderView(
            row.Id, row.Key, row.Name, row.Kind, row.Enabled, row.ShowOnLogin, row.Domains, row.CreatePeople, row.Settings,
            (kind?.SecretNames ?? []).ToDictionary(name => name, name => new SecretStateView(known.ContainsKey(name)), StringComparer.Ordinal),
            ProviderMappings.Of(row), kind?.UrlsOf(row, address) ?? new ProviderUrlsView(), row.Version, row.CreatedAt, row.UpdatedAt);
    }

    private static async Task<Results<Ok<Page<IdentityProviderView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, TogglrDbContext db, IEnumerable<IProviderKind> kinds, ProviderSecrets secrets, PublicAddress address, CancellationToken cancel)
    {
        var query = db.IdentityProviders.AsNoTracking();
        query = query.Search(list.Search, row => row.Key, row => row.Name);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(row => View(row, kinds.KindOf(row.Kind), secrets, address)), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Versioned<IdentityProviderView>, Problem>> GetAsync(
        string provider, TogglrDbContext db, IEnumerable<IProviderKind> kinds, ProviderSecrets secrets, PublicAddress address, CancellationToken cancel) =>
        await FindAsync(provider, db, cancel) is { } row
            ? new Versioned<IdentityProviderView>(View(row, kinds.KindOf(row.Kind), secrets, address), row.Version)
            : NotThere(provider);

    private static async Task<Results<NoContent, Problem>> DeleteAsync(string provider, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await FindAsync(provider, db, cancel) is not { } row)
            return NotThere(provider);
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (MayTrust(current) is { } refused)
            return refused;
        // Through the context and not by the database's cascade, so that it is audited and the last owner is noticed.
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(grant => grant.ProviderId == row.Id).ToListAsync(cancel));
        var groups = await db.Groups.Where(group => group.ProviderId == row.Id).ToListAsync(cancel);
        var ids = groups.Select(group => group.Id).ToList();
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(grant => grant.GroupId != null && ids.Contains(grant.GroupId.Value) && grant.ProviderId == null).ToListAsync(cancel));
        db.GroupMembers.RemoveRange(await db.GroupMembers.Where(member => ids.Contains(member.GroupId)).ToListAsync(cancel));
        db.Groups.RemoveRange(groups);
        db.IdentityProviders.Remove(row);
        if (await current.SaveAsync("identity_provider.deleted", row.Key, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }

    private static async Task<Results<Ok<ProviderTestView>, Problem>> TestAsync(
        string provider, TogglrDbContext db, IEnumerable<IProviderKind> kinds, PublicAddress address, CancellationToken cancel) =>
        await FindAsync(provider, db, cancel) is { } row && kinds.KindOf(row.Kind) is { } kind
            ? TypedResults.Ok(await kind.TestAsync(row, address, cancel))
            : NotThere(provider);
}
