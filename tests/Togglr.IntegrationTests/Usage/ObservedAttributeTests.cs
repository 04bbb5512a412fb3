using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.Usage;

/// <summary>Attributes that were seen in contexts become choices for editors, and nobody's data does.</summary>
public sealed class ObservedAttributeTests(UsageServer server) : IClassFixture<UsageServer>
{
    [Fact]
    public async Task Attributes_and_values_are_offered_whatever_protocol_they_came_by()
    {
        var project = await server.CreateProjectAsync();
        var context = new { targetingKey = "u-1", plan = "pro", beta = true, seats = 5, groups = new[] { "staff", "beta" }, user = new { id = "u-1", region = "eu" } };
        (await project.SendAsync("sdk/v1/evaluate", new { flag = "checkout", context })).Dispose();
        (await project.SendAsync("sdk/v1/features/checkout/evaluate", new Dictionary<string, string> { ["user.id"] = "u-1", ["city"] = "Oslo <b>" })).Dispose();
        (await project.SendAsync("ofrep/v1/evaluate/flags/checkout", new { context = new { targetingKey = "u-1", plan = "basic" } })).Dispose();
        var exposure = new { type = "exposure", id = "1", at = TimeProvider.System.GetUtcNow(), experiment = "any", flag = "checkout", variant = "on", unit = "u-1", attributes = new { tier = "gold", mail = "u-1" } };
        (await project.SendAsync("sdk/v1/events", new { events = new[] { exposure } })).Dispose();
        Answer seen = null!;
        await Eventually.TrueAsync(async () =>
        {
            seen = await server.Admin.GetAsync($"{project.Path}/observed-attributes");
            return seen.At("items").GetArrayLength() == 8 && seen.Json.GetRawText().Contains("basic", StringComparison.Ordinal);
        });
        Assert.Equal(
            ["beta boolean true", "city string Oslo <b>", "groups array beta,staff", "mail string ", "plan string basic,pro", "seats number 5", "tier string gold", "user.region string eu"],
            seen.At("items").EnumerateArray().Select(item =>
                $"{item.GetProperty("name").GetString()} {item.GetProperty("type").GetString()} {string.Join(',', item.GetProperty("values").EnumerateArray().Select(value => value.GetProperty("value").GetString()).Order(StringComparer.Ordinal))}"));
        Assert.True(seen.At("items", "0", "lastSeenAt").GetDateTimeOffset() > TimeProvider.System.GetUtcNow().AddMinutes(-5));
        Assert.DoesNotContain("u-1", seen.Json.GetRawText(), StringComparison.Ordinal);
        Assert.Equal(0, await server.CountAsync("SELECT count(*) FROM event_log WHERE kind = 4"));
    }

    [Fact]
    public async Task Nobodys_data_is_kept_and_an_attribute_with_too_many_values_keeps_none()
    {
        var project = await server.CreateProjectAsync();
        var context = new Dictionary<string, object?>
        {
            ["targetingKey"] = "private-key", ["userId"] = "private-key", ["contact"] = "zoe@private.example", ["email"] = "private", ["phoneNumber"] = 12345, ["device"] = "1b671a64-40d5-491e-99b0-da01ff1f3341",
            ["account"] = "4711-0815-1234", ["from"] = "10.11.12.13", ["blob"] = new string('p', 101), ["hash"] = "d41d8cd98f00b204e9800998ecf8427e", ["bad name!"] = "private", ["nul"] = "a\0b", ["size"] = "XL",
        };
        (await project.SendAsync("sdk/v1/evaluate", new { flag = "checkout", context })).Dispose();
        Answer seen = null!;
        await Eventually.TrueAsync(async () => (seen = await server.Admin.GetAsync($"{project.Path}/observed-attributes")).At("items").GetArrayLength() > 0);
        Assert.Equal(["account", "blob", "contact", "device", "email", "from", "hash", "nul", "phoneNumber", "size"], seen.At("items").EnumerateArray().Select(item => item.GetProperty("name").GetString()));
        Assert.Equal(["XL"], seen.At("items").EnumerateArray().SelectMany(item => item.GetProperty("values").EnumerateArray()).Select(value => value.GetProperty("value").GetString()));

        await InsertAsync(project, """{"name":"size","type":"string","values":["S","M"]}""");
        await InsertAsync(project, JsonSerializer.Serialize(new { name = "many", type = "string", values = Enumerable.Range(0, 60).Select(number => $"a{number}") }));
        await InsertAsync(project, JsonSerializer.Serialize(new { name = "many", type = "string", values = Enumerable.Range(0, 60).Select(number => $"b{number}") }));
        foreach (var nonsense in new[] { "{}", "[]", """{"name":7,"type":"string","values":[]}""", """{"name":"x","type":"none","values":[]}""", """{"name":"x","type":"string"}""", """{"name":"\ud800","type":"string","values":["\u0000"]}""" })
            await InsertAsync(project, nonsense);
        await Eventually.TrueAsync(async () => (seen = await server.Admin.GetAsync($"{project.Path}/observed-attributes")).Json.GetRawText().Contains("\"many\"", StringComparison.Ordinal));
        var many = seen.At("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "many");
        Assert.True(many.GetProperty("hasTooManyValues").GetBoolean());
        Assert.Equal(0, many.GetProperty("values").GetArrayLength());
        Assert.Equal(3, seen.At("items").EnumerateArray().Single(item => item.GetProperty("name").GetString() == "size").GetProperty("values").GetArrayLength());
    }

    [Fact]
    public async Task Whoever_makes_names_up_fills_nothing_and_several_processes_do_no_harm()
    {
        var project = await server.CreateProjectAsync();
        for (var i = 0; i < 300; i++)
            await InsertAsync(project, JsonSerializer.Serialize(new { name = $"n{i}", type = "string", values = new[] { "v" } }));
        var aggregator = server.Server.Services.GetRequiredService<AttributeAggregator>();
        await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => aggregator.ConsumeAsync(TestContext.Current.CancellationToken)));
        await Eventually.TrueAsync(async () => await server.CountAsync("SELECT count(*) FROM event_log WHERE kind = 4") == 0);
        Assert.Equal(200, (await server.Admin.GetAsync($"{project.Path}/observed-attributes")).At("items").GetArrayLength());
    }

    private Task InsertAsync(UsageProject project, string payload) => server.ExecuteAsync(
        $"""
        INSERT INTO event_log (kind, environment_id, flag, at, payload)
        SELECT 4, e.id, '', now(), '{payload.Replace("'", "''", StringComparison.Ordinal)}'::json FROM environments e JOIN projects p ON p.id = e.project_id WHERE p.key = '{project.Key}' AND e.key = 'prod'
        """);
}
