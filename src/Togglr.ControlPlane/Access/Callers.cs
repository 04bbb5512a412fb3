using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Finds who is behind an access token or API token, with what is granted to them now. Each request asks the database one question: whether the sign-in or token is alive, and at
/// which version the rights in the organizations are. What was read at that version is remembered.
/// </summary>
internal sealed class Callers(TogglrDbContext db, AccessTokens tokens, GrantReader grants, TokenUses uses, TimeProvider time)
{
    /// <summary>Sign-ins that one question is about.</summary>
    private const int AtOnce = 1_000;

    private static readonly Func<TogglrDbContext, Guid[], IAsyncEnumerable<PersonRow>> People = EF.CompileAsyncQuery((TogglrDbContext db, Guid[] sessions) =>
        from row in db.Sessions.AsNoTracking()
        where sessions.Contains(row.Id) && row.RevokedAt == null && row.User!.DisabledAt == null
        from membership in db.Memberships.IgnoreQueryFilters()
            .Where(it => it.UserId == row.UserId && it.DisabledAt == null && (row.OrganizationId == null || it.OrganizationId == row.OrganizationId)).DefaultIfEmpty()
        select new PersonRow(
            row.Id, row.UserId, row.User!.Name, row.User.Email, row.User.MustChangePassword, row.OrganizationId, row.Method, row.SecondFactor,
            membership == null ? null : membership.OrganizationId,
            membership == null ? null : membership.Organization!.Key,
            membership == null ? 0 : membership.Organization!.AccessVersion,
            membership != null && membership.Organization!.RequireTwoFactor,
            membership == null ? PasswordSignIn.Everybody : membership.Organization!.PasswordSignIn));

    private static readonly Func<TogglrDbContext, byte[], Task<TokenRow?>> Tokens = EF.CompileAsyncQuery((TogglrDbContext db, byte[] hash) =>
        (from row in db.ApiTokens.IgnoreQueryFilters().AsNoTracking()
         where row.Hash == hash && row.RevokedAt == null
         join organization in db.Organizations on row.OrganizationId equals organization.Id
         from user in db.Users.Where(it => it.Id == row.UserId && it.DisabledAt == null
             && db.Memberships.IgnoreQueryFilters().Any(member => member.OrganizationId == row.OrganizationId && member.UserId == it.Id && member.DisabledAt == null)).DefaultIfEmpty()
         from account in db.ServiceAccounts.IgnoreQueryFilters().Where(it => it.Id == row.ServiceAccountId && it.DisabledAt == null).DefaultIfEmpty()
         where user != null || account != null
         select new TokenRow(
             row.Id, row.Name, row.OrganizationId, organization.Key, organization.AccessVersion, row.Permissions, row.ProjectId, row.EnvironmentId, row.ExpiresAt,
             row.LastUsedAt, user != null, user != null ? user.Id : account!.Id, user != null ? user.Name : account!.Name, user != null ? user.Email : "", user != null && user.MustChangePassword,
             // Tokens are made and revoked and never changed otherwise.
             row.UpdatedBy))
        .SingleOrDefault());

    /// <summary>Who acts with a token; null when it is not good, or its owner is gone or disabled.</summary>
    public Task<Caller?> FindAsync(string token, string? address, CancellationToken cancel) =>
        token.StartsWith(ApiToken.PersonalPrefix, StringComparison.Ordinal) || token.StartsWith(ApiToken.ServiceAccountPrefix, StringComparison.Ordinal)
            ? FindByApiTokenAsync(token, address, cancel)
            : FindBySessionAsync(token, cancel);

    /// <summary>Who acts with each of many tokens, those that are not good left out: a handful of questions, however many sign-ins they are.</summary>
    public async Task<IReadOnlyDictionary<string, Caller>> FindManyAsync(IReadOnlyCollection<string> all, CancellationToken cancel)
    {
        var found = new Dictionary<string, Caller>(all.Count, StringComparer.Ordinal);
        var sessions = new Dictionary<string, AccessToken>(all.Count, StringComparer.Ordinal);
        foreach (var token in all)
        {
            if (tokens.Validate(token) is { } access)
                sessions[token] = access;
            else if (await FindAsync(token, address: null, cancel) is { } caller)
                found[token] = caller;
        }
        foreach (var some in sessions.Chunk(AtOnce))
        {
            var rows = new List<PersonRow>();
            await foreach (var row in People(db, [.. some.Select(session => session.Value.Session).Distinct()]).WithCancellation(cancel))
                rows.Add(row);
            foreach (var organization in rows.Where(row => row.OrganizationId is not null).GroupBy(row => (Id: row.OrganizationId!.Value, Key: row.OrganizationKey!, row.AccessVersion)))
                await grants.ReadManyAsync(db, [.. organization.Select(row => row.UserId).Distinct()], organization.Key.Id, organization.Key.Key, organization.Key.AccessVersion, cancel);
            var people = rows.ToLookup(row => row.SessionId);
            foreach (var (token, access) in some)
            {
                if (await CallerOfAsync(access, [.. people[access.Session]], cancel) is { } caller)
                    found[token] = caller;
            }
        }
        return found;
    }

