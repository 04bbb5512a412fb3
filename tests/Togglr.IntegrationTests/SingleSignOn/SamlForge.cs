using System.Globalization;
using System.IO.Compression;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;

namespace Togglr.IntegrationTests.SingleSignOn;

/// <summary>Writes and signs SAML responses, good ones and forged ones.</summary>
internal sealed class SamlForge : IDisposable
{
    public const string Entity = "https://idp.example/saml";

    public const string Sha256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256";
    public const string DigestSha256 = "http://www.w3.org/2001/04/xmlenc#sha256";

    public RSA Key { get; } = RSA.Create(2048);

    public X509Certificate2 Certificate { get; }

    public SamlForge()
    {
        var request = new CertificateRequest("CN=idp", Key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        Certificate = request.CreateSelfSigned(TimeProvider.System.GetUtcNow().AddDays(-1), TimeProvider.System.GetUtcNow().AddYears(1));
    }

    public string CertificateText => Convert.ToBase64String(Certificate.RawData);

    /// <summary>A response with one assertion that says nothing wrong, unsigned.</summary>
    public static XmlDocument Respond(SamlQuestion question, string subject = "mallory", string email = "mallory@corp.example", Dictionary<string, string>? replace = null)
    {
        var now = TimeProvider.System.GetUtcNow();
        string At(double seconds) => now.AddSeconds(seconds).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        var values = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["ISSUER"] = Entity, ["DESTINATION"] = question.Acs, ["RECIPIENT"] = question.Acs, ["AUDIENCE"] = question.Audience, ["REQUEST"] = question.Id, ["CONFIRMED"] = question.Id, ["NOW"] = At(0),
            ["NOTBEFORE"] = At(-5), ["NOTAFTER"] = At(300), ["CONFIRMEDUNTIL"] = At(300), ["SUBJECT"] = subject, ["EMAIL"] = email, ["ASSERTION"] = $"_a{Guid.CreateVersion7():N}",
            ["RESPONSE"] = $"_r{Guid.CreateVersion7():N}", ["STATUS"] = "urn:oasis:names:tc:SAML:2.0:status:Success", ["METHOD"] = "urn:oasis:names:tc:SAML:2.0:cm:bearer", ["FORMAT"] = "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
            ["CONDITION"] = "",
        };
        foreach (var (name, value) in replace ?? [])
            values[name] = value;
        var text = """
            <samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol" xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="{RESPONSE}" Version="2.0" IssueInstant="{NOW}" Destination="{DESTINATION}" InResponseTo="{REQUEST}"><saml:Issuer>{ISSUER}</saml:Issuer><samlp:Status><samlp:StatusCode Value="{STATUS}"/></samlp:Status><saml:Assertion ID="{ASSERTION}" Version="2.0" IssueInstant="{NOW}"><saml:Issuer>{ISSUER}</saml:Issuer><saml:Subject><saml:NameID Format="{FORMAT}">{SUBJECT}</saml:NameID><saml:SubjectConfirmation Method="{METHOD}"><saml:SubjectConfirmationData InResponseTo="{CONFIRMED}" Recipient="{RECIPIENT}" NotOnOrAfter="{CONFIRMEDUNTIL}"/></saml:SubjectConfirmation></saml:Subject><saml:Conditions NotBefore="{NOTBEFORE}" NotOnOrAfter="{NOTAFTER}"><saml:AudienceRestriction><saml:Audience>{AUDIENCE}</saml:Audience></saml:AudienceRestriction>{CONDITION}</saml:Conditions><saml:AuthnStatement AuthnInstant="{NOW}"><saml:AuthnContext><saml:AuthnContextClassRef>urn:oasis:names:tc:SAML:2.0:ac:classes:Password</saml:AuthnContextClassRef></saml:AuthnContext></saml:AuthnStatement><saml:AttributeStatement><saml:Attribute Name="email"><saml:AttributeValue>{EMAIL}</saml:AttributeValue></saml:Attribute><saml:Attribute Name="groups"><saml:AttributeValue>devs</saml:AttributeValue><saml:AttributeValue>all</saml:AttributeValue></saml:Attribute></saml:AttributeStatement></saml:Assertion></samlp:Response>
            """;
        foreach (var (name, value) in values)
            text = text.Replace($"{{{name}}}", value, StringComparison.Ordinal);
        text = text.Replace("InResponseTo=\"\"", "", StringComparison.Ordinal);
        return Load(text);
    }

    public static XmlDocument Load(string text)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        document.LoadXml(text);
        return document;
    }

    public static XmlElement Assertion(XmlDocument document) => (XmlElement)document.GetElementsByTagName("Assertion", "urn:oasis:names:tc:SAML:2.0:assertion")[0]!;

    public static XmlElement? Signature(XmlElement element) => element.ChildNodes.OfType<XmlElement>().FirstOrDefault(child => child.LocalName == "Signature");

    /// <summary>Signs an element, as identity providers do.</summary>
    public void Sign(XmlElement element, RSA? key = null, string method = Sha256, string digest = DigestSha256, params Transform[] more)
    {
        var signed = new IdentifiedXml(element.OwnerDocument) { SigningKey = key ?? Key };
        signed.SignedInfo!.CanonicalizationMethod = SignedXml.XmlDsigExcC14NTransformUrl;
        signed.SignedInfo.SignatureMethod = method;
        var reference = new Reference("#" + element.GetAttribute("ID")) { DigestMethod = digest };
        reference.AddTransform(new XmlDsigEnvelopedSignatureTransform());
        foreach (var transform in more)
            reference.AddTransform(transform);
        reference.AddTransform(new XmlDsigExcC14NTransform());
        signed.AddReference(reference);
        signed.KeyInfo = new KeyInfo();
        signed.KeyInfo.AddClause(new KeyInfoX509Data(Certificate));
        signed.ComputeSignature();
        element.InsertAfter(element.OwnerDocument.ImportNode(signed.GetXml(), true), element.FirstChild);
    }

    public static string Encode(XmlDocument document) => Convert.ToBase64String(Encoding.UTF8.GetBytes(document.OuterXml));

    public void Dispose()
    {
        Certificate.Dispose();
        Key.Dispose();
    }

    private sealed class IdentifiedXml(XmlDocument document) : SignedXml(document)
    {
        public override XmlElement? GetIdElement(XmlDocument? document, string idValue) =>
            document?.GetElementsByTagName("*").OfType<XmlElement>().FirstOrDefault(element => element.GetAttribute("ID") == idValue);
    }
}

/// <summary>What the service provider asked, and where the answer goes.</summary>
internal sealed record SamlQuestion(string Id, string State, string Acs, string Audience)
{
    /// <summary>Reads the request out of the address at the provider.</summary>
    public static SamlQuestion Read(Uri address)
    {
        var query = System.Web.HttpUtility.ParseQueryString(address.Query);
        using var deflate = new DeflateStream(new MemoryStream(Convert.FromBase64String(query["SAMLRequest"]!)), CompressionMode.Decompress);
        using var reader = new StreamReader(deflate, Encoding.UTF8);
        var request = SamlForge.Load(reader.ReadToEnd()).DocumentElement!;
        return new SamlQuestion(request.GetAttribute("ID"), query["RelayState"]!, request.GetAttribute("AssertionConsumerServiceURL"), request.FirstChild!.InnerText);
    }
}
