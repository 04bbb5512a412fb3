using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>Examples show what is kept of people: whoever only looks at flags does not see them.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ImpactRightsTests(ControlPlaneServer server)
{
    [Fact]
    public async Task Seeing_whom_a_change_affects_takes_the_right_to_change_or_approve_and_trying_takes_the_right_to_do()
    {
        var path = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{path}/flags", new { key = "f", type = "boolean" }, 201);
        var draft = new { flag = "f", configuration = new { @default = new { variant = "off" } } };
        var changes = new { changes = new[] { new { method = "POST", path = "flags/f/archive", body = new { } } } };
        Assert.Equal("off", (await server.Admin.PostAsync($"{path}/environments/prod/impact", draft)).Get("status"));
        Assert.Equal(3, (await server.Admin.PostAsync($"{path}/impact", changes)).At("environments").GetArrayLength());
        Assert.Equal("", (await server.Admin.GetAsync($"{path}/flags/f")).Get("archivedAt"));

        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Viewer);
        await viewer.PostAsync($"{path}/environments/prod/impact", draft, 403);
        await viewer.PostAsync($"{path}/impact", changes, 403);

        // The calls are tried with the rights of whoever asks.
        var member = await server.CreateMemberAsync("default", BuiltInRole.Member);
        await member.PostAsync($"{path}/environments/prod/impact", draft);
        Assert.Equal("forbidden", (await member.PostAsync($"{path}/impact", new { changes = new[] { new { method = "DELETE", path = "environments/dev" } } }, 403)).Code);
        await server.Admin.GetAsync($"{path}/environments/dev");
    }
}
