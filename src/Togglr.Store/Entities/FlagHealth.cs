namespace Togglr.Store;

/// <summary>How a flag does in an environment.</summary>
public enum HealthState
{
    /// <summary>Errors are few.</summary>
    Healthy,

    /// <summary>Errors are half as many as are too many, or more.</summary>
    Degraded,

    /// <summary>Errors are too many.</summary>
    Failing,

    /// <summary>It was switched off because it failed.</summary>
    Disabled,

    /// <summary>It was switched off and is tried with a few.</summary>
    Trial,
}

/// <summary>Where a flag stands in an environment. Written together with what it brings about, and only if nobody wrote it since it was read.</summary>
public sealed class FlagHealth : ITenantOwned
{
    private static readonly TimeSpan LongestPause = TimeSpan.FromDays(1);

    private FlagHealth()
    {
    }

    /// <summary>The flag.</summary>
    public Guid FlagId { get; private set; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; private set; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; private set; }

    /// <summary>The project.</summary>
    public Guid ProjectId { get; private set; }

    /// <summary>How it does.</summary>
    public HealthState State { get; private set; }

    /// <summary>Since when.</summary>
    public DateTimeOffset Since { get; private set; }

    /// <summary>Since when it has been better than the state says; null: it is not.</summary>
    public DateTimeOffset? CalmSince { get; private set; }

    /// <summary>What came before counts no more.</summary>
    public DateTimeOffset? JudgedFrom { get; private set; }

    /// <summary>The open incident.</summary>
    public Guid? IncidentId { get; private set; }

    /// <summary>How often it was switched off since it was healthy.</summary>
    public int Trips { get; private set; }

    /// <summary>When the next trial begins.</summary>
    public DateTimeOffset? TrialAt { get; private set; }

    /// <summary>When the trial is over; null with a trial: it goes on until somebody opens the flag.</summary>
    public DateTimeOffset? TrialUntil { get; private set; }

    /// <summary>Grows with every step.</summary>
    public long Tick { get; private set; }

    /// <summary>A flag about which nothing is known.</summary>
    public static FlagHealth Of(FlagEnvironment state, DateTimeOffset now)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new FlagHealth { FlagId = state.FlagId, EnvironmentId = state.EnvironmentId, OrganizationId = state.OrganizationId, ProjectId = state.ProjectId, Since = TogglrDbContext.Truncate(now) };
    }

    /// <summary>Goes over to another state; what is to be kept about it, null where it is the same one.</summary>
    public HealthTransition? Enter(HealthState state, DateTimeOffset now)
    {
        Tick++;
        CalmSince = null;
        if (state == State)
            return null;
        (State, Since) = (state, TogglrDbContext.Truncate(now));
        if (state == HealthState.Healthy)
            (Trips, TrialAt, TrialUntil) = (0, null, null);
        return new HealthTransition { FlagId = FlagId, EnvironmentId = EnvironmentId, OrganizationId = OrganizationId, At = Since, State = state };
    }

    /// <summary>It does better, or no more, than the state says.</summary>
    public void Calm(bool isCalm, DateTimeOffset now) => (CalmSince, Tick) = (isCalm ? CalmSince ?? TogglrDbContext.Truncate(now) : null, Tick + 1);

    /// <summary>The incident that is open from now on; null: none.</summary>
    public void Belong(Guid? incident) => (IncidentId, Tick) = (incident, Tick + 1);

    /// <summary>What came before now counts no more.</summary>
    public void JudgeFrom(DateTimeOffset now) => (JudgedFrom, Tick) = (TogglrDbContext.Truncate(now), Tick + 1);

    /// <summary>It was switched off: says when it is tried again, later each time.</summary>
    public void Trip(HealthTrial? trial, DateTimeOffset now)
    {
        TrialUntil = null;
        TrialAt = null;
        if (trial is not null)
        {
            var pause = TimeSpan.FromMinutes(trial.AfterMinutes * Math.Pow(2, Math.Min(Trips, 20)));
            var longest = TimeSpan.FromMinutes(trial.AfterMinutes) > LongestPause ? TimeSpan.FromMinutes(trial.AfterMinutes) : LongestPause;
            TrialAt = TogglrDbContext.Truncate(now + (pause < longest ? pause : longest));
        }

        (Trips, Tick) = (Trips + 1, Tick + 1);
    }

    /// <summary>A trial begins, or goes on until somebody ends it (null).</summary>
    public void Try(DateTimeOffset? until) => (TrialAt, TrialUntil, Tick) = (null, until is { } end ? TogglrDbContext.Truncate(end) : null, Tick + 1);
}

/// <summary>A state that a flag went over to.</summary>
public sealed class HealthTransition : ITenantOwned
{
    /// <summary>The flag.</summary>
    public Guid FlagId { get; init; }

    /// <summary>The environment.</summary>
    public Guid EnvironmentId { get; init; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary>The state.</summary>
    public HealthState State { get; init; }
}
