using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on any page of the administration, in both themes, wide and narrow.</summary>
[Collection(SiteTests.Second)]
public sealed class OrganizationAccessibilityTests(Site site)
{
    [Fact]
    public async Task Every_page_of_the_administration_is_accessible()
    {
        const string key = "axe";
        using var api = await site.AdministratorAsync();
        var person = await site.AddPersonAsync("Accessible Person", "default", new { role = "member", project = "shop", environment = "dev" });
        var id = (await person.Api.SendAsync(HttpMethod.Get, "me")).GetProperty("id").GetString();
        await api.InviteAsync(People.NewEmail(), "default", new { role = "viewer" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key });
        await api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key, permissions = new[] { "flag.toggle" } });
        var account = await api.SendAsync(HttpMethod.Post, "orgs/default/service-accounts", new { key });
        await api.SendAsync(HttpMethod.Post, "orgs/default/identity-providers", new { key, kind = "oidc", settings = new { issuer = "http://127.0.0.1:9", clientId = "togglr" }, secrets = new { clientSecret = "a very secret text" }, enabled = false });
        var real = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["*member"] = $"/o/default/members/{id}",
            ["/o/default/groups/*group"] = $"/o/default/groups/{key}",
            ["/o/default/roles/*role"] = $"/o/default/roles/{key}",
            ["*account"] = $"/o/default/service-accounts/{account.GetProperty("id").GetString()}",
            ["*provider"] = $"/o/default/sign-in/{key}",
        };

        var page = await site.SignInAsync();
        var found = await page.FindViolationsAsync(CheckedPages.Organization, real);
        await page.GotoAsync("/o/default/audit");
        await page.Locator("main").GetByRole(AriaRole.Listitem).First.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("Differences").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("audit entry"));
        await page.GotoAsync("/o/default/members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.GetByLabel("E-mail addresses").WaitForAsync();
        found.AddRange(await page.FindViolationsInThemesAsync("invite"));
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/identity-providers/{key}");
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }
}
