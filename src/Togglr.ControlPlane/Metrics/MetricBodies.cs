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

/// <summary>Tries a metric on events of the last days.</summary>
public sealed record PreviewMetricRequest
{
    /// <summary>Key of the environment whose events are looked at.</summary>
    public required string Environment { get; init; }

    /// <summary>What the metric says.</summary>
    public required MetricDefinition Definition { get; init; }

    /// <summary>How many days, 1 to 30; 7 if absent.</summary>
    public int? Days { get; init; }
}

/// <summary>What a metric would have said of everybody who was seen in some days. The attribution window plays no part: it begins with an exposure.</summary>
/// <param name="Environment">Key of the environment.</param>
/// <param name="From">Events from then on.</param>
/// <param name="To">Events until then.</param>
/// <param name="Units">Everybody who did anything or was exposed to anything.</param>
/// <param name="Active">Those with an event that counts.</param>
/// <param name="Events">Events that count.</param>
/// <param name="SampledShare">The share of people that was looked at where there are very many; counts are scaled up. 1: all.</param>
/// <param name="Value">The metric's value; null without data, and for retention, which needs a first exposure.</param>
/// <param name="Deviation">The standard deviation of one unit; null for quantiles and retention.</param>
/// <param name="Histogram">How many units have which value, without those that have none; of quantiles the values of events. The last goes on to the greatest.</param>
/// <param name="Days">By day, UTC.</param>
public sealed record MetricPreviewView(
    string Environment, DateTimeOffset From, DateTimeOffset To, long Units, long Active, long Events, double SampledShare, double? Value, double? Deviation, IReadOnlyList<MetricBucket> Histogram,
    IReadOnlyList<MetricDay> Days);

/// <summary>Units with a value in a range.</summary>
/// <param name="From">The lower end.</param>
/// <param name="To">The upper end.</param>
/// <param name="Units">How many.</param>
public sealed record MetricBucket(double From, double To, long Units);

/// <summary>A day of events.</summary>
/// <param name="Day">The day, UTC.</param>
/// <param name="Events">Events that count.</param>
/// <param name="Units">Units with one.</param>
public sealed record MetricDay(DateOnly Day, long Events, long Units);
