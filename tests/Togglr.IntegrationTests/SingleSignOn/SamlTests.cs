using System.Net.Http.Json;
using System.Text.Json;
using System.Xml;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.SingleSignOn;

/// <summary>Sign-ins at a real SAML identity provider, as a browser does them.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class SamlTests(ControlPlaneServer server, SamlTests.Peer peer) : IAsyncLifetime, IClassFixture<SamlTests.Peer>
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";
    private const string Email = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress";
    private const string Name = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/name";
    private const string Group = "http://schemas.xmlsoap.org/claims/Group";
    private static int s_number;
    private string _address = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _address = await peer.AddressAsync();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Theory]
    [InlineData("""{}""")]
    [InlineData("""{"signResponse":true,"signAssertion":false}""")]
    [InlineData("""{"signResponse":true,"signAssertion":true}""")]
    [InlineData("""{"signatureNamespacePrefix":"ds"}""")]
    public async Task Somebody_unknown_becomes_a_member_with_what_the_mappings_give(string options)
    {
        var (id, _) = await ConnectAsync(mappings: new[] { new { match = "devs", role = "member" } });
        var subject = $"saml-{Interlocked.Increment(ref s_number)}";
        await TellAsync(subject, JsonDocument.Parse(options).RootElement);
        using var browser = new Browser();
        var end = await SignInAsync(browser, id, "/projects/checkout");
        Assert.Equal("/projects/checkout", end.Address.PathAndQuery);
        var user = await MeAsync(browser);
        Assert.Equal($"{subject}@corp.example", user.GetProperty("email").GetString());
        Assert.Equal($"Person {subject}", user.GetProperty("name").GetString());
        Assert.Equal("saml", user.GetProperty("session").GetProperty("method").GetString());
        Assert.Equal("member", user.GetProperty("organizations")[0].GetProperty("role").GetString());
        using var again = new Browser();
        Assert.Null((await SignInAsync(again, id)).Error);
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM users WHERE email = '{subject}@corp.example'"));
    }

    [Theory]
    [InlineData("http://www.w3.org/2009/xmlenc11#aes256-gcm")]
    [InlineData("http://www.w3.org/2009/xmlenc11#aes128-gcm")]
    [InlineData("http://www.w3.org/2001/04/xmlenc#aes256-cbc")]
    [InlineData("http://www.w3.org/2001/04/xmlenc#aes128-cbc")]
    public async Task An_assertion_may_be_encrypted_for_this_service_provider(string algorithm)
    {
        var (id, _) = await ConnectAsync(new { requireEncryption = true });
        var subject = $"encrypted-{Interlocked.Increment(ref s_number)}";
        var (publicKey, certificate) = await KeyOfAsync(id);
        await TellAsync(subject, new { encryptionPublicKey = publicKey, encryptionCert = certificate, encryptionAlgorithm = algorithm, disallowEncryptionWithInsecureAlgorithm = false, warnOnInsecureEncryptionAlgorithm = false });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, id)).Error);
        Assert.Equal($"{subject}@corp.example", (await MeAsync(browser)).GetProperty("email").GetString());

        // In the clear where encryption is asked for, and for another's key.
        await TellAsync(subject, new { });
        Assert.Equal("sso_failed", (await SignInAsync(browser, id)).Error);
        Assert.Equal("saml.not_encrypted", await LastReasonAsync());
        var (other, otherCertificate) = await KeyOfAsync((await ConnectAsync()).Id);
        await TellAsync(subject, new { encryptionPublicKey = other, encryptionCert = otherCertificate });
        Assert.Equal("sso_failed", (await SignInAsync(browser, id)).Error);
        Assert.Equal("saml.decryption", await LastReasonAsync());
    }

    [Fact]
    public async Task Requests_are_signed_where_asked_and_the_provider_can_tell()
    {
        var (id, _) = await ConnectAsync(new { signRequests = true, nameIdFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", forceAuthn = true });
        var (_, certificate) = await KeyOfAsync(id);
        await TellAsync("signed", new { signingCert = certificate });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, id)).Error);
        var (_, other) = await KeyOfAsync((await ConnectAsync()).Id);
        await TellAsync("signed", new { signingCert = other });
        Assert.Equal(500, (await browser.GetAsync(StartOf(id, null))).Status);
    }

    [Fact]
    public async Task Metadata_are_exchanged_in_both_directions()
    {
        var answer = await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", createPeople = true, settings = new { metadataUrl = $"{_address}/metadata" } });
        Assert.Equal($"{_address}/idp", answer.Get("settings", "entityId"));
        Assert.Equal($"{_address}/sso", answer.Get("settings", "signInUrl"));
        await TellAsync("imported", new { });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, answer.Get("id"))).Error);
        var test = await server.Admin.PostAsync($"{Providers}/{answer.Get("key")}/test");
        Assert.True(test.Get("ok") == "True", test.Json.GetRawText());
        Assert.Equal(["publicUrl", "key", "certificate", "metadata", "metadataUnchanged"], test.At("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));

        using var http = new HttpClient();
        var pasted = await http.GetStringAsync(new Uri($"{_address}/metadata"), Cancel);
        var other = await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", settings = new { metadataXml = pasted } });
        Assert.Equal($"{_address}/idp", other.Get("settings", "entityId"));
        Assert.Equal("", other.Get("settings", "metadataXml"));
        await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", settings = new { metadataXml = "<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]><a>&x;</a>" } }, 400);
        await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", settings = new { metadataUrl = $"{_address}/nothing" } }, 400);

        var ours = new XmlDocument { XmlResolver = null };
        ours.LoadXml(await server.Anonymous().Http.GetStringAsync(new Uri(answer.Get("urls", "metadataUrl")), Cancel));
        Assert.Equal(answer.Get("urls", "entityId"), ours.DocumentElement!.GetAttribute("entityID"));
        Assert.Contains(answer.Get("urls", "acsUrl"), ours.OuterXml, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Settings_are_read_strictly()
    {
        async Task<string> Send(object settings) => (await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", settings }, 400)).Get("errors", "0", "path");
        Assert.Equal("/settings/entityId", await Send(new { signInUrl = "https://a.example", certificates = new[] { peer.Certificate } }));
        Assert.Equal("/settings/signInUrl", await Send(new { entityId = "a", signInUrl = "http://a.example", certificates = new[] { peer.Certificate } }));
        Assert.Equal("/settings/certificates", await Send(new { entityId = "a", signInUrl = "https://a.example" }));
        Assert.Equal("/settings/certificates/0", await Send(new { entityId = "a", signInUrl = "https://a.example", certificates = new[] { "AAAA" } }));
        Assert.Equal("/settings/nameIdFormat", await Send(new { entityId = "a", signInUrl = "https://a.example", certificates = new[] { peer.Certificate }, nameIdFormat = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient" }));
        Assert.Equal("/settings/surprise", await Send(new { surprise = 1 }));
    }

    [Fact]
    public async Task A_provider_that_says_no_and_one_that_signs_the_old_way_let_nobody_in()
    {
        var (id, _) = await ConnectAsync();
        await TellAsync("denied", new { deny = true });
        using var browser = new Browser();
        Assert.Equal("sso_denied", (await SignInAsync(browser, id)).Error);
        await TellAsync("old", new { signatureAlgorithm = "rsa-sha1", digestAlgorithm = "sha1" });
        Assert.Equal("sso_failed", (await SignInAsync(browser, id)).Error);
        Assert.Equal("saml.signature_algorithm", await LastReasonAsync());
    }

    private static bool IsPage(Uri address) => !address.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal) && address.Host == "127.0.0.1";

    private static string Key() => $"saml-{Interlocked.Increment(ref s_number)}";

    private Uri StartOf(string id, string? returnTo) => new(server.Address, $"/api/v1/auth/saml/{id}/start{(returnTo is null ? "" : "?returnTo=" + Uri.EscapeDataString(returnTo))}");

    private async Task<Page> SignInAsync(Browser browser, string id, string? returnTo = null) =>
        await browser.SubmitAsync(await browser.GetAsync(StartOf(id, returnTo)), new Dictionary<string, string>(), IsPage);

    private async Task<(string Id, string Key)> ConnectAsync(object? more = null, object? mappings = null)
    {
        var settings = JsonSerializer.SerializeToNode(new { entityId = $"{_address}/idp", signInUrl = $"{_address}/sso", certificates = new[] { peer.Certificate } })!.AsObject();
        foreach (var (name, value) in JsonSerializer.SerializeToNode(more ?? new { })!.AsObject())
            settings[name] = value?.DeepClone();
        var answer = await server.Admin.PostAsync(Providers, new { key = Key(), kind = "saml", createPeople = true, settings, mappings = mappings ?? Array.Empty<object>() });
        return (answer.Get("id"), answer.Get("key"));
    }

    /// <summary>The service provider's public key and certificate in PEM, from its metadata.</summary>
    private async Task<(string PublicKey, string Certificate)> KeyOfAsync(string id)
    {
        var metadata = new XmlDocument { XmlResolver = null };
        metadata.LoadXml(await server.Anonymous().Http.GetStringAsync(new Uri(server.Address, $"/api/v1/auth/saml/{id}/metadata"), Cancel));
        using var certificate = System.Security.Cryptography.X509Certificates.X509CertificateLoader.LoadCertificate(Convert.FromBase64String(metadata.GetElementsByTagName("X509Certificate", "*")[0]!.InnerText));
        return (certificate.PublicKey.GetRSAPublicKey()!.ExportSubjectPublicKeyInfoPem(), certificate.ExportCertificatePem());
    }

    private async Task TellAsync(string subject, object options)
    {
        using var http = new HttpClient();
        var claims = new Dictionary<string, object> { [Email] = $"{subject}@corp.example", [Name] = $"Person {subject}", [Group] = new[] { "devs", "all" } };
        using var answer = await http.PostAsJsonAsync($"{_address}/control", new { user = new { id = subject, format = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent", claims }, options }, Cancel);
        answer.EnsureSuccessStatusCode();
    }

    private async Task<JsonElement> MeAsync(Browser browser)
    {
        var cookie = browser.Cookies.GetCookies(new Uri(server.Address, "/api/v1/auth/refresh")).Single(cookie => cookie.Name == "togglr_refresh");
        return (await server.Anonymous().PostAsync("/api/v1/auth/refresh", new { refreshToken = cookie.Value })).At("user");
    }

    private async Task<string?> LastReasonAsync() =>
        (await server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=20")).At("items").EnumerateArray().Where(entry => entry.GetProperty("action").GetString() == "session.failed")
            .Select(entry => entry.GetProperty("reason").GetString()).FirstOrDefault();

    /// <summary>The provider, started once for all tests here.</summary>
    public sealed class Peer : IAsyncDisposable
    {
        private readonly SamlForge _keys = new();
        private readonly string _folder = Directory.CreateTempSubdirectory("togglr-saml-").FullName;
        private NodePeer? _started;

        public string Certificate => _keys.CertificateText;

        public async Task<string> AddressAsync()
        {
            if (_started is null)
            {
                await File.WriteAllTextAsync(Path.Combine(_folder, "idp.pem"), _keys.Certificate.ExportCertificatePem());
                await File.WriteAllTextAsync(Path.Combine(_folder, "idp.key"), _keys.Key.ExportPkcs8PrivateKeyPem());
                _started = await NodePeer.StartAsync("saml", "samlp", "provider.js", _folder);
            }
            return _started.Ready.GetProperty("address").GetString()!;
        }

        public async ValueTask DisposeAsync()
        {
            if (_started is not null)
                await _started.DisposeAsync();
            _keys.Dispose();
            Directory.Delete(_folder, recursive: true);
        }
    }
}
