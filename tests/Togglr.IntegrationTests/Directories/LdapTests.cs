using System.DirectoryServices.Protocols;
using System.Globalization;
using System.Text.Json;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.IntegrationTests.Directories;

/// <summary>Signing in and syncing with a real OpenLDAP. Each test has an organization's provider and people of its own names.</summary>
public sealed class LdapTests(PostgresFixture postgres) : IAsyncLifetime
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";

    private ControlPlaneServer _server = null!;
    private Slapd _slapd = null!;

    public async ValueTask InitializeAsync()
    {
        _slapd = await Slapd.StartAsync();
        _server = new ControlPlaneServer(postgres);
        await _server.InitializeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        if (_slapd is not null)
            await _slapd.DisposeAsync();
    }

    [Fact]
    public async Task People_sign_in_with_the_password_of_the_directory_and_get_what_their_groups_give()
    {
        _slapd.Add(Slapd.Person("ada") + Slapd.Person("bob") + Slapd.Group("developers", "ada"));
        var id = await ConnectAsync("main", mappings: [new { match = "*", role = "viewer" }, new { match = "Developers", role = "member" }]);
        var ada = await SignInAsync(id, "ada", "pass word");
        Assert.Equal("ada@directory.example", ada.Get("user", "email"));
        Assert.Equal("Person ada", ada.Get("user", "name"));
        Assert.Equal("default", ada.Get("user", "organizations", "0", "key"));
        var api = With(ada);
        Assert.Contains("flag.manage", (await api.GetAsync("/api/v1/me")).At("organizations", "0", "permissions").EnumerateArray().Select(item => item.GetString()));
        // By the address too, and it is the same person.
        Assert.Equal(ada.Get("user", "id"), (await SignInAsync(id, "ADA@directory.example", "pass word")).Get("user", "id"));
        var bob = await SignInAsync(id, "bob", "pass word");
        Assert.DoesNotContain("flag.manage", (await With(bob).GetAsync("/api/v1/me")).At("organizations", "0", "permissions").EnumerateArray().Select(item => item.GetString()));
        // The group is taken away in the directory: the next sign-in knows.
        _slapd.Delete($"cn=developers,ou=groups,{Slapd.BaseDn}");
        await SignInAsync(id, "ada", "pass word");
        Assert.DoesNotContain("flag.manage", (await api.GetAsync("/api/v1/me")).At("organizations", "0", "permissions").EnumerateArray().Select(item => item.GetString()));
        Assert.Equal(4, await _server.CountAsync("SELECT count(*) FROM sessions WHERE method = 'ldap' AND organization_id IS NOT NULL AND provider_id IS NOT NULL"));
    }

    [Fact]
    public async Task Nothing_that_is_typed_changes_what_is_asked()
    {
        _slapd.Add(Slapd.Person("eve") + Slapd.Person("Ünïcode", mail: "unicode@directory.example") + Slapd.Person("star*") + Slapd.Person("(paren)"));
        var id = await ConnectAsync("strict");
        foreach (var (username, password) in new[]
        {
            ("eve", "wrong"), ("eve", ""), ("eve", " "), ("*", "pass word"), ("*)(uid=*", "pass word"), ("eve)(objectClass=*", "pass word"), ("eve)(|(uid=*", "pass word"), ("ev*", "pass word"),
            ("\\65ve", "pass word"), ("nobody", "pass word"), ("", "pass word"), ("{username}", "pass word"), ("{dn}", "pass word"), ($"uid=eve,ou=people,{Slapd.BaseDn}", "pass word"),
            (new string('x', 10_000), "pass word"), ("eve", new string('x', 10_000)),
        })
        {
            var answer = await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username, password }, 401);
            Assert.Equal("invalid_credentials", answer.Code);
        }
        Assert.Equal("invalid_credentials", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", """{"username":"e\u0000ve","password":"pass word"}""", 401)).Code);
        Assert.Equal("invalid_credentials", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", """{"username":"eve","password":"\u0000"}""", 401)).Code);
        Assert.Equal(0, await _server.CountAsync("SELECT count(*) FROM users WHERE email LIKE '%directory.example'"));
        foreach (var username in new[] { "eve", "Ünïcode", "star*", "(paren)" })
            Assert.Equal($"Person {username}", (await SignInAsync(id, username, "pass word")).Get("user", "name"));
    }

    [Fact]
    public async Task Guessing_at_a_directory_gets_slow()
    {
        _slapd.Add(Slapd.Person("slow"));
        var id = await ConnectAsync("guessed");
        for (var i = 0; i < 5; i++)
            await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "slow", password = "wrong" }, 401);
        await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "SLOW", password = "pass word" }, 429);
        var log = await _server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=1");
        Assert.Equal("session.failed", log.Get("items", "0", "action"));
        Assert.Equal("invalid_credentials", log.Get("items", "0", "reason"));
    }

    [Fact]
    public async Task The_connection_is_protected_by_the_certificate_that_is_trusted_and_by_no_other()
    {
        _slapd.Add(Slapd.Person("tls"));
        foreach (var (security, good, other) in new[] { ("starttls", _slapd.Url, _slapd.OtherUrl), ("ldaps", _slapd.TlsUrl, _slapd.OtherTlsUrl) })
        {
            var id = await ConnectAsync($"{security}-good", url: good, security: security, ca: _slapd.CaCertificate);
            Assert.Equal("Person tls", (await SignInAsync(id, "tls", "pass word")).Get("user", "name"));
            Assert.True((await _server.Admin.PostAsync($"{Providers}/{security}-good/test")).At("ok").GetBoolean());
            foreach (var (name, url, ca, complaint) in new[]
            {
                ("unknown", good, null, "not trusted"), ("wrong", good, Slapd.IssueCertificate().Ca, "not trusted"), ("name", other, _slapd.CaCertificate, "another name"),
            })
            {
                var refused = await ConnectAsync($"{security}-{name}", url: url, security: security, ca: ca);
                Assert.Equal("directory_unavailable", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{refused}", new { username = "tls", password = "pass word" }, 503)).Code);
                var test = await _server.Admin.PostAsync($"{Providers}/{security}-{name}/test");
                Assert.False(test.At("ok").GetBoolean());
                var step = test.At("steps").EnumerateArray().Last();
                Assert.Equal("tls", step.GetProperty("name").GetString());
                Assert.Contains(complaint, step.GetProperty("detail").GetString(), StringComparison.Ordinal);
            }
        }
        var silent = await ConnectAsync("starttls-none", url: _slapd.TlsUrl.Replace("ldaps", "ldap", StringComparison.Ordinal), security: "starttls", ca: _slapd.CaCertificate);
        await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{silent}", new { username = "tls", password = "pass word" }, 503);
    }

    [Fact]
    public async Task The_test_says_at_which_step_it_ends_and_why()
    {
        _slapd.Add(Slapd.Person("sample") + Slapd.Group("samples", "sample"));
        await ConnectAsync("t-good");
        var good = await _server.Admin.PostAsync($"{Providers}/t-good/test");
        Assert.Equal(["connect", "tls", "bind", "search", "user", "groups"], good.At("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
        Assert.True(good.At("ok").GetBoolean());
        async Task<string> Failing(string key, object settings, string? password = Slapd.AdminPassword)
        {
            await _server.Admin.PostAsync(Providers, new { key, kind = "ldap", settings, secrets = password is null ? null : new { bindPassword = password } });
            var test = await _server.Admin.PostAsync($"{Providers}/{key}/test");
            Assert.False(test.At("ok").GetBoolean());
            var last = test.At("steps").EnumerateArray().Last();
            return $"{last.GetProperty("name")}: {last.GetProperty("detail")}";
        }
        var urls = new[] { _slapd.Url };
        Assert.Contains("connect: Nobody listens", await Failing("t-dead", new { urls = new[] { $"ldap://127.0.0.1:{FreePort.Next()}" }, security = "none", baseDn = Slapd.BaseDn }), StringComparison.Ordinal);
        Assert.Contains("connect: There is no machine", await Failing("t-nowhere", new { urls = new[] { "ldap://nowhere.invalid" }, security = "none", baseDn = Slapd.BaseDn }), StringComparison.Ordinal);
        Assert.Contains("bind: The directory refuses", await Failing("t-bind", new { urls, security = "none", bindDn = Slapd.AdminDn, baseDn = Slapd.BaseDn }, "wrong"), StringComparison.Ordinal);
        Assert.Contains("search: There is no", await Failing("t-base", new { urls, security = "none", bindDn = Slapd.AdminDn, baseDn = "dc=nothing" }), StringComparison.Ordinal);
        Assert.Contains("user: The filter", await Failing("t-user", new { urls, security = "none", bindDn = Slapd.AdminDn, baseDn = Slapd.BaseDn, userFilter = "(&(uid={username})(sn=none))" }), StringComparison.Ordinal);
        // The address that answers is enough.
        await ConnectAsync("t-second", urls: [$"ldap://127.0.0.1:{FreePort.Next()}", _slapd.Url]);
        Assert.Equal(["connect", "connect", "tls", "bind", "search", "user", "groups"],
            (await _server.Admin.PostAsync($"{Providers}/t-second/test")).At("steps").EnumerateArray().Select(step => step.GetProperty("name").GetString()));
    }

    [Fact]
    public async Task Bad_settings_are_told_with_their_place()
    {
        async Task Refused(string path, object settings, object? secrets = null)
        {
            var answer = await _server.Admin.PostAsync(Providers, new { key = "bad", kind = "ldap", settings, secrets }, 400);
            Assert.Equal(path, answer.Get("errors", "0", "path"));
        }
        var urls = new[] { _slapd.Url };
        await Refused("/settings/urls", new { urls = Array.Empty<string>(), baseDn = "dc=x" });
        await Refused("/settings/urls/0", new { urls = new[] { "http://x" }, baseDn = "dc=x" });
        await Refused("/settings/urls/0", new { urls = new[] { "ldap://x" }, security = "ldaps", baseDn = "dc=x" });
        await Refused("/settings/urls/0", new { urls = new[] { "ldap://user:password@x" }, baseDn = "dc=x" });
        await Refused("/settings/baseDn", new { urls, baseDn = "" });
        await Refused("/settings/userFilter", new { urls, baseDn = "dc=x", userFilter = "(uid=fixed)" });
        await Refused("/settings/userFilter", new { urls, baseDn = "dc=x", userFilter = "(uid={username})(a=b)" });
        await Refused("/settings/caCertificate", new { urls, baseDn = "dc=x", caCertificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----" });
        await Refused("/secrets/bindPassword", new { urls, baseDn = "dc=x", bindDn = "cn=x" });
        await Refused("/settings/pageSize", new { urls, baseDn = "dc=x", pageSize = 0 });
        await Refused("/settings/attributes/id", new { urls, baseDn = "dc=x", attributes = new { id = "a)(b" } });
    }

    [Fact]
    public async Task A_directory_that_is_dead_or_hangs_troubles_nobody_else()
    {
        _slapd.Add(Slapd.Person("calm"));
        var good = await ConnectAsync("alive");
        var dead = await ConnectAsync("dead", url: $"ldap://127.0.0.1:{FreePort.Next()}");
        using var silent = new System.Net.Sockets.TcpListener(System.Net.IPAddress.Loopback, 0);
        silent.Start();
        var hung = await ConnectAsync("hung", url: $"ldap://127.0.0.1:{((System.Net.IPEndPoint)silent.LocalEndpoint).Port}");
        var hanging = Enumerable.Range(0, 12).Select(i => _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{hung}", new { username = $"u{i}", password = "x" }, -1)).ToList();
        Assert.Equal("directory_unavailable", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{dead}", new { username = "calm", password = "pass word" }, 503)).Code);
        Assert.Equal("Person calm", (await SignInAsync(good, "calm", "pass word")).Get("user", "name"));
        await _server.SignInAsync(Togglr.ControlPlane.Accounts.FirstStart.DemoEmail, Togglr.ControlPlane.Accounts.FirstStart.DemoPassword);
        Assert.All(await Task.WhenAll(hanging), answer => Assert.Contains(answer.Status, new[] { 503, 429 }));
    }

    [Fact]
    public async Task A_second_factor_is_asked_for_after_the_password_of_the_directory()
    {
        var member = await _server.CreateMemberAsync("default", Togglr.Store.BuiltInRole.Viewer);
        var email = (await member.GetAsync("/api/v1/me")).Get("email");
        _slapd.Add(Slapd.Person("careful", mail: email));
        var id = await ConnectAsync("factors");
        var setup = await member.PostAsync("/api/v1/me/two-factor", new { password = "correct horse" });
        var secret = FromBase32(setup.Get("secret"));
        var codes = await member.PostAsync("/api/v1/me/two-factor/confirm", new { code = Totp.CodeOf(secret, Totp.StepOf(TimeProvider.System.GetUtcNow())) });
        Assert.Equal("invalid_credentials", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "careful", password = "wrong" }, 401)).Code);
        Assert.Equal("two_factor_code_required", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "careful", password = "pass word" }, 401)).Code);
        Assert.Equal("invalid_code", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "careful", password = "pass word", code = "000000" }, 401)).Code);
        var signedIn = await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "careful", password = "pass word", code = codes.Get("recoveryCodes", "0") });
        Assert.True(signedIn.At("user", "session", "secondFactor").GetBoolean());
        Assert.Equal("ldap", signedIn.Get("user", "session", "method"));
    }

    [Fact]
    public async Task A_switched_off_or_unknown_directory_does_not_exist()
    {
        var id = await ConnectAsync("off");
        await _server.Admin.PatchAsync($"{Providers}/off", new { enabled = false }, 0, ("If-Match", "*"));
        await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "x", password = "y" }, 404);
        await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{Guid.CreateVersion7()}", new { username = "x", password = "y" }, 404);
        Assert.Equal("provider_disabled", (await _server.Admin.PostAsync($"{Providers}/off/sync", null, 409)).Code);
    }

    [Fact]
    public async Task A_sync_follows_the_directory()
    {
        _slapd.Add(string.Concat(Enumerable.Range(1, 10).Select(i => Slapd.Person($"s{i}"))) + Slapd.Person("nomail", mail: null) + Slapd.Group("team", "s1", "s2"));
        await ConnectAsync("synced", mappings: [new { match = "*", role = "viewer" }, new { match = "team", role = "member" }],
            more: new Dictionary<string, object> { ["disabledFilter"] = "(employeeType=gone)" });
        var first = await SyncAsync("synced");
        Assert.Equal("succeeded", first.Get("status"));
        Assert.Equal(("11", "10", "1"), (first.Get("scanned"), first.Get("created"), first.Get("skipped")));
        Assert.Contains(first.At("log").EnumerateArray(), line => line.GetProperty("message").GetString()!.Contains("uid=nomail", StringComparison.Ordinal));
        Assert.Equal(2, await GrantsAsync("member"));
        Assert.Equal(10, await GrantsAsync("viewer"));

        // Nothing changed: nothing is written.
        var entries = await _server.CountAsync("SELECT count(*) FROM audit_entries");
        var second = await SyncAsync("synced");
        Assert.Equal(("0", "0", "0"), (second.Get("created"), second.Get("updated"), second.Get("deactivated")));
        Assert.Equal(entries + 1, await _server.CountAsync("SELECT count(*) FROM audit_entries"));

        // A group and a name change, one person leaves, one is switched off there.
        var s3 = With(await SignInAsync((await _server.Admin.GetAsync($"{Providers}/synced")).Get("id"), "s3", "pass word"));
        await s3.GetAsync("/api/v1/me");
        _slapd.Change($"cn=team,ou=groups,{Slapd.BaseDn}", DirectoryAttributeOperation.Delete, "member", $"uid=s1,ou=people,{Slapd.BaseDn}");
        _slapd.Change($"uid=s2,ou=people,{Slapd.BaseDn}", DirectoryAttributeOperation.Replace, "cn", "Renamed");
        _slapd.Change($"uid=s3,ou=people,{Slapd.BaseDn}", DirectoryAttributeOperation.Replace, "employeeType", "gone");
        _slapd.Delete($"uid=s4,ou=people,{Slapd.BaseDn}");
        var third = await SyncAsync("synced");
        Assert.Equal(("2", "2"), (third.Get("updated"), third.Get("deactivated")));
        Assert.Equal(1, await GrantsAsync("member"));
        Assert.Equal(1, await _server.CountAsync("SELECT count(*) FROM users WHERE name = 'Renamed' AND email = 's2@directory.example'"));
        Assert.Equal(0, await _server.CountAsync("SELECT count(*) FROM users WHERE disabled_at IS NOT NULL"));
        await s3.GetAsync("/api/v1/me", 401);

        // Who comes back comes back; whom people here have deactivated stays out.
        _slapd.Change($"uid=s3,ou=people,{Slapd.BaseDn}", DirectoryAttributeOperation.Delete, "employeeType");
        Assert.Equal("1", (await SyncAsync("synced")).Get("updated"));
        Assert.Equal(1, await _server.CountAsync("SELECT count(*) FROM memberships WHERE disabled_at IS NOT NULL"));
        Assert.Equal("provider", (await _server.Admin.GetAsync("/api/v1/orgs/default/audit?entity=member&limit=1")).Get("items", "0", "actor", "kind"));
    }

    [Fact]
    public async Task A_sync_that_would_put_many_out_stops_unless_forced()
    {
        _slapd.Add(string.Concat(Enumerable.Range(1, 9).Select(i => Slapd.Person($"m{i}"))));
        await ConnectAsync("careful");
        Assert.Equal("9", (await SyncAsync("careful")).Get("created"));
        for (var i = 1; i <= 2; i++)
            _slapd.Delete($"uid=m{i},ou=people,{Slapd.BaseDn}");
        _slapd.Add(Slapd.Person("m10"));
        var stopped = await SyncAsync("careful");
        Assert.Equal("failed", stopped.Get("status"));
        Assert.Contains("2 of 9", stopped.Get("error"), StringComparison.Ordinal);
        Assert.Equal(("0", "0"), (stopped.Get("created"), stopped.Get("deactivated")));
        var forced = await SyncAsync("careful", "?force=true");
        Assert.Equal(("succeeded", "1", "2"), (forced.Get("status"), forced.Get("created"), forced.Get("deactivated")));
        // A directory that does not answer puts nobody out.
        await _slapd.StopAsync();
        var dead = await SyncAsync("careful", "?force=true");
        Assert.Equal(("failed", "0"), (dead.Get("status"), dead.Get("deactivated")));
        Assert.Equal(2, await _server.CountAsync("SELECT count(*) FROM memberships WHERE disabled_at IS NOT NULL"));
    }

    [Fact]
    public async Task Twelve_hundred_people_come_page_by_page_and_a_killed_sync_ends_all_the_same()
    {
        await _slapd.StopAsync();
        await _slapd.LoadAsync(string.Concat(Enumerable.Range(1, 1200).Select(i => Slapd.Person(string.Create(CultureInfo.InvariantCulture, $"p{i}"), password: null))));
        await _slapd.RunAsync();
        // Not the administrator: for others the directory has limits, which pages get around.
        await ConnectAsync("large", bindDn: $"cn=searcher,{Slapd.BaseDn}", password: "searcher password", mappings: [new { match = "*", role = "viewer" }]);
        // A node that died in the middle: it had begun, and says no more that it lives.
        var sync = (await _server.Admin.PostAsync($"{Providers}/large/sync", null, 202)).Get("id");
        await Eventually.TrueAsync(async () => await _server.CountAsync("SELECT count(*) FROM memberships") > 100);
        Assert.Equal("sync_running", (await _server.Admin.PostAsync($"{Providers}/large/sync", null, 409)).Code);
        await _server.ExecuteAsync("UPDATE directory_syncs SET claim = gen_random_uuid(), claimed_until = now() - interval '1 second' WHERE status = 'running'");
        var done = await FinishedAsync("large", sync, 120);
        Assert.Equal("succeeded", done.Get("status"));
        Assert.Contains(done.At("log").EnumerateArray(), line => line.GetProperty("message").GetString()!.Contains("begins anew", StringComparison.Ordinal));
        Assert.Equal(1200, await _server.CountAsync("SELECT count(*) FROM users WHERE email LIKE 'p%@directory.example'"));
        Assert.Equal(1200, await _server.CountAsync("SELECT count(*) FROM external_identities"));
        Assert.Equal(1200, await GrantsAsync("viewer"));
        Assert.Equal(1200, await _server.CountAsync("SELECT count(*) FROM audit_entries WHERE action = 'user.created' AND actor_kind = 'provider'"));
    }

    [Fact]
    public async Task A_sync_is_due_after_its_interval_on_one_node_only()
    {
        _slapd.Add(Slapd.Person("due"));
        await ConnectAsync("scheduled", more: new Dictionary<string, object> { ["syncMinutes"] = 60 });
        await Eventually.TrueAsync(async () => await _server.CountAsync("SELECT count(*) FROM directory_syncs WHERE status = 'succeeded' AND trigger = 'schedule'") == 1);
        await _server.ExecuteAsync("UPDATE directory_syncs SET started_at = started_at - interval '61 minutes'");
        await Eventually.TrueAsync(async () => await _server.CountAsync("SELECT count(*) FROM directory_syncs WHERE status = 'succeeded'") == 2);
        Assert.Equal("1", (await _server.Admin.GetAsync($"{Providers}/scheduled/syncs?limit=1")).At("items").GetArrayLength().ToString(CultureInfo.InvariantCulture));
    }

    [Fact]
    public async Task Somebody_of_another_organization_is_not_drawn_in()
    {
        var stranger = await _server.CreateMemberAsync("elsewhere", Togglr.Store.BuiltInRole.Owner);
        var email = (await stranger.GetAsync("/api/v1/me")).Get("email");
        _slapd.Add(Slapd.Person("stranger", mail: email));
        var id = await ConnectAsync("strangers");
        Assert.Equal("invitation_required", (await _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{id}", new { username = "stranger", password = "pass word" }, 403)).Code);
        var sync = await SyncAsync("strangers");
        Assert.Equal(("0", "1"), (sync.Get("created"), sync.Get("skipped")));
        Assert.Equal("1", (await stranger.GetAsync("/api/v1/orgs")).Get("total"));
        await stranger.GetAsync($"{Providers}/strangers/syncs", 404);
    }

    [Fact]
    public async Task Whoever_had_the_address_of_somebody_new_before_does_not_come_in_with_the_old_password()
    {
        var before = await _server.CreateMemberAsync("default", Togglr.Store.BuiltInRole.Viewer);
        var me = await before.GetAsync("/api/v1/me");
        await _server.Admin.DeleteAsync($"/api/v1/orgs/default/members/{me.Get("id")}", 204);
        before = await _server.SignInAsync(me.Get("email"), "correct horse");
        _slapd.Add(Slapd.Person("successor", mail: me.Get("email")));
        await ConnectAsync("successors", mappings: [new { match = "*", role = "manager" }]);
        Assert.Equal("1", (await SyncAsync("successors")).Get("created"));
        await before.GetAsync("/api/v1/orgs/default/members", 401);
        await _server.Anonymous().PostAsync("/api/v1/auth/login", new { email = me.Get("email"), password = "correct horse" }, 401);
    }

    private async Task<string> ConnectAsync(
        string key, string? url = null, string security = "none", string? ca = null, object[]? mappings = null, string[]? urls = null, string bindDn = Slapd.AdminDn,
        string password = Slapd.AdminPassword, Dictionary<string, object>? more = null)
    {
        var settings = new Dictionary<string, object>(more ?? [], StringComparer.Ordinal)
        {
            ["urls"] = urls ?? [url ?? _slapd.Url], ["security"] = security, ["bindDn"] = bindDn, ["baseDn"] = Slapd.BaseDn, ["connectTimeoutSeconds"] = 2, ["timeoutSeconds"] = 5,
        };
        if (ca is not null)
            settings["caCertificate"] = ca;
        var answer = await _server.Admin.PostAsync(Providers, new { key, kind = "ldap", createPeople = true, settings, secrets = new { bindPassword = password }, mappings = mappings ?? [] });
        Assert.DoesNotContain(password, answer.Json.GetRawText(), StringComparison.Ordinal);
        return answer.Get("id");
    }

    private Task<Answer> SignInAsync(string provider, string username, string password) => _server.Anonymous().PostAsync($"/api/v1/auth/ldap/{provider}", new { username, password });

    private Api With(Answer login)
    {
        var api = _server.Anonymous();
        api.Http.DefaultRequestHeaders.Authorization = new("Bearer", login.Get("accessToken"));
        return api;
    }

    private async Task<Answer> SyncAsync(string key, string query = "") =>
        await FinishedAsync(key, (await _server.Admin.PostAsync($"{Providers}/{key}/sync{query}", null, 202)).Get("id"), 60);

    private async Task<Answer> FinishedAsync(string key, string sync, int seconds)
    {
        Answer? answer = null;
        await Eventually.TrueAsync(async () => (answer = await _server.Admin.GetAsync($"{Providers}/{key}/syncs/{sync}")).Get("status") != "running", seconds);
        return answer!;
    }

    private static byte[] FromBase32(string text)
    {
        var bits = string.Concat(text.Select(letter => Convert.ToString("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567".IndexOf(letter, StringComparison.Ordinal), 2).PadLeft(5, '0')));
        return [.. Enumerable.Range(0, bits.Length / 8).Select(i => Convert.ToByte(bits.Substring(i * 8, 8), 2))];
    }

    private Task<long> GrantsAsync(string role) => _server.CountAsync($"SELECT count(*) FROM role_grants WHERE provider_id IS NOT NULL AND built_in_role = '{role}'");
}
