namespace Togglr.Messaging.Health;

/// <summary>Where what nodes count comes together.</summary>
public interface IHealthLog
{
    /// <summary>The most rows of one delivery.</summary>
    public const int MaximumRows = 5_000;

    /// <summary>Adds what was counted, all or nothing. A delivery that was made already adds nothing.</summary>
    /// <param name="node">Who delivers.</param>
    /// <param name="sequence">Grows with every delivery of the node.</param>
    /// <param name="rows">At most <see cref="MaximumRows"/>.</param>
    /// <param name="cancellationToken">Cancels.</param>
    Task AddAsync(Guid node, long sequence, IReadOnlyList<HealthDelta> rows, CancellationToken cancellationToken = default);
}

/// <summary>What is known of a flag's health over all nodes.</summary>
/// <param name="AutoDisabled">Whether it was switched off because it failed.</param>
/// <param name="ErrorRate">Errors by evaluations in the window, 0 to 1.</param>
/// <param name="Threshold">The greatest rate that is tolerated; null: none is judged.</param>
/// <param name="LastErrorAt">When the last error was delivered.</param>
public sealed record FlagHealthFigures(bool AutoDisabled, double ErrorRate, double? Threshold, DateTimeOffset? LastErrorAt);

/// <summary>Tells how flags do.</summary>
public interface IFlagHealth
{
    /// <summary>How a flag does; null where nobody can say at the moment.</summary>
    ValueTask<FlagHealthFigures?> ReadAsync(Guid environment, string flag, CancellationToken cancellationToken = default);
}
