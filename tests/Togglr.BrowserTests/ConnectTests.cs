using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Accounts;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>From an empty project to the first evaluation, and what the project then tells of itself.</summary>
[Collection(SiteTests.Second)]
public sealed partial class ConnectTests(Site site)
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
        await page.WaitForURLAsync("**/p/default/connected-shop/connect*");

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

    [Fact]
    public async Task The_overview_names_flags_with_problems_and_shows_evaluations_as_they_come()
    {
        const string project = "problem-shop";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = "shadowed", name = "Shadowed <i>rule</i>", type = "boolean", environments = new { dev = new { enabled = true } } });
        object Rule(string id) => new { id, @if = new { attribute = "plan", @operator = "eq", value = "pro" }, then = new { variant = "on" } };
        using var configure = new HttpRequestMessage(HttpMethod.Put, $"/api/v1/orgs/default/projects/{project}/flags/shadowed/environments/dev")
        {
            Content = JsonContent.Create(new { rules = new[] { Rule("a"), Rule("b") }, @default = new { variant = "off" } }), Headers = { { "If-Match", "*" } },
        };
        using var configured = await api.SendAsync(configure);
        Assert.True(configured.IsSuccessStatusCode, await configured.Content.ReadAsStringAsync());
        var key = (await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/environments/dev/keys", new { name = "k", kind = "server" })).GetProperty("secret").GetString();

        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}?env=dev");
        await Expect(page.GetByRole(AriaRole.Link).Filter(new() { HasText = "Shadowed <i>rule</i>" })).ToContainTextAsync("Warning");
        var live = page.GetByRole(AriaRole.Region, new() { Name = "Live: Development" });
        await Expect(live).ToContainTextAsync("Quiet for 5 minutes");
        using var client = new HttpClient { BaseAddress = site.Address };
        await Eventually.TrueAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate") { Content = JsonContent.Create(new { flag = "shadowed", context = new { targetingKey = "u" } }), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) } };
            using var answer = await client.SendAsync(request);
            return (await answer.Content.ReadAsStringAsync()).Contains("\"variant\"", StringComparison.Ordinal);
        });
        await Expect(live.GetByText("Quiet for 5 minutes")).ToBeHiddenAsync(new() { Timeout = 10_000 });
        await Expect(live.GetByRole(AriaRole.Img)).ToHaveAccessibleNameAsync(LiveText());
        await page.Context.CloseAsync();
    }

    private static async Task<Dictionary<string, string>> TokenAsync(IPage page)
    {
        var answer = await page.APIRequest.PostAsync("/api/v1/auth/login", new() { DataObject = new { email = FirstStart.DemoEmail, password = FirstStart.DemoPassword } });
        return new Dictionary<string, string>(StringComparer.Ordinal) { ["Authorization"] = $"Bearer {(await answer.JsonAsync())!.Value.GetProperty("accessToken").GetString()}" };
    }

    [GeneratedRegex("^[0-9]+ evaluations? in the last 5 minutes", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex LiveText();
}
