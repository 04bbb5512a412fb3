using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>What is remembered while the browser is at the provider.</summary>
/// <param name="Nonce">Must come back in the ID token.</param>
/// <param name="Verifier">Proves to the provider that the code was asked for here (PKCE).</param>
internal sealed record OidcSecret(string Nonce, string Verifier);

/// <summary>Somebody, or a stable code that says why not.</summary>
internal readonly record struct OidcOutcome(ExternalPerson? Person, string? Error, bool IsUnavailable = false);

/// <summary>The relying party: exchanges the code and believes the ID token only after everything about it was checked (OpenID Connect Core 1.0, 3.1.3.7).</summary>
internal sealed class OidcClient(OidcMetadata metadata, ProviderHttp http, ProviderSecrets secrets, TimeProvider time)
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OldestToken = TimeSpan.FromMinutes(10);
    private const int MostGroups = 5000;

    /// <summary>The address at the provider where the browser goes.</summary>
    public static string AuthorizationUrl(OidcConfiguration configuration, OidcSettings settings, string redirectUri, string state, OidcSecret secret)
    {
        var challenge = System.Buffers.Text.Base64Url.EncodeToString(SHA256.HashData(Encoding.ASCII.GetBytes(secret.Verifier)));
        List<KeyValuePair<string, string>> query =
        [
            new("response_type", "code"), new("client_id", settings.ClientId), new("redirect_uri", redirectUri), new("scope", string.Join(' ', settings.Scopes)),
            new("state", state), new("nonce", secret.Nonce), new("code_challenge", challenge), new("code_challenge_method", "S256"),
        ];
        if (settings.Prompt is { } prompt)
            query.Add(new("prompt", prompt));
        var address = configuration.AuthorizationEndpoint;
        return address + (address.Contains('?', StringComparison.Ordinal) ? '&' : '?') + string.Join('&', query.Select(static part => $"{part.Key}={Uri.EscapeDataString(part.Value)}"));
    }

    /// <summary>Exchanges a code for what the provider says of the person.</summary>
    public async Task<OidcOutcome> RedeemAsync(
        IdentityProvider provider, OidcConfiguration configuration, OidcSettings settings, string code, string redirectUri, OidcSecret secret, CancellationToken cancel)
    {
        using var request = TokenRequest(provider, configuration, settings, code, redirectUri, secret);
        var answer = await http.SendAsync(request, cancel);
        if (answer.Body is null)
            return new OidcOutcome(null, "oidc.token_endpoint");
        if (OidcJson.Parse(answer.Body) is not { } tokens || OidcJson.Text(tokens, "id_token") is not { } idToken || OidcToken.Parse(idToken) is not { } token)
            return new OidcOutcome(null, "oidc.id_token");
        var (isSigned, unavailable) = await IsSignedAsync(token, configuration, cancel);
        if (!isSigned)
            return new OidcOutcome(null, unavailable ? "oidc.keys" : "oidc.signature", unavailable);
        var accessToken = OidcJson.Text(tokens, "access_token");
        if (Fault(token, settings, secret, accessToken) is { } fault)
            return new OidcOutcome(null, fault);
        var subject = OidcJson.Text(token.Claims, "sub")!;
        var userInfo = NeedsUserInfo(token.Claims, settings) && accessToken is not null ? await UserInfoAsync(configuration, accessToken, subject, cancel) : null;
        return new OidcOutcome(PersonOf(subject, token.Claims, userInfo, settings), null);
    }

    private HttpRequestMessage TokenRequest(IdentityProvider provider, OidcConfiguration configuration, OidcSettings settings, string code, string redirectUri, OidcSecret secret)
    {
        var form = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["grant_type"] = "authorization_code", ["code"] = code, ["redirect_uri"] = redirectUri, ["code_verifier"] = secret.Verifier,
        };
        var request = new HttpRequestMessage(HttpMethod.Post, configuration.TokenEndpoint);
        var clientSecret = secrets.Read(provider).GetValueOrDefault(OidcKind.ClientSecret, "");
        if (settings.ClientAuthentication == ClientAuthentication.Basic)
        {
            // Each part is form-encoded first (RFC 6749, 2.3.1).
            var pair = $"{FormEncode(settings.ClientId)}:{FormEncode(clientSecret)}";
            request.Headers.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.UTF8.GetBytes(pair)));
        }
        else
        {
            form["client_id"] = settings.ClientId;
            if (settings.ClientAuthentication == ClientAuthentication.Post)
                form["client_secret"] = clientSecret;
        }
        request.Headers.Accept.ParseAdd("application/json");
        request.Content = new FormUrlEncodedContent(form);
        return request;
    }

    private async Task<(bool IsSigned, bool IsUnavailable)> IsSignedAsync(OidcToken token, OidcConfiguration configuration, CancellationToken cancel)
    {
        var (keys, _) = await metadata.KeysAsync(configuration, now: false, cancel);
        if (keys is null)
            return (false, true);
        if (token.Candidates(keys).Any(token.IsSignedBy))
            return (true, false);
        // The provider may have changed its keys.
        var (newer, _) = await metadata.KeysAsync(configuration, now: true, cancel);
        return newer is null ? (false, true) : (token.Candidates(newer).Any(token.IsSignedBy), false);
    }

    private string? Fault(OidcToken token, OidcSettings settings, OidcSecret secret, string? accessToken)
    {
        var claims = token.Claims;
        var now = time.GetUtcNow();
        var audiences = OidcJson.Texts(claims, "aud");
        var authorized = OidcJson.Text(claims, "azp");
        if (OidcJson.Text(claims, "iss") != settings.Issuer)
            return "oidc.issuer";
        if (!audiences.Contains(settings.ClientId, StringComparer.Ordinal))
            return "oidc.audience";
        if (authorized is null ? audiences.Count > 1 : authorized != settings.ClientId)
            return "oidc.authorized_party";
        if (OidcJson.Seconds(claims, "exp") is not { } expires || Seconds(now - Skew) >= expires)
            return "oidc.expired";
        if (OidcJson.Seconds(claims, "iat") is not { } issued || issued > Seconds(now + Skew) || issued < Seconds(now - OldestToken))
            return "oidc.issued_at";
        if (claims.TryGetProperty("nbf", out _) && (OidcJson.Seconds(claims, "nbf") is not { } begins || begins > Seconds(now + Skew)))
            return "oidc.not_before";
        if (OidcJson.Text(claims, "nonce") is not { } nonce || !CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(nonce), Encoding.UTF8.GetBytes(secret.Nonce)))
            return "oidc.nonce";
        if (claims.TryGetProperty("at_hash", out _) && (accessToken is null || OidcJson.Text(claims, "at_hash") != HalfHash(token, accessToken)))
            return "oidc.access_token_hash";
        return OidcJson.Text(claims, "sub") is { Length: > 0 and <= 255 } ? null : "oidc.subject";
    }

    private static string HalfHash(OidcToken token, string accessToken)
    {
        var hash = CryptographicOperations.HashData(token.Hash, Encoding.ASCII.GetBytes(accessToken));
        return System.Buffers.Text.Base64Url.EncodeToString(hash.AsSpan(0, hash.Length / 2));
    }

    private static bool NeedsUserInfo(JsonElement claims, OidcSettings settings) =>
        OidcJson.Find(claims, settings.Claims.Email) is null
        || (!settings.TrustEmail && OidcJson.Find(claims, settings.Claims.EmailVerified) is null)
        || OidcJson.Find(claims, settings.Claims.Name) is null
        || (settings.Claims.Groups.Length > 0 && OidcJson.Find(claims, settings.Claims.Groups) is null);

    private async Task<JsonElement?> UserInfoAsync(OidcConfiguration configuration, string accessToken, string subject, CancellationToken cancel)
    {
        if (configuration.UserInfoEndpoint is not { } address || accessToken.Any(static letter => letter is <= ' ' or > '~'))
            return null;
        using var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", accessToken);
        request.Headers.Accept.ParseAdd("application/json");
        // It is about the same person only if it says so.
        return (await http.SendAsync(request, cancel)).Body is { } body && OidcJson.Parse(body) is { } claims && OidcJson.Text(claims, "sub") == subject ? claims : null;
    }

    private static ExternalPerson PersonOf(string subject, JsonElement claims, JsonElement? userInfo, OidcSettings settings)
    {
        // Address and "verified" come from one and the same place, lest one place's word covers another's address.
        var source = OidcJson.Find(claims, settings.Claims.Email) is not null && (settings.TrustEmail || OidcJson.Find(claims, settings.Claims.EmailVerified) is not null || userInfo is null)
            ? claims
            : userInfo ?? claims;
        JsonElement? Find(string path) => OidcJson.Find(claims, path) ?? (userInfo is { } more ? OidcJson.Find(more, path) : null);
        string? email = OidcJson.Find(source, settings.Claims.Email) is { } address ? OidcJson.FirstText(address) : null;
        var verified = OidcJson.Find(source, settings.Claims.EmailVerified);
        // Some providers write the boolean as a text.
        var isVerified = settings.TrustEmail || verified is { ValueKind: JsonValueKind.True } || (verified is { ValueKind: JsonValueKind.String } text && OidcJson.Texts(text) is ["true"]);
        var groups = Find(settings.Claims.Groups) is { } list ? OidcJson.Texts(list).Take(MostGroups) : [];
        return new ExternalPerson(
            subject, email, isVerified, Find(settings.Claims.Name) is { } name ? OidcJson.FirstText(name) : null, groups.ToHashSet(StringComparer.Ordinal));
    }

    private static double Seconds(DateTimeOffset at) => at.ToUnixTimeMilliseconds() / 1000.0;

    private static string FormEncode(string text) => Uri.EscapeDataString(text).Replace("%20", "+", StringComparison.Ordinal);
}
