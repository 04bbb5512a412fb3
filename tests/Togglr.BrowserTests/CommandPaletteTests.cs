using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Search and commands in one field, with the rights and confirmations of the pages.</summary>
[Collection(SiteTests.Second)]
public sealed class CommandPaletteTests(Site site)
{
    private const string Flags = "orgs/default/projects/shop/flags";

    [Fact]
    public async Task A_flag_is_found_by_the_beginnings_of_its_parts_and_opened()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "palette-quick-wins", name = "Palette quick wins", type = "boolean" });
        var page = await site.SignInAsync();
        await OpenAsync(page);
        await page.Keyboard.TypeAsync("pqw");
        await Expect(Rows(page).First).ToContainTextAsync("palette-quick-wins");
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync("/p/default/shop/flags/palette-quick-wins");
        await page.GotoAsync("/p/default/shop/segments");
        await OpenAsync(page);
        await Expect(page.GetByRole(AriaRole.Group, new() { Name = "Recent" })).ToContainTextAsync("palette-quick-wins");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Pages_are_found_by_their_names_and_flags_by_words_of_their_description()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "palette-described", description = "Shows the quokka beside the basket", type = "boolean" });
        var page = await site.SignInAsync();
        foreach (var (words, path) in new[] { ("attributes", "/p/default/shop/settings/attributes"), ("connect an", "/p/default/shop/connect"), ("overview", "/p/default/shop"), ("sessions", "/account/sessions") })
        {
            await OpenAsync(page);
            await page.Keyboard.TypeAsync(words);
            await page.GetByRole(AriaRole.Group, new() { Name = "Go to" }).GetByRole(AriaRole.Option).First.ClickAsync();
            await page.ArriveAsync(path);
        }
        await OpenAsync(page);
        await page.Keyboard.TypeAsync("quokka basket");
        await Expect(Rows(page).First).ToContainTextAsync("palette-described");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_typed_command_asks_as_the_page_does_and_can_be_undone()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "palette-command", type = "boolean" });
        var page = await site.SignInAsync();
        await OpenAsync(page);
        await page.Keyboard.TypeAsync("turn on palette-command in prod");
        await Expect(Rows(page).First).ToContainTextAsync("Turn on palette-command in Production");
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Dialog, new() { Name = "Turn on in Production?" }).WaitForAsync();
        Assert.False(await IsOnAsync(api, "palette-command"));
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).WaitForAsync();
        Assert.True(await IsOnAsync(api, "palette-command"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(page.GetByText("palette-command is off in Production")).ToBeVisibleAsync();
        Assert.False(await IsOnAsync(api, "palette-command"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Somebody_who_may_not_switch_is_told_so_and_nothing_happens()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "palette-refused", type = "boolean" });
        var viewer = await site.AddPersonAsync("Palette Viewer", "default", new { role = "viewer" });
        var page = await site.SignInAsync(viewer);
        await OpenAsync(page);
        await page.Keyboard.TypeAsync("turn on palette-refused in prod");
        await Expect(Rows(page).First).ToContainTextAsync("You do not have the right");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" })).ToBeVisibleAsync();
        Assert.False(await IsOnAsync(api, "palette-refused"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task On_a_phone_a_flag_is_killed_in_three_taps()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, Flags, new { key = "phone-emergency", type = "boolean" });
        var page = await site.SignInAsync(390, 844);
        await page.GetByRole(AriaRole.Button, new() { Name = "Search and commands" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" }).WaitForAsync();
        await page.Keyboard.TypeAsync("phone-em");
        await Rows(page).Filter(new() { HasText = "Kill phone-emergency" }).ClickAsync();
        await Expect(page.GetByLabel("Why?")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Payments fail");
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill now" }).ClickAsync();
        await Expect(page.GetByText("phone-emergency was killed.")).ToBeVisibleAsync();
        var flag = await api.SendAsync(HttpMethod.Get, $"{Flags}/phone-emergency");
        Assert.All(flag.GetProperty("environments").EnumerateObject(), static environment => Assert.True(environment.Value.GetProperty("killed").GetBoolean()));
        Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"));
        await page.Context.CloseAsync();
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task The_palette_and_the_shortcuts_are_accessible(ColorScheme scheme, int width)
    {
        var found = new List<string>();
        var page = await site.SignInAsync(width, scheme: scheme);
        await OpenAsync(page);
        found.AddRange(await page.FindViolationsAsync("palette"));
        await page.Keyboard.TypeAsync("check");
        await Rows(page).First.WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("palette with results"));
        await page.Keyboard.PressAsync("Escape");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" })).ToBeHiddenAsync();
        await page.Keyboard.PressAsync("?");
        await page.GetByText("Keyboard shortcuts").First.WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("shortcuts"));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found));
    }

    [Fact]
    public async Task Losing_the_connection_is_said_and_so_is_its_return()
    {
        var page = await site.SignInAsync();
        await page.GetByRole(AriaRole.Table).GetByRole(AriaRole.Link).First.WaitForAsync();
        await page.Context.SetOfflineAsync(true);
        await Expect(page.GetByText("You are offline.")).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(false);
        await Expect(page.GetByText("Connected again")).ToBeVisibleAsync(new() { Timeout = 20_000 });
        await Expect(page.GetByText("Connected again")).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }

    private static ILocator Rows(IPage page) => page.GetByRole(AriaRole.Listbox, new() { Name = "Results" }).GetByRole(AriaRole.Option);

    private static async Task OpenAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Search and commands" }).WaitForAsync();
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" })).ToBeFocusedAsync();
    }

    private static async Task<bool> IsOnAsync(HttpClient api, string flag) =>
        (await api.SendAsync(HttpMethod.Get, $"{Flags}/{flag}")).GetProperty("environments").GetProperty("prod").GetProperty("enabled").GetBoolean();
}
