using System.Text.Json;
using Microsoft.Playwright;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>axe-core, from the packages of the admin UI.</summary>
internal static class Accessibility
{
    private const int Wide = 1440;
    private const int Narrow = 390;
    private const int Height = 900;

    private static readonly Lazy<string> Axe = new(() => File.ReadAllText(Path.Combine(Site.Root, "web", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>The rules that the page breaks and where; empty when there is nothing to find.</summary>
    public static async Task<IEnumerable<string>> FindViolationsAsync(this IPage page, string name, bool onlyColors = false)
    {
        if (!await page.EvaluateAsync<bool>("'axe' in window"))
            await page.EvaluateAsync(Axe.Value);
        var violations = await page.EvaluateAsync<JsonElement>(
            "async runOnly => (await axe.run(document, { resultTypes: ['violations'], ...runOnly })).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' [' + n.failureSummary.split('\\n').slice(1, 3).join(' ') + ']').slice(0, 4).join(' | '))",
            onlyColors ? new { runOnly = new[] { "color-contrast" } } : new object());
        return violations.EnumerateArray().Select(violation => $"{name}: {violation.GetString()}").ToArray();
    }

    /// <summary>What the pages at all these addresses break, in both themes and wide and narrow. Each is loaded once and then shown differently.</summary>
    /// <param name="page">A window that is wide and light.</param>
    /// <param name="routes">Addresses by route.</param>
    /// <param name="real">What addresses with a <c>*</c> stand for.</param>
    public static async Task<List<string>> FindViolationsAsync(this IPage page, Dictionary<string, string[]> routes, Dictionary<string, string> real)
    {
        var found = new List<string>();
        foreach (var listed in routes.Values.SelectMany(static addresses => addresses))
        {
            var address = real.GetValueOrDefault(listed, listed);
            await page.GotoAsync(address);
            await page.WaitForLoadStateAsync(LoadState.NetworkIdle);
            await page.GetByRole(AriaRole.Heading).First.WaitForAsync();
            found.AddRange(await page.FindViolationsInThemesAsync(address));
        }
        return found;
    }

    /// <summary>What the page as it is now breaks, in both themes and wide and narrow. Themes differ in colours only, so the second look at a width is at these.</summary>
    public static async Task<List<string>> FindViolationsInThemesAsync(this IPage page, string name)
    {
        var found = new List<string>();
        foreach (var (width, scheme, again) in new[] { (Wide, ColorScheme.Light, false), (Wide, ColorScheme.Dark, true), (Narrow, ColorScheme.Dark, false), (Narrow, ColorScheme.Light, true) })
        {
            await page.ShowAsync(width, scheme);
            found.AddRange(await page.FindViolationsAsync($"{name} ({scheme}, {width} px)", onlyColors: again));
            if (!again && !await page.EvaluateAsync<bool>("document.documentElement.scrollWidth <= window.innerWidth"))
                found.Add($"{name}: wider than a window of {width} px");
        }
        await page.ShowAsync(Wide, ColorScheme.Light);
        return found;
    }

    private static async Task ShowAsync(this IPage page, int width, ColorScheme scheme)
    {
        if (page.ViewportSize?.Width != width)
            await page.SetViewportSizeAsync(width, Height);
        await page.EmulateMediaAsync(new() { ColorScheme = scheme, ReducedMotion = ReducedMotion.Reduce });
        // Drawn, and with colours that have come to rest.
        await page.EvaluateAsync(
            """
            async () => {
                await new Promise(drawn => requestAnimationFrame(() => requestAnimationFrame(drawn)))
                await Promise.all(document.getAnimations().filter(it => it.effect?.getComputedTiming().iterations !== Infinity).map(it => it.finished.catch(() => null)))
            }
            """);
    }
}
