using System.Text.RegularExpressions;

namespace Togglr.BrowserTests.Infrastructure;

/// <summary>The addresses that the admin UI has, as its router says.</summary>
internal static partial class Routes
{
    /// <summary>Every route with a page of its own, such as <c>/p/$org/$project/flags/$flag</c>.</summary>
    public static IReadOnlyCollection<string> OfTheRouter()
    {
        var source = File.ReadAllText(Path.Combine(Site.Root, "web", "src", "app", "router.tsx"));
        var routes = Definition().Matches(source).ToDictionary(
            static match => match.Groups["name"].Value,
            static match => (Parent: Parent().Match(match.Value).Groups["parent"].Value, Path: OwnPath().Match(match.Value).Groups["path"].Value),
            StringComparer.Ordinal);
        string Full(string name) => routes.TryGetValue(name, out var route) ? Full(route.Parent) + (route.Path == "/" ? "" : route.Path) : "";
        // A frame around pages has no page of its own.
        var frames = routes.Values.Select(static route => route.Parent).ToHashSet(StringComparer.Ordinal);
        return [.. routes.Keys.Where(name => !frames.Contains(name)).Select(name => Full(name) is { Length: > 0 } path ? path : "/").Distinct(StringComparer.Ordinal)];
    }

    [GeneratedRegex(@"const (?<name>\w+) = createRoute\(\{.*?\n\}\)", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Definition();

    [GeneratedRegex(@"getParentRoute: \(\) => (?<parent>\w+)", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Parent();

    [GeneratedRegex(@"\n  path: '(?<path>[^']+)'", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex OwnPath();
}
