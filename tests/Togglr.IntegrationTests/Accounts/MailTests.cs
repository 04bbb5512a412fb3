using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Togglr.ControlPlane;
using Togglr.ControlPlane.Mail;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>A server that sends mail to a real mail server, with authentication.</summary>
public sealed class MailingServer(PostgresFixture postgres) : AccountsServer(postgres)
{
    public MailSink Sink { get; private set; } = null!;

    public override async ValueTask InitializeAsync()
    {
        Sink = await MailSink.StartAsync("togglr", "mail password");
        await base.InitializeAsync();
    }

    public override async ValueTask DisposeAsync()
    {
        await base.DisposeAsync();
        await Sink.DisposeAsync();
        GC.SuppressFinalize(this);
    }

    protected override ControlPlaneOptions Configure(ControlPlaneOptions options) => options with
    {
        Mail = new MailOptions("127.0.0.1", Sink.Port, "togglr@example.com") { User = "togglr", Password = "mail password", Tls = MailTls.None },
        PublicUrl = new Uri("https://flags.example.com/base"),
    };
}

public sealed class MailTests(MailingServer server) : IClassFixture<MailingServer>
{
    private const string Invitations = "/api/v1/orgs/default/invitations";

    [Fact]
    public async Task An_invitation_comes_by_mail_and_its_link_leads_in()
    {
        var email = InvitationTests.NewAddress();
        var invited = await server.Admin.PostAsync(Invitations, new { email, grants = new[] { new { role = "viewer" } } }, 201, ("Host", "evil.example.com"));
        Assert.False(invited.Json.TryGetProperty("link", out _));
        var mail = await server.Sink.NextAsync(email);
        Assert.Equal(("togglr@example.com", "togglr"), (mail.GetProperty("envelope").GetProperty("from").GetString(), mail.GetProperty("user").GetString()));
        Assert.Equal("Invitation to Demo on Togglr", mail.GetProperty("subject").GetString());
        var link = LinkIn(mail);
        Assert.StartsWith("https://flags.example.com/base/invitations/", link, StringComparison.Ordinal);
        Assert.Contains(link, mail.GetProperty("html").GetString(), StringComparison.Ordinal);
        await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{link.Split('/')[^1]}/accept", new { name = "Guest", password = "tangerine dream" });
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM outgoing_mail WHERE kind = 'invitation' AND attempts > 0") == 0);
    }

