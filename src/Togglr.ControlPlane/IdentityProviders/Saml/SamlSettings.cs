using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Togglr.Hosting.Problems;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>Settings of a SAML 2.0 identity provider.</summary>
internal sealed record SamlSettings
{
    /// <summary>The provider's name for itself, exactly.</summary>
    public string EntityId { get; init; } = "";

    /// <summary>Where requests go by redirect.</summary>
    public string SignInUrl { get; init; } = "";

    /// <summary>Certificates in base64 or PEM whose keys sign; 1 to 10.</summary>
    public IReadOnlyList<string> Certificates { get; init; } = [];

    /// <summary>Where the provider's metadata is: name, address and certificates are read from there whenever the settings are saved.</summary>
    public string? MetadataUrl { get; init; }

    /// <summary>The provider's metadata, pasted; read once and not kept.</summary>
    public string? MetadataXml { get; init; }

    /// <summary>Whether requests are signed.</summary>
    public bool SignRequests { get; init; }

    /// <summary>Whether assertions must be encrypted.</summary>
    public bool RequireEncryption { get; init; }

    /// <summary>Whether the provider may begin a sign-in, which nobody here asked for.</summary>
    public bool AllowIdpInitiated { get; init; }

    /// <summary>Whether people must show who they are even if the provider knows them already.</summary>
    public bool ForceAuthn { get; init; }

    /// <summary>The kind of name that is asked for; null leaves it to the provider.</summary>
    public string? NameIdFormat { get; init; }

    /// <summary>Which attributes are what.</summary>
    public SamlAttributes Attributes { get; init; } = new();

    /// <summary>The certificates; those that cannot be read are left out.</summary>
    public IReadOnlyList<X509Certificate2> ReadCertificates() => [.. Certificates.Select(Read).OfType<X509Certificate2>()];

    /// <summary>What is wrong.</summary>
    public IEnumerable<ProblemItem> Faults()
    {
        if (ProviderSettings.Fault(EntityId, "/settings/entityId", 1000, required: true) is { } entity)
            yield return entity;
        if (SignInUrl.Length > 2000 || !ProviderHttp.IsAcceptable(SignInUrl))
            yield return new ProblemItem("invalid", "/settings/signInUrl", "This is an https address; http only on this machine.");
        if (MetadataUrl is not null && (MetadataUrl.Length > 2000 || !ProviderHttp.IsAcceptable(MetadataUrl)))
            yield return new ProblemItem("invalid", "/settings/metadataUrl", "This is an https address; http only on this machine.");
        if (Certificates.Count is < 1 or > 10)
            yield return new ProblemItem("invalid", "/settings/certificates", "A provider has 1 to 10 certificates.");
        for (var i = 0; i < Certificates.Count; i++)
        {
            using var certificate = Read(Certificates[i]);
            if (certificate is null)
                yield return new ProblemItem("invalid", $"/settings/certificates/{i}", "This is a certificate in PEM or base64 with an RSA key of 2,048 bits or more, or a key on a curve.");
        }
        if (ProviderSettings.Fault(NameIdFormat, "/settings/nameIdFormat", 200) is { } format)
            yield return format;
        if (NameIdFormat == SamlNames.TransientFormat)
            yield return new ProblemItem("invalid", "/settings/nameIdFormat", "A transient name is another one each time: nobody can be known by it.");
        foreach (var (name, value) in new[] { ("email", Attributes.Email), ("name", Attributes.Name), ("groups", Attributes.Groups) })
        {
            if (ProviderSettings.Fault(value, $"/settings/attributes/{name}", 500) is { } fault)
                yield return fault;
        }
    }

    private static X509Certificate2? Read(string text)
    {
        try
        {
            var certificate = text.Length > 20_000
                ? null
                : text.Contains("-----BEGIN", StringComparison.Ordinal) ? X509Certificate2.CreateFromPem(text) : X509CertificateLoader.LoadCertificate(Convert.FromBase64String(text));
            using var rsa = certificate?.GetRSAPublicKey();
            using var ecdsa = certificate?.GetECDsaPublicKey();
            return rsa?.KeySize >= 2048 || ecdsa is not null ? certificate : null;
        }
        catch (Exception exception) when (exception is CryptographicException or FormatException or ArgumentException)
        {
            return null;
        }
    }
}

/// <summary>Names of attributes; null takes the usual ones.</summary>
internal sealed record SamlAttributes
{
    /// <summary>The address; without any such attribute a name in the form of an address is taken.</summary>
    public string? Email { get; init; }

    /// <summary>The name.</summary>
    public string? Name { get; init; }

    /// <summary>The values that mappings match.</summary>
    public string? Groups { get; init; }
}
