using System.Text.Json;

namespace Togglr.Store;

/// <summary>How events of a unit become one number.</summary>
public enum MetricKind
{
    /// <summary>Whether the unit did it at least once.</summary>
    Conversion,

    /// <summary>How often the unit did it.</summary>
    Count,

    /// <summary>The sum of the values of the unit's events.</summary>
    Sum,

    /// <summary>The mean of the values of events: their sum over their number, both per unit.</summary>
    Mean,

    /// <summary>What the unit did over something else that it did.</summary>
    Ratio,

    /// <summary>A quantile of the values of events.</summary>
    Quantile,

    /// <summary>Whether the unit did it in a span of days after it was first exposed.</summary>
    Retention,
}

/// <summary>Which way is better.</summary>
public enum MetricDirection
{
    /// <summary>More is better.</summary>
    Increase,

    /// <summary>Less is better.</summary>
    Decrease,
}

/// <summary>How a filter compares a property of an event.</summary>
public enum MetricOperator
{
    /// <summary>Equal.</summary>
    Eq,

    /// <summary>Present and not equal.</summary>
    Neq,

    /// <summary>One of a list.</summary>
    In,

    /// <summary>Present and none of a list.</summary>
    NotIn,

    /// <summary>A greater number.</summary>
    Gt,

    /// <summary>A number that is not smaller.</summary>
    Gte,

    /// <summary>A smaller number.</summary>
    Lt,

    /// <summary>A number that is not greater.</summary>
    Lte,

    /// <summary>A text that contains another.</summary>
    Contains,

    /// <summary>Present.</summary>
    Exists,

    /// <summary>Not present.</summary>
    NotExists,
}

/// <summary>How the events below the line of a ratio become one number per unit.</summary>
public enum MetricAggregation
{
    /// <summary>How many there are.</summary>
    Count,

    /// <summary>The sum of their values.</summary>
    Sum,
}

/// <summary>Which events count: all filters must hold.</summary>
/// <param name="Property">Name of a property of the event.</param>
/// <param name="Operator">How it is compared.</param>
/// <param name="Value">With what: a scalar, or an array with <see cref="MetricOperator.In"/> and <see cref="MetricOperator.NotIn"/>; nothing for (not) exists.</param>
public sealed record MetricFilter(string Property, MetricOperator Operator, JsonElement? Value = null);

/// <summary>What a ratio is divided by.</summary>
public sealed record MetricDenominator
{
    /// <summary>Name of the event.</summary>
    public required string Event { get; init; }

    /// <summary>How its events become a number.</summary>
    public MetricAggregation Aggregation { get; init; }

    /// <summary>The property that holds the value; null for the event's own.</summary>
    public string? Value { get; init; }

    /// <summary>Which of them; all filters must hold.</summary>
    public IReadOnlyList<MetricFilter> Filters { get; init; } = [];
}

/// <summary>Everything that decides what a metric says. Experiments keep a copy from when they were started.</summary>
public sealed record MetricDefinition
{
    /// <summary>What is wrong with a definition; null for nothing.</summary>
    public static StoreError? FaultOf(MetricDefinition definition) => MetricRules.Fault(definition);

    /// <summary>How events become a number.</summary>
    public required MetricKind Kind { get; init; }

    /// <summary>Name of the event.</summary>
    public required string Event { get; init; }

    /// <summary>The property that holds the value; null for the event's own value.</summary>
    public string? Value { get; init; }

    /// <summary>Which events count; all of them must hold.</summary>
    public IReadOnlyList<MetricFilter> Filters { get; init; } = [];

    /// <summary>With <see cref="MetricKind.Ratio"/> only: what it is divided by; for that kind <see cref="Numerator"/> says what is above.</summary>
    public MetricDenominator? Denominator { get; init; }

    /// <summary>With <see cref="MetricKind.Ratio"/>: how the events above the line become a number.</summary>
    public MetricAggregation? Numerator { get; init; }