    [Fact]
    public async Task A_forgotten_password_is_set_anew_by_a_link_that_works_once()
    {
        var (email, api) = await server.CreatePersonAsync();
        await api.PatchAsync("/api/v1/me", new { locale = "ru" });
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email = "nobody@example.com" }, 202);
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email = email.ToUpperInvariant() }, 202, ("Host", "evil.example.com"), ("X-Forwarded-Host", "evil.example.com"));
        var first = LinkIn(await server.Sink.NextAsync(email));
        Assert.StartsWith("https://flags.example.com/base/reset-password/", first, StringComparison.Ordinal);
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email }, 202);
        var mail = await server.Sink.NextAsync(email, count: 2);
        Assert.Equal("Новый пароль для Togglr", mail.GetProperty("subject").GetString());
        var (old, token) = (first.Split('/')[^1], LinkIn(mail).Split('/')[^1]);
        // A newer link makes the older one worthless.
        Assert.Equal("invalid_token", (await server.Anonymous().PostAsync("/api/v1/auth/reset-password", new { token = old, password = "tangerine dream" }, 400)).Code);
        await server.Anonymous().PostAsync("/api/v1/auth/reset-password", new { token, password = "short" }, 400);
        await api.GetAsync("/api/v1/me");
        var both = await Task.WhenAll(Enumerable.Range(0, 4).Select(number => server.Anonymous().SendAsync(
            HttpMethod.Post, "/api/v1/auth/reset-password", new { token, password = $"tangerine dream {number}" }, expect: -1)));
        Assert.Equal(1, both.Count(answer => answer.Status == 204));
        Assert.All(both.Where(answer => answer.Status != 204), answer => Assert.Equal("invalid_token", answer.Code));
        await api.GetAsync("/api/v1/me", 401);
        Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(server.Anonymous(), email)).Code);
        Assert.Contains("сброшен", (await server.Sink.NextAsync(email, count: 3)).GetProperty("subject").GetString(), StringComparison.Ordinal);
        Assert.Empty(await server.Sink.MailsAsync("nobody@example.com"));
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM password_resets r WHERE r::text LIKE '%{token}%'"));
        // Three an hour: nobody's mailbox is flooded through this server.
        for (var i = 0; i < 5; i++)
            await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email }, 202);
        var last = await server.CreatePersonAsync();
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email = last.Email }, 202);
        await server.Sink.NextAsync(last.Email);
        Assert.Equal(4, (await server.Sink.MailsAsync(email)).Count);
    }

    [Fact]
    public async Task A_link_runs_out_after_an_hour_and_dies_with_a_changed_password()
    {
        var (email, api) = await server.CreatePersonAsync();
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email }, 202);
        var token = LinkIn(await server.Sink.NextAsync(email)).Split('/')[^1];
        await api.PostAsync("/api/v1/me/password", new { currentPassword = AccountsServer.Password, newPassword = "tangerine dream" }, 204);
        Assert.Equal("invalid_token", (await server.Anonymous().PostAsync("/api/v1/auth/reset-password", new { token, password = "battery staple" }, 400)).Code);
        await server.Anonymous().PostAsync("/api/v1/auth/forgot-password", new { email }, 202);
        var second = LinkIn(await server.Sink.NextAsync(email, count: 3)).Split('/')[^1];
        await using (var command = server.Owner.CreateCommand("UPDATE password_resets SET expires_at = expires_at - interval '61 minutes'"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal("invalid_token", (await server.Anonymous().PostAsync("/api/v1/auth/reset-password", new { token = second, password = "battery staple" }, 400)).Code);
    }

    [Fact]
    public async Task An_administrator_s_reset_comes_by_mail_and_the_old_password_is_worthless_at_once()
    {
        var (email, api) = await server.CreatePersonAsync();
        var id = (await api.GetAsync("/api/v1/me")).Get("id");
        var answer = await server.Admin.PostAsync($"/api/v1/orgs/default/members/{id}/reset-password");
        Assert.False(answer.Json.TryGetProperty("temporaryPassword", out _));
        await api.GetAsync("/api/v1/me", 401);
        Assert.Equal("invalid_credentials", (await AccountsServer.LoginAsync(server.Anonymous(), email)).Code);
        var mail = await server.Sink.NextAsync(email);
        Assert.Contains("administrator", mail.GetProperty("text").GetString(), StringComparison.Ordinal);
        await server.Anonymous().PostAsync("/api/v1/auth/reset-password", new { token = LinkIn(mail).Split('/')[^1], password = "tangerine dream" }, 204);
        Assert.False((await (await server.SignInAsync(email, "tangerine dream")).GetAsync("/api/v1/me")).At("mustChangePassword").GetBoolean());
    }

    [Fact]
    public async Task Names_begin_no_headers_and_no_markup()
    {
        var (_, owner) = await server.CreatePersonAsync(BuiltInRole.Owner);
        await owner.PatchAsync("/api/v1/me", new { name = "Eve\r\nBcc: victim@example.com\r\n\r\n<script>alert(1)</script>" + new string('x', 100) });
        await server.Admin.PatchAsync("/api/v1/orgs/default", new { name = "Evil\r\nBcc: victim@example.com\u2028<b>" });
        try
        {
            var email = InvitationTests.NewAddress();
            await owner.PostAsync(Invitations, new { email, name = "x\r\nCc: victim@example.com", grants = new[] { new { role = "viewer" } } }, 201);
            var mail = await server.Sink.NextAsync(email);
            Assert.Equal(1, mail.GetProperty("envelope").GetProperty("to").GetArrayLength());
            Assert.Equal((JsonValueKind.Null, JsonValueKind.Null), (mail.GetProperty("cc").ValueKind, mail.GetProperty("bcc").ValueKind));
            Assert.All(mail.GetProperty("headers").EnumerateArray(), header => Assert.DoesNotContain(header.GetString(), (string[])["bcc", "cc"]));
            Assert.DoesNotContain("<script>", mail.GetProperty("html").GetString(), StringComparison.Ordinal);
            Assert.DoesNotContain("<b>", mail.GetProperty("html").GetString(), StringComparison.Ordinal);
            Assert.Equal("Invitation to Evil  Bcc: victim@example.com <b> on Togglr", mail.GetProperty("subject").GetString());
            foreach (var address in new[] { "a@b.example\r\nBcc: c@d.example", "a@b.example, c@d.example", "\"a\" <a@b.example>", "a@b@c.example" })
                await owner.PostAsync(Invitations, new { email = address, grants = new[] { new { role = "viewer" } } }, 400);
        }
        finally
        {
            await server.Admin.PatchAsync("/api/v1/orgs/default", new { name = "Demo" });
        }
    }

    [Fact]
    public async Task Mail_that_is_not_taken_is_tried_again_and_what_is_refused_for_good_is_given_up()
    {
        var email = InvitationTests.NewAddress();
        await server.Sink.RefuseAsync(times: 1);
        await server.Admin.PostAsync(Invitations, new { email, grants = new[] { new { role = "viewer" } } }, 201);
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM outgoing_mail WHERE attempts = 1 AND next_attempt_at > now()") > 0);
        Assert.Empty(await server.Sink.MailsAsync(email));
        var link = await server.TextAsync("SELECT encode(content, 'escape') FROM outgoing_mail LIMIT 1");
        Assert.DoesNotContain("example.com", link, StringComparison.Ordinal);
        server.Advance(TimeSpan.FromSeconds(10));
        await server.Sink.NextAsync(email);

        var gone = InvitationTests.NewAddress();
        await server.Sink.RefuseAsync(times: 1, code: 550);
        await server.Admin.PostAsync(Invitations, new { email = gone, grants = new[] { new { role = "viewer" } } }, 201);
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM outgoing_mail") == 0);
        Assert.Empty(await server.Sink.MailsAsync(gone));
    }

    [Fact]
    public async Task People_hear_of_what_happens_to_their_accounts()
    {
        var (email, api) = await server.CreatePersonAsync();
        var (secret, codes) = await server.AddTwoFactorAsync(api);
        Assert.Contains("second factor", (await server.Sink.NextAsync(email)).GetProperty("subject").GetString(), StringComparison.Ordinal);
        await AccountsServer.LoginAsync(server.Anonymous(), email, code: codes[0]);
        Assert.Contains("recovery code", (await server.Sink.NextAsync(email, count: 2)).GetProperty("subject").GetString(), StringComparison.Ordinal);
        for (var i = 0; i < 5; i++)
            await AccountsServer.LoginAsync(server.Anonymous(), email, code: "abcdef");
        Assert.Contains("knows your Togglr password", (await server.Sink.NextAsync(email, count: 3)).GetProperty("subject").GetString(), StringComparison.Ordinal);
        Assert.NotEmpty(secret);
    }

    internal static string LinkIn(JsonElement mail) => mail.GetProperty("text").GetString()!.Split('\n').Single(line => line.StartsWith("http", StringComparison.Ordinal)).Trim();
}

