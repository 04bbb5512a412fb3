using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.ControlPlane.Notifications.Channels;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Shows destinations: never their secrets.</summary>
internal sealed class DestinationViews(TogglrDbContext db, DestinationSecrets secrets, TimeProvider time)
{
    private const int MostCounted = 1000;

    /// <summary>Destinations with how they answer.</summary>
    public async Task<IReadOnlyList<DestinationView>> OfAsync(IReadOnlyList<NotificationDestination> rows, CancellationToken cancel)
    {
        Guid[] ids = [.. rows.Select(row => row.Id)];
        var circuits = await db.NotificationCircuits.AsNoTracking().Where(row => ids.Contains(row.DestinationId)).ToDictionaryAsync(row => row.DestinationId, cancel);
        var subscriptions = rows.ToDictionary(row => row.Id, Subscription.Of);
        Guid[] projectIds = [.. rows.Select(row => row.ProjectId).Concat(subscriptions.Values.SelectMany(some => some).Select(some => some.ProjectId)).OfType<Guid>().Distinct()];
        Guid[] environmentIds = [.. subscriptions.Values.SelectMany(some => some).Select(some => some.EnvironmentId).OfType<Guid>().Distinct()];
        var projects = await db.Projects.AsNoTracking().Where(row => projectIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var environments = await db.Environments.AsNoTracking().Where(row => environmentIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var views = new List<DestinationView>();
        foreach (var row in rows)
        {
            // What was subscribed to may be gone: then it says nothing any more, and is not shown as if it asked for everything.
            var shown = subscriptions[row.Id].Where(some => (some.ProjectId is null || projects.ContainsKey(some.ProjectId.Value)) && (some.EnvironmentId is null || environments.ContainsKey(some.EnvironmentId.Value)))
                .Select(some => new SubscriptionView(some.ProjectId is { } project ? projects[project] : null, some.EnvironmentId is { } environment ? environments[environment] : null, some.Events));
            views.Add(await ViewAsync(row, row.ProjectId is { } home ? projects.GetValueOrDefault(home) : null, [.. shown], circuits.GetValueOrDefault(row.Id), cancel));
        }
        return views;
    }

    /// <summary>One destination.</summary>
    public async Task<DestinationView> OfAsync(NotificationDestination row, CancellationToken cancel) => (await OfAsync([row], cancel))[0];

    private async Task<DestinationView> ViewAsync(NotificationDestination row, string? project, IReadOnlyList<SubscriptionView> subscriptions, NotificationCircuit? circuit, CancellationToken cancel)
    {
        var known = secrets.Read(row) ?? new Dictionary<string, string>(StringComparer.Ordinal);
        var telegram = row.Kind == DestinationKind.Telegram ? row.Settings.Deserialize<TelegramSettings>(JsonSerializerOptions.Web) : null;
        var mail = row.Kind == DestinationKind.Email ? row.Settings.Deserialize<MailSettings>(JsonSerializerOptions.Web) : null;
        var target = telegram?.ChatId ?? (mail is not null ? string.Join(", ", mail.Recipients) : known.TryGetValue(DestinationSecrets.Url, out var url) ? new Uri(url).Authority : "");
        string[] names = row.Kind switch
        {
            DestinationKind.Webhook => [DestinationSecrets.Url, DestinationSecrets.SigningSecret],
            DestinationKind.Telegram => [DestinationSecrets.Token],
            DestinationKind.Email => [],
            _ => [DestinationSecrets.Url],
        };
        return new DestinationView(
            row.Id, project, row.Name, row.Kind, row.Language, row.Enabled, target, telegram?.ChatId, telegram?.ApiUrl, mail?.Recipients,
            names.ToDictionary(static name => name, name => new SecretStateView(known.ContainsKey(name)), StringComparer.Ordinal), subscriptions, await HealthAsync(row, circuit, cancel),
            row.Version, row.CreatedAt, row.UpdatedAt)
        { FormerSecretUntil = SigningOverlap.UntilOf(known, time.GetUtcNow()) };
    }

    private async Task<DestinationHealthView> HealthAsync(NotificationDestination row, NotificationCircuit? circuit, CancellationToken cancel)
    {
        var waiting = await db.NotificationDeliveries.Where(item => item.DestinationId == row.Id && item.State == DeliveryState.Pending).Take(MostCounted).CountAsync(cancel);
        var dead = await db.NotificationDeliveries.Where(item => item.DestinationId == row.Id && item.State == DeliveryState.Dead && item.Sequence != null).Take(MostCounted).CountAsync(cancel);
        var pausedUntil = circuit?.OpenUntil is { } until && until > time.GetUtcNow() ? until : (DateTimeOffset?)null;
        var state = circuit switch
        {
            null => "idle",
            { OpenUntil: not null } => "paused",
            { Failures: > 0 } => "failing",
            _ => "ok",
        };
        return new DestinationHealthView(state, circuit?.Failures ?? 0, pausedUntil, circuit?.LastSuccessAt, circuit?.LastFailureAt, circuit?.LastError, waiting, dead);
    }
}
