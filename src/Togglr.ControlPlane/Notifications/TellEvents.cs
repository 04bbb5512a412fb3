using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Mail;
using Togglr.ControlPlane.Notifications.Inbox;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications;

/// <summary>Tells one organization's people and destinations of the next entries of its audit log, in one transaction.</summary>
internal sealed class TellEvents(TogglrDbContext db, GrantReader grants, EventSource source, MailQueue mail, NotificationTerms terms)
{
    private const int AtOnce = 100;

    /// <summary>What the watch over errors does to a flag, always for an incident.</summary>
    private static readonly HashSet<string> OfIncidents = new(StringComparer.Ordinal) { "flag.auto_disabled", "flag.trial_started", "flag.trial_passed", "flag.trial_ended" };

    /// <summary>Messages that may wait for one destination; more are dead at once, so that what never answers does not fill the database.</summary>
    private const int MostWaiting = 10_000;

    /// <summary>What one round did; no entries where another process is at it.</summary>
    public readonly record struct Told(int Entries, int Deliveries);

    /// <summary>Takes the next entries, if nobody else does.</summary>
    public async Task<Told> RunAsync(CancellationToken cancel)
    {
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        await db.Database.ExecuteSqlAsync($"INSERT INTO notification_cursors (organization_id, sequence) VALUES ({db.OrganizationId}, 0) ON CONFLICT DO NOTHING", cancel);
        var places = await db.Database.SqlQuery<long>($"SELECT sequence AS \"Value\" FROM notification_cursors WHERE organization_id = {db.OrganizationId} FOR UPDATE SKIP LOCKED").ToListAsync(cancel);
        if (places is not [var place])
            return default;
        var entries = await db.AuditEntries.AsNoTracking().Where(row => row.Sequence > place).OrderBy(row => row.Sequence).Take(AtOnce)
            .Select(row => new ToldEntry(
                row.Sequence, row.Id, row.At, row.Action, row.Entity, row.EntityKey, row.EntityId, row.Project, row.Environment, row.ActorKind, row.ActorId, row.ActorName, row.Reason, row.Authority))
            .ToListAsync(cancel);
        if (entries.Count == 0)
            return default;
        var events = await ReadEventsAsync(entries, cancel);
        var (deliveries, people) = (0, new HashSet<Guid>());
        if (events.Count > 0)
        {
            var organization = await db.Organizations.AsNoTracking().SingleAsync(row => row.Id == db.OrganizationId, cancel);
            deliveries = await AddDeliveriesAsync(events, organization, cancel);
            await AddInboxAsync(events, organization, people, cancel);
            await db.SaveChangesAsync(cancel);
        }
        await db.Database.ExecuteSqlAsync($"UPDATE notification_cursors SET sequence = {entries[^1].Sequence} WHERE organization_id = {db.OrganizationId}", cancel);
        var notice = people.Count > 0 ? await db.AnnounceAsync("notification.arrived", [.. people], cancel) : null;
        await transaction.CommitAsync(cancel);
        if (notice is not null)
            db.Tell(notice);
        return new Told(entries.Count, deliveries);
    }

    /// <summary>Those entries that anybody could be told of, with what is known of them now.</summary>
    private async Task<List<ToldEvent>> ReadEventsAsync(List<ToldEntry> entries, CancellationToken cancel)
    {
        var kept = entries.FindAll(entry => entry.IsBypass || EventCatalogue.Find(entry.Action) is not null);
        string[] keys = [.. kept.Select(entry => entry.ProjectKey).OfType<string>().Distinct(StringComparer.Ordinal)];
        var projects = keys.Length == 0 ? [] : await db.Projects.AsNoTracking().Where(row => keys.Contains(row.Key)).ToDictionaryAsync(row => row.Key, StringComparer.Ordinal, cancel);
        Guid[] ids = [.. projects.Values.Select(project => project.Id)];
        var environments = ids.Length == 0
            ? []
            : await db.Environments.AsNoTracking().Where(row => ids.Contains(row.ProjectId)).Select(row => new { row.ProjectId, row.Key, row.Id }).ToDictionaryAsync(row => (row.ProjectId, row.Key), row => row.Id, cancel);
        Guid[] asked = [.. kept.Where(entry => entry.Entity == "changerequest").Select(entry => entry.EntityId).OfType<Guid>()];
        var requests = asked.Length == 0 ? [] : await db.ChangeRequests.AsNoTracking().Where(row => asked.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancel);
        var incidents = await ReadIncidentsAsync(kept, cancel);
        return kept.ConvertAll(entry =>
        {
            // Another project may have the key by now; what was in the one before is none of its people's business.
            var project = entry.ProjectKey is { } key && projects.TryGetValue(key, out var now) && now.CreatedAt <= entry.At ? now : null;
            Guid? environment = project is not null && entry.Environment is { } name && environments.TryGetValue((project.Id, name), out var id) ? id : null;
            return new ToldEvent(entry, EventCatalogue.Find(entry.Action), project, environment, entry.Entity == "changerequest" && entry.EntityId is { } request ? requests.GetValueOrDefault(request) : null,
                project is not null && incidents.TryGetValue(entry.Sequence, out var number) ? number : null);
        });
    }

