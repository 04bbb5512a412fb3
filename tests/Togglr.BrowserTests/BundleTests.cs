using System.IO.Compression;
using System.Text.Json;
using Togglr.BrowserTests.Infrastructure;

namespace Togglr.BrowserTests;

/// <summary>How much JavaScript the first pages load: what is heavy must be loaded by whoever needs it.</summary>
public sealed class BundleTests
{
    private const int LimitKilobytes = 300;
    private static readonly string Dist = Path.Combine(Site.Root, "web", "dist");

    [Fact]
    public void Signing_in_and_seeing_the_flags_loads_less_than_300_KB_of_JavaScript()
    {
        using var manifest = Manifest();
        var files = new HashSet<string>(StringComparer.Ordinal);
        foreach (var entry in new[] { "index.html", "src/features/auth/LoginPage.tsx", "src/app/layout/Shell.tsx", "src/features/flags/list/FlagListPage.tsx" })
            AddWithImports(manifest.RootElement, entry, files);
        var sizes = files.ToDictionary(static file => file, static file => Gzipped(Path.Combine(Dist, file)));

        Assert.True(
            sizes.Values.Sum() < LimitKilobytes * 1024,
            $"{sizes.Values.Sum() / 1024} KB gzipped, the limit is {LimitKilobytes}:\n{string.Join('\n', sizes.OrderByDescending(static pair => pair.Value).Select(static pair => $"{pair.Value,8} {pair.Key}"))}");
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

    private static long Gzipped(string path)
    {
        using var memory = new MemoryStream();
        using (var gzip = new GZipStream(memory, CompressionLevel.Optimal, leaveOpen: true))
            gzip.Write(File.ReadAllBytes(path));
        return memory.Length;
    }
}
