using System.Net.Http.Headers;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Directories;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>
/// Accounts that belong to no organization any more. Whoever still knows the password of one must not come in with it when somebody else is given the address.
/// </summary>
[Collection(AccountsTests.Name)]
public sealed class AbandonedAccountTests(AccountsServer server)
{
    private const string Organization = "/api/v1/orgs/default";
    private static int s_number;

    [Fact]
    public async Task Whoever_had_an_address_before_does_not_come_in_as_its_new_owner()
    {
        var (email, before) = await AbandonAsync();
        var (secret, _) = await server.AddTwoFactorAsync(before);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret))).Status);
        var scim = await ConnectAsync();
        var id = (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{email}}","displayName":"New Joe","active":true}""", 201)).Get("id");
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM role_grants WHERE user_id = '{id}' AND built_in_role = 'manager'"));

        server.Advance(TimeSpan.FromMinutes(1));
        Assert.Equal(401, (await before.SendAsync(HttpMethod.Get, $"{Organization}/members", null, -1)).Status);
        Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret))).Code);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM users WHERE id = '{id}' AND (password_hash IS NOT NULL OR totp_secret IS NOT NULL)"));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM recovery_codes WHERE user_id = '{id}'"));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM users WHERE id = '{id}' AND name = 'New Joe'"));
    }

    [Fact]
    public async Task An_invitation_begins_an_account_anew_that_nobody_has()
    {
        // Without a password of its own nobody could ever have accepted with it.
        var (email, before) = await AbandonAsync();
        await server.AddTwoFactorAsync(before);
        var scim = await ConnectAsync();
        var id = (await scim.SendAsync("POST", "Users", $$"""{"userName":"{{email}}"}""", 201)).Get("id");
        await scim.SendAsync("DELETE", $"Users/{id}", null, 204);
        var (other, known) = await AbandonAsync();
        foreach (var address in new[] { email, other })
        {
            var token = (await server.Admin.PostAsync($"{Organization}/invitations", new { email = address, grants = new[] { new { role = "viewer" } } })).Get("link").Split('/')[^1];
            Assert.Equal("False", (await server.Anonymous().GetAsync($"/api/v1/auth/invitations/{token}")).Get("hasAccount"));
            Assert.Equal("weak_password", (await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Jo", password = "short" }, 400)).Get("errors", "0", "code"));
            Assert.Equal("Jo", (await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Jo", password = "tangerine dream" })).Get("user", "name"));
            Assert.Equal(401, (await AccountsServer.LoginAsync(server.Anonymous(), address)).Status);
            Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), address, "tangerine dream")).Status);
        }
        await known.GetAsync("/api/v1/me", 401);
        // Somebody who belongs somewhere shows their password as ever.
        var (busy, _) = await server.CreatePersonAsync(organization: "elsewhere");
        var link = (await server.Admin.PostAsync($"{Organization}/invitations", new { email = busy, grants = new[] { new { role = "viewer" } } })).Get("link").Split('/')[^1];
        await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{link}/accept", new { name = "Jo", password = "tangerine dream" }, 401);
    }

    /// <summary>Somebody who was removed from their only organization, and is still signed in.</summary>
    private async Task<(string Email, Api Api)> AbandonAsync()
    {
        var (email, api) = await server.CreatePersonAsync();
        await server.Admin.DeleteAsync($"{Organization}/members/{(await api.GetAsync("/api/v1/me")).Get("id")}", 204);
        return (email, await server.SignInAsync(email, AccountsServer.Password));
    }

    private async Task<ScimClient> ConnectAsync()
    {
        var key = $"abandoned{Interlocked.Increment(ref s_number)}";
        await server.Admin.PostAsync($"{Organization}/identity-providers", new { key, kind = "scim", settings = new { }, mappings = new[] { new { match = "*", role = "manager" } } });
        var http = new HttpClient { BaseAddress = new Uri(server.Address, "/scim/v2/") };
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", (await server.Admin.PostAsync($"{Organization}/identity-providers/{key}/scim-token")).Get("secret"));
        return new ScimClient(http);
    }
}
