using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using System.Web;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.SingleSignOn;

/// <summary>Sign-ins at a real OpenID Connect provider, as a browser does them, and everything that must not work.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class OidcTests(ControlPlaneServer server, OidcTests.Peer peer) : IAsyncLifetime, IClassFixture<OidcTests.Peer>
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";
    private static int s_number;
    private string _issuer = "";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _issuer = await peer.IssuerAsync(server.Address);

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    [Fact]
    public async Task Somebody_unknown_becomes_a_member_with_what_the_mappings_give_and_sees_this_organization_only()
    {
        await ControlAsync(new { account = "alice", claims = new { groups = new[] { "devs", "all" } } });
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "devs", role = "member" }, new { match = "admins", role = "owner" } });
        using var browser = new Browser();
        var end = await SignInAsync(browser, provider, "alice", "/projects/checkout?tab=flags");
        Assert.Equal("/projects/checkout?tab=flags", end.Address.PathAndQuery);
        var me = await MeAsync(browser);
        Assert.Equal("alice@corp.example", me.GetProperty("email").GetString());
        Assert.Equal("Person alice", me.GetProperty("name").GetString());
        Assert.Equal("oidc", me.GetProperty("session").GetProperty("method").GetString());
        Assert.Equal("member", me.GetProperty("organizations")[0].GetProperty("role").GetString());

        // What no mapping gives any more, nobody keeps until they sign in again.
        await server.Admin.PatchAsync($"{Providers}/{provider.Key}", new { mappings = new[] { new { match = "admins", role = "owner" } } });
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM role_grants WHERE provider_id = '{provider.Id}'"));
        await server.Admin.PatchAsync($"{Providers}/{provider.Key}", new { mappings = new[] { new { match = "devs", role = "member" }, new { match = "admins", role = "owner" } } });

        // The provider now says something else: what it gave follows, also downwards.
        await ControlAsync(new { account = "alice", claims = new { groups = new[] { "admins" }, name = "Somebody Else" } });
        using var again = new Browser();
        await SignInAsync(again, provider, "alice");
        me = await MeAsync(again);
        Assert.Equal("owner", me.GetProperty("organizations")[0].GetProperty("role").GetString());
        Assert.Equal("Person alice", me.GetProperty("name").GetString());
        await ControlAsync(new { account = "alice", claims = new { } });
        using var third = new Browser();
        await SignInAsync(third, provider, "alice");
        var access = await TokenAsync(third);
        await server.Anonymous().SendAsync(HttpMethod.Get, "/api/v1/orgs/default/members", null, 404, ("Authorization", $"Bearer {access}"));
        Assert.Contains("user.created", (await AuditAsync()).GetRawText(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("togglr-post", "post", "body")]
    [InlineData("togglr-public", "none", "body")]
    [InlineData("togglr-es512", "none", "body")]
    [InlineData("togglr", "basic", "basic")]
    public async Task Each_kind_of_client_and_signature_works(string client, string authentication, string seen)
    {
        var provider = await ConnectAsync(client: client, authentication: authentication, createPeople: true);
        using var browser = new Browser();
        Assert.Equal("/", (await SignInAsync(browser, provider, $"kind-{client}")).Address.PathAndQuery);
        Assert.Equal(seen, (await ControlAsync(new { })).GetProperty("seenAuthentication").GetString());
    }

    [Fact]
    public async Task Keys_may_change_at_any_time()
    {
        await using var own = new Peer();
        _issuer = await own.IssuerAsync(server.Address);
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, provider, "rotating")).Error);
        await ControlAsync(new { rotate = true });
        using var next = new Browser();
        Assert.Null((await SignInAsync(next, provider, "rotating")).Error);
        // Looking again has its limit: keys that change twice within half a minute are not the usual thing.
        await ControlAsync(new { rotate = true });
        using var refused = new Browser();
        Assert.Equal("sso_failed", (await SignInAsync(refused, provider, "rotating")).Error);
    }

    [Theory]
    [InlineData("oidc.audience", """{"claims":{"aud":"somebody-else"}}""")]
    [InlineData("oidc.authorized_party", """{"claims":{"aud":["togglr","somebody-else"]}}""")]
    [InlineData("oidc.authorized_party", """{"claims":{"azp":"somebody-else"}}""")]
    [InlineData("oidc.issuer", """{"claims":{"iss":"https://evil.example"}}""")]
    [InlineData("oidc.nonce", """{"claims":{"nonce":"another"}}""")]
    [InlineData("oidc.nonce", """{"without":["nonce"]}""")]
    [InlineData("oidc.expired", """{"claims":{"exp":1000000000}}""")]
    [InlineData("oidc.expired", """{"without":["exp"]}""")]
    [InlineData("oidc.expired", """{"claims":{"exp":"9999999999"}}""")]
    [InlineData("oidc.issued_at", """{"claims":{"iat":9999999999}}""")]
    [InlineData("oidc.issued_at", """{"claims":{"iat":1000000000}}""")]
    [InlineData("oidc.not_before", """{"claims":{"nbf":9999999999}}""")]
    [InlineData("oidc.access_token_hash", """{"claims":{"at_hash":"AAAAAAAAAAAAAAAAAAAAAA"}}""")]
    [InlineData("oidc.subject", """{"claims":{"sub":""}}""")]
    [InlineData("oidc.subject", """{"claims":{"sub":7}}""")]
    [InlineData("oidc.id_token", """{"header":{"alg":"none"},"sign":"none"}""")]
    [InlineData("oidc.id_token", """{"header":{"alg":"HS256"},"sign":"hmac-public"}""")]
    [InlineData("oidc.id_token", """{"header":{"alg":"HS256"},"sign":"hmac-secret"}""")]
    [InlineData("oidc.id_token", """{"header":{"crit":["b64"],"b64":false}}""")]
    [InlineData("oidc.signature", """{"claims":{"email":"admin@togglr.dev"},"sign":"keep"}""")]
    [InlineData("oidc.signature", """{"sign":"stranger"}""")]
    [InlineData("oidc.signature", """{"sign":"hmac-public"}""")]
    [InlineData("oidc.signature", """{"header":{"kid":"unknown"},"sign":"keep"}""")]
    [InlineData("oidc.signature", """{"header":{"alg":"PS256"}}""")]
    public async Task A_token_that_lies_opens_nothing(string reason, string lie)
    {
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        await ControlAsync(new { lie = JsonDocument.Parse(lie).RootElement });
        var end = await SignInAsync(browser, provider, "liar");
        Assert.Equal("sso_failed", end.Error);
        Assert.Null(Refresh(browser));
        Assert.Equal(reason, await LastReasonAsync());
    }

    [Fact]
    public async Task Claims_of_the_token_itself_count_where_it_has_them()
    {
        await ControlAsync(new { account = "claimed", claims = new { realm_access = new { roles = new[] { "boss" } } } });
        var provider = await ConnectAsync(
            createPeople: true, mappings: new[] { new { match = "boss", role = "manager" } }, claims: new { groups = "realm_access.roles", name = "nick" });
        await ControlAsync(new { lie = new { claims = new { nick = "Nick", email = "nick@corp.example", email_verified = true } } });
        using var browser = new Browser();
        await SignInAsync(browser, provider, "claimed");
        var me = await MeAsync(browser);
        Assert.Equal(("nick@corp.example", "Nick"), (me.GetProperty("email").GetString(), me.GetProperty("name").GetString()));
        Assert.Equal("manager", me.GetProperty("organizations")[0].GetProperty("role").GetString());
    }

    [Fact]
    public async Task An_answer_is_good_once_and_only_in_the_browser_that_asked()
    {
        var provider = await ConnectAsync(createPeople: true);
        using var attacker = new Browser();
        var callback = (await AtCallbackAsync(attacker, provider, "mallory")).Address;
        using var victim = new Browser();
        // Login CSRF: somebody else's answer in a browser that asked for nothing.
        var planted = await victim.GetAsync(callback, IsPage);
        Assert.Equal("sso_state", planted.Error);
        Assert.Null(Refresh(victim));
        // And now it is used up.
        Assert.Equal("sso_state", (await attacker.GetAsync(callback, IsPage)).Error);

        // The same with a browser that has asked too, and so has a cookie.
        await AtCallbackAsync(victim, provider, "victim");
        Assert.Equal("sso_state", (await victim.GetAsync((await AtCallbackAsync(attacker, provider, "mallory")).Address, IsPage)).Error);

        var good = (await AtCallbackAsync(attacker, provider, "mallory")).Address;
        Assert.Null((await attacker.GetAsync(good, IsPage)).Error);
        Assert.Equal("sso_state", (await attacker.GetAsync(good, IsPage)).Error);
    }

    [Fact]
    public async Task State_code_and_issuer_must_be_those_of_the_answer()
    {
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        async Task<(string? Error, string? Reason)> With(Action<System.Collections.Specialized.NameValueCollection> change)
        {
            var address = (await AtCallbackAsync(browser, provider, "careful")).Address;
            var query = HttpUtility.ParseQueryString(address.Query);
            change(query);
            var end = await browser.GetAsync(new Uri($"{address.GetLeftPart(UriPartial.Path)}?{query}"), IsPage);
            return (end.Error, await LastReasonAsync());
        }
        Assert.Equal("sso_state", (await With(query => query["state"] = new string('A', 43))).Error);
        Assert.Equal("sso_state", (await With(query => query.Remove("state"))).Error);
        Assert.Equal(("sso_failed", "oidc.other_issuer"), await With(query => query["iss"] = "https://evil.example"));
        Assert.Equal(("sso_failed", "oidc.other_issuer"), await With(query => query.Remove("iss")));
        Assert.Equal(("sso_failed", "oidc.token_endpoint"), await With(query => query["code"] = "guessed"));
        Assert.Equal(("sso_failed", "oidc.code"), await With(query => query.Remove("code")));
        Assert.Equal(("sso_denied", "oidc.denied"), await With(query => query["error"] = "access_denied"));
        Assert.Equal(("sso_failed", "oidc.provider_error"), await With(query => query["error"] = "<script>"));
    }

    [Fact]
    public async Task A_code_that_was_used_elsewhere_is_refused_by_the_provider_and_so_here()
    {
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        var first = (await AtCallbackAsync(browser, provider, "replayed")).Address;
        var second = (await AtCallbackAsync(browser, provider, "replayed")).Address;
        Assert.Null((await browser.GetAsync(first, IsPage)).Error);
        var query = HttpUtility.ParseQueryString(second.Query);
        query["code"] = HttpUtility.ParseQueryString(first.Query)["code"];
        // Injected into another sign-in: PKCE and nonce are another's.
        using var other = new Browser();
        var third = (await AtCallbackAsync(other, provider, "replayed")).Address;
        var injected = HttpUtility.ParseQueryString(third.Query);
        injected["code"] = HttpUtility.ParseQueryString(second.Query)["code"];
        Assert.Equal("sso_failed", (await other.GetAsync(new Uri($"{third.GetLeftPart(UriPartial.Path)}?{injected}"), IsPage)).Error);
        Assert.Equal("oidc.token_endpoint", await LastReasonAsync());
    }

    [Fact]
    public async Task A_sign_in_that_takes_too_long_has_to_be_begun_again()
    {
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        var callback = (await AtCallbackAsync(browser, provider, "slow")).Address;
        await server.CountAsync("WITH u AS (UPDATE sso_requests SET expires_at = now() - interval '1 second' RETURNING 1) SELECT count(*) FROM u");
        Assert.Equal("sso_expired", (await browser.GetAsync(callback, IsPage)).Error);
    }

    [Fact]
    public async Task Saying_no_at_the_provider_leads_back_to_the_login_page()
    {
        var provider = await ConnectAsync();
        using var browser = new Browser();
        var page = await browser.GetAsync(StartOf(provider, null));
        var abort = new Uri(page.Address, System.Text.RegularExpressions.Regex.Match(page.Body, "href=\"(?<to>[^\"]*abort)\"", System.Text.RegularExpressions.RegexOptions.ExplicitCapture, TimeSpan.FromSeconds(1)).Groups["to"].Value);
        var end = await browser.GetAsync(abort, IsPage);
        Assert.Equal("sso_denied", end.Error);
        Assert.NotNull(HttpUtility.ParseQueryString(end.Address.Query)["requestId"]);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("/\\evil.example")]
    [InlineData("\\\\evil.example")]
    [InlineData("https://evil.example/")]
    [InlineData("javascript:alert(1)")]
    [InlineData("/\t/evil.example")]
    [InlineData("/\n/evil.example")]
    [InlineData("%2F%2Fevil.example")]
    [InlineData("evil.example")]
    [InlineData("/api/v1/auth/logout")]
    [InlineData("/ä")]
    public async Task Nobody_is_sent_elsewhere(string returnTo)
    {
        var provider = await ConnectAsync(createPeople: true);
        using var browser = new Browser();
        var end = await SignInAsync(browser, provider, "returning", returnTo);
        Assert.Equal("/", end.Response.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task Without_create_people_only_members_come_in_and_are_linked_by_their_address()
    {
        var provider = await ConnectAsync();
        using var stranger = new Browser();
        Assert.Equal("not_a_member", (await SignInAsync(stranger, provider, "stranger")).Error);
        Assert.Equal("not_a_member", await LastReasonAsync());

        var email = await MemberAsync("default", BuiltInRole.Viewer);
        await ControlAsync(new { account = "member-1", claims = new { email = email.ToUpperInvariant() } });
        using var member = new Browser();
        Assert.Null((await SignInAsync(member, provider, "member-1")).Error);
        Assert.Equal("viewer", (await MeAsync(member)).GetProperty("organizations")[0].GetProperty("role").GetString());
        // The address went to somebody else at the provider: not the same person.
        await ControlAsync(new { account = "member-2", claims = new { email } });
        using var successor = new Browser();
        Assert.Equal("linked_to_another", (await SignInAsync(successor, provider, "member-2")).Error);
        // The person's address changes at the provider: still the same person.
        await ControlAsync(new { account = "member-1", claims = new { email = "renamed@corp.example" } });
        using var renamed = new Browser();
        Assert.Null((await SignInAsync(renamed, provider, "member-1")).Error);
        Assert.Equal(email, (await MeAsync(renamed)).GetProperty("email").GetString());
    }

    [Fact]
    public async Task Whoever_had_the_address_of_somebody_new_before_does_not_come_in_with_the_old_password()
    {
        var before = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var me = await before.GetAsync("/api/v1/me");
        await server.Admin.DeleteAsync($"/api/v1/orgs/default/members/{me.Get("id")}", 204);
        before = await server.SignInAsync(me.Get("email"), "correct horse");
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "*", role = "manager" } });
        await ControlAsync(new { account = "successor", claims = new { email = me.Get("email") } });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, provider, "successor")).Error);
        var now = await MeAsync(browser);
        Assert.Equal((me.Get("id"), "Person successor"), (now.GetProperty("id").GetString(), now.GetProperty("name").GetString()));
        await before.GetAsync("/api/v1/orgs/default/members", 401);
        await server.Anonymous().PostAsync("/api/v1/auth/login", new { email = me.Get("email"), password = "correct horse" }, 401);
    }

    [Fact]
    public async Task An_address_that_nobody_vouches_for_links_nobody()
    {
        var provider = await ConnectAsync(createPeople: true);
        await ControlAsync(new { account = "unverified", claims = new { email = "admin@togglr.dev", email_verified = false } });
        using var browser = new Browser();
        Assert.Equal("email_not_verified", (await SignInAsync(browser, provider, "unverified")).Error);
        await ControlAsync(new { account = "nothing", claims = new { email = (string?)null } });
        using var nameless = new Browser();
        Assert.Equal("email_missing", (await SignInAsync(nameless, provider, "nothing")).Error);
        var trusting = await ConnectAsync(createPeople: true, trustEmail: true);
        await ControlAsync(new { account = "unverified", claims = new { email = "trusted@corp.example", email_verified = false } });
        Assert.Null((await SignInAsync(browser, trusting, "unverified")).Error);
    }

    [Fact]
    public async Task A_provider_opens_its_own_organization_only()
    {
        // Somebody who belongs to another organization, and to this one.
        var email = await MemberAsync("tenant-a", BuiltInRole.Owner);
        await JoinAsync(email, "default", BuiltInRole.Viewer);
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "*", role = "manager" } });
        await ControlAsync(new { account = "both", claims = new { email } });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, provider, "both")).Error);
        var signedIn = await RefreshAsync(browser);
        Assert.Equal("default", Assert.Single(signedIn.GetProperty("user").GetProperty("organizations").EnumerateArray()).GetProperty("key").GetString());
        var token = signedIn.GetProperty("accessToken").GetString();
        Assert.Equal(404, (await server.Anonymous().SendAsync(HttpMethod.Get, "/api/v1/orgs/tenant-a", null, -1, ("Authorization", $"Bearer {token}"))).Status);
        // The other organization is not told of it either.
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM audit_entries e JOIN organizations o ON o.id = e.organization_id WHERE o.key = 'tenant-a' AND e.action = 'session.started' AND e.reason LIKE 'oidc%'"));

        // Somebody of the other organization alone: an identity provider cannot draw them in.
        var foreigner = await MemberAsync("tenant-a", BuiltInRole.Owner);
        await ControlAsync(new { account = "foreign", claims = new { email = foreigner } });
        using var foreign = new Browser();
        Assert.Equal("invitation_required", (await SignInAsync(foreign, provider, "foreign")).Error);
        Assert.Null(Refresh(foreign));
    }

    [Fact]
    public async Task Who_was_deactivated_here_stays_out()
    {
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "*", role = "viewer" } });
        using var browser = new Browser();
        await SignInAsync(browser, provider, "leaver");
        await server.CountAsync("WITH u AS (UPDATE memberships m SET disabled_at = now() FROM users u WHERE u.id = m.user_id AND u.email = 'leaver@corp.example' RETURNING 1) SELECT count(*) FROM u");
        using var again = new Browser();
        Assert.Equal("deactivated", (await SignInAsync(again, provider, "leaver")).Error);
        Assert.Null(Refresh(again));
        // Under another name at the provider too.
        await ControlAsync(new { account = "leaver-2", claims = new { email = "leaver@corp.example" } });
        using var third = new Browser();
        Assert.Equal("deactivated", (await SignInAsync(third, provider, "leaver-2")).Error);
    }

    [Fact]
    public async Task Switching_a_provider_off_or_removing_it_ends_the_sign_ins_that_came_through_it()
    {
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "*", role = "viewer" } });
        using var browser = new Browser();
        await SignInAsync(browser, provider, "ended");
        var token = await TokenAsync(browser);
        var mine = ("Authorization", $"Bearer {token}");
        await server.Anonymous().SendAsync(HttpMethod.Get, "/api/v1/orgs/default", null, 200, mine);
        var callback = (await AtCallbackAsync(browser, provider, "ended")).Address;
        await server.Admin.PatchAsync($"{Providers}/{provider.Key}", new { enabled = false });
        await server.Anonymous().SendAsync(HttpMethod.Get, "/api/v1/orgs/default", null, 401, mine);
        Assert.Equal("sso_state", (await browser.GetAsync(callback, IsPage)).Error);
        Assert.Equal(404, (await browser.GetAsync(StartOf(provider, null))).Status);
        await server.Admin.DeleteAsync($"{Providers}/{provider.Key}", 204);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM role_grants WHERE provider_id = '{provider.Id}'"));
        Assert.Equal(1, await server.CountAsync("SELECT count(*) FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = 'ended@corp.example'"));
    }

    [Fact]
    public async Task Many_first_sign_ins_of_one_person_make_one_person()
    {
        var provider = await ConnectAsync(createPeople: true, mappings: new[] { new { match = "*", role = "viewer" } });
        var browsers = Enumerable.Range(0, 4).Select(_ => new Browser()).ToList();
        var callbacks = new List<Uri>();
        foreach (var browser in browsers)
            callbacks.Add((await AtCallbackAsync(browser, provider, "crowd")).Address);
        var ends = await Task.WhenAll(browsers.Select((browser, i) => browser.GetAsync(callbacks[i], IsPage)));
        Assert.All(ends, end => Assert.Null(end.Error));
        Assert.Equal(1, await server.CountAsync("SELECT count(*) FROM users WHERE email = 'crowd@corp.example'"));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM role_grants WHERE provider_id = '{provider.Id}'"));
        browsers.ForEach(browser => browser.Dispose());
    }

    [Fact]
    public async Task Where_passwords_are_for_owners_only_everybody_else_comes_by_the_provider()
    {
        const string organization = "sso-only";
        var owner = await server.CreateMemberAsync(organization, BuiltInRole.Owner);
        var email = await MemberAsync(organization, BuiltInRole.Member);
        var provider = await ConnectAsync(owner, organization);
        await server.CountAsync($"WITH u AS (UPDATE organizations SET password_sign_in = 'owners', access_version = access_version + 1 WHERE key = '{organization}' RETURNING 1) SELECT count(*) FROM u");
        // The day the provider fails: an owner's password still opens.
        await owner.GetAsync($"/api/v1/orgs/{organization}");
        var member = await server.SignInAsync(email, "correct horse");
        Assert.Equal("sso_required", (await member.GetAsync($"/api/v1/orgs/{organization}", 403)).Code);
        await ControlAsync(new { account = "sso-only", claims = new { email } });
        using var browser = new Browser();
        Assert.Null((await SignInAsync(browser, provider, "sso-only")).Error);
        await server.Anonymous().SendAsync(HttpMethod.Get, $"/api/v1/orgs/{organization}", null, 200, ("Authorization", $"Bearer {await TokenAsync(browser)}"));
    }

    [Fact]
    public async Task The_test_of_a_provider_says_what_was_found()
    {
        var provider = await ConnectAsync();
        var test = await server.Admin.PostAsync($"{Providers}/{provider.Key}/test");
        Assert.Equal("True", test.Get("ok"));
        Assert.Equal(["publicUrl", "discovery", "pkce", "keys"], test.At("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        await server.Admin.PatchAsync($"{Providers}/{provider.Key}", new { settings = new { issuer = _issuer + "/", clientId = "togglr" } });
        Assert.Equal("False", (await server.Admin.PostAsync($"{Providers}/{provider.Key}/test")).Get("ok"));
    }

    private static bool IsPage(Uri address) => !address.AbsolutePath.StartsWith("/api/", StringComparison.Ordinal) && address.Host == "127.0.0.1";

    private bool IsCallback(Uri address) => address.AbsolutePath == "/api/v1/auth/oidc/callback" && address.Port == server.Address.Port;

    private Uri StartOf(Connected provider, string? returnTo) =>
        new(server.Address, $"/api/v1/auth/oidc/{provider.Id}/start{(returnTo is null ? "" : "?returnTo=" + Uri.EscapeDataString(returnTo))}");

    private async Task<Page> SignInAsync(Browser browser, Connected provider, string login, string? returnTo = null) =>
        await browser.GetAsync((await AtCallbackAsync(browser, provider, login, returnTo)).Address, IsPage);

    /// <summary>Signs in at the provider and stops before the answer is delivered.</summary>
    private async Task<Page> AtCallbackAsync(Browser browser, Connected provider, string login, string? returnTo = null)
    {
        var page = await browser.GetAsync(StartOf(provider, returnTo), IsCallback);
        for (var i = 0; i < 4 && !IsCallback(page.Address); i++)
            page = await browser.SubmitAsync(page, page.Body.Contains("name=\"login\"", StringComparison.Ordinal) ? new Dictionary<string, string> { ["login"] = login, ["password"] = "any" } : [], IsCallback);
        return page;
    }

    private async Task<Connected> ConnectAsync(
        Api? owner = null, string organization = "default", string client = "togglr", string authentication = "basic", bool createPeople = false, object? mappings = null, object? claims = null,
        bool trustEmail = false)
    {
        var key = $"oidc-{Interlocked.Increment(ref s_number)}";
        var answer = await (owner ?? server.Admin).PostAsync($"/api/v1/orgs/{organization}/identity-providers", new
        {
            key, kind = "oidc", createPeople, mappings = mappings ?? Array.Empty<object>(), secrets = authentication == "none" ? null : new { clientSecret = "s3cret/+%& x" },
            settings = new { issuer = _issuer, clientId = client, clientAuthentication = authentication, scopes = new[] { "openid", "email", "profile", "groups" }, claims = claims ?? new { }, trustEmail },
        });
        return new Connected(answer.Get("id"), key);
    }

    private async Task<JsonElement> ControlAsync(object command)
    {
        using var http = new HttpClient();
        using var answer = await http.PostAsJsonAsync($"{_issuer}/control", command, Cancel);
        return await answer.Content.ReadFromJsonAsync<JsonElement>(Cancel);
    }

    private Cookie? Refresh(Browser browser) => browser.Cookies.GetCookies(new Uri(server.Address, "/api/v1/auth/refresh")).SingleOrDefault(cookie => cookie.Name == "togglr_refresh");

    private async Task<string> TokenAsync(Browser browser) => (await RefreshAsync(browser)).GetProperty("accessToken").GetString()!;

    private async Task<JsonElement> MeAsync(Browser browser) => (await RefreshAsync(browser)).GetProperty("user");

    private async Task<JsonElement> RefreshAsync(Browser browser)
    {
        var cookie = Refresh(browser);
        Assert.NotNull(cookie);
        Assert.True(cookie.HttpOnly);
        var answer = await server.Anonymous().PostAsync("/api/v1/auth/refresh", new { refreshToken = cookie.Value });
        return answer.Json;
    }

    private async Task<JsonElement> AuditAsync() => (await server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=50")).Json;

    private async Task<string?> LastReasonAsync() =>
        (await AuditAsync()).GetProperty("items").EnumerateArray().Where(entry => entry.GetProperty("action").GetString() == "session.failed")
            .Select(entry => entry.GetProperty("reason").GetString()).FirstOrDefault();

    private async Task<string> MemberAsync(string organization, BuiltInRole role)
    {
        var member = await server.CreateMemberAsync(organization, role);
        return (await member.GetAsync("/api/v1/me")).Get("email");
    }

    private Task<long> JoinAsync(string email, string organization, BuiltInRole role) => server.CountAsync(
        $"""
        WITH m AS (INSERT INTO memberships (organization_id, user_id, version, created_at, updated_at) SELECT o.id, u.id, 1, now(), now() FROM organizations o, users u WHERE o.key = '{organization}' AND u.email = '{email}' RETURNING *),
        g AS (INSERT INTO role_grants (id, organization_id, user_id, built_in_role, version, created_at, updated_at) SELECT gen_random_uuid(), organization_id, user_id, '{role.ToString().ToLowerInvariant()}', 1, now(), now() FROM m)
        SELECT count(*) FROM m
        """);

    private sealed record Connected(string Id, string Key);

    /// <summary>The provider, started once for all tests here.</summary>
    public sealed class Peer : IAsyncDisposable
    {
        private NodePeer? _started;

        public async Task<string> IssuerAsync(Uri server)
        {
            _started ??= await NodePeer.StartAsync("oidc", "oidc-provider", "provider.mjs", new Uri(server, "/api/v1/auth/oidc/callback").ToString());
            return _started.Ready.GetProperty("issuer").GetString()!;
        }

        public ValueTask DisposeAsync() => _started?.DisposeAsync() ?? ValueTask.CompletedTask;
    }
}
