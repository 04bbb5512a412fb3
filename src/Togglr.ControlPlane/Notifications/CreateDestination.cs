using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

internal static class CreateDestination
{
    public static async Task<Results<CreatedVersion<DestinationView>, Problem>> HandleAsync(
        CreateDestinationRequest request, Current current, TogglrDbContext db, DestinationInput input, DestinationSecrets store, DestinationViews views, CancellationToken cancel)
    {
        if (NotificationEndpoints.MayTell(current) is { } refused)
            return refused;
        if (await NotificationEndpoints.Destinations(db, current).CountAsync(cancel) >= NotificationDestination.Maximum)
            return Problem.Conflict($"There are {NotificationDestination.Maximum} destinations here already.", "too_many");
        var row = NotificationDestination.Create(current.OrganizationId, current.HasProject ? current.Project : null, request.Kind);
        var secrets = new Dictionary<string, string>(StringComparer.Ordinal);
        var (settings, wrong) = input.Merge(
            request.Kind, new DestinationGiven(request.Url, request.SigningSecret, request.Token, request.ChatId, request.ApiUrl, request.Recipients), row.Settings, secrets);
        if (wrong is not null)
            return wrong;
        var (subscriptions, unknown) = await input.SubscribeAsync(request.Subscriptions ?? [], current, cancel);
        if (subscriptions is null)
            return unknown!;
        var changed = row.Change(request.Name, request.Language ?? "en", request.Enabled ?? true, settings, subscriptions.Value);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        store.Write(row, secrets);
        db.NotificationDestinations.Add(row);
        if (await current.SaveAsync("notification_destination.created", row.Name, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        var view = await views.OfAsync(row, cancel);
        if (request.SigningSecret is null && secrets.TryGetValue(DestinationSecrets.SigningSecret, out var made))
            view = view with { SigningSecret = made };
        return new CreatedVersion<DestinationView>(view, row.Version, row.Id.ToString());
    }
}
