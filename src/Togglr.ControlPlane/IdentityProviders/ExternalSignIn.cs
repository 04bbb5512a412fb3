using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Accounts;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>What an identity provider says of somebody.</summary>
/// <param name="Subject">The provider's stable name for the person, 1 to 500 characters.</param>
/// <param name="Email">The address.</param>
/// <param name="EmailIsVerified">Whether the provider vouches for the address.</param>
/// <param name="Name">The name.</param>
/// <param name="Groups">Groups or claim values, which mappings match, with the comparer by which they are compared.</param>
internal sealed record ExternalPerson(string Subject, string? Email, bool EmailIsVerified, string? Name, IReadOnlySet<string> Groups);

/// <summary>Tokens, or a stable code that says why not.</summary>
/// <param name="View">The sign-in.</param>
/// <param name="Refusal">One of <see cref="ExternalSignIn"/>'s codes.</param>
/// <param name="Problem">What the second factor lacks, where Togglr asks for it.</param>
internal readonly record struct ExternalSignInResult(LoginView? View, string? Refusal, Problem? Problem = null);

/// <summary>
/// Lets somebody in on the word of an identity provider: finds or makes the person, the membership and the link between the two names, and gives what the mappings give, in one commit.
/// A provider speaks for its own organization only: the sign-in opens that one, and nobody is drawn into it from another organization without an invitation.
/// </summary>
internal sealed class ExternalSignIn(TogglrDbContext db, Current current, Sessions sessions, ProviderGrants grants, TimeProvider time)
{
    /// <summary>The provider sent no usable name or address.</summary>
    public const string EmailMissing = "email_missing";

    /// <summary>The provider does not vouch for the address.</summary>
    public const string EmailNotVerified = "email_not_verified";

    /// <summary>Nobody here has the address, and the provider makes no people.</summary>
    public const string NotAMember = "not_a_member";

    /// <summary>Somebody of another organization has the address: an invitation must be accepted first.</summary>
    public const string InvitationRequired = "invitation_required";

    /// <summary>The person was deactivated here.</summary>
    public const string Deactivated = "deactivated";

    /// <summary>The provider knew the person by another subject: the address went to somebody else, perhaps.</summary>
    public const string LinkedToAnother = "linked_to_another";

    /// <summary>The database refused, each time.</summary>
    public const string Failed = "failed";

    private const int Attempts = 3;
    private const int LongestSubject = 500;

    /// <summary>Lets the person in, or says why not; both are told in the organization's audit log.</summary>
    /// <param name="http">The request.</param>
    /// <param name="provider">Who vouches.</param>
    /// <param name="person">For whom.</param>
    /// <param name="cookie">Whether the refresh token goes into a cookie.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="secondFactor">Asks for the second factor that the person has in Togglr, where the provider knows a password only.</param>
    public async Task<ExternalSignInResult> SignInAsync(
        HttpContext http, IdentityProvider provider, ExternalPerson person, bool cookie, CancellationToken cancel, Func<User, Task<SecondFactorCheck>>? secondFactor = null)
    {
        db.UseOrganization(provider.OrganizationId);
        var (user, refusal) = await AdmitAsync(provider, person, cancel);
        if (user is null)
        {
            await RefuseAsync(provider, person.Email ?? person.Subject, refusal!, cancel);
            return new ExternalSignInResult(null, refusal);
        }
        var second = secondFactor is null ? default : await secondFactor(user);
        if (second.Problem is not null)
            return new ExternalSignInResult(null, null, second.Problem);
        var signIn = new SignIn(Enum.Parse<SignInMethod>(provider.Kind.ToString()), second.IsShown, provider.OrganizationId, provider.Id);
        return new ExternalSignInResult(await sessions.BeginAsync(http, user, signIn, cookie, cancel), null);
    }

    /// <summary>Tells the audit log of the provider's organization that somebody was not let in.</summary>
    /// <param name="provider">Who vouched, or should have.</param>
    /// <param name="who">The address or subject, or the provider's key where neither is known.</param>
    /// <param name="reason">A stable code.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task RefuseAsync(IdentityProvider provider, string who, string reason, CancellationToken cancel)
    {
        db.ChangeTracker.Clear();
        db.UseOrganization(provider.OrganizationId);
        var key = Texts.Fault(who, "") is null ? who[..Math.Min(who.Length, 200)] : provider.Key;
        await db.CommitAsync(new Change(ActorOf(provider, null), "session.failed", Texts.Fault(key, "") is null ? key : provider.Key) { EntityId = provider.Id, Reason = reason, Always = true }, cancel);
    }

