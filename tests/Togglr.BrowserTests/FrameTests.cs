using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>The frame of the pages: the person's menu, the header of a phone, shortcuts as the sheet lists them, and searches that are typed in a hurry.</summary>
[Collection(SiteTests.Name)]
public sealed partial class FrameTests(Site site)
{
    private static int _number;

    [Fact]
    public async Task Theme_and_language_are_choices_of_a_menu_that_arrow_keys_reach()
    {
        var page = await site.SignInAsync();
        var account = page.GetByRole(AriaRole.Button, new() { Name = "Account" });
        await account.FocusAsync();
        await page.Keyboard.PressAsync("Enter");
        var menu = page.GetByRole(AriaRole.Menu);
        await Expect(menu.GetByRole(AriaRole.Group, new() { Name = "Theme" }).GetByRole(AriaRole.Menuitemradio)).ToHaveTextAsync(["Light", "Dark", "System"]);
        await Expect(menu.GetByRole(AriaRole.Menuitemradio, new() { Name = "System" })).ToBeCheckedAsync();
        await Expect(menu.GetByRole(AriaRole.Menuitemradio, new() { Name = "English" })).ToBeCheckedAsync();
        Assert.Equal(0, await menu.GetByRole(AriaRole.Radio).CountAsync());
        Assert.Empty(await page.FindViolationsAsync("menu of the person"));
        await menu.GetByRole(AriaRole.Menuitemradio, new() { Name = "Light" }).FocusAsync();
        await page.Keyboard.PressAsync("ArrowDown");
        await Expect(menu.GetByRole(AriaRole.Menuitemradio, new() { Name = "Dark" })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(menu.GetByRole(AriaRole.Menuitemradio, new() { Name = "Dark" })).ToBeCheckedAsync();
        Assert.Equal("dark", await page.Locator("html").GetAttributeAsync("data-mantine-color-scheme"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(menu).ToBeHiddenAsync();
        await Expect(account).ToBeFocusedAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Project_and_environment_can_both_be_read_on_a_phone()
    {
        var page = await site.SignInAsync(width: 390);
        foreach (var (button, text) in new[] { ("Switch project", "Shop"), ("Switch environment", "Production") })
        {
            var label = page.GetByRole(AriaRole.Button, new() { Name = button }).GetByText(text, new() { Exact = true });
            await Expect(label).ToBeVisibleAsync();
            Assert.True(await label.EvaluateAsync<bool>("(element) => element.scrollWidth <= element.clientWidth + 1"), $"{text} is cut off.");
        }
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Every_key_that_the_sheet_lists_for_the_list_works_also_with_Caps_Lock_and_on_a_Russian_keyboard()
    {
        using var api = await site.AdministratorAsync();
        var project = await CreateProjectAsync(api, "one", "three", "two");
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags?sort=key&env=dev");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "three", Exact = true })).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("?");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "In the list of flags" }).Locator("kbd")).ToHaveTextAsync(["J", "K", "E", "X", "⇧", "X", "T", "C", "/"]);
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);

        // As with Caps Lock.
        await PressAsync(page, "J");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "one", Exact = true })).ToBeFocusedAsync();
        await PressAsync(page, "X");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Select one" })).ToBeCheckedAsync();
        // As on a Russian keyboard: j, j.
        await PressAsync(page, "о");
        await PressAsync(page, "о");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "two", Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("Shift+X");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Select three" })).ToBeCheckedAsync();
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Select two" })).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("k");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "three", Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("t");
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "three in Development" })).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.GetByText("three was copied.")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("/");
        await Expect(page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("jkxetc/");
        await Expect(page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" })).ToHaveValueAsync("jkxetc/");
        await page.Keyboard.PressAsync("Escape");
        await page.Keyboard.PressAsync("Escape");

        // None of it when single keys are not wanted.
        await page.EvaluateAsync("() => localStorage.setItem('togglr-single-keys', 'off')");
        await page.Keyboard.PressAsync("/");
        await page.Keyboard.PressAsync("x");
        await Expect(page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" })).Not.ToBeFocusedAsync();
        await page.EvaluateAsync("() => localStorage.removeItem('togglr-single-keys')");
        await page.GetByRole(AriaRole.Link, new() { Name = "one", Exact = true }).FocusAsync();
        await page.Keyboard.PressAsync("e");
        await page.WaitForURLAsync("**/flags/one*");
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
    }

    [Fact]
    public async Task A_search_that_was_just_typed_does_not_lead_back_from_the_page_that_was_opened()
    {
        using var api = await site.AdministratorAsync();
        var project = await CreateProjectAsync(api);
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "people", name = "People" });
        var page = await site.SignInAsync();
        // The part of the application that the next page needs is slow.
        await page.RouteAsync(SegmentPagePart(), async route =>
        {
            await Task.Delay(1_500);
            await route.ContinueAsync();
        });
        await page.GotoAsync($"/p/default/{project}/segments");
        var link = page.GetByRole(AriaRole.Link, new() { Name = "People" });
        await Expect(link).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox).PressSequentiallyAsync("peo");
        await link.EvaluateAsync("(element) => element.click()");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1, Name = "People" })).ToBeVisibleAsync();
        await page.ArriveAsync($"/p/default/{project}/segments/people");
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
    }

    /// <summary>A key as the keyboard's layout or Caps Lock gives it, without Shift.</summary>
    private static async Task PressAsync(IPage page, string key) =>
        await page.EvaluateAsync("(key) => (document.activeElement ?? document.body).dispatchEvent(new KeyboardEvent('keydown', { key, bubbles: true, cancelable: true }))", key);

    private static async Task<string> CreateProjectAsync(HttpClient api, params string[] flags)
    {
        var project = $"frame-{Interlocked.Increment(ref _number)}";
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project, name = project });
        foreach (var key in flags)
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key, type = "boolean" });
        return project;
    }

    [GeneratedRegex(@"/assets/SegmentPage-[\w-]+\.js$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex SegmentPagePart();
}
