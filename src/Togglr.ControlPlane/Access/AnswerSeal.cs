using System.Security.Cryptography;
using System.Text;

namespace Togglr.ControlPlane.Access;

/// <summary>
/// Keeps what <see cref="Idempotency"/> stores unreadable in the database: an answer may hold a new key, which is stored nowhere else but as a hash, and a
/// request a password, whose plain hash could be guessed from. AES-256-GCM and HMAC-SHA256 under keys derived from the signing key.
/// </summary>
internal sealed class AnswerSeal(ReadOnlySpan<byte> signingKey)
{
    private const int NonceBytes = 12;
    private const int TagBytes = 16;

    private readonly byte[] _seal = HKDF.DeriveKey(HashAlgorithmName.SHA256, signingKey.ToArray(), 32, info: "togglr idempotency answers"u8.ToArray());
    private readonly byte[] _hash = HKDF.DeriveKey(HashAlgorithmName.SHA256, signingKey.ToArray(), 32, info: "togglr idempotency requests"u8.ToArray());

    /// <summary>A hash to which the parts of a request can be added.</summary>
    public IncrementalHash BeginHash() => IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, _hash);

    /// <summary>Seals an answer for its place: it cannot be opened at another.</summary>
    public byte[] Seal(byte[] answer, Guid person, string key)
    {
        var sealedAnswer = new byte[NonceBytes + TagBytes + answer.Length];
        var nonce = sealedAnswer.AsSpan(0, NonceBytes);
        var tag = sealedAnswer.AsSpan(NonceBytes, TagBytes);
        RandomNumberGenerator.Fill(nonce);
        using var cipher = new AesGcm(_seal, TagBytes);
        cipher.Encrypt(nonce, answer, sealedAnswer.AsSpan(NonceBytes + TagBytes), tag, Place(person, key));
        return sealedAnswer;
    }

    /// <summary>Opens what <see cref="Seal"/> made; null when it was made under another signing key, or altered.</summary>
    public byte[]? Open(ReadOnlySpan<byte> sealedAnswer, Guid person, string key)
    {
        if (sealedAnswer.Length < NonceBytes + TagBytes)
            return null;
        var answer = new byte[sealedAnswer.Length - NonceBytes - TagBytes];
        using var cipher = new AesGcm(_seal, TagBytes);
        try
        {
            cipher.Decrypt(
                sealedAnswer[..NonceBytes], sealedAnswer[(NonceBytes + TagBytes)..], sealedAnswer.Slice(NonceBytes, TagBytes), answer, Place(person, key));
            return answer;
        }
        catch (AuthenticationTagMismatchException)
        {
            return null;
        }
    }

    private static byte[] Place(Guid person, string key) => Encoding.UTF8.GetBytes($"{person} {key}");
}
