using System.Text.Json;
using Togglr.ControlPlane.Api;
using Togglr.Store;

namespace Togglr.ControlPlane.Schedules;

/// <summary>Where a schedule is.</summary>
public enum ScheduleState
{
    /// <summary>Its time has not come.</summary>
    Waiting,

    /// <summary>A window is open.</summary>
    Open,

    /// <summary>It was told not to take part.</summary>
    Paused,

    /// <summary>It was done, or no window will open any more.</summary>
    Done,

    /// <summary>Nobody was there in time, and then it was too late.</summary>
    Missed,

    /// <summary>It could not be done.</summary>
    Failed,
}

/// <summary>A change of how a flag decides, made later on whatever the configuration is then.</summary>
public sealed record ScheduledChangeBody
{
    /// <summary>Switches the flag on or off.</summary>
    public bool? Enabled { get; init; }

    /// <summary>What the default serves from then on.</summary>
    [ApiSchema("Serve")]
    public JsonElement? Default { get; init; }

    /// <summary>Replaces the flag's off variant in the environment.</summary>
    public string? OffVariant { get; init; }

    /// <summary>Rules that serve something else from then on; at most 100.</summary>
    public IReadOnlyList<ScheduledRuleBody>? Rules { get; init; }
}

/// <summary>A rule that serves something else.</summary>
public sealed record ScheduledRuleBody
{
    /// <summary>The rule.</summary>
    public required string Id { get; init; }

    /// <summary>What it serves from then on.</summary>
    [ApiSchema("Serve")]
    public required JsonElement Then { get; init; }
}

/// <summary>A schedule, all of it.</summary>
public sealed record ScheduleRequest
{
    /// <summary>For people: 1 to 200 characters.</summary>
    public required string Name { get; init; }

    /// <summary>At one instant, or in windows that come again.</summary>
    public required ScheduleKind Kind { get; init; }

    /// <summary>What it does; <c>configure</c> for <c>once</c> only. Needs <c>flag.toggle</c>, <c>configure</c> needs <c>flag.manage</c>.</summary>
    public required ScheduleAction Action { get; init; }

    /// <summary>Once: when; in the future.</summary>
    public DateTimeOffset? At { get; init; }

    /// <summary>Configure: what changes.</summary>
    public ScheduledChangeBody? Change { get; init; }

    /// <summary>Once: how late it may still be done, 0 to 527,040 minutes; a day if absent.</summary>
    public int? CatchUpMinutes { get; init; }

    /// <summary>Recurring: when windows begin: minute, hour, day of the month, month, day of the week.</summary>
    public string? Cron { get; init; }

    /// <summary>Recurring: the IANA name of the time zone of the clock. Once: the zone in which people read the time.</summary>
    public string? TimeZone { get; init; }

    /// <summary>Recurring: how long a window is open, 1 to 527,040 minutes.</summary>
    public int? DurationMinutes { get; init; }

    /// <summary>Recurring: nothing is open before.</summary>
    public DateTimeOffset? From { get; init; }

    /// <summary>Recurring: nothing is open from then on.</summary>
    public DateTimeOffset? Until { get; init; }

    /// <summary>−1,000 to 1,000; of several open windows the greater decides. 0 if absent.</summary>
    public int? Priority { get; init; }

