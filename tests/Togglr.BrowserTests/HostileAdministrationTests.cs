using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Hostile texts in every field of an organization and of an account: shown as they are, and never run.</summary>
[Collection(SiteTests.Second)]
public sealed class HostileAdministrationTests(Site site)
{
    private const string Name = HostileTexts.Name;
    private static int _number;

    [Fact]
    public async Task What_is_typed_into_the_forms_of_an_organization_is_shown_literally_on_every_page()
    {
        using var api = await site.AdministratorAsync();
        var org = $"hostile-org-{Interlocked.Increment(ref _number)}";
        await api.SendAsync(HttpMethod.Post, "orgs", new { key = org, name = "To be renamed" });
        var page = await site.SignInAsync();
        var watch = PageWatch.Over(page, site);
        var at = $"/o/{org}";

        await page.GotoAsync($"{at}/general");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByText("Saved", new() { Exact = true })).ToBeVisibleAsync();

        foreach (var (path, create) in new[] { ("groups", "New group"), ("roles", "New role"), ("service-accounts", "New service account") })
        {
            await page.GotoAsync($"{at}/{path}");
            await page.GetByRole(AriaRole.Button, new() { Name = create }).First.ClickAsync();
            await Dialog(page).GetByLabel("Name", new() { Exact = true }).FillAsync("Before");
            await Dialog(page).GetByLabel("Key", new() { Exact = true }).FillAsync("constructor");
            await Dialog(page).GetByLabel("Description").FillAsync(Name);
            await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
            await page.WaitForURLAsync($"**{at}/{path}/*");
            await page.ExpectLiteralAsync(Name);
            await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Name);
            await page.GetByRole(AriaRole.Textbox, new() { Name = "Description" }).FillAsync(Name + "!");
            await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
            await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync(Name);
        }
        var account = new Uri(page.Url).AbsolutePath;
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await Dialog(page).GetByLabel("What is it for?").FillAsync(Name[..100]);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await page.ExpectLiteralAsync(Name[..100]);

        // A provider: an address that is none is refused in words, and nothing that was typed is lost.
        await page.GotoAsync($"{at}/sign-in/create/oidc");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync(Name);
        await page.GetByLabel("Key", new() { Exact = true }).FillAsync("hostile");
        await page.GetByLabel("Issuer").FillAsync("javascript:window.ran='issuer'");
        await page.GetByLabel("Client ID").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a mapping" }).ClickAsync();
        await page.GetByLabel("Group or claim value").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create and go on" }).ClickAsync();
        await Expect(page.GetByLabel("Issuer")).ToHaveAttributeAsync("aria-invalid", "true");
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync(Name);
        await Expect(page.GetByLabel("Group or claim value")).ToHaveValueAsync(Name);
        await page.GetByLabel("Issuer").FillAsync("http://127.0.0.1:9");
        await page.GetByLabel("Client secret").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Create and go on" }).ClickAsync();
        await page.WaitForURLAsync("**/sign-in/hostile");
        await page.ExpectLiteralAsync(Name);

        // Addresses that are none are named, those that are become invitations.
        await page.GotoAsync($"{at}/members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        var addresses = Dialog(page).GetByLabel("E-mail addresses");
        await addresses.FillAsync("<img/src=x/onerror=window.ran=1>@evil");
        await Expect(Dialog(page).GetByText("Not an e-mail address")).ToBeVisibleAsync();
        await addresses.FillAsync("\"a'b;--\"@example.com");
        await page.ExpectNothingRanAsync();
        await addresses.FillAsync("o'brien+{{7*7}}@example.com");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.ExpectLiteralAsync("o'brien+{{7*7}}@example.com");
        var link = await page.Locator("[data-link]").GetAttributeAsync("data-link");
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).Last.ClickAsync();

        foreach (var path in new[] { "/members?tab=invitations", "/groups", "/groups/constructor", "/roles", "/roles/constructor", "/service-accounts", "/sign-in", "/sign-in/hostile", "/general", "/audit", "/members?role=constructor&group=__proto__" })
        {
            await page.GotoAsync(at + path);
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).First.WaitForAsync();
            await page.ExpectLiteralAsync(Name);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            Assert.Equal(0, await page.GetByText("Something went wrong on this page").CountAsync());
            await page.ExpectNothingRanAsync();
        }
        await page.GotoAsync(account);
        await page.ExpectLiteralAsync(Name[..100]);
        await page.Context.CloseAsync();

        // Somebody who was invited, and whoever comes to the login page, sees it as well.
        var outside = await site.OpenAsync();
        var outsideWatch = PageWatch.Over(outside, site);
        await outside.GotoAsync(new Uri(link!).AbsolutePath);
        await outside.ExpectLiteralAsync(Name);
        await outside.GotoAsync("/login");
        await outside.ExpectLiteralAsync(Name);
        await outside.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/{org}", new { key = org });
        Assert.True(watch.Complaints.Count + outsideWatch.Complaints.Count == 0, string.Join('\n', watch.Complaints.Concat(outsideWatch.Complaints)));
    }

    [Fact]
    public async Task A_hostile_name_of_a_person_and_of_their_token_is_shown_literally_to_them_and_to_others()
    {
        var person = await site.AddPersonAsync("Before");
        var page = await site.SignInAsync(person);
        var watch = PageWatch.Over(page, site);
        await page.GotoAsync("/account");
        await page.GetByLabel("Your name").FillAsync(Name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        // The field shows the name before it is kept.
        await Expect(page.GetByText("Your profile was saved.")).ToBeVisibleAsync();
        await page.ExpectLiteralAsync(Name);
        await page.GotoAsync("/account/tokens");
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).First.ClickAsync();
        await Dialog(page).GetByLabel("What is it for?").FillAsync(Name[..100]);
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "Create the token" }).ClickAsync();
        await Dialog(page).GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await page.ExpectLiteralAsync(Name[..100]);

        // A change of theirs arrives in somebody else's window with their name.
        var other = await site.SignInAsync();
        var otherWatch = PageWatch.Over(other, site);
        await Expect(other.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await person.Api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags", new { key = "from-hostile", name = Name, type = "boolean" });
        await other.GotoAsync("/p/default/shop/flags/from-hostile?env=dev");
        await Expect(other.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await Expect(other.GetByRole(AriaRole.Button, new() { Name = "Add rule" })).ToBeVisibleAsync();
        await person.Api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags/from-hostile/environments/dev/toggle", new { enabled = true });
        await Expect(other.GetByText(Name).First).ToBeVisibleAsync();
        foreach (var path in new[] { "/p/default/shop/audit", "/o/default/members?search=" + Uri.EscapeDataString(person.Email), "/p/default/shop/flags?columns=owner,updated", "/p/default/shop" })
        {
            await other.GotoAsync(path);
            await other.ExpectLiteralAsync(Name);
        }
        await other.Context.CloseAsync();
        await page.Context.CloseAsync();
        Assert.True(watch.Complaints.Count + otherWatch.Complaints.Count == 0, string.Join('\n', watch.Complaints.Concat(otherWatch.Complaints)));
    }

    private static ILocator Dialog(IPage page) => page.GetByRole(AriaRole.Dialog);
}
