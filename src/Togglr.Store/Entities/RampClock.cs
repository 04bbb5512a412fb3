namespace Togglr.Store;

/// <summary>When to look at a ramp again. Its steps are written together with what they do, and only if nobody made one since it was read.</summary>
public sealed class RampClock : ITenantOwned
{
    private RampClock()
    {
    }

    /// <summary>The ramp.</summary>
    public Guid RampId { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>When to look again; null: never.</summary>
    public DateTimeOffset? DueAt { get; private set; }

    /// <summary>Grows with every step.</summary>
    public long Tick { get; private set; }

    /// <summary>The clock of a new ramp.</summary>
    public static RampClock Of(Ramp ramp, DateTimeOffset now)
    {
        var clock = new RampClock { RampId = ramp.Id, OrganizationId = ramp.OrganizationId };
        clock.Set(ramp, now);
        return clock;
    }

    /// <summary>Says when to look again: at the end of the step, while it is watched every few seconds, and now and then while it waits for the end of a window, of which it is told besides.</summary>
    public void Set(Ramp ramp, DateTimeOffset now)
    {
        DateTimeOffset? check = ramp is { State: RampState.Running or RampState.Waiting, Guard: not null } ? TogglrDbContext.Truncate(now + CheckInterval)
            : ramp.PausedByWindow ? TogglrDbContext.Truncate(now + WindowInterval) : null;
        (DueAt, Tick) = (ramp.HoldUntil is { } until && (check is null || until < check) ? until : check, Tick + 1);
    }

    /// <summary>How often a watched ramp is looked at.</summary>
    public static TimeSpan CheckInterval { get; } = TimeSpan.FromSeconds(2);

    private static readonly TimeSpan WindowInterval = TimeSpan.FromSeconds(30);
}

/// <summary>What was seen of a ramp at an instant: totals since it began.</summary>
public sealed class RampObservation : ITenantOwned
{
    /// <summary>The ramp.</summary>
    public Guid RampId { get; init; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The step, from 0.</summary>
    public int Step { get; init; }

    /// <summary>How many of 10,000 got the new variant.</summary>
    public int Share { get; init; }

    /// <summary>How often the new variant was served.</summary>
    public long Evaluations { get; init; }

    /// <summary>Errors reported for it.</summary>
    public long Errors { get; init; }

    /// <summary>How often others were served.</summary>
    public long RestEvaluations { get; init; }

    /// <summary>Errors reported for those.</summary>
    public long RestErrors { get; init; }

    /// <summary>How strong the evidence against the new variant was: see <see cref="RampTest"/>.</summary>
    public double Evidence { get; init; }
}
