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

/// <summary>A tenant.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the installation; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record OrganizationView(Guid Id, string Key, string Name, int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new organization; whoever creates it owns it.</summary>
public sealed record CreateOrganizationRequest
{
    /// <summary>1 to 50 lower-case letters, digits and hyphens; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of an organization.</summary>
public sealed record UpdateOrganizationRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class OrganizationEndpoints
{
    private static readonly SortKey<Organization>[] Sorts =
    [
        SortKey<Organization>.Text("key", row => row.Key, row => row.Id),
        SortKey<Organization>.Text("name", row => row.Name, row => row.Id),
        SortKey<Organization>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void MapOrganizations(this IEndpointRouteBuilder api)
    {
        var orgs = api.MapGroup("/orgs").WithTags("Organizations");
        orgs.MapGet("", ListAsync).WithName("listOrganizations").WithSummary("The organizations of the signed-in person").RequireSignIn();
        orgs.MapPost("", CreateAsync).WithName("createOrganization").WithSummary("Create an organization")
            .RequirePermissionAnywhere(Permissions.OrganizationManage);
        orgs.MapGet("/{org}", GetAsync).WithName("getOrganization").WithSummary("An organization").RequirePermission(Permissions.OrganizationView);
        orgs.MapPatch("/{org}", UpdateAsync).WithName("updateOrganization").WithSummary("Change an organization")
            .RequirePermission(Permissions.OrganizationManage);
        orgs.MapDelete("/{org}", DeleteOrganization.HandleAsync).WithName("deleteOrganization").WithSummary("Delete an organization with everything in it, as an owner")
            .RequirePermission(Permissions.OrganizationManage);
    }

    private static async Task<Results<Ok<Page<OrganizationView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var mine = current.Caller.Grants.Where(grant => grant.Permissions.Contains(Permissions.OrganizationView)).Select(grant => grant.Scope.Organization).ToArray();
        var query = db.Organizations.AsNoTracking().Where(row => mine.Contains(row.Id));
        query = query.Search(list.Search, row => row.Key, row => row.Name);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => rows.Select(View), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<OrganizationView>, Problem>> CreateAsync(
        CreateOrganizationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = Organization.Create(request.Key, request.Name ?? request.Key);
        if (!organization.IsOk)
            return organization.Error.ToProblem();
        db.UseOrganization(organization.Value.Id);
        db.Organizations.Add(organization.Value);
        var creator = await db.Users.SingleAsync(row => row.Id == current.Caller.Id, cancel);
        db.Memberships.Add(Membership.Create(organization.Value.Id, creator));
        db.RoleGrants.Add(RoleGrant.Create(organization.Value.Id, new PrincipalId(PrincipalKind.User, creator.Id), GrantedRole.Of(BuiltInRole.Owner)));
        if (await current.SaveAsync("organization.created", request.Key, organization.Value.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<OrganizationView>(View(organization.Value), organization.Value.Version, request.Key);
    }

    private static async Task<Versioned<OrganizationView>> GetAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = await db.Organizations.AsNoTracking().SingleAsync(row => row.Id == current.OrganizationId, cancel);
        return new Versioned<OrganizationView>(View(organization), organization.Version);
    }

    private static async Task<Results<Versioned<OrganizationView>, Problem>> UpdateAsync(
        UpdateOrganizationRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var organization = await db.Organizations.SingleAsync(row => row.Id == current.OrganizationId, cancel);
        if (EntityTags.Check(current.Http.Request, organization.Version) is { } stale)
            return stale;
        var renamed = organization.Rename(request.Name.Or(organization.Name));
        if (!renamed.IsOk)
            return renamed.Error.ToProblem();
        if (await current.SaveAsync("organization.updated", organization.Key, organization.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<OrganizationView>(View(organization), organization.Version);
    }

    private static OrganizationView View(Organization row) => new(row.Id, row.Key, row.Name, row.Version, row.CreatedAt, row.UpdatedAt);
}
