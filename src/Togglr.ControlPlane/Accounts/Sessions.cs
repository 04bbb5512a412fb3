using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.ControlPlane.Api;
using Togglr.Hosting.Problems;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>How somebody has just proved who they are.</summary>
/// <param name="Method">With what.</param>
/// <param name="SecondFactor">Whether a second factor was shown to Togglr.</param>
/// <param name="OrganizationId">The organization whose identity provider vouched, which is then all that can be seen; null for a password of Togglr.</param>
/// <param name="ProviderId">That identity provider.</param>
internal sealed record SignIn(SignInMethod Method, bool SecondFactor = false, Guid? OrganizationId = null, Guid? ProviderId = null);

/// <summary>Begins, renews and ends sign-ins, and hands out their access and refresh tokens.</summary>
internal sealed class Sessions(TogglrDbContext db, Current current, AccessTokens tokens, Callers callers, AnswerSeal seal, ControlPlaneOptions options, TimeProvider time)
{
    public const string CookieName = "togglr_refresh";
    private const string CookiePath = "/api/v1";

    /// <summary>Browsers take a cookie with the prefix over TLS only, and let no plain connection overwrite it. (<c>__Host-</c> would send it to every path.)</summary>
    private string CookieHere => options.PublicUrl?.Scheme == "https" ? "__Secure-" + CookieName : CookieName;

    /// <summary>The refresh token of a request: from the body, else from the cookie.</summary>
    public string? TokenOf(HttpContext http, RefreshRequest? request) => request?.RefreshToken ?? http.Request.Cookies[CookieHere];

    /// <summary>Why a request whose refresh token is the cookie is refused; null when it comes from a page of this server.</summary>
    public Problem? CheckCookie(HttpContext http) => CookieGuard.Check(http, options.PublicUrl);

