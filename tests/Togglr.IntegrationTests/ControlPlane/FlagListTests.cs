using System.Diagnostics;
using System.Text.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Togglr.Store;

namespace Togglr.IntegrationTests.ControlPlane;

/// <summary>All flags of a project in short.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class FlagListTests(ControlPlaneServer server, ITestOutputHelper output)
{
    [Fact]
    public async Task The_list_tells_in_short_what_each_flag_does()
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new
        {
            key = "color", name = "Colour <b>", description = new string('x', 5000), type = "string", kind = "experiment",
            variants = new[] { new { key = "red", value = "#f00" }, new { key = "blue", value = "#00f" } }, tags = new[] { "critical" },
        }, 201);
        await server.Admin.PutAsync($"{project}/flags/color/environments/prod", new
        {
            rules = new[] { new { @if = new { attribute = "country", @operator = "eq", value = "US" }, then = new { variant = "red" } } },
            @default = new { rollout = new { variations = new[] { new { key = "red", weight = 1 }, new { key = "blue", weight = 2 } } } }, enabled = true,
        }, 200, ("If-Match", "*"));
        await server.Admin.PostAsync($"{project}/flags/color/kill", new { reason = "It burns", environments = new[] { "stage" } });
        var list = await server.Admin.GetAsync($"{project}/flag-list");
        var flag = Assert.Single(list.At("items").EnumerateArray());
        Assert.Equal("Colour <b>", flag.GetProperty("name").GetString());
        Assert.Equal(200, flag.GetProperty("description").GetString()!.Length);
        Assert.Equal("""["red","blue"]""", flag.GetProperty("variants").GetRawText());
        var prod = flag.GetProperty("environments").GetProperty("prod");
        Assert.True(prod.GetProperty("enabled").GetBoolean());
        Assert.Equal(1, prod.GetProperty("rules").GetInt32());
        Assert.Equal("""[{"variant":"red","percent":33.33},{"variant":"blue","percent":66.67}]""", prod.GetProperty("rollout").GetRawText());
        var stage = flag.GetProperty("environments").GetProperty("stage");
        Assert.Equal("It burns", stage.GetProperty("killReason").GetString());
        Assert.Equal(JsonValueKind.Null, stage.GetProperty("rollout").ValueKind);
        Assert.True(flag.GetProperty("changedAt").GetDateTimeOffset() > flag.GetProperty("createdAt").GetDateTimeOffset());
        Assert.Equal("Admin", list.Get("people", flag.GetProperty("changedBy").GetString()!)[..5]);
    }

    [Fact]
    public async Task Named_flags_come_alone_and_those_that_do_not_exist_not_at_all()
    {
        var project = await server.CreateProjectAsync();
        await Many.CreateAsync(server, project, "a", "b", "c");
        var some = await server.Admin.GetAsync($"{project}/flag-list?flag=c&flag=none&flag=a&flag=%00");
        Assert.Equal(["a", "c"], some.At("items").EnumerateArray().Select(flag => flag.GetProperty("key").GetString()));
        Assert.Empty((await server.Admin.GetAsync($"{project}/flag-list?flag=none")).At("items").EnumerateArray());
        await server.Admin.GetAsync($"{project}/flag-list?{string.Join('&', Enumerable.Range(0, 501).Select(number => $"flag=f{number}"))}", 400);
    }

    [Fact]
    public async Task Five_thousand_flags_come_at_once()
    {
        var project = await server.CreateProjectAsync();
        await Many.CreateAsync(server, project, [.. Enumerable.Range(0, 5000).Select(number => $"flag-{number:0000}")]);
        await server.Admin.GetAsync($"{project}/flag-list");
        var clock = Stopwatch.StartNew();
        var list = await server.Admin.GetAsync($"{project}/flag-list");
        output.WriteLine($"5,000 flags in {clock.ElapsedMilliseconds} ms, {list.Json.GetRawText().Length / 1024} KiB");
        Assert.Equal(5000, list.At("items").GetArrayLength());
        Assert.Equal("flag-0000", list.Get("items", "0", "key"));
    }
}

/// <summary>Makes many flags without a request for each.</summary>
internal static class Many
{
    public static async Task CreateAsync(ControlPlaneServer server, string path, params string[] keys)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var db = scope.ServiceProvider.GetRequiredService<TogglrDbContext>();
        db.UseOrganization(await db.Organizations.Where(row => row.Key == "default").Select(row => row.Id).SingleAsync());
        var projectKey = path[(path.LastIndexOf('/') + 1)..];
        var project = await db.Projects.SingleAsync(row => row.Key == projectKey);
        var environments = await db.Environments.Where(row => row.ProjectId == project.Id).ToListAsync();
        foreach (var some in keys.Chunk(500))
        {
            foreach (var key in some)
                db.Flags.Add(Flag.Create(project, environments, key, FlagType.Boolean, new FlagDetails()).Value!);
            var committed = await db.CommitAsync(new Change(ChangeActor.System(), "project.filled", projectKey) { Project = project });
            Assert.True(committed.IsOk, committed.Error?.Message);
        }
    }
}
