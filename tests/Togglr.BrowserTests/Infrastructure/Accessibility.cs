using System.Text.Json;
using Microsoft.Playwright;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>axe-core, from the packages of the admin UI.</summary>
internal static class Accessibility
{
    private static readonly Lazy<string> Axe = new(() => File.ReadAllText(Path.Combine(Site.Root, "web", "node_modules", "axe-core", "axe.min.js")));

    /// <summary>The rules that the page breaks and where; empty when there is nothing to find.</summary>
    public static async Task<IEnumerable<string>> FindViolationsAsync(this IPage page, string name)
    {
        await page.EvaluateAsync(Axe.Value);
        var violations = await page.EvaluateAsync<JsonElement>(
            "async () => (await axe.run(document, { resultTypes: ['violations'] })).violations.map(v => v.id + ': ' + v.nodes.map(n => n.target.join(' ') + ' [' + n.failureSummary.split('\\n').slice(1, 3).join(' ') + ']').slice(0, 4).join(' | '))");
        return violations.EnumerateArray().Select(violation => $"{name}: {violation.GetString()}").ToArray();
    }
}
