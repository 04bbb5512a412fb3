using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>The list of flags: found, selected, switched and kept as views, by mouse and by keyboard. Each test has a project of its own.</summary>
[Collection(SiteTests.Second)]
public sealed class FlagListPageTests(Site site) : IAsyncDisposable
{
    private readonly List<string> _projects = [];

    /// <summary>Other tests count on the demo shop being the only project.</summary>
    public async ValueTask DisposeAsync()
    {
        using var api = await site.AdministratorAsync();
        foreach (var project in _projects)
            await api.SendAsync(HttpMethod.Delete, $"orgs/default/projects/{project}");
    }

    [Fact]
    public async Task Flags_are_found_by_parts_of_their_words_and_by_what_they_do()
    {
        var page = await site.SignInAsync();
        await OpenProjectAsync(page, "list-search", "new-checkout", "old-checkout", "dark-mode", "banner");
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/list-search/flags/dark-mode/environments/stage/toggle", new { enabled = true });
        var search = page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" });
        await page.Keyboard.PressAsync("/");
        await Expect(search).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("nech");
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await Expect(Row(page, "new-checkout")).ToBeVisibleAsync();
        Assert.Contains("search=nech", page.Url, StringComparison.Ordinal);
        await search.FillAsync("<img src=x onerror=alert(1)>");
        await Expect(page.GetByText("No flag matches")).ToBeVisibleAsync();
        await page.Locator("main").GetByRole(AriaRole.Button, new() { Name = "Clear filters" }).Last.ClickAsync();
        await Expect(Rows(page)).ToHaveCountAsync(4);
        await page.GetByLabel("State", new() { Exact = true }).SelectOptionAsync("stage:on");
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await Expect(Row(page, "dark-mode")).ToBeVisibleAsync();
        await page.ReloadAsync();
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Many_flags_are_switched_after_a_preview_and_switched_back_by_undo()
    {
        var page = await site.SignInAsync();
        await OpenProjectAsync(page, "list-bulk", "a1", "a2", "a3", "other");
        var watcher = await page.Context.NewPageAsync();
        await watcher.GotoAsync("/p/default/list-bulk/flags?sort=key");
        await page.GotoAsync("/p/default/list-bulk/flags?sort=key");
        await Expect(watcher.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select a1" }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select a3" }).ClickAsync(new() { Modifiers = [KeyboardModifier.Shift] });
        var bar = page.GetByRole(AriaRole.Toolbar, new() { Name = "Change the selected flags" });
        await Expect(bar).ToContainTextAsync("3 flags selected");

        await bar.GetByRole(AriaRole.Button, new() { Name = "Turn on" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Production" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await Expect(dialog).ToContainTextAsync("To be turned on in Production: 3 flags");
        var apply = dialog.GetByRole(AriaRole.Button, new() { Name = "Change 3 flags" });
        await Expect(apply).ToBeDisabledAsync();
        await dialog.GetByLabel("Type prod to confirm").FillAsync("prod");
        await dialog.GetByLabel("Reason (optional)").FillAsync("Launch day");
        await apply.ClickAsync();
        await Expect(Switch(page, "a2", "Production")).ToBeCheckedAsync();
        await Expect(Switch(watcher, "a3", "Production")).ToBeCheckedAsync();
        await Expect(Switch(page, "other", "Production")).Not.ToBeCheckedAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Undo" }).ClickAsync();
        await Expect(Switch(page, "a2", "Production")).Not.ToBeCheckedAsync();
        await Expect(Switch(watcher, "a3", "Production")).Not.ToBeCheckedAsync();
        await page.GotoAsync("/p/default/list-bulk/flags/a2?tab=history");
        await Expect(page.GetByText("Launch day").First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_keyboard_moves_selects_switches_and_opens()
    {
        var page = await site.SignInAsync();
        await OpenProjectAsync(page, "list-keys", "one", "three", "two");
        await page.GotoAsync("/p/default/list-keys/flags?sort=key&env=dev");
        await Expect(Rows(page)).ToHaveCountAsync(3);
        await page.Keyboard.PressAsync("j");
        await page.Keyboard.PressAsync("j");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "three", Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.PressAsync("x");
        await Expect(page.GetByRole(AriaRole.Checkbox, new() { Name = "Select three" })).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("t");
        await Expect(Switch(page, "three", "Development")).ToBeCheckedAsync();
        await page.Keyboard.PressAsync("c");
        await Expect(page.GetByText("three was copied.")).ToBeVisibleAsync();
        await page.Keyboard.PressAsync("k");
        await page.Keyboard.PressAsync("e");
        await page.WaitForURLAsync("**/flags/one*");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_view_keeps_filters_and_columns_under_a_name()
    {
        var page = await site.SignInAsync();
        await OpenProjectAsync(page, "list-views", "alpha", "beta");
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" }).FillAsync("alp");
        await page.GetByRole(AriaRole.Button, new() { Name = "Columns" }).ClickAsync();
        await page.GetByRole(AriaRole.Checkbox, new() { Name = "Owner" }).CheckAsync();
        await page.Keyboard.PressAsync("Escape");
        await page.GetByRole(AriaRole.Button, new() { Name = "Views", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Save as a view…" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Alphas \"<b>\"");
        await page.GetByLabel("Everybody in the project sees it").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Alphas \"<b>\"" })).ToBeVisibleAsync();

        await page.GotoAsync("/p/default/list-views/flags");
        await Expect(Rows(page)).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { Name = "Views", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Alphas" }).First.ClickAsync();
        await Expect(Rows(page)).ToHaveCountAsync(1);
        await Expect(page.GetByRole(AriaRole.Columnheader, new() { Name = "Owner" })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Searchbox, new() { Name = "Search flags" }).FillAsync("beta");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByText("now shows this.")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_list_has_nothing_that_axe_complains_about_in_either_scheme()
    {
        foreach (var scheme in new[] { ColorScheme.Light, ColorScheme.Dark })
        {
            var page = await site.SignInAsync(scheme: scheme);
            await OpenProjectAsync(page, scheme == ColorScheme.Light ? "list-axe-light" : "list-axe-dark", "alpha", "beta");
            await page.GetByRole(AriaRole.Checkbox, new() { Name = "Select all that are shown" }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Toolbar)).ToBeVisibleAsync();
            var found = (await page.FindViolationsAsync("flag list with a selection")).ToList();
            await page.GetByRole(AriaRole.Button, new() { Name = "Archive", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("To be archived, so that applications get the default in their code: 2 flags");
            found.AddRange(await page.FindViolationsAsync("bulk preview"));
            Assert.True(found.Count == 0, string.Join("\n", found));
            await page.Context.CloseAsync();
        }
    }

    private async Task OpenProjectAsync(IPage page, string project, params string[] flags)
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project, name = project });
        _projects.Add(project);
        foreach (var key in flags)
            await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key, type = "boolean" });
        await page.GotoAsync($"/p/default/{project}/flags");
        await Expect(Rows(page)).ToHaveCountAsync(flags.Length);
    }

    private static ILocator Rows(IPage page) => page.Locator("[data-flag]");

    private static ILocator Row(IPage page, string flag) => page.Locator($"[data-flag='{flag}']");

    private static ILocator Switch(IPage page, string flag, string environment) => page.GetByRole(AriaRole.Switch, new() { Name = $"{flag} in {environment}", Exact = true });
}
