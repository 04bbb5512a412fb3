using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Togglr.Hosting.Problems;
using Togglr.Store;

namespace Togglr.ControlPlane.IdentityProviders.Saml;

/// <summary>The service provider's key and the certificate that carries its public half.</summary>
/// <param name="Key">Decrypts and signs.</param>
/// <param name="Certificate">In base64.</param>
internal sealed record SamlKeyPair(RSA Key, string Certificate) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Key.Dispose();
}

/// <summary>SAML 2.0, Togglr being the service provider.</summary>
internal sealed class SamlKind(ProviderHttp http, ProviderSecrets store, TimeProvider time) : IProviderKind
{
    private const string PrivateKey = "serviceProviderKey";
    private const string Certificate = "serviceProviderCertificate";

    /// <inheritdoc/>
    public IdentityProviderKind Kind => IdentityProviderKind.Saml;

    /// <inheritdoc/>
    public IReadOnlyList<string> SecretNames => [];

    /// <summary>Where the provider posts its responses to.</summary>
    public static string AcsPath(Guid provider) => $"/auth/saml/{provider}/acs";

    /// <summary>The metadata of the service provider; also its name.</summary>
    public static string MetadataPath(Guid provider) => $"/auth/saml/{provider}/metadata";

    /// <inheritdoc/>
    public async Task<Checked> CheckAsync(JsonElement settings, IDictionary<string, string> secrets, CancellationToken cancel)
    {
        var (sent, fault) = ProviderSettings.Read<SamlSettings>(settings);
        if (sent is null)
            return Checked.Bad(fault!);
        var read = sent;
        if (sent.MetadataXml is { } pasted)
        {
            (read, fault) = SamlMetadata.Import(sent, SamlMetadata.BytesOf(pasted), "/settings/metadataXml");
        }
        else if (sent.MetadataUrl is { } address)
        {
            var answer = await http.GetAsync(address, "application/samlmetadata+xml, application/xml, text/xml", cancel);
            (read, fault) = answer.Body is { } xml ? SamlMetadata.Import(sent, xml, "/settings/metadataUrl") : (null, new ProblemItem("unreachable", "/settings/metadataUrl", answer.Error!));
        }
        if (read is null)
            return Checked.Bad(fault!);
        var faults = read.Faults().ToList();
        if (faults.Count > 0)
            return Checked.Bad(faults);
        if (!secrets.ContainsKey(PrivateKey))
            MakeKey(secrets);
        return Checked.Good(read);
    }

    /// <inheritdoc/>
    public ProviderUrlsView UrlsOf(IdentityProvider provider, PublicAddress address) => new()
    {
        AcsUrl = address.Of(AcsPath(provider.Id)), MetadataUrl = address.Of(MetadataPath(provider.Id)), EntityId = address.Of(MetadataPath(provider.Id)),
        StartUrl = address.Of($"/auth/saml/{provider.Id}/start"),
    };

    /// <summary>The service provider's key pair for one provider; null when it cannot be decrypted any more.</summary>
    public SamlKeyPair? KeyOf(IdentityProvider provider)
    {
        var secrets = store.Read(provider);
        if (!secrets.TryGetValue(PrivateKey, out var key) || !secrets.TryGetValue(Certificate, out var certificate))
            return null;
        var rsa = RSA.Create();
        rsa.ImportPkcs8PrivateKey(Convert.FromBase64String(key), out _);
        return new SamlKeyPair(rsa, certificate);
    }

    /// <inheritdoc/>
    public async Task<ProviderTestView> TestAsync(IdentityProvider provider, PublicAddress address, CancellationToken cancel)
    {
        var settings = ProviderSettings.Stored<SamlSettings>(provider.Settings);
        using var pair = KeyOf(provider);
        var steps = new List<ProviderTestStepView>
        {
            address.Origin is { } origin
                ? new ProviderTestStepView("publicUrl", true, $"Responses are posted to {origin}.")
                : new ProviderTestStepView("publicUrl", false, "Set TOGGLR_PUBLIC_URL: without it no response can be addressed to this server."),
            pair is null
                ? new ProviderTestStepView("key", false, "The key of this service provider cannot be decrypted: TOGGLR_ENCRYPTION_KEYS has changed. Remove the provider and make it anew.")
                : new ProviderTestStepView("key", true, "The key of this service provider is there."),
        };
        var now = time.GetUtcNow();
        foreach (var certificate in settings.ReadCertificates())
        {
            using (certificate)
            {
                var (begins, ends) = (certificate.NotBefore.ToUniversalTime(), certificate.NotAfter.ToUniversalTime());
                var isGood = begins <= now.UtcDateTime && now.UtcDateTime < ends;
                steps.Add(new ProviderTestStepView("certificate", isGood, string.Create(CultureInfo.InvariantCulture,
                    $"{certificate.Subject} {(isGood ? "is" : "is not")} valid: from {begins:yyyy-MM-dd} until {ends:yyyy-MM-dd}.{(isGood && ends - now.UtcDateTime < TimeSpan.FromDays(30) ? " Ask for the next one soon." : "")}")));
            }
        }
        if (settings.MetadataUrl is not { } metadata)
            return ProviderTestView.Of(steps);
        var answer = await http.GetAsync(metadata, "application/samlmetadata+xml, application/xml, text/xml", cancel);
        var (fresh, fault) = answer.Body is { } xml ? SamlMetadata.Import(settings, xml, "") : (null, new ProblemItem("unreachable", "", answer.Error!));
        steps.Add(new ProviderTestStepView("metadata", fresh is not null, fault?.Message ?? "The metadata can be read."));
        if (fresh is not null)
        {
            var isSame = fresh.SignInUrl == settings.SignInUrl && fresh.Certificates.Order(StringComparer.Ordinal).SequenceEqual(settings.Certificates.Order(StringComparer.Ordinal));
            steps.Add(new ProviderTestStepView("metadataUnchanged", isSame, isSame ? "They say what is stored." : "They say something else than what is stored: save the settings again to take it."));
        }
        return ProviderTestView.Of(steps);
    }

    private void MakeKey(IDictionary<string, string> secrets)
    {
        using var rsa = RSA.Create(2048);
        var request = new CertificateRequest("CN=Togglr service provider", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        var now = time.GetUtcNow();
        using var certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddYears(10));
        secrets[PrivateKey] = Convert.ToBase64String(rsa.ExportPkcs8PrivateKey());
        secrets[Certificate] = Convert.ToBase64String(certificate.RawData);
    }
}