    private async Task<(User? User, string? Refusal)> AdmitAsync(IdentityProvider provider, ExternalPerson person, CancellationToken cancel)
    {
        if (person.Subject.Length is 0 or > LongestSubject || Texts.Fault(person.Subject, "") is not null)
            return (null, EmailMissing);
        var keepOwnership = false;
        for (var attempt = 0; attempt < Attempts; attempt++)
        {
            db.ChangeTracker.Clear();
            var (user, action, refusal) = await FindAsync(provider, person, cancel);
            if (user is null)
                return (null, refusal);
            await grants.ApplyAsync(provider, user.Id, person.Groups, keepOwnership, cancel);
            var committed = await db.CommitAsync(
                new Change(ActorOf(provider, user), action ?? "grant.synchronized", user.Email) { EntityId = user.Id, Always = action is not null, Reason = keepOwnership ? "The last owner stays an owner." : null }, cancel);
            if (committed.IsOk)
                return (user, null);
            // Two first sign-ins of one person at once, or the provider takes the role of the last owner.
            keepOwnership |= committed.Error.Code == ErrorCodes.LastOwner;
        }
        return (null, Failed);
    }

    private async Task<(User? User, string? Action, string? Refusal)> FindAsync(IdentityProvider provider, ExternalPerson person, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        if (await db.ExternalIdentities.SingleOrDefaultAsync(row => row.ProviderId == provider.Id && row.Subject == person.Subject, cancel) is { } link)
        {
            var membership = await db.Memberships.Include(row => row.User).SingleAsync(row => row.UserId == link.UserId, cancel);
            if (membership.DisabledAt is not null || membership.User!.DisabledAt is not null)
                return (null, null, Deactivated);
            link.Seen(now);
            return (membership.User, null, null);
        }

        if (person.Email is not { Length: > 0 and <= 254 } email || email.Contains('\0', StringComparison.Ordinal))
            return (null, null, EmailMissing);
        if (!person.EmailIsVerified)
            return (null, null, EmailNotVerified);
        var normalized = User.Normalize(email);
        var user = await db.Users.SingleOrDefaultAsync(row => row.NormalizedEmail == normalized, cancel);
        if (user is null)
            return MakePerson(provider, person, email, now);
        var mine = await db.MembershipsOf(user.Id).AsNoTracking().ToListAsync(cancel);
        if (mine.SingleOrDefault(row => row.OrganizationId == provider.OrganizationId) is { } here)
        {
            if (here.DisabledAt is not null || user.DisabledAt is not null)
                return (null, null, Deactivated);
            // A link of this very subject was made a moment ago, by another sign-in: the commit fails for it, and the next attempt finds it.
            if (await db.ExternalIdentities.AnyAsync(row => row.ProviderId == provider.Id && row.UserId == user.Id && row.Subject != person.Subject, cancel))
                return (null, null, LinkedToAnother);
        }
        else if (mine.Count > 0)
        {
            return (null, null, InvitationRequired);
        }
        else if (!provider.CreatePeople)
        {
            return (null, null, NotAMember);
        }
        else if (user.DisabledAt is not null)
        {
            return (null, null, Deactivated);
        }
        else
        {
            await AbandonedAccount.BeginAnewAsync(db, user, NameOf(person.Name, email), now, cancel);
            db.Memberships.Add(Membership.Create(provider.OrganizationId, user));
        }
        db.ExternalIdentities.Add(ExternalIdentity.Create(provider, person.Subject, user.Id, now));
        return (user, mine.Count > 0 ? "user.linked" : AbandonedAccount.TakenIn, null);
    }

    private (User? User, string? Action, string? Refusal) MakePerson(IdentityProvider provider, ExternalPerson person, string email, DateTimeOffset now)
    {
        if (!provider.CreatePeople)
            return (null, null, NotAMember);
        var created = User.Create(email, NameOf(person.Name, email));
        if (!created.IsOk)
            return (null, null, EmailMissing);
        db.Users.Add(created.Value);
        db.Memberships.Add(Membership.Create(provider.OrganizationId, created.Value));
        db.ExternalIdentities.Add(ExternalIdentity.Create(provider, person.Subject, created.Value.Id, now));
        return (created.Value, "user.created", null);
    }

    /// <summary>A name as it can be stored: the given one without what cannot, else the address.</summary>
    internal static string NameOf(string? given, string email)
    {
        var name = new string([.. (given ?? "").Where(static letter => !char.IsControl(letter))]).Trim();
        if (name.Length > KeyFormat.MaximumNameLength)
            name = name[..(char.IsHighSurrogate(name[KeyFormat.MaximumNameLength - 1]) ? KeyFormat.MaximumNameLength - 1 : KeyFormat.MaximumNameLength)];
        return name.Length > 0 && Texts.Fault(name, "") is null ? name : email[..Math.Min(email.Length, KeyFormat.MaximumNameLength)];
    }

    private ChangeActor ActorOf(IdentityProvider provider, User? user) =>
        current.WithRequest(new ChangeActor("provider", provider.Id, provider.Name) { OnBehalfOf = user is null ? null : new OnBehalfOf(user.Id, user.Name) });
}
