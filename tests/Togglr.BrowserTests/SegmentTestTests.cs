using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>What helps with writing conditions: somebody to try them on, and what applications really send.</summary>
[Collection(SiteTests.Name)]
public sealed class SegmentTestTests(Site site)
{
    [Fact]
    public async Task A_segment_answers_about_somebody_while_its_condition_is_edited()
    {
        const string project = "segment-test";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "payers", included = new[] { "friend" }, @if = new { attribute = "plan", @operator = "eq", value = "pro" } });
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/segments/payers");
        await page.GetByRole(AriaRole.Button, new() { Name = "Test", Exact = true }).ClickAsync();
        var panel = page.GetByRole(AriaRole.Region, new() { Name = "Who is in it?" });
        await Expect(panel).ToContainTextAsync("is not in the segment");
        await panel.GetByLabel("plan", new() { Exact = true }).FillAsync("pro");
        await Expect(panel).ToContainTextAsync("because the conditions hold");
        var conditions = page.GetByRole(AriaRole.Region, new() { Name = "Who belongs" });
        await Expect(conditions.GetByRole(AriaRole.Img, new() { Name = "holds", Exact = true })).ToBeVisibleAsync();

        await conditions.GetByLabel("Value", new() { Exact = true }).FillAsync("team");
        await Expect(panel).ToContainTextAsync("no condition holds");
        await Expect(panel).ToContainTextAsync("Unsaved changes are included.");
        await Expect(conditions.GetByRole(AriaRole.Img, new() { Name = "does not hold" })).ToBeVisibleAsync();
        await panel.GetByLabel("Targeting key").FillAsync("friend");
        await Expect(panel).ToContainTextAsync("because the list of the included has the key");
        Assert.Empty(await page.FindViolationsAsync("test of a segment"));
        await panel.GetByRole(AriaRole.Button, new() { Name = "Close the test" }).ClickAsync();
        await Expect(panel).ToBeHiddenAsync();

        // What the server finds can be put right with a click, and is saved like any other change.
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/segments", new { key = "twice", @if = new { and = new object[] { new { attribute = "plan", @operator = "eq", value = "pro" }, new { attribute = "plan", @operator = "eq", value = "pro" } } } });
        await page.GotoAsync($"/p/default/{project}/segments/twice");
        await Expect(conditions.GetByLabel("Value", new() { Exact = true })).ToHaveCountAsync(2);
        await page.GetByRole(AriaRole.Button, new() { NameRegex = new Regex("^Remove .plan", RegexOptions.None, TimeSpan.FromSeconds(1)) }).First.ClickAsync();
        await Expect(conditions.GetByLabel("Value", new() { Exact = true })).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await api.SendAsync(HttpMethod.Get, $"orgs/default/projects/{project}/segments/twice")).GetProperty("if").GetRawText().Split("\"plan\"").Length == 2);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task What_applications_send_is_offered_in_rules_and_can_be_described()
    {
        const string project = "observed-shop";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project });
        await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/flags", new { key = "asked", type = "boolean" });
        var key = (await api.SendAsync(HttpMethod.Post, $"orgs/default/projects/{project}/environments/dev/keys", new { name = "k", kind = "server" })).GetProperty("secret").GetString();
        using var client = new HttpClient { BaseAddress = site.Address };
        await Eventually.TrueAsync(async () =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate")
            {
                Content = JsonContent.Create(new { flag = "asked", context = new { targetingKey = "u", city = "<b>Oslo" } }), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
            };
            using var answer = await client.SendAsync(request);
            return (await api.SendAsync(HttpMethod.Get, $"orgs/default/projects/{project}/observed-attributes")).GetProperty("items").GetArrayLength() > 0;
        });

        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags/asked?env=dev");
        await page.GetByRole(AriaRole.Button, new() { Name = "Add rule" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Condition", Exact = true }).ClickAsync();
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Attribute" }).FillAsync("ci");
        await Expect(page.GetByRole(AriaRole.Option, new() { Name = "city" })).ToContainTextAsync("string · seen");

        await page.GotoAsync($"/p/default/{project}/settings/attributes");
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Seen in contexts" })).ToContainTextAsync("<b>Oslo");
        await page.GetByRole(AriaRole.Button, new() { Name = "Describe city" }).ClickAsync();
        var drawer = page.GetByRole(AriaRole.Dialog);
        await Expect(drawer.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("city");
        await drawer.GetByRole(AriaRole.Button, new() { Name = "Create" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Open city" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "Seen in contexts" })).ToBeHiddenAsync();
        await page.Context.CloseAsync();
    }
}
