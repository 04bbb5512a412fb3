using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on any page, in both themes, wide and narrow, and no page is wider than the window.</summary>
[Collection(SiteTests.Name)]
public sealed class AccessibilityTests(Site site)
{
    private const string Shop = "/p/default/shop";

    /// <summary>An address of every route: those that are open to everybody, and those that ask who is there.</summary>
    private static readonly Dictionary<string, string[]> Open = new(StringComparer.Ordinal)
    {
        ["/login"] = ["/login"],
        ["/signed-in"] = ["/signed-in"],
        ["/forgot-password"] = ["/forgot-password"],
        ["/reset-password/$token"] = ["/reset-password/none"],
        ["/invitations/$token"] = ["/invitations/none"],
    };

    private static readonly Dictionary<string, string[]> Inside = new(StringComparer.Ordinal)
    {
        ["/"] = ["/?org=default"],
        ["/account"] = ["/account"],
        ["/account/password"] = ["/account/password"],
        ["/account/two-factor"] = ["/account/two-factor"],
        ["/account/sessions"] = ["/account/sessions"],
        ["/account/tokens"] = ["/account/tokens"],
        ["/password"] = ["/password"],
        ["/requirement/$org"] = ["/requirement/default"],
        ["/p/$org/$project"] = [Shop],
        ["/p/$org/$project/connect"] = [$"{Shop}/connect"],
        ["/p/$org/$project/flags"] = [$"{Shop}/flags", $"{Shop}/flags?search=nothing-is-called-so"],
        ["/p/$org/$project/flags/$flag"] =
        [
            $"{Shop}/flags/new-checkout", $"{Shop}/flags/new-checkout?tab=variants", $"{Shop}/flags/new-checkout?tab=history", $"{Shop}/flags/new-checkout?tab=code",
            $"{Shop}/flags/new-checkout?tab=settings", $"{Shop}/flags/new-checkout?tab=usage", $"{Shop}/flags/new-checkout?tab=schedules", $"{Shop}/flags/dark-mode?tab=schedules&env=dev", $"{Shop}/flags/there-is-no-such-flag",
        ],
        ["/p/$org/$project/segments"] = [$"{Shop}/segments"],
        ["/p/$org/$project/segments/$segment"] = ["*segment"],
        ["/p/$org/$project/evaluate"] = [$"{Shop}/evaluate"],
        ["/p/$org/$project/environments"] = [$"{Shop}/environments"],
        ["/p/$org/$project/environments/compare"] = [$"{Shop}/environments/compare"],
        ["/p/$org/$project/schedules"] = [$"{Shop}/schedules", $"{Shop}/schedules?range=month&in=dev"],
        ["/p/$org/$project/changes"] = [$"{Shop}/changes", $"{Shop}/changes?which=all"],
        ["/p/$org/$project/changes/policies"] = [$"{Shop}/changes/policies"],
        ["/p/$org/$project/changes/$number"] = ["*change", $"{Shop}/changes/999999"],
        ["/p/$org/$project/audit"] = [$"{Shop}/audit"],
        ["/p/$org/$project/settings"] = [$"{Shop}/settings"],
        ["/p/$org/$project/settings/attributes"] = [$"{Shop}/settings/attributes"],
        ["/p/$org/$project/settings/tags"] = [$"{Shop}/settings/tags"],
        ["/p/$org/$project/settings/categories"] = [$"{Shop}/settings/categories"],
        ["/o/$org"] = ["/o/default"],
        ["/o/$org/members"] = ["/o/default/members"],
        ["/o/$org/members/$id"] = ["*member"],
        ["/o/$org/groups"] = ["/o/default/groups"],
        ["/o/$org/groups/$group"] = ["/o/default/groups/*group"],
        ["/o/$org/roles"] = ["/o/default/roles"],
        ["/o/$org/roles/$role"] = ["/o/default/roles/owner"],
        ["/o/$org/service-accounts"] = ["/o/default/service-accounts"],
        ["/o/$org/service-accounts/$id"] = ["*account"],
        ["/o/$org/sign-in"] = ["/o/default/sign-in"],
        ["/o/$org/sign-in/$provider"] = ["*provider"],
        ["/o/$org/sign-in/create/$kind"] = ["/o/default/sign-in/create/oidc"],
        ["/o/$org/security"] = ["/o/default/security"],
        ["/o/$org/general"] = ["/o/default/general"],
        ["/o/$org/audit"] = ["/o/default/audit"],
    };

