using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>What belongs to a whole project: its name, the attributes of contexts, tags and categories.</summary>
[Collection(SiteTests.Name)]
public sealed class ProjectSettingsTests(Site site)
{
    private const string Hostile = "<img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_tag_is_made_renamed_refused_to_go_while_in_use_and_deleted()
    {
        const string project = "settings-tags";
        using var api = await NewProjectAsync(project);
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags");
        await page.GetByRole(AriaRole.Link, new() { Name = "Settings", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Tags", Exact = true }).ClickAsync();
        await Expect(page.GetByText("nothing is held back by it")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete Guarded" })).ToHaveCountAsync(0);

        await page.GetByRole(AriaRole.Button, new() { Name = "New tag" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("Critical");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(dialog.GetByText("This is taken already")).ToBeVisibleAsync();
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync(Hostile);
        await dialog.GetByLabel("Key", new() { Exact = true }).FillAsync("hostile");
        await dialog.GetByLabel("Colour").FillAsync("#2f9e44");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        var row = page.GetByRole(AriaRole.Listitem).Filter(new() { Has = page.GetByRole(AriaRole.Button, new() { Name = "Copy the key hostile" }) });
        await Expect(row).ToContainTextAsync(Hostile);
        await Expect(row).ToContainTextAsync("No flag");

        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = "tagged", name = "Tagged flag", type = "boolean", tags = new[] { "hostile" } });
        await Expect(row.GetByRole(AriaRole.Link, new() { Name = "1 flag" })).ToBeVisibleAsync();
        await row.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Link, new() { Name = "Tagged flag" })).ToBeVisibleAsync();
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" })).ToHaveCountAsync(0);
        await dialog.GetByText("Close", new() { Exact = true }).ClickAsync();

        await row.GetByRole(AriaRole.Button, new() { Name = "Edit" }).ClickAsync();
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("Harmless");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(row).ToContainTextAsync("Harmless");
        await row.GetByRole(AriaRole.Link, new() { Name = "1 flag" }).ClickAsync();
        await page.WaitForURLAsync("**/flags?*tag=hostile*");
        await Expect(page.GetByText("Tagged flag")).ToBeVisibleAsync();

        await api.SendAsync(HttpMethod.Patch, $"orgs/default/projects/{project}/flags/tagged", new { tags = Array.Empty<string>() });
        await page.GotoAsync($"/p/default/{project}/settings/tags");
        await Expect(row).ToContainTextAsync("No flag");
        await row.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_attribute_is_described_shows_what_reads_it_and_is_offered_in_rules()
    {
        const string project = "settings-attributes";
        using var api = await NewProjectAsync(project);
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = "reader", type = "boolean" });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "payers", @if = new { attribute = "plan", @operator = "eq", value = "pro" } });
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/settings/attributes");
        await page.GetByRole(AriaRole.Button, new() { Name = "New attribute" }).First.ClickAsync();
        var drawer = page.GetByRole(AriaRole.Dialog);
        await drawer.GetByLabel("Name", new() { Exact = true }).FillAsync("not a name");
        await Expect(drawer.GetByRole(AriaRole.Button, new() { Name = "Create" })).ToBeDisabledAsync();
        await drawer.GetByLabel("Name", new() { Exact = true }).FillAsync("plan");
        await drawer.GetByLabel("Values to offer").PressSequentiallyAsync("pro,basic,");
        await drawer.GetByLabel("Description").FillAsync(Hostile);
        await drawer.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(drawer).ToBeHiddenAsync();
        await Expect(page.GetByText("2 values: pro, basic")).ToBeVisibleAsync();
        await Expect(page.GetByText(Hostile)).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Open plan" }).ClickAsync();
        await Expect(drawer.GetByRole(AriaRole.Link, new() { Name = "payers" })).ToBeVisibleAsync();
        // Somebody else is quicker: nothing of what was typed goes, and it is said.
        await api.SendAsync(HttpMethod.Patch, $"orgs/default/projects/{project}/attributes/plan", new { values = new[] { "pro", "basic", "team" } });
        await drawer.GetByLabel("Description").FillAsync("What they pay");
        await drawer.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(drawer.GetByRole(AriaRole.Alert)).ToContainTextAsync("Somebody else changed this meanwhile");
        await Expect(drawer.GetByLabel("Description")).ToHaveValueAsync("What they pay");
        await drawer.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(drawer).ToBeHiddenAsync();
        await Expect(page.GetByText("What they pay")).ToBeVisibleAsync();

        await page.GotoAsync($"/p/default/{project}/flags/reader?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("pl");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "plan" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_viewer_reads_the_settings_and_finds_nothing_to_change()
    {
        var person = await site.AddPersonAsync("Vera", "default", new { role = "viewer" });
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/p/default/shop/settings/tags");
        await Expect(page.GetByText("Auto-disable", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "New tag" })).ToHaveCountAsync(0);
        await page.GotoAsync("/p/default/shop/settings/attributes");
        await page.GetByRole(AriaRole.Button, new() { Name = "Open country" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Link, new() { Name = "express-delivery" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save" })).ToHaveCountAsync(0);
        await page.GotoAsync("/p/default/shop/settings");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToBeDisabledAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Delete project" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_project_is_renamed_and_deleted_after_its_key_was_typed()
    {
        const string project = "settings-ends";
        using var api = await NewProjectAsync(project);
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/settings");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = $"Switch project: {Hostile}" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete project" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        var delete = dialog.GetByRole(AriaRole.Button, new() { Name = "Delete project" });
        await Expect(delete).ToBeDisabledAsync();
        await dialog.GetByLabel($"Type {project} to confirm").FillAsync(project);
        await delete.ClickAsync();
        await page.WaitForURLAsync(static url => !url.Contains(project, StringComparison.Ordinal));
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Switch project" })).ToBeVisibleAsync();
        var left = await api.SendAsync(HttpMethod.Get, "orgs/default/projects");
        Assert.DoesNotContain(left.GetProperty("items").EnumerateArray(), item => item.GetProperty("key").GetString() == project);
        await page.Context.CloseAsync();
    }

    private async Task<HttpClient> NewProjectAsync(string key)
    {
        var api = await site.AdministratorAsync();
        var made = await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key, name = key });
        Assert.Equal(key, made.GetProperty("key").GetString());
        return api;
    }
}
