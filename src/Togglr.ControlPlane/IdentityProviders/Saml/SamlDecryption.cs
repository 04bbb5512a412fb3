using System.Security.Cryptography;
using System.Xml;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>Decrypts an assertion that was encrypted for this service provider (XML Encryption 1.1): AES in the modes CBC and GCM under a key that came by RSA-OAEP. RSA 1.5 is not accepted.</summary>
internal static class SamlDecryption
{
    private const int GcmNonce = 12;
    private const int GcmTag = 16;
    private const int CbcBlock = 16;

    /// <summary>What was encrypted; null when it cannot be decrypted, whatever the reason: that is nobody's business.</summary>
    public static XmlDocument? Decrypt(XmlElement encryptedAssertion, RSA key)
    {
        if (SamlXml.Child(encryptedAssertion, "EncryptedData", SamlNames.Encryption) is not { } data
            || Algorithm(data) is not { } algorithm || Cipher(data) is not { } cipher || KeyOf(encryptedAssertion, data) is not { } encryptedKey)
            return null;
        try
        {
            if (UnwrapKey(encryptedKey, key) is not { } contentKey)
                return null;
            return Open(algorithm, contentKey, cipher) is { } plain ? SamlXml.Parse(plain) : null;
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    private static XmlElement? KeyOf(XmlElement encryptedAssertion, XmlElement data) =>
        (SamlXml.Child(data, "KeyInfo", SamlNames.Signature) is { } info ? SamlXml.Child(info, "EncryptedKey", SamlNames.Encryption) : null)
        ?? SamlXml.Child(encryptedAssertion, "EncryptedKey", SamlNames.Encryption);

    private static byte[]? UnwrapKey(XmlElement encryptedKey, RSA key)
    {
        if (SamlXml.Child(encryptedKey, "EncryptionMethod", SamlNames.Encryption) is not { } method || Cipher(encryptedKey) is not { } wrapped)
            return null;
        var digest = SamlXml.Child(method, "DigestMethod", SamlNames.Signature) is { } digestMethod ? SamlXml.Attribute(digestMethod, "Algorithm") : null;
        var mask = SamlXml.Child(method, "MGF", SamlNames.Encryption11) is { } mgf ? SamlXml.Attribute(mgf, "Algorithm") : null;
        // The hash and the mask's hash must be the same: that is all that the platform offers, and what everybody uses.
        var padding = (SamlXml.Attribute(method, "Algorithm"), digest ?? SamlNames.Signature + "sha1", mask ?? SamlNames.Encryption11 + "mgf1sha1") switch
        {
            (SamlNames.Encryption + "rsa-oaep-mgf1p" or SamlNames.Encryption11 + "rsa-oaep", SamlNames.Signature + "sha1", SamlNames.Encryption11 + "mgf1sha1") => RSAEncryptionPadding.OaepSHA1,
            (SamlNames.Encryption11 + "rsa-oaep", SamlNames.Encryption + "sha256", SamlNames.Encryption11 + "mgf1sha256") => RSAEncryptionPadding.OaepSHA256,
            (SamlNames.Encryption11 + "rsa-oaep", SamlNames.Encryption + "sha512", SamlNames.Encryption11 + "mgf1sha512") => RSAEncryptionPadding.OaepSHA512,
            _ => null,
        };
        return padding is null ? null : key.Decrypt(wrapped, padding);
    }

    private static byte[]? Open(string algorithm, byte[] key, byte[] cipher)
    {
        var bits = algorithm switch
        {
            SamlNames.Encryption + "aes128-cbc" or SamlNames.Encryption11 + "aes128-gcm" => 128,
            SamlNames.Encryption + "aes192-cbc" or SamlNames.Encryption11 + "aes192-gcm" => 192,
            SamlNames.Encryption + "aes256-cbc" or SamlNames.Encryption11 + "aes256-gcm" => 256,
            _ => 0,
        };
        if (key.Length * 8 != bits)
            return null;
        return algorithm.EndsWith("gcm", StringComparison.Ordinal) ? OpenGcm(key, cipher) : OpenCbc(key, cipher);
    }

    private static byte[]? OpenGcm(byte[] key, byte[] cipher)
    {
        if (cipher.Length < GcmNonce + GcmTag)
            return null;
        var plain = new byte[cipher.Length - GcmNonce - GcmTag];
        using var aes = new AesGcm(key, GcmTag);
        aes.Decrypt(cipher.AsSpan(0, GcmNonce), cipher.AsSpan(GcmNonce, plain.Length), cipher.AsSpan(GcmNonce + plain.Length), plain);
        return plain;
    }

    private static byte[]? OpenCbc(byte[] key, byte[] cipher)
    {
        if (cipher.Length < 2 * CbcBlock || cipher.Length % CbcBlock != 0)
            return null;
        using var aes = Aes.Create();
        aes.Key = key;
        var plain = aes.DecryptCbc(cipher.AsSpan(CbcBlock), cipher.AsSpan(0, CbcBlock), PaddingMode.None);
        // The last byte says how many were added (XML Encryption, 5.2.1).
        var added = plain[^1];
        return added is 0 or > CbcBlock ? null : plain[..^added];
    }

    private static string? Algorithm(XmlElement encrypted) =>
        SamlXml.Child(encrypted, "EncryptionMethod", SamlNames.Encryption) is { } method ? SamlXml.Attribute(method, "Algorithm") : null;

    private static byte[]? Cipher(XmlElement encrypted)
    {
        if (SamlXml.Child(encrypted, "CipherData", SamlNames.Encryption) is not { } data || SamlXml.Child(data, "CipherValue", SamlNames.Encryption) is not { } value || SamlXml.Text(value) is not { } text)
            return null;
        var buffer = new byte[text.Length];
        return Convert.TryFromBase64String(text, buffer, out var length) ? buffer[..length] : null;
    }
}