    /// <summary>Begins a sign-in, told in the audit logs of the person's organizations, and forgets the person's worn-out ones.</summary>
    public async Task<LoginView> BeginAsync(HttpContext http, User user, SignIn signIn, bool cookie, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var secret = Secrets.NewRefreshToken();
        await db.Sessions.Where(session => session.UserId == user.Id && session.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        await db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(row => row.SetProperty(it => it.LastSignInAt, now), cancel);
        var session = Session.Begin(user.Id, signIn.Method, signIn.SecondFactor, signIn.OrganizationId, signIn.ProviderId);
        session.Seen(now, options.RefreshTokenLifetime, AddressOf(http), AgentOf(http));
        db.Sessions.Add(session);
        db.RefreshTokens.Add(RefreshToken.Create(session, SdkKey.HashOf(secret), now));
        await TellAsync(user, "session.started", session.Id, DescriptionOf(signIn), cancel, session.OrganizationId);
        return await AnswerAsync(http, user, session, secret, cookie, cancel);
    }

    /// <summary>
    /// Exchanges a refresh token for its successor; null when it is not good. One that was used before was stolen, from the person or by them: its sign-in ends.
    /// </summary>
    public async Task<LoginView?> RefreshAsync(HttpContext http, string secret, bool cookie, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var hash = SdkKey.HashOf(secret);
        var token = await db.RefreshTokens.Include(row => row.User).Include(row => row.Session).SingleOrDefaultAsync(row => row.Hash == hash, cancel);
        if (token is not { User: { DisabledAt: null } user, Session: { RevokedAt: null } session } || token.ExpiresAt <= now)
            return null;
        if (token.UsedAt is not null)
        {
            session.Revoke(now);
            await TellAsync(user, "session.revoked", session.Id, "A refresh token was used twice.", cancel, session.OrganizationId);
            return null;
        }
        var next = Secrets.NewRefreshToken();
        session.Seen(now, options.RefreshTokenLifetime, AddressOf(http), AgentOf(http));
        db.RefreshTokens.Add(token.Rotate(session, SdkKey.HashOf(next), now));
        await using (var transaction = await db.Database.BeginTransactionAsync(cancel))
        {
            // Whoever ends the session waits for this row, or has ended it before: no token is handed out for a session that is over.
            if (await db.Database.SqlQuery<Guid>($"SELECT id AS \"Value\" FROM sessions WHERE id = {session.Id} AND revoked_at IS NULL FOR UPDATE").AsAsyncEnumerable().CountAsync(cancel) == 0)
                return null;
            try
            {
                await db.SaveChangesAsync(cancel);
                await transaction.CommitAsync(cancel);
            }
            catch (DbUpdateConcurrencyException)
            {
                // Two requests brought the same token in the same moment, as two tabs do; the other one has the successor.
                return null;
            }
        }
        return await AnswerAsync(http, user, session, next, cookie, cancel);
    }

    /// <summary>Ends the sign-in that a refresh token belongs to.</summary>
    public async Task EndAsync(HttpContext http, string? secret, CancellationToken cancel)
    {
        http.Response.Cookies.Delete(CookieHere, Cookie(http, null));
        if (secret is null)
            return;
        var hash = SdkKey.HashOf(secret);
        var token = await db.RefreshTokens.Include(row => row.User).Include(row => row.Session).SingleOrDefaultAsync(row => row.Hash == hash, cancel);
        if (token is not { User: { } user, Session: { RevokedAt: null } session })
            return;
        session.Revoke(time.GetUtcNow());
        await TellAsync(user, "session.ended", session.Id, reason: null, cancel, session.OrganizationId);
    }

    /// <summary>Ends all sign-ins of a person, perhaps but one. Takes effect with the next commit of this request.</summary>
    public Task EndAllAsync(Guid user, Guid? keep, CancellationToken cancel) => db.EndSessionsAsync(user, time.GetUtcNow(), cancel, keep);

    /// <summary>Forgets all permissions of a person to set a new password. Takes effect with the next commit of this request.</summary>
    public Task ForgetResetsAsync(Guid user, CancellationToken cancel) => db.ForgetResetsAsync(user, time.GetUtcNow(), cancel);

    /// <summary>Saves what was changed about a person, with one entry in the audit log of each of their organizations. Null when that went well.</summary>
    /// <param name="user">The person.</param>
    /// <param name="action">Entity and verb, such as <c>user.updated</c>.</param>
    /// <param name="id">The entity's id.</param>
    /// <param name="reason">Why; the header <c>Togglr-Reason</c> of a signed-in request where that is absent.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="always">Whether there is an entry also when nothing audited changed.</param>
    /// <param name="only">The one organization that it concerns, where a sign-in is confined to one.</param>
    public async Task<Problem?> SaveAsync(User user, string action, Guid? id, string? reason, CancellationToken cancel, bool always = true, Guid? only = null)
    {
        reason ??= current.Signed is not null && current.Http.Request.Headers["Togglr-Reason"].ToString() is { Length: > 0 } header ? header : null;
        if (reason is { Length: > 1000 } || (reason is not null && Texts.Fault(reason, "/reason") is not null))
            return Problem.Invalid(new ProblemItem("invalid", "/reason", "A reason has at most 1,000 characters, all of which can be stored."));
        return (await CommitAsync(user, action, id, reason, always, only, cancel))?.ToProblem();
    }

    /// <summary>Saves what was changed about a person, with one entry in the audit log of each of their organizations.</summary>
    /// <param name="user">The person.</param>
    /// <param name="action">What happened.</param>
    /// <param name="id">To what.</param>
    /// <param name="reason">Why.</param>
    /// <param name="cancel">Cancels.</param>
    /// <param name="only">The one organization that it concerns, where a sign-in is confined to one: the others are not told.</param>
    /// <exception cref="InvalidOperationException">It could not be saved.</exception>
    public async Task TellAsync(User user, string action, Guid? id, string? reason, CancellationToken cancel, Guid? only = null)
    {
        if (await CommitAsync(user, action, id, reason, always: true, only, cancel) is { } error)
            throw new InvalidOperationException(error.Message);
    }

    /// <summary>Tells of a failed sign-in in the audit logs of the person's organizations. It is nobody's doing: whoever tried did not prove to be the person.</summary>
    public async Task FailedAsync(User user, string reason, CancellationToken cancel) =>
        await FailedAsync(user.Email, user.Id, reason, await OrganizationsOfAsync(user.Id, cancel), cancel);

    /// <summary>
    /// Tells of a sign-in as somebody who does not exist, in the installation's audit log. People type passwords into the field of the address, so the log gets a keyed hash of it, by which repetitions can be
    /// recognised and nothing else.
    /// </summary>
    public async Task FailedAsync(string typed, CancellationToken cancel)
    {
        using var hash = seal.BeginHash();
        hash.AppendData(System.Text.Encoding.UTF8.GetBytes($"address {typed}"));
        await FailedAsync($"unknown:{Convert.ToHexStringLower(hash.GetHashAndReset().AsSpan(0, 8))}", id: null, "unknown address", [], cancel);
    }

    private async Task FailedAsync(string key, Guid? id, string reason, IReadOnlyCollection<Guid> organizations, CancellationToken cancel)
    {
        var nobody = current.WithRequest(new ChangeActor("system", null, "anonymous"));
        var committed = await db.CommitAsync(new Change(nobody, "session.failed", key) { EntityId = id, Reason = reason, Always = true, AlsoIn = organizations }, cancel);
        if (!committed.IsOk)
            throw new InvalidOperationException(committed.Error.Message);
    }

    private async Task<StoreError?> CommitAsync(User user, string action, Guid? id, string? reason, bool always, Guid? only, CancellationToken cancel)
    {
        var change = new Change(current.Signed is null ? current.ActorFor(user) : current.Actor, action, user.Email)
        {
            EntityId = id, Reason = reason, Always = always, AlsoIn = only is { } organization ? [organization] : await OrganizationsOfAsync(user.Id, cancel),
        };
        return (await db.CommitAsync(change, cancel)).Error;
    }

    /// <summary>The organizations whose audit logs tell of a person.</summary>
    public async Task<IReadOnlyCollection<Guid>> OrganizationsOfAsync(Guid user, CancellationToken cancel) =>
        await db.MembershipsOf(user).Select(row => row.OrganizationId).ToListAsync(cancel);

    private async Task<LoginView> AnswerAsync(HttpContext http, User user, Session session, string refreshToken, bool cookie, CancellationToken cancel)
    {
        if (cookie)
            http.Response.Cookies.Append(CookieHere, refreshToken, Cookie(http, options.RefreshTokenLifetime));
        http.Response.Headers.CacheControl = "no-store";
        var accessToken = tokens.Issue(user.Id, session.Id, options.AccessTokenLifetime);
        // As the next request will see it. Nobody is found when the sign-in was ended in this very moment.
        var caller = await callers.FindAsync(accessToken, address: null, cancel) ?? new Caller(CallerKind.User, user.Id, user.Name, user.Email, []);
        return new LoginView(
            accessToken, (int)options.AccessTokenLifetime.TotalSeconds, cookie ? null : refreshToken, await MyOrganizations.DescribeAsync(db, caller, cancel));
    }

    private CookieOptions Cookie(HttpContext http, TimeSpan? age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps || options.PublicUrl?.Scheme == "https",
        Path = CookiePath,
        MaxAge = age,
        IsEssential = true,
    };

    private static string DescriptionOf(SignIn signIn) =>
        $"{signIn.Method.ToString().ToLowerInvariant()}{(signIn.SecondFactor ? " and second factor" : "")}";

    private static string? AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString();

    private static string? AgentOf(HttpContext http) => http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null;
}
