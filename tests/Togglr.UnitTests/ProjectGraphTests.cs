using System.Xml.Linq;

namespace Togglr.UnitTests;

/// <summary>Holds the project graph to docs/architecture.md: Server → roles → {Store, Messaging, Hosting, Statistics} → Evaluation.</summary>
public sealed class ProjectGraphTests
{
    private static readonly Dictionary<string, string[]> Allowed = new(StringComparer.Ordinal)
    {
        ["Togglr.Evaluation"] = [],
        ["Togglr.Statistics"] = [],
        ["Togglr.Simulation"] = ["Togglr.Evaluation", "Togglr.Statistics"],
        ["Togglr.Messaging"] = ["Togglr.Evaluation"],
        ["Togglr.Hosting"] = ["Togglr.Evaluation"],
        ["Togglr.Store"] = ["Togglr.Evaluation"],
        ["Togglr.ControlPlane"] = ["Togglr.Store", "Togglr.Messaging", "Togglr.Hosting", "Togglr.Statistics", "Togglr.Evaluation"],
        ["Togglr.Analytics"] = ["Togglr.Store", "Togglr.Messaging", "Togglr.Hosting", "Togglr.Statistics", "Togglr.Evaluation"],
        ["Togglr.Edge"] = ["Togglr.Messaging", "Togglr.Hosting", "Togglr.Evaluation"],
        ["Togglr.Ingest"] = ["Togglr.Messaging", "Togglr.Hosting", "Togglr.Evaluation"],
        ["Togglr.Server"] = ["Togglr.Simulation", "Togglr.Analytics", "Togglr.ControlPlane", "Togglr.Edge", "Togglr.Ingest", "Togglr.Store", "Togglr.Messaging", "Togglr.Hosting", "Togglr.Evaluation"],
    };

    [Fact]
    public void Dependencies_point_one_way()
    {
        var src = Path.Combine(RepositoryRoot.Path, "src");
        foreach (var file in Directory.EnumerateFiles(src, "*.csproj", SearchOption.AllDirectories))
        {
            var name = Path.GetFileNameWithoutExtension(file);
            Assert.True(Allowed.TryGetValue(name, out var allowed), $"{name} is not in the list of docs/architecture.md");
            var references = XDocument.Load(file).Descendants("ProjectReference")
                .Select(reference => Path.GetFileNameWithoutExtension(reference.Attribute("Include")!.Value.Replace('\\', '/')));
            foreach (var reference in references)
                Assert.True(allowed.Contains(reference, StringComparer.Ordinal), $"{name} must not reference {reference}");
        }
    }
}
