using System.Text.RegularExpressions;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>People with few rights on every page: nothing is asked for that is refused, and nothing is offered that they may not do.</summary>
[Collection(SiteTests.Second)]
public sealed partial class PermissionWalkTests(Site site)
{
    private const string Shop = "/p/default/shop";

    /// <summary>Every page of the router that asks who is there, as somebody reaches it who knows its address.</summary>
    private static readonly string[] Pages =
    [
        "/?org=default", "/account", "/account/password", "/account/two-factor", "/account/sessions", "/account/tokens", "/account/notifications", "/inbox", Shop, $"{Shop}/connect", $"{Shop}/flags", $"{Shop}/flags/new-checkout?env=dev",
        $"{Shop}/flags/new-checkout?tab=variants", $"{Shop}/flags/new-checkout?tab=history", $"{Shop}/flags/new-checkout?tab=code", $"{Shop}/flags/new-checkout?tab=settings", $"{Shop}/flags/new-checkout?tab=usage",
        $"{Shop}/segments", "*segment", $"{Shop}/evaluate?flag=new-checkout", $"{Shop}/environments", $"{Shop}/environments/compare?from=dev&to=prod", $"{Shop}/audit", "/o/default/members", "*member", "/o/default/groups",
        "/o/default/groups/*group", "/o/default/roles", "/o/default/roles/owner", "/o/default/service-accounts", "*account", "/o/default/sign-in", "*provider", "/o/default/sign-in/create/oidc", "/o/default/security", "/o/default/notifications",
        "/o/default/general", "/o/default/audit",
    ];

