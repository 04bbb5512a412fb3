using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>axe finds nothing on any page of the administration, in both themes, wide and narrow.</summary>
[Collection(SiteTests.Name)]
public sealed class OrganizationAccessibilityTests(Site site)
{
    [Theory]
    [InlineData(ColorScheme.Light, 1440)]
    [InlineData(ColorScheme.Dark, 390)]
    public async Task Every_page_of_the_administration_is_accessible(ColorScheme scheme, int width)
    {
        var suffix = scheme == ColorScheme.Light ? "light" : "dark";
        using var api = await site.AdministratorAsync();
        var person = await site.AddPersonAsync("Accessible Person", "default", new { role = "member", project = "shop", environment = "dev" });
        var id = (await person.Api.SendAsync(HttpMethod.Get, "me")).GetProperty("id").GetString();
        await api.InviteAsync(People.NewEmail(), "default", new { role = "viewer" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key = $"axe-{suffix}" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key = $"axe-{suffix}", permissions = new[] { "flag.toggle" } });
        var account = await api.SendAsync(HttpMethod.Post, "orgs/default/service-accounts", new { key = $"axe-{suffix}" });
        await api.SendAsync(HttpMethod.Post, "orgs/default/identity-providers", new { key = $"axe-{suffix}", kind = "oidc", settings = new { issuer = "http://127.0.0.1:9", clientId = "togglr" }, secrets = new { clientSecret = "a very secret text" }, enabled = false });

        var found = new List<string>();
        var page = await site.SignInAsync(width, scheme: scheme);
        foreach (var path in new[]
        {
            "members", "members?tab=invitations", $"members/{id}", "groups", $"groups/axe-{suffix}", "roles", $"roles/axe-{suffix}", "roles/owner", "service-accounts",
            $"service-accounts/{account.GetProperty("id").GetString()}", "sign-in", $"sign-in/axe-{suffix}", "sign-in/create/oidc", "sign-in/create/saml", "sign-in/create/ldap", "sign-in/create/scim",
            "security", "general", "audit",
        })
        {
            await page.GotoAsync($"/o/default/{path}");
            await page.GetByRole(AriaRole.Heading, new() { Level = 1 }).WaitForAsync();
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            found.AddRange(await page.FindViolationsAsync(path));
            Assert.True(await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"), $"{path} is wider than the window.");
        }

        await page.Locator("main").GetByRole(AriaRole.Listitem).First.GetByRole(AriaRole.Button).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByText("Differences").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("audit entry"));
        await page.GotoAsync("/o/default/members");
        await page.GetByRole(AriaRole.Button, new() { Name = "Invite", Exact = true }).ClickAsync();
        await page.GetByLabel("E-mail addresses").WaitForAsync();
        found.AddRange(await page.FindViolationsAsync("invite"));
        await page.Context.CloseAsync();
        await api.SendAsync(HttpMethod.Delete, $"orgs/default/identity-providers/axe-{suffix}");
        Assert.True(found.Count == 0, string.Join('\n', found.Distinct(StringComparer.Ordinal)));
    }
}
