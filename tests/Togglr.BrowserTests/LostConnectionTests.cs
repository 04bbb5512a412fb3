using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Accounts;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>A server that goes away under an open page and comes back: nothing typed is lost, and what happened meanwhile is there.</summary>
[Collection(SiteTests.Name)]
public sealed class LostConnectionTests(Site site, PostgresFixture postgres)
{
    private const string Shop = "orgs/default/projects/shop";

    [Fact]
    public async Task Whoever_watches_the_list_is_told_and_sees_afterwards_what_others_did_meanwhile()
    {
        await using var wire = new Wire(site.Address);
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "lost-watched", type = "boolean" });
        var page = await OpenAsync(wire, "/p/default/shop/flags?search=lost-&env=dev");
        await Expect(page.GetByText("Live", new() { Exact = true })).ToBeVisibleAsync();
        var state = page.GetByRole(AriaRole.Switch, new() { Name = "lost-watched in Development" });
        await Expect(state).Not.ToBeCheckedAsync();
        wire.Cut();
        await Expect(page.GetByText("The connection to the server is lost.")).ToBeVisibleAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags/lost-watched/environments/dev/toggle", new { enabled = true });
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "lost-new", type = "boolean" });
        await Expect(state).Not.ToBeCheckedAsync();

        // What is tried meanwhile is refused in words, and the switch says what is true.
        await page.GetByRole(AriaRole.Switch, new() { Name = "lost-watched in Staging" }).ClickAsync(new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The server cannot be reached" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "lost-watched in Staging" })).Not.ToBeCheckedAsync();

        wire.Mend();
        // The page tries by itself, too, and may be there first: then there is nothing to press.
        await page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).EvaluateAllAsync<object?>("buttons => buttons.forEach(button => button.click())");
        await Expect(page.GetByText("Connected again: everything here is current.")).ToBeVisibleAsync();
        await Expect(state).ToBeCheckedAsync();
        await Expect(page.GetByRole(AriaRole.Link, new() { Name = "lost-new" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Rules_that_are_being_edited_outlast_the_loss_and_are_merged_with_what_was_saved_meanwhile()
    {
        await using var wire = new Wire(site.Address);
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "lost-edited", type = "boolean" });
        var page = await OpenAsync(wire, "/p/default/shop/flags/lost-edited?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByLabel("Name (optional)").FillAsync("Mine");
        await page.GetByRole(AriaRole.Button, new() { Name = "Done" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Reason (optional)").FillAsync("Typed before");
        wire.Cut();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The server cannot be reached" }).First).ToBeVisibleAsync();
        await Expect(dialog.GetByLabel("Reason (optional)")).ToHaveValueAsync("Typed before");

        using (var request = new HttpRequestMessage(HttpMethod.Put, $"api/v1/{Shop}/flags/lost-edited/environments/dev"))
        {
            request.Content = new StringContent("""{"rules":[{"id":"theirs","name":"Theirs","if":{"attribute":"plan","operator":"eq","value":"pro"},"then":{"variant":"on"}}],"default":{"variant":"off"}}""", null, "application/json");
            request.Headers.TryAddWithoutValidation("If-Match", "*");
            using var answer = await api.SendAsync(request, TestContext.Current.CancellationToken);
            Assert.True(answer.IsSuccessStatusCode);
        }
        wire.Mend();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Close", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Somebody else saved first" }).ClickAsync(new() { Timeout = 30_000 });
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Put my changes on top" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save to" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Review and save" })).ToBeHiddenAsync();
        var saved = (await api.SendAsync(HttpMethod.Get, $"{Shop}/flags/lost-edited/environments/dev")).GetRawText();
        Assert.Contains("Mine", saved, StringComparison.Ordinal);
        Assert.Contains("Theirs", saved, StringComparison.Ordinal);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_is_changed_while_the_machine_is_offline_is_refused_and_not_done_later()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, $"{Shop}/flags", new { key = "offline-switched", type = "boolean" });
        var page = await site.SignInAsync();
        await page.GotoAsync("/p/default/shop/flags?search=offline-&env=dev");
        var state = page.GetByRole(AriaRole.Switch, new() { Name = "offline-switched in Development" });
        await Expect(state).ToBeVisibleAsync();
        await page.Context.SetOfflineAsync(true);
        await Expect(page.GetByText("You are offline.")).ToBeVisibleAsync();
        await state.ClickAsync(new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Alert).Filter(new() { HasText = "The server cannot be reached" })).ToBeVisibleAsync();
        await Expect(state).Not.ToBeCheckedAsync();
        await page.Context.SetOfflineAsync(false);
        await Expect(page.GetByText("You are offline.")).ToBeHiddenAsync();
        await state.ClickAsync(new() { Force = true });
        await Expect(state).ToBeCheckedAsync();
        // What was refused has left no trace: one entry for the making, one for the switching.
        await Eventually.TrueAsync(async () => await EntriesAsync() == 2);
        await page.Context.CloseAsync();

        async Task<int> EntriesAsync() => (await api.SendAsync(HttpMethod.Get, "orgs/default/audit?entityKey=offline-switched")).GetProperty("items").GetArrayLength();
    }

    [Fact]
    public async Task A_restarted_server_asks_nobody_to_sign_in_again_not_even_behind_a_proxy_that_answers_in_its_place()
    {
        var owner = await postgres.CreateDatabaseAsync();
        var directory = Directory.CreateTempSubdirectory("togglr-restarted-").FullName;
        string[] options = ["--database-url", PostgresFixture.AsWorkRole(owner), "--migration-database-url", owner, "--demo", "true", "--data-dir", directory, "--web-dir", Path.Combine(Site.Root, "web", "dist")];
        var server = await StartAsync(options);
        await using var wire = new Wire(server.Address);
        var page = await OpenAsync(wire, "/p/default/shop/segments");
        await page.GetByRole(AriaRole.Button, new() { Name = "New segment" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name", new() { Exact = true }).FillAsync("Typed before");

        // Killed; then a proxy that says so in its own words; then another process.
        await page.RouteAsync("**/api/v1/**", route => route.FulfillAsync(new() { Status = 502, ContentType = "text/html", Body = "<h1>Bad Gateway</h1>" }));
        wire.Cut();
        await server.DisposeAsync();
        await Expect(page.GetByText("The connection to the server is lost.")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try now" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Alert).First).ToBeVisibleAsync();
        await Expect(page.GetByText("Your session has ended")).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Dialog).GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Typed before");

        await page.UnrouteAllAsync();
        server = await StartAsync(options);
        wire.Mend(server.Address);
        await Expect(page.GetByText("Connected again: everything here is current.")).ToBeVisibleAsync(new() { Timeout = 30_000 });
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/segments/typed-before*");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Level = 1 })).ToHaveTextAsync("Typed before");
        await Expect(page.GetByText("Your session has ended")).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
        await server.DisposeAsync();
        Directory.Delete(directory, recursive: true);
    }

    private static async Task<TogglrServer> StartAsync(string[] options)
    {
        var server = await TogglrServer.StartAsync(options);
        await Eventually.TrueAsync(async () => (await server.Anonymous.GetAsync("ready")).IsSuccessStatusCode);
        return server;
    }

    private async Task<IPage> OpenAsync(Wire wire, string path)
    {
        var page = await site.OpenAsync();
        await page.GotoAsync(new Uri(wire.Address, $"login?to={Uri.EscapeDataString(path)}").ToString());
        await page.EnterAsync(FirstStart.DemoEmail, FirstStart.DemoPassword);
        await page.ArriveAsync(path.Split('?')[0]);
        return page;
    }
}
