using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Microsoft.Playwright;
using Togglr.BrowserTests.Infrastructure;
using Togglr.IntegrationTests.Infrastructure;
using static Microsoft.Playwright.Assertions;

namespace Togglr.BrowserTests;

/// <summary>Connecting the company's accounts, and what the organization demands of a sign-in.</summary>
[Collection(SiteTests.Name)]
public sealed class IdentityProviderPageTests(Site site)
{
    [Fact]
    public async Task A_provider_is_connected_tested_live_switched_off_and_deleted()
    {
        await using var provider = await StartProviderAsync();
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/default/sign-in");
        await page.GetByRole(AriaRole.Link, new() { Name = "OpenID Connect" }).ClickAsync();
        await page.GetByLabel("Name", new() { Exact = true }).FillAsync("Company <b>account</b>");
        await page.GetByLabel("Issuer").FillAsync("http://127.0.0.1:9");
        await page.GetByLabel("Client ID").FillAsync("togglr");
        await page.GetByLabel("Client secret").FillAsync("a very secret text");
        await page.GetByRole(AriaRole.Switch, new() { Name = "Show on the login page" }).UncheckAsync(new() { Force = true });
        await page.GetByRole(AriaRole.Button, new() { Name = "Add a mapping" }).ClickAsync();
        await page.GetByLabel("Group or claim value").FillAsync("engineering");
        await page.GetByLabel("Where", new() { Exact = true }).SelectOptionAsync("shop");

        // What was typed is there again after a reload, but for the secret.
        await page.ReloadAsync();
        await Expect(page.GetByLabel("Name", new() { Exact = true })).ToHaveValueAsync("Company <b>account</b>");
        await Expect(page.GetByLabel("Issuer")).ToHaveValueAsync("http://127.0.0.1:9");
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "Show on the login page" })).Not.ToBeCheckedAsync();
        await Expect(page.GetByLabel("Group or claim value")).ToHaveValueAsync("engineering");
        await Expect(page.GetByLabel("Client secret")).ToHaveValueAsync("");
        Assert.DoesNotContain("very secret", await page.EvaluateAsync<string>("JSON.stringify({ ...sessionStorage, ...localStorage })"), StringComparison.Ordinal);
        await page.GetByLabel("Client secret").FillAsync("a very secret text");
        await page.GetByRole(AriaRole.Button, new() { Name = "Create and go on" }).ClickAsync();
        await page.WaitForURLAsync("**/sign-in/company-b-account-b");

        await Expect(page.GetByRole(AriaRole.Textbox, new() { Name = "Redirect URI" })).ToHaveValueAsync(new Uri(site.Address, "api/v1/auth/oidc/callback").ToString());
        await Expect(page.GetByText("Set. It cannot be read.")).ToBeVisibleAsync();
        await Expect(page.GetByText("a very secret text")).ToHaveCountAsync(0);
        await page.GetByRole(AriaRole.Button, new() { Name = "Test now" }).ClickAsync();
        var steps = page.GetByRole(AriaRole.List, new() { Name = "Steps of the test" });
        await Expect(steps.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Discovery document" }).GetByLabel("Failed")).ToBeVisibleAsync();

        await page.GetByLabel("Issuer").FillAsync(provider.Urls.Single());
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.GetByText("Saved", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Test now" }).ClickAsync();
        await Expect(steps.GetByRole(AriaRole.Listitem).Filter(new() { HasText = "Discovery document" }).GetByLabel("Went well")).ToBeVisibleAsync();

        await page.GetByRole(AriaRole.Switch, new() { Name = "Enabled" }).UncheckAsync(new() { Force = true });
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Expect(page.Locator("main").GetByText("Off", new() { Exact = true })).ToBeVisibleAsync();
        await page.GetByRole(AriaRole.Button, new() { Name = "Delete provider" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Delete provider" }).ClickAsync();
        await page.WaitForURLAsync("**/o/default/sign-in");
        await page.Context.CloseAsync();
    }

    [Fact]
    public async Task Requiring_a_second_factor_says_whom_it_concerns_before_it_does()
    {
        // An organization of its own: what is demanded and kept is so for everybody in it.
        using var administrator = await site.AdministratorAsync();
        await administrator.SendAsync(HttpMethod.Post, "orgs", new { key = "strict", name = "Strict" });
        await site.AddPersonAsync("Other", "strict");
        var page = await site.SignInAsync();
        await page.GotoAsync("/o/strict/security");
        await page.GetByRole(AriaRole.Switch, new() { Name = "Require a second factor" }).ClickAsync(new() { Force = true });
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("do not have one");
        await Expect(page.GetByRole(AriaRole.Dialog)).ToContainTextAsync("That includes you");
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Cancel" }).ClickAsync();
        await Expect(page.GetByRole(AriaRole.Switch, new() { Name = "Require a second factor" })).Not.ToBeCheckedAsync();

        await page.GetByLabel("Keep entries for").SelectOptionAsync("365");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await page.GetByRole(AriaRole.Dialog).GetByRole(AriaRole.Button, new() { Name = "Remove older entries" }).ClickAsync();
        await Expect(page.GetByText("Saved", new() { Exact = true })).ToBeVisibleAsync();
        var kept = await administrator.SendAsync(HttpMethod.Get, "orgs/strict/security");
        Assert.Equal((false, 365), (kept.GetProperty("requireTwoFactor").GetBoolean(), kept.GetProperty("auditRetentionDays").GetInt32()));
        await page.GetByLabel("Keep entries for").SelectOptionAsync("");
        await page.GetByRole(AriaRole.Button, new() { Name = "Save" }).ClickAsync();
        await Eventually.TrueAsync(async () => (await administrator.SendAsync(HttpMethod.Get, "orgs/strict/security")).GetProperty("auditRetentionDays").ValueKind is JsonValueKind.Null);
        await Expect(page.GetByRole(AriaRole.Button, new() { Name = "Save" })).ToBeDisabledAsync();
        await page.Context.CloseAsync();
    }

    /// <summary>An issuer that has a discovery document and keys, and nothing else.</summary>
    private static async Task<WebApplication> StartProviderAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        var app = builder.Build();
        app.Urls.Add("http://127.0.0.1:0");
        app.MapGet("/.well-known/openid-configuration", (HttpContext http) =>
        {
            var issuer = $"http://{http.Request.Host}";
            return Results.Json(new Dictionary<string, object>
            {
                ["issuer"] = issuer, ["authorization_endpoint"] = $"{issuer}/auth", ["token_endpoint"] = $"{issuer}/token", ["jwks_uri"] = $"{issuer}/jwks",
                ["response_types_supported"] = new[] { "code" }, ["subject_types_supported"] = new[] { "public" }, ["id_token_signing_alg_values_supported"] = new[] { "RS256" },
                ["code_challenge_methods_supported"] = new[] { "S256" },
            });
        });
        using var key = System.Security.Cryptography.RSA.Create(2048);
        var parameters = key.ExportParameters(false);
        var jwk = new { kty = "RSA", use = "sig", alg = "RS256", kid = "1", n = Base64(parameters.Modulus!), e = Base64(parameters.Exponent!) };
        app.MapGet("/jwks", () => Results.Json(new { keys = new[] { jwk } }));
        await app.StartAsync(TestContext.Current.CancellationToken);
        return app;
    }

    private static string Base64(byte[] bytes) => System.Buffers.Text.Base64Url.EncodeToString(bytes);
}
