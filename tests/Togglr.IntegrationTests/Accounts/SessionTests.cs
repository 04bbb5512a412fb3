using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

[Collection(AccountsTests.Name)]
public sealed class SessionTests(AccountsServer server)
{
    [Fact]
    public async Task Sign_ins_are_listed_and_ended_one_by_one_or_all()
    {
        var (email, api) = await server.CreatePersonAsync();
        var second = await server.SignInAsync(email, AccountsServer.Password);
        var third = await server.SignInAsync(email, AccountsServer.Password);
        var listed = await api.GetAsync("/api/v1/me/sessions");
        Assert.Equal("3", listed.Get("total"));
        Assert.Single(listed.At("items").EnumerateArray(), session => session.GetProperty("current").GetBoolean());
        var id = (await second.GetAsync("/api/v1/me")).Get("session", "id");
        await api.DeleteAsync($"/api/v1/me/sessions/{id}", 204);
        await second.GetAsync("/api/v1/me", 401);
        await api.DeleteAsync($"/api/v1/me/sessions/{id}", 404);
        await api.DeleteAsync("/api/v1/me/sessions", 204);
        await third.GetAsync("/api/v1/me", 401);
        await api.DeleteAsync("/api/v1/me/sessions?all=true", 204);
        await api.GetAsync("/api/v1/me", 401);
        var audit = await server.AuditAsync($"entityKey={email}");
        foreach (var action in new[] { "session.started", "session.revoked", "session.revoked_others", "session.revoked_all" })
            Assert.Contains(action, audit, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Nobody_ends_or_sees_somebody_elses_sign_in()
    {
        var (_, mine) = await server.CreatePersonAsync();
        var (_, theirs) = await server.CreatePersonAsync();
        var id = (await theirs.GetAsync("/api/v1/me")).Get("session", "id");
        await mine.DeleteAsync($"/api/v1/me/sessions/{id}", 404);
        Assert.DoesNotContain(id, (await mine.GetAsync("/api/v1/me/sessions")).Json.GetRawText(), StringComparison.Ordinal);
        await theirs.GetAsync("/api/v1/me");
    }

    [Fact]
    public async Task Signing_in_always_makes_a_session_of_its_own()
    {
        var (email, _) = await server.CreatePersonAsync();
        var client = server.Anonymous();
        var planted = await AccountsServer.LoginAsync(client, email);
        // A token or cookie that was there before decides nothing about the new sign-in.
        client.Http.DefaultRequestHeaders.Add("Cookie", $"togglr_refresh={planted.Get("refreshToken")}");
        client.Http.DefaultRequestHeaders.Authorization = new("Bearer", planted.Get("accessToken"));
        var own = await AccountsServer.LoginAsync(client, email);
        Assert.NotEqual(planted.Get("user", "session", "id"), own.Get("user", "session", "id"));
        Assert.NotEqual(planted.Get("refreshToken"), own.Get("refreshToken"));
    }

    [Fact]
    public async Task A_refresh_that_races_a_logout_leaves_nothing_alive()
    {
        var (email, _) = await server.CreatePersonAsync();
        Task<long> CountOpenAsync() => server.CountAsync($"SELECT count(*) FROM sessions s JOIN users u ON u.id = s.user_id WHERE u.email = '{email}' AND s.revoked_at IS NULL");
        var open = await CountOpenAsync();
        for (var i = 0; i < 10; i++)
        {
            var client = server.Anonymous();
            var login = await AccountsServer.LoginAsync(client, email);
            var body = new { refreshToken = login.Get("refreshToken") };
            var refreshing = client.SendAsync(HttpMethod.Post, "/api/v1/auth/refresh", body, expect: -1);
            await client.PostAsync("/api/v1/auth/logout", body, 204);
            var refreshed = await refreshing;
            if (refreshed.Status != 200)
                continue;
            await server.With(refreshed.Get("accessToken")).GetAsync("/api/v1/me", 401);
            await client.PostAsync("/api/v1/auth/refresh", new { refreshToken = refreshed.Get("refreshToken") }, 401);
        }
        Assert.Equal(open, await CountOpenAsync());
    }

    [Fact]
    public async Task Failed_sign_ins_are_told_to_whom_they_concern_and_typed_passwords_to_nobody()
    {
        var (email, _) = await server.CreatePersonAsync();
        await AccountsServer.LoginAsync(server.Anonymous(), email, "wrong wrong");
        var entry = await server.AuditAsync($"entityKey={email}&action=session.failed");
        Assert.Contains("wrong password", entry, StringComparison.Ordinal);
        Assert.Contains("anonymous", entry, StringComparison.Ordinal);
        const string Unknown = "SELECT count(*) FROM audit_entries WHERE action = 'session.failed' AND entity_key LIKE 'unknown:%' AND organization_id = '00000000-0000-0000-0000-000000000000'";
        var before = await server.CountAsync(Unknown);
        await AccountsServer.LoginAsync(server.Anonymous(), "hunter2@secret", "x");
        Assert.Equal(before + 1, await server.CountAsync(Unknown));
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM audit_entries WHERE entity_key LIKE '%hunter2%' OR reason LIKE '%hunter2%'"));
        // Those that the throttle turned away are not written: the log cannot be flooded through it.
        var client = server.Anonymous();
        for (var i = 0; i < 8; i++)
            await AccountsServer.LoginAsync(client, email, "wrong again");
        Assert.Equal(6, await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE action = 'session.failed' AND entity_key = '{email}' AND organization_id <> '00000000-0000-0000-0000-000000000000'"));
    }

    [Fact]
    public async Task Answers_do_not_tell_whether_somebody_has_an_account()
    {
        var (email, _) = await server.CreatePersonAsync();
        await using (var scope = server.Services.CreateAsyncScope())
        {
            // Somebody who has left, and somebody who never had a password.
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            var user = await db.Users.SingleAsync(row => row.Email == email, TestContext.Current.CancellationToken);
            user.Disable(DateTimeOffset.UnixEpoch);
            db.Users.Add(User.Create($"no-password-{email}", "No password").Value!);
            Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "user.updated", email), TestContext.Current.CancellationToken)).IsOk);
        }
        var answers = new List<Answer>();
        foreach (var address in new[] { email, $"no-password-{email}", "nobody-at-all@example.com" })
            answers.Add(await AccountsServer.LoginAsync(server.Anonymous(), address));
        Assert.All(answers, answer => Assert.Equal((401, "invalid_credentials", answers[0].Get("detail")), (answer.Status, answer.Code, answer.Get("detail"))));
    }

    [Fact]
    public async Task Several_processes_count_failures_together()
    {
        var (email, _) = await server.CreatePersonAsync();
        var client = server.Anonymous();
        for (var i = 0; i < 5; i++)
            Assert.Equal(401, (await AccountsServer.LoginAsync(client, email, "wrong wrong")).Status);
        // As another process sees it: nothing in memory, everything in the database.
        var address = await server.TextAsync($"SELECT address FROM audit_entries WHERE entity_key = '{email}' AND action = 'session.failed' LIMIT 1");
        server.Services.GetRequiredService<Togglr.Hosting.Security.SignInThrottle>().Succeeded(email, address);
        Assert.Equal("rate_limited", (await AccountsServer.LoginAsync(client, email)).Code);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email)).Status);
    }
}
