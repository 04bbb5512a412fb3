using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;

namespace Togglr.ControlPlane.Audit;

/// <summary>One change.</summary>
/// <param name="Id">The entry's id.</param>
/// <param name="Sequence">Its place in the organization's chain, from 1 without gaps.</param>
/// <param name="At">When.</param>
/// <param name="Actor">Who or what.</param>
/// <param name="OnBehalfOf">The person for whom the actor acted.</param>
/// <param name="Token">The token that the actor used.</param>
/// <param name="Authority">By what right a guarded thing was changed: <c>approved</c>, <c>bypass</c>, <c>emergency</c>, <c>scheduled</c>; null for the actor's own.</param>
/// <param name="ChangeRequest">The id of the change request that was applied.</param>
/// <param name="Action">Entity and verb: <c>flag.updated</c>.</param>
/// <param name="Entity">The kind of entity.</param>
/// <param name="EntityId">Its id.</param>
/// <param name="EntityKey">Its key.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Environment">Key of the environment.</param>
/// <param name="Reason">Why.</param>
/// <param name="RequestId">The request, as in the logs.</param>
/// <param name="Address">Where the request came from.</param>
/// <param name="UserAgent">The program that sent it.</param>
/// <param name="Changes">What changed, member by member; at most 20 in lists.</param>
/// <param name="HasMoreChanges">Whether some are left out.</param>
/// <param name="Before">The changed rows as they were, by their names (<c>flags/checkout</c>); in lists null where they are large.</param>
/// <param name="After">What they became; in lists null where they are large.</param>
public sealed record AuditEntryView(
    Guid Id,
    long Sequence,
    DateTimeOffset At,
    AuditActorView Actor,
    AuditPartyView? OnBehalfOf,
    AuditPartyView? Token,
    string? Authority,
    Guid? ChangeRequest,
    string Action,
    string Entity,
    Guid? EntityId,
    string EntityKey,
    string? Project,
    string? Environment,
    string? Reason,
    string? RequestId,
    string? Address,
    string? UserAgent,
    IReadOnlyList<AuditChangeView> Changes,
    bool HasMoreChanges,
    JsonElement? Before,
    JsonElement? After);

/// <summary>Who or what changed something.</summary>
/// <param name="Kind"><c>user</c>, <c>service_account</c>, <c>provider</c> or <c>system</c>.</param>
/// <param name="Id">The person, service account or identity provider; null for the system.</param>
/// <param name="Name">As it was at that time.</param>
public sealed record AuditActorView(string Kind, Guid? Id, string Name);

/// <summary>A person or token that had a part in it.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Name">As it was at that time.</param>
public sealed record AuditPartyView(Guid Id, string Name);

/// <summary>One member that changed.</summary>
/// <param name="Path">The row's name and the way to the member: <c>flags/checkout/environments/prod/rules/beta/then/variant</c>. Members of lists are named by their id or key.</param>
/// <param name="Before">What it was; null where it was not.</param>
/// <param name="After">What it is; null where it is no more.</param>
/// <param name="Truncated">Whether a value is too large to be shown here; it is null then.</param>
public sealed record AuditChangeView(string Path, JsonElement? Before, JsonElement? After, bool Truncated);

/// <summary>A page of the audit log.</summary>
/// <param name="Items">At most <c>limit</c> entries.</param>
/// <param name="NextCursor">The <c>cursor</c> of the next page; null at the end.</param>
/// <param name="Total">How many entries there are; null where counting them would take longer than reading the page, as with filters that leave more than a page.</param>
/// <param name="TotalAtLeast">How many there are at least.</param>
public sealed record AuditPage(IReadOnlyList<AuditEntryView> Items, string? NextCursor, long? Total, long TotalAtLeast);

/// <summary>Values that the log has, for filters.</summary>
/// <param name="Actors">Who.</param>
/// <param name="Actions">Entity and verb.</param>
/// <param name="Entities">Kinds of entities.</param>
/// <param name="Projects">Keys of projects, also of those that are gone.</param>
/// <param name="Environments">Keys of environments.</param>
public sealed record AuditFiltersView(
    IReadOnlyList<AuditActorView> Actors, IReadOnlyList<string> Actions, IReadOnlyList<string> Entities, IReadOnlyList<string> Projects, IReadOnlyList<string> Environments);

/// <summary>Whether the log is as it was written.</summary>
/// <param name="Intact">Whether nothing was altered, removed or inserted.</param>
/// <param name="Entries">How many entries were read.</param>
/// <param name="FirstBad">The number of the first that is wrong.</param>
/// <param name="Problem">What is wrong with it.</param>
/// <param name="SignedFrom">The number of the first entry with a signature; those before have hashes only.</param>
/// <param name="UncheckedThrough">Entries up to this number were removed because they were old enough, or accepted as they are; 0 for none.</param>
public sealed record AuditVerificationView(bool Intact, long Entries, long? FirstBad, string? Problem, long? SignedFrom, long UncheckedThrough);

/// <summary>Which entries of the audit log.</summary>
internal sealed record AuditQuery(
    [property: FromQuery(Name = "project"), Description("Key of a project")] string? Project,
    [property: FromQuery(Name = "environment"), Description("Key of an environment")] string? Environment,
    [property: FromQuery(Name = "entity"), Description("Kind of entity: flag, segment, …")] string? Entity,
    [property: FromQuery(Name = "entityKey"), Description("Key of the entity")] string? EntityKey,
    [property: FromQuery(Name = "actor"), Description("Id or name of whoever did it")] string? Actor,
    [property: FromQuery(Name = "actorKind"), Description("user, service_account, provider or system")] string? ActorKind,
    [property: FromQuery(Name = "token"), Description("Id of the token that was used")] Guid? Token,
    [property: FromQuery(Name = "action"), Description("Entity and verb: flag.updated")] string? Action,
    [property: FromQuery(Name = "ip"), Description("Address that the request came from")] string? Ip,
    [property: FromQuery(Name = "from"), Description("Not before this time")] DateTimeOffset? From,
    [property: FromQuery(Name = "to"), Description("Before this time")] DateTimeOffset? To,
    [property: FromQuery(Name = "search"), Description("Words, or beginnings of words, of keys, names, reasons and actions; all must be there")] string? Search);
