using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Access;

/// <summary>The right to manage experiments holds in an environment as it does in a project.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ExperimentRightsTests(ControlPlaneServer server)
{
    [Fact]
    public async Task Who_manages_experiments_in_an_environment_manages_those_there_and_no_others()
    {
        var tenant = await Tenant.CreateAsync(server);
        var shop = $"{tenant.Path}/projects/shop";
        var person = await tenant.AddAsync("member", "shop", "dev");
        object Draft(string key, string environment) => new { key, flag = "f", environment };
        await tenant.Owner.PostAsync($"{shop}/experiments", Draft("theirs", "prod"));
        await tenant.Owner.PostAsync($"{tenant.Path}/projects/bank/experiments", Draft("elsewhere", "dev"));

        var created = await person.Api.PostAsync($"{shop}/experiments", Draft("own", "dev"), 201);
        Assert.Equal("True", created.Get("mayServe"));
        await person.Api.PatchAsync($"{shop}/experiments/own", new { hypothesis = "it helps" });
        Assert.Equal("not_ready", (await person.Api.PostAsync($"{shop}/experiments/own/start", new { }, 409)).Code);
        await person.Api.DeleteAsync($"{shop}/experiments/own", 204);

        Assert.Equal("forbidden", (await person.Api.PostAsync($"{shop}/experiments", Draft("x", "prod"), 403)).Code);
        var their = $"{shop}/experiments/theirs";
        Assert.Equal("False", (await person.Api.GetAsync(their)).Get("mayServe"));
        foreach (var (deed, body) in new (string, object)[]
        {
            ("start", new { }), ("pause", new { }), ("resume", new { }), ("stop", new { }), ("archive", new { }), ("phases", new { traffic = 10 }), ("decide", new { decision = "rollBack", reason = "no" }),
        })
        {
            var answer = await person.Api.PostAsync($"{their}/{deed}", body, 403);
            Assert.Equal("This needs the permission experiment.manage in prod.", answer.Get("detail"));
        }
        await person.Api.PatchAsync(their, new { name = "mine" }, 403);
        await person.Api.PutAsync($"{their}/overrides", new { overrides = Array.Empty<object>() }, 403);
        await person.Api.DeleteAsync(their, 403);
        Assert.Equal("draft", (await tenant.Owner.GetAsync(their)).Get("state"));
        // What all environments share takes the right in all of the project, and other projects are not there.
        await person.Api.PostAsync($"{shop}/layers", new { key = "page" }, 403);
        await person.Api.PostAsync($"{shop}/metrics", new { key = "sales", definition = new { kind = "conversion", @event = "bought" } }, 403);
        await person.Api.DeleteAsync($"{tenant.Path}/projects/bank/experiments/elsewhere", 404);
        await person.Api.PostAsync($"{tenant.Path}/projects/bank/experiments", Draft("y", "dev"), 404);
    }
}
