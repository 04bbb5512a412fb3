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

/// <summary>A token with which a program acts for the person.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">For people.</param>
/// <param name="Organization">Where it is good, by key.</param>
/// <param name="Prefix">The beginning of the token, to recognise it by.</param>
/// <param name="Permissions">What it may do at most; null for everything that the person may.</param>
/// <param name="Project">The project it is confined to, by key.</param>
/// <param name="Environment">The environment it is confined to, by key.</param>
/// <param name="ExpiresAt">From when on it is refused; null: never.</param>
/// <param name="LastUsedAt">When it was last used, to the minute.</param>
/// <param name="LastUsedAddress">From where.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="Secret">The token itself; in the answer to its creation only.</param>
public sealed record MyTokenView(
    Guid Id, string Name, string Organization, string Prefix, IReadOnlyList<string>? Permissions, string? Project, string? Environment, DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt,
    string? LastUsedAddress, DateTimeOffset CreatedAt, [property: JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)] string? Secret);

/// <summary>A new personal access token.</summary>
public sealed record CreateMyTokenRequest
{
    /// <summary>For people.</summary>
    public required string Name { get; init; }

    /// <summary>Where it is good: the key of one of the person's organizations.</summary>
    public required string Organization { get; init; }

    /// <summary>What it may do at most, all of which the person must have there; everything that the person may at any time if absent.</summary>
    public IReadOnlyList<string>? Permissions { get; init; }

    /// <summary>The project to confine it to, by key.</summary>
    public string? Project { get; init; }

    /// <summary>The environment to confine it to, by key.</summary>
    public string? Environment { get; init; }

    /// <summary>From when on it is refused; never if absent.</summary>
    public DateTimeOffset? ExpiresAt { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

internal static class MyTokens
{
    private const int Limit = 100;

    private static readonly SortKey<ApiToken>[] Sorts =
    [
        SortKey<ApiToken>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<ApiToken>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapMyTokens(this IEndpointRouteBuilder me)
    {
        me.MapGet("/tokens", ListAsync).WithName("listMyTokens").WithSummary("The person's access tokens, never their secrets").RequireInPerson();
        me.MapPost("/tokens", CreateAsync).WithName("createMyToken").WithSummary("Issue a personal access token; it is shown this once").RequireInPerson();
        me.MapDelete("/tokens/{id:guid}", RevokeAsync).WithName("revokeMyToken").WithSummary("Revoke a personal access token").RequireInPerson();
    }

    private static async Task<Results<Ok<Page<MyTokenView>>, Problem>> ListAsync([AsParameters] ListQuery list, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var query = Mine(db, current).AsNoTracking();
        query = query.Search(list.Search, row => row.Name, row => row.Prefix);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, cancel), cancel, descendingByDefault: true);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Created<MyTokenView>, Problem>> CreateAsync(
        CreateMyTokenRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (current.Caller.Grants.FirstOrDefault(grant => grant.OrganizationKey == request.Organization) is not { Scope.Organization: var organization })
            return Problem.Invalid(new ProblemItem("unknown_reference", "/organization", "There is no such organization."));
        if (current.Caller.Requirements.TryGetValue(organization, out var unmet))
            return Problem.Forbidden("The organization asks for more than this sign-in has shown.", unmet);
        var resolved = await GrantResolver.ScopeAsync(db, organization, request.Project, request.Environment, cancel);
        if (!resolved.IsOk)
            return resolved.Error.ToProblem();
        var scope = resolved.Value;
        if (scope.Project is not null && Authorization.Authorize(current.Caller, Permissions.ProjectView, scope) != Verdict.Allowed)
            return GrantResolver.NoProject().ToProblem();
        if (FaultOf(request.Permissions, current.Caller, scope) is { } fault)
            return Problem.Invalid(fault);
        var (now, principal) = (time.GetUtcNow(), new PrincipalId(PrincipalKind.User, current.Caller.Id));
        var created = ApiToken.Create(organization, principal, request.Name, request.Permissions, scope.Project, scope.Environment, request.ExpiresAt?.ToUniversalTime(), now);
        if (!created.IsOk)
            return created.Error.ToProblem();
        db.UseOrganization(organization);
        if (await db.ApiTokens.CountAsync(row => row.UserId == current.Caller.Id && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now), cancel) >= Limit)
            return Problem.Conflict($"You have {Limit} tokens there. Revoke some first.", "limit_reached");
        var (token, secret) = created.Value;
        db.ApiTokens.Add(token);
        if (await current.SaveAsync("token.created", token.Name, token.Id, request.Reason, cancel) is { } problem)
            return problem;
        current.Http.Response.Headers.CacheControl = "no-store";
        return TypedResults.Created($"/api/v1/me/tokens/{token.Id}", (await ViewsAsync(db, [token], cancel))[0] with { Secret = secret });
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        if (await Mine(db, current).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } token)
            return Problem.NotFound("There is no such token of yours.");
        db.UseOrganization(token.OrganizationId);
        token.Revoke(time.GetUtcNow());
        return await current.SaveAsync("token.revoked", token.Name, token.Id, reason: null, cancel) is { } problem ? problem : TypedResults.NoContent();
    }

