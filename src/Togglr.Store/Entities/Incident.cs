using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Store;

/// <summary>By what a flag was found to fail.</summary>
public enum HealthRule
{
    /// <summary>The share of evaluations in the window that brought errors.</summary>
    Rate,

    /// <summary>The number of errors in the window.</summary>
    Count,

    /// <summary>Seconds that were clearly worse.</summary>
    Burst,
}

/// <summary>What was found, with the numbers.</summary>
/// <param name="Rule">By what.</param>
/// <param name="Variant">The variant that it was; null: the flag as a whole.</param>
/// <param name="Seconds">The time that was judged.</param>
/// <param name="Errors">Errors in it.</param>
/// <param name="Evaluations">Evaluations in it.</param>
/// <param name="Rate">Errors by evaluations, 0 to 1.</param>
/// <param name="Threshold">What was exceeded: a rate, or a number of errors.</param>
public sealed record HealthFinding(HealthRule Rule, string? Variant, int Seconds, long Errors, long Evaluations, double Rate, double Threshold);

/// <summary>A time in which a flag did harm in an environment.</summary>
public sealed class Incident : Entity, IProjectOwned
{
    /// <summary>Longest text of an event, and of what is said when one is resolved.</summary>
    public const int MaximumText = 10_000;

    private static readonly JsonSerializerOptions Json = new(JsonSerializerOptions.Web) { Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase) } };

    private Incident()
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

    /// <summary>Counts the project's incidents from 1; people name it by this.</summary>
    public int Number { get; private set; }

    /// <summary>What tripped, as stored: see <see cref="Finding"/>.</summary>
    public JsonElement Cause { get; private set; }

    /// <summary>What was done.</summary>
    public HealthAction Measure { get; private set; }

    /// <summary>When the errors began, as far as the window showed.</summary>
    public DateTimeOffset BeganAt { get; private set; }

    /// <summary>When it was found.</summary>
    public DateTimeOffset OpenedAt { get; private set; }

    /// <summary>When it was over; null: it goes on.</summary>
    public DateTimeOffset? ResolvedAt { get; private set; }

    /// <summary>The user who said so; null: it was found.</summary>
    public Guid? ResolvedBy { get; private set; }

    /// <summary>What was said then.</summary>
    public string? Resolution { get; private set; }

    /// <summary>The number of the change request that asks for the flag to be switched off.</summary>
    public int? ChangeRequest { get; private set; }

    /// <summary>From when on somebody is to make that change request, which is still owed; null: none is.</summary>
    public DateTimeOffset? AskAt { get; private set; }

    /// <summary>What tripped.</summary>
    public HealthFinding Finding => Cause.Deserialize<HealthFinding>(Json)!;

    internal override string AuditPath => $"incidents/{Number}";

    /// <summary>A new one.</summary>
    public static Incident Open(FlagEnvironment state, string flag, int number, HealthFinding finding, HealthAction measure, DateTimeOffset began, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(), OrganizationId = state.OrganizationId, ProjectId = state.ProjectId, FlagId = state.FlagId, EnvironmentId = state.EnvironmentId, FlagKey = flag,
        EnvironmentKey = state.EnvironmentKey, Number = number, Cause = JsonSerializer.SerializeToElement(finding, Json), Measure = measure,
        BeganAt = TogglrDbContext.Truncate(began < now ? began : now), OpenedAt = TogglrDbContext.Truncate(now), AskAt = measure == HealthAction.Request ? TogglrDbContext.Truncate(now) : null,
    };

    /// <summary>Something more is done.</summary>
    public void Escalate(HealthAction measure) => (Measure, AskAt) = (measure, null);

    /// <summary>A change request was made for it; null: none can be made.</summary>
    public void AskedBy(int? changeRequest) => (ChangeRequest, AskAt) = (changeRequest, null);

    /// <summary>It is over.</summary>
    /// <param name="why">What people read, up to 10,000 characters.</param>
    /// <param name="by">Who said so; null: it was found.</param>
    /// <param name="now">The present.</param>
    public Result Resolve(string why, Guid? by, DateTimeOffset now)
    {
        if (ResolvedAt is not null)
            return new StoreError(ErrorCodes.Conflict, "It is resolved already.");
        if (why.Length > MaximumText)
            return Result.Invalid("comment", $"At most {MaximumText} characters are kept.");
        if (KeyFormat.Text(why, "comment") is { } error)
            return error;
        (ResolvedAt, ResolvedBy, Resolution, AskAt) = (TogglrDbContext.Truncate(now), by, why, null);
        return Result.Ok;
    }

    /// <summary>Something that happened to it.</summary>
    public IncidentEvent Event(ChangeActor actor, string kind, string text, DateTimeOffset now) => new()
    {
        Id = Guid.CreateVersion7(now), OrganizationId = OrganizationId, IncidentId = Id, At = TogglrDbContext.Truncate(now), Kind = kind, ActorKind = actor.Kind, ActorId = actor.Id,
        ActorName = actor.Name, Text = text,
    };
}

/// <summary>Something that happened to an incident, or that somebody said.</summary>
public sealed class IncidentEvent : ITenantOwned
{
    /// <summary>Its identifier, in the order of time.</summary>
    public Guid Id { get; init; }

    /// <inheritdoc/>
    public Guid OrganizationId { get; init; }

    /// <summary>The incident.</summary>
    public Guid IncidentId { get; init; }

    /// <summary>When.</summary>
    public DateTimeOffset At { get; init; }

    /// <summary><c>opened</c>, <c>disabled</c>, <c>requested</c>, <c>reopened</c>, <c>trial</c>, <c>failed</c>, <c>recovering</c>, <c>resolved</c> or <c>comment</c>.</summary>
    public string Kind { get; init; } = "";

    /// <summary>As in the audit log.</summary>
    public string ActorKind { get; init; } = "";

    /// <summary>As in the audit log.</summary>
    public Guid? ActorId { get; init; }

    /// <summary>As in the audit log.</summary>
    public string ActorName { get; init; } = "";

    /// <summary>What people read.</summary>
    public string Text { get; init; } = "";
}
