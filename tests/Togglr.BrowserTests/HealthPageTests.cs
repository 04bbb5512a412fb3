using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>From a threshold to an incident that is over.</summary>
[Collection(SiteTests.Second)]
public sealed class HealthPageTests(Site site)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>";

    [Fact]
    public async Task A_flag_that_fails_is_switched_off_looked_at_and_switched_on_again()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "health", name = "Health" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/health/flags", new { key = "lamp", type = "boolean", environments = new { dev = new { enabled = true } } });
        var key = (await api.SendAsync(HttpMethod.Post, "orgs/default/projects/health/environments/dev/keys", new { name = "k", kind = "server" })).GetProperty("secret").GetString()!;
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/health/health");
        await Expect(page.GetByText("Nobody has reported an error yet")).ToBeVisibleAsync();

        await page.GotoAsync("/p/default/health/flags/lamp?tab=health&env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change", Exact = true }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Number of errors").FillAsync("3");
        await dialog.GetByRole(AriaRole.Combobox, new() { Name = "Then" }).ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "Switch the flag off" }).ClickAsync();
        Assert.Empty(await page.FindViolationsAsync("health settings"));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Expect(page.GetByText("3 errors in 60 s")).ToBeVisibleAsync();

        for (var i = 0; i < 3; i++)
            await site.ReportErrorAsync(key, "lamp", Hostile);
        await Expect(page.GetByText(Hostile)).ToBeVisibleAsync();
        // The project's page and the flag's tell of it; both lead there.
        await page.GotoAsync("/p/default/health");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "lamp dev" })).ToContainTextAsync("Switched off");
        await page.GotoAsync("/p/default/health/flags/lamp?env=dev");
        await Expect(page.GetByText("Switched off by health monitoring")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Incident 1" }).First.ClickAsync();
        await Expect(page.GetByRole(AriaRole.Navigation).GetByRole(AriaRole.Link, new() { Name = "Health" })).ToHaveAttributeAsync("aria-current", "page");
        await Expect(page.GetByText("3 errors within 60 s; 3 are too many.", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByLabel("Comment").FillAsync(Hostile);
        await page.GetByRole(AriaRole.Button, new() { Name = "Say it" }).ClickAsync();
        await Expect(page.GetByText(Hostile)).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch the flag on again" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Reason").FillAsync("fixed");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Switch the flag on again" }).ClickAsync();
        await Expect(page.GetByText("it is watched from here on")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Resolve" }).ClickAsync();
        await Expect(page.GetByText("Resolved by", new() { Exact = false })).ToBeVisibleAsync();
        await page.GotoAsync("/p/default/health/health");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "lamp" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }
}
