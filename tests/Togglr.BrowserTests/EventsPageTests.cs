using System.Net;
using System.Text;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>What applications report, from nothing to the first event and the first evaluation, as somebody would watch it come in.</summary>
[Collection(SiteTests.Second)]
public sealed class EventsPageTests(Site site)
{
    [Fact]
    public async Task The_first_event_and_the_first_evaluation_appear_by_themselves()
    {
        const string root = "orgs/default/projects/watched";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = "watched", name = "Watched" });
        await api.SendAsync(HttpMethod.Post, $"{root}/flags", new { key = "lamp", type = "boolean", environments = new { dev = new { enabled = true } } });
        var secret = (await api.SendAsync(HttpMethod.Post, $"{root}/environments/dev/keys", new { name = "app", kind = "server" })).GetProperty("secret").GetString();
        using var app = new HttpClient { BaseAddress = site.Address };
        app.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", secret);

        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/watched/events?env=dev");
        var main = page.GetByRole(AriaRole.Main);
        await Expect(main).ToContainTextAsync("Waiting for the first event");
        using var events = new StringContent($$"""{"events":[{"type":"metric","id":"first","at":"{{TimeProvider.System.GetUtcNow():O}}","event":"sold","unit":"user-1","value":12.5}]}""", Encoding.UTF8, "application/json");
        using var reported = await app.PostAsync("/sdk/v1/events", events);
        Assert.Equal(HttpStatusCode.Accepted, reported.StatusCode);
        await main.GetByRole(AriaRole.Button, new() { Name = "sold" }).First.ClickAsync();
        await Expect(main).ToContainTextAsync("12.5");

        using var context = new StringContent("""{"user.id":"user-1"}""", Encoding.UTF8, "application/json");
        using var evaluated = await app.PostAsync("/sdk/v1/features/lamp/evaluate", context);
        Assert.Equal(HttpStatusCode.OK, evaluated.StatusCode);
        await page.GotoAsync("/p/default/watched/analytics?env=dev");
        await Expect(main.GetByRole(AriaRole.Link, new() { Name = "lamp" }).First).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }
}
