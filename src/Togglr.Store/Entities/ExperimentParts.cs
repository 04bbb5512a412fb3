using System.Text.Json;

namespace Togglr.Store;

/// <summary>A variant in an experiment.</summary>
/// <param name="Key">Key of a variant of the flag.</param>
/// <param name="Weight">0 to 1,000,000; its part of the sum of all.</param>
public sealed record ExperimentVariation(string Key, int Weight);

/// <summary>People who always get one variant, and are not part of the experiment.</summary>
/// <param name="Variant">Key of a variant of the flag.</param>
/// <param name="Keys">Their targeting keys.</param>
public sealed record ExperimentOverride(string Variant, IReadOnlyList<string> Keys);

/// <summary>A range of a layer's buckets.</summary>
/// <param name="Key">Key of the layer.</param>
/// <param name="From">The first bucket, of 10,000.</param>
/// <param name="To">The first beyond.</param>
public sealed record LayerRange(string Key, int From, int To);

/// <summary>What a metric said when an experiment was started.</summary>
/// <param name="Key">Key of the metric.</param>
/// <param name="Name">Its name.</param>
/// <param name="Definition">What it says.</param>
public sealed record FrozenMetric(string Key, string Name, MetricDefinition Definition);

/// <summary>A time in which nobody was assigned. What happens in it is no part of an experiment.</summary>
/// <param name="From">Its beginning.</param>
/// <param name="To">Its end; null: it goes on.</param>
public sealed record ExperimentPause(DateTimeOffset From, DateTimeOffset? To = null);

/// <summary>A time of an experiment in which nothing changed about who gets what.</summary>
public sealed class ExperimentPhase : ITenantOwned
{
    private ExperimentPhase()
    {
    }

    /// <summary>The experiment.</summary>
    public Guid ExperimentId { get; private set; }

    /// <summary>From 1 on.</summary>
    public int Number { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>How many of 10,000 take part.</summary>
    public int Traffic { get; private set; }

    /// <summary>The variants, as stored: see <see cref="VariationList"/>.</summary>
    public JsonElement Variations { get; private set; }

    /// <summary>Grows when everybody was dealt anew.</summary>
    public int Seed { get; private set; }

    /// <summary>When it began.</summary>
    public DateTimeOffset StartedAt { get; private set; }

    /// <summary>The user who began it.</summary>
    public Guid? StartedBy { get; private set; }

    /// <summary>When it was over.</summary>
    public DateTimeOffset? EndedAt { get; private set; }

    /// <summary>Why it was begun.</summary>
    public string? Reason { get; private set; }

    /// <summary>When nobody was assigned, as stored: see <see cref="PauseList"/>.</summary>
    public JsonElement Pauses { get; private set; }

    /// <summary>When nobody was assigned, the oldest first.</summary>
    public IReadOnlyList<ExperimentPause> PauseList => Pauses.Deserialize<List<ExperimentPause>>(ExperimentJson.Options)!;

    /// <summary>The variants and their weights.</summary>
    public IReadOnlyList<ExperimentVariation> VariationList => Variations.Deserialize<List<ExperimentVariation>>(ExperimentJson.Options)!;

    internal static ExperimentPhase Begin(Experiment experiment, Guid? by, string? reason, DateTimeOffset now) => new()
    {
        ExperimentId = experiment.Id, Number = experiment.Phase, OrganizationId = experiment.OrganizationId, Traffic = experiment.Traffic, Variations = experiment.Variations,
        Seed = experiment.Seed, StartedAt = now, StartedBy = by, Reason = reason,
        Pauses = experiment.State == ExperimentState.Paused ? Written([new ExperimentPause(now)]) : JsonColumn.EmptyArray,
    };

    /// <summary>Assigns nobody from now on; a second time changes nothing.</summary>
    public void Pause(DateTimeOffset now)
    {
        var pauses = PauseList;
        if (EndedAt is null && (pauses.Count == 0 || pauses[^1].To is not null))
            Pauses = Written([.. pauses, new ExperimentPause(TogglrDbContext.Truncate(now))]);
    }

    /// <summary>Goes on; a second time changes nothing.</summary>
    public void Resume(DateTimeOffset now)
    {
        var pauses = PauseList;
        if (pauses.Count > 0 && pauses[^1].To is null)
            Pauses = Written([.. pauses.SkipLast(1), pauses[^1] with { To = TogglrDbContext.Truncate(now) }]);
    }

    /// <summary>Is over; a second time changes nothing.</summary>
    public void End(DateTimeOffset now)
    {
        Resume(now);
        EndedAt ??= TogglrDbContext.Truncate(now);
    }

    private static JsonElement Written(IReadOnlyList<ExperimentPause> pauses) => JsonSerializer.SerializeToElement(pauses, ExperimentJson.Options);
}
