using Togglr.IntegrationTests.ControlPlane;

namespace Togglr.IntegrationTests.Experiments;

/// <summary>The catalogue of metrics.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class MetricTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_metric_is_created_found_changed_archived_and_deleted()
    {
        var project = await server.CreateProjectAsync();
        var created = await server.Admin.PostAsync($"{project}/metrics", new
        {
            key = "revenue", name = "Revenue", description = "Per person", definition = new { kind = "sum", @event = "purchase", value = "amount", winsorize = 0.99, windowHours = 168, unit = "€", filters = new[] { new { property = "currency", @operator = "in", value = new[] { "EUR", "USD" } } } },
        }, 201);
        Assert.Equal(("increase", "0.99", "USD"), (created.Get("definition", "direction"), created.Get("definition", "winsorize"), created.Get("definition", "filters", "0", "value", "1")));
        await server.Admin.PostAsync($"{project}/metrics", new { key = "revenue", definition = new { kind = "count", @event = "x" } }, 409);
        await server.Admin.PostAsync($"{project}/metrics", new { key = "errors", definition = new { kind = "count", @event = "error", direction = "decrease" } }, 201);
        Assert.Equal("errors", (await server.Admin.GetAsync($"{project}/metrics?kind=count")).Get("items", "0", "key"));
        Assert.Equal("revenue", (await server.Admin.GetAsync($"{project}/metrics?search=purch")).Get("items", "0", "key"));
        Assert.Equal("Money", (await server.Admin.PatchAsync($"{project}/metrics/revenue", new { name = "Money" })).Get("name"));
        Assert.NotNull((await server.Admin.PatchAsync($"{project}/metrics/revenue", new { archived = true })).Get("archivedAt"));
        Assert.Equal(1, (await server.Admin.GetAsync($"{project}/metrics")).At("items").GetArrayLength());
        Assert.Equal("revenue", (await server.Admin.GetAsync($"{project}/metrics?archived=true")).Get("items", "0", "key"));
        await server.Admin.DeleteAsync($"{project}/metrics/revenue");
        await server.Admin.GetAsync($"{project}/metrics/revenue", 404);
    }

    [Theory]
    [InlineData("""{"kind":"count","event":""}""", "/definition/event")]
    [InlineData("""{"kind":"count","event":"x","value":"amount"}""", "/definition/value")]
    [InlineData("""{"kind":"sum","event":"x","cap":-1}""", "/definition/cap")]
    [InlineData("""{"kind":"sum","event":"x","cap":5,"winsorize":0.9}""", "/definition/winsorize")]
    [InlineData("""{"kind":"conversion","event":"x","cap":5}""", "/definition/cap")]
    [InlineData("""{"kind":"ratio","event":"x"}""", "/definition/denominator")]
    [InlineData("""{"kind":"ratio","event":"x","denominator":{"event":""}}""", "/definition/denominator/event")]
    [InlineData("""{"kind":"sum","event":"x","denominator":{"event":"y"}}""", "/definition/denominator")]
    [InlineData("""{"kind":"quantile","event":"x"}""", "/definition/quantile")]
    [InlineData("""{"kind":"quantile","event":"x","quantile":1}""", "/definition/quantile")]
    [InlineData("""{"kind":"retention","event":"x","fromDay":7,"toDay":1}""", "/definition/toDay")]
    [InlineData("""{"kind":"count","event":"x","windowHours":0}""", "/definition/windowHours")]
    [InlineData("""{"kind":"count","event":"x","filters":[{"property":"p","operator":"gt","value":"1"}]}""", "/definition/filters/0/value")]
    [InlineData("""{"kind":"count","event":"x","filters":[{"property":"p","operator":"in","value":[]}]}""", "/definition/filters/0/value")]
    [InlineData("""{"kind":"count","event":"x","filters":[{"property":"p","operator":"eq","value":{"a":1}}]}""", "/definition/filters/0/value")]
    [InlineData("""{"kind":"count","event":"x","filters":[{"property":"p","operator":"exists","value":1}]}""", "/definition/filters/0/value")]
    public async Task A_definition_that_makes_no_sense_is_refused_where_it_does_not(string definition, string path)
    {
        var project = await server.CreateProjectAsync();
        var refused = await server.Admin.PostAsync($"{project}/metrics", $$"""{"key":"m","definition":{{definition}}}""", 400);
        Assert.Equal(path, refused.Get("errors", "0", "path"));
    }
}
