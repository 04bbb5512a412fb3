using System.Text.Json;

namespace Togglr.Store;

/// <summary>How often a schedule happens.</summary>
public enum ScheduleKind
{
    /// <summary>At one instant.</summary>
    Once,

    /// <summary>During windows that come again and again.</summary>
    Recurring,
}

/// <summary>What a schedule does.</summary>
public enum ScheduleAction
{
    /// <summary>Switches the flag on.</summary>
    Enable,

    /// <summary>Switches the flag off.</summary>
    Disable,

    /// <summary>Changes how the flag decides; once only.</summary>
    Configure,
}

/// <summary>What became of a schedule that happens once.</summary>
public enum ScheduleOutcome
{
    /// <summary>Its time has not come, or it recurs.</summary>
    Waiting,

    /// <summary>It was done.</summary>
    Done,

    /// <summary>Nobody was there in time, and then it was too late.</summary>
    Missed,

    /// <summary>It could not be done.</summary>
    Failed,
}

/// <summary>Everything of a schedule that people decide.</summary>
public sealed record ScheduleDetails
{
    /// <summary>Shown to people.</summary>
    public required string Name { get; init; }

    /// <summary>Once or recurring.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>What it does.</summary>
    public required ScheduleAction Action { get; init; }

    /// <summary>Whether it takes part.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>−1,000 to 1,000: of several open windows the greater one decides.</summary>
    public int Priority { get; init; }

    /// <summary>Once: when.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Configure: see <see cref="ConfigurationPatch"/>.</summary>
    public JsonElement? Patch { get; init; }

    /// <summary>Once: how late it may still be done, in minutes.</summary>
    public int CatchUpMinutes { get; init; } = Schedule.UsualCatchUpMinutes;

    /// <summary>Recurring: when windows begin.</summary>
    public string? Cron { get; init; }

    /// <summary>Recurring: where the clock hangs. Once: in which zone people read it.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Recurring: how long a window is open.</summary>
    public int? DurationMinutes { get; init; }

    /// <summary>Recurring: nothing is open before.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recurring: nothing is open from then on.</summary>
    public DateTimeOffset? Until { get; init; }
}

/// <summary>A change of a flag in an environment at a time, or at times, that were said before.</summary>
public sealed class Schedule : Entity, IProjectOwned, IGuardedState
{
    /// <summary>A day.</summary>
    public const int UsualCatchUpMinutes = 1440;

    /// <summary>A year.</summary>
    public const int MaximumCatchUpMinutes = 366 * 1440;

    /// <summary>Most of them for one flag in one environment.</summary>
    public const int MaximumPerFlag = 50;

    /// <summary>Most bytes of a configuration to come.</summary>
    public const int MaximumPatchBytes = 64 * 1024;

    private Schedule()
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

    /// <summary>The flag's key.</summary>
    public string FlagKey { get; private set; } = "";

    /// <summary>The environment's key.</summary>
    public string EnvironmentKey { get; private set; } = "";

    /// <inheritdoc cref="ScheduleDetails.Name"/>
    public string Name { get; private set; } = "";

