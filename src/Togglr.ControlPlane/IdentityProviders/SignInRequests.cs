using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Microsoft.EntityFrameworkCore;
using Togglr.Hosting.Http;
using Togglr.Hosting.Sdk;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders;

/// <summary>A sign-in under way that was taken.</summary>
/// <param name="Id">Its id.</param>
/// <param name="ProviderId">The provider that was asked.</param>
/// <param name="ReturnTo">Where the browser goes in the end.</param>
/// <param name="IsExpired">Whether it came too late.</param>
/// <param name="BrowserHash">The browser that began.</param>
/// <param name="Secret">What was kept.</param>
internal sealed record TakenRequest<T>(Guid Id, Guid ProviderId, string ReturnTo, bool IsExpired, byte[]? BrowserHash, T Secret);

/// <summary>
/// Remembers sign-ins while the browser is at the identity provider, and ties them to that browser by a cookie: an answer that somebody else's browser asked for is worth nothing, so that nobody
/// can be signed in as somebody else behind their back. Each is taken once.
/// </summary>
internal sealed class SignInRequests(TogglrDbContext db, SecretProtector protector, ControlPlaneOptions options, TimeProvider time)
{
    private const string CookieName = "togglr_sso";
    private const string CookiePath = "/api/v1/auth";
    private const int SecretLength = 43;
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private static readonly TimeSpan TicketLifetime = TimeSpan.FromMinutes(1);

    /// <summary>A secret of 256 bits.</summary>
    public static string NewSecret() => Secrets.NewRefreshToken();

    /// <summary>
    /// A path of this server, whatever was asked for: nothing that a browser could take for another host, and no address of the API. Characters outside of ASCII come escaped.
    /// </summary>
    public static string LocalPath(string? asked) =>
        asked is { Length: > 0 and <= 1000 } && asked[0] == '/' && !asked.AsSpan().ContainsAnyExceptInRange('!', '~') && !asked.Contains('\\', StringComparison.Ordinal)
        && !asked.StartsWith("//", StringComparison.Ordinal) && !asked.StartsWith("/api", StringComparison.OrdinalIgnoreCase)
            ? asked
            : "/";

    /// <summary>Begins a sign-in.</summary>
    /// <param name="http">The browser's request, which gets the cookie.</param>
    /// <param name="id">A new id.</param>
    /// <param name="provider">The provider.</param>
    /// <param name="returnTo">What the browser asked for.</param>
    /// <param name="secret">What is needed again at the answer.</param>
    /// <param name="cancel">Cancels.</param>
    /// <returns>The state that travels through the provider.</returns>
    public async Task<string> BeginAsync<T>(HttpContext http, Guid id, IdentityProvider provider, string? returnTo, T secret, CancellationToken cancel)
    {
        // Tabs share the cookie, so that each of them can finish.
        var browser = BrowserOf(http) ?? NewSecret();
        http.Response.Cookies.Append(CookieHere, browser, Cookie(http, Lifetime));
        return await AddAsync(id, provider.Id, SdkKey.HashOf(browser), isAnswered: false, LocalPath(returnTo), secret, Lifetime, cancel);
    }

    /// <summary>Keeps what a provider answered for the browser that comes next.</summary>
    /// <returns>The ticket with which it comes.</returns>
    public Task<string> AnswerAsync<T>(Guid provider, byte[]? browserHash, string returnTo, T secret, CancellationToken cancel) =>
        AddAsync(Guid.CreateVersion7(), provider, browserHash, isAnswered: true, returnTo, secret, TicketLifetime, cancel);

    /// <summary>Takes a sign-in by its state or ticket; null when there is none. The browser is not compared yet.</summary>
    public async Task<TakenRequest<T>?> TakeAsync<T>(string? state, bool isAnswered, CancellationToken cancel)
    {
        if (state is not { Length: SecretLength })
            return null;
        var hash = SdkKey.HashOf(state);
        var row = await db.SsoRequests.AsNoTracking().SingleOrDefaultAsync(it => it.Hash == hash && it.IsAnswered == isAnswered, cancel);
        // Whoever removes the row has it.
        if (row is null || await db.SsoRequests.Where(it => it.Id == row.Id).ExecuteDeleteAsync(cancel) != 1
            || protector.Unprotect(row.Secret, Purpose(row.Id)) is not { } json)
            return null;
        return new TakenRequest<T>(row.Id, row.ProviderId, row.ReturnTo, row.ExpiresAt <= time.GetUtcNow(), row.BrowserHash, JsonSerializer.Deserialize<T>(json, StrictJson.Options)!);
    }

    /// <summary>Whether this browser began it.</summary>
    public bool IsFrom(HttpContext http, byte[]? browserHash) =>
        browserHash is not null && BrowserOf(http) is { } browser && CryptographicOperations.FixedTimeEquals(SdkKey.HashOf(browser), browserHash);

    /// <summary>Forgets the browser.</summary>
    public void Forget(HttpContext http) => http.Response.Cookies.Delete(CookieHere, Cookie(http, null));

    private async Task<string> AddAsync<T>(Guid id, Guid provider, byte[]? browserHash, bool isAnswered, string returnTo, T secret, TimeSpan lifetime, CancellationToken cancel)
    {
        var state = NewSecret();
        var kept = protector.Protect(JsonSerializer.SerializeToUtf8Bytes(secret, StrictJson.Options), Purpose(id));
        db.SsoRequests.Add(SsoRequest.Create(id, provider, SdkKey.HashOf(state), browserHash, isAnswered, returnTo, kept, time.GetUtcNow(), lifetime));
        await db.SaveChangesAsync(cancel);
        return state;
    }

    private bool IsOverTls => options.PublicUrl?.Scheme == Uri.UriSchemeHttps;

    // Over TLS a name that no neighbouring host can set (RFC 6265bis, 4.1.3).
    private string CookieHere => IsOverTls ? "__Host-" + CookieName : CookieName;

    private string? BrowserOf(HttpContext http) =>
        http.Request.Cookies[CookieHere] is { Length: SecretLength } cookie && cookie.All(char.IsAsciiLetterOrDigit) ? cookie : null;

    private static string Purpose(Guid id) => $"sso-request:{id}";

    // Lax: the browser comes back from another site, by a link. The refresh cookie stays strict.
    private CookieOptions Cookie(HttpContext http, TimeSpan? age) => new()
    {
        HttpOnly = true, SameSite = SameSiteMode.Lax, Secure = http.Request.IsHttps || IsOverTls, Path = IsOverTls ? "/" : CookiePath, MaxAge = age, IsEssential = true,
    };
}
