using System.Diagnostics;
using System.Text;
using System.Text.Json.Nodes;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>The analysis ends soon, whatever it is asked about, and says where it gave up.</summary>
public sealed class LimitTests
{
    private static readonly ReferenceSet s_references = new() { Attributes = new Dictionary<string, AttributeType> { ["a"] = AttributeType.Text } };

    [Fact]
    public void What_is_too_much_is_said_to_be_too_much_and_soon()
    {
        // Twenty choices of three, no two of which exclude each other until the last: a search through all combinations would not end.
        var choices = Enumerable.Range(0, 20).Select(i => $$"""{"or":[{"attribute":"a{{i}}","operator":"contains","value":"x"},{"attribute":"b{{i}}","operator":"contains","value":"y"},{"percentage":{{i + 1}},"seed":"s{{i}}"}]}""");
        // Twelve pigeons in eleven holes.
        var pigeons =
            from one in Enumerable.Range(0, 12)
            from other in Enumerable.Range(0, one)
            from hole in Enumerable.Range(0, 11)
            select """{"not":{"and":[""" + Sits(one, hole) + "," + Sits(other, hole) + "]}}";
        var places = Enumerable.Range(0, 12).Select(i => $$"""{"or":[{{string.Join(',', Enumerable.Range(0, 11).Select(hole => Sits(i, hole)))}}]}""");
        var condition = $$"""{"and":[{{string.Join(',', choices.Concat(places).Concat(pigeons))}}]}""";
        var clock = Stopwatch.StartNew();
        var problems = Check($$$"""{"id":"1","if":{{{condition}}},"then":{"variant":"a"}}""");
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
        var problem = Assert.Single(problems, problem => problem.Code == "analysis_incomplete");
        Assert.Equal((ProblemSeverity.Info, ""), (problem.Severity, problem.Path));
        Assert.True(int.Parse(problem.Values["questions"], System.Globalization.CultureInfo.InvariantCulture) > 0);
        Assert.DoesNotContain(problems, problem => problem.Code is "unreachable_rule" or "contradiction");
    }

    [Fact]
    public void Long_lists_of_values_are_compared_soon()
    {
        string List(int from) => $"[{string.Join(',', Enumerable.Range(from, 9000).Select(i => $"\"user-{i}\""))}]";
        var rules = string.Join(',', Enumerable.Range(0, 20).Select(i => $$$"""{"id":"{{{i}}}","if":{"and":[{"attribute":"a","operator":"in","value":{{{List(i * 9000)}}}},{"attribute":"a","operator":"not_in","value":{{{List((i * 9000) + 1)}}}}]},"then":{"variant":"b"}}"""));
        var clock = Stopwatch.StartNew();
        var problems = Check(rules);
        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(10), clock.Elapsed.ToString());
        Assert.DoesNotContain(problems, problem => problem.Code is "contradiction" or "unreachable_rule" or "shadowed_rule");
    }

    [Fact]
    public void The_same_configuration_always_gets_the_same_answer()
    {
        for (var seed = 0; seed < 100; seed++)
        {
            var flag = Encoding.UTF8.GetBytes(new RandomTargeting(seed).Flag("f", null).ToJsonString());
            var references = new ReferenceSet { Segments = new Dictionary<string, IReadOnlyCollection<string>> { ["s1"] = [], ["s2"] = [] } };
            Assert.Equal(Configuration.CheckFlag("f", flag, references).Select(Text), Configuration.CheckFlag("f", flag, references).Select(Text));
        }
    }

    [Fact]
    public void A_name_that_is_nearly_in_the_catalogue_is_offered_and_one_that_is_near_to_two_is_not()
    {
        var references = new ReferenceSet { Attributes = new Dictionary<string, AttributeType> { ["country"] = AttributeType.Text, ["planA"] = AttributeType.Text, ["planB"] = AttributeType.Text } };
        string? Suggestion(string name) => Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(Document($$$"""{"id":"1","if":{"attribute":"{{{name}}}","operator":"exists"},"then":{"variant":"a"}}""")), references)
            .Single(problem => problem.Code == "unknown_attribute").Values.GetValueOrDefault("suggestion");
        Assert.Equal(("country", "country", null, null, null), (Suggestion("Country"), Suggestion("contry"), Suggestion("plan"), Suggestion("region"), Suggestion(new string('c', 101))));
    }

    private static string Sits(int pigeon, int hole) => $$"""{"attribute":"p{{pigeon}}h{{hole}}","operator":"exists"}""";

    private static string Text(Problem problem) => $"{problem.Severity} {problem.Code} {problem.Path} {problem.Message}";

    private static IReadOnlyList<Problem> Check(string rules) => Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(Document(rules)), s_references);

    private static string Document(string rules) =>
        $$$"""{"key":"f","type":"string","enabled":true,"variants":{"a":"A","b":"B"},"offVariant":"a","rules":[{{{rules}}}],"default":{"variant":"b"}}""";
}
