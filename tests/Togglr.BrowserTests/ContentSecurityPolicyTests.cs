using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>The policy is strict, and everything works under it.</summary>
[Collection(SiteTests.Name)]
public sealed class ContentSecurityPolicyTests(Site site)
{
    private static readonly string[] Pages =
    [
        "/p/default/shop/flags", "/p/default/shop/flags/dark-mode?env=prod", "/p/default/shop/flags/dark-mode?tab=variants", "/p/default/shop/flags/dark-mode?tab=history",
        "/p/default/shop/flags/dark-mode?tab=code", "/p/default/shop/flags/dark-mode?tab=settings", "/p/default/shop/segments", "/p/default/shop/evaluate", "/p/default/shop/environments",
        "/p/default/shop/audit",
    ];

    [Fact]
    public async Task No_page_breaks_the_policy()
    {
        var page = await site.SignInAsync();
        var complaints = Watch(page);
        foreach (var path in Pages)
        {
            await page.GotoAsync(path);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
        }
        // Dialogs, lists and notifications bring styles of their own.
        await page.GotoAsync("/p/default/shop/flags");
        await page.GetByRole(AriaRole.Button, new() { Name = "New flag" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Under a policy");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create flag" }).ClickAsync();
        await page.WaitForURLAsync("**/flags/under-a-policy*");
        await Assertions.Expect(page.GetByRole(AriaRole.Button, new() { Name = "Add rule" })).ToBeVisibleAsync();
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));

        // The sheets that scripts make are in use: without the nonce the theme's variables would be missing.
        var primary = await page.EvaluateAsync<string>("getComputedStyle(document.documentElement).getPropertyValue('--mantine-primary-color-filled')");
        Assert.NotEqual("", primary.Trim());
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task The_API_documentation_works_under_its_own_policy()
    {
        var page = await site.OpenAsync();
        var complaints = Watch(page);
        await page.GotoAsync("/api/docs/index.html");
        // It draws hundreds of endpoints at once.
        await page.GetByText("/api/v1/auth/login").First.WaitForAsync(new() { Timeout = 60_000 });
        await page.GetByText("/api/v1/auth/login").First.ClickAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Try it out" }).First.WaitForAsync();
        Assert.True(complaints.Count == 0, string.Join('\n', complaints));
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Scripts_that_somebody_puts_into_a_page_do_not_run()
    {
        var page = await site.OpenAsync();
        var complaints = Watch(page);
        await page.GotoAsync("/login");
        await page.GetByRole(AriaRole.Button, new() { Name = "Sign in" }).WaitForAsync();
        await page.EvaluateAsync(
            """
            () => {
              const nonce = document.querySelector('meta[property="csp-nonce"]').nonce
              const script = document.createElement('script')
              script.textContent = 'window.ran = "inline"'
              const withNonce = document.createElement('script')
              withNonce.nonce = nonce
              withNonce.textContent = 'window.ran = "nonce"'
              const other = document.createElement('script')
              other.src = 'data:text/javascript,window.ran="data"'
              const box = document.createElement('div')
              box.innerHTML = '<img src="x:" onerror="window.ran = \'handler\'"><a id="trap" href="javascript:window.ran=\'address\'">x</a>'
              document.body.append(script, withNonce, other, box)
              document.getElementById('trap').click()
            }
            """);
        await Assertions.Expect(page.Locator("#trap")).ToBeAttachedAsync();
        for (var i = 0; i < 100 && complaints.Count < 5; i++)
            await page.WaitForTimeoutAsync(50);
        Assert.Null(await page.EvaluateAsync<string?>("() => window.ran ?? null"));
        Assert.True(complaints.Count >= 5, string.Join('\n', complaints));
        await page.Context.CloseAsync();
    }

    /// <summary>What the browser says about the policy.</summary>
    private static List<string> Watch(IPage page)
    {
        var complaints = new List<string>();
        page.Console += (_, message) =>
        {
            if (message.Text.Contains("Content Security Policy", StringComparison.OrdinalIgnoreCase) || message.Text.Contains("Refused to", StringComparison.Ordinal))
                complaints.Add($"{page.Url}: {message.Text}");
        };
        return complaints;
    }
}
