using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Accounts;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>A sign-in that ends while something is being typed: nothing is lost, and saving works afterwards.</summary>
[Collection(SiteTests.Name)]
public sealed class EndedSessionTests(Site site)
{
    /// <summary>What a page asks now and then must not be what finds the session ended.</summary>
    private static async Task HoldReadsUntilAWriteAsync(IPage page)
    {
        var written = new TaskCompletionSource();
        await page.RouteAsync("**/api/v1/**", async route =>
        {
            if (route.Request.Method == "GET")
                await written.Task;
            else
                written.TrySetResult();
            await route.FallbackAsync();
        });
    }

    private const string Shop = "orgs/default/projects/shop";

    [Fact]
    public async Task Rules_are_saved_after_signing_in_again_on_top_of_the_page()
    {
        var person = await site.AddPersonAsync("Ended Rules");
        await person.Api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "ended-rules", type = "boolean" });
        var page = await site.SignInAsync(person);
        await page.GotoAsync("/p/default/shop/flags/ended-rules?env=dev");
        await AddRuleAsync(page, "Typed before");
        await EndSessionsAsync(person, page);
        await SignInOnTopAsync(page);
        await Expect(page.GetByRole(AriaRole.Listitem, new() { Name = "Rule 1: Typed before" })).ToContainTextAsync("plan is pro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        await ExpectSavedAsync($"{Shop}/flags/ended-rules/environments/dev", "Typed before");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_save_that_finds_the_session_ended_goes_on_by_itself_after_the_sign_in()
    {
        var person = await site.AddPersonAsync("Ended Save");
        await person.Api.SendAsync(HttpMethod.Post, $"{Shop}/segments", new { key = "ended-save", name = "Before" });
        var page = await site.SignInAsync(person);
        // Without the live connection nothing tells the page before it asks.
        await page.RouteWebSocketAsync("**/api/ws*", _ => { });
        await page.GotoAsync("/p/default/shop/segments/ended-save");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Typed before");
        await HoldReadsUntilAWriteAsync(page);
        await person.Api.SendAsync(HttpMethod.Delete, "me/sessions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save segment" }).ClickAsync();
        await SignInOnTopAsync(page);
        await Expect(page.GetByText("The segment was saved.")).ToBeVisibleAsync();
        await ExpectSavedAsync($"{Shop}/segments/ended-save", "Typed before");

        // And so does a list of keys, which is sent in another way.
        await page.GetByRole(AriaRole.Region, new() { Name = "Included" }).GetByRole(AriaRole.Button, new() { Name = "Change the list" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Keys, one a line").FillAsync("first\nsecond");
        using var again = await site.ApiAsync(person.Email, Person.Password);
        await HoldReadsUntilAWriteAsync(page);
        await again.SendAsync(HttpMethod.Delete, "me/sessions");
        await page.GetByRole(AriaRole.Button, new() { Name = "Compare with the list" }).ClickAsync();
        await SignInOnTopAsync(page);
        await page.GetByRole(AriaRole.Button, new() { Name = "Add these keys" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Included" })).ToContainTextAsync("2 keys");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Whoever_comes_back_by_way_of_the_login_page_finds_everything_that_was_typed()
    {
        using var administrator = await site.AdministratorAsync();
        var person = await site.AddPersonAsync("Ended Owner", "default", new { role = "owner" });
        await person.Api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "ended-page", type = "boolean" });
        await person.Api.SendAsync(HttpMethod.Post, $"{Shop}/segments", new { key = "ended-page", name = "Before" });
        await person.Api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key = "ended-page", name = "Before", permissions = new[] { "flag.view" } });
        await person.Api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key = "ended-page", name = "Before" });
        var page = await site.SignInAsync(person);
        page.Dialog += (_, dialog) => _ = dialog.AcceptAsync();

        await page.GotoAsync("/p/default/shop/flags/ended-page?env=dev");
        await AddRuleAsync(page, "Typed before");
        await ComeBackAsync(page, person);
        await Expect(page.GetByText("They were kept in this window")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Listitem, new() { Name = "Rule 1: Typed before" })).ToContainTextAsync("plan is pro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        await ExpectSavedAsync($"{Shop}/flags/ended-page/environments/dev", "Typed before");

        await page.GotoAsync("/p/default/shop/segments/ended-page");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Segment typed before");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add conditions" }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("plan");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("typed-too");
        await ComeBackAsync(page, person);
        await Expect(page.GetByText("They were kept in this window")).ToBeVisibleAsync();
        await Expect(page.GetByLabel("Value", new() { Exact = true })).ToHaveValueAsync("typed-too");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save segment" }).ClickAsync();
        await Expect(page.GetByText("The segment was saved.")).ToBeVisibleAsync();
        await ExpectSavedAsync($"{Shop}/segments/ended-page", "Segment typed before", "typed-too");

        await page.GotoAsync("/o/default/roles/ended-page");
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Role typed before");
        await page.GetByLabel("Switch flags on and off, kill and revive them").CheckAsync();
        // What somebody else changes meanwhile takes nothing away.
        await administrator.SendAsync(HttpMethod.Patch, "orgs/default/roles/ended-page", new { description = "Theirs" });
        await Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Description" })).ToHaveValueAsync("Theirs");
        await ComeBackAsync(page, person);
        await Expect(page.GetByText("They were kept in this window")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);
        await ExpectSavedAsync("orgs/default/roles/ended-page", "Role typed before", "flag.toggle", "Theirs");

        await page.GotoAsync("/o/default/groups/ended-page");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Description" }).FillAsync("Group typed before");
        await ComeBackAsync(page, person);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Discard" })).ToHaveCountAsync(0);
        await ExpectSavedAsync("orgs/default/groups/ended-page", "Group typed before");

        // Nothing of it is for somebody else who signs in in the same window.
        await page.GotoAsync("/o/default/groups/ended-page");
        await page.GetByRole(AriaRole.Textbox, new() { Name = "Description" }).FillAsync("Nobody else's business");
        await page.Context.ClearCookiesAsync();
        await page.ReloadAsync();
        await page.EnterAsync(FirstStart.DemoEmail, FirstStart.DemoPassword);
        await Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Description" })).ToHaveValueAsync("Group typed before");
        await page.Context.CloseAsync();
    }

    private static async Task AddRuleAsync(IPage page, string name)
    {
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync(name);
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("plan");
        await page.Keyboard.PressAsync("Escape");
        await page.GetByLabel("Value", new() { Exact = true }).FillAsync("pro");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
    }

    private static async Task EndSessionsAsync(Person person, IPage page)
    {
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        await person.Api.SendAsync(HttpMethod.Delete, "me/sessions");
    }

    private static async Task SignInOnTopAsync(IPage page)
    {
        await Expect(page.GetByText("Your session has ended")).ToBeVisibleAsync();
        await page.EnterPasswordAsync();
        await Expect(page.GetByText("Your session has ended")).ToBeHiddenAsync();
    }

    private static async Task ComeBackAsync(IPage page, Person person)
    {
        var path = new Uri(page.Url).AbsolutePath;
        await page.Context.ClearCookiesAsync();
        await page.ReloadAsync();
        await page.EnterAsync(person.Email);
        await page.ArriveAsync(path);
    }

    private async Task ExpectSavedAsync(string path, params string[] texts)
    {
        using var api = await site.AdministratorAsync();
        var saved = (await api.SendAsync(HttpMethod.Get, path)).GetRawText();
        Assert.All(texts, text => Assert.Contains(text, saved, StringComparison.Ordinal));
    }
}
