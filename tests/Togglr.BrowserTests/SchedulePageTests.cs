using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Schedules on the flag page, in the flag list and on the project's page.</summary>
[Collection(SiteTests.Name)]
public sealed class SchedulePageTests(Site site)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>{{7*7}}";
    private static int _number;

    [Fact]
    public async Task A_schedule_is_made_with_a_preview_paused_changed_and_deleted()
    {
        var (project, _) = await CreateProjectAsync();
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags/lamp?tab=schedules&env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "New schedule" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "New schedule" });
        await dialog.GetByLabel("Name", new() { Exact = true }).FillAsync(Hostile);
        await dialog.GetByText("Again and again", new() { Exact = true }).ClickAsync();
        await Expect(dialog.GetByTestId("windows").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(5);
        Assert.Empty(await page.FindViolationsAsync("schedule dialogue"));

        // What the server refuses is told at once, and nothing typed is lost.
        await ChooseAsync(page, dialog, "Repeats", "By cron expression");
        await dialog.GetByLabel("Cron expression").FillAsync("0 9 31 2 *");
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("never happens");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Create" })).ToBeDisabledAsync();
        await dialog.GetByLabel("Cron expression").FillAsync("0 9 * * 1-5");
        await Expect(dialog.GetByTestId("windows").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(5);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();

        var card = page.GetByRole(AriaRole.Article);
        await Expect(card).ToContainTextAsync(Hostile);
        await Expect(card).ToContainTextAsync("On weekdays at 09:00: on for 8 hours");
        await MenuAsync(page, card, "Pause");
        await Expect(card).ToContainTextAsync("Paused");
        await MenuAsync(page, card, "Resume");
        await Expect(card).Not.ToContainTextAsync("Paused");
        await MenuAsync(page, card, "Edit");
        dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Change schedule" });
        await Expect(dialog.GetByRole(AriaRole.Textbox, new() { Name = "Name" })).ToHaveValueAsync(Hostile);
        await ChooseAsync(page, dialog, "Repeats", "Every day");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(card).ToContainTextAsync("Every day at 09:00: on for 8 hours");

        await page.GotoAsync($"/p/default/{project}/flags");
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Scheduled in Development" })).ToBeVisibleAsync();
        await page.GotoAsync($"/p/default/{project}/schedules");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What changes, in order" })).ToContainTextAsync(Hostile);
        await page.GetByRole(AriaRole.Link, new() { Name = "lamp" }).First.ClickAsync();
        await MenuAsync(page, card, "Delete");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("Nothing is scheduled")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_open_page_follows_what_happens_by_itself()
    {
        var (project, api) = await CreateProjectAsync();
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags/lamp?tab=schedules&env=dev");
        await Expect(page.GetByText("Nothing is scheduled")).ToBeVisibleAsync();
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags/lamp/environments/dev/schedules", new { name = "Launch", kind = "once", action = "enable", at = TimeProvider.System.GetUtcNow().AddSeconds(2) });
        await Expect(page.GetByRole(AriaRole.Article)).ToContainTextAsync("Launch");
        await Expect(page.GetByRole(AriaRole.Article)).ToContainTextAsync("Done", new() { Timeout = 20_000 });
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "lamp in Development" })).ToBeCheckedAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_ramp_is_started_from_what_is_served_taken_on_and_rolled_back()
    {
        var (project, api) = await CreateProjectAsync();
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags/lamp/environments/dev/toggle", new { enabled = true });
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags/lamp?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Roll out in steps…" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog, new() { Name = "Start a ramp" });
        await Expect(dialog).ToContainTextAsync("Serves on now.");
        await dialog.GetByText("Careful", new() { Exact = true }).ClickAsync();
        await Expect(dialog.GetByLabel("Share of step 1")).ToHaveValueAsync("1 %");
        await Expect(dialog).ToContainTextAsync("and the approvals");
        Assert.Empty(await page.FindViolationsAsync("ramp dialogue"));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Start" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();

        var card = page.GetByRole(AriaRole.Article, new() { Name = "on → off" });
        await Expect(card).ToContainTextAsync("Running");
        await Expect(page.GetByText("serves 99% on, 1% off")).ToBeVisibleAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Next step now" }).ClickAsync();
        await Expect(page.GetByText("serves 95% on, 5% off")).ToBeVisibleAsync();
        await card.GetByRole(AriaRole.Button, new() { Name = "Pause" }).ClickAsync();
        await Expect(card).ToContainTextAsync("Paused");
        Assert.Empty(await page.FindViolationsAsync("ramp"));
        await card.GetByRole(AriaRole.Button, new() { Name = "Roll back" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Roll back" }).ClickAsync();
        await Expect(page.GetByText("Ended ramps (1)")).ToBeVisibleAsync();
        await Expect(page.GetByText("serves on", new() { Exact = true }).First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private static async Task MenuAsync(IPage page, ILocator card, string item)
    {
        await card.GetByRole(AriaRole.Button, new() { Name = "More actions" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = item, Exact = true }).ClickAsync();
    }

    private static async Task ChooseAsync(IPage page, ILocator dialog, string label, string option)
    {
        await dialog.GetByLabel(label, new() { Exact = true }).First.ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = option, Exact = true }).ClickAsync();
    }

    private async Task<(string Project, HttpClient Api)> CreateProjectAsync()
    {
        var api = await site.AdministratorAsync();
        var key = $"schedules-{Interlocked.Increment(ref _number)}";
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key, name = key });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{key}/flags", new { key = "lamp", type = "boolean" });
        return (key, api);
    }
}
