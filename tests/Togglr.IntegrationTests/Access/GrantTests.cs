using System.Text.Json;
using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Access;

[Collection(ControlPlaneTests.Name)]
public sealed class GrantTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_role_holds_where_it_is_granted_and_nowhere_else()
    {
        var tenant = await Tenant.CreateAsync(server);
        var developer = await tenant.AddAsync("viewer", "shop");
        await tenant.GrantAsync(developer.Id, "member", "shop", "dev");
        var flag = $"{tenant.Path}/projects/shop/flags/f";
        await developer.PostAsync($"{flag}/environments/dev/toggle", new { enabled = true });
        Assert.Equal("forbidden", (await developer.PostAsync($"{flag}/environments/prod/toggle", new { enabled = true }, 403)).Code);
        Assert.Equal("forbidden", (await developer.PostAsync($"{flag}/kill", new { reason = "x" }, 403)).Code);
        await developer.GetAsync($"{tenant.Path}/projects/bank", 404);
        Assert.Equal("1", (await developer.GetAsync($"{tenant.Path}/projects")).Get("total"));
    }

    [Fact]
    public async Task Nobody_grants_what_they_do_not_have_nor_where()
    {
        var tenant = await Tenant.CreateAsync(server);
        var manager = await tenant.AddAsync("manager", "shop");
        var somebody = await tenant.AddAsync();
        object Body(string role, string? project, string? environment = null) => new { principal = new { kind = "user", id = somebody.Id }, role, project, environment };
        var grants = $"{tenant.Path}/grants";
        Assert.Equal("cannot_confer", (await manager.PostAsync(grants, Body("viewer", null), 403)).Code);
        Assert.Equal("cannot_confer", (await manager.PostAsync(grants, Body("owner", "shop"), 403)).Code);
        // A project that they must not know of is answered like one that does not exist.
        var hidden = await manager.PostAsync(grants, Body("viewer", "bank"), 400);
        var missing = await manager.PostAsync(grants, Body("viewer", "nonsense"), 400);
        Assert.Equal(missing.At("errors").GetRawText(), hidden.At("errors").GetRawText());
        await manager.PostAsync(grants, Body("member", "shop", "nowhere"), 400);
        await manager.PostAsync(grants, Body("nonsense", "shop"), 400);
        var created = await manager.PostAsync(grants, Body("member", "shop", "dev"), 201);
        Assert.Equal(("Member", "shop", "dev", manager.Id.ToString()), (created.Get("roleName"), created.Get("project"), created.Get("environment"), created.Get("createdBy", "id")));
        Assert.Equal("already_exists", (await manager.PostAsync(grants, Body("member", "shop", "dev"), 409)).Code);
        await somebody.PostAsync($"{tenant.Path}/projects/shop/flags/f/environments/dev/toggle", new { enabled = true });
        await manager.DeleteAsync($"{grants}/{created.Get("id")}", 204);
        await somebody.GetAsync($"{tenant.Path}/projects/shop", 404);
        await manager.DeleteAsync($"{grants}/{created.Get("id")}", 404);
        // Of a stranger's id nothing can be learnt.
        var stranger = await (await Tenant.CreateAsync(server)).AddAsync();
        await manager.PostAsync(grants, new { principal = new { kind = "user", id = stranger.Id }, role = "viewer", project = "shop" }, 400);
    }

    [Fact]
    public async Task Grants_of_other_projects_are_not_seen_and_not_taken()
    {
        var tenant = await Tenant.CreateAsync(server);
        var manager = await tenant.AddAsync("manager", "shop");
        var banker = await tenant.AddAsync();
        var elsewhere = await tenant.GrantAsync(banker.Id, "member", "bank");
        var grants = await manager.GetAsync($"{tenant.Path}/grants");
        Assert.DoesNotContain("bank", grants.Json.GetRawText(), StringComparison.Ordinal);
        // The owner's, which holds here too, and their own.
        Assert.Equal("2", grants.Get("total"));
        await manager.DeleteAsync($"{tenant.Path}/grants/{elsewhere}", 404);
        var seen = (await manager.GetAsync($"{tenant.Path}/members/{banker.Id}")).Json;
        Assert.Equal(0, seen.GetProperty("grants").GetArrayLength());
        Assert.Equal(JsonValueKind.Null, seen.GetProperty("twoFactor").ValueKind);
        // Who only looks sees whoever has something where they look.
        var viewer = await tenant.AddAsync("viewer", "shop");
        await viewer.GetAsync($"{tenant.Path}/members/{banker.Id}", 404);
        await viewer.GetAsync($"{tenant.Path}/members/{manager.Id}");
        Assert.Equal("3", (await viewer.GetAsync($"{tenant.Path}/members")).Get("total"));
        var everything = (await tenant.Owner.GetAsync($"{tenant.Path}/members/{banker.Id}")).Json;
        Assert.Equal("bank", everything.GetProperty("grants")[0].GetProperty("project").GetString());
        Assert.Equal(JsonValueKind.False, everything.GetProperty("twoFactor").ValueKind);
    }

    [Fact]
    public async Task Members_are_found_by_role_group_and_status()
    {
        var tenant = await Tenant.CreateAsync(server);
        var viewer = await tenant.AddAsync("viewer");
        var grouped = await tenant.AddAsync();
        var group = (await tenant.Owner.PostAsync($"{tenant.Path}/groups", new { key = "readers", name = "Readers" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(group), "viewer", "shop", kind: "group");
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/readers/members/{grouped.Id}", 204);
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/readers/members/{grouped.Id}", 204);
        var members = $"{tenant.Path}/members";
        Assert.Equal("2", (await tenant.Owner.GetAsync($"{members}?role=viewer")).Get("total"));
        var found = await tenant.Owner.GetAsync($"{members}?group=readers");
        Assert.Equal((grouped.Email, "readers"), (found.Get("items", "0", "email"), found.Get("items", "0", "groups", "0", "key")));
        await tenant.Owner.PostAsync($"{members}/{viewer.Id}/deactivate", new { reason = "left" }, 204);
        Assert.Equal(viewer.Email, (await tenant.Owner.GetAsync($"{members}?status=deactivated")).Get("items", "0", "email"));
        Assert.Equal("2", (await tenant.Owner.GetAsync($"{members}?status=active")).Get("total"));
        var view = await tenant.Owner.GetAsync($"{tenant.Path}/groups/readers");
        Assert.Equal(("1", "viewer", "shop"), (view.Get("memberCount"), view.Get("grants", "0", "role"), view.Get("grants", "0", "project")));
        Assert.Equal(grouped.Email, (await tenant.Owner.GetAsync($"{tenant.Path}/groups/readers/members")).Get("items", "0", "email"));
        await grouped.GetAsync($"{tenant.Path}/projects/shop");
        await tenant.Owner.DeleteAsync($"{tenant.Path}/groups/readers", 204);
        await grouped.GetAsync($"{tenant.Path}/projects/shop", 404);
    }

    [Fact]
    public async Task A_deactivated_member_is_kept_out_at_once_and_comes_back_with_everything()
    {
        var tenant = await Tenant.CreateAsync(server);
        var member = await tenant.AddAsync("member");
        await member.GetAsync($"{tenant.Path}/projects");
        await tenant.Owner.PostAsync($"{tenant.Path}/members/{member.Id}/deactivate", null, 204);
        await member.GetAsync($"{tenant.Path}/projects", 404);
        Assert.Equal("0", (await member.GetAsync("/api/v1/orgs")).Get("total"));
        await tenant.Owner.PostAsync($"{tenant.Path}/members/{member.Id}/activate", null, 204);
        await member.GetAsync($"{tenant.Path}/projects");
        await tenant.Owner.DeleteAsync($"{tenant.Path}/members/{member.Id}", 204);
        await member.GetAsync($"{tenant.Path}/projects", 404);
        await tenant.Owner.GetAsync($"{tenant.Path}/members/{member.Id}", 404);
        var entry = (await tenant.Owner.GetAsync($"{tenant.Path}/audit?action=member.removed")).At("items", "0", "before");
        Assert.Contains("\"builtInRole\":\"member\"", entry.GetRawText(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_somebody_may_do_is_explained_by_the_grants()
    {
        var tenant = await Tenant.CreateAsync(server);
        var person = await tenant.AddAsync("viewer", "shop");
        var direct = await tenant.GrantAsync(person.Id, "member", "shop", "dev");
        var group = (await tenant.Owner.PostAsync($"{tenant.Path}/groups", new { key = "team" }, 201)).Get("id");
        await tenant.GrantAsync(Guid.Parse(group), "member", "shop", kind: "group");
        await tenant.Owner.PutAsync($"{tenant.Path}/groups/team/members/{person.Id}", 204);
        var explained = await tenant.Owner.GetAsync($"{tenant.Path}/permissions/effective?principal=user:{person.Id}&project=shop&environment=dev");
        var toggle = explained.At("permissions").EnumerateArray().Single(item => item.GetProperty("key").GetString() == "flag.toggle");
        Assert.True(toggle.GetProperty("allowed").GetBoolean());
        var reasons = toggle.GetProperty("because").EnumerateArray().ToList();
        Assert.Equal(["direct", "group"], reasons.Select(reason => reason.GetProperty("via").GetString()));
        Assert.Equal(direct, reasons[0].GetProperty("grantId").GetString());
        Assert.Equal("team", reasons[1].GetProperty("group").GetString());
        // Without a principal it is about oneself; about others only who sees members may ask.
        var own = await person.GetAsync($"{tenant.Path}/permissions/effective?project=shop");
        Assert.Equal(person.Email, own.Get("principal", "email"));
        var bare = await tenant.AddAsync("viewer", "bank");
        await bare.GetAsync($"{tenant.Path}/permissions/effective?principal=user:{person.Id}", 403);
        await bare.GetAsync($"{tenant.Path}/permissions/effective?principal=user:{person.Id}&project=shop", 400);
        await bare.GetAsync($"{tenant.Path}/permissions/effective?principal=user:{person.Id}&project=bank", 404);
        await tenant.Owner.PostAsync($"{tenant.Path}/members/{person.Id}/deactivate", null, 204);
        var kept = await tenant.Owner.GetAsync($"{tenant.Path}/permissions/effective?principal=user:{person.Id}");
        Assert.Equal("deactivated", kept.Get("restrictions", "0", "kind"));
    }
}
