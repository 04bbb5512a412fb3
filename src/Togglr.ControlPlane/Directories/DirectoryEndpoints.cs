using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>A line in the log of a sync.</summary>
/// <param name="At">When.</param>
/// <param name="Level"><c>info</c>, <c>warning</c> or <c>error</c>.</param>
/// <param name="Message">What happened.</param>
public sealed record SyncLineView(DateTimeOffset At, string Level, string Message);

/// <summary>A sync of a directory.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Trigger">What began it.</param>
/// <param name="Status">How far it is.</param>
/// <param name="StartedAt">When it was asked for.</param>
/// <param name="FinishedAt">When it ended.</param>
/// <param name="Scanned">People read in the directory.</param>
/// <param name="Created">People who became members.</param>
/// <param name="Updated">Members of whom something changed.</param>
/// <param name="Deactivated">Members who lost their access.</param>
/// <param name="Skipped">People who were left alone; the log says why.</param>
/// <param name="Log">What happened, the first thousand lines; empty in lists.</param>
/// <param name="Error">Why it failed.</param>
public sealed record SyncView(
    Guid Id, SyncTrigger Trigger, SyncStatus Status, DateTimeOffset StartedAt, DateTimeOffset? FinishedAt, int Scanned, int Created, int Updated, int Deactivated, int Skipped,
    IReadOnlyList<SyncLineView> Log, string? Error);

/// <summary>A sync that was begun.</summary>
/// <param name="Id">Its id.</param>
public sealed record SyncStartedView(Guid Id);

internal static class DirectoryEndpoints
{
    private static readonly SortKey<DirectorySync>[] Sorts = [SortKey<DirectorySync>.Time("startedAt", row => row.StartedAt, row => row.Id)];

    public static void AddDirectories(this IServiceCollection services)
    {
        services.AddSingleton<TrustDirectories>();
        services.AddSingleton<LdapCalls>();
        services.AddSingleton<TestDirectory>();
        services.AddSingleton<IProviderKind, LdapKind>();
        services.AddSingleton<DirectorySyncWorker>();
        services.AddHostedService(static provider => provider.GetRequiredService<DirectorySyncWorker>());
        services.AddScoped<SyncPeople>();
    }

    public static void MapDirectories(this IEndpointRouteBuilder api, IEndpointRouteBuilder organization)
    {
        api.MapPost("/auth/ldap/{id:guid}", SignInByLdap.HandleAsync).WithTags("Sign in").WithName("signInByLdap").WithSummary("Sign in with a name and password of a directory").AllowEverybody();
        var provider = organization.MapGroup("/identity-providers/{provider}").WithTags("Identity providers");
        provider.MapPost("/sync", StartAsync).WithName("syncIdentityProvider").WithSummary("Bring members in step with a directory now").RequirePermission(Permissions.IdentityManage);
        provider.MapGet("/syncs", ListAsync).WithName("listIdentityProviderSyncs").WithSummary("The syncs of a directory").RequirePermission(Permissions.IdentityManage);
        provider.MapGet("/syncs/{id:guid}", GetAsync).WithName("getIdentityProviderSync").WithSummary("A sync with its log").RequirePermission(Permissions.IdentityManage);
    }

    private static async Task<Results<Accepted<SyncStartedView>, Problem>> StartAsync(
        string provider, Current current, TogglrDbContext db, DirectorySyncWorker worker, TimeProvider time, CancellationToken cancel, bool force = false)
    {
        if (await IdentityProviderEndpoints.FindAsync(provider, db, cancel) is not { } row)
            return IdentityProviderEndpoints.NotThere(provider);
        if (IdentityProviderEndpoints.MayTrust(current) is { } refused)
            return refused;
        if (row.Kind != IdentityProviderKind.Ldap)
            return Problem.Conflict("Only directories are synchronized.", "not_a_directory");
        if (!row.Enabled)
            return Problem.Conflict("The directory is switched off.", "provider_disabled");
        var sync = DirectorySync.Create(row, SyncTrigger.Manual, force, current.Signed, time.GetUtcNow());
        db.DirectorySyncs.Add(sync);
        var committed = await db.CommitAsync(
            new Change(current.Actor, "identity_provider.sync_started", row.Key) { EntityId = row.Id, Always = true, Reason = force ? "May deactivate any number of people." : null }, cancel);
        if (!committed.IsOk)
            return committed.Error.Code == ErrorCodes.AlreadyExists ? Problem.Conflict("A sync of this directory is at work.", "sync_running") : committed.Error.ToProblem();
        worker.Wake();
        return TypedResults.Accepted($"/api/v1/orgs/{current.Http.Request.RouteValues["org"]}/identity-providers/{row.Key}/syncs/{sync.Id}", new SyncStartedView(sync.Id));
    }

    private static async Task<Results<Ok<Page<SyncView>>, Problem>> ListAsync(string provider, [AsParameters] ListQuery list, TogglrDbContext db, CancellationToken cancel)
    {
        if (await IdentityProviderEndpoints.FindAsync(provider, db, cancel) is not { } row)
            return IdentityProviderEndpoints.NotThere(provider);
        var (page, problem) = await Paging.ReadAsync(
            db.DirectorySyncs.AsNoTracking().Where(sync => sync.ProviderId == row.Id), list with { Sort = list.Sort ?? "-startedAt" }, Sorts, rows => rows.Select(sync => View(sync, [])), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Ok<SyncView>, Problem>> GetAsync(string provider, Guid id, TogglrDbContext db, CancellationToken cancel)
    {
        if (await IdentityProviderEndpoints.FindAsync(provider, db, cancel) is not { } row)
            return IdentityProviderEndpoints.NotThere(provider);
        if (await db.DirectorySyncs.AsNoTracking().SingleOrDefaultAsync(sync => sync.Id == id && sync.ProviderId == row.Id, cancel) is not { } found)
            return Problem.NotFound("There is no such sync.");
        var lines = await db.DirectorySyncLines.AsNoTracking().Where(line => line.SyncId == id).OrderBy(line => line.Number)
            .Select(line => new SyncLineView(line.At, line.Level, line.Message)).ToListAsync(cancel);
        return TypedResults.Ok(View(found, lines));
    }

    private static SyncView View(DirectorySync row, IReadOnlyList<SyncLineView> lines) => new(
        row.Id, row.Trigger, row.Status, row.StartedAt, row.FinishedAt, row.Scanned, row.Created, row.Updated, row.Deactivated, row.Skipped, lines, row.Error);
}
