using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>The bandit of a flag, on its page.</summary>
[Collection(SiteTests.Name)]
public sealed class BanditPageTests(Site site)
{
    [Fact]
    public async Task A_bandit_is_started_shown_and_stopped()
    {
        const string root = "orgs/default/projects/casino";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "casino", name = "Casino" });
        await api.SendAsync(HttpMethod.Post, $"{root}/flags", new { key = "lamp", type = "boolean", defaultVariant = "off", environments = new { dev = new { enabled = true } } });

        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/casino/flags/lamp?tab=bandit&env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Start a bandit" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("In Development, the bandit serves on, off instead of “Default of the environment”.");
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Held out, for comparison" }).FillAsync("60");
        await Expect(dialog.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true })).ToBeDisabledAsync();
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Held out, for comparison" }).FillAsync("5");
        Assert.Empty(await page.FindViolationsAsync("bandit dialogue"));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Start", Exact = true }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();

        var panel = page.GetByRole(AriaRole.Tabpanel, new() { Name = "Bandit" });
        await Expect(panel).ToContainTextAsync("Running");
        await Expect(panel.GetByRole(AriaRole.Img, new() { Name = "Shares over time. Now: on 50%, off 50%" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Environments" })).ToContainTextAsync("bandit: 50% off");
        var algorithm = await api.SendAsync(HttpMethod.Get, $"{root}/flags/lamp/environments/dev/algorithm");
        Assert.Equal(("thompson", 5.0), (algorithm.GetProperty("kind").GetString(), algorithm.GetProperty("holdout").GetDouble()));

        // What somebody else does shows by itself.
        await api.SendAsync(HttpMethod.Put, $"{root}/flags/lamp/environments/dev/algorithm", new { kind = "ucb1", paused = true });
        await Expect(panel).ToContainTextAsync("Paused: the shares stay as they are");
        await Expect(panel).ToContainTextAsync("UCB1");
        Assert.Empty(await page.FindViolationsAsync("bandit"));
        await panel.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(dialog).ToContainTextAsync("What was learned is forgotten.");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Stop" }).ClickAsync();
        await Expect(panel.GetByRole(AriaRole.Button, new() { Name = "Start a bandit" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }
}
