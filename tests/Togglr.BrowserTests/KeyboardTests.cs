using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Accounts;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>The whole way of a flag without a pointer: nothing here clicks.</summary>
[Collection(SiteTests.Name)]
public sealed class KeyboardTests(Site site)
{
    /// <summary>More stops than any page has: a way that takes longer is no way.</summary>
    private const int MostStops = 120;

    [Fact]
    public async Task A_project_and_a_flag_are_made_switched_targeted_killed_and_found_by_keys_alone()
    {
        var page = await site.OpenAsync();
        await page.GotoAsync("/login");
        await page.GetByLabel("E-mail").WaitForAsync();
        await GoToAsync(page, page.GetByLabel("E-mail"));
        await page.Keyboard.TypeAsync(FirstStart.DemoEmail);
        await GoToAsync(page, page.PasswordField());
        await page.Keyboard.TypeAsync(FirstStart.DemoPassword);
        await page.Keyboard.PressAsync("Enter");
        await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();

        // A project.
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }));
        await page.Keyboard.PressAsync("Enter");
        var newProject = page.GetByRole(AriaRole.Menuitem, new() { Name = "New project" });
        await newProject.WaitForAsync();
        await ArrowToAsync(page, newProject, "ArrowDown");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Textbox).First).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Typed by keys");
        await page.Keyboard.PressAsync("Enter");
        await page.WaitForURLAsync(static url => new Uri(url).AbsolutePath.StartsWith("/p/default/typed-by-keys", StringComparison.Ordinal));

        // A flag, by the shortcut to its page.
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await page.GetByRole(AriaRole.Heading, new() { Name = "Connect an application" }).WaitForAsync();
        await page.Keyboard.PressAsync("g");
        await page.Keyboard.PressAsync("f");
        await page.ArriveAsync("/p/default/typed-by-keys/flags");
        var newFlag = page.GetByRole(AriaRole.Button, new() { Name = "New flag" }).First;
        await newFlag.WaitForAsync();
        await GoToAsync(page, newFlag);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Typed flag");
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Create flag" }));
        await page.Keyboard.PressAsync("Enter");
        await page.ArriveAsync("/p/default/typed-by-keys/flags/typed-flag");

        // The switch; the environment is critical, so it asks.
        var toggle = page.GetByRole(AriaRole.Switch, new() { Name = "typed-flag in Production" });
        await toggle.WaitForAsync();
        await GoToAsync(page, toggle);
        await page.Keyboard.PressAsync("Space");
        await page.GetByRole(AriaRole.Dialog, new() { Name = "Turn on in Production?" }).WaitForAsync();
        await page.Keyboard.PressAsync("Enter");
        await Expect(toggle).ToBeCheckedAsync();

        // A rule.
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }));
        await page.Keyboard.PressAsync("Enter");
        await GoToAsync(page, page.GetByLabel("Name (optional)"));
        await page.Keyboard.TypeAsync("Germany");
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }));
        await page.Keyboard.PressAsync("Enter");
        await GoToAsync(page, page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }));
        await page.Keyboard.TypeAsync("country");
        await page.Keyboard.PressAsync("Escape");
        await GoToAsync(page, page.GetByLabel("Value", new() { Exact = true }));
        await page.Keyboard.TypeAsync("DE");
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Done" }));
        await page.Keyboard.PressAsync("Enter");
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }));
        await page.Keyboard.PressAsync("Enter");
        var save = page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" });
        await save.WaitForAsync();
        await GoToAsync(page, save);
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Listitem, new() { Name = "Rule 1: Germany" })).ToBeVisibleAsync();

        // The kill switch, by search.
        await page.Keyboard.PressAsync("Control+k");
        await Expect(page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" })).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("kill typed");
        await Expect(page.GetByRole(AriaRole.Listbox, new() { Name = "Results" }).GetByRole(AriaRole.Option).First).ToContainTextAsync("Kill typed-flag");
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByLabel("Why?")).ToBeFocusedAsync();
        await page.Keyboard.TypeAsync("Only keys");
        await GoToAsync(page, page.GetByRole(AriaRole.Button, new() { Name = "Kill now" }));
        await page.Keyboard.PressAsync("Enter");
        await Expect(page.GetByText("Only keys").First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Delete, "orgs/default/projects/typed-by-keys");
    }

    /// <summary>Goes on with Tab until the control has the focus, and sees that the focus is shown.</summary>
    private static async Task GoToAsync(IPage page, ILocator control)
    {
        await control.WaitForAsync();
        for (var stop = 0; stop < MostStops; stop++)
        {
            if (await control.EvaluateAsync<bool>("element => element === document.activeElement || element.contains(document.activeElement)"))
            {
                return;
            }
            await page.Keyboard.PressAsync("Tab");
        }
        Assert.Fail($"Tab does not lead to {control}.");
    }

    private static async Task ArrowToAsync(IPage page, ILocator item, string arrow)
    {
        for (var stop = 0; stop < MostStops; stop++)
        {
            if (await item.EvaluateAsync<bool>("element => element === document.activeElement"))
            {
                return;
            }
            await page.Keyboard.PressAsync(arrow);
        }
        Assert.Fail($"{arrow} does not lead to {item}.");
    }
}