    /// <summary>The numbers of the incidents that entries are about.</summary>
    private async Task<Dictionary<long, int>> ReadIncidentsAsync(List<ToldEntry> entries, CancellationToken cancel)
    {
        Guid[] named = [.. entries.Where(entry => entry.Entity == "incident").Select(entry => entry.EntityId).OfType<Guid>()];
        Guid[] flags = [.. entries.Where(entry => OfIncidents.Contains(entry.Action)).Select(entry => entry.EntityId).OfType<Guid>()];
        if (named.Length + flags.Length == 0)
            return [];
        var found = await db.Incidents.AsNoTracking().Where(row => named.Contains(row.Id) || flags.Contains(row.FlagId))
            .Select(row => new { row.Id, row.FlagId, row.EnvironmentKey, row.Number, row.OpenedAt }).OrderByDescending(row => row.Number).ToListAsync(cancel);
        var numbers = new Dictionary<long, int>();
        foreach (var entry in entries)
        {
            // The clocks of the database and of this server may differ a little; the newest that can be meant is.
            var incident = entry.Entity == "incident" ? found.Find(row => row.Id == entry.EntityId)
                : OfIncidents.Contains(entry.Action) ? found.Find(row => row.FlagId == entry.EntityId && row.EnvironmentKey == entry.Environment && row.OpenedAt <= entry.At.AddMinutes(1)) : null;
            if (incident is not null)
                numbers[entry.Sequence] = incident.Number;
        }

        return numbers;
    }

    private async Task<int> AddDeliveriesAsync(List<ToldEvent> events, Organization organization, CancellationToken cancel)
    {
        var destinations = await db.NotificationDestinations.AsNoTracking().Where(row => row.Enabled).ToListAsync(cancel);
        var count = 0;
        foreach (var destination in destinations)
        {
            var subscriptions = Subscription.Of(destination);
            var wanted = events.FindAll(told => (destination.ProjectId is null || told.Project?.Id == destination.ProjectId) && subscriptions.Any(subscription => subscription.Wants(told)));
            if (wanted.Count == 0)
                continue;
            var waiting = await db.NotificationDeliveries.Where(row => row.DestinationId == destination.Id && row.State == DeliveryState.Pending).Take(MostWaiting + 1).CountAsync(cancel);
            foreach (var told in wanted)
            {
                var hasRoom = waiting++ < MostWaiting;
                var now = await NowAsync(cancel);
                db.NotificationDeliveries.Add(new NotificationDelivery
                {
                    OrganizationId = organization.Id, DestinationId = destination.Id, Sequence = told.Entry.Sequence, Event = told.Entry.Action, Body = source.Describe(told, organization, destination.Language).Write(),
                    State = hasRoom ? DeliveryState.Pending : DeliveryState.Dead, CreatedAt = now, NextAttemptAt = now, GiveUpAt = now + terms.GiveUpAfter,
                    FinishedAt = hasRoom ? null : now, Error = hasRoom ? null : $"More than {MostWaiting} messages wait for this destination.",
                });
                count += hasRoom ? 1 : 0;
            }
        }
        return count;
    }

    private async Task AddInboxAsync(List<ToldEvent> events, Organization organization, HashSet<Guid> people, CancellationToken cancel)
    {
        var audience = new InboxAudience(db, grants, organization);
        foreach (var told in events.Where(told => told.Kind is not null))
        {
            var concerned = await audience.FindAsync(told, cancel);
            if (concerned.Count == 0)
                continue;
            Guid[] ids = [.. concerned.Keys];
            var users = await db.Users.AsNoTracking().Where(row => ids.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancel);
            foreach (var (person, concern) in concerned)
            {
                var user = users[person];
                var document = source.Describe(told, organization, user.Locale ?? "en");
                var isMailed = mail.IsOn && (await audience.PreferenceOfAsync(person, cancel))?.Mail == InboxMail.Immediately;
                db.InboxItems.Add(new InboxItem
                {
                    OrganizationId = organization.Id, UserId = person, ProjectId = told.Project!.Id, Sequence = told.Entry.Sequence, Event = told.Entry.Action, Concern = concern, Body = document.Write(),
                    CreatedAt = told.Entry.At, MailedAt = isMailed ? await NowAsync(cancel) : null,
                });
                if (isMailed)
                    mail.Add("notification", user.Email, InboxMails.One(document, user));
                people.Add(person);
            }
        }
    }

    /// <summary>The database's clock, the same for the whole transaction: it says what is due to be sent.</summary>
    private async Task<DateTimeOffset> NowAsync(CancellationToken cancel) =>
        _now ??= (await db.Database.SqlQuery<DateTimeOffset>($"SELECT now() AS \"Value\"").ToListAsync(cancel))[0];

    private DateTimeOffset? _now;
}
