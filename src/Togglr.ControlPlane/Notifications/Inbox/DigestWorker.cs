using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Mail;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>
/// Sends people by mail what is unread, at their hour. A digest is claimed, put into the queue of mail and dated anew in one transaction: each is queued once, however many processes there are. One
/// that was missed comes late, once.
/// </summary>
internal sealed partial class DigestWorker(IServiceProvider services, IServiceScopeFactory scopes, TimeProvider time, ILogger<DigestWorker> logger)
    : DatabaseWorker(services.GetService<TogglrDatabase>(), time)
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    /// <inheritdoc />
    protected override async Task<TimeSpan> RoundAsync(CancellationToken cancellationToken) => await SendNextAsync(cancellationToken) ? TimeSpan.Zero : Interval;

    /// <inheritdoc />
    protected override void Tell(Exception failure, TimeSpan pause) => LogFailed(failure.Message);

    private async Task<bool> SendNextAsync(CancellationToken cancel)
    {
        await using var scope = scopes.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var now = Time.GetUtcNow();
        await using var transaction = await db.Database.BeginTransactionAsync(cancel);
        var due = await db.NotificationPreferences
            .FromSql($"SELECT * FROM notification_preferences WHERE next_digest_at <= {now} ORDER BY next_digest_at LIMIT 1 FOR UPDATE SKIP LOCKED").ToListAsync(cancel);
        if (due is not [var preference])
            return false;
        var user = await db.Users.AsNoTracking().SingleAsync(row => row.Id == preference.UserId, cancel);
        preference.NextDigestAt = DigestTime.Next(preference, user.TimeZone, now);
        var (items, unread) = user.DisabledAt is null ? await DigestItems.ReadAsync(db, scope.ServiceProvider.GetRequiredService<GrantReader>(), user.Id, cancel) : ([], 0);
        if (items.Count > 0)
        {
            var inbox = scope.ServiceProvider.GetRequiredService<AccountLinks>().Page("inbox");
            scope.ServiceProvider.GetRequiredService<MailQueue>().Add("digest", user.Email, InboxMails.Many([.. items.Select(item => EventDocument.Read(item.Body))], unread, user, inbox));
            Guid[] told = [.. items.Select(item => item.Id)];
            await db.InboxItems.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).Where(row => told.Contains(row.Id)).ExecuteUpdateAsync(row => row.SetProperty(it => it.MailedAt, now), cancel);
        }
        await db.SaveChangesAsync(cancel);
        await transaction.CommitAsync(cancel);
        return true;
    }

    [LoggerMessage(3083, LogLevel.Warning, "Digests could not be sent and are tried again: {Reason}")]
    private partial void LogFailed(string reason);
}

/// <summary>What a digest tells: unread, not told by mail before, and about what the person may see now.</summary>
internal static class DigestItems
{
    private const int Most = 50;
    private const int MostRead = 500;

    public static async Task<(IReadOnlyList<InboxItem> Items, int Unread)> ReadAsync(TogglrDbContext db, GrantReader grants, Guid person, CancellationToken cancel)
    {
        var unread = await db.InboxItems.IgnoreQueryFilters([TogglrDbContext.TenantFilter]).AsNoTracking().Where(row => row.UserId == person && row.ReadAt == null && row.MailedAt == null)
            .OrderByDescending(row => row.Id).Take(MostRead).ToListAsync(cancel);
        var memberships = await db.MembershipsOf(person).AsNoTracking().Where(row => row.DisabledAt == null).ToListAsync(cancel);
        var visible = new List<InboxItem>();
        foreach (var home in memberships)
        {
            var organization = home.Organization!;
            var caller = new Caller(
                CallerKind.User, person, "", "", await grants.ReadAsync(db, new PrincipalId(PrincipalKind.User, person), organization.Id, organization.Key, organization.AccessVersion, cancel));
            visible.AddRange(unread.Where(item => item.OrganizationId == organization.Id && Authorization.Authorize(caller, Permissions.ProjectView, new Scope(organization.Id, item.ProjectId)) == Verdict.Allowed));
        }
        return ([.. visible.OrderByDescending(item => item.Id).Take(Most)], visible.Count);
    }
}
