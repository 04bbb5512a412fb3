using System.Text.Json;
using Togglr.Conformance;

namespace Togglr.UnitTests.Evaluation;

public sealed class VectorTests
{
    public static string Directory => Path.Combine(RepositoryRoot.Path, "spec", "vectors");

    [Fact]
    public void Every_vector_of_the_specification_passes()
    {
        var verdicts = Runners.All.Where(runner => runner is CoreRunner).SelectMany(runner => VectorFiles.Run(Directory, runner)).ToList();
        Assert.True(verdicts.Count > 2600);
        Assert.DoesNotContain(verdicts, verdict => verdict.Problem is not null);
    }

    [Fact]
    public void Every_vector_file_is_indexed()
    {
        using var index = JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Directory, "index.json")));
        var indexed = index.RootElement.GetProperty("files").EnumerateArray().Select(file => file.GetProperty("file").GetString()!).Append("index.json");
        Assert.Equal(System.IO.Directory.GetFiles(Directory, "*.json").Select(Path.GetFileName).Order(StringComparer.Ordinal), indexed.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void A_wrong_expectation_is_reported()
    {
        var directory = System.IO.Directory.CreateTempSubdirectory().FullName;
        try
        {
            File.WriteAllText(Path.Combine(directory, "index.json"), """{"count":3,"files":[{"file":"b.json","kind":"buckets","count":2}]}""");
            File.WriteAllText(Path.Combine(directory, "b.json"), """{"vectors":[{"id":"x","salt":"salt","seed":"checkout","unit":"user-1","bucket":4195}]}""");
            var problems = VectorFiles.Run(directory, new CoreRunner()).Where(verdict => verdict.Problem is not null).Select(verdict => verdict.Id);
            Assert.Equal(["x", "b.json", "index.json"], problems);
        }
        finally
        {
            System.IO.Directory.Delete(directory, recursive: true);
        }
    }

    /// <summary>The snapshots of all vector files, with their contexts.</summary>
    public static IEnumerable<(string File, byte[] Snapshot, List<(string Flag, byte[] Context, long Now)> Cases)> Cases()
    {
        foreach (var file in System.IO.Directory.GetFiles(Directory, "*.json").Order(StringComparer.Ordinal))
        {
            using var document = JsonDocument.Parse(File.ReadAllBytes(file), new JsonDocumentOptions { MaxDepth = 200 });
            if (!document.RootElement.TryGetProperty("cases", out var cases))
                continue;
            yield return (
                Path.GetFileName(file),
                System.Text.Encoding.UTF8.GetBytes(document.RootElement.GetProperty("snapshot").GetRawText()),
                [.. cases.EnumerateArray().Select(test => (
                    test.GetProperty("flag").GetString()!,
                    System.Text.Encoding.UTF8.GetBytes(test.GetProperty("context").GetRawText()),
                    test.GetProperty("now").GetDateTimeOffset().ToUnixTimeMilliseconds()))]);
        }
    }
}
