namespace Togglr.Store;

/// <summary>
/// Where the schedules of a flag in an environment are. Its steps are written in the same transaction as what they do to the flag, and only if nobody made one
/// since it was read; so every step is made once, however many processes try.
/// </summary>
public sealed class ScheduleClock : ITenantOwned
{
    private ScheduleClock()
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

    /// <summary>When there may be something to do; null: never.</summary>
    public DateTimeOffset? NextAt { get; private set; }

    /// <summary>When other windows than now decide.</summary>
    public DateTimeOffset? EdgeAt { get; private set; }

    /// <summary>The schedule whose window decides now; null where none is open.</summary>
    public Guid? WindowId { get; private set; }

    /// <summary>What that window wants.</summary>
    public bool? WindowEnables { get; private set; }

    /// <summary>What the flag was before the window, and will be after it; null where none is open.</summary>
    public bool? BaseEnabled { get; private set; }

    /// <summary>Grows with every step and with every change of a schedule.</summary>
    public long Tick { get; private set; }

    /// <summary>A step was made, or there was none to make.</summary>
    /// <param name="window">Whose window decides now.</param>
    /// <param name="baseEnabled">What the flag is without windows.</param>
    /// <param name="edgeAt">When other windows decide.</param>
    /// <param name="nextAt">When to look again.</param>
    public void Step(WindowRule? window, bool baseEnabled, DateTimeOffset? edgeAt, DateTimeOffset? nextAt)
    {
        (WindowId, WindowEnables, BaseEnabled) = (window?.Id, window?.Enables, window is null ? null : baseEnabled);
        (EdgeAt, NextAt) = (edgeAt, nextAt);
        Tick++;
    }

    /// <summary>There is nothing to do until somebody changes something.</summary>
    public void Rest() => (NextAt, Tick) = (null, Tick + 1);

    /// <summary>What was to be done cannot be done now.</summary>
    public void Postpone(DateTimeOffset until) => (NextAt, Tick) = (until, Tick + 1);
}
