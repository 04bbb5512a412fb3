using System.Globalization;
using System.Text;
using System.Xml;
using System.Xml.Linq;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>Reads a provider's metadata and writes those of this service provider.</summary>
internal static class SamlMetadata
{
    private const int LargestMetadata = 1 << 20;

    /// <summary>The settings completed from metadata, or what is wrong with these.</summary>
    public static (SamlSettings? Settings, ProblemItem? Fault) Import(SamlSettings settings, ReadOnlySpan<byte> xml, string path)
    {
        if (SamlXml.Parse(xml, LargestMetadata)?.DocumentElement is not { } root)
            return (null, new ProblemItem("invalid", path, "This is not metadata: not XML, too large, or with a document type."));
        var providers = root.OwnerDocument.GetElementsByTagName("IDPSSODescriptor", SamlNames.Metadata).OfType<XmlElement>()
            .Where(descriptor => settings.EntityId.Length == 0 || EntityOf(descriptor) == settings.EntityId).Take(2).ToArray();
        if (providers is not [var provider])
            return (null, new ProblemItem("invalid", path, "The metadata describe no identity provider, or several: enter the entityId of one."));
        var address = SamlXml.Children(provider, "SingleSignOnService", SamlNames.Metadata)
            .FirstOrDefault(static service => SamlXml.Attribute(service, "Binding") == SamlNames.RedirectBinding) is { } found ? SamlXml.Attribute(found, "Location") : null;
        if (address is null)
            return (null, new ProblemItem("invalid", path, "The identity provider of the metadata takes no requests by redirect."));
        var certificates = SamlXml.Children(provider, "KeyDescriptor", SamlNames.Metadata).Where(static key => SamlXml.Attribute(key, "use") is null or "signing")
            .SelectMany(static key => key.GetElementsByTagName("X509Certificate", SamlNames.Signature).OfType<XmlElement>())
            .Select(static certificate => new string([.. certificate.InnerText.Where(static letter => !char.IsWhiteSpace(letter))])).Distinct(StringComparer.Ordinal).ToList();
        return (settings with { EntityId = EntityOf(provider), SignInUrl = address, Certificates = certificates, MetadataXml = null }, null);
    }

    /// <summary>What is to be entered at the provider, as a document.</summary>
    /// <param name="entityId">This service provider's name.</param>
    /// <param name="acs">Where responses are posted to.</param>
    /// <param name="certificate">The certificate of the service provider's key, in base64: signs requests, decrypts assertions.</param>
    /// <param name="settings">The provider's settings.</param>
    public static string Write(string entityId, string acs, string certificate, SamlSettings settings)
    {
        XNamespace md = SamlNames.Metadata;
        XNamespace ds = SamlNames.Signature;
        XElement Key(string use) => new(md + "KeyDescriptor", new XAttribute("use", use),
            new XElement(ds + "KeyInfo", new XAttribute(XNamespace.Xmlns + "ds", ds.NamespaceName), new XElement(ds + "X509Data", new XElement(ds + "X509Certificate", certificate))));
        var descriptor = new XElement(md + "SPSSODescriptor",
            new XAttribute("AuthnRequestsSigned", settings.SignRequests ? "true" : "false"), new XAttribute("WantAssertionsSigned", "true"),
            new XAttribute("protocolSupportEnumeration", SamlNames.Protocol), Key("signing"), Key("encryption"));
        if (settings.NameIdFormat is { } format)
            descriptor.Add(new XElement(md + "NameIDFormat", format));
        descriptor.Add(new XElement(md + "AssertionConsumerService",
            new XAttribute("Binding", SamlNames.PostBinding), new XAttribute("Location", acs), new XAttribute("index", "0"), new XAttribute("isDefault", "true")));
        var document = new XElement(md + "EntityDescriptor", new XAttribute(XNamespace.Xmlns + "md", md.NamespaceName), new XAttribute("entityID", entityId), descriptor);
        return "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n" + document.ToString(SaveOptions.DisableFormatting);
    }

    /// <summary>The bytes of pasted metadata.</summary>
    public static byte[] BytesOf(string xml) => Encoding.UTF8.GetBytes(xml);

    /// <summary>A time as XML writes it.</summary>
    public static string Time(DateTimeOffset at) => at.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    private static string EntityOf(XmlElement descriptor) => descriptor.ParentNode is XmlElement entity ? entity.GetAttribute("entityID") : "";
}
