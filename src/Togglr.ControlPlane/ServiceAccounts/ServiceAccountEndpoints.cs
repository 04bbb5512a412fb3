using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Grants;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ServiceAccounts;

/// <summary>Service accounts. Whoever changes one, or holds a token of it, has everything that is granted to it, so only who could confer that may.</summary>
internal static class ServiceAccountEndpoints
{
    private static readonly SortKey<ServiceAccount>[] Sorts =
    [
        SortKey<ServiceAccount>.Text("name", row => row.Name, row => row.Id),
        SortKey<ServiceAccount>.Text("key", row => row.Key, row => row.Id),
        SortKey<ServiceAccount>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void MapServiceAccounts(this IEndpointRouteBuilder organization)
    {
        var accounts = organization.MapGroup("/service-accounts").WithTags("Access");
        accounts.MapGet("", ListAsync).WithName("listServiceAccounts").WithSummary("The service accounts of an organization").RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapPost("", CreateAsync).WithName("createServiceAccount").WithSummary("Create a service account").RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapGet("/{id:guid}", GetAsync).WithName("getServiceAccount").WithSummary("A service account").RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapPatch("/{id:guid}", UpdateAsync).WithName("updateServiceAccount").WithSummary("Change a service account").RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteServiceAccount").WithSummary("Delete a service account with its tokens").RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapPost("/{id:guid}/deactivate", DeactivateAsync).WithName("deactivateServiceAccount").WithSummary("Refuse the tokens of a service account")
            .RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapPost("/{id:guid}/activate", ActivateAsync).WithName("activateServiceAccount").WithSummary("Accept the tokens of a service account again")
            .RequirePermission(Permissions.ServiceAccountManage);
        accounts.MapServiceAccountTokens();
    }

    private static async Task<Results<Ok<Page<ServiceAccountView>>, Problem>> ListAsync(
        [AsParameters] ListQuery list, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var query = db.ServiceAccounts.AsNoTracking();
        query = query.Search(list.Search, row => row.Key, row => row.Name, row => row.Description);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => ViewsAsync(current, db, rows, time.GetUtcNow(), cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<CreatedVersion<ServiceAccountView>, Problem>> CreateAsync(
        CreateServiceAccountRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var created = ServiceAccount.Create(current.OrganizationId, request.Key, request.Name ?? request.Key, request.Description ?? "");
        if (!created.IsOk)
            return created.Error.ToProblem();
        var row = created.Value;
        db.ServiceAccounts.Add(row);
        if (await current.SaveAsync("service_account.created", row.Key, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new CreatedVersion<ServiceAccountView>((await ViewsAsync(current, db, [row], time.GetUtcNow(), cancel))[0], row.Version, row.Id.ToString());
    }

    private static async Task<Results<Versioned<ServiceAccountView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        await db.ServiceAccounts.AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is { } row
            ? new Versioned<ServiceAccountView>((await ViewsAsync(current, db, [row], time.GetUtcNow(), cancel))[0], row.Version)
            : NotThere();

    private static async Task<Results<Versioned<ServiceAccountView>, Problem>> UpdateAsync(
        Guid id, UpdateServiceAccountRequest request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel)
    {
        var (row, problem) = await FindAsync(id, current, db, cancel);
        if (row is null)
            return problem!;
        var described = row.Describe(request.Name.Or(row.Name), request.Description.Or(row.Description));
        if (!described.IsOk)
            return described.Error.ToProblem();
        if (await current.SaveAsync("service_account.updated", row.Key, row.Id, request.Reason, cancel) is { } failed)
            return failed;
        return new Versioned<ServiceAccountView>((await ViewsAsync(current, db, [row], time.GetUtcNow(), cancel))[0], row.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, problem) = await FindAsync(id, current, db, cancel);
        if (row is null)
            return problem!;
        // The database would take all of this along; named here, the audit log tells of it.
        db.RoleGrants.RemoveRange(await db.RoleGrants.Where(grant => grant.ServiceAccountId == id).ToListAsync(cancel));
        db.ApiTokens.RemoveRange(await db.ApiTokens.Where(token => token.ServiceAccountId == id).ToListAsync(cancel));
        db.ServiceAccounts.Remove(row);
        if (await current.SaveAsync("service_account.deleted", row.Key, row.Id, reason: null, cancel) is { } failed)
            return failed;
        return TypedResults.NoContent();
    }

    private static Task<Results<NoContent, Problem>> DeactivateAsync(
        Guid id, ServiceAccountAccessRequest? request, Current current, TogglrDbContext db, TimeProvider time, CancellationToken cancel) =>
        ChangeAsync(id, "service_account.deactivated", row => row.Deactivate(time.GetUtcNow()), request?.Reason, current, db, cancel);

    private static Task<Results<NoContent, Problem>> ActivateAsync(Guid id, ServiceAccountAccessRequest? request, Current current, TogglrDbContext db, CancellationToken cancel) =>
        ChangeAsync(id, "service_account.activated", row => row.Activate(), request?.Reason, current, db, cancel);

    private static async Task<Results<NoContent, Problem>> ChangeAsync(
        Guid id, string action, Action<ServiceAccount> change, string? reason, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var (row, problem) = await FindAsync(id, current, db, cancel);
        if (row is null)
            return problem!;
        change(row);
        if (await current.SaveAsync(action, row.Key, row.Id, reason, cancel) is { } failed)
            return failed;
        return TypedResults.NoContent();
    }

    /// <summary>The account for a change by the caller.</summary>
    internal static async Task<(ServiceAccount? Account, Problem? Problem)> FindAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel, bool compareVersion = true)
    {
        if (await db.ServiceAccounts.SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } account)
            return (null, NotThere());
        if (compareVersion && EntityTags.Check(current.Http.Request, account.Version) is { } stale)
            return (null, stale);
        return await current.CheckCoversAsync(db, new PrincipalId(PrincipalKind.ServiceAccount, id), cancel) is { } refusal ? (null, refusal) : (account, null);
    }

    internal static Problem NotThere() => Problem.NotFound("There is no such service account.");

    private static async Task<IReadOnlyList<ServiceAccountView>> ViewsAsync(
        Current current, TogglrDbContext db, IReadOnlyCollection<ServiceAccount> rows, DateTimeOffset now, CancellationToken cancel)
    {
        var ids = rows.Select(row => row.Id).ToArray();
        var grantRows = await new PeopleInSight(current, db).Grants().AsNoTracking().Where(row => row.ServiceAccountId != null && ids.Contains(row.ServiceAccountId.Value))
            .OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancel);
        var grants = (await GrantViews.ReadAsync(db, grantRows, cancel)).ToLookup(grant => grant.Principal.Id);
        var tokens = await db.ApiTokens.Where(row => row.ServiceAccountId != null && ids.Contains(row.ServiceAccountId.Value)).GroupBy(row => row.ServiceAccountId!.Value)
            .Select(group => new { group.Key, Good = group.Count(row => row.RevokedAt == null && (row.ExpiresAt == null || row.ExpiresAt > now)), Used = group.Max(row => row.LastUsedAt) })
            .ToDictionaryAsync(row => row.Key, cancel);
        return
        [
            .. rows.Select(row => new ServiceAccountView(
                row.Id, row.Key, row.Name, row.Description, [.. grants[row.Id]], row.DisabledAt, tokens.GetValueOrDefault(row.Id)?.Good ?? 0,
                tokens.GetValueOrDefault(row.Id)?.Used, row.Version, row.CreatedAt, row.UpdatedAt)),
        ];
    }
}
