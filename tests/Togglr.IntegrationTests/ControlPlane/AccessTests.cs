using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

[Collection(ControlPlaneTests.Name)]
public sealed class AccessTests(ControlPlaneServer server)
{
    [Fact]
    public async Task Another_organization_does_not_exist_for_its_strangers()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "secret", type = "boolean" });
        var stranger = await server.CreateMemberAsync("elsewhere", BuiltInRole.Owner);
        foreach (var path in new[] { "/api/v1/orgs/default", project, $"{project}/flags", $"{project}/flags/secret", $"{project}/environments/prod/keys", "/api/v1/orgs/default/audit", "/api/v1/orgs/default/members" })
            Assert.Equal("not_found", (await stranger.GetAsync(path, 404)).Code);
        await stranger.PostAsync($"{project}/flags/secret/kill", new { reason = "x" }, 404);
        await stranger.DeleteAsync(project, 404);
        Assert.Equal("1", (await stranger.GetAsync("/api/v1/orgs")).Get("total"));
        var key = project.Split('/')[^1];
        await stranger.GetAsync($"/api/v1/orgs/elsewhere/projects/{key}", 404);
        await stranger.PostAsync("/api/v1/orgs/elsewhere/projects", new { key });
        await stranger.GetAsync($"/api/v1/orgs/elsewhere/projects/{key}/flags/secret", 404);
        Assert.Equal("0", (await stranger.GetAsync($"/api/v1/orgs/elsewhere/projects/{key}/flags")).Get("total"));
    }

    [Fact]
    public async Task Roles_decide_what_one_may_do()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.GetAsync($"{project}/flags/f");
        Assert.Equal("forbidden", (await viewer.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 403)).Code);
        await viewer.GetAsync("/api/v1/orgs/default/audit", 403);
        var member = await server.CreateMemberAsync("default", BuiltInRole.Member);
        await member.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true });
        await member.GetAsync($"{project}/environments/prod/keys", 403);
        await member.PostAsync("/api/v1/orgs/default/projects", new { key = "mine" }, 403);
        var manager = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        await manager.GetAsync($"{project}/environments/prod/keys");
        await manager.PatchAsync("/api/v1/orgs/default", new { name = "Mine" }, 403);
    }

    [Fact]
    public async Task A_refresh_token_works_once_and_its_reuse_ends_the_session()
    {
        var api = server.Anonymous();
        var first = await api.PostAsync("/api/v1/auth/login", new { email = "ADMIN@togglr.dev", password = "password543210" });
        var second = await api.PostAsync("/api/v1/auth/refresh", new { refreshToken = first.Get("refreshToken") });
        await api.PostAsync("/api/v1/auth/refresh", new { refreshToken = first.Get("refreshToken") }, 401);
        await api.PostAsync("/api/v1/auth/refresh", new { refreshToken = second.Get("refreshToken") }, 401);
    }

    [Fact]
    public async Task A_cookie_carries_the_refresh_token_where_asked()
    {
        var api = server.Anonymous();
        var login = await api.PostAsync("/api/v1/auth/login", new { email = "admin@togglr.dev", password = "password543210", cookie = true });
        Assert.False(login.Json.TryGetProperty("refreshToken", out _));
        var cookie = Assert.Single(login.Response.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=strict", cookie, StringComparison.OrdinalIgnoreCase);
        // The client's handler keeps cookies.
        api.Http.DefaultRequestHeaders.Add("X-Togglr-Csrf", "1");
        var next = await api.PostAsync("/api/v1/auth/refresh");
        Assert.False(next.Json.TryGetProperty("refreshToken", out _));
        await api.PostAsync("/api/v1/auth/logout", null, 204);
        await api.PostAsync("/api/v1/auth/refresh", null, 401);
    }

    [Fact]
    public async Task Guessing_passwords_gets_slow_but_locks_nobody_out()
    {
        var api = server.Anonymous();
        var member = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var email = (await member.GetAsync("/api/v1/me")).Get("email");
        for (var i = 0; i < 5; i++)
            Assert.Equal("invalid_credentials", (await api.PostAsync("/api/v1/auth/login", new { email, password = "wrong" }, 401)).Code);
        var slowed = await api.PostAsync("/api/v1/auth/login", new { email, password = "correct horse" }, 429);
        Assert.NotNull(slowed.Response.Headers.RetryAfter);
        await Task.Delay(TimeSpan.FromSeconds(1.2));
        await api.PostAsync("/api/v1/auth/login", new { email, password = "correct horse" });
        Assert.Equal("invalid_credentials", (await api.PostAsync("/api/v1/auth/login", new { email = "nobody@example.com", password = "x" }, 401)).Code);
    }

    [Fact]
    public async Task A_changed_password_ends_all_other_sign_ins_at_once()
    {
        var member = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        var email = (await member.GetAsync("/api/v1/me")).Get("email");
        var elsewhere = await server.SignInAsync(email, "correct horse");
        await member.PostAsync("/api/v1/me/password", new { currentPassword = "no", newPassword = "long enough" }, 400);
        await member.PostAsync("/api/v1/me/password", new { currentPassword = "correct horse", newPassword = "short" }, 400);
        await member.PostAsync("/api/v1/me/password", new { currentPassword = "correct horse", newPassword = "battery staple" }, 204);
        await elsewhere.GetAsync("/api/v1/me", 401);
        await member.GetAsync("/api/v1/me");
        await server.SignInAsync(email, "battery staple");
    }

    [Fact]
    public async Task A_key_is_shown_once_and_revoked_for_good()
    {
        var project = await server.CreateProjectAsync();
        var keys = $"{project}/environments/prod/keys";
        var created = await server.Admin.PostAsync(keys, new { name = "web", kind = "client" }, 201);
        Assert.StartsWith("tgc_", created.Get("secret"), StringComparison.Ordinal);
        var listed = await server.Admin.GetAsync(keys);
        Assert.False(listed.At("items", "0").TryGetProperty("secret", out _));
        Assert.DoesNotContain(created.Get("secret"), (await server.Admin.GetAsync("/api/v1/orgs/default/audit?entity=key")).Json.GetRawText(), StringComparison.Ordinal);
        await server.Admin.DeleteAsync($"{project}/environments/dev/keys/{created.Get("id")}", 404);
        await server.Admin.DeleteAsync($"{keys}/{created.Get("id")}", 204);
        Assert.NotEqual("", (await server.Admin.GetAsync(keys)).Get("items", "0", "revokedAt"));
        await server.Admin.PostAsync(keys, new { name = "old", kind = "server", expiresAt = "2001-01-01T00:00:00Z" }, 400);
    }
}
