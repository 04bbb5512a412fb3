using Microsoft.EntityFrameworkCore;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    /// <summary>Health settings of the current organization.</summary>
    public DbSet<HealthSettings> HealthSettings => Set<HealthSettings>();

    /// <summary>Incidents of the current organization.</summary>
    public DbSet<Incident> Incidents => Set<Incident>();

    /// <summary>What happened to incidents of the current organization.</summary>
    public DbSet<IncidentEvent> IncidentEvents => Set<IncidentEvent>();

    /// <summary>Where flags of the current organization stand.</summary>
    public DbSet<FlagHealth> FlagHealth => Set<FlagHealth>();

    /// <summary>Where flags of the current organization stood.</summary>
    public DbSet<HealthTransition> HealthTransitions => Set<HealthTransition>();

    private static void AddHealth(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<HealthSettings>(settings =>
        {
            settings.ToTable("health_settings").Ignore(row => row.Terms);
            settings.HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
            settings.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
            settings.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<Incident>(incident =>
        {
            incident.ToTable("incidents").Ignore(row => row.Finding);
            incident.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
            incident.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<IncidentEvent>().ToTable("incident_events").HasOne<Incident>().WithMany().HasForeignKey(row => row.IncidentId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<FlagHealth>(health =>
        {
            health.ToTable("flag_health").HasKey(row => new { row.FlagId, row.EnvironmentId });
            health.Property(row => row.Tick).IsConcurrencyToken();
            health.HasOne<Incident>().WithMany().HasForeignKey(row => row.IncidentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<HealthTransition>().ToTable("health_transitions").HasKey(row => new { row.FlagId, row.EnvironmentId, row.At });
    }
}
