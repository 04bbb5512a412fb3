using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

internal static class UpdateDestination
{
    public static async Task<Results<Versioned<DestinationView>, Problem>> HandleAsync(
        Guid id, UpdateDestinationRequest request, Current current, TogglrDbContext db, DestinationInput input, DestinationSecrets store, DestinationViews views, TimeProvider time, CancellationToken cancel)
    {
        if (await NotificationEndpoints.Destinations(db, current).SingleOrDefaultAsync(row => row.Id == id, cancel) is not { } row)
            return NotificationEndpoints.NotThere;
        if (EntityTags.Check(current.Http.Request, row.Version) is { } stale)
            return stale;
        if (NotificationEndpoints.MayTell(current) is { } refused)
            return refused;
        var before = store.Read(row);
        var secrets = new Dictionary<string, string>(before ?? new Dictionary<string, string>(StringComparer.Ordinal), StringComparer.Ordinal);
        var given = new DestinationGiven(
            request.Url, request.SigningSecret, request.Token, request.ChatId.IsSet ? request.ChatId.Value : null, request.ApiUrl.IsSet ? request.ApiUrl.Value : null,
            request.Recipients.IsSet ? request.Recipients.Value : null, request.SigningSecretOverlapHours);
        var (settings, wrong) = input.Merge(row.Kind, given, row.Settings, secrets);
        if (wrong is not null)
            return wrong;
        if (SigningOverlap.Change(before, secrets, request.SigningSecretOverlapHours, time.GetUtcNow()) is { } senseless)
            return senseless;
        var subscriptions = row.Subscriptions;
        if (request.Subscriptions.IsSet)
        {
            var (asked, unknown) = await input.SubscribeAsync(request.Subscriptions.Value, current, cancel);
            if (asked is null)
                return unknown!;
            subscriptions = asked.Value;
        }
        var changed = row.Change(request.Name.Or(row.Name), request.Language.Or(row.Language), request.Enabled.Or(row.Enabled), settings, subscriptions);
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        if (before is null || before.Count != secrets.Count || secrets.Any(secret => !before.TryGetValue(secret.Key, out var known) || known != secret.Value))
            store.Write(row, secrets);
        if (await current.SaveAsync("notification_destination.updated", row.Name, row.Id, request.Reason, cancel) is { } problem)
            return problem;
        return new Versioned<DestinationView>(await views.OfAsync(row, cancel), row.Version);
    }
}
