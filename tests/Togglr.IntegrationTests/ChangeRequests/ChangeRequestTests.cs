using Togglr.IntegrationTests.ControlPlane;
using Togglr.IntegrationTests.Infrastructure;
using Togglr.Store;

namespace Togglr.IntegrationTests.ChangeRequests;

/// <summary>How a guarded change waits, is approved and happens.</summary>
[Collection(ControlPlaneTests.Name)]
public sealed class ChangeRequestTests(ControlPlaneServer server)
{
    [Fact]
    public async Task A_guarded_change_waits_for_somebody_else_and_then_happens()
    {
        var (project, approver) = await GuardAsync();
        var asked = await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true, reason = "launch" }, 202);
        Assert.Equal("pending", asked.Get("state"));
        Assert.Equal("Switch on flag f in prod", asked.Get("title"));
        Assert.Equal(asked.Get("url"), asked.Response.Headers.Location!.ToString());
        Assert.Equal("false", await EnabledAsync(project));
        Assert.Equal("flags/f/environments/prod/enabled", asked.Get("changes", "0", "diff", "0", "path"));
        var request = asked.Get("url");

        Assert.Equal("own_change", (await server.Admin.PostAsync($"{request}/approve", null, 403)).Code);
        Assert.Equal("wrong_state", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);
        Assert.Equal("approved", (await approver.PostAsync($"{request}/approve", new { comment = "fine" })).Get("state"));
        Assert.Equal("false", await EnabledAsync(project));
        Assert.Equal("applied", (await server.Admin.PostAsync($"{request}/apply")).Get("state"));
        Assert.Equal("true", await EnabledAsync(project));

        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project.Split('/')[^1]}&action=flag.enabled")).At("items", "0");
        Assert.Equal(("approved", asked.Get("id"), "launch"), (entry.GetProperty("authority").GetString(), entry.GetProperty("changeRequest").GetString(), entry.GetProperty("reason").GetString()));
        Assert.Equal("True", (await server.Admin.GetAsync("/api/v1/orgs/default/audit/verify")).Get("intact"));
        Assert.Equal("wrong_state", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);
    }

    [Fact]
    public async Task Other_environments_stay_free_and_the_kill_switch_never_waits()
    {
        var (project, _) = await GuardAsync();
        await server.Admin.PostAsync($"{project}/flags/f/environments/dev/toggle", new { enabled = true }, 200);
        Assert.Equal("True", (await server.Admin.PostAsync($"{project}/flags/f/kill", new { reason = "on fire" }, 200)).Get("environments", "prod", "killed"));
        await server.Admin.PostAsync($"{project}/flags/f/revive", new { reason = "out" }, 202);
        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project.Split('/')[^1]}&action=flag.killed")).At("items", "0");
        Assert.Equal("emergency", entry.GetProperty("authority").GetString());
    }

    [Fact]
    public async Task One_request_changes_several_flags_or_none()
    {
        var (project, approver) = await GuardAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "g", type = "boolean" }, 202);
        var request = (await server.Admin.PostAsync($"{project}/change-requests", new
        {
            title = "Two at once", submit = true,
            changes = new object[]
            {
                new { method = "POST", path = "flags", body = new { key = "h", type = "boolean" } },
                new { method = "POST", path = "flags/h/environments/prod/toggle", body = new { enabled = true } },
                new { method = "POST", path = "flags/f/environments/prod/toggle", body = new { enabled = true } },
            },
        }, 201)).Get("url");
        await server.Admin.GetAsync($"{project}/flags/h", 404);
        await approver.PostAsync($"{request}/approve");
        // Somebody goes past the approval and changes the last of the flags.
        foreach (var enabled in new[] { true, false })
            await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags/f/environments/prod/toggle", new { enabled, reason = "cannot wait" }, 200, ("Togglr-Bypass", "true"));
        Assert.Equal("conflicted", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);
        await server.Admin.GetAsync($"{project}/flags/h", 404);
        var after = await server.Admin.GetAsync(request);
        Assert.Equal("conflicted", after.Get("state"));
        Assert.Contains("flags/f/environments/prod", after.Get("failure"), StringComparison.Ordinal);

        await server.Admin.DeleteAsync($"{request}/changes/2");
        await approver.PostAsync($"{request}/approve");
        Assert.Equal("applied", (await approver.PostAsync($"{request}/apply")).Get("state"));
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/flags/h/environments/prod")).Get("enabled"));
    }

    /// <summary>A project whose production is guarded, with a flag <c>f</c>, and somebody who may approve.</summary>
    private async Task<(string Project, Api Approver)> GuardAsync(object? policy = null)
    {
        var project = await server.CreateProjectAsync();
        await server.Admin.PostAsync($"{project}/flags", new { key = "f", type = "boolean" });
        await server.Admin.PostAsync($"{project}/change-policies", policy ?? new { environment = "prod" }, 201);
        return (project, await server.CreateMemberAsync("default", BuiltInRole.Manager));
    }

    private async Task<string> EnabledAsync(string project) => (await server.Admin.GetAsync($"{project}/flags/f/environments/prod")).Get("enabled").ToLowerInvariant();
}
