using System.Globalization;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.Audit;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangeRequests;

/// <summary>Finding requests and showing them.</summary>
internal static class ChangeRequestViews
{
    private const int ManyChanges = 500;
    private const int LargeBody = 256 * 1024;

    public static string KeyOf(ChangeRequest request) => request.Number.ToString(CultureInfo.InvariantCulture);

    public static Problem NotThere => Problem.NotFound("There is no such change request.");

    /// <summary>A request of the route's project, tracked.</summary>
    public static Task<ChangeRequest?> FindAsync(TogglrDbContext db, Current current, int number, CancellationToken cancel) =>
        db.ChangeRequests.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Number == number, cancel);

    public static ChangeRequestEvent Event(ChangeRequest request, ChangeActor actor, string kind, string text, TimeProvider time, IReadOnlyList<Guid>? mentions = null) => new()
    {
        OrganizationId = request.OrganizationId, RequestId = request.Id, At = time.GetUtcNow(), Kind = kind, ActorKind = actor.Kind, ActorId = actor.Id, ActorName = actor.Name, Text = text, Mentions = mentions ?? [],
    };

    /// <summary>Everything about one request, for the caller.</summary>
    public static async Task<ChangeRequestView> AloneAsync(TogglrDbContext db, ChangeRequest request, Current current, TimeProvider time, CancellationToken cancel)
    {
        var commands = await db.ChangeCommands.AsNoTracking().Where(row => row.RequestId == request.Id).OrderBy(row => row.Position).ToListAsync(cancel);
        var approvals = await db.ChangeApprovals.AsNoTracking().Where(row => row.RequestId == request.Id).OrderBy(row => row.Id).ToListAsync(cancel);
        var events = await db.ChangeRequestEvents.AsNoTracking().Where(row => row.RequestId == request.Id).OrderBy(row => row.Id).ToListAsync(cancel);
        var mentioned = await People.ReadAsync(db, events.SelectMany(row => row.Mentions).Select(id => (Guid?)id), cancel);
        var environments = await db.Environments.AsNoTracking().Where(row => row.ProjectId == request.ProjectId).ToDictionaryAsync(row => row.Id, row => row.Key, cancel);
        var guard = request.Guard;
        Guid[] named = [.. guard.Policies.SelectMany(policy => policy.ApproverGroups).Distinct()];
        var groups = await db.Groups.AsNoTracking().Where(row => named.Contains(row.Id)).ToDictionaryAsync(row => row.Id, row => new GroupRef(row.Key, row.Name), cancel);
        List<ChangeApproval> counting = [.. Approvals.Counting(request, approvals)];
        var groupsOf = await Approvals.GroupsOfAsync(db, [.. counting.Select(approval => approval.PersonId), current.Caller.Id], cancel);
        var isOutdated = request.IsOpen && request.State != ChangeRequestState.Draft && (await Bases.FindOutdatedAsync(db, request.ProjectId, commands.SelectMany(command => command.BaseVersions), cancel)).Count > 0;
        var organization = current.Caller.Grants.First(grant => grant.Scope.Organization == request.OrganizationId).OrganizationKey;
        var url = $"/api/v1/orgs/{organization}/projects/{current.Project.Key}/change-requests/{KeyOf(request)}";
        var root = $"/api/v1/orgs/{organization}/projects/{current.Project.Key}";
        return new ChangeRequestView(
            request.Id, request.Number, organization, current.Project.Key, url, request.Title, request.Description, request.State, Author(request), request.CreatedAt, request.SubmittedAt, request.ExpiresAt,
            request.ApplyAt, request.ClosedAt, request.Failure, isOutdated, [.. request.EnvironmentIds.Select(id => environments.GetValueOrDefault(id)).OfType<string>().Order(StringComparer.Ordinal)],
            request.Touches, [.. commands.Select(command => Change(command, root))],
            [.. guard.Policies.Select(policy => new RequirementView(
                policy.PolicyId, policy.EnvironmentId is { } id ? environments.GetValueOrDefault(id) : null, policy.Tag, policy.MinApprovals, Approvals.Given(policy, counting, groupsOf),
                [.. policy.ApproverGroups.Select(group => groups.GetValueOrDefault(group)).OfType<GroupRef>()], policy.Reauthenticate))],
            [.. approvals.Select(approval => new ApprovalView(new AuditPartyView(approval.PersonId, approval.PersonName), approval.Approved, approval.At, approval.Comment, counting.Contains(approval)))],
            [.. events.Select(row => new ChangeRequestEventView(row.At, row.Kind, new AuditActorView(row.ActorKind, row.ActorId, row.ActorName), row.Text,
                [.. row.Mentions.Select(id => mentioned[id]).OfType<PersonRef>().Select(person => new AuditPartyView(person.Id, person.Name))]))],
            await CanAsync(db, request, current, counting, groupsOf, time, cancel), request.Version);
    }

    /// <summary>Requests in a list.</summary>
    public static async Task<IReadOnlyList<ChangeRequestSummaryView>> ListAsync(TogglrDbContext db, IReadOnlyList<ChangeRequest> rows, string organization, CancellationToken cancel)
    {
        Guid[] ids = [.. rows.Select(row => row.Id)];
        Guid[] projectIds = [.. rows.Select(row => row.ProjectId).Distinct()];
        var projects = await db.Projects.AsNoTracking().Where(row => projectIds.Contains(row.Id)).ToDictionaryAsync(row => row.Id, cancel);
        var changes = await db.ChangeCommands.Where(row => ids.Contains(row.RequestId)).GroupBy(row => row.RequestId).Select(some => new { some.Key, Count = some.Count() }).ToDictionaryAsync(row => row.Key, row => row.Count, cancel);
        var approvals = (await db.ChangeApprovals.AsNoTracking().Where(row => ids.Contains(row.RequestId)).ToListAsync(cancel)).ToLookup(row => row.RequestId);
        return
        [
            .. rows.Select(row => new ChangeRequestSummaryView(
                row.Id, row.Number, organization, projects[row.ProjectId].Key, projects[row.ProjectId].Name, row.Title, row.State, Author(row), row.CreatedAt, row.SubmittedAt, row.ExpiresAt, row.ApplyAt,
                row.ClosedAt, row.Touches, changes.GetValueOrDefault(row.Id), Approvals.Counting(row, approvals[row.Id]).Select(approval => approval.PersonId).Distinct().Count(),
                row.Guard.Policies.Select(policy => policy.MinApprovals).DefaultIfEmpty(0).Max(), row.Version)),
        ];
    }

    /// <summary>Whether the caller may apply a request or take it back.</summary>
    public static bool MayApply(ChangeRequest request, Current current) =>
        request.AuthorId == current.Caller.Id || (current.Caller.Kind == CallerKind.User && ChangeBypass.IsAllowed(current, Permissions.ChangeApprove, request.Guard));

    /// <summary>Whether the caller may take a request back.</summary>
    public static bool MayCancel(ChangeRequest request, Current current) => request.AuthorId == current.Caller.Id || current.May(Permissions.ProjectManage, current.Project.Id);

    /// <summary>Whether the caller may change what a request asks for; what they put into it they must be able to do as well.</summary>
    public static bool MayEdit(ChangeRequest request, Current current) => request.AuthorId == current.Caller.Id || current.May(Permissions.FlagManage, current.Project.Id);

    private static async Task<ChangeRequestActionsView> CanAsync(
        TogglrDbContext db, ChangeRequest request, Current current, IReadOnlyCollection<ChangeApproval> counting, ILookup<Guid, Guid> groupsOf, TimeProvider time, CancellationToken cancel)
    {
        var refusal = request.State == ChangeRequestState.Pending ? Approvals.Refusal(request, current, counting, groupsOf)?.Code : "wrong_state";
        var asksAgain = refusal is null && Approvals.AsksAgain(request.Guard) && !await Approvals.HasProvedAsync(current, db, time, cancel);
        return new ChangeRequestActionsView(
            refusal is null, refusal, asksAgain, request.IsOpen && MayEdit(request, current),
            request.State is ChangeRequestState.Draft or ChangeRequestState.Rejected or ChangeRequestState.Expired && request.AuthorId == current.Caller.Id,
            request.State is ChangeRequestState.Approved or ChangeRequestState.Scheduled && MayApply(request, current), request.IsOpen && MayCancel(request, current));
    }

    private static AuditActorView Author(ChangeRequest request) => new(request.AuthorKind, request.AuthorId, request.AuthorName);

    private static RequestedChangeView Change(ChangeCommand command, string root)
    {
        var (diff, hasMore) = AuditDiff.Of(command.Before, command.After, ManyChanges);
        var path = command.Path.StartsWith(root, StringComparison.Ordinal) ? command.Path[root.Length..].TrimStart('/') : command.Path;
        return new RequestedChangeView(
            command.Position, command.Operation, command.Method, path + command.Query, command.Action, command.EntityKey, command.Environment, command.Reason, BodyOf(command), command.Body?.Length ?? 0, diff,
            hasMore, command.Before is null ? null : JsonColumn.Parse(command.Before), command.After is null ? null : JsonColumn.Parse(command.After));
    }

    private static JsonElement? BodyOf(ChangeCommand command)
    {
        if (command.Body is not { Length: <= LargeBody } body || command.ContentType?.Contains("json", StringComparison.OrdinalIgnoreCase) != true)
            return null;
        try
        {
            using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = JsonColumn.MaximumDepth });
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
