using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>The ways in, and what stands in them.</summary>
[Collection(SiteTests.Second)]
public sealed partial class SignInTests(Site site, PostgresFixture postgres)
{
    [Fact]
    public async Task Signing_in_takes_a_code_of_the_app_and_goes_on_to_where_one_wanted_to_be()
    {
        var person = await site.AddPersonAsync("Tessa");
        var (app, _) = await person.AddTwoFactorAsync();
        var page = await site.OpenAsync();
        await page.GotoAsync("/p/default/shop/segments?env=dev");
        await page.WaitForURLAsync("**/login?to=*");
        await page.EnterAsync(person.Email);

        var code = page.GetByLabel("Code", new() { Exact = true });
        await Expect(code).ToBeFocusedAsync();
        await Expect(code).ToHaveAttributeAsync("autocomplete", "one-time-code");
        await code.FillAsync(app.WrongCode());
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("That code is wrong");
        await Expect(code).ToHaveValueAsync("");

        // As apps show it: in two groups. The sixth digit sends it.
        var right = app.Code();
        await page.EvaluateAsync("text => navigator.clipboard.writeText(text)", $"{right[..3]} {right[3..]}");
        await code.PressAsync("Control+V");
        await page.ArriveAsync("/p/default/shop/segments");
        Assert.EndsWith("?env=dev", page.Url, StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_recovery_code_stands_in_for_the_app_once()
    {
        var person = await site.AddPersonAsync("Rico");
        var (_, codes) = await person.AddTwoFactorAsync();
        var first = await EnterRecoveryCodeAsync(person, codes[3]);
        await first.WaitForURLAsync("**/p/default/*");
        var second = await EnterRecoveryCodeAsync(person, codes[3]);
        await Expect(second.GetByRole(AriaRole.Alert)).ToContainTextAsync("used before");
        await first.Context.CloseAsync();
        await second.Context.CloseAsync();
    }

    [Theory]
    [InlineData("//evil.example/x")]
    [InlineData("https://evil.example/x")]
    [InlineData("/\\evil.example")]
    [InlineData("javascript:alert(1)")]
    public async Task An_address_from_outside_leads_nowhere_else(string to)
    {
        var page = await site.OpenAsync();
        await page.RouteAsync("**/evil.example/**", route => route.AbortAsync());
        await page.GotoAsync($"/login?to={Uri.EscapeDataString(to)}");
        await page.EnterAsync(ControlPlane.Accounts.FirstStart.DemoEmail, ControlPlane.Accounts.FirstStart.DemoPassword);
        await page.WaitForURLAsync("**/p/*/*");
        Assert.Equal(site.Address.Authority, new Uri(page.Url).Authority);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_an_identity_provider_refused_is_said_in_words()
    {
        var page = await site.OpenAsync();
        await page.GotoAsync("/login?error=not_a_member&requestId=abc-123");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("Ask its administrator for an invitation");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("abc-123");
        await page.GotoAsync("/login?error=constructor&requestId=%3Cimg%20src%3Dx%20onerror%3D%22window.ran%3D1%22%3E");
        await Expect(page.GetByRole(AriaRole.Alert)).ToContainTextAsync("did not work");
        Assert.Null(await page.EvaluateAsync<int?>("() => window.ran ?? null"));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_forgotten_password_is_replaced_by_way_of_a_mail()
    {
        await using var mail = new MailBox();
        await using var server = await TogglrServer.StartAsync(
            postgres, "--web-dir", Path.Combine(Site.Root, "web", "dist"), "--mailer-addr", mail.Address, "--mailer-tls", "none", "--public-url", "http://localhost");
        var page = await site.OpenAsync();
        await page.GotoAsync(new Uri(server.Address, "/login").ToString());
        await page.GetByRole(AriaRole.Link, new() { Name = "Forgot your password?" }).ClickAsync();
        await page.GetByLabel("E-mail").FillAsync("admin@togglr.dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Send the link" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Status)).ToContainTextAsync("admin@togglr.dev");

        await Eventually.TrueAsync(() => Task.FromResult(mail.Mails.Any(text => PathOf(text) is not null)));
        var path = mail.Mails.Select(PathOf).First(found => found is not null)!;
        await page.GotoAsync(new Uri(server.Address, path).ToString());
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync("another horse battery");
        await page.GetByLabel("New password again").FillAsync("another horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Sign in" }).ClickAsync();
        await page.EnterAsync("admin@togglr.dev", "another horse battery");
        await page.WaitForURLAsync("**/p/*/*");

        await page.GotoAsync(new Uri(server.Address, path).ToString());
        await page.GetByLabel("New password", new() { Exact = true }).FillAsync("a third horse battery");
        await page.GetByLabel("New password again").FillAsync("a third horse battery");
        await page.GetByRole(AriaRole.Button, new() { Name = "Change password" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "This link does not work any more" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task An_organization_that_asks_for_a_second_factor_leads_through_setting_one_up()
    {
        using var administrator = await site.AdministratorAsync();
        await administrator.SendAsync(HttpMethod.Post, "orgs", new { key = "fort", name = "Fort" });
        await administrator.SendAsync(HttpMethod.Post, "orgs/fort/projects", new { key = "keep", name = "Keep" });
        var owner = await site.AddPersonAsync("Olga", "fort", new { role = "owner" });
        await owner.AddTwoFactorAsync();
        var member = await site.AddPersonAsync("Mira", "fort", new { role = "member" });
        var page = await site.OpenAsync();
        await page.GotoAsync("/login?to=/p/fort/keep/segments");
        await page.EnterAsync(member.Email);
        await page.ArriveAsync("/p/fort/keep/segments");
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();

        await owner.Api.SendAsync(HttpMethod.Patch, "orgs/fort/security", new { requireTwoFactor = true });
        // The page hears of it and leads on by itself.
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Fort asks for a second factor" })).ToBeVisibleAsync();
        await page.PasswordField().FillAsync(Person.Password);
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        var app = Authenticator.Of(await page.GetByTestId("totp-secret").InnerTextAsync());
        await page.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await page.GetByLabel("I have saved them").CheckAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        await page.ArriveAsync("/p/fort/keep/segments");
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Environments" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private async Task<IPage> EnterRecoveryCodeAsync(Person person, string code)
    {
        var page = await site.OpenAsync();
        await page.GotoAsync("/login");
        await page.EnterAsync(person.Email);
        await page.GetByRole(AriaRole.Button, new() { Name = "Use a recovery code instead" }).ClickAsync();
        await page.GetByLabel("Recovery code").FillAsync(code);
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in", Exact = true }).ClickAsync();
        return page;
    }

    /// <summary>The path of the link in a mail, whose parts may be in quoted-printable or base 64.</summary>
    private static string? PathOf(string mail)
    {
        var texts = new List<string> { mail.Replace("=\r\n", "", StringComparison.Ordinal).Replace("=\n", "", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal) };
        foreach (Match block in Base64Block().Matches(mail.ReplaceLineEndings("\n")))
        {
            var bytes = new byte[block.Length];
            if (Convert.TryFromBase64String(block.Value.Replace("\n", "", StringComparison.Ordinal), bytes, out var length))
                texts.Add(System.Text.Encoding.UTF8.GetString(bytes, 0, length));
        }
        return texts.Select(text => ResetPath().Match(text)).FirstOrDefault(match => match.Success)?.Value;
    }

    [GeneratedRegex("/reset-password/[A-Za-z0-9_-]+", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex ResetPath();

    [GeneratedRegex("(?:[A-Za-z0-9+/=]{40,}\\n)+(?:[A-Za-z0-9+/=]+\\n)?", RegexOptions.CultureInvariant, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Base64Block();
}