    /// <summary>Whether it takes part; yes if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A schedule.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Name">For people.</param>
/// <param name="Kind">At one instant, or in windows that come again.</param>
/// <param name="Action">What it does.</param>
/// <param name="State">Where it is.</param>
/// <param name="Enabled">Whether it takes part.</param>
/// <param name="Priority">Of several open windows the greater decides.</param>
/// <param name="At">Once: when.</param>
/// <param name="Change">Configure: what changes.</param>
/// <param name="CatchUpMinutes">Once: how late it may still be done.</param>
/// <param name="Cron">Recurring: when windows begin.</param>
/// <param name="TimeZone">The time zone.</param>
/// <param name="DurationMinutes">Recurring: how long a window is open.</param>
/// <param name="From">Recurring: nothing is open before.</param>
/// <param name="Until">Recurring: nothing is open from then on.</param>
/// <param name="Window">Recurring: the open window, else the next one; null where none comes.</param>
/// <param name="HappenedAt">When it was done or given up.</param>
/// <param name="Detail">How late it was, or why it was given up.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was made.</param>
/// <param name="CreatedBy">By whom.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
/// <param name="UpdatedBy">By whom.</param>
public sealed record ScheduleView(
    Guid Id,
    string Flag,
    string Environment,
    string Name,
    ScheduleKind Kind,
    ScheduleAction Action,
    ScheduleState State,
    bool Enabled,
    int Priority,
    DateTimeOffset? At,
    ScheduledChangeBody? Change,
    int CatchUpMinutes,
    string? Cron,
    string? TimeZone,
    int? DurationMinutes,
    DateTimeOffset? From,
    DateTimeOffset? Until,
    TimeWindowView? Window,
    DateTimeOffset? HappenedAt,
    string? Detail,
    int Version,
    DateTimeOffset CreatedAt,
    PersonRef? CreatedBy,
    DateTimeOffset UpdatedAt,
    PersonRef? UpdatedBy);

/// <summary>A window.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="To">The first instant after it; null where it does not end.</param>
public sealed record TimeWindowView(DateTimeOffset From, DateTimeOffset? To);

/// <summary>The schedules of a flag in an environment and what they make of it.</summary>
/// <param name="Items">All of them: those to come first, then those that are over.</param>
/// <param name="Enabled">Whether the flag is on now.</param>
/// <param name="BaseEnabled">Whether it is on outside windows.</param>
/// <param name="OpenSchedule">The schedule whose window decides now; null where none is open.</param>
/// <param name="Next">What changes next; null for nothing.</param>
public sealed record FlagSchedulesView(IReadOnlyList<ScheduleView> Items, bool Enabled, bool BaseEnabled, Guid? OpenSchedule, NextChangeView? Next);

/// <summary>A change to come.</summary>
/// <param name="At">When.</param>
/// <param name="Schedule">The schedule that brings it; null where a window closes and none opens.</param>
/// <param name="Enabled">Whether the flag is on from then on.</param>
/// <param name="Configures">Whether it changes how the flag decides, too.</param>
public sealed record NextChangeView(DateTimeOffset At, Guid? Schedule, bool Enabled, bool Configures);

/// <summary>What a schedule would do.</summary>
/// <param name="Windows">Recurring: the next five windows. Once: none.</param>
/// <param name="IsAlwaysOpen">Whether the windows never close.</param>
/// <param name="Overlaps">The first meetings with windows of other schedules that want something else.</param>
/// <param name="Problems">Configure: errors and warnings about the configuration that would come of it today.</param>
public sealed record SchedulePreviewView(
    IReadOnlyList<TimeWindowView> Windows, bool IsAlwaysOpen, IReadOnlyList<ScheduleOverlapView> Overlaps, IReadOnlyList<Flags.TargetingProblem> Problems);

/// <summary>Two schedules that want different things at the same time.</summary>
/// <param name="Schedule">The other one.</param>
/// <param name="Name">Its name.</param>
/// <param name="From">When they first meet.</param>
/// <param name="To">Until when.</param>
/// <param name="Wins">Whether the other one decides then.</param>
public sealed record ScheduleOverlapView(Guid Schedule, string Name, DateTimeOffset From, DateTimeOffset To, bool Wins);

/// <summary>What schedules do in a range of time.</summary>
/// <param name="From">The first instant.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Lanes">A lane for every flag in every environment that has schedules, by flag and environment.</param>
/// <param name="Next">Where the next lanes begin; null where there are no more.</param>
public sealed record ScheduleTimelineView(DateTimeOffset From, DateTimeOffset To, IReadOnlyList<TimelineLaneView> Lanes, string? Next);

/// <summary>A flag in an environment over time.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="FlagName">Its name.</param>
/// <param name="Environment">The environment.</param>
/// <param name="Spans">Who decides, in order; without gaps unless <paramref name="IsCut"/>.</param>
/// <param name="Moments">What happens once.</param>
/// <param name="IsCut">Whether there were too many spans to show; those that follow are left out.</param>
public sealed record TimelineLaneView(
    string Flag, string FlagName, string Environment, IReadOnlyList<TimelineSpanView> Spans, IReadOnlyList<TimelineMomentView> Moments, bool IsCut);

/// <summary>A time during which nothing changes.</summary>
/// <param name="From">Its first instant.</param>
/// <param name="To">The first instant after it.</param>
/// <param name="Schedule">Whose window decides; null where none is open.</param>
/// <param name="Name">The name of that schedule.</param>
/// <param name="Enabled">Whether the flag is on; null outside windows in the past, which the audit log knows.</param>
public sealed record TimelineSpanView(DateTimeOffset From, DateTimeOffset To, Guid? Schedule, string? Name, bool? Enabled);

/// <summary>Something that happens once.</summary>
/// <param name="At">When.</param>
/// <param name="Schedule">The schedule.</param>
/// <param name="Name">Its name.</param>
/// <param name="Action">What it does.</param>
/// <param name="State">Where it is.</param>
public sealed record TimelineMomentView(DateTimeOffset At, Guid Schedule, string Name, ScheduleAction Action, ScheduleState State);

/// <summary>The flags for which something is scheduled.</summary>
/// <param name="Items">By flag and environment; at most 10,000.</param>
public sealed record ScheduledFlagsView(IReadOnlyList<ScheduledFlagView> Items);

/// <summary>A flag in an environment for which something is scheduled.</summary>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">The environment.</param>
/// <param name="NextAt">When something may change next; null where a window is open that does not close.</param>
/// <param name="IsOpen">Whether a window decides now.</param>
public sealed record ScheduledFlagView(string Flag, string Environment, DateTimeOffset? NextAt, bool IsOpen);