    /// <summary>A person or service account as they are now, in one organization, whether they are asking or not; null when they are gone or deactivated there.</summary>
    public async Task<Caller?> FindPrincipalAsync(CallerKind kind, Guid id, Guid organization, CancellationToken cancel)
    {
        if (await db.Organizations.AsNoTracking().SingleOrDefaultAsync(row => row.Id == organization, cancel) is not { } home)
            return null;
        var found = kind == CallerKind.User
            ? await db.Users.AsNoTracking()
                .Where(row => row.Id == id && row.DisabledAt == null && db.Memberships.IgnoreQueryFilters().Any(member => member.OrganizationId == organization && member.UserId == id && member.DisabledAt == null))
                .Select(row => new { row.Name, row.Email }).SingleOrDefaultAsync(cancel)
            : await db.ServiceAccounts.IgnoreQueryFilters().AsNoTracking().Where(row => row.Id == id && row.OrganizationId == organization && row.DisabledAt == null)
                .Select(row => new { row.Name, Email = "" }).SingleOrDefaultAsync(cancel);
        if (found is null)
            return null;
        var principal = new PrincipalId(kind == CallerKind.User ? PrincipalKind.User : PrincipalKind.ServiceAccount, id);
        return new Caller(kind, id, found.Name, found.Email, await grants.ReadAsync(db, principal, organization, home.Key, home.AccessVersion, cancel));
    }

    private async Task<Caller?> FindBySessionAsync(string token, CancellationToken cancel)
    {
        if (tokens.Validate(token) is not { } access)
            return null;
        var rows = new List<PersonRow>();
        await foreach (var row in People(db, [access.Session]).WithCancellation(cancel))
            rows.Add(row);
        return await CallerOfAsync(access, rows, cancel);
    }

    private async Task<Caller?> CallerOfAsync(AccessToken access, IReadOnlyList<PersonRow> rows, CancellationToken cancel)
    {
        if (rows.Count == 0 || rows[0].UserId != access.User)
            return null;
        var person = rows[0];
        var all = new List<Grant>();
        var requirements = new Dictionary<Guid, string>();
        foreach (var row in rows)
        {
            if (row is not { OrganizationId: { } organization, OrganizationKey: { } key })
                continue;
            var mine = await grants.ReadAsync(db, new PrincipalId(PrincipalKind.User, access.User), organization, key, row.AccessVersion, cancel);
            all.AddRange(mine);
            if (RequirementOf(row, mine) is { } requirement)
                requirements.Add(organization, requirement);
        }
        return new Caller(CallerKind.User, access.User, person.Name, person.Email, all)
        {
            // A temporary password is nothing to somebody who did not need it.
            MustChangePassword = person.MustChangePassword && person.Method == SignInMethod.Password, Requirements = requirements,
            Session = new CallerSession(access.Session, person.SessionOrganization, person.SecondFactor),
        };
    }

    /// <summary>What the organization asks of this sign-in first.</summary>
    private static string? RequirementOf(PersonRow row, IReadOnlyList<Grant> mine)
    {
        var isOwner = row.OrganizationId is { } organization && Authorization.IsOwner(mine, organization);
        if (row.PasswordSignIn == PasswordSignIn.Owners && row.Method == SignInMethod.Password && !isOwner)
            return "sso_required";
        // An identity provider that speaks for the person has asked for what its operator wants.
        return row.RequireTwoFactor && !row.SecondFactor && row.Method is SignInMethod.Password or SignInMethod.Ldap ? "two_factor_required" : null;
    }

    private async Task<Caller?> FindByApiTokenAsync(string secret, string? address, CancellationToken cancel)
    {
        if (secret.Length > 100)
            return null;
        var now = time.GetUtcNow();
        if (await Tokens(db, SdkKey.HashOf(secret)) is not { } token || token.ExpiresAt <= now)
            return null;
        var principal = new PrincipalId(token.IsPersonal ? PrincipalKind.User : PrincipalKind.ServiceAccount, token.PrincipalId);
        var mine = await grants.ReadAsync(db, principal, token.OrganizationId, token.OrganizationKey, token.AccessVersion, cancel);
        var scope = new Scope(token.OrganizationId, token.ProjectId, token.EnvironmentId);
        if (token.Permissions is not null || token.ProjectId is not null)
        {
            var allowed = token.Permissions?.ToHashSet(StringComparer.Ordinal);
            mine = [.. Authorization.WithSurroundings(mine.Select(grant => Authorization.Narrow(grant, scope, allowed)).OfType<Grant>())];
        }
        uses.Note(token.Id, token.LastUsedAt, now, address);
        return new Caller(token.IsPersonal ? CallerKind.User : CallerKind.ServiceAccount, token.PrincipalId, token.PrincipalName, token.Email, mine)
        {
            MustChangePassword = token.MustChangePassword, Token = new CallerToken(token.Id, token.Name, token.IssuedBy),
        };
    }

    private sealed record PersonRow(
        Guid SessionId, Guid UserId, string Name, string Email, bool MustChangePassword, Guid? SessionOrganization, SignInMethod Method, bool SecondFactor, Guid? OrganizationId, string? OrganizationKey,
        long AccessVersion, bool RequireTwoFactor, PasswordSignIn PasswordSignIn);

    private sealed record TokenRow(
        Guid Id, string Name, Guid OrganizationId, string OrganizationKey, long AccessVersion, IReadOnlyList<string>? Permissions, Guid? ProjectId, Guid? EnvironmentId,
        DateTimeOffset? ExpiresAt, DateTimeOffset? LastUsedAt, bool IsPersonal, Guid PrincipalId, string PrincipalName, string Email, bool MustChangePassword, Guid? IssuedBy);
}
