using System.Text.Json;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>How much JavaScript the first pages load: what is heavy must be loaded by whoever needs it.</summary>
[Collection(SiteTests.Name)]
public sealed class BundleTests(Site site)
{
    private const int LimitKilobytes = 300;
    private static readonly string Dist = Path.Combine(Site.Root, "web", "dist");

    [Theory]
    [InlineData("gzip, deflate, br, zstd")]
    [InlineData("gzip")]
    public async Task Signing_in_and_seeing_the_flags_sends_less_than_300_KB_of_JavaScript(string accepted)
    {
        using var manifest = Manifest();
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in new[] { "index.html", "src/features/auth/LoginPage.tsx", "src/app/layout/Shell.tsx", "src/features/flags/list/FlagListPage.tsx" })
            AddWithImports(manifest.RootElement, entry, files);
        using var client = new HttpClient { BaseAddress = site.Address };
        client.DefaultRequestHeaders.Add("Accept-Encoding", accepted);
        var sizes = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var file in files)
            sizes[file] = (await client.GetByteArrayAsync(new Uri(file, UriKind.Relative), TestContext.Current.CancellationToken)).Length;

        Assert.True(
            sizes.Values.Sum() < LimitKilobytes * 1024,
            $"{sizes.Values.Sum() / 1024} KB sent, the limit is {LimitKilobytes}:\n{string.Join('\n', sizes.OrderByDescending(static pair => pair.Value).Select(static pair => $"{pair.Value,8} {pair.Key}"))}");
    }

    [Fact]
    public void The_palette_and_the_list_of_shortcuts_are_loaded_only_when_they_are_opened()
    {
        using var manifest = Manifest();
        var files = new HashSet<string>(StringComparer.Ordinal);
        AddWithImports(manifest.RootElement, "index.html", files);
        foreach (var lazy in new[] { "src/app/palette/PaletteHost.tsx", "src/app/shortcuts/ShortcutsSheet.tsx" })
            Assert.DoesNotContain(manifest.RootElement.GetProperty(lazy).GetProperty("file").GetString()!, files);
    }

    private static JsonDocument Manifest()
    {
        var path = Path.Combine(Dist, ".vite", "manifest.json");
        Assert.True(File.Exists(path), "The admin UI is not built: run 'make web' first.");
        return JsonDocument.Parse(File.ReadAllText(path));
    }

    private static void AddWithImports(JsonElement manifest, string key, HashSet<string> files)
    {
        var chunk = manifest.GetProperty(key);
        if (!files.Add(chunk.GetProperty("file").GetString()!) || !chunk.TryGetProperty("imports", out var imports))
            return;
        foreach (var import in imports.EnumerateArray())
            AddWithImports(manifest, import.GetString()!, files);
    }
}
