using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>An element as it was signed, or a stable code that says why it cannot be believed.</summary>
/// <param name="Signed">A new document of exactly the bytes that are signed, without the signature; null without a good one.</param>
/// <param name="Error">What is wrong.</param>
internal readonly record struct Verified(XmlDocument? Signed, string? Error);

/// <summary>
/// Checks the signature of one element and gives back what was signed. Nothing but these bytes is ever consumed, so that no wrapping of elements can put anything else in their place. The keys are
/// those that an administrator entered; what the message says about keys is ignored.
/// </summary>
internal static class SamlSignature
{
    /// <summary>The signature that envelops in <paramref name="element"/>; null when there is none.</summary>
    public static XmlElement? Of(XmlElement element) => SamlXml.Children(element, "Signature", SamlNames.Signature).FirstOrDefault();

    /// <summary>Verifies the signature of an element and reads anew what it signs.</summary>
    public static Verified Verify(XmlElement element, IReadOnlyList<X509Certificate2> certificates)
    {
        try
        {
            return VerifyForm(element, certificates);
        }
        catch (Exception exception) when (exception is CryptographicException or XmlException or ArgumentException)
        {
            // What the canonical form cannot be made of.
            return new Verified(null, "saml.signature_form");
        }
    }

    private static Verified VerifyForm(XmlElement element, IReadOnlyList<X509Certificate2> certificates)
    {
        if (SamlXml.Child(element, "Signature", SamlNames.Signature) is not { } signature || SamlXml.Child(signature, "SignedInfo", SamlNames.Signature) is not { } signedInfo
            || SamlXml.Child(signature, "SignatureValue", SamlNames.Signature) is not { } signatureValue || Bytes(signatureValue) is not { } value
            || SamlXml.Child(signedInfo, "CanonicalizationMethod", SamlNames.Signature) is not { } canonicalization
            || SamlXml.Attribute(canonicalization, "Algorithm") != SamlNames.ExclusiveC14n || !Prefixes(canonicalization, out var prefixes))
            return new Verified(null, "saml.signature_form");

        // First the signature of the description, then everything from what was signed of it.
        var described = SamlXml.Canonicalize(signedInfo, prefixes);
        if (SamlXml.Parse(described)?.DocumentElement is not { } info)
            return new Verified(null, "saml.signature_form");
        var algorithm = SamlXml.Child(info, "SignatureMethod", SamlNames.Signature) is { } method ? SamlXml.Attribute(method, "Algorithm") : null;
        if (!IsAccepted(algorithm))
            return new Verified(null, "saml.signature_algorithm");
        if (!certificates.Any(certificate => IsSigned(certificate, algorithm!, described, value)))
            return new Verified(null, "saml.signature");

        if (SamlXml.Child(info, "Reference", SamlNames.Signature) is not { } reference || SamlXml.Attribute(element, "ID") is not { Length: > 0 } id
            || SamlXml.Attribute(reference, "URI") != "#" + id)
            return new Verified(null, "saml.signature_reference");
        if (!Transforms(reference, out var inclusive))
            return new Verified(null, "saml.signature_transforms");
        var digestName = SamlXml.Child(reference, "DigestMethod", SamlNames.Signature) is { } digestMethod ? SamlXml.Attribute(digestMethod, "Algorithm") : null;
        if (HashOf(digestName) is not { } hash)
            return new Verified(null, "saml.signature_algorithm");
        var content = SamlXml.Canonicalize(element, inclusive, without: signature);
        if (SamlXml.Child(reference, "DigestValue", SamlNames.Signature) is not { } digestValue || Bytes(digestValue) is not { } digest
            || !CryptographicOperations.FixedTimeEquals(digest, CryptographicOperations.HashData(hash, content)))
            return new Verified(null, "saml.digest");
        return SamlXml.Parse(content) is { } signed ? new Verified(signed, null) : new Verified(null, "saml.xml");
    }

    private static bool IsAccepted(string? algorithm) => algorithm is
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256" or "http://www.w3.org/2001/04/xmldsig-more#rsa-sha384" or "http://www.w3.org/2001/04/xmldsig-more#rsa-sha512"
        or "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256" or "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384" or "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512"
        or "http://www.w3.org/2007/05/xmldsig-more#sha256-rsa-MGF1" or "http://www.w3.org/2007/05/xmldsig-more#sha384-rsa-MGF1" or "http://www.w3.org/2007/05/xmldsig-more#sha512-rsa-MGF1";

    private static HashAlgorithmName? HashOf(string? digest) => digest switch
    {
        "http://www.w3.org/2001/04/xmlenc#sha256" => HashAlgorithmName.SHA256,
        "http://www.w3.org/2001/04/xmldsig-more#sha384" => HashAlgorithmName.SHA384,
        "http://www.w3.org/2001/04/xmlenc#sha512" => HashAlgorithmName.SHA512,
        _ => null,
    };

    private static bool IsSigned(X509Certificate2 certificate, string algorithm, byte[] data, byte[] signature)
    {
        var hash = algorithm.Contains("sha256", StringComparison.Ordinal) ? HashAlgorithmName.SHA256 : algorithm.Contains("sha384", StringComparison.Ordinal) ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA512;
        try
        {
            if (algorithm.Contains("#ecdsa-", StringComparison.Ordinal))
            {
                using var ecdsa = certificate.GetECDsaPublicKey();
                return ecdsa?.VerifyData(data, signature, hash, DSASignatureFormat.IeeeP1363FixedFieldConcatenation) == true;
            }
            using var rsa = certificate.GetRSAPublicKey();
            return rsa?.VerifyData(data, signature, hash, algorithm.EndsWith("-MGF1", StringComparison.Ordinal) ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1) == true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    /// <summary>Only that the signature itself is left out, and the canonical form: nothing that could choose or change what is signed.</summary>
    private static bool Transforms(XmlElement reference, out string? prefixes)
    {
        prefixes = null;
        if (SamlXml.Child(reference, "Transforms", SamlNames.Signature) is not { } transforms)
            return false;
        var steps = transforms.ChildNodes.OfType<XmlElement>().ToArray();
        return steps.Length == 2
            && steps.All(static step => step is { LocalName: "Transform", NamespaceURI: SamlNames.Signature })
            && SamlXml.Attribute(steps[0], "Algorithm") == SamlNames.Enveloped && !steps[0].ChildNodes.OfType<XmlElement>().Any()
            && SamlXml.Attribute(steps[1], "Algorithm") == SamlNames.ExclusiveC14n && Prefixes(steps[1], out prefixes);
    }

    private static bool Prefixes(XmlElement method, out string? prefixes)
    {
        prefixes = null;
        var children = method.ChildNodes.OfType<XmlElement>().ToArray();
        if (children.Length == 0)
            return true;
        if (children is not [{ LocalName: "InclusiveNamespaces", NamespaceURI: SamlNames.ExclusiveC14n } list])
            return false;
        prefixes = SamlXml.Attribute(list, "PrefixList");
        return prefixes is { Length: <= 1000 };
    }

    private static byte[]? Bytes(XmlElement element)
    {
        var text = SamlXml.Text(element) ?? "";
        var buffer = new byte[text.Length];
        return text.Length > 0 && Convert.TryFromBase64String(text, buffer, out var length) ? buffer[..length] : null;
    }
}
