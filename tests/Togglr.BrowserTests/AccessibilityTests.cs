using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.ControlPlane.Demo;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on any page of a project, in both themes, wide and narrow, and no page is wider than the window.</summary>
[Collection(SiteTests.Name)]
public sealed class AccessibilityTests(Site site)
{
    private const string Shop = "/p/default/shop";

    [Fact]
    public void Every_route_of_the_router_is_checked()
    {
        var routes = Routes.OfTheRouter();
        Assert.True(routes.Count > 30, "The router's routes are not read any more.");
        Dictionary<string, string[]>[] parts = [CheckedPages.Entrance, CheckedPages.Account, CheckedPages.Project, CheckedPages.Organization];
        Assert.Equal(routes.Order(StringComparer.Ordinal), parts.SelectMany(static part => part.Keys).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Every_page_of_a_project_is_accessible()
    {
        const string key = "routes";
        using var api = await site.AdministratorAsync();
        var segments = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/segments");
        var windows = "orgs/default/projects/shop/flags/dark-mode/environments/dev/schedules";
        await api.SendAsync(HttpMethod.Post, windows, new { name = key, kind = "recurring", action = "enable", cron = "30 2 * * 0", timeZone = "Europe/Berlin", durationMinutes = 90 });
        await api.SendAsync(HttpMethod.Post, windows, new { name = key, kind = "once", action = "enable", at = TimeProvider.System.GetUtcNow().AddDays(2) });
        var change = await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/change-requests", new { submit = true, changes = new[] { new { method = "POST", path = "flags", body = new { key, type = "boolean" } } } });
        var real = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["*segment"] = $"{Shop}/segments/{segments.GetProperty("items")[0].GetProperty("key").GetString()}",
            ["*incident"] = await FailAsync(api),
            ["*experiment"] = await ExperimentAsync(api),
            ["*design"] = $"{Shop}/experiments/accessible-draft/design",
            ["*change"] = $"{Shop}/changes/{change.GetProperty("number").GetInt32()}",
        };

        var page = await site.SignInAsync();
        var found = await page.FindViolationsAsync(CheckedPages.Project, real);
        await page.GotoAsync($"{Shop}/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch environment" }).ClickAsync();
        await page.GetByRole(AriaRole.Menu).WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("switch environment"));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }

    /// <summary>An experiment that runs, beside a draft; its page.</summary>
    private static async Task<string> ExperimentAsync(HttpClient api)
    {
        const string root = "orgs/default/projects/shop";
        await api.SendAsync(HttpMethod.Post, $"{root}/metrics", new { key = "accessible", definition = new { kind = "conversion", @event = "bought" } });
        await api.SendAsync(HttpMethod.Post, $"{root}/layers", new { key = "accessible" });
        await api.SendAsync(HttpMethod.Post, $"{root}/holdouts", new { key = "accessible", percentage = 5 });
        foreach (var key in new[] { "accessible", "accessible-draft" })
        {
            await api.SendAsync(HttpMethod.Post, $"{root}/experiments", new
            {
                key, flag = "dark-mode", environment = "dev", layer = new { key = "accessible", percentage = 50 }, holdout = "accessible", plan = new { metrics = new[] { new { metric = "accessible", role = "primary" } } },
            });
        }
        await api.SendAsync(HttpMethod.Post, $"{root}/experiments/accessible/start", new { });
        return $"{Shop}/experiments/accessible";
    }

    /// <summary>An error of a flag, which opens an incident; its page.</summary>
    private async Task<string> FailAsync(HttpClient api)
    {
        // Other tests switch it, and what is off does not fail.
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags/dark-mode/environments/dev/toggle", new { enabled = true });
        await api.SendAsync(HttpMethod.Put, "orgs/default/projects/shop/flags/dark-mode/environments/dev/health/settings", new { maxErrors = 1, action = "announce" });
        await site.ReportErrorAsync(DemoData.ServerKey("dev"), "dark-mode");
        var incidents = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/incidents");
        await Eventually.TrueAsync(async () => (incidents = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/incidents")).GetProperty("items").GetArrayLength() > 0);
        return $"{Shop}/incidents/{incidents.GetProperty("items")[0].GetProperty("number").GetInt32()}";
    }
}
