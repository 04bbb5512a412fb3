using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Accounts;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>From an empty project to the first evaluation, and what the project then tells of itself.</summary>
[Collection(SiteTests.Name)]
public sealed class ConnectTests(Site site)
{
    [Fact]
    public async Task The_first_evaluation_turns_the_page_green_and_shows_in_the_overview()
    {
        var page = await site.SignInAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch project" }).ClickAsync();
        await page.GetByRole(AriaRole.Menuitem, new() { Name = "New project" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByLabel("Project name").FillAsync("Connected <b>shop</b>");
        await dialog.GetByLabel("Key", new() { Exact = true }).FillAsync("connected-shop");
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Create a project" }).ClickAsync();
        await page.WaitForURLAsync("**/p/default/connected-shop/**");

        await page.GotoAsync("/p/default/connected-shop?env=dev");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Connected <b>shop</b>" })).ToBeVisibleAsync();
        await Expect(page.GetByText("No application asks for flags yet")).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Link, new() { Name = "Connect an application" }).First.ClickAsync();
        await page.GetByText("curl", new() { Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Create a key for Development" }).ClickAsync();
        await Expect(page.GetByText("It is shown this once")).ToBeVisibleAsync();
        var code = await page.GetByRole(AriaRole.Region, new() { Name = "Ask for a flag" }).InnerTextAsync();
        var key = code.Split("Authorization: ")[1].Split('"')[0];
        Assert.StartsWith("tgs_", key, StringComparison.Ordinal);
        await Expect(page.GetByText("Waiting for the first evaluation in Development…")).ToBeVisibleAsync();

        var flag = await page.APIRequest.PostAsync("/api/v1/orgs/default/projects/connected-shop/flags", new() { Headers = await TokenAsync(page), DataObject = new { key = "hello", type = "boolean" } });
        Assert.True(flag.Ok, await flag.TextAsync());
        using var client = new HttpClient { BaseAddress = site.Address };
        await Eventually.TrueAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate") { Content = JsonContent.Create(new { flag = "hello", context = new { targetingKey = "u" } }), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
            using var answer = await client.SendAsync(request);
            return (await answer.Content.ReadAsStringAsync()).Contains("\"variant\"", StringComparison.Ordinal);
        });
        await Expect(page.GetByText("Development is connected")).ToBeVisibleAsync(new() { Timeout = 10_000 });

        await page.GetByRole(AriaRole.Link, new() { Name = "Overview" }).ClickAsync();
        await Expect(page.GetByText("No application asks for flags yet")).ToBeHiddenAsync();
        await Expect(page.GetByRole(AriaRole.Img, new() { Name = "Evaluations in Development: 1 evaluation" })).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private static async Task<Dictionary<string, string>> TokenAsync(IPage page)
    {
        var answer = await page.APIRequest.PostAsync("/api/v1/auth/login", new() { DataObject = new { email = FirstStart.DemoEmail, password = FirstStart.DemoPassword } });
        return new Dictionary<string, string>(StringComparer.Ordinal) { ["Authorization"] = $"Bearer {(await answer.JsonAsync())!.Value.GetProperty("accessToken").GetString()}" };
    }
}
