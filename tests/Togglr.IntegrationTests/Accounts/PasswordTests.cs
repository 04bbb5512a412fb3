using System.Security.Cryptography;
using System.Text;
using Togglr.ControlPlane.Accounts;
using Togglr.Hosting.Security;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

[Collection(AccountsTests.Name)]
public sealed class PasswordTests(AccountsServer server)
{
    [Theory]
    [InlineData("short")]
    [InlineData("aaaaaaaaaaaaaaa")]
    [InlineData("Password1234")]
    [InlineData("qwertyuiop")]
    public async Task Passwords_that_everybody_tries_are_refused(string password)
    {
        var (email, api) = await server.CreatePersonAsync();
        await api.PostAsync("/api/v1/me/password", new { currentPassword = AccountsServer.Password, newPassword = password }, 400);
        await api.PostAsync("/api/v1/me/password", new { currentPassword = AccountsServer.Password, newPassword = email }, 400);
        await api.PostAsync("/api/v1/me/password", new { currentPassword = AccountsServer.Password, newPassword = "tangerine dream" }, 204);
    }

    [Fact]
    public async Task The_pages_in_front_of_the_sign_in_are_told_the_rules()
    {
        var settings = await server.Anonymous().GetAsync("/api/v1/auth/settings");
        Assert.Equal(("10", "200", "False", "False"), (settings.Get("passwordRules", "minimumLength"), settings.Get("passwordRules", "maximumLength"), settings.Get("passwordRules", "breachedList"), settings.Get("mail")));
    }

    [Fact]
    public async Task Without_mail_a_forgotten_password_is_reset_by_an_administrator()
    {
        var (email, api) = await server.CreatePersonAsync();
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email }, 202);
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email = "nobody@example.com" }, 202);
        var id = (await api.GetAsync("/api/v1/me")).Get("id");
        var members = $"/api/v1/orgs/default/members/{id}";
        var (_, viewer) = await server.CreatePersonAsync(BuiltInRole.Viewer);
        await viewer.PostAsync($"{members}/reset-password", new { }, 403);
        var reset = await server.Admin.PostAsync($"{members}/reset-password", new { reason = "forgotten" });
        await api.GetAsync("/api/v1/me", 401);
        Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(server.Anonymous(), email)).Code);
        var temporary = await server.SignInAsync(email, reset.Get("temporaryPassword"));
        Assert.Equal("password_change_required", (await temporary.GetAsync("/api/v1/orgs", 403)).Code);
        Assert.Equal("password_change_required", (await temporary.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "default" }, 403)).Code);
        await temporary.PostAsync("/api/v1/me/password", new { currentPassword = reset.Get("temporaryPassword"), newPassword = "tangerine dream" }, 204);
        await temporary.GetAsync("/api/v1/orgs");
        Assert.DoesNotContain(reset.Get("temporaryPassword"), await server.AuditAsync($"entityKey={email}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_administrator_resets_a_second_factor_and_signs_out_but_touches_nobody_stronger_and_nobody_shared()
    {
        var (email, api) = await server.CreatePersonAsync();
        await server.AddTwoFactorAsync(api);
        var id = (await api.GetAsync("/api/v1/me")).Get("id");
        await server.Admin.PostAsync($"/api/v1/orgs/default/members/{id}/reset-two-factor", new { }, 204);
        await api.GetAsync("/api/v1/me", 401);
        Assert.Equal("two_factor_not_active", (await server.Admin.PostAsync($"/api/v1/orgs/default/members/{id}/reset-two-factor", new { }, 409)).Code);
        var again = await server.SignInAsync(email, AccountsServer.Password);
        await server.Admin.PostAsync($"/api/v1/orgs/default/members/{id}/sign-out", new { }, 204);
        await again.GetAsync("/api/v1/me", 401);

        var (_, manager) = await server.CreatePersonAsync(BuiltInRole.Manager);
        var administrator = (await server.Admin.GetAsync("/api/v1/me")).Get("id");
        foreach (var action in new[] { "reset-password", "reset-two-factor", "sign-out" })
        {
            Assert.Equal("cannot_confer", (await manager.PostAsync($"/api/v1/orgs/default/members/{administrator}/{action}", new { }, 403)).Code);
            Assert.Equal("own_account", (await server.Admin.PostAsync($"/api/v1/orgs/default/members/{administrator}/{action}", new { }, 409)).Code);
        }
        await server.ShareAsync(email, "elsewhere");
        foreach (var action in new[] { "reset-password", "reset-two-factor", "sign-out" })
            Assert.Equal("shared_account", (await server.Admin.PostAsync($"/api/v1/orgs/default/members/{id}/{action}", new { }, 409)).Code);
        var (_, stranger) = await server.CreatePersonAsync(BuiltInRole.Owner, "third");
        await stranger.PostAsync($"/api/v1/orgs/third/members/{id}/reset-password", new { }, 404);
    }

    [Fact]
    public async Task The_emergency_password_works_once_for_each_value()
    {
        var (email, api) = await server.CreatePersonAsync();
        var cancel = TestContext.Current.CancellationToken;
        Assert.Equal(email, await EmergencyAccess.SetPasswordAsync(server.Services, email, "let me in please", cancel));
        await api.GetAsync("/api/v1/me", 401);
        var back = await server.SignInAsync(email, "let me in please");
        Assert.True((await back.GetAsync("/api/v1/me")).At("mustChangePassword").GetBoolean());
        await back.PostAsync("/api/v1/me/password", new { currentPassword = "let me in please", newPassword = "tangerine dream" }, 204);
        Assert.Null(await EmergencyAccess.SetPasswordAsync(server.Services, email, "let me in please", cancel));
        await back.GetAsync("/api/v1/me");
        Assert.Equal(email, await EmergencyAccess.SetPasswordAsync(server.Services, email, "let me in again", cancel));
        await back.GetAsync("/api/v1/me", 401);
        Assert.Contains("TOGGLR_ADMIN_TMP_PASSWORD", await server.AuditAsync($"entityKey={email}"), StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM installation_notes WHERE value LIKE '%let me in%'"));
        // Nobody has the configured address: the oldest owner is meant. Here that is the administrator, whose sign-in the other tests share.
        Assert.NotNull(await EmergencyAccess.ResetTwoFactorAsync(server.Services, "nobody@example.com", cancel));
    }

    [Fact]
    public async Task A_lost_second_factor_is_turned_off_by_whoever_runs_the_server()
    {
        var (email, api) = await server.CreatePersonAsync();
        await server.AddTwoFactorAsync(api);
        Assert.Null(await EmergencyAccess.ResetTwoFactorAsync(server.Services, email, TestContext.Current.CancellationToken));
        await api.GetAsync("/api/v1/me", 401);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email)).Status);
    }
}