/// <summary>Mail over STARTTLS.</summary>
public sealed class EncryptedMailTests(PostgresFixture postgres)
{
    [Fact]
    public async Task Nothing_is_sent_to_a_server_without_encryption_or_with_a_certificate_that_nobody_trusts()
    {
        await using var trusted = await MailSink.StartAsync("togglr", "mail password", tls: true);
        await using var implicitly = await MailSink.StartAsync("togglr", "mail password", tls: true, secure: true);
        await using var untrusted = await MailSink.StartAsync(tls: true);
        await using var plain = await MailSink.StartAsync();
        foreach (var (sink, tls) in new[] { (trusted, MailTls.StartTls), (implicitly, MailTls.Implicit), (untrusted, MailTls.StartTls), (plain, MailTls.StartTls) })
        {
            await using var server = new EncryptedServer(postgres, sink.Port, tls, sink == untrusted ? trusted.Certificate! : sink.Certificate ?? trusted.Certificate!);
            await server.InitializeAsync();
            var email = InvitationTests.NewAddress();
            await server.Admin.PostAsync("/api/v1/orgs/default/invitations", new { email, grants = new[] { new { role = "viewer" } } }, 201);
            if (sink == trusted || sink == implicitly)
            {
                var mail = await sink.NextAsync(email);
                Assert.True(mail.GetProperty("secure").GetBoolean());
                Assert.Equal("togglr", mail.GetProperty("user").GetString());
                // Without TOGGLR_PUBLIC_URL links lead to where the server listens.
                Assert.StartsWith($"{server.Address}invitations/", MailTests.LinkIn(mail), StringComparison.Ordinal);
                continue;
            }
            await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM outgoing_mail WHERE attempts = 1 AND next_attempt_at < now() + interval '1 minute'") == 1);
            Assert.Equal(0, await sink.AttemptsAsync());
        }
    }

    private sealed class EncryptedServer(PostgresFixture postgres, int port, MailTls tls, string authorities) : AccountsServer(postgres)
    {
        protected override ControlPlaneOptions Configure(ControlPlaneOptions options)
        {
            var trusted = new X509Certificate2Collection();
            trusted.ImportFromPemFile(authorities);
            return options with { Mail = new MailOptions("localhost", port, "togglr@example.com") { User = "togglr", Password = "mail password", Tls = tls, Authorities = trusted } };
        }
    }
}
