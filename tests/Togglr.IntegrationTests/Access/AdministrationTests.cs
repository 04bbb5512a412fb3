using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.Store;

namespace Togglr.IntegrationTests.Access;

[Collection(ControlPlaneTests.Name)]
public sealed class AdministrationTests(ControlPlaneServer server)
{
    [Fact]
    public async Task The_last_owner_stays()
    {
        var tenant = await Tenant.CreateAsync(server);
        var owners = await tenant.Owner.GetAsync($"{tenant.Path}/grants?role=owner");
        Assert.Equal("1", owners.Get("total"));
        Assert.Equal("last_owner", (await tenant.Owner.DeleteAsync($"{tenant.Path}/grants/{owners.Get("items", "0", "id")}", 409)).Code);
        Assert.Equal("last_owner", (await tenant.Owner.PostAsync($"{tenant.Path}/members/{tenant.Owner.Id}/deactivate", null, 409)).Code);
        Assert.Equal("last_owner", (await tenant.Owner.DeleteAsync($"{tenant.Path}/members/{tenant.Owner.Id}", 409)).Code);
        // Neither an owner of a project nor one who is kept out will do; one by a group will.
        await tenant.AddAsync("owner", "shop");
        var kept = await tenant.AddAsync();
        await tenant.GrantAsync(kept.Id, "owner");
        await tenant.Owner.PostAsync($"{tenant.Path}/members/{kept.Id}/deactivate", null, 204);
        await tenant.Owner.DeleteAsync($"{tenant.Path}/members/{tenant.Owner.Id}", 409);
        var group = (await tenant.Owner.PostAsync($"{tenant.Path}/groups", new { key = "board" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(group), "owner", kind: "group");
        await tenant.Owner.DeleteAsync($"{tenant.Path}/members/{tenant.Owner.Id}", 409);
        var director = await tenant.AddAsync();
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/board/members/{director.Id}", 204);
        await tenant.Owner.DeleteAsync($"{tenant.Path}/members/{tenant.Owner.Id}", 204);
        Assert.Equal("last_owner", (await director.DeleteAsync($"{tenant.Path}/groups/board/members/{director.Id}", 409)).Code);
        Assert.Equal("last_owner", (await director.DeleteAsync($"{tenant.Path}/groups/board", 409)).Code);
    }

    [Fact]
    public async Task Two_owners_who_remove_each_other_at_once_leave_one()
    {
        for (var i = 0; i < 5; i++)
        {
            var tenant = await Tenant.CreateAsync(server);
            var other = await tenant.AddAsync();
            await tenant.GrantAsync(other.Id, "owner");
            var removals = new[]
            {
                tenant.Owner.DeleteAsync($"{tenant.Path}/members/{other.Id}", -1),
                i % 2 == 0 ? other.DeleteAsync($"{tenant.Path}/members/{tenant.Owner.Id}", -1) : other.PostAsync($"{tenant.Path}/members/{tenant.Owner.Id}/deactivate", null, -1),
            };
            var answers = await Task.WhenAll(removals);
            Assert.Single(answers, answer => answer.Status == 204);
            // The loser either came too late to be anybody, or lost under the lock.
            Assert.Contains(answers, answer => answer.Status is 404 or 409);
            Assert.Equal(1, await server.CountAsync(
                $"""
                SELECT count(*) FROM role_grants g JOIN memberships m ON m.organization_id = g.organization_id AND m.user_id = g.user_id AND m.disabled_at IS NULL
                JOIN organizations o ON o.id = g.organization_id WHERE o.key = '{tenant.Key}' AND g.built_in_role = 'owner'
                """));
        }
    }

    [Fact]
    public async Task A_role_in_use_stays_and_says_who_has_it()
    {
        var tenant = await Tenant.CreateAsync(server);
        var roles = $"{tenant.Path}/roles";
        await tenant.Owner.PostAsync(roles, new { key = "toggler", name = "Toggler", description = "Switches.", permissions = new[] { "flag.view", "flag.toggle" } }, 201);
        Assert.Equal("already_exists", (await tenant.Owner.PostAsync(roles, new { key = "toggler", permissions = new[] { "flag.view" } }, 409)).Code);
        var person = await tenant.AddAsync("toggler", "shop", "dev");
        var toggle = $"{tenant.Path}/projects/shop/flags/f/environments/dev/toggle";
        await person.PostAsync(toggle, new { enabled = true });
        Assert.Equal("1", (await tenant.Owner.GetAsync($"{roles}/toggler")).Get("usedBy"));
        var used = await tenant.Owner.DeleteAsync($"{roles}/toggler", 409);
        Assert.Equal(("in_use", "user", person.Email, "dev"), (used.Code, used.Get("usedBy", "0", "kind"), used.Get("usedBy", "0", "key"), used.Get("usedBy", "0", "environments", "0")));
        await tenant.Owner.PatchAsync($"{roles}/toggler", new { permissions = new[] { "flag.view" } });
        await person.PostAsync(toggle, new { enabled = false }, 403);
        var grant = (await tenant.Owner.GetAsync($"{tenant.Path}/grants?role=toggler")).Get("items", "0", "id");
        await tenant.Owner.DeleteAsync($"{tenant.Path}/grants/{grant}", 204);
        await tenant.Owner.DeleteAsync($"{roles}/toggler", 204);
        await tenant.Owner.GetAsync($"{roles}/toggler", 404);
        var listed = (await tenant.Owner.GetAsync(roles)).At("items").EnumerateArray().Select(role => role.GetProperty("key").GetString());
        Assert.Equal(["owner", "manager", "member", "viewer"], listed);
    }

    [Fact]
    public async Task What_an_identity_provider_manages_is_not_changed_by_hand()
    {
        var tenant = await Tenant.CreateAsync(server);
        var person = await tenant.AddAsync();
        Guid grant;
        await using (var scope = server.Services.CreateAsyncScope())
        {
            var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
            var organization = db.Organizations.Single(row => row.Key == tenant.Key);
            db.UseOrganization(organization.Id);
            var nothing = JsonDocument.Parse("{}").RootElement;
            var provider = IdentityProvider.Create(organization.Id, "directory", "Directory", IdentityProviderKind.Scim, nothing, JsonDocument.Parse("[]").RootElement).Value!;
            db.IdentityProviders.Add(provider);
            db.Groups.Add(Group.Create(organization.Id, "synced", "Synced", "", provider.Id, "42").Value!);
            var given = RoleGrant.Create(organization.Id, new PrincipalId(PrincipalKind.User, person.Id), GrantedRole.Of(BuiltInRole.Viewer), providerId: provider.Id);
            db.RoleGrants.Add(given);
            grant = given.Id;
            Assert.True((await db.CommitAsync(new Change(ChangeActor.System(), "provider.synced", "directory"))).IsOk);
        }
        Assert.Equal("managed_by_provider", (await tenant.Owner.DeleteAsync($"{tenant.Path}/grants/{grant}", 409)).Code);
        Assert.Equal("managed_by_provider", (await tenant.Owner.PutAsync($"{tenant.Path}/groups/synced/members/{person.Id}", 409)).Code);
        Assert.Equal("managed_by_provider", (await tenant.Owner.PatchAsync($"{tenant.Path}/groups/synced", new { name = "x" }, 409)).Code);
        Assert.Equal("managed_by_provider", (await tenant.Owner.DeleteAsync($"{tenant.Path}/groups/synced", 409)).Code);
        Assert.Equal("Directory", (await tenant.Owner.GetAsync($"{tenant.Path}/groups/synced")).Get("provider", "name"));
        // What is granted to the group is up to people.
        var group = (await tenant.Owner.GetAsync($"{tenant.Path}/groups/synced")).Get("id");
        await tenant.GrantAsync(Guid.Parse(group), "viewer", "shop", kind: "group");
    }

    [Fact]
    public async Task A_service_account_acts_with_its_tokens_until_they_end()
    {
        var tenant = await Tenant.CreateAsync(server);
        var accounts = $"{tenant.Path}/service-accounts";
        var account = await tenant.Owner.PostAsync(accounts, new { key = "ci", name = "CI" }, 201);
        var path = $"{accounts}/{account.Get("id")}";
        await tenant.GrantAsync(Guid.Parse(account.Get("id")), "member", "shop", kind: "service_account");
        var token = await tenant.Owner.PostAsync($"{path}/tokens", new { name = "main", environment = "dev", project = "shop" }, 201);
        Assert.StartsWith("tga_", token.Get("secret"), StringComparison.Ordinal);
        Assert.DoesNotContain(token.Get("secret"), (await tenant.Owner.GetAsync($"{path}/tokens")).Json.GetRawText(), StringComparison.Ordinal);
        await tenant.Owner.PostAsync($"{path}/tokens", new { name = "x", permissions = new[] { "no.such" } }, 400);
        await tenant.Owner.PostAsync($"{path}/tokens", new { name = "x", expiresAt = "2001-01-01T00:00:00Z" }, 400);
        await tenant.Owner.PostAsync($"{path}/tokens", new { name = "x", environment = "dev" }, 400);
        var program = server.Anonymous();
        program.Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Get("secret"));
        var flag = $"{tenant.Path}/projects/shop/flags/f/environments";
        await program.PostAsync($"{flag}/dev/toggle", new { enabled = true });
        await program.PostAsync($"{flag}/prod/toggle", new { enabled = true }, 403);
        var entry = await tenant.Owner.GetAsync($"{tenant.Path}/audit?action=flag.enabled");
        Assert.Equal("service_account", entry.Get("items", "0", "actor", "kind"));
        var view = await tenant.Owner.GetAsync(path);
        Assert.Equal(("1", "member"), (view.Get("tokenCount"), view.Get("grants", "0", "role")));
        await tenant.Owner.PostAsync($"{path}/deactivate", null, 204);
        await program.GetAsync("/api/v1/me", 401);
        await tenant.Owner.PostAsync($"{path}/activate", null, 204);
        await program.GetAsync("/api/v1/me");
        await tenant.Owner.DeleteAsync($"{path}/tokens/{token.Get("id")}", 204);
        await program.GetAsync("/api/v1/me", 401);
        await tenant.Owner.DeleteAsync(path, 204);
        await tenant.Owner.GetAsync(path, 404);
    }

    [Fact]
    public async Task Security_settings_lock_nobody_out_who_sets_them()
    {
        var tenant = await Tenant.CreateAsync(server);
        var security = $"{tenant.Path}/security";
        var view = await tenant.Owner.GetAsync(security);
        Assert.Equal(("False", "everybody", "1"), (view.Get("requireTwoFactor"), view.Get("passwordSignIn"), view.Get("membersWithoutTwoFactor")));
        Assert.Equal("would_lock_out", (await tenant.Owner.PatchAsync(security, new { requireTwoFactor = true }, 409)).Code);
        Assert.Equal("no_identity_provider", (await tenant.Owner.PatchAsync(security, new { passwordSignIn = "owners" }, 409)).Code);
        await tenant.Owner.PatchAsync(security, new { auditRetentionDays = 3 }, 400);
        var kept = await tenant.Owner.PatchAsync(security, new { auditRetentionDays = 365 });
        Assert.Equal("365", kept.Get("auditRetentionDays"));
        await tenant.Owner.Api.PatchAsync(security, new { auditRetentionDays = 30 }, 412, ("If-Match", view.ETag!));
        Assert.Equal(JsonValueKind.Null, (await tenant.Owner.PatchAsync(security, new { auditRetentionDays = (int?)null })).At("auditRetentionDays").ValueKind);
        var manager = await tenant.AddAsync("manager");
        await manager.GetAsync(security, 403);
    }

    [Fact]
    public async Task A_deleted_organization_leaves_nothing_but_its_log()
    {
        var tenant = await Tenant.CreateAsync(server);
        var id = (await tenant.Owner.GetAsync(tenant.Path)).Get("id");
        var account = (await tenant.Owner.PostAsync($"{tenant.Path}/service-accounts", new { key = "ci" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(account), "viewer", kind: "service_account");
        await tenant.Owner.PostAsync($"{tenant.Path}/service-accounts/{account}/tokens", new { name = "x" }, 201);
        await tenant.Owner.PostAsync($"{tenant.Path}/roles", new { key = "own", permissions = new[] { "flag.view" } }, 201);
        var member = await tenant.AddAsync("own", "shop");
        await tenant.Owner.PostAsync($"{tenant.Path}/groups", new { key = "g" }, 201);
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/g/members/{member.Id}", 204);
        var manager = await tenant.AddAsync("manager");
        var scoped = await tenant.AddAsync("owner", "shop");
        foreach (var person in new[] { manager, scoped, member })
            await person.Api.SendAsync(HttpMethod.Delete, tenant.Path, new { key = tenant.Key }, 403);
        await tenant.Owner.Api.SendAsync(HttpMethod.Delete, tenant.Path, new { key = "another" }, 400);
        using (var notices = server.Services.GetRequiredService<ChangeSignal>().Subscribe())
        {
            await tenant.Owner.Api.SendAsync(HttpMethod.Delete, tenant.Path, new { key = tenant.Key, reason = "over" }, 204);
            var notice = await notices.Notices.ReadAsync(TestContext.Current.CancellationToken);
            Assert.Equal(6, notice.RemovedEnvironments.Count);
            Assert.True(notice is { AccessChanged: true, KeysChanged: true });
        }
        await tenant.Owner.GetAsync(tenant.Path, 404);
        Assert.Equal("0", (await tenant.Owner.GetAsync("/api/v1/orgs")).Get("total"));
        var tables = new List<string>();
        await using (var command = server.Services.GetRequiredService<TogglrDatabase>().DataSource.CreateCommand(
            "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'organization_id' AND table_name NOT LIKE 'audit%' AND table_name <> 'outbox'"))
        {
            await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
            while (await reader.ReadAsync(TestContext.Current.CancellationToken))
                tables.Add(reader.GetString(0));
        }
        Assert.True(tables.Count > 20);
        foreach (var table in tables)
            Assert.True(await server.CountAsync($"SELECT count(*) FROM {table} WHERE organization_id = '{id}'") == 0, $"{table} still has rows of the organization");
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE organization_id = '{id}' AND action = 'organization.deleted' AND reason = 'over'"));
        Assert.Equal(1, await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE organization_id = '{Guid.Empty}' AND action = 'organization.deleted' AND entity_id = '{id}'"));
        var verified = await AuditChain.VerifyAsync(server.Services.GetRequiredService<TogglrDatabase>().DataSource, Guid.Parse(id), cancellationToken: TestContext.Current.CancellationToken);
        Assert.Null(verified.Problem);
        Assert.Equal(await server.CountAsync($"SELECT count(*) FROM audit_entries WHERE organization_id = '{id}'"), verified.Entries);
        // The key is free again.
        await server.Admin.PostAsync("/api/v1/orgs", new { key = tenant.Key }, 201);
    }
}
