namespace Togglr.Store;

/// <summary>When a flag was evaluated in an environment, first and last. Written by <see cref="CountAggregator"/> only.</summary>
public sealed class FlagUsage : ITenantOwned
{
    private FlagUsage()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>The flag.</summary>
    public Guid FlagId { get; private set; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <summary>The first evaluation that was reported.</summary>
    public DateTimeOffset FirstAt { get; private set; }

    /// <summary>The last evaluation that was reported.</summary>
    public DateTimeOffset LastAt { get; private set; }

    /// <summary>The variant that everybody has got since <see cref="VariantSince"/>; null where they got several, or none.</summary>
    public string? Variant { get; private set; }

    /// <summary>Since when, or when there were several last.</summary>
    public DateTimeOffset? VariantSince { get; private set; }
}
