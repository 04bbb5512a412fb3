using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>How people come in, and that the pages offer them what they may do and nothing else.</summary>
[Collection(SiteTests.Name)]
public sealed class InvitationTests(Site site)
{
    [Fact]
    public async Task Somebody_new_comes_in_and_may_switch_where_they_may()
    {
        using var administrator = await site.AdministratorAsync();
        var link = await administrator.InviteAsync(People.NewEmail(), "default", new { role = "viewer" }, new { role = "member", project = "shop", environment = "dev" });
        var page = await site.OpenAsync();
        await page.GotoAsync(link);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Join" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Administrator invites you.")).ToBeVisibleAsync();
        var join = page.GetByRole(AriaRole.Button, new() { Name = "Create my account and join" });
        await page.GetByLabel("Your name").FillAsync("Nova");
        await page.PasswordField().FillAsync("short");
        await Expect(page.GetByText("very weak")).ToBeVisibleAsync();
        await Expect(join).ToBeDisabledAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await join.ClickAsync();
        // Some project of the organization: other tests make more of them.
        await page.WaitForURLAsync("**/p/default/*");
        await page.GotoAsync("/p/default/shop");

        await page.GetByRole(AriaRole.Link, new() { Name = "Flags", Exact = true }).ClickAsync();
        var inProduction = page.GetByRole(AriaRole.Switch, new() { Name = "dark-mode in Production" });
        await Expect(inProduction).ToHaveAttributeAsync("aria-disabled", "true");
        var before = await inProduction.IsCheckedAsync();
        await inProduction.ClickAsync(new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Dialog)).ToHaveCountAsync(0);
        Assert.Equal(before, await inProduction.IsCheckedAsync());
        await inProduction.FocusAsync();
        await Expect(page.GetByText("You do not have the right to switch flags in Production.")).ToBeVisibleAsync();
        var inDevelopment = page.GetByRole(AriaRole.Switch, new() { Name = "dark-mode in Development" });
        var was = await inDevelopment.IsCheckedAsync();
        await inDevelopment.ClickAsync(new() { Force = true });
        await Expect(page.GetByText(was ? "is off in Development" : "is on in Development")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "New flag" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Audit log" })).ToHaveCountAsync(0);

        var late = await site.OpenAsync();
        await late.GotoAsync(link);
        await Expect(late.GetByRole(AriaRole.Heading, new() { Name = "This invitation does not work any more" })).ToBeVisibleAsync();
        await late.Context.CloseAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Somebody_with_an_account_joins_another_organization_and_changes_between_them()
    {
        using var administrator = await site.AdministratorAsync();
        await administrator.SendAsync(HttpMethod.Post, "orgs", new { key = "second", name = "Second <b>house</b>" });
        var person = await site.AddPersonAsync("Joiner");
        var (app, _) = await person.AddTwoFactorAsync();
        var link = await administrator.InviteAsync(person.Email, "second", new { role = "owner" });
        var page = await site.OpenAsync();
        await page.GotoAsync(link);
        await Expect(page.GetByText("You have an account already.")).ToBeVisibleAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in and join" }).ClickAsync();
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());

        // Nothing is there yet, and the person may begin.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Name your first project" })).ToBeVisibleAsync();
        await Expect(page.GetByText("Second <b>house</b>")).ToBeVisibleAsync();
        await page.GetByLabel("Project name").FillAsync("Attic");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a project" }).ClickAsync();
        await page.ArriveAsync("/p/second/attic/connect");

        var switcher = page.GetByRole(AriaRole.Button, new() { Name = "Switch project" });
        await switcher.ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Demo", Exact = true }).ClickAsync();
        // Some project of the organization: other tests make more of them.
        await page.WaitForURLAsync("**/p/default/*");
        await page.GotoAsync("/p/default/shop");
        await switcher.ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "New organization" }).ClickAsync();
        await page.GetByLabel("Name of the organization").FillAsync("Third house");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Name your first project" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Somebody_without_any_right_is_told_what_to_do()
    {
        using var administrator = await site.AdministratorAsync();
        await administrator.SendAsync(HttpMethod.Post, "orgs", new { key = "hollow", name = "Hollow" });
        var person = await site.AddPersonAsync("Waiter", "hollow", new { role = "viewer" });
        var page = await site.OpenAsync();
        await page.GotoAsync("/login");
        await page.EnterAsync(person.Email);
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "There is nothing for you in Hollow yet" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_key_is_rotated_with_overlap_and_shows_its_terms()
    {
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/shop/environments");
        var staging = page.GetByRole(AriaRole.Region, new() { Name = "Staging" });
        await staging.GetByRole(AriaRole.Button, new() { Name = "New key" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("What is it for?").FillAsync("Till <i>7</i>");
        await dialog.GetByText("Client", new() { Exact = true }).ClickAsync();
        var origins = dialog.GetByRole(AriaRole.Combobox, new() { Name = "Pages that may use it" });
        await origins.FillAsync("https://shop.example.com/path");
        await origins.PressAsync("Enter");
        await Expect(dialog.GetByText("is no origin")).ToBeVisibleAsync();
        await origins.PressAsync("Backspace");
        await origins.FillAsync("https://shop.example.com");
        await origins.PressAsync("Enter");
        await dialog.GetByLabel("Requests a second").FillAsync("25");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        var first = await page.GetByTestId("secret").InnerTextAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();

        var row = staging.GetByRole(AriaRole.Listitem, new() { Name = "Till <i>7</i>" });
        await Expect(row).ToContainTextAsync("at most 25 requests a second");
        await Expect(row).ToContainTextAsync("https://shop.example.com");
        await row.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Rotate" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Rotate" }).ClickAsync();
        await Expect(page.GetByTestId("secret")).Not.ToHaveTextAsync(first);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(2);
        await Expect(row.Filter(new() { HasText = "Replaced" })).ToContainTextAsync("ends");

        await row.Filter(new() { HasText = "Replaced" }).GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Revoke" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(row).ToHaveCountAsync(1);
        await page.Context.CloseAsync();
    }
}
