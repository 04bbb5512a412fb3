using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Grants;
using Togglr.Store;

namespace Togglr.ControlPlane.Members;

/// <summary>Whether a member has access.</summary>
public enum MemberStatus
{
    /// <summary>May do what is granted.</summary>
    Active,

    /// <summary>Is kept out of this organization.</summary>
    Deactivated,
}

/// <summary>A group, by what people call it.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Name">Its name.</param>
public sealed record GroupRef(string Key, string Name);

/// <summary>A person in an organization.</summary>
/// <param name="Id">The person's id.</param>
/// <param name="Name">Their name.</param>
/// <param name="Email">Their address.</param>
/// <param name="Grants">What is granted to them directly, as far as the caller may see.</param>
/// <param name="Groups">The groups they are in, as far as the caller may see.</param>
/// <param name="Status">Whether they have access.</param>
/// <param name="TwoFactor">Whether their sign-in with a password takes a second factor; null for callers who do not manage members of the organization.</param>
/// <param name="Provider">The identity provider that knows them.</param>
/// <param name="Since">Since when they are a member.</param>
/// <param name="LastSignInAt">When they last signed in.</param>
public sealed record MemberView(
    Guid Id, string Name, string Email, IReadOnlyList<GrantView> Grants, IReadOnlyList<GroupRef> Groups, MemberStatus Status, bool? TwoFactor, ProviderRef? Provider,
    DateTimeOffset Since, DateTimeOffset? LastSignInAt);

internal static class MemberViews
{
    /// <summary>Views of memberships whose users are loaded, in the same order.</summary>
    public static async Task<IReadOnlyList<MemberView>> ReadAsync(TogglrDbContext db, PeopleInSight sight, IReadOnlyCollection<Membership> rows, CancellationToken cancel)
    {
        var ids = rows.Select(row => row.UserId).ToArray();
        var grantRows = await sight.Grants().AsNoTracking().Where(row => row.UserId != null && ids.Contains(row.UserId.Value)).OrderBy(row => row.CreatedAt).ThenBy(row => row.Id).ToListAsync(cancel);
        var grants = (await GrantViews.ReadAsync(db, grantRows, cancel)).ToLookup(grant => grant.Principal.Id);
        var visible = sight.Groups();
        var groups = (await db.GroupMembers.AsNoTracking().Where(row => ids.Contains(row.UserId))
            .Join(visible, member => member.GroupId, group => group.Id, (member, group) => new { member.UserId, group.Key, group.Name }).OrderBy(row => row.Key).ToListAsync(cancel))
            .ToLookup(row => row.UserId, row => new GroupRef(row.Key, row.Name));
        var providers = (await db.ExternalIdentities.AsNoTracking().Where(row => ids.Contains(row.UserId))
            .Join(db.IdentityProviders, identity => identity.ProviderId, provider => provider.Id, (identity, provider) => new { identity.UserId, provider.Id, provider.Name, identity.CreatedAt })
            .OrderBy(row => row.CreatedAt).ToListAsync(cancel)).ToLookup(row => row.UserId, row => new ProviderRef(row.Id, row.Name));
        return
        [
            .. rows.Select(row => new MemberView(
                row.UserId, row.User!.Name, row.User.Email, [.. grants[row.UserId]], [.. groups[row.UserId]],
                row.DisabledAt is null && row.User.DisabledAt is null ? MemberStatus.Active : MemberStatus.Deactivated, sight.SeesSecurity ? row.User.HasTwoFactor : null,
                providers[row.UserId].FirstOrDefault(), row.CreatedAt, row.User.LastSignInAt)),
        ];
    }
}