    [Fact]
    public async Task A_viewer_is_refused_nothing_and_offered_no_change()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags", new { key = "archived-for-viewers", type = "boolean" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/flags/archived-for-viewers/archive", new { });
        var page = await WalkAsync("viewer", [new { role = "viewer" }], Pages, static (page, path) => OfferedAsync(page, path, Changing()));
        await page.GotoAsync($"{Shop}/flags");
        await Expect(page.GetByRole(AriaRole.Switch).First).ToBeDisabledAsync();
        // What the navigation does not offer is explained to whoever knows the address.
        await page.GotoAsync("/o/default/security");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "You have no right to see this page" })).ToBeVisibleAsync();
        await page.GotoAsync($"{Shop}/flags/archived-for-viewers");
        await Expect(page.GetByText("This flag is archived")).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Restore" })).ToHaveCountAsync(0);
        await Expect(page.GetByRole(AriaRole.Tab, new() { Name = "History" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_member_is_refused_nothing_and_offered_no_administration()
    {
        var page = await WalkAsync("member", [new { role = "member" }], Pages.Where(static path => path.StartsWith("/o/", StringComparison.Ordinal) || path is "*member" or "*account" or "*provider"), static (page, path) => OfferedAsync(page, path, Changing()));
        await page.GotoAsync($"{Shop}/flags");
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "New flag" })).ToBeEnabledAsync();
        await page.GotoAsync($"{Shop}/environments");
        await Expect(page.GetByRole(AriaRole.Heading, new() { Name = "Development" })).ToBeVisibleAsync();
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "New environment" })).ToHaveCountAsync(0);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Somebody_who_may_only_switch_flags_in_one_environment_is_offered_just_that()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key = "walk-switcher", name = "Switcher", permissions = new[] { "project.view", "flag.view", "flag.toggle" } });
        var page = await WalkAsync("switcher", [new { role = "walk-switcher", project = "shop", environment = "dev" }, new { role = "walk-looker", project = "shop" }], Pages.Where(static path => path.StartsWith(Shop, StringComparison.Ordinal)), static (page, path) => OfferedAsync(page, path, Managing()));
        await page.GotoAsync($"{Shop}/flags?search=new-checkout");
        await Expect(page.GetByRole(AriaRole.Switch, new() { NameRegex = InDevelopment() }).First).ToBeEnabledAsync();
        await Expect(page.GetByRole(AriaRole.Switch, new() { NameRegex = InProduction() }).First).ToBeDisabledAsync();
        await page.GotoAsync($"{Shop}/flags/new-checkout?env=dev");
        await Expect(page.GetByText("you do not have the right to change flags in Development")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    private async Task<IPage> WalkAsync(string name, object[] grants, IEnumerable<string> pages, Func<IPage, string, Task<IEnumerable<string>>> look)
    {
        var real = await MakeAsync(name);
        var person = await site.AddPersonAsync($"Walking {name}", "default", grants);
        var page = await site.SignInAsync(person);
        var refused = new List<string>();
        var watch = PageWatch.Over(page, site);
        page.Response += (_, response) =>
        {
            if (response.Status is 401 or 403)
            {
                lock (refused)
                    refused.Add($"{new Uri(page.Url).PathAndQuery}: {response.Request.Method} {new Uri(response.Url).PathAndQuery} gave {response.Status}");
            }
        };
        var offered = new List<string>();
        foreach (var path in pages.Select(path => real.GetValueOrDefault(path, path)))
        {
            await page.GotoAsync(path);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await page.GetByRole(AriaRole.Heading).First.WaitForAsync();
            offered.AddRange(await look(page, path));
        }
        // The palette knows the same rights.
        await page.GotoAsync($"{Shop}/flags?search=new-checkout");
        await page.GetByRole(AriaRole.Link, new() { Name = "New checkout" }).First.WaitForAsync();
        await page.Keyboard.PressAsync("Control+k");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Search and commands" }).FillAsync("new");
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        Assert.True(refused.Count + offered.Count + watch.Complaints.Count == 0, string.Join('\n', refused.Concat(offered).Concat(watch.Complaints).Distinct(StringComparer.Ordinal)));
        return page;
    }

    /// <summary>The enabled buttons that a pattern names.</summary>
    private static async Task<IEnumerable<string>> OfferedAsync(IPage page, string path, Regex pattern) =>
        path.StartsWith("/account", StringComparison.Ordinal)
            ? []
            : (await page.GetByRole(AriaRole.Main).GetByRole(AriaRole.Button, new() { NameRegex = pattern, Disabled = false }).AllInnerTextsAsync()).Select(text => $"{path} offers “{text}”");

    private async Task<Dictionary<string, string>> MakeAsync(string name)
    {
        var key = $"walk-{name}";
        using var api = await site.AdministratorAsync();
        var segments = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/segments");
        var me = await api.SendAsync(HttpMethod.Get, "me");
        await api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key });
        if (name == "switcher")
            await api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key = "walk-looker", name = "Looker", permissions = new[] { "project.view", "flag.view" } });
        var account = await api.SendAsync(HttpMethod.Post, "orgs/default/service-accounts", new { key });
        await api.SendAsync(HttpMethod.Post, "orgs/default/identity-providers", new { key, kind = "oidc", settings = new { issuer = "http://127.0.0.1:9", clientId = "togglr", clientAuthentication = "none" }, enabled = false });
        return new(StringComparer.Ordinal)
        {
            ["*segment"] = $"{Shop}/segments/{segments.GetProperty("items")[0].GetProperty("key").GetString()}",
            ["*member"] = $"/o/default/members/{me.GetProperty("id").GetString()}",
            ["/o/default/groups/*group"] = $"/o/default/groups/{key}",
            ["*account"] = $"/o/default/service-accounts/{account.GetProperty("id").GetString()}",
            ["*provider"] = $"/o/default/sign-in/{key}",
        };
    }

    /// <summary>What changes something for others.</summary>
    [GeneratedRegex("^(?:New (?:flag|segment|environment|key|group|role|service account|token|project)|Save|Delete|Kill|Revive|Archive|Restore|Add (?:rule|prerequisite|somebody|a mapping)|Take |Target individuals|Change the list|Promote|Preview the promotion|Give a role|Invite|Rotate|Revoke|Duplicate|Turn (?:on|off)|Issue|Synchronize|Test now|Create)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Changing();

    /// <summary>The same without switching.</summary>
    [GeneratedRegex("^(?:New (?:flag|segment|environment|key|group|role|service account|token|project)|Save|Delete|Archive|Add (?:rule|prerequisite|somebody|a mapping)|Take |Target individuals|Change the list|Promote|Preview the promotion|Give a role|Invite|Rotate|Revoke|Duplicate|Issue|Synchronize|Test now|Create)", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex Managing();

    [GeneratedRegex("in Development$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InDevelopment();

    [GeneratedRegex("in Production$", RegexOptions.None, matchTimeoutMilliseconds: 1000)]
    private static partial Regex InProduction();
}
