using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.Store;

namespace Togglr.ControlPlane.Health;

/// <summary>What tripped, with the numbers.</summary>
/// <param name="Rule">By what.</param>
/// <param name="Variant">The variant that it was; null: the flag as a whole.</param>
/// <param name="Seconds">The time that was judged.</param>
/// <param name="Errors">Errors in it.</param>
/// <param name="Evaluations">Evaluations in it.</param>
/// <param name="ErrorRate">Errors by evaluations, 0 to 1.</param>
/// <param name="Threshold">What was exceeded: a rate, or a number of errors.</param>
/// <param name="Text">The same in a sentence.</param>
public sealed record IncidentCauseView(HealthRule Rule, string? Variant, int Seconds, long Errors, long Evaluations, double ErrorRate, double Threshold, string Text);

/// <summary>A time in which a flag did harm in an environment.</summary>
/// <param name="Number">Counts the project's incidents from 1.</param>
/// <param name="Flag">The flag.</param>
/// <param name="Environment">Where.</param>
/// <param name="Cause">What tripped.</param>
/// <param name="Measure">What was done.</param>
/// <param name="State">How the flag does now.</param>
/// <param name="IsKilled">Whether the kill switch is pulled now.</param>
/// <param name="BeganAt">When the errors began, as far as the window showed.</param>
/// <param name="OpenedAt">When it was found.</param>
/// <param name="ResolvedAt">When it was over; null: it goes on.</param>
/// <param name="ResolvedBy">Who said so; null: it was found.</param>
/// <param name="Resolution">What was said then.</param>
/// <param name="ChangeRequest">The change request that asks for the flag to be switched off.</param>
/// <param name="MayAct">Whether the caller may comment and resolve.</param>
/// <param name="Version">Also the entity tag.</param>
public sealed record IncidentView(
    int Number, string Flag, string Environment, IncidentCauseView Cause, HealthAction Measure, HealthState State, bool IsKilled, DateTimeOffset BeganAt, DateTimeOffset OpenedAt, DateTimeOffset? ResolvedAt,
    PersonRef? ResolvedBy, string? Resolution, int? ChangeRequest, bool MayAct, int Version);

/// <summary>Something that happened to an incident, or that somebody said.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>opened</c>, <c>disabled</c>, <c>requested</c>, <c>reopened</c>, <c>trial</c>, <c>failed</c>, <c>recovering</c>, <c>resolved</c> or <c>comment</c>.</param>
/// <param name="Actor">Who or what.</param>
/// <param name="Text">What people read.</param>
public sealed record IncidentEventView(DateTimeOffset At, string Kind, AuditActorView Actor, string Text);

/// <summary>An incident with its timeline.</summary>
/// <param name="Incident">The incident.</param>
/// <param name="Timeline">The oldest first.</param>
public sealed record IncidentDetailView(IncidentView Incident, IReadOnlyList<IncidentEventView> Timeline);

/// <summary>Something to say about an incident.</summary>
public sealed record IncidentCommentRequest
{
    /// <summary>1 to 10,000 characters.</summary>
    public required string Text { get; init; }
}

/// <summary>Why an incident is over.</summary>
public sealed record ResolveIncidentRequest
{
    /// <summary>What people read, up to 1,000 characters.</summary>
    public string? Comment { get; init; }
}
