using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
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
internal sealed class Sessions(TogglrDbContext db, Current current, AccessTokens tokens, GrantReader grants, ControlPlaneOptions options, TimeProvider time)
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
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Two requests brought the same token in the same moment, as two tabs do; the other one has the successor.
            return null;
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
    public async Task EndAllAsync(Guid user, Guid? keep, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        foreach (var session in await db.Sessions.Where(row => row.UserId == user && row.RevokedAt == null && row.Id != keep).ToListAsync(cancel))
            session.Revoke(now);
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
        var change = new Change(current.Signed is null ? current.ActorFor(user) : current.Actor, action, user.Email)
        {
            EntityId = id, Reason = reason, Always = true, AlsoIn = only is { } organization ? [organization] : await OrganizationsOfAsync(user.Id, cancel),
        };
        var committed = await db.CommitAsync(change, cancel);
        if (!committed.IsOk)
            throw new InvalidOperationException(committed.Error.Message);
    }

    /// <summary>The organizations whose audit logs tell of a person.</summary>
    public async Task<IReadOnlyCollection<Guid>> OrganizationsOfAsync(Guid user, CancellationToken cancel) =>
        await db.MembershipsOf(user).Select(row => row.OrganizationId).ToListAsync(cancel);

    /// <summary>What a person is told about themselves, as the sign-in sees it.</summary>
    public async Task<MeView> DescribeAsync(User user, Session session, CancellationToken cancel)
    {
        var memberships = await db.MembershipsOf(user.Id).AsNoTracking()
            .Where(row => row.DisabledAt == null && (session.OrganizationId == null || row.OrganizationId == session.OrganizationId)).ToListAsync(cancel);
        var all = new List<Grant>();
        foreach (var organization in memberships.Select(row => row.Organization!))
        {
            all.AddRange(await grants.ReadAsync(
                db, new PrincipalId(PrincipalKind.User, user.Id), organization.Id, organization.Key, organization.AccessVersion, cancel));
        }
        return await MyOrganizations.DescribeAsync(db, new Caller(CallerKind.User, user.Id, user.Name, user.Email, all)
        {
            MustChangePassword = user.MustChangePassword && session.Method == SignInMethod.Password, Session = new CallerSession(session.Id, session.OrganizationId, session.SecondFactor),
        }, cancel);
    }

    private async Task<LoginView> AnswerAsync(HttpContext http, User user, Session session, string refreshToken, bool cookie, CancellationToken cancel)
    {
        if (cookie)
            http.Response.Cookies.Append(CookieHere, refreshToken, Cookie(http, options.RefreshTokenLifetime));
        http.Response.Headers.CacheControl = "no-store";
        return new LoginView(
            tokens.Issue(user.Id, session.Id, options.AccessTokenLifetime),
            (int)options.AccessTokenLifetime.TotalSeconds,
            cookie ? null : refreshToken,
            await DescribeAsync(user, session, cancel));
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
