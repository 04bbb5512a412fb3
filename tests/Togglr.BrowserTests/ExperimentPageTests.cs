using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>An experiment from the first idea to the decision, as somebody would click it.</summary>
[Collection(SiteTests.Name)]
public sealed class ExperimentPageTests(Site site)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>{{7*7}}";

    [Fact]
    public async Task An_experiment_is_designed_started_and_shipped()
    {
        const string root = "orgs/default/projects/trials";
        using (var api = await site.AdministratorAsync())
        {
            await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "trials", name = "Trials" });
            await api.SendAsync(HttpMethod.Post, $"{root}/flags", new { key = "lamp", type = "boolean", defaultVariant = "off", environments = new { dev = new { enabled = true } } });
            await api.SendAsync(HttpMethod.Post, $"{root}/metrics", new { key = "sales", name = Hostile, definition = new { kind = "conversion", @event = "sold" } });
        }

        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/trials/experiments?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "New experiment" }).First.ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync("Bright");
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Flag" }).ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "lamp" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();

        await page.GetByLabel("Hypothesis", new() { Exact = true }).FillAsync(Hostile);
        await GoOnAsync(page, "Variants");
        await GoOnAsync(page, "Audience");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Traffic" }).FillAsync("50");
        await GoOnAsync(page, "Metrics");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Add a metric" }).ClickAsync();
        await page.GetByRole(AriaRole.Option).ClickAsync();
        await GoOnAsync(page, "Plan");
        await GoOnAsync(page, "Review");
        await Expect(page.GetByText("Nothing stands in the way.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and close" }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        Assert.Empty(await page.FindViolationsAsync("start dialogue"));
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Phases" })).ToContainTextAsync("50% take part");
        await page.GetByRole(AriaRole.Link, new() { Name = "lamp" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "experiment bright" }).First).ToBeVisibleAsync();
        await page.GoBackAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Decide" }).ClickAsync();
        await page.GetByLabel("Why").FillAsync("Brighter sells.");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Ship a variant" }).ClickAsync();
        await Expect(page.GetByText("on is served to the audience.")).ToBeVisibleAsync();
        using var after = await site.AdministratorAsync();
        var state = await after.SendAsync(HttpMethod.Get, $"{root}/flags/lamp/environments/dev");
        Assert.Equal("on", state.GetProperty("default").GetProperty("variant").GetString());
        await page.Context.CloseAsync();
    }

    private static async Task GoOnAsync(IPage page, string step)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Save and go on" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = step, Selected = true })).ToBeVisibleAsync();
    }
}