    /// <summary>With <see cref="MetricKind.Quantile"/> only: which, such as 0.95.</summary>
    public double? Quantile { get; init; }

    /// <summary>Events this long after the unit's first exposure still count; null: until the experiment ends.</summary>
    public int? WindowHours { get; init; }

    /// <summary>With <see cref="MetricKind.Retention"/> only: the first day that counts, from 1.</summary>
    public int? FromDay { get; init; }

    /// <summary>With <see cref="MetricKind.Retention"/> only: the last day that counts.</summary>
    public int? ToDay { get; init; }

    /// <summary>A unit's number is at most this.</summary>
    public double? Cap { get; init; }

    /// <summary>A unit's number is at most this quantile of all units' numbers, such as 0.99.</summary>
    public double? Winsorize { get; init; }

    /// <summary>Which way is better.</summary>
    public MetricDirection Direction { get; init; }

    /// <summary>Shown behind numbers, such as <c>€</c>; may be empty.</summary>
    public string Unit { get; init; } = "";
}

/// <summary>A metric of the project's catalogue.</summary>
public sealed class Metric : Entity, IProjectOwned
{
    private Metric()
    {
    }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>Unique in the project; never changes.</summary>
    public string Key { get; private set; } = "";

    /// <summary>Shown to people.</summary>
    public string Name { get; private set; } = "";

    /// <summary>Shown to people; may be empty.</summary>
    public string Description { get; private set; } = "";

    /// <summary>The user who answers for it.</summary>
    public Guid? OwnerId { get; private set; }

    /// <inheritdoc cref="MetricDefinition.Kind"/>
    public MetricKind Kind { get; private set; }

    /// <inheritdoc cref="MetricDefinition.Event"/>
    public string Event { get; private set; } = "";

    /// <summary>What it says, as stored: see <see cref="Details"/>.</summary>
    public JsonElement Definition { get; private set; }

    /// <summary>Since when it is offered no more.</summary>
    public DateTimeOffset? ArchivedAt { get; private set; }

    /// <summary>What it says.</summary>
    public MetricDefinition Details => Definition.Deserialize<MetricDefinition>(ExperimentJson.Options)!;

    internal override string AuditPath => $"metrics/{Key}";

    /// <summary>A new one.</summary>
    public static Result<Metric> Create(Project project, string key, string name, string description, Guid? owner, MetricDefinition definition)
    {
        if (!KeyFormat.IsSegmentKey(key))
            return Result.Invalid("key", "A key is 1 to 100 letters, digits and . _ - and begins with a letter or digit.");
        var metric = new Metric { Id = Guid.CreateVersion7(), OrganizationId = project.OrganizationId, ProjectId = project.Id, Key = key };
        var changed = metric.Change(name.Length == 0 ? key : name, description, owner, definition);
        return changed.IsOk ? metric : changed.Error;
    }

    /// <summary>Changes everything but the key. Experiments that were started keep what they were started with.</summary>
    public Result Change(string name, string description, Guid? owner, MetricDefinition definition)
    {
        if ((KeyFormat.Name(name, "name") ?? KeyFormat.Description(description, "description") ?? MetricRules.Fault(definition)) is { } error)
            return error;
        var written = JsonSerializer.SerializeToElement(definition, ExperimentJson.Options);
        (Name, Description, OwnerId, Kind, Event) = (name, description, owner, definition.Kind, definition.Event);
        if (Definition.ValueKind == JsonValueKind.Undefined || !JsonElement.DeepEquals(Definition, written))
            Definition = written;
        return Result.Ok;
    }

    /// <summary>Offers it no more; doing it twice changes nothing.</summary>
    public void Archive(DateTimeOffset now) => ArchivedAt ??= TogglrDbContext.Truncate(now);

    /// <summary>Offers it again; doing it twice changes nothing.</summary>
    public void Restore() => ArchivedAt = null;
}
