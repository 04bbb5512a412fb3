using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.ChangeRequests;
using Togglr.ControlPlane.LiveEvents;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Notifications.Inbox;

/// <summary>
/// Finds whom an event concerns: those who can approve a request, those who asked for it or took part, those who own or maintain a flag, those who watch. Never who did it, and never somebody who
/// may not see what it is about. One for a batch of events of one organization, so that people are read once.
/// </summary>
internal sealed class InboxAudience(TogglrDbContext db, GrantReader grants, Organization organization)
{
    private static readonly HashSet<string> ForReview = new(StringComparer.Ordinal) { "changerequest.created", "changerequest.submitted", "changerequest.edited", "changerequest.rebased" };

    private static readonly HashSet<string> ForOwners = new(StringComparer.Ordinal)
    {
        "flag.killed", "flag.revived", "flag.auto_disabled", "flag.trial_started", "flag.trial_passed", "flag.trial_ended", "incident.opened", "incident.resolved", "incident.commented", "schedule.missed", "schedule.failed", "ramp.waiting", "ramp.paused", "ramp.rolledback", "ramp.completed",
    };

    private Dictionary<Guid, NotificationPreference>? _preferences;
    private HashSet<Guid>? _members;
    private List<Watch>? _watches;

    /// <summary>The people whom an event concerns, with the strongest reason.</summary>
    public async Task<IReadOnlyDictionary<Guid, InboxConcern>> FindAsync(ToldEvent told, CancellationToken cancel)
    {
        var found = new Dictionary<Guid, InboxConcern>();
        if (told.Project is not { } project)
            return found;
        if (told.Request is { } request)
        {
            if (request.State == ChangeRequestState.Pending && ForReview.Contains(told.Entry.Action))
            {
                foreach (var person in await ReviewersAsync(request, cancel))
                    found.TryAdd(person, InboxConcern.Review);
            }
            foreach (var person in await MentionedAsync(told.Entry, request, cancel))
                found.TryAdd(person, InboxConcern.Mention);
            foreach (var person in await ParticipantsAsync(told, request, cancel))
                found.TryAdd(person, InboxConcern.Request);
        }
        var flag = await FlagOfAsync(told, project, cancel);
        if (flag is not null && ForOwners.Contains(told.Entry.Action))
        {
            foreach (var person in flag.MaintainerIds.Prepend(flag.OwnerId ?? Guid.Empty))
                found.TryAdd(person, InboxConcern.Owner);
        }
        _watches ??= await db.Watches.AsNoTracking().ToListAsync(cancel);
        foreach (var watch in _watches.Where(watch => watch.ProjectId == project.Id && watch.CreatedAt <= told.Entry.At && (watch.FlagId is null || watch.FlagId == flag?.Id)))
            found.TryAdd(watch.UserId, InboxConcern.Watch);

        if (told.Entry.ActorId is { } actor)
            found.Remove(actor);
        await KeepThoseWhoMaySeeAsync(found, told, project, cancel);
        return found;
    }

    /// <summary>How somebody wants to be told.</summary>
    public async Task<NotificationPreference?> PreferenceOfAsync(Guid person, CancellationToken cancel)
    {
        _preferences ??= await db.NotificationPreferences.AsNoTracking().Where(row => db.Memberships.Any(member => member.UserId == row.UserId)).ToDictionaryAsync(row => row.UserId, cancel);
        return _preferences.GetValueOrDefault(person);
    }

    /// <summary>What somebody may do in the organization, as it is now.</summary>
    public async Task<Caller> CallerOfAsync(Guid person, CancellationToken cancel) =>
        new(CallerKind.User, person, "", "", await grants.ReadAsync(db, new PrincipalId(PrincipalKind.User, person), organization.Id, organization.Key, organization.AccessVersion, cancel));

    private async Task KeepThoseWhoMaySeeAsync(Dictionary<Guid, InboxConcern> found, ToldEvent told, Project project, CancellationToken cancel)
    {
        if (found.Count == 0)
            return;
        var members = await MembersAsync(cancel);
        await grants.ReadManyAsync(db, [.. found.Keys.Where(members.Contains)], organization.Id, organization.Key, organization.AccessVersion, cancel);
        var permission = LiveConnection.PermissionFor(told.Entry.Entity, project.Id);
        foreach (var person in found.Keys.ToList())
        {
            var isMuted = (await PreferenceOfAsync(person, cancel))?.MutedGroups.Contains(told.Group, StringComparer.Ordinal) == true;
            if (isMuted || !members.Contains(person) || Authorization.Authorize(await CallerOfAsync(person, cancel), permission, new Scope(organization.Id, project.Id)) != Verdict.Allowed)
                found.Remove(person);
        }
    }

