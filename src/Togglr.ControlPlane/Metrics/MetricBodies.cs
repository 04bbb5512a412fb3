using Togglr.ControlPlane.Api;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.Metrics;

/// <summary>A metric of the project's catalogue.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Key">Unique in the project; never changes.</param>
/// <param name="Name">For people.</param>
/// <param name="Description">For people.</param>
/// <param name="Owner">Who answers for it.</param>
/// <param name="Definition">What it says.</param>
/// <param name="Experiments">How many experiments use it.</param>
/// <param name="ArchivedAt">Since when it is offered no more.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record MetricView(
    Guid Id, string Key, string Name, string Description, PersonRef? Owner, MetricDefinition Definition, int Experiments, DateTimeOffset? ArchivedAt, int Version, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt);

/// <summary>A new metric.</summary>
public sealed record CreateMetricRequest
{
    /// <summary>1 to 100 letters, digits and <c>. _ -</c>; never changes.</summary>
    public required string Key { get; init; }

    /// <summary>For people; the key if absent.</summary>
    public string? Name { get; init; }

    /// <summary>For people.</summary>
    public string? Description { get; init; }

    /// <summary>Id of the person who answers for it; the creator if absent.</summary>
    public Guid? Owner { get; init; }

    /// <summary>What it says.</summary>
    public required MetricDefinition Definition { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a metric. Experiments that were started keep what they were started with.</summary>
public sealed record UpdateMetricRequest
{
    /// <summary>For people.</summary>
    public Optional<string> Name { get; init; }

    /// <summary>For people.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>Id of the person who answers for it.</summary>
    public Optional<Guid?> Owner { get; init; }

    /// <summary>What it says.</summary>
    [ApiSchema("MetricDefinition")]
    public Optional<MetricDefinition> Definition { get; init; }

    /// <summary>Whether it is offered to new experiments no more.</summary>
    public Optional<bool> Archived { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}
