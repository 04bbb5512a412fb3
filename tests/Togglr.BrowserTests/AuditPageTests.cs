using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Finding out who changed what, and bringing it back.</summary>
[Collection(SiteTests.Name)]
public sealed class AuditPageTests(Site site)
{
    private const string Flags = "orgs/default/projects/shop/flags";

    [Fact]
    public async Task A_change_is_found_compared_and_taken_back()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "audited", name = "First name", type = "boolean" });
        await api.SendAsync(HttpMethod.Patch, $"{Flags}/audited", new { name = "Second name", reason = "A typing mistake in marmalade" });

        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/shop/audit");
        await page.GetByLabel("Search", new() { Exact = true }).FillAsync("marmalade");
        await page.WaitForURLAsync("**search=marmalade*");
        var entry = page.GetByRole(AriaRole.Button, new() { Name = "changed the settings of audited" });
        await Expect(page.Locator("main").GetByRole(AriaRole.Listitem)).ToHaveCountAsync(1);
        await Expect(entry).ToContainTextAsync("Second name");
        await entry.ClickAsync();
        var drawer = page.GetByRole(AriaRole.Dialog);
        await Expect(drawer.GetByRole(AriaRole.List, new() { Name = "Differences" })).ToContainTextAsync("First name");
        await Expect(drawer).ToContainTextAsync("A typing mistake in marmalade");
        var address = page.Url;

        await drawer.GetByRole(AriaRole.Button, new() { Name = "Restore…" }).ClickAsync();
        await Expect(drawer.GetByText("It is like that now")).ToBeVisibleAsync();
        var counted = new TaskCompletionSource();
        await page.RouteAsync("**/impact", async route =>
        {
            await counted.Task;
            await route.ContinueAsync();
        });
        await drawer.GetByText("As before this change").ClickAsync();
        var restore = drawer.GetByRole(AriaRole.Region, new() { Name = "Restore…" });
        await Expect(restore.GetByRole(AriaRole.List)).ToContainTextAsync("First name");
        await restore.GetByLabel("Reason (optional)").FillAsync("It was right before");
        var confirm = restore.GetByRole(AriaRole.Button, new() { Name = "Restore", Exact = true });
        await Expect(confirm).ToBeDisabledAsync();
        counted.SetResult();
        await confirm.ClickAsync();
        await Expect(page.GetByText("audited was restored.")).ToBeVisibleAsync();
        var flag = await api.SendAsync(HttpMethod.Get, $"{Flags}/audited");
        Assert.Equal("First name", flag.GetProperty("name").GetString());

        // The address leads somebody else to the same entry, and from it to the one before.
        await page.GotoAsync(address);
        await drawer.GetByRole(AriaRole.Button, new() { Name = "The change before this one" }).ClickAsync();
        await Expect(drawer).ToContainTextAsync("created the flag audited");
        await page.Keyboard.PressAsync("Escape");
        await Expect(drawer).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_log_is_filtered_exported_as_filtered_and_verified()
    {
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/default/audit?project=shop&entity=segment");
        await Expect(page.Locator("main").GetByRole(AriaRole.Listitem).First).ToContainTextAsync("segment");
        await Expect(page.Locator("main").GetByText("issued the SDK key")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Export" }).ClickAsync();
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Menuitem, new() { Name = "As NDJSON" }).ClickAsync());
        var lines = await File.ReadAllLinesAsync((await download.PathAsync())!, TestContext.Current.CancellationToken);
        Assert.NotEmpty(lines);
        Assert.All(lines, line => Assert.Contains("\"entity\":\"segment\"", line, StringComparison.Ordinal));

        await page.GetByRole(AriaRole.Button, new() { Name = "Verify" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("The chain is intact");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Close" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Clear filters" }).ClickAsync();
        await page.WaitForURLAsync("**/o/default/audit");
        await page.Context.CloseAsync();
    }
}
