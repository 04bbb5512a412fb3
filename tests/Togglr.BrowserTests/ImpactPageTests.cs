using System.Net.Http.Headers;
using System.Net.Http.Json;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Whom a change affects is seen while it is made, and how far it has come after.</summary>
[Collection(SiteTests.Second)]
public sealed class ImpactPageTests(Site site)
{
    [Fact]
    public async Task An_environment_keeps_a_sample_and_the_editor_counts_whom_a_draft_affects()
    {
        const string project = "impact-shop";
        const string path = $"orgs/default/projects/{project}";
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects", new { key = project });
        await api.SendAsync(HttpMethod.Post, $"{path}/flags", new { key = "counted", type = "boolean", environments = new { dev = new { enabled = true } } });
        var key = (await api.SendAsync(HttpMethod.Post, $"{path}/environments/dev/keys", new { name = "k", kind = "server" })).GetProperty("secret").GetString()!;
        var page = await site.SignInAsync();
        await page.GotoAsync($"/p/default/{project}/flags/counted?env=dev");
        await page.GetByText("JSON", new() { Exact = true }).ClickAsync();
        await page.Locator(".cm-content").ClickAsync();
        await page.Keyboard.PressAsync("ControlOrMeta+A");
        await page.Keyboard.InsertTextAsync(
            """{"prerequisites":[],"targets":[],"rules":[{"id":"r","if":{"attribute":"plan","operator":"eq","value":"pro"},"then":{"variant":"off"}}],"default":{"variant":"on"},"offVariant":null}""");
        var impact = page.GetByRole(AriaRole.Region, new() { Name = "Impact" });
        await Expect(impact).ToContainTextAsync("has to keep a sample of recent contexts");

        page.Dialog += (_, question) => _ = question.AcceptAsync();
        await page.GotoAsync($"/p/default/{project}/environments");
        await page.GetByRole(AriaRole.Button, new() { Name = "Edit Development" }).ClickAsync();
        var dialog = page.GetByRole(AriaRole.Dialog);
        await dialog.GetByRole(AriaRole.Switch, new() { Name = "Impact preview" }).ClickAsync();
        var attributes = dialog.GetByLabel("Attributes that may be kept").First;
        await attributes.FillAsync("plan");
        await attributes.PressAsync("Enter");
        Assert.Empty(await page.FindViolationsAsync("sampling of an environment"));
        await dialog.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(dialog).ToBeHiddenAsync();
        await Eventually.TrueAsync(async () =>
        {
            foreach (var person in Enumerable.Range(0, 8))
                await EvaluateAsync(key, $"person-{person}", person < 3 ? "pro" : "free");
            return (await api.SendAsync(HttpMethod.Get, $"{path}/environments/dev/context-sample")).GetProperty("contexts").GetInt32() == 8;
        }, 30);

        // The draft was kept.
        await page.GotoAsync($"/p/default/{project}/flags/counted?env=dev");
        await Expect(impact).ToContainTextAsync("3 of 8 people get something else");
        await Expect(impact.GetByRole(AriaRole.Listitem, new() { Name = "from on to off: 3 people" })).ToBeVisibleAsync();
        await impact.GetByRole(AriaRole.Button, new() { Name = "Show examples" }).ClickAsync();
        await Expect(impact).ToContainTextAsync("plan pro");
        Assert.Empty(await page.FindViolationsAsync("impact of a draft"));
        await page.GetByRole(AriaRole.Button, new() { Name = "Review and save" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("3 of 8 people get something else");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save to Development" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Dialog)).ToBeHiddenAsync();
        await Expect(page.GetByText("No application is connected; 1 edge has it")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private async Task EvaluateAsync(string key, string person, string plan)
    {
        using var client = new HttpClient { BaseAddress = site.Address };
        using var request = new HttpRequestMessage(HttpMethod.Post, "sdk/v1/evaluate")
        {
            Content = JsonContent.Create(new { flag = "counted", context = new { targetingKey = person, plan } }), Headers = { Authorization = new AuthenticationHeaderValue("Bearer", key) },
        };
        using var answer = await client.SendAsync(request, TestContext.Current.CancellationToken);
    }
}