    /// <summary>A token never has more than its owner: what it asks for must be there now, and every use asks again.</summary>
    private static ProblemItem? FaultOf(IReadOnlyList<string>? permissions, Caller caller, Scope scope)
    {
        if (permissions is null)
            return null;
        if (permissions.Count == 0)
            return new ProblemItem("required", "/permissions", "A token without permissions could do nothing.");
        for (var i = 0; i < permissions.Count; i++)
        {
            if (!Permissions.All.Contains(permissions[i], StringComparer.Ordinal))
                return new ProblemItem("unknown_permission", $"/permissions/{i}", "There is no such permission.");
            if (Authorization.Authorize(caller, permissions[i], scope) != Verdict.Allowed)
                return new ProblemItem("not_held", $"/permissions/{i}", "A token can not do what you may not do there yourself.");
        }
        return null;
    }

    /// <summary>The person's tokens that are not revoked, in the organizations that this sign-in opens.</summary>
    private static IQueryable<ApiToken> Mine(TogglrDbContext db, Current current)
    {
        var only = current.Caller.Session!.Organization;
        return db.ApiTokens.IgnoreQueryFilters([TogglrDbContext.TenantFilter])
            .Where(row => row.UserId == current.Caller.Id && row.RevokedAt == null && (only == null || row.OrganizationId == only));
    }

    private static async Task<IReadOnlyList<MyTokenView>> ViewsAsync(TogglrDbContext db, IReadOnlyList<ApiToken> rows, CancellationToken cancel)
    {
        var organizations = rows.Select(row => row.OrganizationId).Distinct().ToArray();
        var projects = rows.Select(row => row.ProjectId).OfType<Guid>().Distinct().ToArray();
        var environments = rows.Select(row => row.EnvironmentId).OfType<Guid>().Distinct().ToArray();
        var organizationKeys = await db.Organizations.AsNoTracking().Where(row => organizations.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var projectKeys = projects.Length == 0 ? [] : await db.Projects.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .Where(row => projects.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var environmentKeys = environments.Length == 0 ? [] : await db.Environments.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking()
            .Where(row => environments.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        return [.. rows.Select(row => new MyTokenView(
            row.Id, row.Name, organizationKeys[row.OrganizationId], row.Prefix, row.Permissions, row.ProjectId is { } project ? projectKeys.GetValueOrDefault(project) : null,
            row.EnvironmentId is { } environment ? environmentKeys.GetValueOrDefault(environment) : null, row.ExpiresAt, row.LastUsedAt, row.LastUsedAddress, row.CreatedAt, Secret: null))];
    }
}
