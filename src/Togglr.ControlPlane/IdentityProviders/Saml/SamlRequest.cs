using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>The question that the browser carries to the provider in its address (HTTP redirect binding).</summary>
internal static class SamlRequest
{
    /// <summary>The identifier that the answer must name: an XML name, so it begins with no digit.</summary>
    public static string IdOf(Guid request) => $"_{request:N}";

    /// <summary>The address at the provider where the browser goes.</summary>
    /// <param name="id">Of the request.</param>
    /// <param name="settings">The provider's settings.</param>
    /// <param name="entityId">This service provider's name.</param>
    /// <param name="acs">Where the response is to be posted to.</param>
    /// <param name="state">Comes back with the response.</param>
    /// <param name="key">Signs, where the settings say so.</param>
    /// <param name="now">The time.</param>
    public static string Address(string id, SamlSettings settings, string entityId, string acs, string state, RSA key, DateTimeOffset now)
    {
        XNamespace samlp = SamlNames.Protocol;
        XNamespace saml = SamlNames.Assertion;
        var request = new XElement(samlp + "AuthnRequest",
            new XAttribute(XNamespace.Xmlns + "samlp", samlp.NamespaceName), new XAttribute(XNamespace.Xmlns + "saml", saml.NamespaceName),
            new XAttribute("ID", id), new XAttribute("Version", "2.0"), new XAttribute("IssueInstant", SamlMetadata.Time(now)), new XAttribute("Destination", settings.SignInUrl),
            new XAttribute("ProtocolBinding", SamlNames.PostBinding), new XAttribute("AssertionConsumerServiceURL", acs));
        if (settings.ForceAuthn)
            request.Add(new XAttribute("ForceAuthn", "true"));
        request.Add(new XElement(saml + "Issuer", entityId));
        if (settings.NameIdFormat is { } format)
            request.Add(new XElement(samlp + "NameIDPolicy", new XAttribute("Format", format), new XAttribute("AllowCreate", "true")));

        using var compressed = new MemoryStream();
        using (var deflate = new DeflateStream(compressed, CompressionLevel.Optimal, leaveOpen: true))
            deflate.Write(Encoding.UTF8.GetBytes(request.ToString(SaveOptions.DisableFormatting)));
        var query = $"SAMLRequest={Uri.EscapeDataString(Convert.ToBase64String(compressed.ToArray()))}&RelayState={Uri.EscapeDataString(state)}";
        if (settings.SignRequests)
        {
            query += "&SigAlg=" + Uri.EscapeDataString("http://www.w3.org/2001/04/xmldsig-more#rsa-sha256");
            query += "&Signature=" + Uri.EscapeDataString(Convert.ToBase64String(key.SignData(Encoding.ASCII.GetBytes(query), HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)));
        }
        return settings.SignInUrl + (settings.SignInUrl.Contains('?', StringComparison.Ordinal) ? '&' : '?') + query;
    }
}
