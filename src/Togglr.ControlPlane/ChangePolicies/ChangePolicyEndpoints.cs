using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.ChangePolicies;

/// <summary>What changes need an approval, and whose.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Environment">Key of the environment that it guards; null for all.</param>
/// <param name="Tag">The tag of flags that it guards; null for everything.</param>
/// <param name="Enabled">Whether it guards anything at present.</param>
/// <param name="MinApprovals">How many people must approve.</param>
/// <param name="ApproverGroups">The groups of which one must hold each approver; empty: anybody who may approve.</param>
/// <param name="Reauthenticate">Whether approvers must prove again who they are.</param>
/// <param name="ExpiresAfterHours">How long a request waits.</param>
/// <param name="BypassGroups">The groups whose members may go past it, besides whoever has <c>change.bypass</c>.</param>
/// <param name="Version">Also the entity tag.</param>
/// <param name="CreatedAt">When it was created.</param>
/// <param name="UpdatedAt">When it was last changed.</param>
public sealed record ChangePolicyView(
    Guid Id, string? Environment, string? Tag, bool Enabled, int MinApprovals, IReadOnlyList<GroupRef> ApproverGroups, bool Reauthenticate, int ExpiresAfterHours, IReadOnlyList<GroupRef> BypassGroups,
    int Version, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary>A new policy: for the whole project unless it names an environment or a tag or both.</summary>
public sealed record CreateChangePolicyRequest
{
    /// <summary>Key of an environment.</summary>
    public string? Environment { get; init; }

    /// <summary>Key of a tag.</summary>
    public string? Tag { get; init; }

    /// <summary>Whether it guards anything at present; true if absent.</summary>
    public bool? Enabled { get; init; }

    /// <summary>1 to 10; 1 if absent.</summary>
    public int? MinApprovals { get; init; }

    /// <summary>Keys of at most 20 groups.</summary>
    public IReadOnlyList<string>? ApproverGroups { get; init; }

    /// <summary>Whether approvers must prove again who they are.</summary>
    public bool? Reauthenticate { get; init; }

    /// <summary>1 to 8,760; 168 if absent.</summary>
    public int? ExpiresAfterHours { get; init; }

    /// <summary>Keys of at most 20 groups.</summary>
    public IReadOnlyList<string>? BypassGroups { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Changes of a policy.</summary>
public sealed record UpdateChangePolicyRequest
{
    /// <summary>Whether it guards anything at present.</summary>
    public Optional<bool> Enabled { get; init; }

    /// <summary>1 to 10.</summary>
    public Optional<int> MinApprovals { get; init; }

    /// <summary>Keys of at most 20 groups.</summary>
    public Optional<IReadOnlyList<string>> ApproverGroups { get; init; }

    /// <summary>Whether approvers must prove again who they are.</summary>
    public Optional<bool> Reauthenticate { get; init; }

    /// <summary>1 to 8,760.</summary>
    public Optional<int> ExpiresAfterHours { get; init; }

    /// <summary>Keys of at most 20 groups.</summary>
    public Optional<IReadOnlyList<string>> BypassGroups { get; init; }

    /// <summary>Why, for the audit log.</summary>
    public string? Reason { get; init; }
}

/// <summary>Policies are guarded by themselves: changing or deleting one that is in force needs the approval that it asks for.</summary>
internal static class ChangePolicyEndpoints
{
    public static void MapChangePolicies(this IEndpointRouteBuilder project)
    {
        var policies = project.MapGroup("/change-policies").WithTags("Change requests");
        policies.MapGet("", ListAsync).WithName("listChangePolicies").WithSummary("What changes need an approval in a project").RequirePermission(Permissions.ProjectView);
        policies.MapPost("", CreateAsync).WithName("createChangePolicy").WithSummary("Ask for approvals").RequirePermission(Permissions.ProjectManage);
        policies.MapPatch("/{id:guid}", UpdateAsync).WithName("updateChangePolicy").WithSummary("Change what a policy asks for").RequirePermission(Permissions.ProjectManage);
        policies.MapDelete("/{id:guid}", DeleteAsync).WithName("deleteChangePolicy").WithSummary("Ask for approvals no more").RequirePermission(Permissions.ProjectManage);
    }

    private static async Task<Ok<Page<ChangePolicyView>>> ListAsync(Current current, TogglrDbContext db, CancellationToken cancel)
    {
        var rows = await db.ChangePolicies.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).OrderBy(row => row.Id).ToListAsync(cancel);
        var (environments, groups) = await NamesAsync(db, current, cancel);
        return TypedResults.Ok(new Page<ChangePolicyView>([.. rows.Select(row => View(row, environments, groups))], null, rows.Count));
    }

    private static async Task<Results<CreatedVersion<ChangePolicyView>, Problem>> CreateAsync(CreateChangePolicyRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        ProjectEnvironment? environment = null;
        if (request.Environment is { } key)
        {
            environment = KeyFormat.IsSlug(key) ? await db.Environments.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Key == key, cancel) : null;
            if (environment is null)
                return Problem.Invalid(new ProblemItem("unknown_environment", "/environment", $"There is no environment {key}."));
        }
        if (request.Tag is { } tag && (!KeyFormat.IsSlug(tag) || !await db.Tags.AnyAsync(row => row.ProjectId == current.Project.Id && row.Key == tag, cancel)))
            return Problem.Invalid(new ProblemItem("unknown_tag", "/tag", $"There is no tag {tag}."));
        var (approvers, problem) = await GroupsAsync(request.ApproverGroups, "/approverGroups", db, cancel);
        if (problem is not null)
            return problem;
        var (bypass, other) = await GroupsAsync(request.BypassGroups, "/bypassGroups", db, cancel);
        if (other is not null)
            return other;
        var created = ChangePolicy.Create(current.Project, environment, request.Tag, new ChangePolicyTerms
        {
            Enabled = request.Enabled ?? true, MinApprovals = request.MinApprovals ?? 1, ApproverGroupIds = approvers, Reauthenticate = request.Reauthenticate ?? false,
            ExpiresAfterHours = request.ExpiresAfterHours ?? ChangePolicy.DefaultExpiryHours, BypassGroupIds = bypass,
        });
        if (!created.IsOk)
            return created.Error.ToProblem();
        var policy = created.Value;
        db.ChangePolicies.Add(policy);
        if (await current.SaveAsync("changepolicy.created", KeyOf(policy, environment?.Key), policy.Id, request.Reason, cancel, environment?.Key) is { } refused)
            return refused.Code == ErrorCodes.AlreadyExists ? Problem.AlreadyExists("There is a policy for this already.") : refused;
        var (environments, groups) = await NamesAsync(db, current, cancel);
        return new CreatedVersion<ChangePolicyView>(View(policy, environments, groups), policy.Version, policy.Id.ToString());
    }

    private static async Task<Results<Versioned<ChangePolicyView>, Problem>> UpdateAsync(Guid id, UpdateChangePolicyRequest request, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.ChangePolicies.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Id == id, cancel) is not { } policy)
            return NotThere;
        if (EntityTags.Check(current.Http.Request, policy.Version) is { } stale)
            return stale;
        var (approvers, problem) = await GroupsAsync(request.ApproverGroups.IsSet ? request.ApproverGroups.Value : null, "/approverGroups", db, cancel);
        if (problem is not null)
            return problem;
        var (bypass, other) = await GroupsAsync(request.BypassGroups.IsSet ? request.BypassGroups.Value : null, "/bypassGroups", db, cancel);
        if (other is not null)
            return other;
        var changed = policy.Change(new ChangePolicyTerms
        {
            Enabled = request.Enabled.Or(policy.Enabled), MinApprovals = request.MinApprovals.Or(policy.MinApprovals), Reauthenticate = request.Reauthenticate.Or(policy.Reauthenticate),
            ExpiresAfterHours = request.ExpiresAfterHours.Or(policy.ExpiresAfterHours), ApproverGroupIds = request.ApproverGroups.IsSet ? approvers : policy.ApproverGroupIds,
            BypassGroupIds = request.BypassGroups.IsSet ? bypass : policy.BypassGroupIds,
        });
        if (!changed.IsOk)
            return changed.Error.ToProblem();
        var (environments, groups) = await NamesAsync(db, current, cancel);
        var environment = policy.EnvironmentId is { } known ? environments.GetValueOrDefault(known) : null;
        if (await current.SaveAsync("changepolicy.updated", KeyOf(policy, environment), policy.Id, request.Reason, cancel, environment) is { } refused)
            return refused;
        return new Versioned<ChangePolicyView>(View(policy, environments, groups), policy.Version);
    }

    private static async Task<Results<NoContent, Problem>> DeleteAsync(Guid id, Current current, TogglrDbContext db, CancellationToken cancel)
    {
        if (await db.ChangePolicies.SingleOrDefaultAsync(row => row.ProjectId == current.Project.Id && row.Id == id, cancel) is not { } policy)
            return NotThere;
        if (EntityTags.Check(current.Http.Request, policy.Version) is { } stale)
            return stale;
        var (environments, _) = await NamesAsync(db, current, cancel);
        var environment = policy.EnvironmentId is { } known ? environments.GetValueOrDefault(known) : null;
        db.ChangePolicies.Remove(policy);
        if (await current.SaveAsync("changepolicy.deleted", KeyOf(policy, environment), policy.Id, reason: null, cancel, environment) is { } refused)
            return refused;
        return TypedResults.NoContent();
    }

    /// <summary>What it guards is what people call it.</summary>
    private static string KeyOf(ChangePolicy policy, string? environment) => (environment, policy.Tag) switch
    {
        (null, null) => "project",
        ({ } place, null) => place,
        (null, { } tag) => $"tag {tag}",
        ({ } place, { } tag) => $"{place}, tag {tag}",
    };

    private static async Task<(IReadOnlyList<Guid> Ids, Problem? Problem)> GroupsAsync(IReadOnlyList<string>? keys, string path, TogglrDbContext db, CancellationToken cancel)
    {
        if (keys is null)
            return ([], null);
        var wanted = keys.Where(KeyFormat.IsSlug).ToArray();
        var found = await db.Groups.AsNoTracking().Where(row => wanted.Contains(row.Key)).ToDictionaryAsync(row => row.Key, row => row.Id, StringComparer.Ordinal, cancel);
        for (var i = 0; i < keys.Count; i++)
        {
            if (!found.ContainsKey(keys[i]))
                return ([], Problem.Invalid(new ProblemItem("unknown_group", $"{path}/{i}", $"There is no group {keys[i]}.")));
        }
        return ([.. keys.Select(key => found[key])], null);
    }

    private static async Task<(Dictionary<Guid, string> Environments, Dictionary<Guid, GroupRef> Groups)> NamesAsync(TogglrDbContext db, Current current, CancellationToken cancel) =>
        (await db.Environments.AsNoTracking().Where(row => row.ProjectId == current.Project.Id).ToDictionaryAsync(row => row.Id, row => row.Key, cancel),
            await db.Groups.AsNoTracking().ToDictionaryAsync(row => row.Id, row => new GroupRef(row.Key, row.Name), cancel));

    private static ChangePolicyView View(ChangePolicy row, Dictionary<Guid, string> environments, Dictionary<Guid, GroupRef> groups) => new(
        row.Id, row.EnvironmentId is { } id ? environments.GetValueOrDefault(id) : null, row.Tag, row.Enabled, row.MinApprovals,
        [.. row.ApproverGroupIds.Select(group => groups.GetValueOrDefault(group)).OfType<GroupRef>()], row.Reauthenticate, row.ExpiresAfterHours,
        [.. row.BypassGroupIds.Select(group => groups.GetValueOrDefault(group)).OfType<GroupRef>()], row.Version, row.CreatedAt, row.UpdatedAt);

    private static Problem NotThere => Problem.NotFound("There is no such policy.");
}
