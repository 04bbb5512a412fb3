using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.SingleSignOn;

[Collection(ControlPlaneTests.Name)]
public sealed class IdentityProviderTests(ControlPlaneServer server, Infrastructure.PostgresFixture postgres)
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";

    private static object Oidc(string key, object? settings = null, object? mappings = null, object? secrets = null, bool showOnLogin = false, string[]? domains = null) => new
    {
        key, kind = "oidc", settings = settings ?? new { issuer = "https://id.example.com", clientId = "togglr" }, secrets = secrets ?? new { clientSecret = "very secret" },
        mappings = mappings ?? Array.Empty<object>(), showOnLogin, domains = domains ?? [],
    };

    [Fact]
    public async Task A_provider_is_made_shown_without_its_secrets_changed_and_removed()
    {
        var created = await server.Admin.PostAsync(Providers, Oidc("crud", mappings: new[] { new { match = "devs", role = "member" } }), 201);
        Assert.Equal("crud", created.Get("name"));
        Assert.Equal("True", created.Get("secrets", "clientSecret", "set"));
        Assert.Equal("basic", created.Get("settings", "clientAuthentication"));
        Assert.EndsWith("/api/v1/auth/oidc/callback", created.Get("urls", "redirectUri"), StringComparison.Ordinal);
        Assert.DoesNotContain("very secret", (await server.Admin.GetAsync($"{Providers}/crud")).Json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM identity_providers WHERE position('very secret'::bytea in secrets) > 0 OR settings::text LIKE '%very secret%'"));

        var changed = await server.Admin.PatchAsync($"{Providers}/crud", new { name = "Company", enabled = false, secrets = new { clientSecret = "another" } }, 200, ("If-Match", created.ETag!));
        Assert.Equal("Company", changed.Get("name"));
        Assert.Equal("devs", changed.Get("mappings", "0", "match"));
        await server.Admin.PatchAsync($"{Providers}/crud", new { name = "Late" }, 412, ("If-Match", created.ETag!));
        await server.Admin.PatchAsync($"{Providers}/crud", new { secrets = new { clientSecret = "" } }, 400);
        await server.Admin.PatchAsync($"{Providers}/crud", new { settings = new { issuer = "https://id.example.com", clientId = "togglr", clientAuthentication = "none" } });
        Assert.Equal("False", (await server.Admin.GetAsync($"{Providers}/crud")).Get("secrets", "clientSecret", "set"));
        var audit = await server.Admin.GetAsync("/api/v1/orgs/default/audit?entity=identity_provider");
        Assert.Contains("identity_provider.updated", audit.Json.GetRawText(), StringComparison.Ordinal);
        Assert.DoesNotContain("another", audit.Json.GetRawText(), StringComparison.Ordinal);
        await server.Admin.DeleteAsync($"{Providers}/crud", 204);
        await server.Admin.GetAsync($"{Providers}/crud", 404);
    }

    [Theory]
    [InlineData("""{"issuer":"http://id.example.com","clientId":"a"}""", "/settings/issuer")]
    [InlineData("""{"issuer":"https://user:pw@id.example.com","clientId":"a"}""", "/settings/issuer")]
    [InlineData("""{"issuer":"https://id.example.com/?a","clientId":"a"}""", "/settings/issuer")]
    [InlineData("""{"issuer":"https://id.example.com","clientId":""}""", "/settings/clientId")]
    [InlineData("""{"issuer":"https://id.example.com"}""", "/settings")]
    [InlineData("""{"issuer":"https://id.example.com","clientId":"a","surprise":1}""", "/settings/surprise")]
    [InlineData("""{"issuer":"https://id.example.com","clientId":"a","scopes":["email"]}""", "/settings/scopes")]
    [InlineData("""{"issuer":"https://id.example.com","clientId":"a","prompt":"none"}""", "/settings/prompt")]
    [InlineData("""{"issuer":"https://id.example.com","clientId":"a","claims":{"email":7}}""", "/settings/claims/email")]
    [InlineData("[]", "/settings")]
    public async Task Settings_are_read_strictly(string settings, string path)
    {
        var answer = await server.Admin.PostAsync(Providers, $$"""{"key":"strict","kind":"oidc","secrets":{"clientSecret":"x"},"settings":{{settings}}}""", 400);
        Assert.Equal(path, answer.Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Mappings_name_roles_and_scopes_that_exist()
    {
        async Task<string> Send(object mapping) => (await server.Admin.PostAsync(Providers, Oidc("maps", mappings: new[] { mapping }), 400)).Get("errors", "0", "path");
        Assert.Equal("/mappings/0/role", await Send(new { match = "a", role = "emperor" }));
        Assert.Equal("/mappings/0/project", await Send(new { match = "a", role = "viewer", project = "nowhere" }));
        Assert.Equal("/mappings/0/environment", await Send(new { match = "a", role = "viewer", environment = "prod" }));
        Assert.Equal("/mappings/0/match", await Send(new { match = "", role = "viewer" }));
        var unknown = await server.Admin.PostAsync(Providers, Oidc("maps", secrets: new { other = "x" }), 400);
        Assert.Equal("/secrets/other", unknown.Get("errors", "0", "path"));
    }

    [Fact]
    public async Task Only_who_may_give_everything_decides_whom_an_organization_trusts()
    {
        var manager = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        await manager.GetAsync(Providers, 403);
        await manager.PostAsync(Providers, Oidc("mine"), 403);
        var elsewhere = await server.CreateMemberAsync("providers-elsewhere", BuiltInRole.Owner);
        await elsewhere.GetAsync(Providers, 404);
        await elsewhere.PostAsync(Providers, Oidc("mine"), 404);
    }

    [Fact]
    public async Task The_login_page_is_offered_what_is_shown_and_what_belongs_to_a_domain()
    {
        await server.Admin.PostAsync(Providers, Oidc("shown", showOnLogin: true));
        await server.Admin.PostAsync(Providers, Oidc("for-domain", domains: ["Corp.Example"]));
        var stranger = server.Anonymous();
        async Task<string> Offer(string query) => (await stranger.GetAsync("/api/v1/auth/providers" + query)).Json.GetRawText();
        Assert.Contains("\"shown\"", await Offer(""), StringComparison.Ordinal);
        Assert.DoesNotContain("for-domain", await Offer("?email=a@other.example"), StringComparison.Ordinal);
        Assert.Contains("for-domain", await Offer("?email=nobody@corp.example"), StringComparison.Ordinal);
        Assert.Equal("[]", await Offer("?org=nowhere"));
        Assert.Equal("[]", await Offer("?org=%00"));
        await server.Admin.DeleteAsync($"{Providers}/shown", 204);
        await server.Admin.DeleteAsync($"{Providers}/for-domain", 204);
    }

    [Fact]
    public async Task A_provider_that_cannot_be_reached_fails_the_test_and_nothing_else()
    {
        await server.Admin.PostAsync(Providers, Oidc("away", new { issuer = "http://127.0.0.1:1", clientId = "x" }));
        var test = await server.Admin.PostAsync($"{Providers}/away/test");
        Assert.Equal("False", test.Get("ok"));
        Assert.Equal("discovery", test.Get("steps", "1", "name"));
        Assert.Equal("False", test.Get("steps", "1", "ok"));
        await server.Admin.DeleteAsync($"{Providers}/away", 204);
    }

    [Fact]
    public async Task Without_private_providers_the_server_talks_to_no_private_address()
    {
        await using var guarded = await Infrastructure.TogglrServer.StartAsync(postgres, "--private-providers", "false");
        var admin = new Api(await guarded.SignInAsync());
        await admin.PostAsync(Providers, Oidc("inside", new { issuer = $"http://127.0.0.1:{guarded.Address.Port}", clientId = "x" }));
        Assert.Contains("no address that this server may talk to", (await admin.PostAsync($"{Providers}/inside/test")).Get("steps", "1", "detail"), StringComparison.Ordinal);
        await admin.PostAsync(Providers, new { key = "inside-too", kind = "ldap", name = "Inside", settings = new { urls = new[] { $"ldap://127.0.0.1:{guarded.Address.Port}" }, baseDn = "dc=example", security = "none" } });
        Assert.Contains("an address that this server may not talk to", (await admin.PostAsync($"{Providers}/inside-too/test")).Get("steps", "0", "detail"), StringComparison.Ordinal);
    }
}
