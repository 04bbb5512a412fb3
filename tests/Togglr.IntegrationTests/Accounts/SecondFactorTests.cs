using Togglr.Hosting.Security;

namespace Togglr.IntegrationTests.Accounts;

[Collection(AccountsTests.Name)]
public sealed class SecondFactorTests(AccountsServer server)
{
    [Fact]
    public async Task A_second_factor_is_asked_for_once_it_is_confirmed()
    {
        var (email, api) = await server.CreatePersonAsync();
        await api.PostAsync("/api/v1/me/two-factor", new { }, 400);
        await api.PostAsync("/api/v1/me/two-factor", new { password = "wrong wrong" }, 400);
        await api.PostAsync("/api/v1/me/two-factor/confirm", new { code = "000000" }, 409);
        var setup = await api.PostAsync("/api/v1/me/two-factor", new { password = AccountsServer.Password });
        Assert.StartsWith("otpauth://totp/Togglr:", setup.Get("uri"), StringComparison.Ordinal);
        Assert.StartsWith("<svg", setup.Get("qrSvg"), StringComparison.Ordinal);
        // Pending: nobody is locked out by closing the page now.
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email)).Status);
        Assert.Equal("invalid_code", (await api.PostAsync("/api/v1/me/two-factor/confirm", new { code = "abcdef" }, 400)).Get("errors", "0", "code"));
        var (secret, codes) = await server.AddTwoFactorAsync(api);
        Assert.Equal(10, codes.Distinct(StringComparer.Ordinal).Count());
        Assert.Equal("two_factor_active", (await api.PostAsync("/api/v1/me/two-factor", new { password = AccountsServer.Password }, 409)).Code);
        var me = await api.GetAsync("/api/v1/me");
        Assert.True(me.At("twoFactor").GetBoolean() && me.At("session", "secondFactor").GetBoolean());

        var fresh = server.Anonymous();
        Assert.Equal("two_factor_code_required", (await AccountsServer.LoginAsync(fresh, email)).Code);
        Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(fresh, email, "wrong wrong", server.CodeOf(secret))).Code);
        var signedIn = await AccountsServer.LoginAsync(fresh, email, code: server.CodeOf(secret));
        Assert.True(signedIn.At("user", "session", "secondFactor").GetBoolean());
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM users WHERE email = '{email}' AND position('\\x{Convert.ToHexStringLower(secret)}'::bytea in totp_secret) > 0"));
    }

    [Fact]
    public async Task A_code_works_once_also_for_two_at_once_and_never_an_older_one_after_it()
    {
        var (email, api) = await server.CreatePersonAsync();
        var (secret, _) = await server.AddTwoFactorAsync(api);
        var code = server.CodeOf(secret, steps: 1);
        var client = server.Anonymous();
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => AccountsServer.LoginAsync(client, email, code: code)));
        Assert.Equal(1, both.Count(answer => answer.Status == 200));
        Assert.All(both.Where(answer => answer.Status != 200), answer => Assert.Equal("invalid_code", answer.Code));
        Assert.Equal("invalid_code", (await AccountsServer.LoginAsync(server.Anonymous(), email, code: code)).Code);
        Assert.Equal("invalid_code", (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret, steps: 0))).Code);
    }

    [Fact]
    public async Task Guessing_codes_gets_slow_wherever_it_comes_from_and_only_for_who_knows_the_password()
    {
        var (email, api) = await server.CreatePersonAsync();
        var (secret, recovery) = await server.AddTwoFactorAsync(api);
        // Without the password nobody gets as far as a code, so nobody can use the limit up.
        for (var i = 0; i < 8; i++)
            Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(server.Anonymous(), email, "wrong wrong", "000000")).Code);
        Assert.Equal("two_factor_code_required", (await AccountsServer.LoginAsync(server.Anonymous(), email)).Code);
        var guesses = await Task.WhenAll(Enumerable.Range(0, 30).Select(number => AccountsServer.LoginAsync(server.Anonymous(), email, code: $"{number:000000}")));
        Assert.InRange(guesses.Count(answer => answer.Code == "invalid_code"), 5, 6);
        Assert.All(guesses.Where(answer => answer.Status == 429), answer => Assert.NotNull(answer.Response.Headers.RetryAfter));
        Assert.Equal(429, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret))).Status);
        // The owner gets in with a recovery code, once, and with the app when the wait is over.
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: recovery[0].ToUpperInvariant())).Status);
        Assert.Equal("invalid_code", (await AccountsServer.LoginAsync(server.Anonymous(), email, code: recovery[0])).Code);
        server.Advance(TimeSpan.FromSeconds(64));
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret))).Status);
        Assert.Contains("user.recovery_code_used", await server.AuditAsync($"entityKey={email}"), StringComparison.Ordinal);
        Assert.Contains("wrong second factor", await server.AuditAsync($"entityKey={email}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Turning_it_off_and_renewing_codes_take_password_and_code()
    {
        var (email, api) = await server.CreatePersonAsync();
        var (secret, codes) = await server.AddTwoFactorAsync(api);
        await api.PostAsync("/api/v1/me/two-factor/recovery-codes", new { password = AccountsServer.Password, code = "000000" }, 400);
        await api.PostAsync("/api/v1/me/two-factor/recovery-codes", new { code = server.CodeOf(secret) }, 400);
        var renewed = await api.PostAsync("/api/v1/me/two-factor/recovery-codes", new { password = AccountsServer.Password, code = server.CodeOf(secret) });
        Assert.Equal("invalid_code", (await AccountsServer.LoginAsync(server.Anonymous(), email, code: codes[0])).Code);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: renewed.Get("recoveryCodes", "9"))).Status);
        server.Advance(TimeSpan.FromSeconds(Totp.PeriodSeconds));
        await api.SendAsync(HttpMethod.Delete, "/api/v1/me/two-factor", new { password = "wrong wrong", code = server.CodeOf(secret) }, 400);
        await api.SendAsync(HttpMethod.Delete, "/api/v1/me/two-factor", new { password = AccountsServer.Password, code = server.CodeOf(secret) }, 204);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email)).Status);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM recovery_codes c JOIN users u ON u.id = c.user_id WHERE u.email = '{email}'"));
    }
}
