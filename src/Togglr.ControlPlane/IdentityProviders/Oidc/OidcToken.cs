using System.Security.Cryptography;
using System.Text;
using System.Text.Json;

namespace Togglr.ControlPlane.IdentityProviders.Oidc;

/// <summary>An ID token that was taken apart and not believed yet.</summary>
/// <param name="Algorithm">How it says it is signed.</param>
/// <param name="KeyId">With which key.</param>
/// <param name="Claims">What it claims.</param>
/// <param name="Signed">The bytes that are signed.</param>
/// <param name="Signature">The signature.</param>
internal sealed record OidcToken(string Algorithm, string? KeyId, JsonElement Claims, byte[] Signed, byte[] Signature)
{
    private const int Longest = 100_000;

    /// <summary>Takes a token apart; null when it is none, or is signed in a way that is not accepted (nothing, a shared secret) or has extensions that are not understood.</summary>
    public static OidcToken? Parse(string token)
    {
        if (token.Length > Longest || token.Split('.') is not [var head, var body, var tail]
            || OidcJson.Decode(head) is not { } header || OidcJson.Decode(body) is not { } payload || OidcJson.Decode(tail) is not { } signature
            || OidcJson.Parse(header) is not { ValueKind: JsonValueKind.Object } json || OidcJson.Parse(payload) is not { ValueKind: JsonValueKind.Object } claims
            || OidcJson.Text(json, "alg") is not ("RS256" or "RS384" or "RS512" or "PS256" or "PS384" or "PS512" or "ES256" or "ES384" or "ES512") || json.TryGetProperty("crit", out _))
            return null;
        return new OidcToken(OidcJson.Text(json, "alg")!, OidcJson.Text(json, "kid"), claims, Encoding.ASCII.GetBytes($"{head}.{body}"), signature);
    }

    /// <summary>The hash that goes with the algorithm.</summary>
    public HashAlgorithmName Hash => Algorithm[2..] switch { "256" => HashAlgorithmName.SHA256, "384" => HashAlgorithmName.SHA384, _ => HashAlgorithmName.SHA512 };

    /// <summary>The keys that could have signed it: those with its id, or all of the right kind where it names none.</summary>
    public IEnumerable<OidcKey> Candidates(IReadOnlyList<OidcKey> keys) =>
        keys.Where(key => (KeyId is null || key.Id == KeyId) && (key.Algorithm is null || key.Algorithm == Algorithm) && (Algorithm[0] == 'E' ? key.Ecdsa is not null : key.Rsa is not null));

    /// <summary>Whether a key signed it. Which algorithms go with which key is decided by the key, never by the token alone.</summary>
    public bool IsSignedBy(OidcKey key)
    {
        try
        {
            if (Algorithm[0] == 'E')
            {
                // Each algorithm has its own curve (RFC 7518, 3.4).
                if (key.Ecdsa is not { } curve || curve.Curve.Oid.Value != CurveOf(Algorithm switch { "ES256" => "P-256", "ES384" => "P-384", _ => "P-521" })!.Value.Oid.Value)
                    return false;
                using var ecdsa = ECDsa.Create(curve);
                return ecdsa.VerifyData(Signed, Signature, Hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation);
            }
            if (key.Rsa is not { } parameters)
                return false;
            using var rsa = RSA.Create(parameters);
            return rsa.VerifyData(Signed, Signature, Hash, Algorithm[0] == 'P' ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
        }
        catch (CryptographicException)
        {
            // A key that is none.
            return false;
        }
    }

    /// <summary>A curve by its JOSE name.</summary>
    public static ECCurve? CurveOf(string? name) => name switch
    {
        "P-256" => ECCurve.NamedCurves.nistP256,
        "P-384" => ECCurve.NamedCurves.nistP384,
        "P-521" => ECCurve.NamedCurves.nistP521,
        _ => null,
    };
}
