using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>An owner lets somebody in, decides what they may do, and sends them away.</summary>
[Collection(SiteTests.Second)]
public sealed class MembersTests(Site site)
{
    [Fact]
    public async Task Somebody_is_invited_works_in_dev_only_and_is_thrown_out_within_seconds()
    {
        var email = People.NewEmail();
        var owner = await site.SignInAsync();
        await owner.GotoAsync("/o/default/members");
        await owner.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await owner.GetByLabel("E-mail addresses").FillAsync($"Nora <{email}>");
        await owner.GetByLabel("Role", new() { Exact = true }).Last.SelectOptionAsync("viewer");
        await owner.GetByLabel("Where").SelectOptionAsync("shop");
        await owner.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        var link = await owner.GetByRole(AriaRole.Button, new() { Name = $"Copy the link for {email}" }).GetAttributeAsync("data-link");
        await owner.GetByRole(AriaRole.Dialog).GetByText("Close", new() { Exact = true }).ClickAsync();
        await owner.GetByRole(AriaRole.Tab, new() { Name = "Invitations" }).ClickAsync();
        await Expect(owner.GetByRole(AriaRole.Row).Filter(new() { HasText = email })).ToContainTextAsync("Viewer · shop");

        var nora = await site.OpenAsync();
        await nora.GotoAsync(new Uri(link!).AbsolutePath);
        await nora.GetByLabel("Your name").FillAsync("Nora");
        await nora.PasswordField().FillAsync(Person.Password);
        await nora.GetByRole(AriaRole.Button, new() { Name = "Create my account and join" }).ClickAsync();
        await nora.ArriveAsync("/p/default/shop");

        await nora.GotoAsync("/account/two-factor");
        await nora.GetByRole(AriaRole.Button, new() { Name = "Set it up" }).ClickAsync();
        await nora.PasswordField().FillAsync(Person.Password);
        await nora.GetByRole(AriaRole.Button, new() { Name = "Go on" }).ClickAsync();
        var app = Authenticator.Of(await nora.GetByTestId("totp-secret").InnerTextAsync());
        await nora.GetByLabel("Code", new() { Exact = true }).FillAsync(app.Code());
        await nora.GetByLabel("I have saved them").CheckAsync();
        await nora.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();

        await owner.GetByRole(AriaRole.Tab, new() { Name = "Members" }).ClickAsync();
        await owner.GetByLabel("Search", new() { Exact = true }).FillAsync(email);
        await Expect(owner.GetByText("1 person", new() { Exact = true })).ToBeVisibleAsync();
        await owner.GetByRole(AriaRole.Link, new() { Name = "Nora" }).ClickAsync();
        await Expect(owner.GetByRole(AriaRole.Heading, new() { Name = "Nora", Level = 1 })).ToBeVisibleAsync();
        await Expect(owner.GetByText("Two-factor", new() { Exact = true })).ToBeVisibleAsync();
        var roles = owner.GetByRole(AriaRole.Region, new() { Name = "Roles" });
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give a role" }).ClickAsync();
        await roles.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync("member");
        await roles.GetByLabel("Where").SelectOptionAsync("shop");
        await roles.GetByLabel("Environment").SelectOptionAsync("dev");
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give Member · shop / dev" }).ClickAsync();
        await Expect(roles.GetByRole(AriaRole.Listitem)).ToHaveCountAsync(2);

        await nora.GotoAsync("/p/default/shop/flags?search=dark-mode");
        var inDev = nora.GetByRole(AriaRole.Switch, new() { Name = "dark-mode in Development" });
        var before = await inDev.IsCheckedAsync();
        await inDev.ClickAsync(new() { Force = true });
        await Expect(inDev).ToBeCheckedAsync(new() { Checked = !before });
        var inProduction = nora.GetByRole(AriaRole.Switch, new() { Name = "dark-mode in Production" });
        await Expect(inProduction).ToHaveAttributeAsync("aria-disabled", "true");
        await inProduction.HoverAsync(new() { Force = true });
        await Expect(nora.GetByRole(AriaRole.Tooltip).Filter(new() { HasText = "do not have the right to switch flags in Production" })).ToBeVisibleAsync();

        var effective = owner.GetByRole(AriaRole.Region, new() { Name = "What may they do?" });
        await effective.GetByLabel("Where").SelectOptionAsync("shop");
        await effective.GetByLabel("Environment").SelectOptionAsync("dev");
        await Expect(effective.GetByRole(AriaRole.Status)).ToContainTextAsync("Yes. Nora may “Switch flags on and off, kill and revive them” (shop / dev) by the role Member (shop / dev).");
        await effective.GetByLabel("Environment").SelectOptionAsync("prod");
        await Expect(effective.GetByRole(AriaRole.Status)).ToContainTextAsync("No. No role of Nora allows");

        await Expect(nora.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await owner.GetByRole(AriaRole.Button, new() { Name = "Remove from the organization" }).ClickAsync();
        await Expect(owner.GetByRole(AriaRole.Dialog)).ToContainTextAsync("Remove Nora from the organization?");
        await owner.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove from the organization" }).ClickAsync();
        await owner.WaitForURLAsync("**/o/default/members");
        await Expect(nora.GetByText("You have no access here")).ToBeVisibleAsync();

        await nora.Context.CloseAsync();
        await owner.Context.CloseAsync();
    }

    [Fact]
    public async Task A_deactivated_member_loses_the_page_and_gets_it_back()
    {
        var person = await site.AddPersonAsync("Paused Person");
        var theirs = await site.SignInAsync(person);
        await Expect(theirs.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        var owner = await site.SignInAsync();
        await owner.GotoAsync($"/o/default/members?search={Uri.EscapeDataString(person.Email)}");
        await owner.GetByRole(AriaRole.Link, new() { Name = "Paused Person" }).ClickAsync();
        await owner.GetByRole(AriaRole.Button, new() { Name = "Deactivate" }).ClickAsync();
        await owner.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Deactivate" }).ClickAsync();
        await Expect(theirs.GetByText("You have no access here")).ToBeVisibleAsync();
        await Expect(owner.GetByText("Deactivated", new() { Exact = true })).ToBeVisibleAsync();
        await owner.GetByRole(AriaRole.Button, new() { Name = "Activate" }).ClickAsync();
        await Expect(owner.GetByText("is active again")).ToBeVisibleAsync();
        await theirs.ReloadAsync();
        await Expect(theirs.GetByRole(AriaRole.Heading, new() { Name = "Flags" })).ToBeVisibleAsync();
        await theirs.Context.CloseAsync();
        await owner.Context.CloseAsync();
    }

    [Fact]
    public async Task The_last_owner_stays_and_the_page_says_why()
    {
        // In an organization of its own: others may have made a second owner of the default one, and without its administrator no test could go on.
        using var api = await site.AdministratorAsync();
        const string org = "one-owner";
        await api.SendAsync(HttpMethod.Post, "orgs", new { key = org, name = "One owner" });
        var owner = await site.SignInAsync();
        await owner.GotoAsync($"/o/{org}/members?search=admin%40togglr.dev");
        await owner.GetByRole(AriaRole.Link, new() { Name = "Administrator" }).ClickAsync();
        await owner.GetByRole(AriaRole.Button, new() { Name = "Deactivate" }).ClickAsync();
        await Expect(owner.GetByRole(AriaRole.Dialog)).ToContainTextAsync("This is you.");
        await owner.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Deactivate" }).ClickAsync();
        await Expect(owner.GetByText("This is the last active owner.")).ToBeVisibleAsync();
        await owner.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/{org}", new { key = org });
    }

    [Fact]
    public async Task A_manager_cannot_give_what_they_may_not_do()
    {
        var manager = await site.AddPersonAsync("Manager Person", "default", new { role = "manager" });
        var page = await site.SignInAsync(manager);
        await page.GotoAsync("/o/default/members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        var role = page.GetByRole(AriaRole.Dialog).GetByLabel("Role", new() { Exact = true });
        await Expect(role.Locator("option[value=owner]")).ToBeDisabledAsync();
        await Expect(role.Locator("option[value=member]")).ToBeEnabledAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "Security" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }
}
