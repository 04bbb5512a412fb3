using System.Text;
using Togglr.Evaluation;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation;

public sealed class ConfigurationTests
{
    private static readonly ReferenceSet s_references = new()
    {
        Flags = new Dictionary<string, KnownFlag>
        {
            ["f"] = new(["a", "b"], []),
            ["other"] = new(["on", "off"], []),
            ["needs-f"] = new(["on"], ["other", "f"]),
        },
        Segments = new Dictionary<string, IReadOnlyCollection<string>> { ["beta"] = [], ["outer"] = ["beta"], ["uses-s"] = ["outer", "s"] },
        Experiments = new Dictionary<string, IReadOnlyCollection<string>> { ["test"] = ["a", "b"], ["foreign"] = ["x"] },
        Attributes = new Dictionary<string, AttributeType> { ["country"] = AttributeType.Text, ["age"] = AttributeType.Number, ["tags"] = AttributeType.Array, ["beta"] = AttributeType.Boolean },
    };

    [Fact]
    public void A_good_flag_has_no_problems() => Assert.Empty(Check(
        """{"id":"1","name":"x","if":{"and":[{"attribute":"country","operator":"eq","value":"US"},{"segment":"beta"},{"attribute":"age","operator":"gt","value":18}]},"then":{"variant":"b"}}"""));

    [Theory]
    [InlineData("""{"id":"1","if":{"attribute":"country","operator":"eq","value":"US","note":1},"then":{"variant":"b"}}""", "unknown_property", "/rules/0/if/note")]
    [InlineData("""{"id":"1","if":{"attribute":"country","operator":"eq","value":"US","value":"US"},"then":{"variant":"b"}}""", "duplicate_property", "/rules/0/if/value")]
    [InlineData("""{"id":"1","if":{"attribute":"age","operator":"gt","value":5,"ignoreCase":true},"then":{"variant":"b"}}""", "ignore_case_without_effect", "/rules/0/if/ignoreCase")]
    [InlineData("""{"id":"1","if":{"attribute":"country","operator":"matches","value":"(?=x)"},"then":{"variant":"b"}}""", "invalid_pattern", "/rules/0/if/value")]
    [InlineData("""{"id":"1","if":{"attribute":"country","operator":"like","value":"x"},"then":{"variant":"b"}}""", "unknown_operator", "/rules/0/if/operator")]
    [InlineData("""{"id":"1","if":{"segment":"no"},"then":{"variant":"b"}}""", "unknown_segment", "/rules/0/if")]
    [InlineData("""{"id":"1","if":{"segment":"beta"},"then":{"variant":"no"}}""", "unknown_variant", "/rules/0/then/variant")]
    [InlineData("""{"id":"1","if":{"segment":"beta"},"then":{"experiment":"no"}}""", "unknown_experiment", "/rules/0/then")]
    [InlineData("""{"id":"1","if":{"segment":"beta"},"then":{"experiment":"foreign"}}""", "unknown_variant", "/rules/0/then")]
    [InlineData("""{"id":"1","if":{"percentage":0.001},"then":{"variant":"b"}}""", "invalid_percentage", "/rules/0/if/percentage")]
    [InlineData("""{"if":{"segment":"beta"},"then":{"variant":"b"}}""", "missing_property", "/rules/0")]
    [InlineData("""{"id":"1","if":{"segment":"beta"},"then":{"rollout":{"variations":[{"key":"a","weight":0}]}}}""", "zero_weights", "/rules/0/then/rollout/variations")]
    [InlineData("""{"id":"1","if":{"a/b~c":1},"then":{"variant":"b"}}""", "unknown_condition", "/rules/0/if")]
    public void An_error_has_a_code_and_a_place(string rule, string code, string path) =>
        Assert.Contains(Check(rule), problem => problem is { Severity: ProblemSeverity.Error } && problem.Code == code && problem.Path == path);

