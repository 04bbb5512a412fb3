using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on the pages before the sign-in and of the account, with their dialogues open, in both themes, wide and narrow.</summary>
[Collection(SiteTests.Name)]
public sealed class AccountAccessibilityTests(Site site)
{
    [Theory]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task Every_page_around_the_account_is_accessible(ColorScheme scheme, int width)
    {
        var found = new List<string>();
        using var administrator = await site.AdministratorAsync();
        var link = await administrator.InviteAsync(People.NewEmail(), "default", new { role = "viewer" });
        var entrance = await site.OpenAsync(width, scheme: scheme);
        foreach (var path in new[] { "/login?error=deactivated&requestId=r1", "/forgot-password", "/reset-password/abc", link, "/invitations/none", "/signed-in" })
        {
            await entrance.GotoAsync(path);
            await entrance.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await entrance.WaitForLoadStateAsync(LoadState.NetworkIdle);
            found.AddRange(await entrance.FindViolationsAsync(path));
        }
        await entrance.Context.CloseAsync();

        var person = await site.AddPersonAsync("Axel", "default", new { role = "manager" });
        var page = await site.SignInAsync(person, width, scheme);
        foreach (var path in new[] { "/account", "/account/password", "/account/sessions", "/account/tokens" })
        {
            await page.GotoAsync(path);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            found.AddRange(await page.FindViolationsAsync(path));
        }
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await page.GetByText("Only some of it").ClickAsync();
        await page.GetByLabel("See projects").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("new token"));

        await page.GotoAsync("/account/two-factor");
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        var app = Authenticator.Of(await page.GetByTestId("totp-secret").InnerTextAsync());
        found.AddRange(await page.FindViolationsAsync("QR code"));
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await page.GetByLabel("I have saved them").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("recovery codes"));
        await page.GetByLabel("I have saved them").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("turn off"));

        await page.GotoAsync("/p/default/shop/environments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New key" }).First.ClickAsync();
        await page.GetByLabel("What is it for?").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("new key"));
        await page.GotoAsync("/p/default/shop/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }).ClickAsync();
        await page.GetByRole(AriaRole.Menu).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("switch project"));

        await person.Api.SendAsync(HttpMethod.Delete, "me/sessions?all=true");
        await page.GetByText("Your session has ended").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("session has ended"));
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await page.GetByLabel("Code", new() { Exact = true }).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("code"));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }
}
