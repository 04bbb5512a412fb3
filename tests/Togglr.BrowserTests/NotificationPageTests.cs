using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Destinations with their log, and the inbox behind the bell.</summary>
[Collection(SiteTests.Second)]
public sealed class NotificationPageTests(Site site)
{
    private const string Hostile = "\"><img src=x onerror=alert(1)>{{7*7}}";

    [Fact]
    public async Task A_destination_is_made_tried_and_deleted_and_the_log_tells_what_came_of_it()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "telling", name = "Telling" });
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/telling/settings/notifications");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a destination" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Name" }).FillAsync(Hostile);
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync("https://10.0.0.1/hook");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(dialog.GetByRole(AriaRole.Alert)).ToContainTextAsync("private addresses");
        await dialog.GetByRole(AriaRole.Textbox, new() { Name = "Address" }).FillAsync("https://nowhere.invalid/hook");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByTestId("secret")).ToContainTextAsync("whsec_");
        await page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(page.GetByText(Hostile, new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test" }).ClickAsync();
        await Expect(page.GetByText("The test message was not taken")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Close the notification" }).ClickAsync();
        await Expect(page.GetByText("The test message was not taken")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Tab, new() { Name = "Sent messages" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Row).Filter(new() { HasText = "Given up" })).ToContainTextAsync(Hostile);
        Assert.Empty(await page.FindViolationsAsync("the log of messages"));
        await page.GetByRole(AriaRole.Tab, new() { Name = "Destinations" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete" }).ClickAsync();
        await Expect(page.GetByText("Nobody outside is told yet")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_waits_for_somebody_rings_at_once_and_the_bell_leads_there()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "ringing", name = "Ringing" });
        // Whose inbox has nothing of other tests.
        var listener = await site.AddPersonAsync("Listener", "default", new { role = "viewer" });
        await listener.Api.SendAsync(HttpMethod.Put, "orgs/default/projects/ringing/watch", new { watching = true });
        var ringer = await site.AddPersonAsync("Ringer", "default", new { role = "manager" });
        var page = await site.SignInAsync(listener);
        await page.GotoAsync("/p/default/shop/flags");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inbox", Exact = true })).ToBeVisibleAsync();
        // Somebody else does something in a project that this page is not about.
        await ringer.Api.SendAsync(HttpMethod.Post, "orgs/default/projects/ringing/flags", new { key = "ding", type = "boolean" });
        await page.GetByRole(AriaRole.Button, new() { Name = "Inbox, 1 unread" }).ClickAsync();
        await page.GetByRole(AriaRole.Button).Filter(new() { HasText = "Ringer created the flag ding" }).ClickAsync();
        await page.ArriveAsync("/p/default/ringing/flags/ding");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Inbox", Exact = true })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }
}
