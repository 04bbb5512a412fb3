using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

[Collection(AccountsTests.Name)]
public sealed class InvitationTests(AccountsServer server)
{
    private const string Invitations = "/api/v1/orgs/default/invitations";
    private static int _number;

    [Fact]
    public async Task An_invited_stranger_gets_an_account_and_what_was_promised_and_no_more()
    {
        var project = (await server.CreateProjectAsync()).Split('/')[^1];
        var email = NewAddress();
        var invited = await InviteAsync(server.Admin, email, new { role = "member", project, environment = "dev" }, new { role = "viewer" });
        Assert.Equal(("pending", "Administrator"), (invited.Get("status"), invited.Get("invitedBy", "name")));
        var token = TokenOf(invited);
        var stranger = server.Anonymous();
        var seen = await stranger.GetAsync($"/api/v1/auth/invitations/{token}");
        Assert.Equal(("default", email, "Administrator", "False"), (seen.Get("organization", "key"), seen.Get("email"), seen.Get("invitedBy"), seen.Get("hasAccount")));
        await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve" }, 400);
        await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve", password = "short" }, 400);
        await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve", password = "password1234" }, 400);
        foreach (var extra in new object[] { new { name = "Eve", password = "tangerine dream", role = "owner" }, new { name = "Eve", password = "tangerine dream", grants = new[] { new { role = "owner" } } } })
            Assert.Equal("unknown_property", (await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", extra, 400)).Code);
        var accepted = await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve", password = "tangerine dream" });
        Assert.Equal((email, "viewer"), (accepted.Get("user", "email"), accepted.Get("user", "organizations", "0", "role")));
        var eve = server.With(accepted.Get("accessToken"));
        await eve.PostAsync("/api/v1/orgs/default/projects", new { key = "eves" }, 403);
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, "tangerine dream")).Status);
        // Once.
        await stranger.GetAsync($"/api/v1/auth/invitations/{token}", 404);
        await stranger.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve", password = "tangerine dream" }, 404);
        Assert.Equal("accepted", (await server.Admin.GetAsync($"{Invitations}?search={email}")).Get("items", "0", "status"));
        Assert.Equal("already_member", (await server.Admin.PostAsync(Invitations, new { email, grants = new[] { new { role = "viewer" } } }, 409)).Code);
        Assert.Equal(0, await server.CountAsync($"SELECT count(*) FROM invitations i WHERE i::text LIKE '%{token}%'"));
        Assert.Contains("invitation.accepted", await server.AuditAsync($"entityKey={email}"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_invitation_that_several_accept_at_once_lets_one_in()
    {
        var email = NewAddress();
        var token = TokenOf(await InviteAsync(server.Admin, email, new { role = "viewer" }));
        var answers = await Task.WhenAll(Enumerable.Range(0, 6).Select(number => server.Anonymous().SendAsync(
            HttpMethod.Post, $"/api/v1/auth/invitations/{token}/accept", new { name = $"N{number}", password = $"tangerine dream {number}" }, expect: -1)));
        Assert.Equal(1, answers.Count(answer => answer.Status == 200));
        Assert.All(answers.Where(answer => answer.Status != 200), answer => Assert.InRange(answer.Status, 400, 409));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM memberships m JOIN users u ON u.id = m.user_id WHERE u.email = '{email}'"));
    }

    [Fact]
    public async Task Somebody_with_an_account_joins_with_its_password_and_second_factor()
    {
        var (email, api) = await server.CreatePersonAsync(organization: "elsewhere");
        var (secret, _) = await server.AddTwoFactorAsync(api);
        var token = TokenOf(await InviteAsync(server.Admin, email, new { role = "viewer" }));
        var client = server.Anonymous();
        Assert.Equal("True", (await client.GetAsync($"/api/v1/auth/invitations/{token}")).Get("hasAccount"));
        Assert.Equal("invalid_credentials", (await client.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { password = "a password of my choice" }, 401)).Code);
        Assert.Equal("two_factor_code_required", (await client.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { password = AccountsServer.Password }, 401)).Code);
        var accepted = await client.PostAsync($"/api/v1/auth/invitations/{token}/accept", new { password = AccountsServer.Password, code = server.CodeOf(secret) });
        Assert.Equal(2, accepted.At("user", "organizations").GetArrayLength());
        Assert.Equal(200, (await AccountsServer.LoginAsync(server.Anonymous(), email, code: server.CodeOf(secret, steps: 1))).Status);
    }

