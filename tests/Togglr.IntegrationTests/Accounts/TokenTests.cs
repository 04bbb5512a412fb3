using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

[Collection(AccountsTests.Name)]
public sealed class TokenTests(AccountsServer server)
{
    [Fact]
    public async Task A_token_acts_for_its_owner_until_it_is_revoked_and_shows_when_it_was_used()
    {
        var (_, api) = await server.CreatePersonAsync(BuiltInRole.Manager);
        var created = await api.PostAsync("/api/v1/me/tokens", new { name = "ci", organization = "default" }, 201);
        Assert.StartsWith("tgp_", created.Get("secret"), StringComparison.Ordinal);
        var token = server.With(created.Get("secret"));
        await token.PostAsync("/api/v1/orgs/default/projects", new { key = "by-token" });
        await token.GetAsync("/api/v1/orgs/default/projects");
        Assert.Equal("null", (await token.GetAsync("/api/v1/me")).At("session").GetRawText());
        var listed = await api.GetAsync("/api/v1/me/tokens");
        Assert.Equal("1", listed.Get("total"));
        Assert.False(listed.At("items", "0").TryGetProperty("secret", out _));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM api_tokens t WHERE t::text LIKE '%{created.Get("secret")[8..]}%'"));
        await api.DeleteAsync($"/api/v1/me/tokens/{created.Get("id")}", 204);
        await token.GetAsync("/api/v1/me", 401);
        await api.DeleteAsync($"/api/v1/me/tokens/{created.Get("id")}", 404);
    }

    [Fact]
    public async Task A_token_never_has_more_than_its_owner()
    {
        var project = await server.CreateProjectAsync();
        var key = project.Split('/')[^1];
        var (_, viewer) = await server.CreatePersonAsync(BuiltInRole.Viewer);
        var refused = await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", permissions = new[] { "flag.view", "flag.manage" } }, 400);
        Assert.Equal(("not_held", "/permissions/1"), (refused.Get("errors", "0", "code"), refused.Get("errors", "0", "path")));
        await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", permissions = new[] { "root" } }, 400);
        await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", permissions = Array.Empty<string>() }, 400);
        await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "elsewhere" }, 400);
        await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", environment = "prod" }, 400);
        await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", expiresAt = "2001-01-01T00:00:00Z" }, 400);
        // Nor does it get what it was not given: everything of a viewer, but in one project only.
        var narrow = server.With((await viewer.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default", project = key })).Get("secret"));
        await narrow.GetAsync($"{project}/flags");
        await narrow.PostAsync($"{project}/flags", new { key = "f", type = "boolean" }, 403);
        await narrow.PostAsync("/api/v1/orgs/default/projects", new { key = "p" }, 403);
        await narrow.GetAsync($"{await server.CreateProjectAsync()}/flags", 404);
        // A role that is lost is lost for the token at once.
        var (email, owner) = await server.CreatePersonAsync(BuiltInRole.Owner);
        var strong = server.With((await owner.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default" })).Get("secret"));
        await strong.GetAsync("/api/v1/orgs/default/audit");
        await server.ChangeAsync(email, db => db.RoleGrants.RemoveRange(db.RoleGrants.Where(row => db.Users.Any(user => user.Email == email && user.Id == row.UserId))));
        await strong.GetAsync("/api/v1/orgs/default/audit", 404);
    }

    [Fact]
    public async Task A_token_makes_no_tokens_and_touches_no_account()
    {
        var (_, api) = await server.CreatePersonAsync(BuiltInRole.Owner);
        var token = server.With((await api.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default" })).Get("secret"));
        Assert.Equal("in_person_only", (await token.PostAsync("/api/v1/me/tokens", new { name = "y", organization = "default" }, 403)).Code);
        await token.GetAsync("/api/v1/me/tokens", 403);
        await token.GetAsync("/api/v1/me/sessions", 403);
        await token.DeleteAsync("/api/v1/me/sessions", 403);
        await token.PatchAsync("/api/v1/me", new { name = "Mallory" }, 403);
        await token.PostAsync("/api/v1/me/two-factor", new { password = AccountsServer.Password }, 403);
        await token.PostAsync("/api/v1/me/password", new { currentPassword = AccountsServer.Password, newPassword = "something long" }, 403);
    }

    [Fact]
    public async Task An_expired_token_is_refused()
    {
        var (_, api) = await server.CreatePersonAsync();
        var created = await api.PostAsync("/api/v1/me/tokens", new { name = "short", organization = "default", expiresAt = server.Now.AddMinutes(1) });
        var token = server.With(created.Get("secret"));
        await token.GetAsync("/api/v1/me");
        server.Advance(TimeSpan.FromMinutes(2));
        await token.GetAsync("/api/v1/me", 401);
    }

    [Fact]
    public async Task A_profile_is_changed_by_its_owner_and_by_nothing_unknown()
    {
        var (_, api) = await server.CreatePersonAsync();
        var changed = await api.PatchAsync("/api/v1/me", new { name = "Ann", locale = "ru", timeZone = "Europe/Berlin" });
        Assert.Equal(("Ann", "ru", "Europe/Berlin"), (changed.Get("name"), changed.Get("locale"), changed.Get("timeZone")));
        Assert.Equal("", (await api.PatchAsync("/api/v1/me", new { locale = (string?)null })).Get("locale"));
        await api.PatchAsync("/api/v1/me", new { locale = "klingon" }, 400);
        await api.PatchAsync("/api/v1/me", new { timeZone = "../../etc/passwd" }, 400);
        await api.PatchAsync("/api/v1/me", new { name = "" }, 400);
        foreach (var body in new object[] { new { role = "owner" }, new { organizations = Array.Empty<string>() }, new { mustChangePassword = false }, new { email = "root@example.com" }, new { disabledAt = (string?)null } })
            Assert.Equal("unknown_property", (await api.PatchAsync("/api/v1/me", body, 400)).Code);
    }
}
