using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ServiceAccounts;

/// <summary>The tokens of a service account.</summary>
internal static class ServiceAccountTokens
{
    /// <summary>Good tokens of one account.</summary>
    private const int Limit = 50;

    private static readonly SortKey<ApiToken>[] Sorts =
    [
        SortKey<ApiToken>.Time("createdAt", row => row.CreatedAt, row => row.Id),
        SortKey<ApiToken>.Text("name", row => row.Name, row => row.Id),
    ];

    public static void MapServiceAccountTokens(this IEndpointRouteBuilder accounts)
    {
        accounts.MapGet("/{id:guid}/tokens", ListAsync).WithName("listServiceAccountTokens").WithSummary("The tokens of a service account, never their secrets")
            .RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapPost("/{id:guid}/tokens", CreateAsync).WithName("createServiceAccountToken").WithSummary("Issue a token; its secret is shown this once")
            .RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapDelete("/{id:guid}/tokens/{token:guid}", RevokeAsync).WithName("revokeServiceAccountToken").WithSummary("Revoke a token")
            .RequirePermission(Permissions.ServiceAccountManage);
    }

    private static async Task<Results<Ok<Page<ServiceAccountTokenView>>, Problem>> ListAsync(Guid id, [AsParameters] ListQuery list, TogglrDbContext db, CancellationToken cancel)
    {
        if (!await db.ServiceAccounts.AnyAsync(row => row.Id == id, cancel))
            return ServiceAccountEndpoints.NotThere();
        var query = db.ApiTokens.AsNoTracking().Where(row => row.ServiceAccountId == id);
        query = query.Search(list.Search, row => row.Name, row => row.Prefix);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(db, rows, secret: null, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<ServiceAccountTokenView>, Problem>> CreateAsync(
        Guid id, CreateServiceAccountTokenRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var (account, problem) = await ServiceAccountEndpoints.FindAsync(id, current, db, cancel, compareVersion: false);
        if (account is null)
            return problem!;
        var permissions = request.Permissions?.ToHashSet(StringComparer.Ordinal);
        if (permissions?.FirstOrDefault(permission => !Permissions.All.Contains(permission)) is { } unknown)
            return Problem.Invalid(new ProblemItem("unknown_permission", $"/permissions/{request.Permissions!.ToList().IndexOf(unknown)}", "There is no such permission."));
        // Without these nothing is found, whatever else is allowed.
        permissions?.UnionWith([Permissions.OrganizationView, Permissions.ProjectView]);
        var scope = await GrantResolver.ScopeAsync(db, current.OrganizationId, request.Project, request.Environment, cancel);
        if (!scope.IsOk)
            return scope.Error.ToProblem();
        var now = time.GetUtcNow();
        if (await db.ApiTokens.CountAsync(row => row.ServiceAccountId == id && row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now), cancel) >= Limit)
            return Problem.Conflict($"A service account has at most {Limit} tokens that are good. Revoke one first.", "limit_reached");
        var created = ApiToken.Create(
            current.OrganizationId, new PrincipalId(PrincipalKind.ServiceAccount, id), request.Name, permissions?.ToList(), scope.Value.Project, scope.Value.Environment,
            request.ExpiresAt?.ToUniversalTime(), now);
        if (!created.IsOk)
            return created.Error.ToProblem();
        var (token, secret) = created.Value;
        db.ApiTokens.Add(token);
        if (await current.SaveAsync("token.created", $"{account.Key}: {token.Name}", token.Id, request.Reason, cancel) is { } failed)
            return failed;
        current.Http.Response.Headers.CacheControl = "no-store";
        return new CreatedVersion<ServiceAccountTokenView>((await ViewsAsync(db, [token], secret, cancel))[0], token.Version, token.Id.ToString());
    }

    private static async Task<Results<NoContent, Problem>> RevokeAsync(Guid id, Guid token, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var (account, problem) = await ServiceAccountEndpoints.FindAsync(id, current, db, cancel, compareVersion: false);
        if (account is null)
            return problem!;
        if (await db.ApiTokens.SingleOrDefaultAsync(row => row.Id == token && row.ServiceAccountId == id, cancel) is not { } row)
            return Problem.NotFound("There is no such token.");
        row.Revoke(time.GetUtcNow());
        if (await current.SaveAsync("token.revoked", $"{account.Key}: {row.Name}", row.Id, reason: null, cancel) is { } failed)
            return failed;
        return TypedResults.NoContent();
    }

    private static async Task<IReadOnlyList<ServiceAccountTokenView>> ViewsAsync(TogglrDbContext db, IReadOnlyCollection<ApiToken> rows, string? secret, CancellationToken cancel)
    {
        var scopes = await ScopeKeys.ReadAsync(db, rows.Select(row => (row.ProjectId, row.EnvironmentId)), cancel);
        // A token is never changed by a person but once, when it is revoked; until then whoever changed it last issued it.
        var people = await People.ReadAsync(db, rows.Select(row => row.UpdatedBy), cancel);
        return
        [
            .. rows.Select(row =>
            {
                var (project, environment) = scopes.Of(row.ProjectId, row.EnvironmentId);
                return new ServiceAccountTokenView(
                    row.Id, row.Name, row.Prefix, secret, row.Permissions, project, environment, row.ExpiresAt, row.RevokedAt, row.LastUsedAt, row.LastUsedAddress, row.CreatedAt,
                    row.RevokedAt is null ? people[row.UpdatedBy] : null);
            }),
        ];
    }
}
