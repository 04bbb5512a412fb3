using System.Security.Cryptography;
using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.SingleSignOn;

/// <summary>Responses that nobody honest sends. None of them may open anything.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class SamlForgeryTests(ControlPlaneServer server, SamlForgeryTests.Shared shared) : IAsyncLifetime, IClassFixture<SamlForgeryTests.Shared>
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";
    private const string Victim = "admin@togglr.dev";
    private static int s_number;
    private readonly SamlForge _forge = shared.Forge;
    private readonly Browser _browser = new();
    private string _id = "";

    public async ValueTask InitializeAsync() => _id = shared.Provider ??= await ConnectAsync(allowIdpInitiated: false);

    public ValueTask DisposeAsync()
    {
        _browser.Dispose();
        return ValueTask.CompletedTask;
    }

    public static TheoryData<string> Wrappings => [.. Enumerable.Range(1, 8).Select(number => $"XSW{number}")];

    [Theory]
    [MemberData(nameof(Wrappings))]
    public async Task Nothing_wrapped_around_what_is_signed_is_believed(string attack)
    {
        var question = await AskAsync();
        var document = SamlForge.Respond(question);
        var onResponse = attack is "XSW1" or "XSW2";
        _forge.Sign(onResponse ? document.DocumentElement! : SamlForge.Assertion(document));
        Wrap(document, attack);
        await RefusedAsync(question, document);
    }

    [Fact]
    public async Task A_good_response_comes_in_by_either_signature_or_both()
    {
        foreach (var (response, assertion) in new[] { (false, true), (true, false), (true, true) })
        {
            var question = await AskAsync();
            var document = SamlForge.Respond(question, email: "good@corp.example", subject: "good");
            if (assertion)
                _forge.Sign(SamlForge.Assertion(document));
            if (response)
                _forge.Sign(document.DocumentElement!);
            Assert.Equal("/", (await PostAsync(question, SamlForge.Encode(document))).Address.PathAndQuery);
        }
    }

    [Fact]
    public async Task A_comment_cuts_no_text_short()
    {
        var question = await AskAsync();
        var document = SamlForge.Respond(question, subject: "victim@togglr.dev.evil.example", email: "admin@togglr.dev.evil.example");
        _forge.Sign(SamlForge.Assertion(document));
        var forged = document.OuterXml.Replace("victim@togglr.dev.evil", "victim@togglr.dev<!-- -->.evil", StringComparison.Ordinal).Replace("admin@togglr.dev.evil", "admin@togglr.dev<!-- --><?x?>.evil", StringComparison.Ordinal);
        Assert.Equal("/", (await PostAsync(question, Convert.ToBase64String(Encoding.UTF8.GetBytes(forged)))).Address.PathAndQuery);
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM external_identities e JOIN users u ON u.id = e.user_id WHERE e.provider_id = '{_id}' AND e.subject = 'victim@togglr.dev.evil.example' AND u.email = 'admin@togglr.dev.evil.example'"));
    }

    [Theory]
    [InlineData("saml.destination", "DESTINATION", "https://elsewhere.example/acs")]
    [InlineData("saml.recipient", "RECIPIENT", "https://elsewhere.example/acs")]
    [InlineData("saml.audience", "AUDIENCE", "https://elsewhere.example")]
    [InlineData("saml.issuer", "ISSUER", "https://evil.example")]
    [InlineData("saml.in_response_to", "REQUEST", "_another")]
    [InlineData("saml.in_response_to", "CONFIRMED", "_another")]
    [InlineData("saml.in_response_to", "CONFIRMED", "")]
    [InlineData("saml.status", "STATUS", "urn:oasis:names:tc:SAML:2.0:status:Responder")]
    [InlineData("saml.not_before", "NOTBEFORE", "2099-01-01T00:00:00Z")]
    [InlineData("saml.expired", "NOTAFTER", "2020-01-01T00:00:00Z")]
    [InlineData("saml.expired", "NOTAFTER", "never")]
    [InlineData("saml.expired", "CONFIRMEDUNTIL", "2020-01-01T00:00:00Z")]
    [InlineData("saml.issue_instant", "NOW", "2020-01-01T00:00:00Z")]
    [InlineData("saml.issue_instant", "NOW", "2099-01-01T00:00:00Z")]
    [InlineData("saml.confirmation", "METHOD", "urn:oasis:names:tc:SAML:2.0:cm:sender-vouches")]
    [InlineData("saml.conditions", "CONDITION", "<saml:Condition/>")]
    [InlineData("saml.subject", "SUBJECT", " ")]
    [InlineData("saml.transient_subject", "FORMAT", "urn:oasis:names:tc:SAML:2.0:nameid-format:transient")]
    public async Task What_is_signed_but_for_somebody_somewhere_or_some_time_else_is_refused(string reason, string name, string value)
    {
        var question = await AskAsync();
        var document = SamlForge.Respond(question, email: Victim, replace: new() { [name] = value });
        _forge.Sign(SamlForge.Assertion(document));
        await RefusedAsync(question, document, reason);
    }

    [Fact]
    public async Task Signatures_that_prove_nothing_are_refused()
    {
        async Task With(string reason, Action<XmlDocument> sign)
        {
            var question = await AskAsync();
            var document = SamlForge.Respond(question, email: Victim);
            sign(document);
            await RefusedAsync(question, document, reason);
        }
        using var stranger = RSA.Create(2048);
        await With("saml.unsigned", _ => { });
        await With("saml.signature", document => _forge.Sign(SamlForge.Assertion(document), stranger));
        await With("saml.signature_algorithm", document => _forge.Sign(SamlForge.Assertion(document), method: SignedXml.XmlDsigRSASHA1Url));
        await With("saml.signature_algorithm", document => _forge.Sign(SamlForge.Assertion(document), digest: SignedXml.XmlDsigSHA1Url));
        await With("saml.digest", document =>
        {
            _forge.Sign(SamlForge.Assertion(document));
            SamlForge.Assertion(document).GetElementsByTagName("NameID", "*")[0]!.InnerText = "changed";
        });
        await With("saml.signature", document =>
        {
            _forge.Sign(SamlForge.Assertion(document));
            var value = SamlForge.Assertion(document).GetElementsByTagName("SignatureValue")[0]!;
            value.InnerText = Convert.ToBase64String(new byte[256]);
        });
        await With("saml.unsigned", document =>
        {
            _forge.Sign(SamlForge.Assertion(document));
            SamlForge.Assertion(document).RemoveChild(SamlForge.Signature(SamlForge.Assertion(document))!);
        });
        // A reference to the whole document, or to nothing.
        foreach (var uri in new[] { "", "#other" })
        {
            await With("saml.signature", document =>
            {
                _forge.Sign(SamlForge.Assertion(document));
                ((XmlElement)SamlForge.Assertion(document).GetElementsByTagName("Reference")[0]!).SetAttribute("URI", uri);
            });
        }
        // Signed by the provider's key with a transform that could choose something else.
        await With("saml.signature_transforms", document =>
        {
            var xpath = new XmlDsigXPathTransform();
            var filter = new XmlDocument();
            filter.LoadXml("<XPath xmlns=\"http://www.w3.org/2000/09/xmldsig#\">true()</XPath>");
            xpath.LoadInnerXml(filter.ChildNodes);
            _forge.Sign(SamlForge.Assertion(document), more: xpath);
        });
    }

    [Fact]
    public async Task More_than_one_assertion_or_identifier_is_no_response()
    {
        var question = await AskAsync();
        var document = SamlForge.Respond(question);
        _forge.Sign(SamlForge.Assertion(document));
        var second = (XmlElement)SamlForge.Assertion(document).CloneNode(true);
        second.SetAttribute("ID", "_second");
        document.DocumentElement!.AppendChild(second);
        await RefusedAsync(question, document, "saml.structure");

        question = await AskAsync();
        document = SamlForge.Respond(question);
        _forge.Sign(SamlForge.Assertion(document));
        document.DocumentElement!.SetAttribute("ID", SamlForge.Assertion(document).GetAttribute("ID"));
        await RefusedAsync(question, document, "saml.structure");
    }

    [Fact]
    public async Task Xml_that_attacks_the_reader_is_refused_at_once()
    {
        const string response = "<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\">";
        var bomb = new StringBuilder("<!DOCTYPE a [<!ENTITY a0 \"ha\">");
        for (var i = 1; i < 30; i++)
            bomb.Append(System.Globalization.CultureInfo.InvariantCulture, $"<!ENTITY a{i} \"&a{i - 1};&a{i - 1};\">");
        string[] documents =
        [
            $"<!DOCTYPE a [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>{response}&x;</samlp:Response>",
            $"<!DOCTYPE a SYSTEM \"{server.Address}api/v1/auth/providers\">{response}</samlp:Response>",
            $"{bomb}]>{response}&a29;</samlp:Response>",
            string.Concat(Enumerable.Repeat(response, 500)) + string.Concat(Enumerable.Repeat("</samlp:Response>", 500)),
            $"{response}{string.Concat(Enumerable.Repeat("<a/>", 30_000))}</samlp:Response>",
            $"<samlp:Response xmlns:samlp=\"urn:oasis:names:tc:SAML:2.0:protocol\" {string.Concat(Enumerable.Range(0, 2000).Select(i => $"a{i}=\"\" "))}/>",
            "", "not xml", "<a>", "<Response/>", "\0", $"{response}\0</samlp:Response>",
        ];
        foreach (var document in documents.Where(document => document.Length > 0))
        {
            var question = await AskAsync();
            var end = await PostAsync(question, Convert.ToBase64String(Encoding.UTF8.GetBytes(document)));
            Assert.Equal("sso_failed", end.Error);
            Assert.Equal("saml.xml", await LastReasonAsync());
        }
        var huge = await AskAsync();
        Assert.Equal("sso_failed", (await PostAsync(huge, Convert.ToBase64String(Encoding.UTF8.GetBytes(response + new string(' ', 515 * 1024) + "</samlp:Response>")))).Error);
        var larger = await _browser.PostAsync(Acs, new Dictionary<string, string> { ["SAMLResponse"] = new('A', 900 * 1024), ["RelayState"] = huge.State });
        Assert.Equal(400, larger.Status);
        Assert.Equal(400, (await _browser.PostAsync(Acs, new Dictionary<string, string> { ["SAMLResponse"] = "***" })).Status);
        Assert.Equal(400, (await _browser.PostAsync(Acs, new Dictionary<string, string>())).Status);
    }

    [Fact]
    public async Task A_response_is_good_once_for_its_request_and_in_the_browser_that_asked()
    {
        var question = await AskAsync();
        var document = SamlForge.Respond(question, subject: "once", email: "once@corp.example");
        _forge.Sign(SamlForge.Assertion(document));
        var ticket = await PostAsync(question, SamlForge.Encode(document), address => address.AbsolutePath.EndsWith("/complete", StringComparison.Ordinal));
        // The ticket in another browser, which has a cookie of its own.
        using var other = new Browser();
        await other.GetAsync(StartUrl(_id), address => address.Host == "idp.example");
        Assert.Equal("sso_state", (await other.GetAsync(ticket.Address, IsPage)).Error);
        Assert.Equal("saml.other_browser", await LastReasonAsync());
        // And it is used up now.
        Assert.Equal("sso_state", (await _browser.GetAsync(ticket.Address, IsPage)).Error);
        // The response again: its request is answered.
        Assert.Equal("sso_state", (await PostAsync(question, SamlForge.Encode(document))).Error);
        // The response with another request.
        var next = await AskAsync();
        Assert.Equal("sso_failed", (await PostAsync(next, SamlForge.Encode(document))).Error);
        Assert.Equal("saml.in_response_to", await LastReasonAsync());
    }

    [Fact]
    public async Task Nobody_comes_in_unasked_unless_that_is_allowed_and_then_each_response_once()
    {
        var question = (await AskAsync()) with { Id = "", State = "/projects/a" };
        var document = SamlForge.Respond(question, subject: "unasked", email: "unasked@corp.example");
        _forge.Sign(SamlForge.Assertion(document));
        Assert.Equal("sso_state", (await PostAsync(question, SamlForge.Encode(document))).Error);
        _id = await ConnectAsync(allowIdpInitiated: true);
        question = (await AskAsync()) with { Id = "", State = "/projects/a" };
        document = SamlForge.Respond(question, subject: "unasked", email: "unasked@corp.example");
        _forge.Sign(SamlForge.Assertion(document));
        Assert.Equal("/projects/a", (await PostAsync(question, SamlForge.Encode(document))).Address.PathAndQuery);
        Assert.Equal("sso_failed", (await PostAsync(question, SamlForge.Encode(document))).Error);
        Assert.Equal("saml.replayed", await LastReasonAsync());
        var elsewhere = question with { State = "https://evil.example/" };
        document = SamlForge.Respond(elsewhere, subject: "unasked", email: "unasked@corp.example");
        _forge.Sign(SamlForge.Assertion(document));
        Assert.Equal("/", (await PostAsync(elsewhere, SamlForge.Encode(document))).Address.PathAndQuery);
        // A response to a request is none that nobody asked for.
        var asked = await AskAsync();
        document = SamlForge.Respond(asked, subject: "unasked");
        _forge.Sign(SamlForge.Assertion(document));
        Assert.Equal("sso_failed", (await PostAsync(asked with { State = "" }, SamlForge.Encode(document))).Error);
    }

    [Fact]
    public async Task Another_tenants_provider_opens_nothing_here()
    {
        using var theirs = new SamlForge();
        var owner = await server.CreateMemberAsync("saml-tenant", Togglr.Store.BuiltInRole.Owner);
        var answer = await owner.PostAsync("/api/v1/orgs/saml-tenant/identity-providers", new
        {
            key = "theirs", kind = "saml", createPeople = true, mappings = new[] { new { match = "*", role = "owner" } },
            settings = new { entityId = SamlForge.Entity, signInUrl = "https://idp.example/sso", certificates = new[] { theirs.CertificateText } },
        });
        // Their key at our address.
        var question = await AskAsync();
        var document = SamlForge.Respond(question, email: Victim);
        theirs.Sign(SamlForge.Assertion(document));
        await RefusedAsync(question, document, "saml.signature");
        // Our request answered at their address.
        question = await AskAsync();
        var there = new Uri(server.Address, $"/api/v1/auth/saml/{answer.Get("id")}/acs");
        document = SamlForge.Respond(question with { Acs = there.ToString() }, email: Victim);
        theirs.Sign(SamlForge.Assertion(document));
        var end = await _browser.PostAsync(there, new Dictionary<string, string> { ["SAMLResponse"] = SamlForge.Encode(document), ["RelayState"] = question.State }, IsPage);
        Assert.Equal("sso_state", end.Error);
        // Their own sign-in names somebody of ours.
        var page = await _browser.GetAsync(StartUrl(answer.Get("id")), address => address.Host == "idp.example");
        question = SamlQuestion.Read(page.Address);
        document = SamlForge.Respond(question, email: Victim);
        theirs.Sign(SamlForge.Assertion(document));
        end = await _browser.PostAsync(there, new Dictionary<string, string> { ["SAMLResponse"] = SamlForge.Encode(document), ["RelayState"] = question.State }, IsPage);
        Assert.Equal("invitation_required", end.Error);
        Assert.Null(Refresh());
    }

    private Uri Acs => new(server.Address, $"/api/v1/auth/saml/{_id}/acs");

    private static bool IsPage(Uri address) => !address.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal);

    private Uri StartUrl(string id) => new(server.Address, $"/api/v1/auth/saml/{id}/start");

    private async Task<string> ConnectAsync(bool allowIdpInitiated) => (await server.Admin.PostAsync(Providers, new
    {
        key = $"forged-{Interlocked.Increment(ref s_number)}", kind = "saml", createPeople = true, mappings = new[] { new { match = "devs", role = "viewer" } },
        settings = new { entityId = SamlForge.Entity, signInUrl = "https://idp.example/sso", certificates = new[] { _forge.CertificateText }, allowIdpInitiated },
    })).Get("id");

    private async Task<SamlQuestion> AskAsync() => SamlQuestion.Read((await _browser.GetAsync(StartUrl(_id), address => address.Host == "idp.example")).Address);

    private Task<Page> PostAsync(SamlQuestion question, string response, Func<Uri, bool>? stop = null) =>
        _browser.PostAsync(Acs, new Dictionary<string, string> { ["SAMLResponse"] = response, ["RelayState"] = question.State }, stop ?? IsPage);

    private async Task RefusedAsync(SamlQuestion question, XmlDocument document, string? reason = null)
    {
        var end = await PostAsync(question, SamlForge.Encode(document));
        Assert.Equal(reason == "saml.status" ? "sso_denied" : "sso_failed", end.Error);
        if (reason is not null)
            Assert.Equal(reason, await LastReasonAsync());
        Assert.Null(Refresh());
    }

    private System.Net.Cookie? Refresh() => _browser.Cookies.GetCookies(new Uri(server.Address, "/api/v1/auth/refresh")).SingleOrDefault(cookie => cookie.Name == "togglr_refresh");

    private async Task<string?> LastReasonAsync() =>
        (await server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=20")).At("items").EnumerateArray().Where(entry => entry.GetProperty("action").GetString() == "session.failed")
            .Select(entry => entry.GetProperty("reason").GetString()).FirstOrDefault();

    /// <summary>One provider and its key for all tests here.</summary>
    public sealed class Shared : IDisposable
    {
        internal SamlForge Forge { get; } = new();

        internal string? Provider { get; set; }

        public void Dispose() => Forge.Dispose();
    }

    /// <summary>The eight known ways to wrap a signed element (Somorovsky et al., "On Breaking SAML"); the evil one names the administrator.</summary>
    private static void Wrap(XmlDocument document, string attack)
    {
        var response = document.DocumentElement!;
        var assertion = SamlForge.Assertion(document);
        var original = attack is "XSW1" or "XSW2" ? (XmlElement)response.CloneNode(true) : (XmlElement)assertion.CloneNode(true);
        XmlElement Evil(XmlElement element)
        {
            element.SetAttribute("ID", "_evil");
            foreach (var node in element.GetElementsByTagName("*").OfType<XmlElement>().Where(node => node.InnerXml is "mallory" or "mallory@corp.example"))
                node.InnerText = Victim;
            return element;
        }
        void Unsign(XmlElement element) => element.RemoveChild(SamlForge.Signature(element)!);
        var signature = SamlForge.Signature(attack is "XSW1" or "XSW2" ? response : assertion)!;
        switch (attack)
        {
            case "XSW1":
                Unsign(original);
                Evil(response);
                signature.AppendChild(original);
                break;
            case "XSW2":
                Unsign(original);
                Evil(response);
                response.InsertBefore(original, signature);
                break;
            case "XSW3":
                var before = (XmlElement)assertion.CloneNode(true);
                Unsign(before);
                response.InsertBefore(Evil(before), assertion);
                break;
            case "XSW4":
                var around = (XmlElement)assertion.CloneNode(true);
                Unsign(around);
                response.ReplaceChild(Evil(around), assertion);
                around.AppendChild(assertion);
                break;
            case "XSW5":
                Unsign(original);
                Evil(assertion);
                response.AppendChild(original);
                break;
            case "XSW6":
                Unsign(original);
                Evil(assertion);
                signature.AppendChild(original);
                break;
            case "XSW7":
                var extension = document.CreateElement("samlp", "Extensions", "urn:oasis:names:tc:SAML:2.0:protocol");
                var hidden = (XmlElement)assertion.CloneNode(true);
                Unsign(hidden);
                extension.AppendChild(Evil(hidden));
                response.InsertBefore(extension, assertion);
                break;
            default:
                Unsign(original);
                var inner = document.CreateElement("Object", "http://www.w3.org/2000/09/xmldsig#");
                Evil(assertion);
                inner.AppendChild(original);
                signature.AppendChild(inner);
                break;
        }
    }
}
