using Microsoft.EntityFrameworkCore;
using Microsoft.EntityFrameworkCore.Storage;
using Npgsql;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    /// <summary>Places that are told what happens in the current organization.</summary>
    public DbSet<NotificationDestination> NotificationDestinations => Set<NotificationDestination>();

    /// <summary>How destinations of the current organization answer.</summary>
    public DbSet<NotificationCircuit> NotificationCircuits => Set<NotificationCircuit>();

    /// <summary>Messages to destinations of the current organization.</summary>
    public DbSet<NotificationDelivery> NotificationDeliveries => Set<NotificationDelivery>();

    /// <summary>Up to where the current organization was told.</summary>
    public DbSet<NotificationCursor> NotificationCursors => Set<NotificationCursor>();

    /// <summary>What people of the current organization find in their inboxes.</summary>
    public DbSet<InboxItem> InboxItems => Set<InboxItem>();

    /// <summary>What people of the current organization watch.</summary>
    public DbSet<Watch> Watches => Set<Watch>();

    /// <summary>How all people want to be told.</summary>
    public DbSet<NotificationPreference> NotificationPreferences => Set<NotificationPreference>();

    /// <summary>
    /// Adds a notice for some people's open pages to the transaction that is under way. What comes back is told to listeners of this process by <see cref="Tell"/> once
    /// it is committed; others hear of it by themselves.
    /// </summary>
    public async Task<ChangeNotice> AnnounceAsync(string action, IReadOnlyList<Guid> people, CancellationToken cancellationToken = default)
    {
        var transaction = Database.CurrentTransaction ?? throw new InvalidOperationException("What is announced belongs to a transaction.");
        var writer = new CommitWriter((NpgsqlConnection)Database.GetDbConnection(), (NpgsqlTransaction)transaction.GetDbTransaction(), OrganizationId, _seal);
        var notice = new ChangeNotice { At = Truncate(Now), OrganizationId = OrganizationId, Action = action, Entity = action[..action.IndexOf('.', StringComparison.Ordinal)], EntityKey = "", Recipients = people };
        return await writer.WriteNoticeAsync(notice, _signal.NodeId, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Tells the listeners of this process of a notice that is committed.</summary>
    public void Tell(ChangeNotice notice) => _signal.Raise(notice);

    private static void AddNotifications(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<NotificationDestination>(destination =>
        {
            destination.ToTable("notification_destinations");
            destination.HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<NotificationCircuit>().ToTable("notification_circuits").HasKey(row => row.DestinationId);
        modelBuilder.Entity<NotificationDelivery>().ToTable("notification_deliveries").HasOne<NotificationDestination>().WithMany().HasForeignKey(row => row.DestinationId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<NotificationCursor>().ToTable("notification_cursors").HasKey(row => row.OrganizationId);
        modelBuilder.Entity<InboxItem>().ToTable("inbox_items").Property(row => row.Body).HasColumnType("json");
        modelBuilder.Entity<Watch>().ToTable("watches");
        modelBuilder.Entity<NotificationPreference>().ToTable("notification_preferences").HasKey(row => row.UserId);
    }
}
