using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Directories;

/// <summary>SCIM as RFC 7644 shows it and as Entra ID and Okta speak it. Every test has a provider of its own.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ScimTests(ControlPlaneServer server)
{
    private const string Providers = "/api/v1/orgs/default/identity-providers";
    private const string User = "urn:ietf:params:scim:schemas:core:2.0:User";
    private const string Enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User";
    private const string PatchOp = "urn:ietf:params:scim:api:messages:2.0:PatchOp";
    private static int _number;

    [Fact]
    public async Task A_person_lives_through_creation_reading_replacement_change_and_deletion()
    {
        var scim = await ConnectAsync();
        var name = NewName();
        var created = await scim.SendAsync("POST", "Users", $$"""{"schemas":["{{User}}"],"userName":"{{name}}","externalId":"{{name}}-x","name":{"formatted":"Ms. Barbara J Jensen III","familyName":"Jensen","givenName":"Barbara"},"emails":[{"value":"{{name}}@example.com","type":"work","primary":true}],"password":"t1meMa$heen"}""", 201);
        var id = created.Get("id");
        Assert.EndsWith($"/scim/v2/Users/{id}", created.Location, StringComparison.Ordinal);
        Assert.Equal("application/scim+json", created.MediaType);
        Assert.Equal(created.ETag, created.Get("meta", "version"));
        Assert.Equal(("true", "Barbara"), (created.Json.GetProperty("active").GetRawText(), created.Get("name", "givenName")));
        Assert.DoesNotContain("t1meMa", created.Json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal("uniqueness", (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{name.ToUpperInvariant()}}","emails":[{"value":"other{{name}}@example.com"}]}""", 409)).Get("scimType"));
        var read = await scim.SendAsync("GET", $"Users/{id}");
        Assert.Equal(created.ETag, read.ETag);
        await scim.SendAsync("GET", $"Users/{id}", null, 304, ("If-None-Match", created.ETag!));

        var replaced = await scim.SendAsync("PUT", $"Users/{id}", $$"""{"schemas":["{{User}}"],"id":"ignored","userName":"{{name}}","displayName":"Babs","emails":[{"value":"{{name}}@example.com"}],"groups":[{"value":"x"}],"{{Enterprise}}":{"department":"Tours"} }""", 200, ("If-Match", created.ETag!));
        Assert.Equal(("Babs", "Tours"), (replaced.Get("displayName"), replaced.Get(Enterprise, "department")));
        Assert.False(replaced.Json.TryGetProperty("name", out _) || replaced.Json.TryGetProperty("externalId", out _) || replaced.Json.TryGetProperty("groups", out _));
        Assert.NotEqual(created.ETag, replaced.ETag);
        await scim.SendAsync("PUT", $"Users/{id}", $$"""{"userName":"{{name}}"}""", 412, ("If-Match", created.ETag!));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM users WHERE email = '{name}@example.com' AND name = 'Babs'"));

        await scim.SendAsync("DELETE", $"Users/{id}", null, 204);
        await scim.SendAsync("GET", $"Users/{id}", null, 404);
        await scim.SendAsync("DELETE", $"Users/{id}", null, 404);
        var entry = (await server.Admin.GetAsync("/api/v1/orgs/default/audit?limit=1")).At("items", "0");
        Assert.Equal(("member.removed", "provider"), (entry.GetProperty("action").GetString(), entry.GetProperty("actor").GetProperty("kind").GetString()));
    }

    [Fact]
    public async Task Entra_provisions_and_deprovisions_as_it_does()
    {
        var scim = await ConnectAsync();
        var name = NewName();
        Assert.Equal("0", (await scim.SendAsync("GET", $"Users?filter=userName eq \"{name}@contoso.example\"")).Get("totalResults"));
        var id = (await scim.SendAsync("POST", "Users", $$"""{"schemas":["{{User}}","{{Enterprise}}"],"externalId":"0a21f0f2","userName":"{{name}}@contoso.example","active":true,"emails":[{"primary":true,"type":"work","value":"{{name}}@contoso.example"}],"meta":{"resourceType":"User"},"name":{"formatted":"given family","familyName":"family","givenName":"given"},"roles":[]}""", 201)).Get("id");
        Assert.Equal(id, (await scim.SendAsync("GET", $"Users?filter=userName eq \"{name.ToUpperInvariant()}@CONTOSO.example\"")).Get("Resources", "0", "id"));
        var patched = await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"Replace","path":"emails[type eq \"work\"].value","value":"new{{name}}@contoso.example"},{"op":"Replace","path":"name.familyName","value":"updated"},{"op":"Add","path":"phoneNumbers[type eq \"mobile\"].value","value":"+1"},{"op":"Add","path":"{{Enterprise}}:department","value":"IT"},{"op":"replace","value":{"displayName":"Shown","name.givenName":"dotted"} }]}""");
        Assert.Equal(($"new{name}@contoso.example", "updated", "dotted", "+1", "IT", "Shown"), (
            patched.Get("emails", "0", "value"), patched.Get("name", "familyName"), patched.Get("name", "givenName"), patched.Get("phoneNumbers", "0", "value"), patched.Get(Enterprise, "department"), patched.Get("displayName")));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM users WHERE email = 'new{name}@contoso.example' AND name = 'Shown'"));
        Assert.Equal("False", (await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"Replace","path":"active","value":"False"}]}""")).Get("active"));
        Assert.Equal("1", (await scim.SendAsync("GET", $"Users?filter=userName eq \"{name}@contoso.example\" and active eq false")).Get("totalResults"));
        Assert.Equal("True", (await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"Add","path":"active","value":true}]}""")).Get("active"));

        var group = await scim.SendAsync("POST", "Groups", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"externalId":"8aa1a0c0","displayName":"{{name}} Group","meta":{"resourceType":"Group"} }""", 201);
        var path = $"Groups/{group.Get("id")}";
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"Add","path":"members","value":[{"value":"{{id}}"}]}]}""");
        Assert.False((await scim.SendAsync("GET", $"{path}?excludedAttributes=members")).Json.TryGetProperty("members", out _));
        Assert.Equal(id, (await scim.SendAsync("GET", path)).Get("members", "0", "value"));
        Assert.Equal($"{name} Group", (await scim.SendAsync("GET", $"Users/{id}")).Get("groups", "0", "display"));
        Assert.Equal("1", (await scim.SendAsync("GET", $"Groups?excludedAttributes=members&filter=displayName eq \"{name} group\"")).Get("totalResults"));
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"Remove","path":"members","value":[{"value":"{{id}}"}]}]}""");
        Assert.False((await scim.SendAsync("GET", path)).Json.TryGetProperty("members", out _));
        await scim.SendAsync("DELETE", path, null, 204);
    }

    [Fact]
    public async Task Okta_provisions_and_pushes_groups_as_it_does()
    {
        var scim = await ConnectAsync(new { match = "okta-admins", role = "manager" });
        var name = NewName();
        await scim.SendAsync("GET", "Users?startIndex=1&count=2");
        await scim.SendAsync("GET", "Groups?startIndex=1&count=100");
        var body = $$"""{"schemas":["{{User}}"],"userName":"{{name}}@okta.example","name":{"givenName":"Test","familyName":"User"},"emails":[{"primary":true,"value":"{{name}}@okta.example","type":"work"}],"displayName":"Test User","locale":"en-US","externalId":"00u1","groups":[],"password":"1mz050nq","active":true}""";
        var id = (await scim.SendAsync("POST", "Users", body, 201)).Get("id");
        await scim.SendAsync("PUT", $"Users/{id}", body.Replace("Test User", "Another User", StringComparison.Ordinal));
        var group = await scim.SendAsync("POST", "Groups", $$"""{"schemas":["urn:ietf:params:scim:schemas:core:2.0:Group"],"displayName":"okta-admins","members":[{"value":"{{id}}","display":"{{name}}"}]}""", 201);
        var path = $"Groups/{group.Get("id")}";
        Task<long> Grants() => server.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id = '{id}' AND built_in_role = 'manager' AND provider_id IS NOT NULL");
        Assert.Equal(1, await Grants());
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"replace","value":{"id":"{{group.Get("id")}}","displayName":"okta-others"} }]}""");
        Assert.Equal(0, await Grants());
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"replace","path":"displayName","value":"okta-admins"},{"op":"remove","path":"members[value eq \"{{id}}\"]"}]}""");
        Assert.Equal(0, await Grants());
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"add","path":"members","value":[{"value":"{{id}}","display":"x"}]}]}""");
        Assert.Equal(1, await Grants());
        await scim.SendAsync("PATCH", path, $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"replace","path":"members","value":[]}]}""");
        Assert.Equal(0, await Grants());
        Assert.Equal("False", (await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"schemas":["{{PatchOp}}"],"Operations":[{"op":"replace","value":{"active":false} }]}""")).Get("active"));
    }

    [Fact]
    public async Task Whoever_is_switched_off_is_out_at_once()
    {
        var scim = await ConnectAsync();
        var member = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var me = await member.GetAsync("/api/v1/me");
        var token = await member.PostAsync("/api/v1/me/tokens", new { name = "t", organization = "default" });
        var byToken = server.Anonymous();
        byToken.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token.Get("secret"));
        await byToken.GetAsync("/api/v1/orgs/default");
        // A member whom the provider did not make is found by address, and is the provider's to switch off from then on.
        var found = await scim.SendAsync("GET", $"Users?filter=userName eq \"{me.Get("email")}\"");
        Assert.Equal(me.Get("id"), found.Get("Resources", "0", "id"));
        await scim.SendAsync("PATCH", $"Users/{me.Get("id")}", """{"Operations":[{"op":"replace","path":"active","value":false}]}""");
        await member.GetAsync("/api/v1/me", 401);
        await byToken.GetAsync("/api/v1/orgs/default", 401);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM users WHERE id = '{me.Get("id")}' AND disabled_at IS NOT NULL"));
        await scim.SendAsync("PATCH", $"Users/{me.Get("id")}", """{"Operations":[{"op":"replace","path":"active","value":true}]}""");
        await byToken.GetAsync("/api/v1/orgs/default");
        var admin = (await server.Admin.GetAsync("/api/v1/me")).Get("id");
        await server.ExecuteAsync("DELETE FROM role_grants WHERE built_in_role = 'owner' AND provider_id IS NULL AND user_id <> '" + admin + "' AND organization_id = (SELECT id FROM organizations WHERE key = 'default')");
        await scim.SendAsync("PATCH", $"Users/{admin}", """{"Operations":[{"op":"replace","path":"active","value":false}]}""", 409);
        await scim.SendAsync("DELETE", $"Users/{admin}", null, 409);
        await server.Admin.GetAsync("/api/v1/orgs/default");
    }

    [Fact]
    public async Task A_new_address_ends_the_links_that_were_mailed_to_the_old_one()
    {
        var scim = await ConnectAsync();
        var member = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var id = (await member.GetAsync("/api/v1/me")).Get("id");
        await server.ExecuteAsync($"INSERT INTO password_resets (id, user_id, hash, created_at, expires_at) VALUES (gen_random_uuid(), '{id}', sha256('{id}'), now(), now() + interval '1 hour')");
        await scim.SendAsync("PATCH", $"Users/{id}", """{"Operations":[{"op":"replace","path":"displayName","value":"Still the same address"}]}""");
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM password_resets WHERE user_id = '{id}' AND used_at IS NULL"));
        await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"moved-{{id}}@example.com"}]}""");
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM password_resets WHERE user_id = '{id}' AND used_at IS NULL"));
    }

    [Fact]
    public async Task Filters_find_what_they_say()
    {
        var scim = await ConnectAsync();
        var name = NewName();
        foreach (var (suffix, title) in new[] { ("a", "Boss"), ("b", "Boss"), ("c", "Clerk") })
            await scim.SendAsync("POST", "Users", $$"""{"userName":"{{name}}{{suffix}}","externalId":"{{name}}-{{suffix}}","title":"{{title}}","emails":[{"value":"{{name}}{{suffix}}@example.com","type":"work"},{"value":"{{name}}{{suffix}}@home.example","type":"home"}],"{{Enterprise}}":{"department":"D{{suffix}}","manager":{"displayName":"M"} } }""", 201);
        foreach (var (filter, count) in new[]
        {
            ($"userName sw \"{name}\"", 3), ($"userName eq \"{name.ToUpperInvariant()}A\"", 1), ($"externalId eq \"{name}-a\"", 1), ($"externalId eq \"{name.ToUpperInvariant()}-A\"", 0),
            ($"userName sw \"{name}\" and title eq \"boss\"", 2), ($"userName sw \"{name}\" and not (title eq \"Boss\")", 1), ($"userName sw \"{name}\" and (title eq \"Clerk\" or userName ew \"a\")", 2),
            ($"emails[type eq \"work\" and value co \"{name}\"]", 3), ($"emails[type eq \"home\"].value eq \"{name}b@home.example\"", 1), ($"emails.value eq \"{name}b@home.example\"", 1),
            ($"emails eq \"{name}c@example.com\"", 1), ($"userName sw \"{name}\" and title pr", 3), ($"userName sw \"{name}\" and nickName pr", 0), ($"userName sw \"{name}\" and {Enterprise}:department eq \"Db\"", 1),
            ($"userName sw \"{name}\" and {Enterprise}:manager.displayName eq \"M\"", 3), ($"urn:ietf:params:scim:schemas:core:2.0:User:userName EQ \"{name}a\"", 1), ($"userName gt \"{name}a\" and userName le \"{name}c\"", 2),
            ($"userName sw \"{name}\" and meta.created gt \"2001-01-01T00:00:00Z\"", 3), ($"userName sw \"{name}\" and meta.lastModified lt \"2001-01-01T00:00:00Z\"", 0), ($"userName sw \"{name}\" and title ne \"Boss\"", 1),
            ($"userName sw \"{name}\" and active eq true", 3), ($"userName eq \"\\\"{name}\"", 0),
        })
            Assert.Equal((filter, count), (filter, int.Parse((await scim.SendAsync("GET", $"Users?filter={Uri.EscapeDataString(filter)}")).Get("totalResults"), System.Globalization.CultureInfo.InvariantCulture)));
        var page = await scim.SendAsync("GET", $"Users?filter={Uri.EscapeDataString($"userName sw \"{name}\"")}&startIndex=2&count=1&attributes=userName,emails.value");
        Assert.Equal(("3", "2", "1", $"{name}b"), (page.Get("totalResults"), page.Get("startIndex"), page.Get("itemsPerPage"), page.Get("Resources", "0", "userName")));
        Assert.Equal(["emails", "id", "schemas", "userName"], page.At("Resources", "0").EnumerateObject().Select(member => member.Name).Order(StringComparer.Ordinal));
        Assert.Equal("0", (await scim.SendAsync("GET", "Users?count=0")).Get("itemsPerPage"));
        var searched = await scim.SendAsync("POST", "Users/.search", $$"""{"schemas":["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],"attributes":["displayName"],"filter":"userName eq \"{{name}}a\"","startIndex":1,"count":10}""");
        Assert.Equal("1", searched.Get("totalResults"));
        foreach (var bad in new[] { "userName", "userName eq", "userName xx \"a\"", "nothing eq \"a\"", "userName eq \"a", "(userName eq \"a\"", "userName eq \"a\")", "active gt true", "emails[", "emails[type eq \"x\"", "not", "and", "userName eq a", new string('(', 500), $"userName eq \"{new string('x', 4500)}\"", "title[value eq 1]" })
            Assert.Equal("invalidFilter", (await scim.SendAsync("GET", $"Users?filter={Uri.EscapeDataString(bad)}", null, 400)).Get("scimType"));
    }

    [Fact]
    public async Task Patches_follow_the_standard()
    {
        var scim = await ConnectAsync();
        var name = NewName();
        var id = (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{name}}","name":{"givenName":"A"},"title":"T","emails":[{"value":"{{name}}@example.com","type":"work","primary":true}]}""", 201)).Get("id");
        async Task<ScimReply> Patch(string operations, int expect = 200) => await scim.SendAsync("PATCH", $"Users/{id}", $$"""{"schemas":["{{PatchOp}}"],"Operations":[{{operations}}]}""", expect);
        var added = await Patch($$"""{"op":"add","path":"emails","value":[{"value":"{{name}}@home.example","type":"home"},{"value":"{{name}}@example.com","type":"work"}]}""");
        Assert.Equal(2, added.At("emails").GetArrayLength());
        Assert.Equal(1, (await Patch("""{"op":"remove","path":"emails[type eq \"home\"]"}""")).At("emails").GetArrayLength());
        Assert.False((await Patch("""{"op":"remove","path":"title"}""")).Json.TryGetProperty("title", out _));
        Assert.Equal("B", (await Patch("""{"op":"add","value":{"name":{"familyName":"B"}}}""")).Get("name", "familyName"));
        Assert.Equal("A", (await Patch("""{"op":"replace","path":"nickName","value":"N"}""")).Get("name", "givenName"));
        Assert.False((await Patch($$"""{"op":"add","path":"{{Enterprise}}","value":{"department":"X"} },{"op":"remove","path":"{{Enterprise}}:department"}""")).Json.TryGetProperty(Enterprise, out _));
        Assert.Equal("noTarget", (await Patch("""{"op":"replace","path":"emails[type eq \"none\"].value","value":"x@y.example"}""", 400)).Get("scimType"));
        Assert.Equal("noTarget", (await Patch("""{"op":"remove"}""", 400)).Get("scimType"));
        Assert.Equal("mutability", (await Patch("""{"op":"replace","path":"id","value":"x"}""", 400)).Get("scimType"));
        Assert.Equal("mutability", (await Patch("""{"op":"replace","path":"groups","value":[]}""", 400)).Get("scimType"));
        Assert.Equal("invalidPath", (await Patch("""{"op":"replace","path":"nothing","value":"x"}""", 400)).Get("scimType"));
        Assert.Equal("invalidValue", (await Patch("""{"op":"remove","path":"userName"}""", 400)).Get("scimType"));
        Assert.Equal("invalidValue", (await Patch("""{"op":"replace","path":"active","value":"perhaps"}""", 400)).Get("scimType"));
        Assert.Equal("invalidSyntax", (await Patch("""{"op":"move","path":"title","value":"x"}""", 400)).Get("scimType"));
        // All or nothing.
        await Patch("""{"op":"replace","path":"title","value":"half"},{"op":"replace","path":"active","value":7}""", 400);
        Assert.False((await scim.SendAsync("GET", $"Users/{id}")).Json.TryGetProperty("title", out _));
        await scim.SendAsync("PATCH", $"Groups/{Guid.Empty}", """{"Operations":[{"op":"add","path":"members","value":[]}]}""", 404);
        var group = (await scim.SendAsync("POST", "Groups", $$"""{"displayName":"g {{name}}"}""", 201)).Get("id");
        Assert.Equal("invalidValue", (await scim.SendAsync("PATCH", $"Groups/{group}", $$"""{"Operations":[{"op":"add","path":"members","value":[{"value":"{{Guid.CreateVersion7()}}"}]}]}""", 400)).Get("scimType"));
        Assert.Equal("uniqueness", (await scim.SendAsync("POST", "Groups", $$"""{"displayName":"G {{name}}"}""", 409)).Get("scimType"));
    }

    [Fact]
    public async Task A_provider_sees_its_organization_and_changes_nobody_who_belongs_elsewhere()
    {
        var scim = await ConnectAsync();
        var stranger = await server.CreateMemberAsync("scim-elsewhere", BuiltInRole.Owner);
        var me = await stranger.GetAsync("/api/v1/me");
        await scim.SendAsync("GET", $"Users/{me.Get("id")}", null, 404);
        await scim.SendAsync("PATCH", $"Users/{me.Get("id")}", """{"Operations":[{"op":"replace","path":"active","value":false}]}""", 404);
        await scim.SendAsync("DELETE", $"Users/{me.Get("id")}", null, 404);
        Assert.Equal("0", (await scim.SendAsync("GET", $"Users?filter=userName eq \"{me.Get("email")}\"")).Get("totalResults"));
        Assert.Equal("uniqueness", (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{me.Get("email")}}"}""", 409)).Get("scimType"));
        Assert.Equal("1", (await stranger.GetAsync("/api/v1/orgs")).Get("total"));
        // In both organizations: access here is the provider's, name and address are not.
        await server.ExecuteAsync($"INSERT INTO memberships (organization_id, user_id, version, created_at, updated_at) SELECT id, '{me.Get("id")}', 1, now(), now() FROM organizations WHERE key = 'default'");
        var path = $"Users/{me.Get("id")}";
        Assert.Equal("mutability", (await scim.SendAsync("PATCH", path, """{"Operations":[{"op":"replace","path":"displayName","value":"Mallory"}]}""", 400)).Get("scimType"));
        Assert.Equal("mutability", (await scim.SendAsync("PATCH", path, """{"Operations":[{"op":"replace","path":"emails[type eq \"work\"].value","value":"mallory@example.com"}]}""", 400)).Get("scimType"));
        await scim.SendAsync("PATCH", path, """{"Operations":[{"op":"replace","path":"active","value":false},{"op":"add","path":"title","value":"Guest"}]}""");
        await stranger.GetAsync("/api/v1/orgs/scim-elsewhere");
        Assert.Equal("1", (await stranger.GetAsync("/api/v1/orgs")).Get("total"));
        // Groups of another provider are not this one's.
        var other = await ConnectAsync();
        var group = (await other.SendAsync("POST", "Groups", $$"""{"displayName":"{{NewName()}}"}""", 201)).Get("id");
        await scim.SendAsync("GET", $"Groups/{group}", null, 404);
        await scim.SendAsync("DELETE", $"Groups/{group}", null, 404);
    }

    [Fact]
    public async Task Whoever_is_taken_out_of_two_groups_at_once_keeps_what_neither_gives_any_more()
    {
        var (one, two) = (NewName(), NewName());
        var scim = await ConnectAsync(new { match = one, role = "manager" }, new { match = two, role = "manager" });
        var people = new List<string>();
        for (var i = 0; i < 8; i++)
            people.Add((await scim.SendAsync("POST", "Users", $$"""{"userName":"{{NewName()}}@example.com"}""", 201)).Get("id"));
        var members = string.Join(',', people.Select(id => $$"""{"value":"{{id}}"}"""));
        var groups = new List<string>();
        foreach (var name in new[] { one, two })
            groups.Add((await scim.SendAsync("POST", "Groups", $$"""{"displayName":"{{name}}","members":[{{members}}]}""", 201)).Get("id"));
        Task<long> Grants() => server.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id IN ('{string.Join("','", people)}')");
        Assert.Equal(8, await Grants());
        foreach (var id in people)
            await Task.WhenAll(groups.Select(group => scim.SendAsync("PATCH", $"Groups/{group}", $$"""{"Operations":[{"op":"remove","path":"members[value eq \"{{id}}\"]"}]}""")));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM group_members WHERE user_id IN ('{string.Join("','", people)}')"));
        Assert.Equal(0, await Grants());
    }

    [Fact]
    public async Task Nobody_keeps_what_the_mappings_do_not_give_any_more()
    {
        var (key, both) = (NewName(), NewName());
        var mappings = new[] { new { match = key, role = "manager" }, new { match = both, role = "manager" }, new { match = key, role = "viewer" } };
        await server.Admin.PostAsync(Providers, new { key, kind = "scim", settings = new { }, mappings });
        var scim = With((await server.Admin.PostAsync($"{Providers}/{key}/scim-token")).Get("secret"));
        async Task<string> NewPersonAsync() => (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{NewName()}}@example.com"}""", 201)).Get("id");
        var (first, second) = (await NewPersonAsync(), await NewPersonAsync());
        await scim.SendAsync("POST", "Groups", $$"""{"displayName":"{{key}}","members":[{"value":"{{first}}"},{"value":"{{second}}"}]}""", 201);
        await scim.SendAsync("POST", "Groups", $$"""{"displayName":"{{both}}","members":[{"value":"{{second}}"}]}""", 201);
        Task<long> Grants(string id, string role) => server.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id = '{id}' AND built_in_role = '{role}'");
        Assert.Equal((1, 1), (await Grants(first, "manager"), await Grants(first, "viewer")));
        // Nobody can take them by hand.
        var grant = (await server.Admin.GetAsync($"/api/v1/orgs/default/grants?principal=user:{first}&role=manager")).Get("items", "0", "id");
        Assert.Equal("managed_by_provider", (await server.Admin.DeleteAsync($"/api/v1/orgs/default/grants/{grant}", 409)).Code);
        await server.Admin.PatchAsync($"{Providers}/{key}", new { mappings = mappings[1..] }, 0, ("If-Match", "*"));
        Assert.Equal((0, 1), (await Grants(first, "manager"), await Grants(first, "viewer")));
        Assert.Equal((1, 1), (await Grants(second, "manager"), await Grants(second, "viewer")));
        await server.Admin.PatchAsync($"{Providers}/{key}", new { mappings = new[] { new { match = "*", role = "member" } } }, 0, ("If-Match", "*"));
        Assert.Equal(2, await server.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id IN ('{first}', '{second}')"));
        Assert.Equal((1, 1), (await Grants(first, "member"), await Grants(second, "member")));
    }

    [Fact]
    public async Task A_token_is_shown_once_rotates_with_overlap_and_opens_nothing_else()
    {
        var key = NewName();
        await server.Admin.PostAsync(Providers, new { key, kind = "scim", settings = new { } });
        var first = (await server.Admin.PostAsync($"{Providers}/{key}/scim-token")).Get("secret");
        Assert.StartsWith("tgm_", first, StringComparison.Ordinal);
        var second = (await server.Admin.PostAsync($"{Providers}/{key}/scim-token", new { overlapHours = 1 })).Get("secret");
        await With(first).SendAsync("GET", "ServiceProviderConfig");
        await With(second).SendAsync("GET", "ServiceProviderConfig");
        var third = (await server.Admin.PostAsync($"{Providers}/{key}/scim-token")).Get("secret");
        await With(first).SendAsync("GET", "Users", null, 401);
        await With(second).SendAsync("GET", "Users", null, 401);
        await With(third).SendAsync("GET", "Users");
        await With("tgm_" + new string('x', 43)).SendAsync("GET", "Users", null, 401);
        await With("").SendAsync("GET", "Schemas", null, 401);
        var api = server.Anonymous();
        api.Http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", third);
        await api.GetAsync("/api/v1/me", 401);
        await server.Admin.PatchAsync($"{Providers}/{key}", new { enabled = false }, 0, ("If-Match", "*"));
        await With(third).SendAsync("GET", "Users", null, 401);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE coalesce(after::text, '') LIKE '%{third}%'"));
        Assert.Equal("out_of_range", (await server.Admin.PostAsync($"{Providers}/{key}/scim-token", new { overlapHours = 1000 }, 400)).Get("errors", "0", "code"));
    }

    [Fact]
    public async Task It_says_what_it_can_do_and_answers_errors_in_its_own_form()
    {
        var scim = await ConnectAsync();
        var configuration = await scim.SendAsync("GET", "ServiceProviderConfig");
        Assert.True(configuration.At("patch", "supported").GetBoolean() && configuration.At("filter", "supported").GetBoolean() && configuration.At("etag", "supported").GetBoolean());
        Assert.False(configuration.At("bulk", "supported").GetBoolean() || configuration.At("sort", "supported").GetBoolean());
        Assert.Equal("2", (await scim.SendAsync("GET", "ResourceTypes")).Get("totalResults"));
        Assert.Equal("/Users", (await scim.SendAsync("GET", "ResourceTypes/User")).Get("endpoint"));
        Assert.Equal("3", (await scim.SendAsync("GET", "Schemas")).Get("totalResults"));
        Assert.Equal("User", (await scim.SendAsync("GET", $"Schemas/{User}")).Get("name"));
        foreach (var (method, path, body, status) in new[]
        {
            ("GET", "Nothing", null, 404), ("GET", "Users/not-an-id", null, 404), ("POST", "Bulk", "{}", 501), ("GET", "Me", null, 501), ("POST", "Users", "{", 400), ("POST", "Users", "[]", 400),
            ("POST", "Users", "{}", 400), ("POST", "Users", """{"userName":"a","userName":"b"}""", 400), ("POST", "Users", """{"userName":"x\u0000@y.example"}""", 400), ("POST", "Users", """{"userName":"\ud800"}""", 400),
            ("POST", "Users", """{"userName":"nobody"}""", 400), ("POST", "Users", $$"""{"userName":"{{new string('x', 2 << 20)}}"}""", 413), ("GET", "Users?startIndex=x", null, 400), ("DELETE", "Users", null, 404),
        })
        {
            var error = await scim.SendAsync(method, path, body, status);
            Assert.Equal("urn:ietf:params:scim:api:messages:2.0:Error", error.Get("schemas", "0"));
            Assert.Equal(status.ToString(System.Globalization.CultureInfo.InvariantCulture), error.Get("status"));
        }
        await scim.SendAsync("POST", "Users", "{}", 415, ("Content-Type", "text/plain"));
    }

    [Fact]
    public async Task Random_filters_and_patches_never_make_it_fail()
    {
        var scim = await ConnectAsync();
        var name = NewName();
        var id = (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{name}}@example.com"}""", 201)).Get("id");
        var group = (await scim.SendAsync("POST", "Groups", $$"""{"displayName":"{{name}}"}""", 201)).Get("id");
        var random = new Random(20261121);
        string[] words = ["userName", "emails", "emails.value", "name", "name.givenName", "active", "members", "members.value", "displayName", "meta.created", "id", "groups", "schemas", Enterprise, $"{Enterprise}:manager.value", "urn:x:y", "and", "or", "not", "eq", "ne", "co", "gt", "pr",
            "(", ")", "[", "]", "\"a\"", "\"", "\\", "true", "null", "7", "1e999", ".", " ", "\"2026-01-01\"", $"\"{id}\"", "é", "\"\\u0000\"", "\"\\ud800\""];
        string Text() => string.Concat(Enumerable.Range(0, random.Next(1, 9)).Select(_ => words[random.Next(words.Length)] + (random.Next(3) == 0 ? "" : " ")));
        string Json(int depth) => random.Next(depth > 3 ? 6 : 8) switch
        {
            0 => "null",
            1 => "true",
            2 => "-1.5e3",
            3 => $"\"{id}\"",
            4 => JsonSerializer.Serialize(words[random.Next(words.Length)]),
            5 => "\"\\ud800\"",
            6 => $"[{string.Join(',', Enumerable.Range(0, random.Next(3)).Select(_ => Json(depth + 1)))}]",
            _ => $"{{{string.Join(',', new[] { "value", "type", "primary", "userName", "members", "name", "displayName", "active", Enterprise, "name.x" }.OrderBy(_ => random.Next()).Take(random.Next(4)).Select(member => $"\"{member}\":{Json(depth + 1)}"))}}}",
        };
        string[] verbs = ["add", "Replace", "REMOVE", "x"];
        string[] paths = ["userName", "emails", "emails[type eq \"work\"].value", "emails[type eq \"work\"]", "name", "name.familyName", "active", "members", $"members[value eq \"{id}\"]", "displayName", "externalId", Enterprise, $"{Enterprise}:department", $"{Enterprise}:manager", "addresses[primary eq true].street", "x"];
        for (var i = 0; i < 300; i++)
        {
            var target = random.Next(2) == 0 ? $"Users/{id}" : $"Groups/{group}";
            var (method, path, body) = random.Next(4) switch
            {
                0 => ("GET", $"{target.Split('/')[0]}?filter={Uri.EscapeDataString(Text())}&attributes={Uri.EscapeDataString(Text())}", null),
                1 => ("PATCH", target, $"{{\"Operations\":[{{\"op\":\"{verbs[random.Next(4)]}\",\"path\":{JsonSerializer.Serialize(random.Next(3) == 0 ? Text() : paths[random.Next(paths.Length)])},\"value\":{Json(0)}}}]}}"),
                2 => ("PATCH", target, $"{{\"Operations\":[{{\"op\":\"{verbs[random.Next(4)]}\",\"value\":{Json(0)}}}]}}"),
                _ => ("PUT", target, Json(0)),
            };
            var answer = await scim.SendAsync(method, path, body, -1);
            Assert.True(answer.Status < 500, $"{method} {path} {body} → {answer.Status} {answer.Json}");
        }
    }

    private static string NewName() => $"scim{Interlocked.Increment(ref _number)}";

    private ScimClient With(string token)
    {
        var http = new HttpClient { BaseAddress = new Uri(server.Address, "/scim/v2/") };
        if (token.Length > 0)
            http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return new ScimClient(http);
    }

    private async Task<ScimClient> ConnectAsync(params object[] mappings)
    {
        var key = NewName();
        var provider = await server.Admin.PostAsync(Providers, new { key, kind = "scim", settings = new { }, mappings });
        Assert.EndsWith("/scim/v2", provider.Get("urls", "scimUrl"), StringComparison.Ordinal);
        return With((await server.Admin.PostAsync($"{Providers}/{key}/scim-token")).Get("secret"));
    }
}

