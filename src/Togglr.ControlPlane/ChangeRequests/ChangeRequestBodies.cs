using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.Hosting.Http;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Changes that somebody asks for.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Counts the project's requests.</param>
/// <param name="Organization">Key of the organization.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="Url">Where it is, in this API.</param>
/// <param name="Title">What it is about.</param>
/// <param name="Description">Why.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Author">Who asks.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="SubmittedAt">Since when it waits.</param>
/// <param name="ExpiresAt">When it stops waiting.</param>
/// <param name="ApplyAt">When it is applied by itself once approved.</param>
/// <param name="ClosedAt">When it came to its end.</param>
/// <param name="Failure">What was in the way when it was last tried.</param>
/// <param name="IsOutdated">Whether something that it changes has been changed since: it must be brought up to date.</param>
/// <param name="Environments">Keys of the guarded environments that it is about.</param>
/// <param name="Touches">The names of the rows that it changes or makes (<c>flags/checkout/environments/prod</c>).</param>
/// <param name="Changes">What it does, in order.</param>
/// <param name="Requirements">What the policies ask for.</param>
/// <param name="Approvals">What people said, the newest last.</param>
/// <param name="Events">What happened, the newest last.</param>
/// <param name="Can">What the caller can do with it now.</param>
/// <param name="Version">Also the entity tag.</param>
public sealed record ChangeRequestView(
    Guid Id, int Number, string Organization, string Project, string Url, string Title, string Description, ChangeRequestState State, AuditActorView Author, DateTimeOffset CreatedAt,
    DateTimeOffset? SubmittedAt, DateTimeOffset? ExpiresAt, DateTimeOffset? ApplyAt, DateTimeOffset? ClosedAt, string? Failure, bool IsOutdated, IReadOnlyList<string> Environments,
    IReadOnlyList<string> Touches, IReadOnlyList<RequestedChangeView> Changes, IReadOnlyList<RequirementView> Requirements, IReadOnlyList<ApprovalView> Approvals,
    IReadOnlyList<ChangeRequestEventView> Events, ChangeRequestActionsView Can, int Version);

/// <summary>One of the changes of a request.</summary>
/// <param name="Position">Its place, from 0.</param>
/// <param name="Operation">The operation's name in this description.</param>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, from the project on.</param>
/// <param name="Action">What its audit entry will say: <c>flag.enabled</c>.</param>
/// <param name="EntityKey">The key of what it changes.</param>
/// <param name="Environment">Key of the environment that it is about.</param>
/// <param name="Reason">Why.</param>
/// <param name="Body">The body, where it is JSON and not large.</param>
/// <param name="BodyBytes">How long the body is.</param>
/// <param name="Diff">What it changes, member by member.</param>
/// <param name="HasMoreDiff">Whether some are left out.</param>
/// <param name="Before">The rows as they were when it was last tried.</param>
/// <param name="After">What it makes of them.</param>
public sealed record RequestedChangeView(
    int Position, string Operation, string Method, string Path, string Action, string EntityKey, string? Environment, string? Reason, JsonElement? Body, int BodyBytes,
    IReadOnlyList<AuditChangeView> Diff, bool HasMoreDiff, JsonElement? Before, JsonElement? After);

/// <summary>What a policy asks for.</summary>
/// <param name="Policy">The policy's id; null for the safety tag by itself.</param>
/// <param name="Environment">Key of the environment that it guards.</param>
/// <param name="Tag">The tag that it guards.</param>
/// <param name="MinApprovals">How many approvals.</param>
/// <param name="Given">How many count so far.</param>
/// <param name="ApproverGroups">The groups of which one must hold each approver; empty: anybody who may approve.</param>
/// <param name="Reauthenticate">Whether approvers must have proved again who they are.</param>
public sealed record RequirementView(Guid? Policy, string? Environment, string? Tag, int MinApprovals, int Given, IReadOnlyList<GroupRef> ApproverGroups, bool Reauthenticate);

/// <summary>A group, as others see it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name.</param>
public sealed record GroupRef(string Key, string Name);

/// <summary>What somebody said.</summary>
/// <param name="Person">Who.</param>
/// <param name="Approved">Yes or no.</param>
/// <param name="At">When.</param>
/// <param name="Comment">With what words.</param>
/// <param name="Counts">Whether it is for the changes as they are now.</param>
public sealed record ApprovalView(AuditPartyView Person, bool Approved, DateTimeOffset At, string Comment, bool Counts);

/// <summary>Something that happened.</summary>
/// <param name="At">When.</param>
/// <param name="Kind"><c>created</c>, <c>submitted</c>, <c>edited</c>, <c>approved</c>, <c>rejected</c>, <c>commented</c>, <c>rescheduled</c>, <c>rebased</c>, <c>conflicted</c>, <c>applied</c>, <c>cancelled</c>, <c>expired</c>, <c>reopened</c>.</param>
/// <param name="Actor">Who or what.</param>
/// <param name="Text">What was said.</param>
/// <param name="Mentions">The people whom it mentions.</param>
public sealed record ChangeRequestEventView(DateTimeOffset At, string Kind, AuditActorView Actor, string Text, IReadOnlyList<AuditPartyView> Mentions);