    [Theory]
    [InlineData("""{"flag":"needs-f","variants":["on"]}""", "cycle")]
    [InlineData("""{"flag":"f","variants":["a"]}""", "cycle")]
    [InlineData("""{"flag":"no","variants":["on"]}""", "unknown_flag")]
    [InlineData("""{"flag":"other","variants":["blue"]}""", "unknown_variant")]
    public void A_prerequisite_is_checked(string prerequisite, string code) =>
        Assert.Contains(Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(Document("", prerequisite)), s_references), problem => problem.Severity == ProblemSeverity.Error && problem.Code == code);

    [Theory]
    [InlineData("unreachable_rule", """{"id":"1","if":{"and":[]},"then":{"variant":"a"}},{"id":"2","if":{"segment":"beta"},"then":{"variant":"b"}}""")]
    [InlineData("shadowed_rule", """{"id":"1","if":{"segment":"beta"},"then":{"variant":"a"}},{"id":"2","if":{"and":[{"segment":"beta"},{"attribute":"age","operator":"gt","value":1}]},"then":{"variant":"b"}}""")]
    [InlineData("shadowed_rule", """{"id":"1","if":{"attribute":"country","operator":"in","value":["US","CA"]},"then":{"variant":"a"}},{"id":"2","if":{"attribute":"country","operator":"eq","value":"US"},"then":{"variant":"b"}}""")]
    [InlineData("shadowed_rule", """{"id":"1","if":{"attribute":"age","operator":"gte","value":18},"then":{"variant":"a"}},{"id":"2","if":{"attribute":"age","operator":"gt","value":20},"then":{"variant":"b"}}""")]
    [InlineData("contradiction", """{"id":"1","if":{"and":[{"attribute":"country","operator":"eq","value":"US"},{"attribute":"country","operator":"eq","value":"CA"}]},"then":{"variant":"b"}}""")]
    [InlineData("contradiction", """{"id":"1","if":{"and":[{"attribute":"age","operator":"gt","value":5},{"and":[{"attribute":"age","operator":"lt","value":5}]}]},"then":{"variant":"b"}}""")]
    [InlineData("contradiction", """{"id":"1","if":{"and":[{"attribute":"country","operator":"exists"},{"attribute":"country","operator":"not_exists"}]},"then":{"variant":"b"}}""")]
    [InlineData("unreachable_rule", """{"id":"1","if":{"or":[]},"then":{"variant":"b"}}""")]
    [InlineData("unknown_attribute", """{"id":"1","if":{"attribute":"planet","operator":"exists"},"then":{"variant":"b"}}""")]
    [InlineData("attribute_type", """{"id":"1","if":{"attribute":"country","operator":"gt","value":5},"then":{"variant":"b"}}""")]
    [InlineData("attribute_type", """{"id":"1","if":{"attribute":"age","operator":"eq","value":"old"},"then":{"variant":"b"}}""")]
    [InlineData("degenerate_weights", """{"id":"1","if":{"segment":"beta"},"then":{"rollout":{"variations":[{"key":"a","weight":0},{"key":"b","weight":5}]}}}""")]
    [InlineData("zero_weight", """{"id":"1","if":{"segment":"beta"},"then":{"rollout":{"variations":[{"key":"a","weight":1},{"key":"b","weight":1000000}]}}}""")]
    [InlineData("unused_variant", """{"id":"1","if":{"segment":"beta"},"then":{"variant":"a"}}""")]
    [InlineData("never_holds", """{"id":"1","if":{"percentage":0},"then":{"variant":"b"}}""")]
    public void A_warning_is_given(string code, string rules)
    {
        var problems = Check(rules);
        Assert.DoesNotContain(problems, problem => problem.Severity == ProblemSeverity.Error);
        Assert.Contains(problems, problem => problem.Code == code);
    }

    [Theory]
    [InlineData("""{"id":"1","if":{"attribute":"country","operator":"eq","value":"5"},"then":{"variant":"a"}},{"id":"2","if":{"attribute":"country","operator":"eq","value":5},"then":{"variant":"b"}}""")]
    [InlineData("""{"id":"1","if":{"and":[{"attribute":"tags","operator":"eq","value":"x"},{"attribute":"tags","operator":"eq","value":"y"}]},"then":{"variant":"b"}}""")]
    [InlineData("""{"id":"1","if":{"segment":"beta"},"then":{"experiment":"test"}},{"id":"2","if":{"segment":"beta"},"then":{"variant":"b"}}""")]
    [InlineData("""{"id":"1","if":{"attribute":"age","operator":"gt","value":18},"then":{"variant":"a"}},{"id":"2","if":{"attribute":"age","operator":"gte","value":18},"then":{"variant":"b"}}""")]
    public void What_may_be_meant_gets_no_warning(string rules) => Assert.Empty(Check(rules));

    [Fact]
    public void A_list_for_a_variant_that_does_not_exist_is_an_error_and_nothing_worse()
    {
        var document = """{"type":"boolean","enabled":true,"variants":{"on":true,"off":false},"targets":[{"variant":"no","keys":["x"]},{"variant":"on","keys":["y"]}],"default":{"variant":"off"}}""";
        var problem = Assert.Single(Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(document), s_references));
        Assert.Equal((ProblemSeverity.Error, "unknown_variant", "/targets/0/variant"), (problem.Severity, problem.Code, problem.Path));
    }

    [Fact]
    public void A_key_in_two_lists_is_reported()
    {
        var json = """{"type":"boolean","enabled":true,"variants":{"on":true,"off":false},"offVariant":"off","targets":[{"variant":"on","keys":["u"]},{"variant":"off","keys":["v","u"]}],"default":{"variant":"on"}}"""u8;
        var problem = Assert.Single(Configuration.CheckFlag("f", json.ToArray(), s_references));
        Assert.Equal(("duplicate_target_key", "/targets/1/keys/1"), (problem.Code, problem.Path));
    }

    [Theory]
    [InlineData("s", """{"if":{"segment":"uses-s"}}""", "cycle")]
    [InlineData("s", """{"if":{"segment":"s"}}""", "cycle")]
    [InlineData("a:b", """{"included":["u"]}""", "invalid_key")]
    [InlineData("s", """{"included":[5]}""", "wrong_type")]
    [InlineData("s", """{"members":[]}""", "unknown_property")]
    [InlineData("s", "[", "malformed_json")]
    public void A_segment_is_checked(string key, string json, string code) =>
        Assert.Contains(Configuration.CheckSegment(key, Encoding.UTF8.GetBytes(json), s_references), problem => problem.Severity == ProblemSeverity.Error && problem.Code == code);

    [Theory]
    [InlineData("""{"traffic":10000,"variations":[{"key":"a","weight":1},{"key":"b","weight":1}]}""", null)]
    [InlineData("""{"traffic":10000,"layer":{"key":"a:b","from":0,"to":1},"variations":[{"key":"a","weight":1},{"key":"b","weight":1}]}""", "invalid_key")]
    [InlineData("""{"traffic":10001,"variations":[{"key":"a","weight":1}]}""", "invalid_traffic")]
    public void An_experiment_is_checked(string json, string? code) =>
        Assert.Equal(code is null ? [] : [code], Configuration.CheckExperiment("x", Encoding.UTF8.GetBytes(json), s_references).Where(problem => problem.Severity == ProblemSeverity.Error).Select(problem => problem.Code));

    [Fact]
    public void Analysis_of_a_huge_flag_ends_soon()
    {
        var clauses = string.Join(',', Enumerable.Range(0, 60).Select(i => $$"""{"or":[{"attribute":"age","operator":"gt","value":{{i}}},{"attribute":"country","operator":"eq","value":"c{{i}}"}]}"""));
        var rules = string.Join(',', Enumerable.Range(0, 150).Select(i => $$$"""{"id":"{{{i}}}","if":{"and":[{{{clauses}}},{"percentage":{{{i % 90}}}.5}]},"then":{"variant":"b"}}"""));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.DoesNotContain(Check(rules), problem => problem.Severity == ProblemSeverity.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), clock.Elapsed.ToString());
    }

    [Theory]
    [InlineData("and")]
    [InlineData("or")]
    public void Analysis_of_a_deep_condition_ends_soon(string kind)
    {
        var levels = 31;
        var condition = string.Concat(Enumerable.Repeat($$"""{"{{kind}}":[""", levels)) + """{"segment":"beta"}""" + string.Concat(Enumerable.Repeat("]}", levels));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.DoesNotContain(Check($$$"""{"id":"1","if":{{{condition}}},"then":{"variant":"b"}}"""), problem => problem.Severity == ProblemSeverity.Error);
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(1), clock.Elapsed.ToString());
    }

    [Fact]
    public void Thousands_of_patterns_are_refused_before_they_are_compiled()
    {
        var rules = string.Join(',', Enumerable.Range(0, 3000).Select(i => $$$"""{"id":"{{{i}}}","if":{"attribute":"country","operator":"matches","value":"(a{90}){100}{{{i}}}"},"then":{"variant":"b"}}"""));
        var clock = System.Diagnostics.Stopwatch.StartNew();
        var problem = Assert.Single(Check(rules), problem => problem.Severity == ProblemSeverity.Error);
        Assert.Equal(("too_many_patterns", "/rules/100/if/value"), (problem.Code, problem.Path));
        Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), clock.Elapsed.ToString());
    }

    private static IReadOnlyList<Problem> Check(string rules) => Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(Document(rules, "")), s_references);

    private static string Document(string rules, string prerequisites) =>
        $$$"""{"key":"f","type":"string","enabled":true,"variants":{"a":"A","b":"B"},"offVariant":"a","prerequisites":[{{{prerequisites}}}],"rules":[{{{rules}}}],"default":{"variant":"a"}}""";
}
