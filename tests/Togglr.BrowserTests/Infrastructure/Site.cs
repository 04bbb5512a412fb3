using Microsoft.Playwright;
using Togglr.ControlPlane.Accounts;
using Togglr.IntegrationTests.Infrastructure;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>The tests of one site run one after another. There are two sites, side by side, because a browser that waits leaves a core idle; which of them a class uses only balances the time.</summary>
[CollectionDefinition(Name)]
public sealed class SiteTests : ICollectionFixture<Site>
{
    public const string Name = "site";

    /// <summary>The other one.</summary>
    public const string Second = "second site";
}

/// <inheritdoc cref="SiteTests"/>
[CollectionDefinition(SiteTests.Second)]
public sealed class SecondSiteTests : ICollectionFixture<Site>;

/// <summary>One server with the demo shop and one Chromium for all tests of a collection; every test opens windows of its own.</summary>
public sealed class Site(PostgresFixture postgres) : IAsyncLifetime
{
    private IPlaywright? _playwright;
    private IBrowser? _browser;
    private TogglrServer? _server;

    /// <summary>Where the admin UI is.</summary>
    public Uri Address => _server!.Address;

    /// <summary>The repository, where the UI's build and packages are.</summary>
    public static string Root { get; } = FindRoot();

    public async ValueTask InitializeAsync()
    {
        var web = Path.Combine(Root, "web", "dist");
        Assert.True(File.Exists(Path.Combine(web, "index.html")), "The admin UI is not built: run 'make web' first.");
        _server = await TogglrServer.StartAsync(postgres, "--web-dir", web);
        _playwright = await Playwright.CreateAsync();
        // As long as the time of actions: a busy machine is slow, not broken.
        Assertions.SetDefaultExpectTimeout(15_000);
        _browser = await _playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = Environment.GetEnvironmentVariable("TOGGLR_TEST_CHROMIUM") ?? "/usr/bin/chromium",
            Args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
        });
    }

    public async ValueTask DisposeAsync()
    {
        if (_browser is not null)
            await _browser.DisposeAsync();
        _playwright?.Dispose();
        if (_server is not null)
            await _server.DisposeAsync();
    }

    /// <summary>A window with cookies and storage of its own, that has not signed in.</summary>
    public async Task<IPage> OpenAsync(int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light, string locale = "en-US")
    {
        var context = await _browser!.NewContextAsync(new BrowserNewContextOptions
        {
            BaseURL = Address.ToString(),
            ViewportSize = new ViewportSize { Width = width, Height = height },
            ColorScheme = scheme,
            ReducedMotion = ReducedMotion.Reduce,
            Locale = locale,
            Permissions = ["clipboard-read", "clipboard-write"],
        });
        context.SetDefaultTimeout(15_000);
        return await context.NewPageAsync();
    }

    /// <summary>A window of the administrator, on the flags of the demo shop.</summary>
    public async Task<IPage> SignInAsync(int width = 1440, int height = 900, ColorScheme scheme = ColorScheme.Light)
    {
        var page = await OpenAsync(width, height, scheme);
        await page.GotoAsync("/login?to=/p/default/shop/flags");
        await page.GetByLabel("E-mail").FillAsync(FirstStart.DemoEmail);
        await page.GetByLabel("Password", new PageGetByLabelOptions { Exact = true }).FillAsync(FirstStart.DemoPassword);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Sign in" }).ClickAsync();
        await page.ArriveAsync("/p/default/shop/flags");
        return page;
    }

    private static string FindRoot()
    {
        var directory = new DirectoryInfo(AppContext.BaseDirectory);
        while (directory is not null && !File.Exists(Path.Combine(directory.FullName, "Togglr.slnx")))
            directory = directory.Parent;
        return directory?.FullName ?? throw new InvalidOperationException("The tests run outside of the repository.");
    }
}
