using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Togglr.Hosting.Security;

/// <summary>What an access token says.</summary>
/// <param name="User">Whom it stands for.</param>
/// <param name="Session">The sign-in that it belongs to; once that has ended the token is worthless.</param>
/// <param name="Expires">When it stops being good.</param>
public sealed record AccessToken(Guid User, Guid Session, DateTimeOffset Expires);

/// <summary>
/// Issues and checks JSON web tokens (RFC 7519) signed with HMAC-SHA256 and nothing else: the header of a token must be exactly the one that this class
/// writes, so no token can choose its algorithm.
/// </summary>
public sealed class AccessTokens
{
    /// <summary>The least number of bytes of a key: as many as the hash has (RFC 7518, 3.2).</summary>
    public const int MinimumKeyBytes = 32;

    private const string Issuer = "togglr";
    private const string Audience = "togglr-api";
    private static readonly string Header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);
    private static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    private readonly byte[] _key;
    private readonly byte[]? _previousKey;
    private readonly TimeProvider _time;

    /// <summary>Signs with <paramref name="key"/>, at least <see cref="MinimumKeyBytes"/> bytes, and accepts what <paramref name="previousKey"/> signed, if there is one.</summary>
    /// <exception cref="ArgumentException">The key is too short.</exception>
    public AccessTokens(ReadOnlySpan<byte> key, TimeProvider time, ReadOnlySpan<byte> previousKey = default)
    {
        if (key.Length < MinimumKeyBytes)
            throw new ArgumentException($"The key for access tokens needs at least {MinimumKeyBytes} bytes.", nameof(key));
        _key = key.ToArray();
        _previousKey = previousKey.IsEmpty ? null : previousKey.ToArray();
        _time = time;
    }

    /// <summary>Issues a token.</summary>
    public string Issue(Guid user, Guid session, TimeSpan lifetime)
    {
        var now = _time.GetUtcNow();
        var claims = new Claims(Issuer, Audience, user, session, now.ToUnixTimeSeconds(), now.ToUnixTimeSeconds(), (now + lifetime).ToUnixTimeSeconds());
        var body = $"{Header}.{Base64Url.EncodeToString(JsonSerializer.SerializeToUtf8Bytes(claims, TokenJson.Default.Claims))}";
        return $"{body}.{Base64Url.EncodeToString(Sign(body, _key))}";
    }

    /// <summary>Reads a token; null when it is not one of ours, or not good now.</summary>
    public AccessToken? Validate(string token)
    {
        if (token.Length > 2048)
            return null;
        var last = token.LastIndexOf('.');
        if (last <= Header.Length + 1 || !token.StartsWith(Header, StringComparison.Ordinal) || token[Header.Length] != '.')
            return null;
        try
        {
            var signature = Base64Url.DecodeFromChars(token.AsSpan(last + 1));
            var body = token[..last];
            if (!CryptographicOperations.FixedTimeEquals(signature, Sign(body, _key)) && (_previousKey is null || !CryptographicOperations.FixedTimeEquals(signature, Sign(body, _previousKey))))
                return null;
            var claims = JsonSerializer.Deserialize(Base64Url.DecodeFromChars(token.AsSpan(Header.Length + 1, last - Header.Length - 1)), TokenJson.Default.Claims);
            if (claims is null || claims.Iss != Issuer || claims.Aud != Audience)
                return null;
            var now = _time.GetUtcNow();
            var expires = DateTimeOffset.FromUnixTimeSeconds(claims.Exp);
            if (now >= expires || DateTimeOffset.FromUnixTimeSeconds(claims.Nbf) > now + ClockSkew)
                return null;
            return new AccessToken(claims.Sub, claims.Sid, expires);
        }
        catch (Exception exception) when (exception is FormatException or JsonException or ArgumentOutOfRangeException)
        {
            return null;
        }
    }

    private static byte[] Sign(string body, byte[] key) => HMACSHA256.HashData(key, Encoding.ASCII.GetBytes(body));

    internal sealed record Claims(string Iss, string Aud, Guid Sub, Guid Sid, long Iat, long Nbf, long Exp);
}

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(AccessTokens.Claims))]
internal sealed partial class TokenJson : JsonSerializerContext;
