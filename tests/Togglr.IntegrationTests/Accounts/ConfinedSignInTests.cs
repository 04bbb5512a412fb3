using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Hosting.Security;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Accounts;

/// <summary>A sign-in that one organization's identity provider vouched for: it opens that organization and changes nothing for another.</summary>
[Collection(AccountsTests.Name)]
public sealed class ConfinedSignInTests(AccountsServer server)
{
    [Fact]
    public async Task It_neither_sees_nor_ends_nor_changes_what_belongs_elsewhere()
    {
        var (email, everywhere) = await server.CreatePersonAsync(organization: "elsewhere");
        var (confined, _) = await ConfineAsync(email);
        Assert.Equal("default", Assert.Single((await confined.GetAsync("/api/v1/me")).At("organizations").EnumerateArray()).GetProperty("key").GetString());
        var sessions = await confined.GetAsync("/api/v1/me/sessions");
        Assert.Equal(("1", "default"), (sessions.Get("total"), sessions.Get("items", "0", "organization")));
        await confined.DeleteAsync($"/api/v1/me/sessions/{(await everywhere.GetAsync("/api/v1/me")).Get("session", "id")}", 404);
        await confined.DeleteAsync("/api/v1/me/sessions", 204);
        await everywhere.GetAsync("/api/v1/me");
        Assert.Equal("shared_account", (await confined.PatchAsync("/api/v1/me", new { name = "Mallory" }, 409)).Code);
        Assert.Equal("shared_account", (await confined.PostAsync("/api/v1/me/two-factor", new { }, 409)).Code);
        await confined.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "elsewhere" }, 400);
        await everywhere.PostAsync("/api/v1/me/tokens", new { name = "x", organization = "elsewhere" });
        Assert.Equal("0", (await confined.GetAsync("/api/v1/me/tokens")).Get("total"));
    }

    [Fact]
    public async Task It_ends_with_the_membership_and_does_not_come_back_with_it()
    {
        var (email, everywhere) = await server.CreatePersonAsync(organization: "elsewhere");
        var (confined, _) = await ConfineAsync(email);
        var member = $"/api/v1/orgs/default/members/{(await everywhere.GetAsync("/api/v1/me")).Get("id")}";
        await server.Admin.PostAsync($"{member}/deactivate", null, 204);
        await confined.GetAsync("/api/v1/me", 401);
        await server.Admin.PostAsync($"{member}/activate", null, 204);
        await confined.GetAsync("/api/v1/me", 401);
        var (again, _) = await ConfineAsync(email);
        await again.GetAsync("/api/v1/orgs/default");
        await server.Admin.DeleteAsync(member, 204);
        await again.GetAsync("/api/v1/me", 401);
        // What belongs to the other organization goes on.
        await everywhere.GetAsync("/api/v1/orgs/elsewhere");
    }

    [Fact]
    public async Task Without_a_password_a_fresh_sign_in_is_enough_to_set_up_a_second_factor()
    {
        var (email, _) = await server.CreatePersonAsync();
        var (confined, session) = await ConfineAsync(email);
        await using (var command = server.Owner.CreateCommand($"UPDATE sessions SET created_at = created_at - interval '11 minutes' WHERE id = '{session}'"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        Assert.Equal("recent_sign_in_required", (await confined.PostAsync("/api/v1/me/two-factor", new { }, 403)).Code);
        var (fresh, _) = await ConfineAsync(email);
        await fresh.PostAsync("/api/v1/me/two-factor", new { });
        Assert.Equal("no_password", (await fresh.PostAsync("/api/v1/me/password", new { currentPassword = "x", newPassword = "tangerine dream" }, 409)).Code);
    }

    /// <summary>A person as the identity provider of the default organization lets them in.</summary>
    private async Task<(Api Api, Guid Session)> ConfineAsync(string email)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        var user = await db.Users.SingleAsync(row => row.Email == email, TestContext.Current.CancellationToken);
        db.UseOrganization(db.Organizations.Single(row => row.Key == "default").Id);
        if (!db.Memberships.Any(row => row.UserId == user.Id))
        {
            db.Memberships.Add(Membership.Create(db.OrganizationId, user));
            db.RoleGrants.Add(RoleGrant.Create(db.OrganizationId, new PrincipalId(PrincipalKind.User, user.Id), GrantedRole.Of(BuiltInRole.Owner)));
        }
        var session = Session.Begin(user.Id, SignInMethod.Oidc, secondFactor: false, db.OrganizationId, providerId: null);
        session.Seen(server.Now, TimeSpan.FromDays(1), "192.0.2.1", userAgent: null);
        db.Sessions.Add(session);
        Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "session.started", email) { Always = true })).IsOk);
        await using (var command = server.Owner.CreateCommand($"UPDATE users SET password_hash = NULL WHERE email = '{email}'"))
            await command.ExecuteNonQueryAsync(TestContext.Current.CancellationToken);
        return (server.With(scope.ServiceProvider.GetRequiredService<AccessTokens>().Issue(user.Id, session.Id, TimeSpan.FromMinutes(15))), session.Id);
    }
}
