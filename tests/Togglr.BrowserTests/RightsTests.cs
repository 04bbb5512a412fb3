using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Roles, groups and service accounts in the page.</summary>
[Collection(SiteTests.Second)]
public sealed class RightsTests(Site site)
{
    private const string Hostile = "<img src=x onerror=window.ran=1> \"'{{7*7}}${7*7} </script><script>window.ran=1</script> &amp;";

    [Fact]
    public async Task A_role_is_made_from_another_changed_compared_used_and_not_deleted_while_it_is()
    {
        var person = await site.AddPersonAsync("Release Person", "default", new { role = "viewer" });
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/default/roles");
        await page.GetByRole(AriaRole.Button, new() { Name = "New role" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Switcher");
        await page.GetByLabel("Begin with").SelectOptionAsync("viewer");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/roles/switcher");
        await page.GetByLabel("Switch flags on and off, kill and revive them").CheckAsync();
        await page.GetByLabel("Compare with…").SelectOptionAsync("viewer");
        await Expect(page.GetByText("only here")).ToHaveCountAsync(1);
        await page.GetByRole(AriaRole.Button, new() { Name = "Save", Exact = true }).ClickAsync();
        // The number is that of what is chosen; leaving before it is kept would lose it.
        await Expect(page.GetByText("Saved", new() { Exact = true }).First).ToBeVisibleAsync();
        await Expect(page.GetByText("5 of 24 permissions")).ToBeVisibleAsync();

        await page.GotoAsync($"/o/default/members?search={Uri.EscapeDataString(person.Email)}");
        await page.GetByRole(AriaRole.Link, new() { Name = "Release Person" }).ClickAsync();
        var roles = page.GetByRole(AriaRole.Region, new() { Name = "Roles" });
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give a role" }).ClickAsync();
        await roles.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync("switcher");
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give Switcher · everywhere" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Region, new() { Name = "What may they do?" }).GetByRole(AriaRole.Status)).ToContainTextAsync("by the role Switcher (everywhere)");

        await page.GotoAsync("/o/default/roles/switcher");
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete role" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete role" }).ClickAsync();
        await Expect(page.GetByText("The role is in use")).ToBeVisibleAsync();
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_group_gives_its_roles_to_whoever_is_put_into_it()
    {
        var person = await site.AddPersonAsync("Grouped Person", "default", new { role = "viewer" });
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/default/groups");
        await page.GetByRole(AriaRole.Button, new() { Name = "New group" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Shop team");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        await page.WaitForURLAsync("**/groups/shop-team");
        var roles = page.GetByRole(AriaRole.Region, new() { Name = "Roles" });
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give a role" }).ClickAsync();
        await roles.GetByLabel("Role", new() { Exact = true }).SelectOptionAsync("member");
        await roles.GetByLabel("Where").SelectOptionAsync("shop");
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give Member · shop" }).ClickAsync();
        await Expect(roles.GetByRole(AriaRole.Listitem)).ToContainTextAsync("Member · shop");
        await page.GetByRole(AriaRole.Combobox, new() { Name = "Add somebody…" }).FillAsync(person.Email);
        await page.GetByRole(AriaRole.Option, new() { Name = "Grouped Person" }).ClickAsync();
        await page.GetByRole(AriaRole.List, new() { Name = "Members" }).GetByRole(AriaRole.Link, new() { Name = "Grouped Person" }).ClickAsync();
        var effective = page.GetByRole(AriaRole.Region, new() { Name = "What may they do?" });
        await effective.GetByLabel("Where").SelectOptionAsync("shop");
        await Expect(effective.GetByRole(AriaRole.Status)).ToContainTextAsync("through the group");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task A_service_account_acts_with_a_token_that_is_shown_once()
    {
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/default/service-accounts");
        await page.GetByRole(AriaRole.Button, new() { Name = "New service account" }).First.ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByLabel("Name").FillAsync("Pipeline");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        var roles = page.GetByRole(AriaRole.Region, new() { Name = "Roles" });
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give a role" }).ClickAsync();
        await roles.GetByRole(AriaRole.Button, new() { Name = "Give Viewer · everywhere" }).ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "New token" }).ClickAsync();
        await page.GetByLabel("What is it for?").FillAsync("Nightly");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create", Exact = true }).ClickAsync();
        var secret = await page.GetByTestId("secret").InnerTextAsync();
        Assert.StartsWith("tga_", secret, StringComparison.Ordinal);
        await page.GetByRole(AriaRole.Button, new() { Name = "I have copied it" }).ClickAsync();
        await Expect(page.GetByText(secret)).ToHaveCountAsync(0);

        using var program = new HttpClient { BaseAddress = site.Address };
        program.DefaultRequestHeaders.Authorization = new("Bearer", secret);
        await program.SendAsync(HttpMethod.Get, "orgs/default/projects/shop/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "Revoke: Nightly" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Revoke" }).ClickAsync();
        await Expect(page.GetByText("No token yet")).ToBeVisibleAsync();
        using var refused = await program.GetAsync(new Uri("api/v1/me", UriKind.Relative), TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.Unauthorized, refused.StatusCode);
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Hostile_names_are_shown_and_never_run()
    {
        using var api = await site.AdministratorAsync();
        await api.SendAsync(HttpMethod.Post, "orgs/default/groups", new { key = "hostile", name = Hostile, description = Hostile });
        await api.SendAsync(HttpMethod.Post, "orgs/default/roles", new { key = "hostile", name = Hostile, description = Hostile, permissions = new[] { "flag.view" } });
        await api.SendAsync(HttpMethod.Post, "orgs/default/service-accounts", new { key = "hostile", name = Hostile, description = Hostile });
        var person = await site.AddPersonAsync(Hostile, "default", new { role = "hostile" });
        var page = await site.SignInAsync();
        foreach (var (path, count) in new[]
        {
            ($"/o/default/members?search={Uri.EscapeDataString(person.Email)}", 1), ("/o/default/groups", 1), ("/o/default/groups/hostile", 1), ("/o/default/roles", 1), ("/o/default/roles/hostile", 1),
            ("/o/default/service-accounts", 1), ("/o/default/audit?search=hostile", 0),
        })
        {
            await page.GotoAsync(path);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            if (count > 0)
                await Expect(page.GetByText(Hostile).Locator("visible=true").First).ToBeVisibleAsync();
            Assert.Null(await page.EvaluateAsync<int?>("() => window.ran ?? null"));
            Assert.Equal(0, await page.Locator("main img[src=x]").CountAsync());
        }
        await page.Context.CloseAsync();
    }
}