public sealed class BreachedPasswordTests : IDisposable
{
    private readonly string _file = Path.GetTempFileName();

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("\n", false)]
    [InlineData("\r\n", true)]
    public void Sorted_hashes_are_found_wherever_they_are_in_the_file(string end, bool counts)
    {
        var passwords = Enumerable.Range(0, 2000).Select(number => $"breached {number}").ToList();
        var lines = passwords.Select(HashOf).Order(StringComparer.Ordinal).Select((hash, i) => counts ? $"{hash}:{i * 7919 % 100000}" : hash).ToList();
        File.WriteAllText(_file, string.Join(end, lines) + (counts ? end : ""));
        var list = new BreachedPasswords(_file);
        Assert.True(list.HasFile);
        Assert.All(passwords, password => Assert.True(list.Contains(password), password));
        Assert.All(Enumerable.Range(0, 500), number => Assert.False(list.Contains($"unknown {number}")));
    }

    [Fact]
    public void A_file_of_one_hash_and_a_file_of_words_work_too()
    {
        File.WriteAllText(_file, HashOf("breached"));
        Assert.True(new BreachedPasswords(_file).Contains("breached"));
        Assert.False(new BreachedPasswords(_file).Contains("other"));
        File.WriteAllText(_file, "Correct Staple\n\n  trimmed word \n");
        var words = new BreachedPasswords(_file);
        Assert.True(words.Contains("correct staple") && words.Contains("trimmed word") && !words.Contains("") && words.Contains("qwertyuiop"));
        Assert.Throws<Togglr.Hosting.Configuration.ConfigurationException>(() => new BreachedPasswords(_file + ".none"));
    }

#pragma warning disable CA5350 // What the published lists are made of.
    private static string HashOf(string password) => Convert.ToHexString(SHA1.HashData(Encoding.UTF8.GetBytes(password)));
#pragma warning restore CA5350
}
