using System.Net.Http.Json;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>A guarded change in the admin UI: it becomes a request, somebody else approves it, and it happens.</summary>
[Collection(SiteTests.Name)]
public sealed class ChangeRequestPageTests(Site site)
{
    [Fact]
    public async Task A_switch_becomes_a_request_that_somebody_else_approves_and_applies()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "vault", name = "Vault" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/vault/flags", new { key = "doors", type = "boolean" });
        var page = await site.SignInAsync();

        await page.GotoAsync("/p/default/vault/changes/policies");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a policy" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Environment" }).ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "Staging" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Switch, new() { Name = "Approvers prove again who they are" }).ClickAsync(new() { Force = true });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Cell, new() { Name = "Staging" })).ToBeVisibleAsync();

        await page.GotoAsync("/p/default/vault/flags/doors?env=stage");
        var toggle = page.GetByRole(AriaRole.Switch, new() { Name = "Staging" });
        await toggle.ClickAsync(new() { Force = true });
        await Expect(page.GetByText("Waiting for approval · #1")).ToBeVisibleAsync();
        await Expect(page.GetByText("A change of this flag waits for approval")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Environments" })).ToContainTextAsync("1 waiting");
        await Expect(toggle).Not.ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "#1" }).ClickAsync();
        await Expect(page.GetByText("somebody else approves")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Approve" })).ToHaveCountAsync(0);

        var approver = await site.AddPersonAsync("Ada Approver", "default", new { role = "manager" });
        var other = await site.SignInAsync(approver);
        await other.GotoAsync("/p/default/vault/changes");
        await other.GetByRole(AriaRole.Link, new() { Name = "Switch on flag doors in stage" }).ClickAsync();
        await Expect(other.GetByRole(AriaRole.List, new() { Name = "Differences" })).ToContainTextAsync("true");
        await other.GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await other.GetByRole(AriaRole.Dialog).GetByLabel("Password", new() { Exact = true }).FillAsync(Person.Password);
        await other.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await other.GetByRole(AriaRole.Dialog).GetByLabel("A word about it").FillAsync("go ahead");
        await other.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Approve" }).ClickAsync();
        await Expect(other.GetByText("go ahead")).ToBeVisibleAsync();

        // The author's page hears of it.
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply now" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Apply now" }).ClickAsync();
        await Expect(page.GetByText("Administrator applied it")).ToBeVisibleAsync();
        await page.GotoAsync("/p/default/vault/flags/doors?env=stage");
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "Staging" })).ToBeCheckedAsync();
        await other.Context.CloseAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_dialog_closes_when_its_change_waits_for_approval_and_who_may_goes_past_it_with_a_reason()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "past", name = "Past" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/past/flags", new { key = "urgent", type = "boolean" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/past/change-policies", new { environment = "stage" });
        var page = await site.SignInAsync();

        await page.GotoAsync("/p/default/past/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "New flag" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("Another");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await Expect(page.GetByText("Waiting for approval · #1")).ToBeVisibleAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.Locator("[data-flag=another]")).ToHaveCountAsync(0);

        await page.GotoAsync("/p/default/past/flags/urgent?env=stage");
        await page.GetByText("JSON", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Configuration as JSON" }).FillAsync("""{"targets":[{"variant":"on","keys":["me"]}],"default":{"variant":"off"}}""");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("what you save waits for an approval");
        Assert.Empty(await page.FindViolationsAsync("guarded save"));
        await dialog.GetByLabel("Go past the approval").CheckAsync();
        var save = dialog.GetByRole(AriaRole.Button, new() { Name = "Save to Staging" });
        await Expect(save).ToBeDisabledAsync();
        await dialog.GetByLabel("Reason").FillAsync("the shop is on fire");
        await save.ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToHaveCountAsync(0);
        var entry = (await api.SendAsync(HttpMethod.Get, "orgs/default/audit?project=past&action=flag.configured")).GetProperty("items")[0];
        Assert.Equal(("bypass", "the shop is on fire"), (entry.GetProperty("authority").GetString(), entry.GetProperty("reason").GetString()));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_both_sides_changed_is_decided_member_by_member()
    {
        using var api = await site.AdministratorAsync();
        const string flag = "/api/v1/orgs/default/projects/collide/flags/both/environments/dev";
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "collide", name = "Collide" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/collide/flags", new { key = "both", type = "boolean" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/collide/change-requests", new
        {
            submit = true, title = "Serve on",
            changes = new[] { new { method = "PUT", path = "flags/both/environments/dev", body = new { targets = new[] { new { variant = "on", keys = new[] { "mine" } } }, @default = new { variant = "off" } } } },
        });
        using var configure = new HttpRequestMessage(HttpMethod.Put, flag)
        {
            Content = JsonContent.Create(new { targets = new[] { new { variant = "on", keys = new[] { "theirs" } } }, @default = new { variant = "on" }, offVariant = "off" }),
        };
        configure.Headers.TryAddWithoutValidation("If-Match", "*");
        using (var configured = await api.SendAsync(configure))
            configured.EnsureSuccessStatusCode();
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/collide/changes/1");
        await page.GetByRole(AriaRole.Button, new() { Name = "Bring up to date" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var individuals = dialog.GetByRole(AriaRole.Radiogroup, new() { Name = "Individuals" });
        await Expect(individuals).ToContainTextAsync("theirs");
        Assert.Empty(await page.FindViolationsAsync("collisions"));
        await individuals.GetByRole(AriaRole.Radio, new() { Name = "As it is now" }).CheckAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Bring up to date" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Bring up to date" })).ToHaveCountAsync(0);
        var body = (await api.SendAsync(HttpMethod.Get, "orgs/default/projects/collide/change-requests/1")).GetProperty("changes")[0].GetProperty("body");
        Assert.Equal("theirs", body.GetProperty("targets")[0].GetProperty("keys")[0].GetString());
        Assert.Equal("off", body.GetProperty("default").GetProperty("variant").GetString());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Changes_gather_in_a_draft()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "gather", name = "Gather" });
        foreach (var key in new[] { "one", "two" })
            await api.SendAsync(HttpMethod.Post, "orgs/default/projects/gather/flags", new { key, type = "boolean" });
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/gather/changes");
        await page.GetByRole(AriaRole.Button, new() { Name = "New draft" }).ClickAsync();
        await Expect(page.GetByText("is added to the draft #1")).ToBeVisibleAsync();
        foreach (var key in new[] { "one", "two" })
        {
            await page.GotoAsync($"/p/default/gather/flags/{key}?env=dev");
            await page.GetByRole(AriaRole.Switch, new() { Name = "Development" }).ClickAsync(new() { Force = true });
            await Expect(page.GetByText("Added to the draft #1.")).ToBeVisibleAsync();
            await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "Development" })).Not.ToBeCheckedAsync();
        }
        await page.GetByRole(AriaRole.Link, new() { Name = "Open the draft" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Ask for approval" }).ClickAsync();
        // Nothing guards it, so it can be applied at once.
        await page.GetByRole(AriaRole.Button, new() { Name = "Apply now" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Apply now" }).ClickAsync();
        await Expect(page.GetByText("Administrator applied it")).ToBeVisibleAsync();
        var flag = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/gather/flags/two/environments/dev");
        Assert.True(flag.GetProperty("enabled").GetBoolean());
        await page.Context.CloseAsync();
    }
}
