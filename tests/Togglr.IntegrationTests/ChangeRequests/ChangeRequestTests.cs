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
    public async Task A_request_whose_base_somebody_changes_is_marked_without_anybody_asking()
    {
        var (project, approver) = await GuardAsync();
        var toggle = $"{project}/flags/f/environments/prod/toggle";
        var request = (await server.Admin.PostAsync(toggle, new { enabled = true }, 202)).Get("url");
        var other = (await server.Admin.PostAsync($"{project}/flags", new { key = "apart", type = "boolean" }, 202)).Get("url");
        await server.Admin.SendAsync(HttpMethod.Post, toggle, new { enabled = true, reason = "cannot wait" }, 200, ("Togglr-Bypass", "true"));
        await Eventually.TrueAsync(async () => (await approver.GetAsync(request)).Get("state") == "conflicted");
        var marked = await approver.GetAsync(request);
        Assert.Equal("flags/f/environments/prod was changed after the request was made.", marked.Get("failure"));
        Assert.Equal("conflicted", (await approver.PostAsync($"{request}/approve", null, 409)).Code);
        Assert.Equal("pending", (await approver.GetAsync(other)).Get("state"));
        var entries = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project.Split('/')[^1]}&action=changerequest.conflicted")).At("items");
        Assert.Equal("change requests", Assert.Single(entries.EnumerateArray()).GetProperty("actor").GetProperty("name").GetString());
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

    [Fact]
    public async Task Every_policy_counts_its_own_approvers_and_an_edit_resets_them()
    {
        var (project, first) = await GuardAsync(new { environment = "prod", minApprovals = 2 });
        var group = $"g{project.Split('/')[^1]}";
        var id = (await server.Admin.PostAsync("/api/v1/orgs/default/groups", new { key = group, name = "Release" }, 201)).Get("id");
        await server.Admin.SendAsync(HttpMethod.Post, $"{project}/change-policies", new { tag = "critical", approverGroups = new[] { group }, reason = "x" }, 201);
        await server.Admin.SendAsync(HttpMethod.Patch, $"{project}/flags/f", new { tags = new[] { "critical" }, reason = "x" }, 200, ("Togglr-Bypass", "true"));
        var (second, third) = (await server.CreateMemberAsync("default", BuiltInRole.Manager), await server.CreateMemberAsync("default", BuiltInRole.Manager));
        var viewer = await server.CreateMemberAsync("default", BuiltInRole.Member);
        var request = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");

        Assert.Equal("forbidden", (await viewer.PostAsync($"{request}/approve", null, 403)).Code);
        Assert.Equal("pending", (await first.PostAsync($"{request}/approve")).Get("state"));
        Assert.Equal("already_approved", (await first.PostAsync($"{request}/approve", null, 409)).Code);
        // Two have approved, and nobody of the group.
        Assert.Equal("pending", (await second.PostAsync($"{request}/approve")).Get("state"));
        Assert.Equal("wrong_state", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);
        await server.Admin.SendAsync(HttpMethod.Put, $"/api/v1/orgs/default/groups/{group}/members/{(await third.GetAsync("/api/v1/me")).Get("id")}");
        var approved = await third.PostAsync($"{request}/approve");
        Assert.Equal(("approved", id), (approved.Get("state"), id));

        var edited = await second.PutAsync($"{request}/changes/0", new { method = "POST", path = "flags/f/environments/prod/toggle", body = new { enabled = true, reason = "edited" } });
        Assert.Equal("pending", edited.Get("state"));
        Assert.Equal("0", edited.Get("requirements", "0", "given"));
        Assert.Equal("own_change", (await second.PostAsync($"{request}/approve", null, 403)).Code);
        await first.PostAsync($"{request}/approve");
        Assert.Equal("approved", (await third.PostAsync($"{request}/approve")).Get("state"));

        // A policy that asks for more in the meantime holds.
        await server.Admin.SendAsync(
            HttpMethod.Patch, $"{project}/change-policies/{approved.Get("requirements", "0", "policy")}", new { minApprovals = 3, reason = "stricter" }, 200, ("Togglr-Bypass", "true"));
        await server.Admin.SendAsync(
            HttpMethod.Patch, $"{project}/change-policies/{approved.Get("requirements", "1", "policy")}", new { minApprovals = 3, reason = "stricter" }, 200, ("Togglr-Bypass", "true"));
        Assert.Equal("approvals_missing", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);
        Assert.Equal("pending", (await server.Admin.GetAsync(request)).Get("state"));
        Assert.Equal("false", await EnabledAsync(project));
    }

    [Fact]
    public async Task Who_approves_proves_again_who_they_are()
    {
        var (project, approver) = await GuardAsync(new { environment = "prod", reauthenticate = true });
        var token = (await approver.PostAsync("/api/v1/me/tokens", new { name = "t", organization = "default" })).Get("secret");
        var request = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        Assert.Equal("True", (await approver.GetAsync(request)).Get("can", "needsReauthentication"));
        Assert.Equal("reauthentication_required", (await approver.PostAsync($"{request}/approve", null, 403)).Code);
        Assert.Equal("validation_failed", (await approver.PostAsync("/api/v1/me/reauthenticate", new { password = "wrong" }, 400)).Code);
        Assert.Equal("reauthentication_required", (await approver.PostAsync($"{request}/approve", null, 403)).Code);
        await approver.PostAsync("/api/v1/me/reauthenticate", new { password = "correct horse" });
        var byToken = server.Anonymous();
        byToken.Http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", token);
        Assert.Equal("in_person_only", (await byToken.PostAsync($"{request}/approve", null, 403)).Code);
        Assert.Equal("approved", (await approver.PostAsync($"{request}/approve")).Get("state"));
    }

    [Fact]
    public async Task Service_accounts_ask_and_never_approve()
    {
        var (project, approver) = await GuardAsync();
        var account = (await server.Admin.PostAsync("/api/v1/orgs/default/service-accounts", new { key = $"a{project.Split('/')[^1]}" }, 201)).Get("id");
        await server.Admin.PostAsync("/api/v1/orgs/default/grants", new { principal = new { kind = "service_account", id = account }, role = "manager" }, 201);
        var secret = (await server.Admin.PostAsync($"/api/v1/orgs/default/service-accounts/{account}/tokens", new { name = "t" }, 201)).Get("secret");
        var robot = server.Anonymous();
        robot.Http.DefaultRequestHeaders.Authorization = new System.Net.Http.Headers.AuthenticationHeaderValue("Bearer", secret);
        var mine = (await server.Admin.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        Assert.Equal("people_only", (await robot.PostAsync($"{mine}/approve", null, 403)).Code);
        var its = (await robot.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        // Who issued the token could have been the one who asked with it.
        Assert.Equal("own_change", (await server.Admin.PostAsync($"{its}/approve", null, 403)).Code);
        Assert.Equal("approved", (await approver.PostAsync($"{its}/approve")).Get("state"));
        Assert.Equal("applied", (await server.Admin.PostAsync($"{its}/apply")).Get("state"));
        Assert.Equal("true", await EnabledAsync(project));
    }

    [Fact]
    public async Task It_is_applied_at_its_time_and_expires_when_nobody_cares()
    {
        var (project, approver) = await GuardAsync();
        async Task<string> AskAsync(object changes) => (await server.Admin.PostAsync($"{project}/change-requests", changes, 201)).Get("url");
        var change = new[] { new { method = "POST", path = "flags/f/environments/prod/toggle", body = new { enabled = true } } };
        var later = await AskAsync(new { submit = true, applyAt = TimeProvider.System.GetUtcNow().AddHours(1), changes = change });
        var forgotten = await AskAsync(new { submit = true, changes = change });
        Assert.Equal("scheduled", (await approver.PostAsync($"{later}/approve")).Get("state"));
        await server.ExecuteAsync($"UPDATE change_requests SET apply_at = now() - interval '1 second' WHERE state = 'scheduled' AND number = {later.Split('/')[^1]} AND project_id = (SELECT id FROM projects WHERE key = '{project.Split('/')[^1]}')");
        await server.ExecuteAsync($"UPDATE change_requests SET expires_at = now() - interval '1 second' WHERE number = {forgotten.Split('/')[^1]} AND project_id = (SELECT id FROM projects WHERE key = '{project.Split('/')[^1]}')");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(later)).Get("state") == "applied");
        await Eventually.TrueAsync(async () => (await server.Admin.GetAsync(forgotten)).Get("state") == "expired");
        Assert.Equal("true", await EnabledAsync(project));
        Assert.Equal("wrong_state", (await approver.PostAsync($"{forgotten}/approve", null, 409)).Code);
        Assert.Equal("change requests", (await server.Admin.GetAsync(later)).At("events").EnumerateArray().Last().GetProperty("actor").GetProperty("name").GetString());
    }

    [Fact]
    public async Task A_rebase_keeps_both_sides_and_names_what_collides()
    {
        var (project, approver) = await GuardAsync();
        string Configuration(string rule, string variant) => $$$"""{"rules":[{"id":"one","if":{"attribute":"a","operator":"eq","value":"{{{rule}}}"},"then":{"variant":"on"}},{"id":"two","if":{"attribute":"b","operator":"eq","value":"1"},"then":{"variant":"on"}}],"default":{"variant":"{{{variant}}}"}}""";
        Task<Answer> PutAsync(string body, int expect, params (string, string)[] headers) =>
            server.Admin.SendAsync(HttpMethod.Put, $"{project}/flags/f/environments/prod", body, expect, [("If-Match", "*"), .. headers]);
        (string, string)[] bypass = [("Togglr-Bypass", "true"), ("Togglr-Reason", "now")];
        await PutAsync(Configuration("x", "on"), 200, bypass);
        var request = (await PutAsync(Configuration("y", "on"), 202)).Get("url");
        await approver.PostAsync($"{request}/approve");
        await PutAsync(Configuration("x", "off"), 200, bypass);
        Assert.Equal("True", (await server.Admin.GetAsync(request)).Get("isOutdated"));
        Assert.Equal("conflicted", (await server.Admin.PostAsync($"{request}/apply", null, 409)).Code);

        var rebased = await server.Admin.PostAsync($"{request}/rebase");
        Assert.Equal("pending", rebased.Get("state"));
        await approver.PostAsync($"{request}/approve");
        await server.Admin.PostAsync($"{request}/apply");
        var after = await server.Admin.GetAsync($"{project}/flags/f/environments/prod");
        Assert.Equal(("off", "y"), (after.Get("default", "variant"), after.Get("rules", "0", "if", "value")));

        var collides = (await PutAsync(Configuration("mine", "off"), 202)).Get("url");
        await PutAsync(Configuration("theirs", "off"), 200, bypass);
        var refused = await server.Admin.PostAsync($"{collides}/rebase", null, 409);
        Assert.Equal(("rebase_conflict", "/changes/0/rules"), (refused.Code, refused.Get("errors", "0", "path")));
        var body = System.Text.Json.JsonDocument.Parse(Configuration("both", "off")).RootElement;
        Assert.Equal("pending", (await server.Admin.PostAsync($"{collides}/rebase", new { resolutions = new Dictionary<string, object> { ["0"] = body } })).Get("state"));
    }

    [Fact]
    public async Task Calls_gather_in_a_draft_and_nobody_sees_a_thing()
    {
        var (project, approver) = await GuardAsync();
        var draft = await server.Admin.PostAsync($"{project}/change-requests", new { title = "Together" }, 201);
        var number = draft.Get("number");
        await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags", new { key = "n", type = "boolean" }, 202, ("Togglr-Change-Request", number));
        // Free by itself, and still only a part of the draft.
        await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags/n/environments/dev/toggle", new { enabled = true }, 404, ("Togglr-Change-Request", number));
        var added = await server.Admin.SendAsync(HttpMethod.Post, $"{project}/flags/f/environments/dev/toggle", new { enabled = true }, 202, ("Togglr-Change-Request", number));
        Assert.Equal(("draft", "2"), (added.Get("state"), added.At("changes").GetArrayLength().ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal("not_your_draft", (await approver.SendAsync(HttpMethod.Post, $"{project}/flags/f/environments/dev/toggle", new { enabled = true }, 409, ("Togglr-Change-Request", number))).Code);
        Assert.Equal("False", (await server.Admin.GetAsync($"{project}/flags/f/environments/dev")).Get("enabled"));
        await server.Admin.PostAsync($"{draft.Get("url")}/submit");
        Assert.Equal("1", (await approver.GetAsync($"{project}/change-requests?review=true")).Get("total"));
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/change-requests?review=true")).Get("total"));
        Assert.Equal("1", (await server.Admin.GetAsync($"{project}/change-requests?flag=n&state=open")).Get("total"));
        Assert.Contains((await approver.GetAsync("/api/v1/change-requests")).At("items").EnumerateArray(), item => item.GetProperty("title").GetString() == "Together");
        await approver.PostAsync($"{draft.Get("url")}/approve");
        await approver.PostAsync($"{draft.Get("url")}/apply");
        Assert.Equal("True", (await server.Admin.GetAsync($"{project}/flags/f/environments/dev")).Get("enabled"));
    }

    [Fact]
    public async Task Bypassing_needs_the_right_and_a_reason_and_is_told()
    {
        var (project, approver) = await GuardAsync();
        Task<Answer> ToggleAsync(Api api, object body, int expect) => api.SendAsync(HttpMethod.Post, $"{project}/flags/f/environments/prod/toggle", body, expect, ("Togglr-Bypass", "true"));
        Assert.Equal("bypass_not_allowed", (await ToggleAsync(approver, new { enabled = true, reason = "x" }, 403)).Code);
        Assert.Equal("/reason", (await ToggleAsync(server.Admin, new { enabled = true }, 400)).Get("errors", "0", "path"));
        await ToggleAsync(server.Admin, new { enabled = true, reason = "the shop is down" }, 200);
        var entry = (await server.Admin.GetAsync($"/api/v1/orgs/default/audit?project={project.Split('/')[^1]}&action=flag.enabled")).At("items", "0");
        Assert.Equal(("bypass", "the shop is down"), (entry.GetProperty("authority").GetString(), entry.GetProperty("reason").GetString()));
    }

    [Fact]
    public async Task An_author_who_lost_their_rights_changes_nothing()
    {
        var (project, approver) = await GuardAsync();
        var author = await server.CreateMemberAsync("default", BuiltInRole.Member);
        var request = (await author.PostAsync($"{project}/flags/f/environments/prod/toggle", new { enabled = true }, 202)).Get("url");
        await approver.PostAsync($"{request}/approve");
        await server.Admin.PostAsync($"/api/v1/orgs/default/members/{(await author.GetAsync("/api/v1/me")).Get("id")}/deactivate");
        Assert.Equal("conflicted", (await approver.PostAsync($"{request}/apply", null, 409)).Code);
        Assert.Equal("false", await EnabledAsync(project));
    }

    [Theory]
    [InlineData("""{"method":"POST","path":"flags/f/kill","body":{"reason":"x"}}""")]
    [InlineData("""{"method":"POST","path":"environments/prod/keys","body":{"name":"k","kind":"server"}}""")]
    [InlineData("""{"method":"POST","path":"change-requests","body":{}}""")]
    [InlineData("""{"method":"GET","path":"flags"}""")]
    [InlineData("""{"method":"POST","path":"../other/flags","body":{"key":"x","type":"boolean"}}""")]
    [InlineData("""{"method":"POST","path":"nowhere","body":{}}""")]
    [InlineData("""{"method":"POST","path":"environments/prod/promote","body":{"from":"dev","dryRun":true}}""")]
    [InlineData("""{"method":"POST","path":"flags","body":{"key":"!","type":"boolean"}}""")]
    [InlineData("""{"method":"PATCH","path":"flags/none","body":{"name":"x"}}""")]
    public async Task What_cannot_be_part_of_a_request_is_refused_when_it_is_asked(string change)
    {
        var (project, _) = await GuardAsync();
        var answer = await server.Admin.SendAsync(HttpMethod.Post, $"{project}/change-requests", $$"""{"changes":[{{change}}],"submit":true}""", -1);
        Assert.True(answer.Status is 400 or 404 or 409, $"{answer.Status} {answer.Json}");
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/change-requests")).Get("total"));
        Assert.Equal("0", (await server.Admin.GetAsync($"{project}/environments/prod/keys")).Get("total"));
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
