using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>What a response must be about.</summary>
/// <param name="Settings">The provider's settings.</param>
/// <param name="EntityId">This service provider's name.</param>
/// <param name="Acs">Where it was posted to.</param>
/// <param name="RequestId">The request that it answers; null where the provider may begin by itself.</param>
/// <param name="Key">Decrypts.</param>
/// <param name="Now">The time.</param>
internal sealed record SamlExpectation(SamlSettings Settings, string EntityId, string Acs, string? RequestId, RSA Key, DateTimeOffset Now);

/// <summary>Somebody, with the assertion that says so, or a stable code that says why not.</summary>
internal readonly record struct SamlOutcome(SamlPerson? Person, string? AssertionId, DateTimeOffset GoodUntil, string? Error)
{
    public static SamlOutcome Refused(string error) => new(null, null, default, error);
}

/// <summary>What an assertion says of somebody.</summary>
internal sealed record SamlPerson(string Subject, string? Email, string? Name, IReadOnlyList<string> Groups);

/// <summary>
/// Believes a response only after everything about it was checked (SAML 2.0 Profiles, 4.1.4.3). What is read in the end is never the message but the bytes whose signature was verified.
/// </summary>
internal static class SamlResponse
{
    private static readonly TimeSpan Skew = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan OldestResponse = TimeSpan.FromMinutes(10);

    /// <summary>Checks a response.</summary>
    public static SamlOutcome Validate(byte[] xml, SamlExpectation expected)
    {
        if (SamlXml.Parse(xml) is not { DocumentElement: { LocalName: "Response", NamespaceURI: SamlNames.Protocol } response } message)
            return SamlOutcome.Refused("saml.xml");
        if (!SamlXml.HasUniqueIds(message) || !HasOneAssertion(message, response))
            return SamlOutcome.Refused("saml.structure");
        var certificates = expected.Settings.ReadCertificates();
        try
        {
            var isSigned = SamlSignature.Of(response) is not null;
            if (isSigned)
            {
                var verified = SamlSignature.Verify(response, certificates);
                if (verified.Signed?.DocumentElement is not { } signed)
                    return SamlOutcome.Refused(verified.Error!);
                response = signed;
            }
            return ResponseFault(response, isSigned, expected) is { } fault ? SamlOutcome.Refused(fault) : ReadAssertion(response, isSigned, certificates, expected);
        }
        finally
        {
            foreach (var certificate in certificates)
                certificate.Dispose();
        }
    }

    /// <summary>One assertion, right below the response, and signatures nowhere but in these two: nothing to mistake for anything else.</summary>
    private static bool HasOneAssertion(XmlDocument message, XmlElement response)
    {
        var below = response.ChildNodes.OfType<XmlElement>().Where(static child => child.NamespaceURI == SamlNames.Assertion && child.LocalName is "Assertion" or "EncryptedAssertion").ToArray();
        var anywhere = SamlXml.Count(message, "Assertion", SamlNames.Assertion) + SamlXml.Count(message, "EncryptedAssertion", SamlNames.Assertion);
        var signatures = SamlXml.Count(message, "Signature", SamlNames.Signature);
        var known = SamlXml.Children(response, "Signature", SamlNames.Signature).Count() + below.Sum(static assertion => SamlXml.Children(assertion, "Signature", SamlNames.Signature).Count());
        return SamlXml.Count(message, "Response", SamlNames.Protocol) == 1 && signatures == known && signatures <= 2 && below.Length == anywhere && below.Length <= 1;
    }

    private static string? ResponseFault(XmlElement response, bool isSigned, SamlExpectation expected)
    {
        if (SamlXml.Attribute(response, "Version") != "2.0" || SamlXml.Attribute(response, "ID") is not { Length: > 0 })
            return "saml.version";
        // What a signature covers has to name where it is for, lest it be carried elsewhere.
        var destination = SamlXml.Attribute(response, "Destination");
        if (destination is null ? isSigned : destination != expected.Acs)
            return "saml.destination";
        if (SamlXml.Child(response, "Issuer", SamlNames.Assertion) is { } issuer && SamlXml.Text(issuer) != expected.Settings.EntityId)
            return "saml.issuer";
        if (Time(response, "IssueInstant") is not { } issued || issued > expected.Now + Skew || issued < expected.Now - OldestResponse)
            return "saml.issue_instant";
        if (SamlXml.Attribute(response, "InResponseTo") != expected.RequestId)
            return "saml.in_response_to";
        var status = SamlXml.Child(response, "Status", SamlNames.Protocol) is { } outcome && SamlXml.Child(outcome, "StatusCode", SamlNames.Protocol) is { } code ? SamlXml.Attribute(code, "Value") : null;
        return status == SamlNames.Success ? null : "saml.status";
    }

    private static SamlOutcome ReadAssertion(XmlElement response, bool isResponseSigned, IReadOnlyList<X509Certificate2> certificates, SamlExpectation expected)
    {
        XmlElement assertion;
        if (SamlXml.Child(response, "EncryptedAssertion", SamlNames.Assertion) is { } encrypted)
        {
            if (SamlDecryption.Decrypt(encrypted, expected.Key) is not { DocumentElement: { LocalName: "Assertion", NamespaceURI: SamlNames.Assertion } opened } document)
                return SamlOutcome.Refused("saml.decryption");
            if (!SamlXml.HasUniqueIds(document) || SamlXml.Count(document, "Assertion", SamlNames.Assertion) != 1
                || SamlXml.Count(document, "Signature", SamlNames.Signature) != SamlXml.Children(opened, "Signature", SamlNames.Signature).Count())
                return SamlOutcome.Refused("saml.structure");
            assertion = opened;
        }
        else if (SamlXml.Child(response, "Assertion", SamlNames.Assertion) is not { } plain)
        {
            return SamlOutcome.Refused("saml.structure");
        }
        else if (expected.Settings.RequireEncryption)
        {
            return SamlOutcome.Refused("saml.not_encrypted");
        }
        else
        {
            assertion = plain;
        }

        if (SamlSignature.Of(assertion) is not null)
        {
            var verified = SamlSignature.Verify(assertion, certificates);
            if (verified.Signed?.DocumentElement is not { } signed)
                return SamlOutcome.Refused(verified.Error!);
            assertion = signed;
        }
        else if (!isResponseSigned)
        {
            return SamlOutcome.Refused("saml.unsigned");
        }
        return SamlAssertion.Read(assertion, expected, Skew);
    }

    /// <summary>A time; null when it is none.</summary>
    internal static DateTimeOffset? Time(XmlElement element, string attribute) =>
        SamlXml.Attribute(element, attribute) is { Length: <= 40 } text
        && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.AdjustToUniversal, out var time) && text.Contains('T', StringComparison.Ordinal)
            ? time
            : null;
}
