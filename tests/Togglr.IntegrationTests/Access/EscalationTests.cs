using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Access;

/// <summary>All the ways around "nobody gives or takes what they do not have".</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class EscalationTests(ControlPlaneServer server)
{
    private static readonly string[] Administrator =
        ["membership.view", "membership.manage", "group.manage", "role.manage", "serviceaccount.manage", "identity.manage", "flag.view", "audit.view"];

    [Fact]
    public async Task A_role_cannot_hold_more_than_its_maker()
    {
        var (tenant, administrator) = await CreateAsync();
        var roles = $"{tenant.Path}/roles";
        Assert.Equal("cannot_confer", (await administrator.PostAsync(roles, new { key = "strong", permissions = new[] { "flag.manage" } }, 403)).Code);
        Assert.Equal("unknown_permission", (await administrator.PostAsync(roles, new { key = "odd", permissions = new[] { "*" } }, 400)).At("errors", "0").GetProperty("code").GetString());
        await administrator.PostAsync(roles, new { key = "owner", permissions = new[] { "flag.view" } }, 400);
        var weak = await administrator.PostAsync(roles, new { key = "weak", name = "Weak", permissions = new[] { "flag.view" } }, 201);
        Assert.Equal(["flag.view", "organization.view", "project.view"], weak.At("permissions").EnumerateArray().Select(item => item.GetString()));
        await administrator.PatchAsync($"{roles}/weak", new { permissions = new[] { "flag.view", "key.manage" } }, 403);
        await administrator.PatchAsync($"{roles}/weak", new { permissions = new[] { "audit.view" } });
        // What they have not they do not take away either.
        await tenant.Owner.PostAsync(roles, new { key = "strong", permissions = new[] { "flag.manage" } }, 201);
        await administrator.PatchAsync($"{roles}/strong", new { permissions = new[] { "flag.view" } }, 403);
        await administrator.DeleteAsync($"{roles}/strong", 403);
        Assert.Equal("read_only", (await tenant.Owner.PatchAsync($"{roles}/viewer", new { name = "x" }, 409)).Code);
        Assert.Equal("read_only", (await tenant.Owner.DeleteAsync($"{roles}/viewer", 409)).Code);
    }

    [Fact]
    public async Task Whoever_may_not_switch_does_not_switch_by_configuring_creating_promoting_or_restoring()
    {
        var tenant = await Tenant.CreateAsync(server);
        await tenant.Owner.PostAsync($"{tenant.Path}/roles", new { key = "author", permissions = new[] { "flag.view", "flag.manage", "audit.view" } }, 201);
        var author = await tenant.AddAsync("author");
        var (shop, flag) = ($"{tenant.Path}/projects/shop", $"{tenant.Path}/projects/shop/flags/f");
        async Task<object> Configuration(bool enabled) => new { @default = (await author.GetAsync($"{flag}/environments/dev")).At("default"), enabled };

        await tenant.Owner.PostAsync($"{flag}/environments/dev/toggle", new { enabled = true });
        await tenant.Owner.PostAsync($"{flag}/environments/dev/toggle", new { enabled = false });
        var entries = (await author.GetAsync($"{tenant.Path}/audit?action=flag.enabled")).At("items");
        await author.Api.PutAsync($"{flag}/environments/dev", await Configuration(false), 200, ("If-Match", "*"));
        Assert.Contains("flag.toggle", (await author.Api.PutAsync($"{flag}/environments/dev", await Configuration(true), 403, ("If-Match", "*"))).Get("detail"), StringComparison.Ordinal);
        await author.PostAsync($"{shop}/flags", new { key = "on", type = "boolean", environments = new { prod = new { enabled = true } } }, 403);
        await author.PostAsync($"{shop}/flags", new { key = "on", type = "boolean", environments = new { prod = new { enabled = false } } }, 201);
        await author.PostAsync($"{tenant.Path}/audit/{entries[0].GetProperty("id").GetString()}/restore", new { to = "after" }, 403);
        await tenant.Owner.PostAsync($"{flag}/environments/stage/toggle", new { enabled = true });
        await author.PostAsync($"{shop}/environments/dev/promote", new { from = "stage", conflictPolicy = "overwrite" }, 403);
        Assert.Equal("False", (await author.GetAsync($"{flag}/environments/dev")).Get("enabled"));
    }

    [Fact]
    public async Task A_role_of_ones_own_cannot_be_made_stronger()
    {
        var (tenant, administrator) = await CreateAsync();
        await administrator.PatchAsync($"{tenant.Path}/roles/administrator", new { permissions = Administrator.Append("organization.manage") }, 403);
        await administrator.PatchAsync($"{tenant.Path}/roles/administrator", new { permissions = Administrator.Append("flag.toggle") }, 403);
        // Making it weaker acts at once.
        await administrator.PatchAsync($"{tenant.Path}/roles/administrator", new { permissions = Administrator.Except(["role.manage"]) });
        await administrator.PatchAsync($"{tenant.Path}/roles/administrator", new { permissions = Administrator }, 403);
    }

    [Fact]
    public async Task A_group_is_no_way_to_what_it_has()
    {
        var (tenant, administrator) = await CreateAsync();
        var group = (await tenant.Owner.PostAsync($"{tenant.Path}/groups", new { key = "owners" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(group), "owner", kind: "group");
        var friend = await tenant.AddAsync();
        await administrator.PutAsync($"{tenant.Path}/groups/owners/members/{administrator.Id}", 403);
        await administrator.PutAsync($"{tenant.Path}/groups/owners/members/{friend.Id}", 403);
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/owners/members/{friend.Id}", 204);
        await administrator.DeleteAsync($"{tenant.Path}/groups/owners/members/{friend.Id}", 403);
        await administrator.DeleteAsync($"{tenant.Path}/groups/owners", 403);
        await administrator.PostAsync($"{tenant.Path}/groups", new { key = "mine" }, 201);
        await administrator.PutAsync($"{tenant.Path}/groups/mine/members/{administrator.Id}", 204);
        var mine = (await administrator.GetAsync($"{tenant.Path}/groups/mine")).Get("id");
        await administrator.PostAsync($"{tenant.Path}/grants", new { principal = new { kind = "group", id = mine }, role = "member" }, 403);
        await administrator.PostAsync($"{tenant.Path}/grants", new { principal = new { kind = "group", id = mine }, role = "administrator" }, 201);
        await administrator.PutAsync($"{tenant.Path}/groups/mine/members/{Guid.CreateVersion7()}", 404);
    }

    [Fact]
    public async Task Who_may_do_more_cannot_be_kept_out_let_in_or_removed()
    {
        var (tenant, administrator) = await CreateAsync();
        var manager = await tenant.AddAsync("manager");
        foreach (var person in new[] { tenant.Owner, manager })
        {
            Assert.Equal("cannot_confer", (await administrator.PostAsync($"{tenant.Path}/members/{person.Id}/deactivate", null, 403)).Code);
            await administrator.DeleteAsync($"{tenant.Path}/members/{person.Id}", 403);
        }
        await tenant.Owner.PostAsync($"{tenant.Path}/members/{manager.Id}/deactivate", null, 204);
        await administrator.PostAsync($"{tenant.Path}/members/{manager.Id}/activate", null, 403);
        var grants = await administrator.GetAsync($"{tenant.Path}/grants?role=owner");
        await administrator.DeleteAsync($"{tenant.Path}/grants/{grants.Get("items", "0", "id")}", 403);
        var scoped = await tenant.AddAsync("manager", "shop");
        var shopper = await tenant.AddAsync("viewer", "shop");
        // Keeping somebody out of the organization is not up to who manages a project of it.
        await scoped.PostAsync($"{tenant.Path}/members/{shopper.Id}/deactivate", null, 403);
        await scoped.DeleteAsync($"{tenant.Path}/members/{shopper.Id}", 403);
    }

    [Fact]
    public async Task A_token_of_a_service_account_is_no_way_to_what_it_has()
    {
        var (tenant, administrator) = await CreateAsync();
        var accounts = $"{tenant.Path}/service-accounts";
        var strong = (await tenant.Owner.PostAsync(accounts, new { key = "deployer", name = "Deployer" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(strong), "owner", kind: "service_account");
        Assert.Equal("cannot_confer", (await administrator.PostAsync($"{accounts}/{strong}/tokens", new { name = "x" }, 403)).Code);
        await administrator.PostAsync($"{accounts}/{strong}/deactivate", null, 403);
        await administrator.PostAsync($"{accounts}/{strong}/activate", null, 403);
        await administrator.PatchAsync($"{accounts}/{strong}", new { name = "x" }, 403);
        await administrator.DeleteAsync($"{accounts}/{strong}", 403);
        var weak = (await administrator.PostAsync(accounts, new { key = "reader" }, 201)).Get("id");
        await administrator.PostAsync($"{tenant.Path}/grants", new { principal = new { kind = "service_account", id = weak }, role = "member" }, 403);
        await administrator.PostAsync($"{tenant.Path}/grants", new { principal = new { kind = "service_account", id = weak }, role = "administrator" }, 201);
        // A token never does more than its account, whatever its list says.
        var token = await administrator.PostAsync($"{accounts}/{weak}/tokens", new { name = "x", permissions = new[] { "flag.manage", "flag.view" } }, 201);
        var program = server.Anonymous();
        program.Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Get("secret"));
        await program.GetAsync($"{tenant.Path}/projects/shop/flags/f");
        await program.PatchAsync($"{tenant.Path}/projects/shop/flags/f", new { name = "x" }, 403);
        await program.PostAsync(accounts, new { key = "further" }, 403);
        await program.PostAsync($"{accounts}/{weak}/tokens", new { name = "further" }, 403);
        await program.PostAsync($"{tenant.Path}/grants", new { principal = new { kind = "service_account", id = weak }, role = "administrator" }, 403);
    }

    [Fact]
    public async Task A_narrowed_token_confers_nothing_beyond_itself()
    {
        var tenant = await Tenant.CreateAsync(server);
        var accounts = $"{tenant.Path}/service-accounts";
        var account = (await tenant.Owner.PostAsync(accounts, new { key = "terraform" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(account), "owner", kind: "service_account");
        var token = await tenant.Owner.PostAsync($"{accounts}/{account}/tokens", new { name = "shop only", project = "shop", permissions = new[] { "flag.view", "flag.toggle", "membership.manage", "membership.view" } }, 201);
        var program = server.Anonymous();
        program.Http.DefaultRequestHeaders.Authorization = new("Bearer", token.Get("secret"));
        var person = await tenant.AddAsync();
        object Grant(string role, string? project) => new { principal = new { kind = "user", id = person.Id }, role, project };
        await program.PostAsync($"{tenant.Path}/grants", Grant("owner", null), 403);
        await program.PostAsync($"{tenant.Path}/grants", Grant("viewer", null), 403);
        await program.PostAsync($"{tenant.Path}/grants", Grant("manager", "shop"), 403);
        await program.PostAsync($"{tenant.Path}/grants", Grant("viewer", "bank"), 400);
        await program.PostAsync($"{tenant.Path}/grants", Grant("viewer", "shop"), 201);
        await program.GetAsync($"{tenant.Path}/projects/bank", 404);
        await program.Http.DeleteAsync(tenant.Path, TestContext.Current.CancellationToken);
        await tenant.Owner.GetAsync(tenant.Path);
    }

    /// <summary>Somebody who may administer everything, but not do everything.</summary>
    private async Task<(Tenant Tenant, Person Administrator)> CreateAsync()
    {
        var tenant = await Tenant.CreateAsync(server);
        await tenant.Owner.PostAsync($"{tenant.Path}/roles", new { key = "administrator", permissions = Administrator }, 201);
        return (tenant, await tenant.AddAsync("administrator"));
    }
}
