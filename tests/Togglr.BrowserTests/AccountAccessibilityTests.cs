using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on the pages before the sign-in and of the account, with their dialogues open, in both themes, wide and narrow.</summary>
[Collection(SiteTests.Second)]
public sealed class AccountAccessibilityTests(Site site)
{
    [Fact]
    public async Task Every_page_around_the_account_is_accessible()
    {
        using var administrator = await site.AdministratorAsync();
        var link = await administrator.InviteAsync(People.NewEmail(), "default", new { role = "viewer" });
        var entrance = await site.OpenAsync();
        var found = await entrance.FindViolationsAsync(CheckedPages.Entrance, new(StringComparer.Ordinal) { ["*invitation"] = link });
        await entrance.Context.CloseAsync();

        var person = await site.AddPersonAsync("Axel", "default", new { role = "manager" });
        var page = await site.SignInAsync(person);
        found.AddRange(await page.FindViolationsAsync(CheckedPages.Account, []));
        await page.GotoAsync("/account/tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await page.GetByText("Only some of it").ClickAsync();
        await page.GetByLabel("See projects").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("new token"));

        await page.GotoAsync("/account/two-factor");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        var app = Authenticator.Of(await page.GetByTestId("totp-secret").InnerTextAsync());
        found.AddRange(await page.FindViolationsInThemesAsync("QR code"));
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await page.GetByLabel("I have saved them").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("recovery codes"));
        await page.GetByLabel("I have saved them").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("turn off"));

        await page.GotoAsync("/p/default/shop/environments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).First.ClickAsync();
        await page.GetByLabel("What is it for?").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("new key"));
        await page.GotoAsync("/p/default/shop/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }).ClickAsync();
        await page.GetByRole(AriaRole.Menu).WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("switch project"));

        await person.Api.SendAsync(HttpMethod.Delete, "me/sessions?all=true");
        await page.GetByText("Your session has ended").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("session has ended"));
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByLabel("Code", new() { Exact = true }).WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("code"));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }
}
