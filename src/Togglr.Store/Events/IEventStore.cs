using System.Diagnostics.CodeAnalysis;
using Npgsql;

namespace Togglr.Store;

/// <summary>A unit was given a variant of an experiment. Texts are UTF-8.</summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nobody compares them.")]
public ref struct StoredExposure
{
    /// <summary>Where.</summary>
    public Guid EnvironmentId { get; set; }

    /// <summary>Key of the experiment.</summary>
    public ReadOnlySpan<byte> Experiment { get; set; }

    /// <summary>The experiment's phase; 0: not told.</summary>
    public int Phase { get; set; }

    /// <summary>Key of the flag; empty: not told.</summary>
    public ReadOnlySpan<byte> Flag { get; set; }

    /// <summary>Key of the variant.</summary>
    public ReadOnlySpan<byte> Variant { get; set; }

    /// <summary>Stands for the unit.</summary>
    public Guid Unit { get; set; }

    /// <summary>When, in microseconds since 2000.</summary>
    public long At { get; set; }

    /// <summary>When it came, in microseconds since 2000.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>The probability with which the variant was chosen; null: not told.</summary>
    public double? Propensity { get; set; }

    /// <summary>The version of the weights; null: not told.</summary>
    public long? WeightsVersion { get; set; }

    /// <summary>A JSON object; empty: none.</summary>
    public ReadOnlySpan<byte> Attributes { get; set; }
}

/// <summary>A unit did something. Texts are UTF-8.</summary>
[SuppressMessage("Performance", "CA1815:Override equals and operator equals on value types", Justification = "Nobody compares them.")]
public ref struct StoredMetricEvent
{
    /// <summary>Where.</summary>
    public Guid EnvironmentId { get; set; }

    /// <summary>What.</summary>
    public ReadOnlySpan<byte> Event { get; set; }

    /// <summary>Stands for the unit.</summary>
    public Guid Unit { get; set; }

    /// <summary>When, in microseconds since 2000.</summary>
    public long At { get; set; }

    /// <summary>When it came, in microseconds since 2000.</summary>
    public long ReceivedAt { get; set; }

    /// <summary>Its value; null: none.</summary>
    public double? Value { get; set; }

    /// <summary>A JSON object; empty: none.</summary>
    public ReadOnlySpan<byte> Properties { get; set; }
}

/// <summary>Where exposures and metric events are kept. A store either writes in the transaction that takes them out of the log, or knows a batch by its number and writes it once.</summary>
public interface IEventStore
{
    /// <summary>Makes room for events of some days.</summary>
    Task PrepareAsync(DateOnly first, DateOnly last, CancellationToken cancellationToken);

    /// <summary>Begins to collect the events of a batch.</summary>
    /// <param name="batch">Its number, greater than that of all before it.</param>
    IEventWriter Open(long batch);

    /// <summary>Removes events of days before a day.</summary>
    /// <returns>How much was removed, in the store's own parts.</returns>
    Task<int> CleanAsync(DateOnly before, CancellationToken cancellationToken);

    /// <summary>Prepares a day that is over for being asked about some units.</summary>
    /// <param name="before">Only days before this one are.</param>
    /// <param name="cancellationToken">Gives up; the day is done another time.</param>
    /// <returns>Whether there was such a day, and may be another one.</returns>
    Task<bool> IndexAsync(DateOnly before, CancellationToken cancellationToken);

    /// <summary>Removes some of the events of an environment that is gone, and of their counts.</summary>
    /// <param name="connection">The connection with the transaction in which the caller has its turn.</param>
    /// <param name="environment">The environment.</param>
    /// <param name="most">The most at once.</param>
    /// <param name="cancellationToken">Cancels; then the transaction is not committed.</param>
    /// <returns>How many went; 0 when there were none.</returns>
    Task<long> RemoveAsync(NpgsqlConnection connection, Guid environment, int most, CancellationToken cancellationToken);
}

/// <summary>Collects the events of one batch.</summary>
public interface IEventWriter
{
    /// <summary>Adds an exposure.</summary>
    void Add(in StoredExposure exposure);

    /// <summary>Adds a metric event.</summary>
    void Add(in StoredMetricEvent metric);

    /// <summary>Writes what was added.</summary>
    /// <param name="log">The connection with the transaction that takes the events out of the log.</param>
    /// <param name="cancellationToken">Cancels; then the transaction is not committed.</param>
    Task WriteAsync(NpgsqlConnection log, CancellationToken cancellationToken);
}
