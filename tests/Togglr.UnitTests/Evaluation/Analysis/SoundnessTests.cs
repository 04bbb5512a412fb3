using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Togglr.Evaluation;
using Togglr.Evaluation.Validation;

namespace Togglr.UnitTests.Evaluation.Analysis;

/// <summary>What the analysis claims of flags is true of every context that is tried. The evaluator is the judge.</summary>
public sealed class SoundnessTests
{
    private const int Flags = 4000;
    private const int ContextsForEach = 40;

    [Fact]
    public void What_is_reported_of_random_flags_holds_for_random_contexts()
    {
        var judged = new Dictionary<string, int>(StringComparer.Ordinal);
        for (var seed = 0; seed < Flags; seed++)
            Judge(seed, judged);
        foreach (var code in new[]
        {
            "contradiction", "contradiction_unless_list", "never_holds", "always_holds", "redundant_condition", "unreachable_rule", "shadowed_rule", "default_unreachable", "reached_without_unit_only",
            "prerequisite_never_met", "prerequisite_always_met",
        })
        {
            // A check that never happens finds nothing.
            Assert.True(judged.GetValueOrDefault(code) > 1000, $"{code}: {judged.GetValueOrDefault(code)} samples");
        }
        Assert.True(judged.Values.Sum() > 100_000);
    }

    [Fact]
    public void What_is_reported_of_the_vectors_holds_for_their_contexts()
    {
        var (flags, judged) = (0, 0);
        foreach (var (file, document, cases) in VectorTests.Cases())
        {
            var snapshot = Snapshot.Load(document);
            var references = ReferenceSet.Of(snapshot);
            var samples = cases.Select(test => new Sample(Encoding.UTF8.GetString(test.Context), test.Now)).DistinctBy(sample => (sample.Json, sample.Now)).ToList();
            foreach (var flag in snapshot.Flags.Where(flag => !flag.Malformed))
            {
                flags++;
                var json = JsonNode.Parse(flag.Utf8Json.Span, documentOptions: new JsonDocumentOptions { MaxDepth = 200 })!;
                foreach (var problem in Configuration.CheckFlag(flag.Key, flag.Utf8Json, references))
                {
                    Assert.NotEqual("analysis_incomplete", problem.Code);
                    // The vectors have arrays in attributes that no catalogue knows.
                    if (problem.Code == "contradiction_unless_list" || Claims.Of(problem, json, snapshot) is not { } claim)
                        continue;
                    foreach (var sample in samples)
                    {
                        judged++;
                        Assert.True(claim(sample), $"{file}, {flag.Key}: {problem.Code} at {problem.Path}: {problem.Message}\n{sample.Json}");
                    }
                }
            }
        }
        Assert.True(flags > 500 && judged > 2000, $"{flags} flags, {judged} samples");
    }

    private static void Judge(int seed, Dictionary<string, int> judged)
    {
        var random = new RandomTargeting(seed);
        var other = random.Flag("other", null);
        var flag = random.Flag("f", seed % 3 == 0 ? "other" : null);
        flag["enabled"] = true;
        var document = new JsonObject
        {
            ["schemaVersion"] = 1, ["revision"] = 1, ["salt"] = "salt",
            ["segments"] = new JsonObject { ["s1"] = random.Segment(), ["s2"] = random.Segment() },
            ["flags"] = new JsonObject { ["other"] = other.DeepClone(), ["f"] = flag.DeepClone() },
        };
        var snapshot = Snapshot.Load(Encoding.UTF8.GetBytes(document.ToJsonString()));
        if (snapshot.Flags.Any(item => item.Malformed))
            return;
        var problems = Configuration.CheckFlag("f", Encoding.UTF8.GetBytes(flag.ToJsonString()), ReferenceSet.Of(snapshot) with { Attributes = RandomTargeting.Catalogue });
        Assert.DoesNotContain(problems, problem => problem.Severity == ProblemSeverity.Error);
        foreach (var problem in problems)
        {
            if (Claims.Of(problem, flag, snapshot) is not { } claim)
                continue;
            for (var i = 0; i < ContextsForEach; i++)
            {
                var sample = new Sample(random.Context(arraysEverywhere: problem.Code != "contradiction_unless_list").ToJsonString(), random.Now());
                Assert.True(claim(sample), $"seed {seed}: {problem.Code} at {problem.Path}: {problem.Message}\n{document.ToJsonString()}\n{sample.Json}");
                judged[problem.Code] = judged.GetValueOrDefault(problem.Code) + 1;
            }
        }
    }
}
