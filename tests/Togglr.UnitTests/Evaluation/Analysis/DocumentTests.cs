using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>docs/analysis.md has every code, and its examples are true.</summary>
public sealed partial class DocumentTests
{
    private static readonly ReferenceSet s_references = new()
    {
        Flags = new Dictionary<string, KnownFlag>
        {
            ["on-for-all"] = Known("""{"key":"on-for-all","type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","default":{"variant":"on"}}"""),
            ["switched-off"] = Known("""{"key":"switched-off","type":"boolean","enabled":false,"variants":{"on":true,"off":false},"offVariant":"off","default":{"variant":"on"}}"""),
        },
        Segments = new Dictionary<string, IReadOnlyCollection<string>> { ["adults"] = [], ["nobody"] = [] },
        SegmentContents = new Dictionary<string, KnownSegment>
        {
            ["adults"] = new("""{"attribute":"age","operator":"gte","value":18}"""u8.ToArray(), false, false),
            ["nobody"] = new(default, false, false),
        },
        Attributes = new Dictionary<string, AttributeType>
        {
            ["country"] = AttributeType.Text, ["age"] = AttributeType.Number, ["beta"] = AttributeType.Boolean, ["tags"] = AttributeType.Array, ["email"] = AttributeType.Text,
        },
        PrivateAttributes = new HashSet<string> { "email" },
    };

    private static string Document => File.ReadAllText(Path.Combine(RepositoryRoot.Path, "docs", "analysis.md"));

    public static TheoryData<string, string, string[]> Examples()
    {
        var data = new TheoryData<string, string, string[]>();
        foreach (Match match in Section().Matches(Document))
        {
            var body = match.Groups["body"].Value;
            if (Json().Match(body) is { Success: true } json)
                data.Add(match.Groups["code"].Value, json.Groups["json"].Value, [.. Fixes().Match(body).Groups["kind"].Captures.Select(capture => capture.Value)]);
        }
        return data;
    }

    [Fact]
    public void Every_code_is_documented_and_every_documented_code_is_given()
    {
        var given = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var folder in new[] { "Snapshots", "Validation" })
        {
            foreach (var file in Directory.GetFiles(Path.Combine(RepositoryRoot.Path, "src", "Togglr.Evaluation", folder), "*.cs"))
            {
                foreach (Match match in Given().Matches(File.ReadAllText(file)))
                    given.UnionWith(match.Groups["code"].Captures.Select(capture => capture.Value));
            }
        }
        var table = Document[Document.IndexOf("\n## Errors", StringComparison.Ordinal)..];
        var documented = Section().Matches(Document).Select(match => match.Groups["code"].Value)
            .Concat(TableCell().Matches(table).SelectMany(cell => Code().Matches(cell.Value)).Select(match => match.Groups["code"].Value));
        Assert.Equal(given, new SortedSet<string>(documented, StringComparer.Ordinal));
        Assert.True(given.Count > 55);
    }

    [Fact]
    public void Every_code_but_the_one_of_giving_up_has_an_example() =>
        Assert.Equal(
            Section().Matches(Document).Select(match => match.Groups["code"].Value).Where(code => code != "analysis_incomplete"),
            Examples().Select(row => row.Data.Item1));

    [Theory]
    [MemberData(nameof(Examples))]
    public void An_example_gets_its_code_and_its_fixes_do_away_with_it(string code, string json, string[] fixes)
    {
        var example = JsonNode.Parse(json)!.AsObject();
        var problem = Check(example).First(problem => problem.Code == code);
        Assert.NotEqual(ProblemSeverity.Error, problem.Severity);
        Assert.Contains(problem.Severity.ToString() + ".", Document[Document.IndexOf($"### `{code}`", StringComparison.Ordinal)..][..200], StringComparison.Ordinal);
        Assert.Equal(fixes, problem.Fixes.Select(fix => fix.Kind));
        foreach (var fix in problem.Fixes)
        {
            var fixedExample = QuickFixes.Apply(example, fix).AsObject();
            var left = Check(fixedExample);
            Assert.DoesNotContain(left, other => other.Severity == ProblemSeverity.Error);
            Assert.DoesNotContain(left, other => other.Code == code);
        }
    }

    [Fact]
    public void Messages_name_the_values_that_they_are_about()
    {
        foreach (var row in Examples())
        {
            foreach (var problem in Check(JsonNode.Parse(row.Data.Item2)!.AsObject()).Where(problem => problem.Code == row.Data.Item1))
            {
                foreach (var name in new[] { "attribute", "flag", "variant", "key", "segment", "suggestion", "second", "first" }.Where(problem.Values.ContainsKey))
                    Assert.Contains(problem.Values[name], problem.Message, StringComparison.Ordinal);
            }
        }
    }

    private static IReadOnlyList<Problem> Check(JsonObject example)
    {
        if (example["segment"] is { } segment)
            return Configuration.CheckSegment("s", Encoding.UTF8.GetBytes(segment.ToJsonString()), s_references, new SegmentFacts(IsUsed: example["unused"] is null));
        var flag = new JsonObject { ["key"] = "f", ["type"] = "string", ["enabled"] = true, ["variants"] = new JsonObject { ["a"] = "A", ["b"] = "B", ["c"] = "C" }, ["offVariant"] = "c" };
        foreach (var (name, value) in example)
            flag[name] = value?.DeepClone();
        return Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(flag.ToJsonString()), s_references);
    }

    private static KnownFlag Known(string json) => new(["on", "off"], []) { Utf8Document = Encoding.UTF8.GetBytes(json) };

    [GeneratedRegex(@"^### `(?<code>[a-z_]+)`\n(?<body>.*?)(?=^##|\z)", RegexOptions.Multiline | RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Section();

    [GeneratedRegex(@"```json\n(?<json>.*?)```", RegexOptions.Singleline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Json();

    [GeneratedRegex(@"^Fixes: (?:`(?<kind>[a-z_]+)`(?:, )?)+", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Fixes();

    [GeneratedRegex(@"^\| `.*? \|", RegexOptions.Multiline, matchTimeoutMilliseconds: 5000)]
    private static partial Regex TableCell();

    [GeneratedRegex("`(?<code>[a-z_]+)`", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Code();

    // The first argument that is a plain text, or two of them to choose from.
    [GeneratedRegex("""\b(?:Error|StrictError|Warning|Info|new Problem)\((?:(?!;\s)[\s\S])*?[,?]\s*"(?<code>[a-z_]+)"(?!u8)(?:\s*:\s*"(?<code>[a-z_]+)")?""", RegexOptions.None, matchTimeoutMilliseconds: 5000)]
    private static partial Regex Given();
}
