using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>What somebody does on the first day: a flag from its creation to the kill switch, with a second person watching.</summary>
[Collection(SiteTests.Name)]
public sealed class FirstFlagTests(Site site)
{
    private const string DevSwitch = "gift-wrapping in Development";

    [Fact]
    public async Task A_wrong_password_says_what_to_do()
    {
        var page = await site.OpenAsync();
        await page.GotoAsync("/p/default/shop/flags");
        await page.WaitForURLAsync("**/login*");
        await page.GetByLabel("E-mail").FillAsync("nobody@togglr.dev");
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync("not the password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("do not belong together");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_flag_goes_from_creation_to_the_kill_switch_and_another_window_follows()
    {
        var page = await site.SignInAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "New flag" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Gift wrapping");
        await Expect(page.GetByLabel("Key", new() { Exact = true })).ToHaveValueAsync("gift-wrapping");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await page.WaitForURLAsync("**/flags/gift-wrapping*");
        await page.GotoAsync("/p/default/shop/flags/gift-wrapping?env=dev");

        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync("Germany");
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("country");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("DE");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Listitem, new() { Name = "Rule 1: Germany" })).ToContainTextAsync("country is DE");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Everybody else" }).ClickAsync();
        await page.GetByRole(AriaRole.Listbox).GetByRole(AriaRole.Option, new() { Name = "off", Exact = true }).ClickAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        var review = page.GetByRole(AriaRole.Dialog);
        await Expect(review).ToContainTextAsync("country is DE → on");
        await review.GetByLabel("Reason (optional)").FillAsync("Pilot in Germany");
        await review.GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();

        var other = await site.SignInAsync();
        await other.GotoAsync("/p/default/shop/flags?search=gift-wrapping&env=dev");
        var switchThere = other.GetByRole(AriaRole.Switch, new() { Name = DevSwitch });
        await Expect(switchThere).Not.ToBeCheckedAsync();
        await Expect(other.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Switch, new() { Name = DevSwitch }).ClickAsync(new() { Force = true });
        await Expect(switchThere).ToBeCheckedAsync();

        await page.GotoAsync("/p/default/shop/evaluate?env=dev&flag=gift-wrapping&context=%7B%22targetingKey%22%3A%22u1%22%2C%22country%22%3A%22DE%22%7D");
        var results = page.GetByRole(AriaRole.Region, new() { Name = "Results" });
        await Expect(results).ToContainTextAsync("Targeted");
        await Expect(results).ToContainTextAsync("matches");
        await Expect(results).ToContainTextAsync("is DE");

        await page.GotoAsync("/p/default/shop/flags/gift-wrapping?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill switch" }).ClickAsync();
        await page.GetByLabel("Why?").FillAsync("Paper ran out");
        await page.GetByRole(AriaRole.Button, new() { Name = "Kill now" }).ClickAsync();
        await Expect(page.GetByText("Paper ran out").First).ToBeVisibleAsync();
        await Expect(other.GetByText("Killed", new() { Exact = true })).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Tab, new() { Name = "History" }).ClickAsync();
        await Expect(page.GetByText("Pilot in Germany").First).ToBeVisibleAsync();

        await other.Context.CloseAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Two_people_who_edit_the_same_flag_both_keep_their_work()
    {
        var mine = await site.SignInAsync();
        await mine.GetByRole(AriaRole.Button, new() { Name = "New flag" }).ClickAsync();
        await mine.GetByLabel("Name", new() { Exact = true }).FillAsync("Two editors");
        await mine.GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await mine.WaitForURLAsync("**/flags/two-editors*");
        await mine.GotoAsync("/p/default/shop/flags/two-editors?env=dev");
        var theirs = await site.SignInAsync();
        await theirs.GotoAsync("/p/default/shop/flags/two-editors?env=dev");

        await AddRuleAsync(mine, "Mine");
        await AddRuleAsync(theirs, "Theirs");
        await SaveAsync(theirs);

        await Expect(mine.GetByText("saved another version while you were editing")).ToBeVisibleAsync();
        await mine.GetByRole(AriaRole.Button, new() { Name = "Somebody else saved first" }).ClickAsync();
        await mine.GetByRole(AriaRole.Button, new() { Name = "Put my changes on top" }).ClickAsync();
        await SaveAsync(mine);
        await Expect(theirs.GetByRole(AriaRole.Listitem, new() { Name = "Rule 2: Mine" })).ToBeVisibleAsync();
        await Expect(theirs.GetByRole(AriaRole.Listitem, new() { Name = "Rule 1: Theirs" })).ToBeVisibleAsync();
        await mine.Context.CloseAsync();
        await theirs.Context.CloseAsync();
    }

    private static async Task AddRuleAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("plan");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }

    private static async Task SaveAsync(IPage page)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
    }
}
