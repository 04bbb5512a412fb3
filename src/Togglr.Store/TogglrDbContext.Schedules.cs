using Microsoft.EntityFrameworkCore;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    /// <summary>Schedules of the current organization.</summary>
    public DbSet<Schedule> Schedules => Set<Schedule>();

    /// <summary>Where the schedules of the current organization are.</summary>
    public DbSet<ScheduleClock> ScheduleClocks => Set<ScheduleClock>();

    private static void AddSchedules(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Schedule>(schedule =>
        {
            schedule.ToTable("schedules").Ignore(row => row.Details).Ignore(row => row.IsPending);
            schedule.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
            schedule.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<ScheduleClock>(clock =>
        {
            clock.ToTable("schedule_clocks").HasKey(row => new { row.FlagId, row.EnvironmentId });
            clock.Property(row => row.Tick).IsConcurrencyToken();
        });
    }
}
