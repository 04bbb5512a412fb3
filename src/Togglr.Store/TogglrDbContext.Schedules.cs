using Microsoft.EntityFrameworkCore;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    /// <summary>Schedules of the current organization.</summary>
    public DbSet<Schedule> Schedules => Set<Schedule>();

    /// <summary>Where the schedules of the current organization are.</summary>
    public DbSet<ScheduleClock> ScheduleClocks => Set<ScheduleClock>();

    /// <summary>Ramps of the current organization.</summary>
    public DbSet<Ramp> Ramps => Set<Ramp>();

    /// <summary>When to look at ramps of the current organization again.</summary>
    public DbSet<RampClock> RampClocks => Set<RampClock>();

    /// <summary>What was seen of ramps of the current organization.</summary>
    public DbSet<RampObservation> RampObservations => Set<RampObservation>();

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
        modelBuilder.Entity<Ramp>(ramp =>
        {
            ramp.ToTable("ramps").Ignore(row => row.StepList).Ignore(row => row.Watch).Ignore(row => row.IsActive);
            ramp.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
            ramp.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<RampClock>(clock =>
        {
            clock.ToTable("ramp_clocks").HasKey(row => row.RampId);
            clock.Property(row => row.Tick).IsConcurrencyToken();
            clock.HasOne<Ramp>().WithMany().HasForeignKey(row => row.RampId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<RampObservation>(seen =>
        {
            seen.ToTable("ramp_observations").HasKey(row => new { row.RampId, row.At });
            seen.HasOne<Ramp>().WithMany().HasForeignKey(row => row.RampId).OnDelete(DeleteBehavior.ClientNoAction);
        });
    }
}
