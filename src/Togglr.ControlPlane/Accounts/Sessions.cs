using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.ControlPlane.Access;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.Accounts;

/// <summary>Hands out access and refresh tokens.</summary>
internal sealed class Sessions(TogglrDbContext db, AccessTokens tokens, ControlPlaneOptions options, TimeProvider time)
{
    public const string CookieName = "togglr_refresh";
    private const string CookiePath = "/api/v1";

    /// <summary>The refresh token of a request: from the body, else from the cookie.</summary>
    public static string? TokenOf(HttpContext http, RefreshRequest? request) => request?.RefreshToken ?? http.Request.Cookies[CookieName];

    /// <summary>Begins a sign-in and forgets the person's worn-out tokens.</summary>
    public async Task<LoginView> BeginAsync(HttpContext http, User user, bool cookie, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var secret = Secrets.NewRefreshToken();
        await db.RefreshTokens.Where(token => token.UserId == user.Id && token.ExpiresAt < now).ExecuteDeleteAsync(cancel);
        await db.Users.Where(row => row.Id == user.Id).ExecuteUpdateAsync(row => row.SetProperty(it => it.LastSignInAt, now), cancel);
        db.RefreshTokens.Add(RefreshToken.Create(user.Id, SdkKey.HashOf(secret), now, options.RefreshTokenLifetime, AddressOf(http), AgentOf(http)));
        await db.SaveChangesAsync(cancel);
        return await AnswerAsync(http, user, secret, cookie, cancel);
    }

    /// <summary>
    /// Exchanges a refresh token for its successor; null when it is not good. One that was used before was stolen, from the person or by them: all of its
    /// family end.
    /// </summary>
    public async Task<LoginView?> RefreshAsync(HttpContext http, string secret, bool cookie, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        var hash = SdkKey.HashOf(secret);
        var token = await db.RefreshTokens.Include(row => row.User).SingleOrDefaultAsync(row => row.Hash == hash, cancel);
        if (token?.User is not { DisabledAt: null } user || token.RevokedAt is not null || token.ExpiresAt <= now)
            return null;
        if (token.UsedAt is not null)
        {
            await EndFamilyAsync(token.FamilyId, cancel);
            return null;
        }
        var next = Secrets.NewRefreshToken();
        db.RefreshTokens.Add(token.Rotate(SdkKey.HashOf(next), now, options.RefreshTokenLifetime, AddressOf(http), AgentOf(http)));
        try
        {
            await db.SaveChangesAsync(cancel);
        }
        catch (DbUpdateConcurrencyException)
        {
            // Two requests brought the same token in the same moment, as two tabs do; the other one has the successor.
            return null;
        }
        return await AnswerAsync(http, user, next, cookie, cancel);
    }

    /// <summary>Ends the sign-in that a refresh token belongs to.</summary>
    public async Task EndAsync(HttpContext http, string? secret, CancellationToken cancel)
    {
        http.Response.Cookies.Delete(CookieName, Cookie(http, null));
        if (secret is null)
            return;
        var hash = SdkKey.HashOf(secret);
        var family = await db.RefreshTokens.Where(row => row.Hash == hash).Select(row => (Guid?)row.FamilyId).SingleOrDefaultAsync(cancel);
        if (family is { } known)
            await EndFamilyAsync(known, cancel);
    }

    /// <summary>Ends all sign-ins of a person but the one whose token is given.</summary>
    public async Task EndOthersAsync(Guid user, string? keep, CancellationToken cancel)
    {
        var hash = SdkKey.HashOf(keep ?? "");
        var now = time.GetUtcNow();
        await db.RefreshTokens
            .Where(token => token.UserId == user && token.RevokedAt == null
                && !db.RefreshTokens.Any(kept => kept.Hash == hash && kept.UserId == user && kept.FamilyId == token.FamilyId))
            .ExecuteUpdateAsync(token => token.SetProperty(it => it.RevokedAt, now), cancel);
    }

    public async Task<MeView> DescribeAsync(Guid id, string email, string name, bool mustChangePassword, CancellationToken cancel)
    {
        var memberships = await db.MembershipsOf(id).AsNoTracking().ToListAsync(cancel);
        var organizations = memberships.OrderBy(membership => membership.Organization!.Key, StringComparer.Ordinal).Select(membership =>
        {
            var role = Callers.NameOf(membership.Role);
            return new MyOrganizationView(
                membership.Organization!.Key, membership.Organization.Name, role, [.. BuiltInRoles.PermissionsOf(role).Order(StringComparer.Ordinal)]);
        });
        return new MeView(id, email, name, mustChangePassword, [.. organizations]);
    }

    private async Task<LoginView> AnswerAsync(HttpContext http, User user, string refreshToken, bool cookie, CancellationToken cancel)
    {
        if (cookie)
            http.Response.Cookies.Append(CookieName, refreshToken, Cookie(http, options.RefreshTokenLifetime));
        http.Response.Headers.CacheControl = "no-store";
        return new LoginView(
            tokens.Issue(user.Id, user.SecurityStamp, options.AccessTokenLifetime),
            (int)options.AccessTokenLifetime.TotalSeconds,
            cookie ? null : refreshToken,
            await DescribeAsync(user.Id, user.Email, user.Name, user.MustChangePassword, cancel));
    }

    private Task<int> EndFamilyAsync(Guid family, CancellationToken cancel)
    {
        var now = time.GetUtcNow();
        return db.RefreshTokens.Where(token => token.FamilyId == family && token.RevokedAt == null)
            .ExecuteUpdateAsync(token => token.SetProperty(it => it.RevokedAt, now), cancel);
    }

    private CookieOptions Cookie(HttpContext http, TimeSpan? age) => new()
    {
        HttpOnly = true,
        SameSite = SameSiteMode.Strict,
        Secure = http.Request.IsHttps || options.IsPublicOverTls,
        Path = CookiePath,
        MaxAge = age,
        IsEssential = true,
    };

    private static string? AddressOf(HttpContext http) => http.Connection.RemoteIpAddress?.ToString();

    private static string? AgentOf(HttpContext http) => http.Request.Headers.UserAgent.ToString() is { Length: > 0 } agent ? agent : null;
}
