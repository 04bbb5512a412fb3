using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.ControlPlane.Notifications.Inbox;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>
/// Destinations of an organization or of a project: the same calls at two places. Whoever has messages sent somewhere sends what happens out of the house, so that it takes the right to read all of it as well.
/// </summary>
internal static class NotificationEndpoints
{
    private static readonly SortKey<NotificationDestination>[] Sorts =
    [
        SortKey<NotificationDestination>.Text("name", row => row.Name, row => row.Id),
        SortKey<NotificationDestination>.Time("createdAt", row => row.CreatedAt, row => row.Id),
    ];

    public static void AddNotifications(this IServiceCollection services, ControlPlaneOptions options)
    {
        services.AddSingleton(options.Notifications);
        services.AddSingleton<NotificationHttp>();
        services.AddSingleton<DestinationSecrets>();
        services.AddSingleton<IDestinationChannel, WebhookChannel>();
        services.AddSingleton<IDestinationChannel, SlackChannel>();
        services.AddSingleton<IDestinationChannel, MattermostChannel>();
        services.AddSingleton<IDestinationChannel, TelegramChannel>();
        services.AddSingleton<IDestinationChannel, MailChannel>();
        services.AddSingleton<DestinationSender>();
        services.AddSingleton<EventSource>();
        services.AddSingleton<DeliveryAlarm>();
        services.AddSingleton<DeliveryQueue>();
        services.AddScoped<DestinationInput>();
        services.AddScoped<DestinationViews>();
        services.AddScoped<TellEvents>();
        services.AddHostedService<TellWorker>();
        services.AddHostedService<DeliveryWorker>();
        if (options.Mail is not null)
            services.AddHostedService<DigestWorker>();
    }

    /// <summary>Maps the calls below an organization, or below a project.</summary>
    /// <param name="scope">Where.</param>
    /// <param name="name">What stands in the operations' names before the thing: nothing, or <c>Project</c>.</param>
    public static void MapNotifications(this IEndpointRouteBuilder scope, string name)
    {
        var notifications = scope.MapGroup("/notifications").WithTags("Notifications").WithMetadata(new NeverRequested());
        var of = name.Length == 0 ? "an organization" : "a project";
        notifications.MapGet("/events", Events).WithName($"list{name}NotificationEvents").WithSummary("What can be subscribed to").RequirePermission(Permissions.NotificationManage);
        var destinations = notifications.MapGroup("/destinations");
        destinations.MapGet("", ListAsync).WithName($"list{name}Destinations").WithSummary($"The destinations of {of}").RequirePermission(Permissions.NotificationManage);
        destinations.MapPost("", CreateDestination.HandleAsync).WithName($"create{name}Destination").WithSummary($"Have messages of what happens in {of} sent somewhere").RequirePermission(Permissions.NotificationManage);
        destinations.MapGet("/{id:guid}", GetAsync).WithName($"get{name}Destination").WithSummary("A destination; never its secrets").RequirePermission(Permissions.NotificationManage);
        destinations.MapPatch("/{id:guid}", UpdateDestination.HandleAsync).WithName($"update{name}Destination").WithSummary("Change a destination").RequirePermission(Permissions.NotificationManage);
        destinations.MapDelete("/{id:guid}", DeleteAsync).WithName($"delete{name}Destination").WithSummary("Delete a destination with all that waits for it").RequirePermission(Permissions.NotificationManage);
        destinations.MapPost("/{id:guid}/test", TestDestination.HandleAsync).WithName($"test{name}Destination").WithSummary("Send a test message now and say what came of it").RequirePermission(Permissions.NotificationManage);
        destinations.MapPost("/{id:guid}/resend", ResendDeliveries.AllAsync).WithName($"resendAll{name}Deliveries").WithSummary("Send all messages again that were given up").RequirePermission(Permissions.NotificationManage);
        var deliveries = notifications.MapGroup("/deliveries");
        deliveries.MapGet("", ListDeliveries.HandleAsync).WithName($"list{name}Deliveries").WithSummary("What was sent, newest first").RequirePermission(Permissions.NotificationManage);
        deliveries.MapGet("/{id:guid}", ListDeliveries.GetAsync).WithName($"get{name}Delivery").WithSummary("A message with what it says").RequirePermission(Permissions.NotificationManage);
        deliveries.MapPost("/{id:guid}/resend", ResendDeliveries.OneAsync).WithName($"resend{name}Delivery").WithSummary("Send a message again").RequirePermission(Permissions.NotificationManage);
    }

    /// <summary>The destinations of the route's project, or those of the organization itself.</summary>
    public static IQueryable<NotificationDestination> Destinations(TogglrDbContext db, Current current)
    {
        Guid? project = current.HasProject ? current.Project.Id : null;
        return db.NotificationDestinations.Where(row => row.ProjectId == project);
    }

    /// <summary>There is none.</summary>
    public static Problem NotThere => Problem.NotFound("There is no such destination.");

    /// <summary>Whether the caller may read all that would be sent.</summary>
    public static Problem? MayTell(Current current) => current.May(Permissions.AuditView, current.HasProject ? current.Project.Id : null)
        ? null
        : Problem.Forbidden($"Messages tell what the audit log tells. Only who may read it ({Permissions.AuditView}) decides where they go.", "audit_view_required");

    private static Ok<NotificationEventsView> Events() => TypedResults.Ok(new NotificationEventsView(
        [.. EventCatalogue.Groups.Select(group => new NotificationGroupView(group, [.. EventCatalogue.All.Where(kind => kind.Group == group).Select(kind => kind.Key)]))]));

    private static async Task<Results<Ok<Page<DestinationView>>, Problem>> ListAsync([AsParameters] ListQuery list, Current current, TogglrDbContext db, DestinationViews views, CancellationToken cancel)
    {
        var query = Destinations(db, current).AsNoTracking();
        query = query.Search(list.Search, row => row.Name);
        var (page, problem) = await Paging.ReadAsync(query, list, Sorts, rows => views.OfAsync(rows, cancel), cancel);
        return page is null ? problem! : TypedResults.Ok(page);
    }

    private static async Task<Results<Versioned<DestinationView>, Problem>> GetAsync(Guid id, Current current, TogglrDbContext db, DestinationViews views, CancellationToken cancel) =>
        await Destinations(db, current).AsNoTracking().SingleOrDefaultAsync(row => row.Id == id, cancel) is { } row
            ? new Versioned<DestinationView>(await views.OfAsync(row, cancel), row.Version)
            : NotThere;

    private static async Task<Results<NoContent, Problem>> DeleteAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await Destinations(db, current).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } row)
            return NotThere;
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        db.NotificationDestinations.Remove(row);
        if (await current.SaveAsync("notification_destination.deleted", row.Name, row.Id, reason: null, cancel) is { } problem)
            return problem;
        return TypedResults.NoContent();
    }
}
