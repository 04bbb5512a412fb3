using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Http;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Invitations;

/// <summary>What an invitation gives, found by its keys.</summary>
/// <param name="Grants">Roles.</param>
/// <param name="Groups">Groups.</param>
internal sealed record ResolvedInvitation(IReadOnlyList<ResolvedGrant> Grants, IReadOnlyList<Group> Groups);

/// <summary>Finds what an invitation gives and asks whether somebody may give it: when it is made, when it is sent again, and when it is accepted.</summary>
internal static class InvitationContent
{
    private const int Limit = 50;

    public static JsonElement Write(IReadOnlyList<InvitedGrant> grants) => JsonSerializer.SerializeToElement(grants, StrictJson.Options);

    public static IReadOnlyList<InvitedGrant> Read(Invitation invitation) => invitation.Grants.Deserialize<IReadOnlyList<InvitedGrant>>(StrictJson.Options) ?? [];

    /// <summary>What the caller wants to give, or why they may not.</summary>
    public static async Task<(ResolvedInvitation? Content, Problem? Problem)> ResolveAsync(
        Current current, TogglrDbContext db, IReadOnlyList<InvitedGrant> grants, IReadOnlyList<string> groups, CancellationToken cancel)
    {
        if (grants.Count == 0 && groups.Count == 0)
            return (null, Problem.Invalid(new ProblemItem("required", "/grants", "Say what accepting gives: grants or groups.")));
        if (grants.Count > Limit || groups.Count > Limit)
            return (null, Problem.Invalid(new ProblemItem("too_many", grants.Count > Limit ? "/grants" : "/groups", $"At most {Limit} fit into an invitation.")));
        var resolved = new List<ResolvedGrant>();
        for (var i = 0; i < grants.Count; i++)
        {
            var (grant, problem) = await current.ResolveAsync(db, grants[i].Role, grants[i].Project, grants[i].Environment, cancel, $"/grants/{i}");
            if (grant is null)
                return (null, problem);
            if (resolved.Any(known => known.Role == grant.Role && known.Scope == grant.Scope))
                return (null, Problem.Invalid(new ProblemItem("duplicate", $"/grants/{i}", "This is there twice.")));
            resolved.Add(grant);
        }
        var found = new List<Group>();
        for (var i = 0; i < groups.Count; i++)
        {
            if (!current.May(Permissions.GroupManage))
                return (null, Problem.Forbidden($"Putting somebody into a group needs the permission {Permissions.GroupManage}."));
            if (await db.Groups.AsNoTracking().SingleOrDefaultAsync(row => row.Key == groups[i], cancel) is not { } group || found.Exists(known => known.Id == group.Id))
                return (null, Problem.Invalid(new ProblemItem("unknown_reference", $"/groups/{i}", "There is no such group, or it is there twice.")));
            if (group.ProviderId is not null)
                return (null, Problem.Invalid(new ProblemItem("read_only", $"/groups/{i}", "An identity provider decides who is in this group.")));
            if (await current.CheckCoversAsync(db, new PrincipalId(PrincipalKind.Group, group.Id), cancel) is { } refusal)
                return (null, refusal);
            found.Add(group);
        }
        return (new ResolvedInvitation(resolved, found), null);
    }

    /// <summary>What accepting gives now: everything in the invitation, if whoever invited may still give all of it; else null. The current organization of <paramref name="db"/> is the inviting one.</summary>
    public static async Task<ResolvedInvitation?> ResolveAsync(TogglrDbContext db, Invitation invitation, Caller inviter, CancellationToken cancel)
    {
        var resolved = new List<ResolvedGrant>();
        foreach (var invited in Read(invitation))
        {
            var grant = await GrantResolver.ResolveAsync(db, invitation.OrganizationId, invited.Role, invited.Project, invited.Environment, cancel);
            if (!grant.IsOk || !Authorization.MayConfer(inviter, grant.Value.Permissions, grant.Value.Scope))
                return null;
            resolved.Add(grant.Value);
        }
        var groups = new List<Group>();
        foreach (var key in invitation.Groups)
        {
            if (Authorization.Authorize(inviter, Permissions.GroupManage, new Scope(invitation.OrganizationId)) != Verdict.Allowed
                || await db.Groups.AsNoTracking().SingleOrDefaultAsync(row => row.Key == key && row.ProviderId == null, cancel) is not { } group
                || (await Conferring.GrantsOfAsync(db, new PrincipalId(PrincipalKind.Group, group.Id), cancel)).Any(grant => !Authorization.MayConfer(inviter, grant.Permissions, grant.Scope)))
                return null;
            groups.Add(group);
        }
        return new ResolvedInvitation(resolved, groups);
    }
}
