using System.Net;
using System.Net.Http.Headers;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>What people decide about themselves.</summary>
[Collection(SiteTests.Name)]
public sealed class AccountTests(Site site)
{
    private const string Hostile = "<img src=x onerror=window.ran=1> \"'{{7*7}}${7*7} \u202Etxt &amp;";

    [Fact]
    public async Task A_second_factor_is_set_up_used_and_turned_off_in_the_page()
    {
        var person = await site.AddPersonAsync("Setter");
        var page = await site.SignInAsync(person);
        await page.GetByRole(AriaRole.Button, new() { Name = "Account" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "Your account" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Two-factor sign-in" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await page.PasswordField().FillAsync("not my password");
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await Expect(page.GetByText("The current password is not right.")).ToBeVisibleAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        var app = Authenticator.Of(await page.GetByTestId("totp-secret").InnerTextAsync());
        Assert.True(await page.GetByAltText("QR code").EvaluateAsync<bool>("async image => { await image.decode(); return image.naturalWidth > 0 }"));
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.WrongCode());
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That code is wrong");
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());

        var list = page.GetByRole(AriaRole.List, new() { Name = "Recovery codes" });
        await Expect(list.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(10);
        var codes = await list.GetByRole(AriaRole.Listitem).AllInnerTextsAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Copy" }).ClickAsync();
        Assert.Equal(string.Join('\n', codes), await page.EvaluateAsync<string>("navigator.clipboard.readText()"));
        var download = await page.RunAndWaitForDownloadAsync(() => page.GetByRole(AriaRole.Button, new() { Name = "Download" }).ClickAsync());
        Assert.Contains(codes[9], await File.ReadAllTextAsync((await download.PathAsync())!, TestContext.Current.CancellationToken), StringComparison.Ordinal);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Done" })).ToBeDisabledAsync();
        await page.GetByLabel("I have saved them").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await Expect(page.GetByText("Signing in takes your password and a code")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Password", new() { Exact = true }).FillAsync(Person.Password);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Use a recovery code instead" }).ClickAsync();
        await dialog.GetByLabel("Recovery code").FillAsync(codes[0]);
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Turn off" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Set it up" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Ending_a_session_elsewhere_stops_that_page_within_seconds_and_loses_nothing_that_was_typed()
    {
        var person = await site.AddPersonAsync("Twice");
        var (app, codes) = await person.AddTwoFactorAsync();
        var there = await site.OpenAsync();
        await there.GotoAsync("/login?to=/p/default/shop/flags");
        await there.EnterAsync(person.Email);
        await there.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await there.GetByRole(AriaRole.Button, new() { Name = "New flag" }).ClickAsync();
        await there.GetByLabel("Name", new() { Exact = true }).FillAsync("Half typed");
        await Expect(there.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();

        var sessions = await person.Api.SendAsync(HttpMethod.Get, "me/sessions");
        Assert.True(sessions.GetProperty("items").GetArrayLength() >= 3);
        await person.Api.SendAsync(HttpMethod.Delete, "me/sessions");
        await Expect(there.GetByText("Your session has ended")).ToBeVisibleAsync(new() { Timeout = 10_000 });

        await there.EnterPasswordAsync();
        await there.GetByRole(AriaRole.Button, new() { Name = "Use a recovery code instead" }).ClickAsync();
        await there.GetByLabel("Recovery code").FillAsync(codes[0]);
        await there.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        await Expect(there.GetByText("Your session has ended")).ToBeHiddenAsync();
        await Expect(there.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Half typed");
        await there.GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await there.WaitForURLAsync("**/flags/half-typed*");
        await there.Context.CloseAsync();
    }

    [Fact]
    public async Task The_list_of_sessions_knows_this_one_and_ends_another()
    {
        var person = await site.AddPersonAsync("Lister");
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/account/sessions");
        var rows = page.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Password" });
        await Expect(rows.First).ToContainTextAsync("Chrome on Linux");
        await Expect(rows.First).ToContainTextAsync("This one");
        var others = page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^End the session", RegexOptions.None, TimeSpan.FromSeconds(1)) });
        var count = await others.CountAsync();
        await others.First.ClickAsync();
        await Expect(others).ToHaveCountAsync(count - 1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Sign out everywhere" }).ClickAsync();
        await page.WaitForURLAsync("**/login*");
        using var answer = await person.Api.GetAsync("api/v1/me", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_token_is_shown_once_does_what_it_may_and_is_dead_when_revoked()
    {
        var person = await site.AddPersonAsync("Scripter");
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/account/tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await page.GetByLabel("What is it for?").FillAsync(Hostile);
        await page.GetByText("Only some of it").ClickAsync();
        await page.GetByLabel("See flags and segments").CheckAsync();
        await page.GetByLabel("See projects").CheckAsync();
        await page.GetByLabel("See the organization").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create the token" }).ClickAsync();
        var secret = await page.GetByTestId("secret").InnerTextAsync();
        Assert.StartsWith("tgp_", secret, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(page.GetByText(secret)).ToBeHiddenAsync();
        await Expect(page.GetByText("3 permissions")).ToBeVisibleAsync();
        await Expect(page.GetByText("never used")).ToBeVisibleAsync();

        using var program = new HttpClient { BaseAddress = site.Address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", secret) } };
        Assert.Equal(HttpStatusCode.OK, await StatusAsync(program, "orgs/default/projects/shop/flags"));
        Assert.Equal(HttpStatusCode.Forbidden, await StatusAsync(program, "orgs/default/members"));

        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke the token" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync(Hostile);
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.GetByText("No access tokens")).ToBeVisibleAsync();
        Assert.Equal(HttpStatusCode.Unauthorized, await StatusAsync(program, "orgs/default/projects/shop/flags"));
        Assert.Null(await page.EvaluateAsync<int?>("() => window.ran ?? null"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_language_of_the_profile_takes_effect_and_stays()
    {
        var person = await site.AddPersonAsync("Polyglot");
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/account");
        await page.GetByLabel("Your name").FillAsync(Hostile);
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Language" }).ClickAsync();
        await page.GetByRole(AriaRole.Option, new() { Name = "Русский" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Ваша учётная запись" })).ToBeVisibleAsync();
        var me = await person.Api.SendAsync(HttpMethod.Get, "me");
        Assert.Equal(("ru", Hostile), (me.GetProperty("locale").GetString(), me.GetProperty("name").GetString()));

        var elsewhere = await site.SignInAsync(person);
        await Expect(elsewhere.GetByRole(AriaRole.Link, new() { Name = "Флаги" })).ToBeVisibleAsync();
        Assert.Null(await elsewhere.EvaluateAsync<int?>("() => window.ran ?? null"));
        await page.Context.CloseAsync();
        await elsewhere.Context.CloseAsync();
    }

    [Fact]
    public async Task The_password_is_changed_and_other_sessions_end()
    {
        var person = await site.AddPersonAsync("Changer");
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/account/password");
        await page.GetByLabel("Current password").FillAsync("not my password");
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync("a new horse battery");
        await page.GetByLabel("New password again").FillAsync("a new horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await Expect(page.GetByText("The current password is not right.")).ToBeVisibleAsync();
        await page.GetByLabel("Current password").FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await Expect(page.GetByText("Other sessions have ended")).ToBeVisibleAsync();
        using var answer = await person.Api.GetAsync("api/v1/me", TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Current password")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private static async Task<HttpStatusCode> StatusAsync(HttpClient api, string path)
    {
        using var answer = await api.GetAsync($"api/v1/{path}", TestContext.Current.CancellationToken);
        return answer.StatusCode;
    }
}