    [Fact]
    public async Task Nobody_invites_to_more_than_they_have_themselves()
    {
        var (_, manager) = await server.CreatePersonAsync(BuiltInRole.Manager);
        foreach (var role in new[] { "owner" })
            Assert.Equal("cannot_confer", (await manager.PostAsync(Invitations, new { email = NewAddress(), grants = new[] { new { role } } }, 403)).Code);
        var (_, member) = await server.CreatePersonAsync(BuiltInRole.Member);
        await member.PostAsync(Invitations, new { email = NewAddress(), grants = new[] { new { role = "viewer" } } }, 403);
        await member.GetAsync(Invitations, 403);
        // Nor does the link of somebody else's invitation come into their hands.
        var strong = await InviteAsync(server.Admin, NewAddress(), new { role = "owner" });
        Assert.Equal("cannot_confer", (await manager.PostAsync($"{Invitations}/{strong.Get("id")}/resend", new { }, 403)).Code);
        foreach (var body in new object[]
        {
            new { email = NewAddress() }, new { email = NewAddress(), grants = new[] { new { role = "emperor" } } }, new { email = "a@b\r\nBcc: c@d", grants = new[] { new { role = "viewer" } } },
            new { email = NewAddress(), grants = new[] { new { role = "viewer" }, new { role = "viewer" } } }, new { email = NewAddress(), groups = new[] { "nobody" } },
        })
            await server.Admin.PostAsync(Invitations, body, 400);
    }

    [Fact]
    public async Task What_the_inviting_person_has_lost_is_not_passed_on()
    {
        var (email, owner) = await server.CreatePersonAsync(BuiltInRole.Owner);
        var token = TokenOf(await InviteAsync(owner, NewAddress(), new { role = "owner" }));
        await server.ChangeAsync(email, db => db.RoleGrants.RemoveRange(db.RoleGrants.Where(row => db.Users.Any(user => user.Email == email && user.Id == row.UserId))));
        var refused = await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{token}/accept", new { name = "Eve", password = "tangerine dream" }, 409);
        Assert.Equal("invitation_void", refused.Code);
        var (left, leaver) = await server.CreatePersonAsync(BuiltInRole.Owner);
        var second = TokenOf(await InviteAsync(leaver, NewAddress(), new { role = "viewer" }));
        await server.ChangeAsync(left, db => db.Memberships.Single(row => row.User!.Email == left).Deactivate(server.Now));
        Assert.Equal("invitation_void", (await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{second}/accept", new { name = "Eve", password = "tangerine dream" }, 409)).Code);
    }

    [Fact]
    public async Task An_invitation_is_sent_again_taken_back_and_runs_out()
    {
        var email = NewAddress();
        var first = await InviteAsync(server.Admin, email, new { role = "viewer" });
        Assert.Equal("already_exists", (await server.Admin.PostAsync(Invitations, new { email = email.ToUpperInvariant(), grants = new[] { new { role = "viewer" } } }, 409)).Code);
        var again = await server.Admin.PostAsync($"{Invitations}/{first.Get("id")}/resend", new { reason = "lost" }, 200);
        await server.Anonymous().GetAsync($"/api/v1/auth/invitations/{TokenOf(first)}", 404);
        await server.Anonymous().GetAsync($"/api/v1/auth/invitations/{TokenOf(again)}");
        await server.Admin.DeleteAsync($"{Invitations}/{first.Get("id")}", 204);
        await server.Anonymous().GetAsync($"/api/v1/auth/invitations/{TokenOf(again)}", 404);
        Assert.Equal("invitation_closed", (await server.Admin.PostAsync($"{Invitations}/{first.Get("id")}/resend", new { }, 409)).Code);
        var late = await InviteAsync(server.Admin, email, new { role = "viewer" });
        await using (var command = server.Owner.CreateCommand($"UPDATE invitations SET expires_at = now() - interval '1 day' WHERE id = '{late.Get("id")}'"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        await server.Anonymous().PostAsync($"/api/v1/auth/invitations/{TokenOf(late)}/accept", new { name = "Late", password = "tangerine dream" }, 404);
        Assert.Equal("1", (await server.Admin.GetAsync($"{Invitations}?status=expired&search={email}")).Get("total"));
        // One whose time is over makes room for a new one.
        await server.Anonymous().GetAsync($"/api/v1/auth/invitations/{TokenOf(await InviteAsync(server.Admin, email, new { role = "viewer" }))}");
        Assert.Equal("3", (await server.Admin.GetAsync($"{Invitations}?search={email}")).Get("total"));
        var (_, stranger) = await server.CreatePersonAsync(BuiltInRole.Owner, "elsewhere");
        await stranger.GetAsync(Invitations, 404);
        await stranger.DeleteAsync($"/api/v1/orgs/elsewhere/invitations/{late.Get("id")}", 404);
    }

    internal static string NewAddress() => $"invited{Interlocked.Increment(ref _number)}@example.com";

    private static Task<Answer> InviteAsync(Api api, string email, params object[] grants) => api.PostAsync(Invitations, JsonSerializer.Serialize(new { email, name = "Guest", grants }), 201);

    private static string TokenOf(Answer invitation) => invitation.Get("link").Split('/')[^1];
}
