using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.IdentityProviders;
using Togglr.Store;

namespace Togglr.ControlPlane.Directories;

/// <summary>
/// Brings the members of an organization in step with its directory. Everything is read before anything is changed; each person is one commit with one audit entry, so that a sync which
/// stops anywhere can begin anew. Who is gone or switched off there loses the membership here, never the account.
/// </summary>
internal sealed class SyncPeople(TogglrDbContext db, LdapCalls calls, ProviderMappings mappings, ProviderGrants grants, TimeProvider time)
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(30);

    /// <summary>Runs one sync; null when it went well, else why it stopped.</summary>
    public async Task<string?> RunAsync(IdentityProvider provider, SyncProgress progress, CancellationToken cancel)
    {
        var settings = ProviderSettings.Stored<LdapSettings>(provider.Settings).Complete();
        var read = await calls.WithSessionAsync(provider, Limit, session => Read(session, progress, cancel), cancel);
        if (!read.IsOk)
            return read.Error.Message;
        var people = Distinct(read.Value, progress);
        var known = await db.ExternalIdentities.AsNoTracking().Where(row => row.ProviderId == provider.Id)
            .Join(db.Memberships, link => link.UserId, member => member.UserId, (link, member) => new Known(
                link.Subject, link.UserId, link.AbsentSince != null, member.DisabledAt != null, member.User!.Name, member.User.Email))
            .ToDictionaryAsync(row => row.Subject, StringComparer.Ordinal, cancel);
        var gone = known.Values.Where(row => row is { IsAbsent: false, IsDisabled: false } && !people.ContainsKey(row.Subject)).ToList();
        var active = known.Values.Count(static row => row is { IsAbsent: false, IsDisabled: false });
        if (!progress.Claim.Force && gone.Count * 100 > active * settings.MaximumDeactivationPercent!.Value)
        {
            return $"{gone.Count} of {active} people would lose their access ({gone.Count * 100 / active} %, allowed are {settings.MaximumDeactivationPercent} %). Nothing was changed. "
                + "If that is right, begin a sync with force.";
        }

        var resolved = await mappings.ResolveAsync(provider, cancel);
        var granted = (await db.RoleGrants.AsNoTracking().Where(row => row.ProviderId == provider.Id && row.UserId != null)
            .Select(row => new { row.UserId, row.BuiltInRole, row.RoleId, row.ProjectId, row.EnvironmentId }).ToListAsync(cancel))
            .ToLookup(row => row.UserId!.Value, row => (row.BuiltInRole, row.RoleId, row.ProjectId, row.EnvironmentId));
        foreach (var (id, person) in people)
        {
            cancel.ThrowIfCancellationRequested();
            if (known.GetValueOrDefault(id) is { IsAbsent: false, IsDisabled: false } row && row.Email == person.Email && row.Name == ExternalSignIn.NameOf(person.Name, row.Email)
                && granted[row.UserId].ToHashSet().SetEquals(resolved.Where(mapping => mapping.AppliesTo(person.Groups)).Select(static mapping => (mapping.Role.BuiltIn, mapping.Role.Custom, mapping.Project, mapping.Environment))))
                continue;
            await ReconcileAsync(provider, resolved, person, progress, cancel);
        }
        foreach (var row in gone)
        {
            cancel.ThrowIfCancellationRequested();
            await LetGoAsync(provider, row, progress, cancel);
        }
        var (ids, now) = (people.Keys.ToList(), time.GetUtcNow());
        await db.ExternalIdentities.Where(row => row.ProviderId == provider.Id && ids.Contains(row.Subject)).ExecuteUpdateAsync(row => row.SetProperty(it => it.LastSeenAt, now), cancel);
        return null;
    }

    private static List<ExternalPerson> Read(LdapSession session, SyncProgress progress, CancellationToken cancel)
    {
        var people = new List<ExternalPerson>();
        foreach (var person in session.ListPeople())
        {
            cancel.ThrowIfCancellationRequested();
            progress.Scanned++;
            if (person is { Id: { } id, Email: not null })
            {
                people.Add(new ExternalPerson(id, person.Email, EmailIsVerified: true, person.Name, session.GroupsOf(person)));
                continue;
            }
            progress.Skipped++;
            progress.Tell("warning", $"{person.Dn} has no {(person.Id is null ? "identifier" : "e-mail address")} and is left out.");
        }
        return people;
    }

    private static Dictionary<string, ExternalPerson> Distinct(List<ExternalPerson> read, SyncProgress progress)
    {
        var people = new Dictionary<string, ExternalPerson>(StringComparer.Ordinal);
        foreach (var person in read)
        {
            if (people.TryAdd(person.Subject, person))
                continue;
            progress.Skipped++;
            progress.Tell("warning", $"{person.Email} has the same identifier as somebody else and is left out.");
        }
        return people;
    }

    private async Task ReconcileAsync(IdentityProvider provider, IReadOnlyList<ResolvedMapping> resolved, ExternalPerson person, SyncProgress progress, CancellationToken cancel)
    {
        for (var keepOwnership = false; ; keepOwnership = true)
        {
            db.ChangeTracker.Clear();
            var (user, action, refusal) = await FindAsync(provider, person, cancel);
            if (user is null)
            {
                Skip(progress, person, refusal!);
                return;
            }
            await grants.ApplyAsync(provider, resolved, user.Id, person.Groups, keepOwnership, cancel);
            var committed = await db.CommitAsync(new Change(ActorOf(provider), action ?? "member.synchronized", user.Email) { EntityId = user.Id }, cancel);
            if (committed is { IsOk: false, Error.Code: ErrorCodes.LastOwner } && !keepOwnership)
            {
                progress.Tell("warning", $"{user.Email} is the last owner and stays one.");
                continue;
            }
            if (!committed.IsOk)
            {
                if (committed.Error.Code == ErrorCodes.Unavailable)
                    throw new TimeoutException(committed.Error.Message);
                Skip(progress, person, committed.Error.Code == ErrorCodes.AlreadyExists ? "somebody else has this address" : committed.Error.Message);
            }
            else if (action is "user.created" or "user.linked" or AbandonedAccount.TakenIn)
            {
                progress.Created++;
                progress.Tell("info", $"{user.Email} is a member now.");
            }
            else if (committed.Value.Saved)
            {
                progress.Updated++;
                progress.Tell("info", $"{user.Email} was changed.");
            }
            return;
        }
    }

    private async Task<(User? User, string? Action, string? Refusal)> FindAsync(IdentityProvider provider, ExternalPerson person, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (await db.ExternalIdentities.SingleOrDefaultAsync(row => row.ProviderId == provider.Id && row.Subject == person.Subject, cancel) is { } link)
        {
            var membership = await db.Memberships.Include(row => row.User).SingleAsync(row => row.UserId == link.UserId, cancel);
            var action = (string?)null;
            if (membership.DisabledAt is not null)
            {
                if (link.AbsentSince is null)
                    return (null, null, "was deactivated here");
                membership.Activate();
                action = "member.activated";
            }
            link.Seen(now);
            return await RenameAsync(membership.User!, person, cancel) is { } fault ? (null, null, fault) : (membership.User, action, null);
        }

        var normalized = User.Normalize(person.Email!);
        if (normalized.Contains('\0', StringComparison.Ordinal) || normalized.Length > 254)
            return (null, null, "has no usable address");
        if (await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == normalized, cancel) is not { } user)
        {
            if (!provider.CreatePeople)
                return (null, null, "is not a member, and this directory makes none");
            var created = User.Create(person.Email!, ExternalSignIn.NameOf(person.Name, person.Email!));
            if (!created.IsOk)
                return (null, null, "has no usable address");
            db.Users.Add(created.Value);
            db.Memberships.Add(Membership.Create(provider.OrganizationId, created.Value));
            db.ExternalIdentities.Add(ExternalIdentity.Create(provider, person.Subject, created.Value.Id, now));
            return (created.Value, "user.created", null);
        }

        var organizations = await db.MembershipsOf(user.Id).AsNoTracking().Select(row => row.OrganizationId).ToListAsync(cancel);
        if (organizations.Contains(provider.OrganizationId))
        {
            if (await db.ExternalIdentities.AnyAsync(row => row.ProviderId == provider.Id && row.UserId == user.Id, cancel))
                return (null, null, "has the address of a member whom the directory knows by another identifier");
        }
        else if (organizations.Count > 0)
        {
            return (null, null, "belongs to another organization and must accept an invitation first");
        }
        else if (!provider.CreatePeople)
        {
            return (null, null, "is not a member, and this directory makes none");
        }
        else
        {
            await AbandonedAccount.BeginAnewAsync(db, user, ExternalSignIn.NameOf(person.Name, person.Email!), now, cancel);
            db.Memberships.Add(Membership.Create(provider.OrganizationId, user));
        }
        db.ExternalIdentities.Add(ExternalIdentity.Create(provider, person.Subject, user.Id, now));
        return (user, organizations.Count > 0 ? "user.linked" : AbandonedAccount.TakenIn, null);
    }

    /// <summary>Takes over name and address, unless the person belongs to somebody else as well.</summary>
    private async Task<string?> RenameAsync(User user, ExternalPerson person, CancellationToken cancel)
    {
        var name = ExternalSignIn.NameOf(person.Name, person.Email!);
        if ((user.Name == name && user.Email == person.Email) || await db.MembershipsOf(user.Id).CountAsync(cancel) > 1)
            return null;
        if (user.Email != person.Email)
            await db.ForgetResetsAsync(user.Id, time.GetUtcNow(), cancel);
        var changed = user.Readdress(person.Email!);
        if (changed.IsOk)
            changed = user.Rename(name);
        return changed.IsOk ? null : "has no usable address";
    }

    private async Task LetGoAsync(IdentityProvider provider, Known row, SyncProgress progress, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        var now = time.GetUtcNow();
        var membership = await db.Memberships.SingleOrDefaultAsync(it => it.UserId == row.UserId, cancel);
        var link = await db.ExternalIdentities.SingleOrDefaultAsync(it => it.ProviderId == provider.Id && it.Subject == row.Subject, cancel);
        if (membership is null || link is null || membership.DisabledAt is not null)
            return;
        membership.Deactivate(now);
        link.Missed(now);
        await LostAccess.EndSessionsAsync(db, row.UserId, now, cancel);
        var committed = await db.CommitAsync(
            new Change(ActorOf(provider), "member.deactivated", row.Email) { EntityId = row.UserId, Reason = "The directory does not know the person any more, or has switched the account off." }, cancel);
        if (committed.IsOk)
        {
            progress.Deactivated++;
            progress.Tell("info", $"{row.Email} was deactivated: gone from the directory, or switched off there.");
            return;
        }
        if (committed.Error.Code == ErrorCodes.Unavailable)
            throw new TimeoutException(committed.Error.Message);
        progress.Skipped++;
        progress.Tell("warning", $"{row.Email} is gone from the directory but stays: {committed.Error.Message}");
    }

    private static void Skip(SyncProgress progress, ExternalPerson person, string why)
    {
        progress.Skipped++;
        progress.Tell("warning", $"{person.Email} {why}.");
    }

    private static ChangeActor ActorOf(IdentityProvider provider) => new("provider", provider.Id, provider.Name);

    private sealed record Known(string Subject, Guid UserId, bool IsAbsent, bool IsDisabled, string Name, string Email);
}