/// <summary>What the caller can do with a request now.</summary>
/// <param name="Approve">Approve or reject it.</param>
/// <param name="ApproveRefusal">Why not: <c>own_change</c>, <c>not_an_approver</c>, <c>forbidden</c>, <c>already_approved</c>, <c>people_only</c>, <c>in_person_only</c>.</param>
/// <param name="NeedsReauthentication">Whether to prove again who one is first.</param>
/// <param name="Edit">Change what it asks for, bring it up to date.</param>
/// <param name="Submit">Ask for approval.</param>
/// <param name="Apply">Apply it.</param>
/// <param name="Cancel">Take it back.</param>
public sealed record ChangeRequestActionsView(bool Approve, string? ApproveRefusal, bool NeedsReauthentication, bool Edit, bool Submit, bool Apply, bool Cancel);

/// <summary>A request in a list.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Number">Counts the project's requests.</param>
/// <param name="Organization">Key of the organization.</param>
/// <param name="Project">Key of the project.</param>
/// <param name="ProjectName">The project's name.</param>
/// <param name="Title">What it is about.</param>
/// <param name="State">Where it stands.</param>
/// <param name="Author">Who asks.</param>
/// <param name="CreatedAt">When it was begun.</param>
/// <param name="SubmittedAt">Since when it waits.</param>
/// <param name="ExpiresAt">When it stops waiting.</param>
/// <param name="ApplyAt">When it is applied by itself once approved.</param>
/// <param name="ClosedAt">When it came to its end.</param>
/// <param name="Touches">The names of the rows that it changes or makes.</param>
/// <param name="Changes">How many changes it holds.</param>
/// <param name="ApprovalsGiven">How many approvals count so far.</param>
/// <param name="ApprovalsNeeded">How many the strictest policy asks for.</param>
/// <param name="Version">Also the entity tag.</param>
public sealed record ChangeRequestSummaryView(
    Guid Id, int Number, string Organization, string Project, string ProjectName, string Title, ChangeRequestState State, AuditActorView Author, DateTimeOffset CreatedAt, DateTimeOffset? SubmittedAt,
    DateTimeOffset? ExpiresAt, DateTimeOffset? ApplyAt, DateTimeOffset? ClosedAt, IReadOnlyList<string> Touches, int Changes, int ApprovalsGiven, int ApprovalsNeeded, int Version);

/// <summary>A change as a call to this API.</summary>
public sealed record RequestedChange
{
    /// <summary><c>POST</c>, <c>PUT</c>, <c>PATCH</c> or <c>DELETE</c>.</summary>
    public required string Method { get; init; }

    /// <summary>The path from the project on, such as <c>flags/checkout/environments/prod/toggle</c>, with its query; empty for the project itself.</summary>
    public required string Path { get; init; }

    /// <summary>The body, for calls that have one.</summary>
    public JsonElement? Body { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>A new request.</summary>
public sealed record CreateChangeRequestRequest
{
    /// <summary>What it is about; told from the changes if absent.</summary>
    public string? Title { get; init; }

    /// <summary>Why.</summary>
    public string? Description { get; init; }

    /// <summary>What it does: at most 50 calls, made in this order, all or none. None: an empty draft.</summary>
    public IReadOnlyList<RequestedChange>? Changes { get; init; }

    /// <summary>When it is applied by itself once approved.</summary>
    public DateTimeOffset? ApplyAt { get; init; }

    /// <summary>Whether to ask for approval at once; else it is a draft.</summary>
    public bool? Submit { get; init; }
}

/// <summary>Changes of what is said about a request.</summary>
public sealed record UpdateChangeRequestRequest
{
    /// <summary>What it is about.</summary>
    public Optional<string> Title { get; init; }

    /// <summary>Why.</summary>
    public Optional<string> Description { get; init; }

    /// <summary>When it is applied by itself once approved; null: when somebody does.</summary>
    public Optional<DateTimeOffset?> ApplyAt { get; init; }
}

/// <summary>Says something to a request.</summary>
public sealed record ChangeRequestDecisionRequest
{
    /// <summary>With what words: at most 10,000 characters.</summary>
    public string? Comment { get; init; }
}

/// <summary>Says something about a request.</summary>
public sealed record CommentOnChangeRequestRequest
{
    /// <summary>1 to 10,000 characters.</summary>
    public required string Text { get; init; }

    /// <summary>The people whom it mentions and who find it in their inbox, at most 20; each may see the project, see <c>listMentionablePeople</c>.</summary>
    public IReadOnlyList<Guid>? Mentions { get; init; }
}

/// <summary>Brings a request up to date.</summary>
public sealed record RebaseChangeRequestRequest
{
    /// <summary>Bodies that replace those of changes, by position, where both sides changed the same.</summary>
    public IReadOnlyDictionary<int, JsonElement>? Resolutions { get; init; }
}

/// <summary>Which requests.</summary>
/// <param name="State">One state, or <c>open</c>.</param>
/// <param name="Author">Whose.</param>
/// <param name="Mine">The caller's own.</param>
/// <param name="Review">Those that the caller can approve now.</param>
/// <param name="Flag">Those about a flag.</param>
/// <param name="Environment">Those about a flag's state in an environment, or the environment itself.</param>
public sealed record ChangeRequestQuery(
    [property: FromQuery(Name = "state"), Description("draft, pending, approved, scheduled, applied, rejected, cancelled, expired, conflicted, or open for all that can still be applied")] string? State,
    [property: FromQuery(Name = "author"), Description("Id of the author")] Guid? Author,
    [property: FromQuery(Name = "mine"), Description("Only one's own")] bool? Mine,
    [property: FromQuery(Name = "review"), Description("Only those that one can approve now")] bool? Review,
    [property: FromQuery(Name = "flag"), Description("Key of a flag that they change")] string? Flag,
    [property: FromQuery(Name = "environment"), Description("Key of an environment in which they change something")] string? Environment);