    [Fact]
    public void Every_route_of_the_router_is_checked_here()
    {
        var routes = Routes.OfTheRouter();
        Assert.True(routes.Count > 30, "The router's routes are not read any more.");
        Assert.Equal(routes.Order(StringComparer.Ordinal), Open.Keys.Concat(Inside.Keys).Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_is_accessible(ColorScheme scheme, int width)
    {
        var found = new List<string>();
        var entrance = await site.OpenAsync(width, scheme: scheme);
        foreach (var address in Open.Values.SelectMany(static addresses => addresses))
            found.AddRange(await CheckAsync(entrance, address));
        await entrance.Context.CloseAsync();

        var real = await MakeAsync(scheme);
        var page = await site.SignInAsync(width, scheme: scheme);
        foreach (var address in Inside.Values.SelectMany(static addresses => addresses))
            found.AddRange(await CheckAsync(page, real.GetValueOrDefault(address, address)));
        await page.GotoAsync($"{Shop}/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "Switch environment" }).ClickAsync();
        await page.GetByRole(AriaRole.Menu).WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("switch environment"));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }

    /// <summary>The pages that are open all day long, in the combinations that the check of every page leaves out.</summary>
    [Theory]
    [InlineData(ColorScheme.Dark, 1440)]
    [InlineData(ColorScheme.Light, 390)]
    public async Task The_pages_of_a_project_are_accessible_in_the_other_combinations_too(ColorScheme scheme, int width)
    {
        var found = new List<string>();
        var page = await site.SignInAsync(width, scheme: scheme);
        foreach (var address in Inside.Where(static route => route.Key.StartsWith("/p/", StringComparison.Ordinal)).SelectMany(static route => route.Value).Where(static address => address[0] == '/'))
            found.AddRange(await CheckAsync(page, address));
        await page.Context.CloseAsync();
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }

    /// <summary>What some addresses name, which must be there to be looked at.</summary>
    private async Task<Dictionary<string, string>> MakeAsync(ColorScheme scheme)
    {
        var key = $"routes-{(scheme == ColorScheme.Light ? "light" : "dark")}";
        using var api = await site.AdministratorAsync();
        var segments = await api.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/segments");
        var me = await api.SendAsync(HttpMethod.Get, "me");
        await api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key });
        var windows = $"orgs/default/projects/shop/flags/dark-mode/environments/dev/schedules";
        await api.SendAsync(HttpMethod.Post, windows, new { name = key, kind = "recurring", action = "disable", cron = "30 2 * * 0", timeZone = "Europe/Berlin", durationMinutes = 90 });
        await api.SendAsync(HttpMethod.Post, windows, new { name = key, kind = "once", action = "enable", at = TimeProvider.System.GetUtcNow().AddDays(2) });
        var account = await api.SendAsync(HttpMethod.Post, "orgs/default/service-accounts", new { key });
        var change = await api.SendAsync(HttpMethod.Post, "orgs/default/projects/shop/change-requests", new { submit = true, changes = new[] { new { method = "POST", path = "flags", body = new { key, type = "boolean" } } } });
        await api.SendAsync(HttpMethod.Post, "orgs/default/identity-providers", new { key, kind = "oidc", settings = new { issuer = "http://127.0.0.1:9", clientId = "togglr", clientAuthentication = "none" }, enabled = false });
        return new(StringComparer.Ordinal)
        {
            ["*segment"] = $"{Shop}/segments/{segments.GetProperty("items")[0].GetProperty("key").GetString()}",
            ["*member"] = $"/o/default/members/{me.GetProperty("id").GetString()}",
            ["/o/default/groups/*group"] = $"/o/default/groups/{key}",
            ["*change"] = $"{Shop}/changes/{change.GetProperty("number").GetInt32()}",
            ["*account"] = $"/o/default/service-accounts/{account.GetProperty("id").GetString()}",
            ["*provider"] = $"/o/default/sign-in/{key}",
        };
    }

    private static async Task<IEnumerable<string>> CheckAsync(IPage page, string address)
    {
        await page.GotoAsync(address);
        await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        await page.GetByRole(AriaRole.Heading).First.WaitForAsync();
        var found = await page.FindViolationsAsync(address);
        var fits = await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth");
        return fits ? found : found.Append($"{address}: wider than the window");
    }
}
