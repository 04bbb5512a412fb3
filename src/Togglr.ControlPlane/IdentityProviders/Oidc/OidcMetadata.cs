using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text.Json;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>What a provider says of itself.</summary>
internal sealed record OidcConfiguration(
    string Issuer, string AuthorizationEndpoint, string TokenEndpoint, string JwksUri, string? UserInfoEndpoint, bool SendsIssuer, bool KnowsS256, IReadOnlyList<string> Algorithms);

/// <summary>A public key of a provider.</summary>
/// <param name="Id">Its <c>kid</c>.</param>
/// <param name="Algorithm">The only algorithm that it is for, where it says so.</param>
/// <param name="Rsa">An RSA key, or none.</param>
/// <param name="Ecdsa">A key on a curve, or none.</param>
internal sealed record OidcKey(string? Id, string? Algorithm, RSAParameters? Rsa, ECParameters? Ecdsa);

/// <summary>
/// Fetches and remembers what providers say of themselves and their keys. A key that is not known makes it look again at once, so that providers can change their keys at any time, but not
/// more often than every half minute, so that nobody can make this server hammer a provider.
/// </summary>
internal sealed class OidcMetadata(ProviderHttp http, TimeProvider time)
{
    private const int Most = 500;
    private const int MostKeys = 100;
    private static readonly TimeSpan Fresh = TimeSpan.FromHours(1);
    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(30);

    private readonly ConcurrentDictionary<string, (OidcConfiguration Value, DateTimeOffset At)> _configurations = new(StringComparer.Ordinal);
    private readonly ConcurrentDictionary<string, (IReadOnlyList<OidcKey> Value, DateTimeOffset At, DateTimeOffset LookedAgainAt)> _keys = new(StringComparer.Ordinal);

    /// <summary>The discovery document of an issuer.</summary>
    /// <param name="issuer">Whose.</param>
    /// <param name="now">True looks again in any case.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<(OidcConfiguration? Configuration, string? Error)> FindAsync(string issuer, bool now, CancellationToken cancel)
    {
        if (!now && _configurations.TryGetValue(issuer, out var known) && time.GetUtcNow() - known.At < Fresh)
            return (known.Value, null);
        var answer = await http.GetAsync(issuer.TrimEnd('/') + "/.well-known/openid-configuration", "application/json", cancel);
        if (answer.Body is null)
            return (null, answer.Error);
        var (configuration, error) = Parse(answer.Body, issuer);
        if (configuration is null)
            return (null, error);
        if (_configurations.Count >= Most)
            _configurations.Clear();
        _configurations[issuer] = (configuration, time.GetUtcNow());
        return (configuration, null);
    }

    /// <summary>The keys of a provider.</summary>
    /// <param name="configuration">Whose.</param>
    /// <param name="now">True looks again unless that was done a moment ago.</param>
    /// <param name="cancel">Cancels.</param>
    public async Task<(IReadOnlyList<OidcKey>? Keys, string? Error)> KeysAsync(OidcConfiguration configuration, bool now, CancellationToken cancel)
    {
        var at = time.GetUtcNow();
        if (_keys.TryGetValue(configuration.JwksUri, out var known) && (now ? at - known.LookedAgainAt < Pause : at - known.At < Fresh))
            return (known.Value, null);
        var answer = await http.GetAsync(configuration.JwksUri, "application/json", cancel);
        if (answer.Body is null)
            return (null, answer.Error);
        if (ParseKeys(answer.Body) is not { } keys)
            return (null, "The key set is not one.");
        if (_keys.Count >= Most)
            _keys.Clear();
        _keys[configuration.JwksUri] = (keys, at, now ? at : known.LookedAgainAt);
        return (keys, null);
    }

    private static (OidcConfiguration? Configuration, string? Error) Parse(byte[] body, string issuer)
    {
        if (OidcJson.Parse(body) is not { ValueKind: JsonValueKind.Object } json)
            return (null, "The discovery document is not JSON.");
        if (OidcJson.Text(json, "issuer") != issuer)
            return (null, $"The discovery document is of the issuer {OidcJson.Text(json, "issuer")}. Enter the issuer exactly so.");
        string?[] endpoints = [OidcJson.Text(json, "authorization_endpoint"), OidcJson.Text(json, "token_endpoint"), OidcJson.Text(json, "jwks_uri")];
        if (endpoints.FirstOrDefault(static endpoint => !ProviderHttp.IsAcceptable(endpoint)) is { } bad)
            return (null, $"The endpoint {bad} of the discovery document is not https.");
        if (endpoints.Any(static endpoint => endpoint is null))
            return (null, "The discovery document lacks an endpoint.");
        var userInfo = OidcJson.Text(json, "userinfo_endpoint");
        var methods = OidcJson.Texts(json, "code_challenge_methods_supported");
        return (new OidcConfiguration(
            issuer, endpoints[0]!, endpoints[1]!, endpoints[2]!, ProviderHttp.IsAcceptable(userInfo) ? userInfo : null,
            json.TryGetProperty("authorization_response_iss_parameter_supported", out var sends) && sends.ValueKind == JsonValueKind.True,
            methods.Count == 0 || methods.Contains("S256", StringComparer.Ordinal), OidcJson.Texts(json, "id_token_signing_alg_values_supported")), null);
    }

    private static List<OidcKey>? ParseKeys(byte[] body)
    {
        if (OidcJson.Parse(body) is not { ValueKind: JsonValueKind.Object } json || !json.TryGetProperty("keys", out var list) || list.ValueKind != JsonValueKind.Array)
            return null;
        var keys = new List<OidcKey>();
        foreach (var item in list.EnumerateArray().Take(MostKeys).Where(static item => item.ValueKind == JsonValueKind.Object && OidcJson.Text(item, "use") is null or "sig"))
        {
            var (id, algorithm) = (OidcJson.Text(item, "kid"), OidcJson.Text(item, "alg"));
            switch (OidcJson.Text(item, "kty"))
            {
                // Shorter keys than 2,048 bits can be broken.
                case "RSA" when OidcJson.Bytes(item, "n") is { Length: >= 256 and <= 1024 } modulus && OidcJson.Bytes(item, "e") is { Length: >= 1 and <= 8 } exponent:
                    keys.Add(new OidcKey(id, algorithm, new RSAParameters { Modulus = modulus, Exponent = exponent }, null));
                    break;
                case "EC" when OidcToken.CurveOf(OidcJson.Text(item, "crv")) is { } curve && OidcJson.Bytes(item, "x") is { } x && OidcJson.Bytes(item, "y") is { } y:
                    keys.Add(new OidcKey(id, algorithm, null, new ECParameters { Curve = curve, Q = new ECPoint { X = x, Y = y } }));
                    break;
                default:
                    // Keys of other kinds are for something else.
                    break;
            }
        }
        return keys;
    }
}
