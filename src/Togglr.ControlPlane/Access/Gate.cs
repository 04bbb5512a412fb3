using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Protection;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// The one place where access is decided: stands in front of every endpoint of the management API, so that none can be mapped without it.
/// Finds out who asks, what about (the organization, project and environment of the route) and whether they may.
/// </summary>
internal static class Gate
{
    private const int BufferedInMemory = 256 * 1024;

    private static readonly Func<TogglrDbContext, string, CancellationToken, Task<Project?>> ProjectOf =
        EF.CompileAsyncQuery((TogglrDbContext db, string key, CancellationToken cancel) => db.Projects.SingleOrDefault(row => row.Key == key));

    private static readonly Func<TogglrDbContext, Guid, string, CancellationToken, Task<ProjectEnvironment?>> EnvironmentOf =
        EF.CompileAsyncQuery((TogglrDbContext db, Guid project, string key, CancellationToken cancel) => db.Environments.SingleOrDefault(row => row.ProjectId == project && row.Key == key));

    /// <summary>Puts the gate in front of everything in <paramref name="group"/>.</summary>
    public static void Guard(this RouteGroupBuilder group) =>
        ((IEndpointConventionBuilder)group).Finally(endpoint =>
        {
            if (endpoint.RequestDelegate is not { } next)
                return;
            var requirement = endpoint.Metadata.OfType<AccessRequirement>().LastOrDefault()
                ?? throw new InvalidOperationException($"{endpoint.DisplayName} declares neither a permission nor that it needs none.");
            var isForTemporaryPasswords = endpoint.Metadata.OfType<AllowedBeforePasswordChange>().Any();
            endpoint.RequestDelegate = async http =>
            {
                if (await AdmitAsync(http, requirement, isForTemporaryPasswords) is { } problem)
                {
                    await problem.ExecuteAsync(http);
                    return;
                }
                // A change that turns out to need an approval is kept as it was sent.
                if (http.Request.RouteValues.ContainsKey("org") && !HttpMethods.IsGet(http.Request.Method))
                    http.Request.EnableBuffering(bufferThreshold: BufferedInMemory);
                await Idempotency.RunAsync(http, next);
            };
        });

    private static async Task<Problem?> AdmitAsync(HttpContext http, AccessRequirement requirement, bool isForTemporaryPasswords)
    {
        if (requirement.Kind == AccessKind.Anonymous)
            return null;
        var current = http.RequestServices.GetRequiredService<Current>();
        var metrics = http.RequestServices.GetRequiredService<AccessMetrics>();
        var mark = Stopwatch.GetTimestamp();
        var replayed = http.Features.Get<Replayed>();
        var found = replayed is null ? await AuthenticateAsync(http) : replayed.Author;
        metrics.Who(ref mark);
        if (found is not { } caller)
            return Problem.Unauthorized(http.Request.Headers.Authorization.Count == 0 ? "Sign in first." : "The access token is not valid any more.");
        current.Caller = caller;
        if (replayed is null && http.RequestServices.GetService<RateLimits>()?.TakeByIdentity(http, caller.Id) is { } tooMany)
            return tooMany;
        if (replayed is null && caller.MustChangePassword && !isForTemporaryPasswords)
            return Problem.Forbidden("Change the temporary password first.", "password_change_required");
        return requirement.Kind switch
        {
            AccessKind.SignedIn => null,
            AccessKind.InPerson => caller.Session is null ? Problem.Forbidden("This can be done in person only, not with a token.", "in_person_only") : null,
            AccessKind.PermissionAnywhere => Anywhere(caller, requirement.Permission!),
            _ => await AuthorizeAsync(http, current, requirement, metrics),
        };
    }

    private static Problem? Anywhere(Caller caller, string permission)
    {
        if (caller.Session is not { Organization: null })
            return Problem.Forbidden("This can be done in person only, not with a token or a sign-in of one organization.", "in_person_only");
        return caller.Grants.Any(grant => grant.Scope.Project is null && grant.Permissions.Contains(permission) && !caller.Requirements.ContainsKey(grant.Scope.Organization))
            ? null
            : Problem.Forbidden($"This needs the permission {permission}.");
    }

    /// <summary>The caller behind the request's access token; null for nobody.</summary>
    internal static Task<Caller?> AuthenticateAsync(HttpContext http) =>
        http.Request.Headers.Authorization.ToString() is { } header && header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase)
            ? http.RequestServices.GetRequiredService<Callers>().FindAsync(header["Bearer ".Length..].Trim(), http.Connection.RemoteIpAddress?.ToString(), http.RequestAborted)
            : Task.FromResult<Caller?>(null);

    private static async Task<Problem?> AuthorizeAsync(HttpContext http, Current current, AccessRequirement requirement, AccessMetrics metrics)
    {
        var permission = requirement.Permission!;
        var db = http.RequestServices.GetRequiredService<TogglrDbContext>();
        var values = http.Request.RouteValues;
        var (organization, project, environment) = ((string?)values["org"], (string?)values["project"], (string?)values["env"]);
        if (organization is null)
            throw new InvalidOperationException("A permission needs a scope, and the route has no organization.");
        if (current.Caller.Grants.FirstOrDefault(grant => grant.OrganizationKey == organization) is not { } home)
            return NotThere("organization", organization);
        db.UseOrganization(home.Scope.Organization);
        current.OrganizationId = home.Scope.Organization;
        if (current.Caller.Requirements.TryGetValue(home.Scope.Organization, out var unmet))
            return Unmet(unmet, organization);
        var scope = new Scope(home.Scope.Organization);
        var mark = Stopwatch.GetTimestamp();
        var isWithin = requirement.Kind == AccessKind.PermissionWithin;
        if (isWithin && project is null)
            return current.Caller.ScopesOf(permission, scope.Organization).Any() ? null : Problem.Forbidden($"This needs the permission {permission}.");
        if (project is not null)
        {
            if (await ProjectOf(db, project, http.RequestAborted) is not { } found)
                return NotThere("project", project);
            current.Project = found;
            scope = scope with { Project = found.Id };
            if (isWithin && current.Caller.ScopesOf(permission, scope.Organization).Any(held => held.Project is null || held.Project == found.Id))
                return null;
        }
        if (environment is not null)
        {
            if (await EnvironmentOf(db, current.Project!.Id, environment, http.RequestAborted) is not { } found)
                return NotThere("environment", environment);
            current.Environment = found;
            scope = scope with { Environment = found.Id };
        }
        metrics.Where(ref mark);
        var verdict = Authorization.Authorize(current.Caller, permission, scope);
        metrics.May(ref mark);
        return verdict switch
        {
            Verdict.Allowed => null,
            Verdict.Forbidden => Problem.Forbidden($"This needs the permission {permission}."),
            _ => environment is not null ? NotThere("environment", environment) : project is not null ? NotThere("project", project) : NotThere("organization", organization),
        };
    }

    private static Problem Unmet(string requirement, string organization) => requirement switch
    {
        "sso_required" => Problem.Forbidden($"{organization} lets people in through its identity provider only. Sign in there.", requirement),
        _ => Problem.Forbidden($"{organization} asks for a second factor. Set one up in your account, then sign in with it.", requirement),
    };

    private static Problem NotThere(string kind, string key) => Problem.NotFound($"There is no {kind} {key}.");
}
