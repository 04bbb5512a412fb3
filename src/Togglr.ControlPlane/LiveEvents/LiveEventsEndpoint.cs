using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.LiveEvents;

/// <summary>Composition of the live events, <c>/api/ws</c>.</summary>
public static class LiveEventsEndpoint
{
    private const string TokenProtocol = "token.";

    /// <summary>Registers the live events. Needs the store and the management API.</summary>
    public static IServiceCollection AddLiveEvents(this IServiceCollection services)
    {
        services.AddSingleton<LiveEventHub>();
        services.AddHostedService(static provider => provider.GetRequiredService<LiveEventHub>());
        return services;
    }

    /// <summary>Maps <c>GET /api/ws</c>. <c>UseWebSockets</c> must come before.</summary>
    public static void MapLiveEvents(this IEndpointRouteBuilder endpoints)
    {
        var services = endpoints.ServiceProvider;
        services.GetRequiredService<IHostApplicationLifetime>().ApplicationStopping.Register(services.GetRequiredService<LiveEventHub>().EndAll);
        endpoints.MapGet("/api/ws", (RequestDelegate)ServeAsync).RequireSignIn().ExcludeFromDescription();
    }

    private static async Task ServeAsync(HttpContext context)
    {
        if (!context.WebSockets.IsWebSocketRequest)
        {
            context.Response.Headers.Upgrade = "websocket";
            await Problem.Of(StatusCodes.Status426UpgradeRequired, "websocket_required", "A WebSocket is required", "This address speaks WebSocket only.").ExecuteAsync(context);
            return;
        }
        var (token, protocol) = TokenOf(context);
        if (token is null || await context.RequestServices.GetRequiredService<Callers>().FindAsync(token, context.Connection.RemoteIpAddress?.ToString(), context.RequestAborted) is not { MustChangePassword: false } caller)
        {
            await Problem.Unauthorized("The access token is missing or not valid.").ExecuteAsync(context);
            return;
        }
        if (await FilterAsync(context, caller) is not { } filter)
        {
            await Problem.NotFound("There is no such organization, project or environment.").ExecuteAsync(context);
            return;
        }
        var hub = context.RequestServices.GetRequiredService<LiveEventHub>();
        if (!hub.TryReserve(caller.Id))
        {
            await Problem.RateLimited(10, "Too many connections are open.").ExecuteAsync(context);
            return;
        }
        try
        {
            using var socket = await context.WebSockets.AcceptWebSocketAsync(protocol);
            await hub.RunAsync(new LiveConnection(socket, filter, caller, context.RequestServices.GetRequiredService<TimeProvider>()), token, context.RequestAborted);
        }
        finally
        {
            hub.Free(caller.Id);
        }
    }

    // Browsers cannot send headers with a WebSocket, so the token may travel as a subprotocol, which has to be named in the answer.
    private static (string? Token, string? Protocol) TokenOf(HttpContext context)
    {
        foreach (var protocol in context.WebSockets.WebSocketRequestedProtocols)
        {
            if (protocol.StartsWith(TokenProtocol, StringComparison.Ordinal))
                return (protocol[TokenProtocol.Length..], protocol);
        }
        if (context.Request.Query.TryGetValue("token", out var given) && given.ToString() is { Length: > 0 } token)
            return (token, null);
        var header = context.Request.Headers.Authorization.ToString();
        return header.StartsWith("Bearer ", StringComparison.OrdinalIgnoreCase) ? (header["Bearer ".Length..].Trim(), null) : (null, null);
    }

    /// <summary>What the page asked for, by ids or keys; null when there is no such thing for this person.</summary>
    private static async Task<LiveFilter?> FilterAsync(HttpContext context, Caller caller)
    {
        var query = context.Request.Query;
        var organization = query["org"].ToString();
        var project = query["project_id"].ToString();
        var environment = query["env_id"].ToString();
        var db = context.RequestServices.GetRequiredService<TogglrDbContext>();
        LiveFilter? found = null;
        foreach (var grant in caller.Grants)
        {
            var id = grant.Scope.Organization;
            if (organization.Length > 0 && grant.OrganizationKey != organization && !(Guid.TryParse(organization, out var given) && given == id))
                continue;
            if (project.Length == 0)
                return environment.Length > 0 ? null : new LiveFilter(organization.Length > 0 ? id : null, null, null);
            db.UseOrganization(id);
            var projectId = Guid.TryParse(project, out var parsed) ? parsed : Guid.Empty;
            if (await db.Projects.AsNoTracking().Where(row => row.Id == projectId || row.Key == project).Select(row => (Guid?)row.Id).FirstOrDefaultAsync(context.RequestAborted) is not { } match
                || Authorization.Authorize(caller, Permissions.ProjectView, new Scope(id, match)) != Verdict.Allowed)
                continue;
            found = new LiveFilter(id, match, null);
            break;
        }
        if (found is null || environment.Length == 0)
            return found;
        var environmentId = Guid.TryParse(environment, out var asId) ? asId : Guid.Empty;
        var key = await db.Environments.AsNoTracking().Where(row => row.ProjectId == found.Project && (row.Id == environmentId || row.Key == environment)).Select(row => row.Key).FirstOrDefaultAsync(context.RequestAborted);
        return key is null ? null : found with { Environment = key };
    }
}