    private async Task<List<Guid>> ReviewersAsync(ChangeRequest request, CancellationToken cancel)
    {
        var members = await MembersAsync(cancel);
        var guard = request.Guard;
        var needed = guard.Policies.Count > 0 && guard.Policies.All(policy => policy.ApproverGroups.Count > 0) ? guard.Policies.SelectMany(policy => policy.ApproverGroups).Distinct().ToArray() : null;
        Guid[] candidates = needed is null ? [.. members] : [.. await db.GroupMembers.AsNoTracking().Where(row => needed.Contains(row.GroupId)).Select(row => row.UserId).Distinct().ToListAsync(cancel)];
        var approvals = await db.ChangeApprovals.AsNoTracking().Where(row => row.RequestId == request.Id).ToListAsync(cancel);
        var done = Approvals.Counting(request, approvals).Select(approval => approval.PersonId).Concat(request.EditorIds).ToHashSet();
        candidates = [.. candidates.Where(person => members.Contains(person) && !done.Contains(person))];
        await grants.ReadManyAsync(db, candidates, organization.Id, organization.Key, organization.AccessVersion, cancel);
        var reviewers = new List<Guid>();
        foreach (var person in candidates)
        {
            var caller = await CallerOfAsync(person, cancel);
            bool May(Guid? environment) => Authorization.Authorize(caller, Permissions.ChangeApprove, new Scope(organization.Id, request.ProjectId, environment)) == Verdict.Allowed;
            if (guard.IsProjectWide || guard.Environments.Count == 0 ? May(null) : guard.Environments.All(environment => May(environment)))
                reviewers.Add(person);
        }
        return reviewers;
    }

    /// <summary>Those whom the comment names that an entry tells of: its author's last one before it.</summary>
    private async Task<IEnumerable<Guid>> MentionedAsync(ToldEntry entry, ChangeRequest request, CancellationToken cancel)
    {
        if (entry.Action is not "changerequest.commented")
            return [];
        // Both have the same clock; that of the entry was read later, and each is rounded for itself.
        var until = entry.At.AddMilliseconds(1);
        return await db.ChangeRequestEvents.AsNoTracking().Where(row => row.RequestId == request.Id && row.Kind == "commented" && row.ActorId == entry.ActorId && row.At <= until)
            .OrderByDescending(row => row.At).ThenByDescending(row => row.Id).Select(row => row.Mentions).FirstOrDefaultAsync(cancel) ?? [];
    }

    private async Task<IEnumerable<Guid>> ParticipantsAsync(ToldEvent told, ChangeRequest request, CancellationToken cancel)
    {
        if (told.Entry.Action is "changerequest.created" or "changerequest.updated")
            return [];
        IEnumerable<Guid> people = request.AuthorKind == "user" ? request.EditorIds.Append(request.AuthorId) : request.EditorIds;
        if (told.Entry.Action is not "changerequest.commented")
            return people;
        var spoke = await db.ChangeRequestEvents.AsNoTracking()
            .Where(row => row.RequestId == request.Id && row.ActorKind == "user" && row.ActorId != null && (row.Kind == "commented" || row.Kind == "approved" || row.Kind == "rejected"))
            .Select(row => row.ActorId!.Value).Distinct().ToListAsync(cancel);
        return people.Concat(spoke);
    }

    private async Task<Flag?> FlagOfAsync(ToldEvent told, Project project, CancellationToken cancel)
    {
        var entry = told.Entry;
        switch (entry.Entity)
        {
            case "flag" or "ramp" or "incident":
                return await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => row.ProjectId == project.Id && row.Key == entry.EntityKey, cancel);
            case "schedule":
                return await db.Flags.AsNoTracking().SingleOrDefaultAsync(row => db.Schedules.Any(schedule => schedule.Id == entry.EntityId && schedule.FlagId == row.Id), cancel);
            default:
                return null;
        }
    }

    private async Task<HashSet<Guid>> MembersAsync(CancellationToken cancel) =>
        _members ??= [.. await db.Memberships.AsNoTracking().Where(row => row.DisabledAt == null && row.User!.DisabledAt == null).Select(row => row.UserId).ToListAsync(cancel)];
}
