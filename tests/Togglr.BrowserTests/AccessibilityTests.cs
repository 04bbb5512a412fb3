using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on any page, in both themes, wide and narrow.</summary>
[Collection(SiteTests.Name)]
public sealed class AccessibilityTests(Site site)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_is_accessible(ColorScheme scheme, int width)
    {
        var found = new List<string>();
        var entrance = await site.OpenAsync(width, scheme: scheme);
        await entrance.GotoAsync("/login");
        await entrance.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).WaitForAsync();
        found.AddRange(await entrance.FindViolationsAsync("login"));
        await entrance.Context.CloseAsync();

        var page = await site.SignInAsync(width, scheme: scheme);
        var first = page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link).First;
        await first.WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("flags"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch environment" }).ClickAsync();
        await page.GetByRole(AriaRole.Menu).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("switch environment"));
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Menu).WaitForAsync(new() { State = WaitForSelectorState.Hidden });
        await first.ClickAsync();
        await page.GetByRole(AriaRole.Region, new() { Name = "Everybody else" }).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("flag"));
        var flag = new Uri(page.Url).AbsolutePath;
        foreach (var (path, name) in new[]
        {
            ($"{flag}?tab=variants", "variants"), ($"{flag}?tab=history", "history"), ($"{flag}?tab=code", "code"), ($"{flag}?tab=settings", "settings"),
            ($"{flag}?tab=usage", "usage"), ("/p/default/shop", "overview"), ("/p/default/shop/connect", "connect"), ("/p/default/shop/segments", "segments"), ("/p/default/shop/evaluate", "evaluate"), ("/p/default/shop/environments", "environments"), ("/p/default/shop/audit", "audit"),
        })
        {
            await page.GotoAsync(path);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            found.AddRange(await page.FindViolationsAsync(name));
        }

        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }
}