/// <summary>A SCIM client that expects what the test says.</summary>
public sealed class ScimClient(HttpClient http)
{
    public async Task<ScimReply> SendAsync(string method, string path, string? body = null, int expect = 200, params (string Name, string Value)[] headers)
    {
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (body is not null)
        {
            request.Content = new StringContent(body, Encoding.UTF8);
            request.Content.Headers.ContentType = new MediaTypeHeaderValue(headers.FirstOrDefault(header => header.Name == "Content-Type").Value ?? "application/scim+json");
        }
        foreach (var (name, value) in headers.Where(header => header.Name != "Content-Type"))
            request.Headers.TryAddWithoutValidation(name, value);
        using var response = await http.SendAsync(request, TestContext.Current.CancellationToken);
        var content = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
        var status = (int)response.StatusCode;
        Assert.True(expect < 0 || status == expect, $"{method} {path} answered {status}: {content}");
        if (content.Length > 0)
            Assert.Equal("application/scim+json", response.Content.Headers.ContentType?.MediaType);
        return new ScimReply(status, content.Length == 0 ? default : JsonDocument.Parse(content).RootElement, response.Headers.ETag?.ToString(), response.Headers.Location?.ToString(), response.Content.Headers.ContentType?.MediaType);
    }
}

/// <summary>What came back.</summary>
public sealed record ScimReply(int Status, JsonElement Json, string? ETag, string? Location, string? MediaType)
{
    public string Get(params string[] path) => At(path).ToString();

    public JsonElement At(params string[] path)
    {
        var at = Json;
        foreach (var name in path)
            at = at.ValueKind == JsonValueKind.Array ? at[int.Parse(name, System.Globalization.CultureInfo.InvariantCulture)] : at.GetProperty(name);
        return at;
    }
}
