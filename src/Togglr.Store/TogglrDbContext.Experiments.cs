using Microsoft.EntityFrameworkCore;

namespace Togglr.Store;

public sealed partial class TogglrDbContext
{
    /// <summary>Metrics of the current organization.</summary>
    public DbSet<Metric> Metrics => Set<Metric>();

    /// <summary>Layers of the current organization.</summary>
    public DbSet<Layer> Layers => Set<Layer>();

    /// <summary>Holdouts of the current organization.</summary>
    public DbSet<Holdout> Holdouts => Set<Holdout>();

    /// <summary>Experiments of the current organization.</summary>
    public DbSet<Experiment> Experiments => Set<Experiment>();

    /// <summary>Phases of experiments of the current organization; written together with what begins and ends them.</summary>
    public DbSet<ExperimentPhase> ExperimentPhases => Set<ExperimentPhase>();

    /// <summary>Algorithms of the current organization.</summary>
    public DbSet<FlagAlgorithm> Algorithms => Set<FlagAlgorithm>();

    /// <summary>What algorithms of the current organization have come to.</summary>
    public DbSet<AlgorithmWeights> AlgorithmWeights => Set<AlgorithmWeights>();

    /// <summary>What algorithms of the current organization came to before; written together with it.</summary>
    public DbSet<AlgorithmStep> AlgorithmSteps => Set<AlgorithmStep>();

    private static void AddExperiments(ModelBuilder modelBuilder)
    {
        modelBuilder.Entity<Metric>().ToTable("metrics").Ignore(row => row.Details).HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Layer>().ToTable("layers").HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Holdout>().ToTable("holdouts").HasOne<Project>().WithMany().HasForeignKey(row => row.ProjectId).OnDelete(DeleteBehavior.ClientNoAction);
        modelBuilder.Entity<Experiment>(experiment =>
        {
            experiment.ToTable("experiments").Ignore(row => row.VariationList).Ignore(row => row.OverrideList).Ignore(row => row.Analysis).Ignore(row => row.MetricList).Ignore(row => row.Layer)
                .Ignore(row => row.IsLive).Ignore(row => row.RuleId).Ignore(row => row.Details);
            experiment.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
            experiment.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<ExperimentPhase>(phase =>
        {
            phase.ToTable("experiment_phases").Ignore(row => row.VariationList).Ignore(row => row.PauseList).HasKey(row => new { row.ExperimentId, row.Number });
            phase.HasOne<Experiment>().WithMany().HasForeignKey(row => row.ExperimentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<FlagAlgorithm>(algorithm =>
        {
            algorithm.ToTable("flag_algorithms").Ignore(row => row.Design).Ignore(row => row.RewardMetric);
            algorithm.HasOne<Flag>().WithMany().HasForeignKey(row => row.FlagId).OnDelete(DeleteBehavior.ClientNoAction);
            algorithm.HasOne<ProjectEnvironment>().WithMany().HasForeignKey(row => row.EnvironmentId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<AlgorithmWeights>(weights =>
        {
            weights.ToTable("algorithm_weights").Ignore(row => row.Table).HasKey(row => row.AlgorithmId);
            weights.HasOne<FlagAlgorithm>().WithMany().HasForeignKey(row => row.AlgorithmId).OnDelete(DeleteBehavior.ClientNoAction);
        });
        modelBuilder.Entity<AlgorithmStep>(step =>
        {
            step.ToTable("algorithm_steps").Ignore(row => row.Table).HasKey(row => new { row.AlgorithmId, row.Number });
            step.HasOne<FlagAlgorithm>().WithMany().HasForeignKey(row => row.AlgorithmId).OnDelete(DeleteBehavior.ClientNoAction);
        });
    }
}
