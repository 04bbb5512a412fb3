using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>Views of the flag list under a name.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class SavedViewTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_private_view_is_its_owners_alone()
    {
        var project = await server.CreateProjectAsync();
        var member = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        var view = await member.PostAsync($"{project}/views", new { name = "Mine <img src=x>", query = "kind=release&sort=name" }, 201);
        Assert.True(view.At("mine").GetBoolean());
        Assert.Equal("Mine <img src=x>", Assert.Single((await member.GetAsync($"{project}/views")).At("items").EnumerateArray()).GetProperty("name").GetString());
        Assert.Empty((await server.Admin.GetAsync($"{project}/views")).At("items").EnumerateArray());
        await server.Admin.PatchAsync($"{project}/views/{view.Get("id")}", new { name = "Ours" }, 404);
        await server.Admin.DeleteAsync($"{project}/views/{view.Get("id")}", 404);
        await member.DeleteAsync($"{project}/views/{view.Get("id")}", 204);
    }

    [Fact]
    public async Task A_shared_view_is_seen_by_all_and_changed_by_who_manages_flags()
    {
        var project = await server.CreateProjectAsync();
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.PostAsync($"{project}/views", new { name = "For all", query = "", shared = true }, 403);
        var own = await viewer.PostAsync($"{project}/views", new { name = "For me", query = "" }, 201);
        await viewer.PatchAsync($"{project}/views/{own.Get("id")}", new { shared = true }, 403);
        var shared = await server.Admin.PostAsync($"{project}/views", new { name = "For all", query = "archived=all", shared = true }, 201);
        var path = $"{project}/views/{shared.Get("id")}";
        Assert.Equal(["For all", "For me"], (await viewer.GetAsync($"{project}/views")).At("items").EnumerateArray().Select(view => view.GetProperty("name").GetString()));
        await viewer.PatchAsync(path, new { name = "Mine now" }, 403);
        await viewer.DeleteAsync(path, 403);
        var manager = await server.CreateMemberAsync("default", BuiltInRole.Manager);
        var renamed = await manager.PatchAsync(path, new { name = "Renamed" }, 200);
        Assert.Equal("\"2\"", renamed.ETag);
        Assert.Equal("not_owner", (await manager.PatchAsync(path, new { shared = false }, 409)).Code);
        await manager.SendAsync(HttpMethod.Patch, path, new { name = "Lost" }, 412, ("If-Match", "\"1\""));
        await server.Admin.PatchAsync(path, new { shared = false }, 200);
        await manager.DeleteAsync(path, 404);
    }

    [Fact]
    public async Task There_are_at_most_a_hundred_of_each()
    {
        var project = await server.CreateProjectAsync();
        for (var number = 0; number < 100; number++)
            await server.Admin.PostAsync($"{project}/views", new { name = $"View {number}", query = "" }, 201);
        Assert.Equal("too_many", (await server.Admin.PostAsync($"{project}/views", new { name = "One more", query = "" }, 409)).Code);
        await server.Admin.PostAsync($"{project}/views", new { name = "Shared", query = "", shared = true }, 201);
    }

    [Fact]
    public async Task Names_and_queries_have_limits()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/views", new { name = "", query = "" }, 400);
        await server.Admin.PostAsync($"{project}/views", new { name = new string('n', 201), query = "" }, 400);
        await server.Admin.PostAsync($"{project}/views", new { name = "n", query = new string('q', 2001) }, 400);
        await server.Admin.PostAsync($"{project}/views", """{"name":"n","query":"\u0000"}""", 400);
        await server.Admin.PostAsync($"{project}/views", new { name = new string('n', 200), query = new string('q', 2000) }, 201);
    }
}