    /// <inheritdoc cref="ScheduleDetails.Kind"/>
    public ScheduleKind Kind { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Action"/>
    public ScheduleAction Action { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Enabled"/>
    public bool Enabled { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Priority"/>
    public int Priority { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.At"/>
    public DateTimeOffset? At { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Patch"/>
    public JsonElement? Patch { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.CatchUpMinutes"/>
    public int CatchUpMinutes { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Cron"/>
    public string? Cron { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.TimeZone"/>
    public string? TimeZone { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.DurationMinutes"/>
    public int? DurationMinutes { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.From"/>
    public DateTimeOffset? ValidFrom { get; private set; }

    /// <inheritdoc cref="ScheduleDetails.Until"/>
    public DateTimeOffset? ValidUntil { get; private set; }

    /// <summary>What became of it.</summary>
    public ScheduleOutcome Outcome { get; private set; }

    /// <summary>When it was done or given up.</summary>
    public DateTimeOffset? HappenedAt { get; private set; }

    /// <summary>Why it was given up.</summary>
    public string? Detail { get; private set; }

    /// <summary>The user who made it; null for the system and for service accounts.</summary>
    public Guid? CreatedBy { get; private set; }

    /// <summary>The part that people decide.</summary>
    public ScheduleDetails Details => new()
    {
        Name = Name, Kind = Kind, Action = Action, Enabled = Enabled, Priority = Priority, At = At, Patch = Patch, CatchUpMinutes = CatchUpMinutes, Cron = Cron,
        TimeZone = TimeZone, DurationMinutes = DurationMinutes, From = ValidFrom, Until = ValidUntil,
    };

    /// <summary>Whether it still waits for its one time.</summary>
    public bool IsPending => Kind == ScheduleKind.Once && Outcome == ScheduleOutcome.Waiting && Enabled;

    internal override string AuditPath => $"schedules/{Id}";

    /// <summary>A new one.</summary>
    public static Result<Schedule> Create(Flag flag, FlagEnvironment state, ScheduleDetails details, Guid? by, DateTimeOffset now)
    {
        if (flag.ArchivedAt is not null)
            return Flag.ArchivedError;
        var schedule = new Schedule
        {
            Id = Guid.CreateVersion7(), OrganizationId = flag.OrganizationId, ProjectId = flag.ProjectId, FlagId = flag.Id, EnvironmentId = state.EnvironmentId,
            FlagKey = flag.Key, EnvironmentKey = state.EnvironmentKey, CreatedBy = by,
        };
        var changed = schedule.Change(details, now);
        return changed.IsOk ? schedule : changed.Error;
    }

    /// <summary>Changes it. What has happened once cannot be changed any more, and what is to happen lies in the future.</summary>
    public Result Change(ScheduleDetails details, DateTimeOffset now)
    {
        if (Outcome != ScheduleOutcome.Waiting)
            return new StoreError(ErrorCodes.Conflict, "It has happened already. Make a new schedule.");
        if (Fault(details) is { } fault)
            return fault;
        if (details.Kind == ScheduleKind.Once && (details.At != At || CreatedAt == default) && details.At <= now)
            return Result.Invalid("at", "The time lies in the past.");
        (Name, Kind, Action, Enabled, Priority, CatchUpMinutes, TimeZone) =
            (details.Name, details.Kind, details.Action, details.Enabled, details.Priority, details.CatchUpMinutes, details.TimeZone);
        At = details.Kind == ScheduleKind.Once ? TogglrDbContext.Truncate(details.At!.Value) : null;
        Patch = details.Action == ScheduleAction.Configure ? details.Patch : null;
        var recurs = details.Kind == ScheduleKind.Recurring;
        (Cron, DurationMinutes) = recurs ? (CronExpression.Parse(details.Cron).Value!.Text, details.DurationMinutes) : (null, null);
        (ValidFrom, ValidUntil) = recurs ? (Stored(details.From), Stored(details.Until)) : (null, null);
        return Result.Ok;
    }

    /// <summary>Says what became of it.</summary>
    public void Conclude(ScheduleOutcome outcome, DateTimeOffset at, string? detail = null) =>
        (Outcome, HappenedAt, Detail) = (outcome, TogglrDbContext.Truncate(at), detail is { Length: > 1000 } ? detail[..1000] : detail);

    /// <summary>The windows of a recurring one that takes part; null for others, and for a zone that this machine does not know.</summary>
    public WindowRule? Windows() =>
        Kind == ScheduleKind.Recurring && Enabled && RecurringWindow.Create(Cron, TimeZone, DurationMinutes ?? 0, ValidFrom, ValidUntil) is { IsOk: true } window
            ? new WindowRule(Id, window.Value, Action == ScheduleAction.Enable, Priority, CreatedAt)
            : null;

    private static DateTimeOffset? Stored(DateTimeOffset? time) => time is { } given ? TogglrDbContext.Truncate(given) : null;

    private static StoreError? Fault(ScheduleDetails details)
    {
        if (KeyFormat.Name(details.Name, "name") is { } name)
            return name;
        if (details.Priority is < -1000 or > 1000)
            return Result.Invalid("priority", "A priority is -1,000 to 1,000.");
        if (details.CatchUpMinutes is < 0 or > MaximumCatchUpMinutes)
            return Result.Invalid("catchUpMinutes", $"It may be 0 to {MaximumCatchUpMinutes} minutes late.");
        if (details.Kind == ScheduleKind.Recurring)
        {
            if (details.Action == ScheduleAction.Configure)
                return Result.Invalid("action", "Windows switch a flag on or off. A configuration changes once.");
            if (details.At is not null)
                return Result.Invalid("at", "Only what happens once has an instant.");
            return OutOfRange(details.From, "from") ?? OutOfRange(details.Until, "until")
                ?? RecurringWindow.Create(details.Cron, details.TimeZone, details.DurationMinutes ?? 0, details.From, details.Until).Error;
        }

        if (details.Cron is not null || details.DurationMinutes is not null || details.From is not null || details.Until is not null)
            return Result.Invalid("kind", "What happens once has an instant and no windows.");
        if (details.At is null)
            return Result.Invalid("at", "Say when.");
        if (details.TimeZone is not null && ZoneClock.Find(details.TimeZone).Error is { } zone)
            return zone;
        return OutOfRange(details.At, "at") ?? (details.Action == ScheduleAction.Configure ? ConfigurationPatch.Fault(details.Patch) : null);
    }

    private static StoreError? OutOfRange(DateTimeOffset? time, string path) =>
        time is { Year: < 2000 or > 2200 } ? Result.Invalid(path, "A time is between the years 2000 and 2200.") : null;
}
